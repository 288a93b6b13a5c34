import { ACK, type SegmentView, SYN } from '../wire/tcp.js'
import { gt } from './sequence.js'
import type { Tcb } from './tcb.js'

/**
 * Whether a SYN in TIME_WAIT cannot be an old duplicate, so that it may open a new incarnation (RFC 6191 section 2;
 * without timestamps this is RFC 9293's MAY-2). "Last" sequence number is that of the peer's FIN.
 */
export function reopens(tcb: Tcb, seg: SegmentView): boolean {
  if ((seg.flags & (SYN | ACK)) !== SYN || !tcb.config.rfc6191) return false
  const seqIsNew = gt(seg.seq, (tcb.rcvNxt - 1) | 0)
  if (tcb.timestamps && seg.hasTimestamps) {
    if (seg.tsVal === tcb.tsRecent) return seqIsNew
    return gt(seg.tsVal, tcb.tsRecent)
  }
  // The old incarnation had none: its segments cannot carry a timestamp like this one's.
  if (seg.hasTimestamps) return true
  return seqIsNew
}
