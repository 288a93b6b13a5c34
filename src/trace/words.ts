import type { TimerName } from '../tcp/observe.js'
import type { ReactionId } from '../tcp/reactions.js'

export type Language = 'en' | 'zh'

/** What a ladder says besides the transitions, which have their words in `tcp/states`. */
export const TIMER_WORDS: Record<TimerName, Record<Language, string>> = {
  retransmit: { en: 'retransmission timer expires', zh: '重传定时器超时' },
  'loss-probe': { en: 'an acknowledgment is overdue: a tail loss probe', zh: '确认迟到：发送尾部丢失探测' },
  reordering: { en: 'what may have been reordered is taken for lost', zh: '可能只是乱序的报文段视为丢失' },
  persist: {
    en: 'persist timer expires: the closed window is probed',
    zh: '坚持定时器超时：探测已关闭的窗口',
  },
  override: {
    en: 'override timer expires: what fits the small window is sent',
    zh: '越权定时器超时：发送小窗口容得下的数据',
  },
  'delayed-ack': { en: 'delayed ACK timer expires', zh: '延迟确认定时器超时' },
  'keep-alive': { en: 'keep-alive timer expires', zh: '保活定时器超时' },
  'time-wait': { en: '2MSL timer expires', zh: '2MSL 定时器超时' },
  'fin-wait-2': { en: 'FIN_WAIT_2 timer expires', zh: 'FIN_WAIT_2 定时器超时' },
  user: { en: 'user timeout', zh: '用户超时' },
}

export const FATE_WORDS = {
  lost: { en: 'lost', zh: '丢失' },
  duplicated: { en: 'duplicate', zh: '重复' },
  corrupted: { en: 'corrupted', zh: '损坏' },
} as const

/** Reactions worth a remark in a ladder: those a reader would otherwise wonder about. */
export const REACTION_WORDS: Partial<Record<ReactionId, Record<Language, string>>> = {
  R02: { en: 'nobody listens here: reset', zh: '此处无人侦听：复位' },
  R03: { en: 'no such connection here: reset', zh: '此处没有这个连接：复位' },
  R08: { en: 'acknowledges a SYN that is not ours: reset it', zh: '确认的不是我们的 SYN：将其复位' },
  R13: {
    en: 'the SYN again: our SYN,ACK was lost, send it again',
    zh: 'SYN 再次到来：我们的 SYN,ACK 丢失，重新发送',
  },
  R17: { en: 'outside the window: answered with an ACK', zh: '在窗口之外：以 ACK 回应' },
  R20: { en: 'a SYN on an open connection: challenge ACK', zh: '在已打开的连接上收到 SYN：质询 ACK' },
  R25: { en: 'out of order: kept, the gap is announced', zh: '乱序：保留，并告知缺口' },
  R27: { en: 'the FIN again: acknowledged again', zh: 'FIN 再次到来：再次确认' },
  R28: {
    en: 'the FIN again in TIME_WAIT: acknowledged, 2MSL starts anew',
    zh: 'TIME_WAIT 中 FIN 再次到来：确认，并重新开始 2MSL',
  },
  R33: { en: 'the window is closed: not taken, answered with an ACK', zh: '窗口已关闭：不接收，以 ACK 回应' },
  PAWS: { en: 'an old duplicate, by its timestamp: dropped', zh: '时间戳表明这是旧的重复：丢弃' },
  TW_DROP: {
    en: 'perhaps an old duplicate: ignored in TIME_WAIT',
    zh: '可能是旧的重复：在 TIME_WAIT 中忽略',
  },
  TW_RST: { en: 'a RST does not end TIME_WAIT', zh: 'RST 不能结束 TIME_WAIT' },
  R26: { en: 'data after the FIN: ignored', zh: 'FIN 之后的数据：忽略' },
}
