/**
 * What a connection did with a segment that did not move it to another state. The machine leaves the id of the last
 * reaction in `tcb.reaction`, so that a trace, the lab or a test can say why a segment was treated as it was.
 */
export const REACTIONS = {
  R01: {
    section: '3.10.7.1',
    en: 'no connection: a RST is never answered',
    zh: '没有连接：RST 从不得到回应',
  },
  R02: {
    section: '3.10.7.1',
    en: 'no connection: reset the sender, acknowledging all of its segment',
    zh: '没有连接：复位发送方，并确认它的整个报文段',
  },
  R03: {
    section: '3.10.7.1',
    en: 'no connection: reset the sender at the number it acknowledged',
    zh: '没有连接：以对方所确认的序号复位发送方',
  },
  R04: { section: '3.10.7.2', en: 'listening: a RST is ignored', zh: '侦听中：忽略 RST' },
  R05: {
    section: '3.10.7.2',
    en: 'listening: nothing was sent that could be acknowledged, reset the sender',
    zh: '侦听中：没有发送过可被确认的内容，复位发送方',
  },
  R06: {
    section: '3.10.7.2',
    en: 'listening: neither SYN nor ACK, ignored',
    zh: '侦听中：既无 SYN 也无 ACK，忽略',
  },
  R07: {
    section: '3.9.2.3',
    en: 'listening: a SYN to or from an address no connection can have, ignored',
    zh: '侦听中：SYN 的源或目的地址不可能有连接，忽略',
  },
  R08: {
    section: '3.10.7.3',
    en: 'the acknowledgment is not for our SYN: reset its sender, keep trying',
    zh: '确认的不是我们的 SYN：复位发送方，继续尝试',
  },
  R09: {
    section: '3.10.7.3',
    en: 'a RST that does not acknowledge our SYN is ignored',
    zh: 'RST 没有确认我们的 SYN：忽略',
  },
  R10: {
    section: '3.10.7.3',
    en: 'a RST without ACK is ignored while our SYN is unanswered',
    zh: '我们的 SYN 尚未得到回应，忽略不带 ACK 的 RST',
  },
  R11: { section: '3.10.7.3', en: 'an acknowledgment without a SYN is ignored', zh: '没有 SYN 的确认：忽略' },
  R12: { section: '3.10.7.3', en: 'neither SYN nor RST, ignored', zh: '既非 SYN 也非 RST：忽略' },
  R13: {
    section: '3.10.7.4',
    en: 'the SYN came again: our SYN,ACK is sent again',
    zh: 'SYN 再次到来：重新发送我们的 SYN,ACK',
  },
  R14: {
    section: '3.10.7.4',
    en: 'handshake: the acknowledgment is wrong, reset its sender',
    zh: '握手中：确认号错误，复位发送方',
  },
  R15: { section: '3.10.7.4', en: 'handshake: no ACK, dropped', zh: '握手中：没有 ACK，丢弃' },
  R16: {
    section: '3.10.7.4, RFC 5961 4',
    en: 'a SYN in the window of an actively opened connection: challenge ACK',
    zh: '主动打开的连接在窗口内收到 SYN：质询 ACK',
  },
  R17: {
    section: '3.10.7.4',
    en: 'outside the window: answered with an ACK, dropped',
    zh: '在窗口之外：以 ACK 回应并丢弃',
  },
  R18: {
    section: '3.10.7.4, RFC 5961 3',
    en: 'a RST outside the window is dropped silently',
    zh: '窗口之外的 RST：默默丢弃',
  },
  R19: {
    section: '3.10.7.4, RFC 5961 3',
    en: 'a RST in the window but not at RCV.NXT: challenge ACK',
    zh: 'RST 在窗口内但不在 RCV.NXT：质询 ACK',
  },
  R20: {
    section: '3.10.7.4, RFC 5961 4',
    en: 'a SYN on an open connection: challenge ACK',
    zh: '在已打开的连接上收到 SYN：质询 ACK',
  },
  R21: {
    section: '3.10.7.4',
    en: 'acknowledges what was never sent: answered with an ACK, dropped',
    zh: '确认了从未发送的内容：以 ACK 回应并丢弃',
  },
  R22: {
    section: '3.10.7.4, RFC 5961 5',
    en: 'acknowledges what is far too old: challenge ACK, dropped',
    zh: '确认的内容过于陈旧：质询 ACK 并丢弃',
  },
  R23: {
    section: '3.10.7.4',
    en: 'acknowledges nothing new; the rest of the segment is taken',
    zh: '没有确认新内容；报文段的其余部分照常处理',
  },
  R24: {
    section: '3.10.7.4',
    en: 'data in order: delivered and acknowledged',
    zh: '按序到达的数据：交付并确认',
  },
  R25: {
    section: '3.10.7.4',
    en: 'data out of order: kept, the gap is announced at once',
    zh: '乱序到达的数据：保留，并立即告知缺口',
  },
  R26: { section: '3.10.7.4', en: 'data after a FIN is ignored', zh: 'FIN 之后的数据：忽略' },
  R27: { section: '3.10.7.4', en: 'the FIN came again: acknowledged again', zh: 'FIN 再次到来：再次确认' },
  R28: {
    section: '3.10.7.4',
    en: 'the FIN came again in TIME_WAIT: acknowledged, 2MSL starts anew',
    zh: 'TIME_WAIT 中 FIN 再次到来：确认，并重新开始 2MSL',
  },
  R29: { section: '3.10.4', en: 'a second CLOSE sends no second FIN', zh: '第二次 CLOSE 不会再发送 FIN' },
  R30: { section: '3.10.2-4', en: 'connection closing', zh: '连接正在关闭' },
  R31: { section: '3.10', en: 'connection does not exist', zh: '连接不存在' },
  R32: { section: '3.10.1', en: 'connection already exists', zh: '连接已经存在' },
  R33: {
    section: '3.10.7.4',
    en: 'the window is closed: data is dropped, RST, URG and ACK are still processed',
    zh: '窗口已关闭：丢弃数据，仍处理 RST、URG 与 ACK',
  },
  R34: {
    section: '3.9.2.2',
    en: 'a soft ICMP error is reported, no more',
    zh: 'ICMP 软错误：只报告，不采取行动',
  },
  R35: {
    section: '3.10.7.4',
    en: 'no ACK on an open connection: dropped',
    zh: '已打开的连接上没有 ACK：丢弃',
  },
  PAWS: {
    section: 'RFC 7323 5.3',
    en: 'the timestamp is older than one already seen: an old duplicate, answered with an ACK',
    zh: '时间戳比见过的更旧：是旧的重复，以 ACK 回应',
  },
  NOTS: {
    section: 'RFC 7323 3.2',
    en: 'timestamps were agreed on and are missing: dropped',
    zh: '已协商时间戳却缺失：丢弃',
  },
  ACKED: { section: '3.10.7.4', en: 'acknowledges new data', zh: '确认了新数据' },
  SYNFIN: {
    section: '3.10.7',
    en: 'SYN and FIN together, which this host drops',
    zh: 'SYN 与 FIN 同时出现：本机丢弃',
  },
  TW_DROP: {
    section: 'RFC 6191 2',
    en: 'a SYN that may be an old duplicate: dropped in TIME_WAIT',
    zh: 'SYN 可能是旧的重复：在 TIME_WAIT 中丢弃',
  },
  TW_RST: { section: 'RFC 1337', en: 'a RST is ignored in TIME_WAIT', zh: '在 TIME_WAIT 中忽略 RST' },
} as const

export type ReactionId = keyof typeof REACTIONS
