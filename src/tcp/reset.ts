import { lt } from './sequence.js'
import { OWE, type Tcb } from './tcb.js'

/**
 * The sequence number of a segment that carries no data: SND.NXT, but never beyond the right edge of the peer's
 * window. A probe, or a window that was taken back, leaves SND.NXT outside, where the peer would not even look at
 * the acknowledgment, the window or the RST.
 */
export function acceptableSeq(tcb: Tcb): number {
  const edge = (tcb.sndUna + tcb.sndWnd) | 0
  return lt(edge, tcb.sndNxt) ? edge : tcb.sndNxt
}

/** A RST is owed to the peer: this side ends the connection (RFC 9293 section 3.10.5). */
export function oweReset(tcb: Tcb): void {
  tcb.resetSeq = acceptableSeq(tcb)
  tcb.resetAcks = tcb.config.resetWithAck
  tcb.owed |= OWE.RESET
}

/**
 * A RST for a segment that will not be taken. Kernels answer as if there were no connection, at the number that the
 * segment acknowledges; with a FIN on its way SND.NXT is what the peer will expect.
 */
export function oweAnswer(tcb: Tcb, ack: number): void {
  tcb.resetSeq = tcb.config.resetWithAck ? ack : acceptableSeq(tcb)
  tcb.resetAcks = false
  tcb.owed |= OWE.RESET
}
