import { type SentSegment, sentAfter } from './sent-segment.js'
import { ge, gt } from './sequence.js'
import type { Tcb } from './tcb.js'

/** Recoveries for which a reordering window that was widened stays so. */
const PERSIST = 16

/** Segments that reordering may be told to span. */
const MOST_REORDERING = 300

/** How long the smallest round trip counts, in ms: a path may get longer. */
const MIN_RTT_WINDOW = 300_000

/** Time-based loss detection, RFC 8985: what was sent before something that has arrived, and long enough, is lost. */
export class Rack {
  /** The last sent of the segments that have arrived: when it was sent, where it ends, how long it took. */
  sentAt = Number.NEGATIVE_INFINITY
  end = 0
  rtt = -1
  minRtt = Number.POSITIVE_INFINITY
  private minRttAt = 0
  reorderingSeen = false
  /** How far behind the highest that has arrived a segment ever came, in octets. */
  degree = 0
  /** The highest sequence number that has arrived. */
  private fack: number
  private multiplier = 1
  private persist = 0
  /** While a round trip lasts that has seen a D-SACK: where it ends. */
  private dsackRound: number | null = null

  constructor(iss: number) {
    this.fack = iss
  }

  /** A segment has arrived (section 6.2, steps 1 to 3). `echo` says when what the ACK echoes was sent; -1 if nothing does. */
  arrived(segment: SentSegment, echoedAt: number, now: number): void {
    if (gt(segment.end, this.fack)) this.fack = segment.end
    else if (segment.end !== this.fack && !segment.repeated) {
      this.reorderingSeen = true
      this.degree = Math.max(this.degree, (this.fack - segment.seq) | 0)
    }
    const rtt = now - segment.sentAt
    if (segment.repeated) {
      // It may be the first copy that has arrived.
      if (echoedAt >= 0 && echoedAt < Math.floor(segment.sentAt)) return
      if (rtt < this.minRtt) return
    } else this.measured(rtt, now)
    this.rtt = rtt
    if (sentAfter(segment.sentAt, segment.end, this.sentAt, this.end)) {
      this.sentAt = segment.sentAt
      this.end = segment.end
    }
  }

  private measured(rtt: number, now: number): void {
    if (rtt > this.minRtt && now - this.minRttAt < MIN_RTT_WINDOW) return
    this.minRtt = rtt
    this.minRttAt = now
  }

  /** A D-SACK says that something was sent again for nothing: wait longer, by a quarter of the round trip each round. */
  duplicateReported(tcb: Tcb): void {
    if (this.dsackRound !== null && ge(tcb.sndUna, this.dsackRound)) this.dsackRound = null
    if (this.dsackRound !== null) return
    this.dsackRound = tcb.sndNxt
    this.multiplier++
    this.persist = PERSIST
  }

  /** A recovery is over. */
  recovered(): void {
    if (--this.persist <= 0) this.multiplier = 1
  }

  /** Reported segments that count as a loss while nothing better is known: more where there was reordering. */
  threshold(tcb: Tcb): number {
    return Math.max(
      tcb.config.duplicateAckThreshold,
      Math.min(MOST_REORDERING, Math.ceil(this.degree / tcb.mss)),
    )
  }

  /** Step 4: how much later than expected a segment may still arrive, in ms. */
  reorderingWindow(tcb: Tcb, recovering: boolean): number {
    if (!this.reorderingSeen) {
      if (recovering) return 0
      if (tcb.scoreboard.sacked >= this.threshold(tcb) * tcb.mss) return 0
    }
    const srtt = tcb.rto.srtt >= 0 ? tcb.rto.srtt : 0
    return Math.min(
      (this.multiplier * (this.minRtt === Number.POSITIVE_INFINITY ? 0 : this.minRtt)) / 4,
      srtt,
    )
  }

  /**
   * Step 5: marks what is lost. Returns when to look again, in ms of `now`'s clock; Infinity if there is nothing to
   * wait for.
   */
  detect(tcb: Tcb, recovering: boolean, now: number): number {
    if (this.rtt < 0) return Number.POSITIVE_INFINITY
    const patience = this.rtt + this.reorderingWindow(tcb, recovering)
    let again = Number.NEGATIVE_INFINITY
    for (let segment = tcb.scoreboard.oldest; segment; ) {
      if (!sentAfter(this.sentAt, this.end, segment.sentAt, segment.end)) break
      const { newer } = segment
      const due = segment.sentAt + patience
      if (due <= now) tcb.scoreboard.lose(segment)
      else if (due > again) again = due
      segment = newer
    }
    return again === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : again
  }

  /** Section 6.3: the retransmission timer expired. The first is lost, and others that were sent long enough ago. */
  timedOut(tcb: Tcb, now: number): void {
    const { scoreboard } = tcb
    const patience = Math.max(0, this.rtt) + this.reorderingWindow(tcb, true)
    for (let segment = scoreboard.oldest; segment; ) {
      const { newer } = segment
      if (segment.seq === tcb.sndUna || segment.sentAt + patience <= now) scoreboard.lose(segment)
      segment = newer
    }
  }
}
