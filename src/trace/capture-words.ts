import type { State } from '../tcp/states.js'
import type { FlagName } from '../wire/tcp.js'
import type { NoteEvent } from './events.js'

type Text = NoteEvent['text']

const flagsOf = (flags: readonly FlagName[], none: string): string =>
  flags.length > 0 ? flags.join(',') : none

/** What is remarked on a captured conversation, in the languages of a ladder. Numbers are relative. */
export const CAPTURE_WORDS = {
  middle: (): Text => ({
    en: 'the capture begins in the middle: both sides are taken to be ESTABLISHED',
    zh: '捕获从连接中途开始：视双方均处于 ESTABLISHED',
  }),
  handshakeUnseen: (): Text => ({
    en: 'must have had a SYN,ACK, which is not in the capture',
    zh: '必定收到过 SYN,ACK，但捕获中没有',
  }),
  gaveUp: (): Text => ({
    en: 'a SYN with another number: it must have given up its first attempt, why cannot be known',
    zh: 'SYN 的序号变了：必定放弃了前一次尝试，原因无从得知',
  }),
  synOnOpen: (): Text => ({
    en: 'a SYN on an open connection: it opens nothing, and a challenge ACK is due (RFC 5961)',
    zh: '在已打开的连接上发送 SYN：不会打开连接，对方应回以质询 ACK（RFC 5961）',
  }),
  resetInVain: (): Text => ({
    en: 'a RST, and yet it goes on: old, refused, or sent by somebody else',
    zh: '发出 RST 之后仍在继续：是旧的、未被接受，或由第三方发出',
  }),
  doesNotFit: (flags: readonly FlagName[], state: State): Text => ({
    en: `${flagsOf(flags, 'a segment without flags')} in ${state} does not fit what was seen before`,
    zh: `${state} 中出现 ${flagsOf(flags, '没有标志的报文段')}，与此前所见不符`,
  }),
  again: (what: string, why: 'fast' | 'needless' | 'unseen' | 'plain'): Text => {
    const en = {
      fast: ', after duplicate acknowledgments: fast retransmit',
      needless: ', though it was acknowledged already',
      unseen: ': the first time was lost before the capture saw it',
      plain: '',
    }[why]
    const zh = {
      fast: '，在重复确认之后：快速重传',
      needless: '，尽管已被确认',
      unseen: '：第一次在到达捕获点之前已丢失',
      plain: '',
    }[why]
    return { en: `retransmission of ${what}${en}`, zh: `重传 ${what}${zh}` }
  },
  outOfOrder: (what: string): Text => ({ en: `out of order: ${what} comes late`, zh: `乱序：${what} 迟到` }),
  duplicateAcks: (ack: number): Text => ({
    en: `the third duplicate acknowledgment of ${ack}: what follows is missing`,
    zh: `对 ${ack} 的第三次重复确认：其后的数据缺失`,
  }),
  zeroWindow: (): Text => ({ en: 'its receive window is closed', zh: '接收窗口已关闭' }),
  windowOpens: (): Text => ({ en: 'its receive window is open again', zh: '接收窗口重新打开' }),
  windowProbe: (): Text => ({ en: 'a probe of the closed window', zh: '探测已关闭的窗口' }),
  keepAlive: (): Text => ({ en: 'keep-alive', zh: '保活探测' }),
  unseen: (octets: number): Text => ({
    en: `acknowledges ${octets} octets that the capture does not have`,
    zh: `确认了捕获中没有的 ${octets} 个八位组`,
  }),
  unseenSide: (): Text => ({
    en: 'acknowledges what the capture does not have: it sees one direction only, or not all of the other',
    zh: '确认了捕获中没有的内容：只捕获到一个方向，或另一方向不全',
  }),
} as const
