import type { SegmentView } from '../wire/tcp.js'
import type { RecoveryState } from './recovery.js'
import type { SackReport } from './sack-blocks.js'
import { ge, gt } from './sequence.js'
import { OWE, type Tcb } from './tcb.js'
import { armRetransmit } from './timers.js'

/**
 * Tail loss probe, RFC 8985 section 7: when an acknowledgment is overdue one segment goes out, so that what it brings
 * back tells what is lost before a whole retransmission timeout has passed. The timer at `tcb.lossTimerAt` is this
 * one's, or waits for segments that may be late (RACK's reordering timer).
 */
export class TailLossProbe {
  /** SND.NXT when the probe was sent that is not answered yet. */
  private end: number | null = null
  /** It was old data. */
  private again = false
  /** A round trip was measured since the last probe. */
  measured = true
  /** The timer is the probe's. */
  isDue = false

  forget(): void {
    this.end = null
  }

  /** RACK wants to look again at `at`; Infinity if it has nothing to wait for. */
  wait(tcb: Tcb, at: number): void {
    this.isDue = false
    tcb.lossTimerAt = at
  }

  /** Section 7.2. */
  schedule(tcb: Tcb, state: RecoveryState, now: number): void {
    const { scoreboard, rto, config } = tcb
    // The reordering timer is not put off.
    if (!this.isDue && tcb.lossTimerAt !== Number.POSITIVE_INFINITY) return
    this.isDue = false
    tcb.lossTimerAt = Number.POSITIVE_INFINITY
    if (!config.tailLossProbe || (state !== 'open' && state !== 'cwr')) return
    // Before the handshake is over nothing is acknowledged (RFC 7413): its own timer is enough.
    if (scoreboard.isEmpty || scoreboard.sacked > 0 || tcb.persisting || !tcb.synAcked) return
    let wait = rto.srtt >= 0 ? 2 * rto.srtt : 1000
    // A lone segment's acknowledgment may be delayed.
    if (rto.srtt >= 0) wait += tcb.flight <= tcb.mss ? config.tailLossAckDelay : 2
    this.isDue = true
    tcb.lossTimerAt = Math.min(now + wait, Math.max(now, tcb.retransmitAt))
  }

  /** Section 7.3: it is time. The transmitter sends the probe; the retransmission timer starts anew. */
  send(tcb: Tcb, now: number): void {
    this.isDue = false
    if (tcb.scoreboard.isEmpty) return
    if (this.end === null && this.measured) tcb.owed |= OWE.LOSS_PROBE
    tcb.observer?.timer('loss-probe', now)
    armRetransmit(tcb, now)
  }

  /** The probe went out. */
  sent(tcb: Tcb, again: boolean): void {
    this.end = tcb.sndNxt
    this.again = again
    this.measured = false
  }

  /** Section 7.4: true if the probe repaired a loss. */
  onAck(seg: SegmentView, report: SackReport, duplicate: boolean): boolean {
    const { end } = this
    if (end === null || !ge(seg.ack, end)) return false
    if (!this.again || (report.duplicate && report.duplicateEnd === end)) this.end = null
    else if (gt(seg.ack, end)) {
      this.end = null
      return true
    } else if (duplicate && seg.sackCount === 0) this.end = null
    return false
  }
}
