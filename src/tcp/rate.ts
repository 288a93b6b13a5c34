import type { RecoveryState } from './recovery.js'
import type { Scoreboard } from './scoreboard.js'
import type { SentSegment } from './sent-segment.js'
import type { Tcb } from './tcb.js'

/** What an acknowledgment says of the path: draft-ietf-ccwg-bbr section 4.1. Bytes and ms. */
export interface RateSample {
  now: number
  /** Delivered in all, and what had been when the segment was sent that this sample is about. */
  delivered: number
  priorDelivered: number
  /** Delivered since that segment was sent, and over how long; a rate in bytes per ms, 0 if nothing can be said. */
  sample: number
  interval: number
  rate: number
  /** The user had nothing to send: the path could have carried more. */
  appLimited: boolean
  /** Newly delivered, and newly taken for lost, by this acknowledgment. */
  acked: number
  lost: number
  /** Lost since that segment was sent, and what was in flight then. */
  lostSince: number
  sentInFlight: number
  /** In flight now. */
  inFlight: number
  /** The round trip that was measured, or -1. */
  rtt: number
  /** Everything cwnd allowed was in flight. */
  limited: boolean
  /** Where loss recovery stands after this acknowledgment. */
  recovery: RecoveryState
}

/** How fast data is delivered, acknowledgment by acknowledgment. */
export class DeliveryRate {
  delivered = 0
  private deliveredAt = 0
  private firstSentAt = 0
  /** Until this much is delivered samples are limited by the user; 0 if they are not. */
  private limitedUntil = 0
  // Of the acknowledgment at hand
  private acked = 0
  private lostBefore = 0
  private found = false
  private sendElapsed = 0
  private priorAt = 0
  private readonly sample: RateSample = {
    now: 0,
    delivered: 0,
    priorDelivered: 0,
    sample: 0,
    interval: 0,
    rate: 0,
    appLimited: false,
    acked: 0,
    lost: 0,
    lostSince: 0,
    sentInFlight: 0,
    inFlight: 0,
    rtt: -1,
    limited: false,
    recovery: 'open',
  }

  /** `segment` goes out, for the first time or again; `pipe` is what is in flight with it. */
  onSent(segment: SentSegment, { pipe, everLost }: Scoreboard, now: number): void {
    if (pipe <= segment.length) this.firstSentAt = this.deliveredAt = now
    segment.firstSentAt = this.firstSentAt
    segment.deliveredAt = this.deliveredAt
    segment.delivered = this.delivered
    segment.appLimited = this.limitedUntil > 0
    segment.lostBefore = everLost
    segment.sentInFlight = pipe
  }

  /** The user has nothing more to send: what is in flight says how much there was, not how much there could be. */
  noteLimited(pipe: number): void {
    this.limitedUntil = Math.max(1, this.delivered + pipe)
  }

  begin(everLost: number): void {
    this.acked = 0
    this.lostBefore = everLost
    this.found = false
    this.sample.priorDelivered = -1
  }

  onArrived(segment: SentSegment, now: number): void {
    this.acked += segment.length
    this.delivered += segment.length
    this.deliveredAt = now
    const { sample } = this
    // The latest sent says most.
    if (segment.delivered < sample.priorDelivered) return
    this.found = true
    sample.priorDelivered = segment.delivered
    sample.appLimited = segment.appLimited
    sample.lostSince = segment.lostBefore
    sample.sentInFlight = segment.sentInFlight
    this.priorAt = segment.deliveredAt
    this.sendElapsed = segment.sentAt - segment.firstSentAt
    this.firstSentAt = segment.sentAt
  }

  /** The sample; the same object each time. */
  end(tcb: Tcb, limited: boolean, now: number): RateSample {
    const { sample } = this
    if (this.limitedUntil > 0 && this.delivered > this.limitedUntil) this.limitedUntil = 0
    sample.now = now
    sample.delivered = this.delivered
    sample.acked = this.acked
    const { everLost, pipe } = tcb.scoreboard
    sample.lost = everLost - this.lostBefore
    sample.inFlight = pipe
    sample.rtt = tcb.ackedRtt
    sample.limited = limited
    sample.recovery = tcb.recovery.state
    sample.rate = 0
    if (!this.found) {
      sample.sample = sample.interval = sample.lostSince = sample.sentInFlight = 0
      sample.priorDelivered = this.delivered
      sample.appLimited = true
      return sample
    }
    sample.lostSince = everLost - sample.lostSince
    sample.sample = this.delivered - sample.priorDelivered
    // The slower of how fast it was sent and how fast it was acknowledged: acknowledgments may come in a bunch.
    sample.interval = Math.max(this.sendElapsed, now - this.priorAt)
    // Shorter than any round trip: spurious.
    const shortest = tcb.rto.min === Number.POSITIVE_INFINITY ? 0 : tcb.rto.min
    if (sample.interval > 0 && sample.interval >= shortest * 0.99) {
      sample.rate = sample.sample / sample.interval
      tcb.deliveryRate = sample.rate * 1000
    }
    return sample
  }
}
