import { ACK, FIN, RST, type SegmentView, SYN } from '../wire/tcp.js'
import { challengeAck } from './challenge.js'
import { noteDuplicate } from './dsack.js'
import { add, distance, ge, gt, lt, max } from './sequence.js'
import { OWE, type Tcb } from './tcb.js'
import { freeSpace } from './window.js'

/** The window test of the first step, and the acknowledgment test of the fifth (RFC 9293 section 3.10.7.4). */

/** The four cases of section 3.4, with a FIN at the very edge of the window taken: it needs no buffer. */
export function isAcceptable(tcb: Tcb, seg: SegmentView): boolean {
  const { rcvNxt } = tcb
  const rcvAdv = acceptedEdge(tcb)
  if (seg.flags & RST) {
    // Where a RST begins decides, whatever text it carries (RFC 5961 section 3, SHLD-2, MUST-66).
    return seg.seq === rcvNxt || (ge(seg.seq, rcvNxt) && lt(seg.seq, rcvAdv))
  }
  const length = seg.payloadLength + (seg.flags & SYN ? 1 : 0)
  const fin = seg.flags & FIN ? 1 : 0
  if (length + fin === 0) {
    // Whoever has filled the window sends his ACKs from its edge; while its beginning is missing they must count.
    return ge(seg.seq, rcvNxt) && !gt(seg.seq, rcvAdv)
  }
  if (rcvAdv === rcvNxt) return length === 0 && seg.seq === rcvNxt
  if (fin === 1 && length === 0 && seg.seq === rcvAdv) return true
  // Begins before the right edge and ends after the left one: covers the RFC's two cases and the segment that is
  // larger than the window.
  return lt(seg.seq, rcvAdv) && gt((seg.seq + length + fin) | 0, rcvNxt)
}

/** Cuts off what was received before and what lies beyond the window; what is left begins at or after RCV.NXT. */
export function trim(tcb: Tcb, seg: SegmentView): void {
  // A RST, or a SYN in the window, is dealt with whole, in a step of its own.
  if (seg.flags & (SYN | RST)) return
  const early = distance(seg.seq, tcb.rcvNxt)
  if (early > 0) {
    noteDuplicate(tcb, seg.seq, seg.payloadLength)
    seg.repeats = seg.payloadLength > 0
    const cut = Math.min(early, seg.payloadLength)
    seg.payloadOffset += cut
    seg.payloadLength -= cut
    seg.seq = add(seg.seq, cut)
    if (cut < early) {
      seg.flags &= ~FIN
      seg.seq = tcb.rcvNxt
    }
    if (cut > 0) tcb.duplicateIn++
  }
  const over = distance(acceptedEdge(tcb), add(seg.seq, seg.payloadLength))
  if (over > 0) {
    seg.payloadLength = Math.max(0, seg.payloadLength - over)
    seg.flags &= ~FIN
  }
}

/** The right edge of what is taken: the window that was promised, or more if that is how the host is. */
function acceptedEdge(tcb: Tcb): number {
  const { rcvAdv, rcvNxt, config } = tcb
  if (config.acceptedWindow === 'promised' || (tcb.state === 'SYN_RECEIVED' && tcb.passive)) return rcvAdv
  return max(rcvAdv, add(rcvNxt, freeSpace(tcb)))
}

/** Segments that occupy sequence space are always answered; empty ones are rationed, or two ends could loop (D01). */
export function answerUnacceptable(tcb: Tcb, seg: SegmentView, now: number): void {
  if (seg.length > 0) tcb.owed |= OWE.ACK
  else challengeAck(tcb, now)
}

/** RFC 5961 section 5: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT. A segment outside is answered and dropped. */
export function ackInRange(tcb: Tcb, seg: SegmentView, now: number): boolean {
  if (!(seg.flags & ACK)) {
    tcb.reaction = 'R35'
    return false
  }
  if (gt(seg.ack, tcb.sndNxt)) {
    tcb.reaction = 'R21'
    if (tcb.config.ackBeyondNext === 'ignore') return false
  } else if (tcb.config.strictAck && lt(seg.ack, (tcb.sndUna - tcb.maxSndWnd) | 0)) tcb.reaction = 'R22'
  else return true
  challengeAck(tcb, now)
  return false
}
