import { CE, ECT0 } from '../wire/ip.js'
import { CWR, ECE, type SegmentView, SYN } from '../wire/tcp.js'
import { AccurateEcn, ASKS, agreed, isAgreed, isAsked, synAckFlags } from './accurate-ecn.js'
import { ge } from './sequence.js'
import type { TransmitSlot } from './slot.js'
import type { Tcb } from './tcb.js'

/** Explicit congestion notification, RFC 3168 section 6.1. */

const BOTH = ECE | CWR

/** Flags of our SYN (6.1.1): both ask for ECN, ECE alone in a SYN,ACK agrees. */
export function synEcn(tcb: Tcb): number {
  const { accurate, config } = tcb
  if (tcb.state !== 'SYN_SENT') return accurate ? synAckFlags(tcb, accurate) : tcb.ecn ? ECE : 0
  // After a SYN that was lost, perhaps because it asked, another does not (6.1.1.1).
  if (config.ecn !== 'request' || tcb.retransmits > config.ecnSynRetries) return 0
  return config.accurateEcn === 'request' ? ASKS : BOTH
}

/** What the peer's SYN or SYN,ACK says of it: accurate ECN (RFC 9768), that of RFC 3168, or none. */
export function readSynEcn(tcb: Tcb, seg: SegmentView): void {
  const { ecn, accurateEcn } = tcb.config
  tcb.accurate = null
  tcb.ecn = false
  if (tcb.state === 'SYN_SENT' && seg.hasAck) {
    if (ecn !== 'request') return
    if (accurateEcn === 'request' && isAgreed(seg)) tcb.accurate = agreed(seg)
    else tcb.ecn = (seg.flags & BOTH) === ECE
  } else if (ecn !== 'off') {
    if (accurateEcn !== 'off' && isAsked(seg)) tcb.accurate = new AccurateEcn(seg.ecn)
    else tcb.ecn = (seg.flags & BOTH) === BOTH
  }
}

/** As a receiver (6.1.3): CE is echoed on every acknowledgment until the sender says CWR. */
export function marksArrive(tcb: Tcb, seg: SegmentView): void {
  if (seg.flags & CWR) tcb.ecnEcho = false
  if (seg.ecn === CE && !(seg.flags & SYN)) tcb.ecnEcho = true
}

/** As a sender (6.1.2): ECE halves the window, once for what was outstanding then. */
export function echoArrives(tcb: Tcb, seg: SegmentView, now: number): void {
  if (!seg.isSyn && ge(seg.ack, tcb.sndUna) && ge(seg.ack, tcb.ecnRecover)) tcb.recovery.onEcho(tcb, now)
}

/** cwnd was made smaller, for whatever reason: the peer need not ask again. */
export function noteReduction(tcb: Tcb): void {
  tcb.ecnRecover = tcb.sndNxt
  tcb.ecnCwrOwed = tcb.ecn
}

/** New data may be marked; what is sent again, and what carries no data, must not be (6.1.4, 6.1.5). */
export function markNewData(tcb: Tcb, slot: TransmitSlot): void {
  slot.ecn = tcb.accurate && !tcb.accurate.mayMark ? 0 : ECT0
  if (!tcb.ecnCwrOwed) return
  slot.flags |= CWR
  tcb.ecnCwrOwed = false
}
