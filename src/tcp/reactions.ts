/**
 * What a connection did with a segment that did not move it to another state. The machine leaves the id of the last
 * reaction in `tcb.reaction`, so that a trace, the lab or a test can say why a segment was treated as it was.
 */
export const REACTIONS = {
  R01: { section: '3.10.7.1', en: 'no connection: a RST is never answered' },
  R02: { section: '3.10.7.1', en: 'no connection: reset the sender, acknowledging all of its segment' },
  R03: { section: '3.10.7.1', en: 'no connection: reset the sender at the number it acknowledged' },
  R04: { section: '3.10.7.2', en: 'listening: a RST is ignored' },
  R05: {
    section: '3.10.7.2',
    en: 'listening: nothing was sent that could be acknowledged, reset the sender',
  },
  R06: { section: '3.10.7.2', en: 'listening: neither SYN nor ACK, ignored' },
  R07: { section: '3.9.2.3', en: 'listening: a SYN to or from an address no connection can have, ignored' },
  R08: { section: '3.10.7.3', en: 'the acknowledgment is not for our SYN: reset its sender, keep trying' },
  R09: { section: '3.10.7.3', en: 'a RST that does not acknowledge our SYN is ignored' },
  R10: { section: '3.10.7.3', en: 'a RST without ACK is ignored while our SYN is unanswered' },
  R11: { section: '3.10.7.3', en: 'an acknowledgment without a SYN is ignored' },
  R12: { section: '3.10.7.3', en: 'neither SYN nor RST, ignored' },
  R13: { section: '3.10.7.4', en: 'the SYN came again: our SYN,ACK is sent again' },
  R14: { section: '3.10.7.4', en: 'handshake: the acknowledgment is wrong, reset its sender' },
  R15: { section: '3.10.7.4', en: 'handshake: no ACK, dropped' },
  R16: {
    section: '3.10.7.4, RFC 5961 4',
    en: 'a SYN in the window of an actively opened connection: challenge ACK',
  },
  R17: { section: '3.10.7.4', en: 'outside the window: answered with an ACK, dropped' },
  R18: { section: '3.10.7.4, RFC 5961 3', en: 'a RST outside the window is dropped silently' },
  R19: { section: '3.10.7.4, RFC 5961 3', en: 'a RST in the window but not at RCV.NXT: challenge ACK' },
  R20: { section: '3.10.7.4, RFC 5961 4', en: 'a SYN on an open connection: challenge ACK' },
  R21: { section: '3.10.7.4', en: 'acknowledges what was never sent: answered with an ACK, dropped' },
  R22: { section: '3.10.7.4, RFC 5961 5', en: 'acknowledges what is far too old: challenge ACK, dropped' },
  R23: { section: '3.10.7.4', en: 'acknowledges nothing new; the rest of the segment is taken' },
  R24: { section: '3.10.7.4', en: 'data in order: delivered and acknowledged' },
  R25: { section: '3.10.7.4', en: 'data out of order: kept, the gap is announced at once' },
  R26: { section: '3.10.7.4', en: 'data after a FIN is ignored' },
  R27: { section: '3.10.7.4', en: 'the FIN came again: acknowledged again' },
  R28: { section: '3.10.7.4', en: 'the FIN came again in TIME_WAIT: acknowledged, 2MSL starts anew' },
  R29: { section: '3.10.4', en: 'a second CLOSE sends no second FIN' },
  R30: { section: '3.10.2-4', en: 'connection closing' },
  R31: { section: '3.10', en: 'connection does not exist' },
  R32: { section: '3.10.1', en: 'connection already exists' },
  R33: {
    section: '3.10.7.4',
    en: 'the window is closed: data is dropped, RST, URG and ACK are still processed',
  },
  R34: { section: '3.9.2.2', en: 'a soft ICMP error is reported, no more' },
  R35: { section: '3.10.7.4', en: 'no ACK on an open connection: dropped' },
  PAWS: {
    section: 'RFC 7323 5.3',
    en: 'the timestamp is older than one already seen: an old duplicate, answered with an ACK',
  },
  NOTS: { section: 'RFC 7323 3.2', en: 'timestamps were agreed on and are missing: dropped' },
  ACKED: { section: '3.10.7.4', en: 'acknowledges new data' },
  SYNFIN: { section: '3.10.7', en: 'SYN and FIN together, which this host drops' },
  TW_DROP: { section: 'RFC 6191 2', en: 'a SYN that may be an old duplicate: dropped in TIME_WAIT' },
  TW_RST: { section: 'RFC 1337', en: 'a RST is ignored in TIME_WAIT' },
} as const

export type ReactionId = keyof typeof REACTIONS
