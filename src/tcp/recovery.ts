import { noteReduction } from './ecn.js'
import { ge, gt } from './sequence.js'
import type { Tcb } from './tcb.js'

/**
 * Finds out what was lost and decides what is sent again. The machine reports acknowledgments and timeouts; the
 * recovery marks octets for retransmission in `tcb.rtxNxt .. tcb.rtxEnd` and may let more into flight.
 */
export interface LossRecovery {
  /** In fast recovery. */
  readonly active: boolean
  /** Consecutive duplicate acknowledgments. */
  readonly duplicates: number
  /** Bytes that may be in flight beyond cwnd for the moment. */
  readonly allowance: number
  /**
   * SND.UNA has moved on by `acked` octets. Returns how many of them are news to the congestion controller: none in
   * recovery, and not those that duplicate acknowledgments have already said to have left the network.
   */
  onAck(tcb: Tcb, acked: number, now: number): number
  /** A duplicate acknowledgment as RFC 5681 section 2 defines it. */
  onDuplicate(tcb: Tcb, now: number): void
  /** The retransmission timer expired: everything outstanding is taken to be lost. */
  onTimeout(tcb: Tcb): void
}

/** Fast retransmit and fast recovery without SACK (RFC 5681 section 3.2, RFC 6582), with limited transmit (3042). */
export class NewRenoRecovery implements LossRecovery {
  active = false
  duplicates = 0
  allowance = 0
  /** The highest sequence number that was outstanding when the last loss was found. */
  private recover: number
  /** FlightSize when the first duplicate came. */
  private flightBefore = 0

  constructor(iss: number) {
    this.recover = iss
  }

  onAck(tcb: Tcb, acked: number, now: number): number {
    const told = this.duplicates * tcb.mss
    this.duplicates = 0
    if (!this.active) {
      this.allowance = 0
      // A mark left behind by two gigabytes would seem to lie ahead.
      if (gt(tcb.sndUna, this.recover)) this.recover = (tcb.sndUna - 1) | 0
      return Math.max(0, acked - told)
    }
    if (ge(tcb.sndUna, this.recover)) {
      // Full acknowledgment (RFC 6582 section 3.2 step 3)
      this.active = false
      this.allowance = 0
      tcb.congestion.onRecovered(tcb.flight, now)
      tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'recovered', now)
      return 0
    }
    // Partial acknowledgment: the next hole is at SND.UNA. The window shrinks by what left the network, and grows by
    // one segment if that was at least one.
    this.allowance = Math.max(0, this.allowance - acked)
    if (acked >= tcb.mss) this.allowance += tcb.mss
    this.retransmitFirst(tcb)
    return 0
  }

  onDuplicate(tcb: Tcb, now: number): void {
    // What limited transmit adds does not count (RFC 5681 section 3.2 step 2).
    if (++this.duplicates === 1) this.flightBefore = tcb.flight
    const threshold = tcb.config.duplicateAckThreshold
    if (this.active) {
      // Each one says that a segment has left the network. More cannot have left than was there (section 3.2).
      this.allowance = Math.min(this.allowance + tcb.mss, this.flightBefore)
    } else if (this.duplicates < threshold) {
      // Limited transmit (RFC 3042): new data for the first two, if cwnd alone forbids it.
      this.allowance = this.duplicates * tcb.mss
    } else if (this.duplicates === threshold) {
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
      this.retransmitFirst(tcb)
      tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'fast retransmit', now)
    }
  }

  onTimeout(tcb: Tcb): void {
    this.active = false
    this.duplicates = 0
    this.allowance = 0
    this.recover = tcb.sndNxt
    tcb.rtxNxt = tcb.sndUna
    tcb.rtxEnd = tcb.sndNxt
  }

  private retransmitFirst(tcb: Tcb): void {
    const end = (tcb.sndUna + tcb.mss) | 0
    tcb.rtxNxt = tcb.sndUna
    tcb.rtxEnd = gt(end, tcb.sndNxt) ? tcb.sndNxt : end
  }
}
