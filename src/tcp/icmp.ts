import { fail } from './enter.js'
import { TcpError } from './errors.js'
import type { IcmpCause } from './icmp-policy.js'
import { updateMss } from './options.js'
import { ge, lt } from './sequence.js'
import { EV, OWE, type Tcb, UNTIMED } from './tcb.js'

/** An ICMP error about a segment of this connection, of either version, reduced to what TCP does with it. */
export type IcmpError =
  /** The configuration says which causes are hard (no use trying: MUST-54, SHLD-26). */
  | { kind: 'unreachable'; cause: IcmpCause; message: string }
  /** `maxSegment`: the largest TCP segment, header included, that the path takes, in bytes. */
  | { kind: 'too-big'; maxSegment: number }

/**
 * RFC 9293 section 3.9.2.2 with RFC 5927: an error counts only if it quotes something in flight; a hard one ends a
 * connection that is not open yet and is a soft one for all others. `seq` is the quoted sequence number.
 */
export function icmpArrives(tcb: Tcb, error: IcmpError, seq: number, now: number): void {
  const inFlight = ge(seq, tcb.sndUna) && lt(seq, tcb.sndNxt)
  if (!inFlight) return
  if (error.kind === 'too-big') {
    shrinkPath(tcb, error.maxSegment, seq, now)
    return
  }
  const { code, hard } = tcb.config.icmpErrors[error.cause]
  if (hard && tcb.state === 'SYN_SENT' && tcb.config.hardIcmpErrors) {
    fail(tcb, 'T40', code, error.message, now)
    return
  }
  tcb.reaction = 'R34'
  tcb.softError = tcb.icmpError = new TcpError(code, error.message)
  tcb.events |= EV.SOFT_ERROR
}

/**
 * RFC 1191 section 6.4, RFC 8201 section 5.4: smaller segments from now on, and what was too big is sent again at
 * once, as far as cwnd allows. That is no congestion; cwnd keeps its size in segments (RFC 5681 section 3.1).
 */
function shrinkPath(tcb: Tcb, maxSegment: number, seq: number, now: number): void {
  if (maxSegment >= tcb.maxSegment) return
  tcb.maxSegment = maxSegment
  if (!tcb.synAcked) {
    // It was the data on our SYN that did not fit.
    if (tcb.state === 'SYN_SENT' && tcb.fastOpen?.sent) tcb.owed |= OWE.SYN
    return
  }
  tcb.pathProbe = null
  updateMss(tcb)
  tcb.timedAt = UNTIMED
  tcb.recovery.resend(tcb, seq)
  if (tcb.retransmitAt === Number.POSITIVE_INFINITY) tcb.retransmitAt = now + tcb.rto.rto
}
