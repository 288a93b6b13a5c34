import type { SegmentView } from '../wire/tcp.js'
import { noteReduction } from './ecn.js'
import { canProbe } from './frto.js'
import type { DeliveryRate } from './rate.js'
import type { LossRecovery, RecoveryState } from './recovery.js'
import type { SentSegment } from './sent-segment.js'
import { ge, gt, lt } from './sequence.js'
import type { Tcb } from './tcb.js'

/**
 * Fast retransmit and fast recovery for peers without SACK (RFC 5681 section 3.2, RFC 6582), with limited transmit
 * (RFC 3042), and F-RTO as it is without SACK (RFC 5682 section 2.1).
 */
export class NewRenoRecovery implements LossRecovery {
  readonly urgesFirst = true
  /** In fast recovery. */
  active = false
  private count = 0
  /** Bytes that may be in flight beyond cwnd for the moment. */
  private allowance = 0
  private timedOut = false
  /** Was the timeout spurious? Only the first segment has gone again, or new data has since, to find out; or it is settled. */
  private doubt: 'none' | 'first' | 'second' = 'none'
  /** New data goes before what is taken to be lost. */
  prefersNew = false
  /** The highest sequence number that was outstanding when the last loss was found. */
  private recover: number
  /** FlightSize when the first duplicate came. */
  private flightBefore = 0
  // Of the acknowledgment at hand
  private now = 0
  private rtt = -1
  private rate: DeliveryRate | null = null
  private readonly arrived = (segment: SentSegment) => {
    this.rate?.onArrived(segment, this.now)
    if (!segment.repeated) this.rtt = this.now - segment.sentAt
  }

  constructor(iss: number) {
    this.recover = iss
  }

  get state(): RecoveryState {
    if (this.timedOut) return 'loss'
    if (this.active) return 'recovery'
    return this.count > 0 ? 'disorder' : 'open'
  }

  reordering(tcb: Tcb): number {
    return tcb.config.duplicateAckThreshold
  }

  duplicates(): number {
    return this.count
  }

  window(tcb: Tcb): number {
    // What limited transmit allows is for data that was never sent (RFC 3042).
    const extra = this.active || !tcb.scoreboard.hasLost ? this.allowance : 0
    return tcb.congestion.cwnd + extra
  }

  cwnd(tcb: Tcb): number {
    return tcb.congestion.cwnd
  }

  onAck(tcb: Tcb, _seg: SegmentView, acked: number, duplicate: boolean, now: number): number {
    if (acked > 0) {
      this.now = now
      this.rtt = -1
      this.rate = tcb.rate
      tcb.scoreboard.acknowledge(tcb.sndUna, this.arrived)
      tcb.ackedRtt = this.rtt
      return this.onAdvance(tcb, acked, now)
    }
    if (duplicate) this.onDuplicate(tcb, now)
    return 0
  }

  private onAdvance(tcb: Tcb, acked: number, now: number): number {
    const told = this.count * tcb.mss
    this.count = 0
    if (this.doubt !== 'none' && this.settles(tcb, now)) return 0
    if (this.timedOut && ge(tcb.sndUna, this.recover)) this.timedOut = false
    if (!this.active) {
      this.allowance = 0
      // A mark left behind by two gigabytes would seem to lie ahead.
      if (gt(tcb.sndUna, this.recover)) this.recover = (tcb.sndUna - 1) | 0
      return Math.max(0, acked - told)
    }
    if (ge(tcb.sndUna, this.recover)) {
      // Full acknowledgment (RFC 6582 section 3.2 step 3): no burst if the pipe has run empty.
      this.active = false
      this.allowance = 0
      tcb.congestion.onRecovered(Math.max(tcb.flight, tcb.mss) + tcb.mss, now)
      tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'recovered', now)
      return 0
    }
    // Partial acknowledgment: the next hole is at SND.UNA. The window shrinks by what left the network, and grows by
    // one segment if that was at least one.
    this.allowance = Math.max(0, this.allowance - acked)
    if (acked >= tcb.mss) this.allowance += tcb.mss
    loseFirst(tcb)
    return 0
  }

  /** RFC 5682 section 2.1, steps 2 and 3, for an acknowledgment that advances. True if the timeout was spurious. */
  private settles(tcb: Tcb, now: number): boolean {
    this.prefersNew = false
    if (this.doubt === 'second') {
      // Step 3 (b): what it acknowledges was never sent again.
      this.doubt = 'none'
      this.timedOut = false
      tcb.scoreboard.forgetLosses()
      tcb.congestion.onSpurious?.(now)
      tcb.spuriousRecoveries++
      tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'undone: timeout', now)
      return true
    }
    // Step 2 (b): the answer to new data will tell, if there is any, and not everything is acknowledged anyway.
    const asks = lt(tcb.sndUna, this.recover) && canProbe(tcb)
    this.doubt = asks ? 'second' : 'none'
    this.prefersNew = asks
    return false
  }

  private onDuplicate(tcb: Tcb, now: number): void {
    // Step 3 (a): it was a loss.
    this.doubt = 'none'
    this.prefersNew = false
    // What limited transmit adds does not count (RFC 5681 section 3.2 step 2).
    if (++this.count === 1) this.flightBefore = tcb.flight
    const threshold = tcb.config.duplicateAckThreshold
    if (this.active) {
      // Each one says that a segment has left the network. More cannot have left than was there (section 3.2).
      this.allowance = Math.min(this.allowance + tcb.mss, this.flightBefore)
    } else if (this.count < threshold) {
      // Limited transmit (RFC 3042): new data for the first two, if cwnd alone forbids it.
      this.allowance = this.count * tcb.mss
    } else if (this.count === threshold) {
      // RFC 6582 section 3.2 step 2: losses of the same window are not answered twice.
      if (!gt(tcb.sndUna, this.recover)) {
        this.allowance = 0
        return
      }
      this.recover = tcb.sndNxt
      this.active = true
      tcb.congestion.onLoss(Math.min(tcb.flight, this.flightBefore), now)
      noteReduction(tcb)
      this.allowance = threshold * tcb.mss
      loseFirst(tcb)
      tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'fast retransmit', now)
    }
  }

  onSent(): void {}

  onProbe(): void {}

  /** Halves the window, once for what was outstanding then (RFC 3168 section 6.1.2). */
  onEcho(tcb: Tcb, now: number): void {
    if (this.active) return
    tcb.congestion.onLoss(tcb.flight, now, true)
    tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'congestion echoed', now)
    noteReduction(tcb)
  }

  /** Everything outstanding is taken to be lost. */
  onTimeout(tcb: Tcb, now: number): void {
    tcb.congestion.onTimeout(tcb.flight, now, tcb.retransmits === 1)
    this.doubt = tcb.config.frto && !this.active && !this.timedOut ? 'first' : 'none'
    this.prefersNew = false
    this.active = false
    this.timedOut = true
    this.count = 0
    this.allowance = 0
    this.recover = tcb.sndNxt
    this.resend(tcb, tcb.sndUna)
  }

  onTimer(): void {}

  forgive(tcb: Tcb, now: number): void {
    if (!this.active) return
    this.active = false
    this.allowance = 0
    tcb.congestion.onSpurious?.(now)
    tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'undone: too big', now)
  }

  resend(tcb: Tcb, from: number): void {
    tcb.scoreboard.loseRange(from, tcb.sndNxt)
  }
}

/** The first segment's worth is lost. */
function loseFirst(tcb: Tcb): void {
  const end = (tcb.sndUna + tcb.mss) | 0
  tcb.scoreboard.loseRange(tcb.sndUna, gt(end, tcb.sndNxt) ? tcb.sndNxt : end)
}
