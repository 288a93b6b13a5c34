import type { CongestionControllerFactory } from './congestion.js'
import { PathModel } from './path-model.js'
import type { RateSample } from './rate.js'
import { WindowedMax } from './windowed-max.js'

/** 2/ln 2: the least that lets the rate double in each round. */
const HIGH_GAIN = 2 / Math.LN2
const CWND_GAIN = 2
/** A round trip above the bandwidth to see whether there is more, one below to drain what that queued, six at it. */
const CYCLE = [1.25, 0.75, 1, 1, 1, 1, 1, 1] as const
/** One percent slower than the path, so that no queue stays. */
const MARGIN = 0.99
/** Rounds for which the largest bandwidth counts. */
const BW_ROUNDS = 10
const MIN_RTT_WINDOW = 10_000
const PROBE_RTT_DURATION = 200
const FULL_BW_GROWTH = 1.25
const FULL_BW_ROUNDS = 3
const EXTRA_ROUNDS = 10
/** In ms, at the bandwidth: more than this is not granted for acknowledgments that come in bunches. */
const MOST_EXTRA = 100
const MIN_PIPE = 4

type Phase = 'startup' | 'drain' | 'probe-bw' | 'probe-rtt'

/**
 * BBR, version 1, after draft-cardwell-iccrg-bbr-congestion-control-00, which is what Linux has under the name of `bbr`:
 * what is sent follows the bandwidth and the round trip that were measured, and losses say nothing. It fills paths that
 * lose much, and takes more than its share beside controllers that mind. Bytes, and bytes per ms.
 */
export class Bbr1 extends PathModel {
  readonly name = 'bbr1'
  phase: Phase = 'startup'

  // The model
  private readonly bandwidth = new WindowedMax(BW_ROUNDS)
  private minRtt = Number.POSITIVE_INFINITY
  private minRttAt = 0
  /** The most that acknowledgments brought beyond the bandwidth. */
  private readonly extraAcked = new WindowedMax(EXTRA_ROUNDS)
  private aggregateAt = 0
  private aggregated = 0

  // Rounds
  private round = 0
  private roundStart = false
  private nextRound = 0

  // Is the pipe full?
  private fullBw = 0
  private fullBwCount = 0
  private fullBwReached = false

  // Probing
  private cycle = 0
  private cycleAt = 0
  private probeRttDoneAt = 0
  private probeRttRoundDone = false
  /** What is sent before this much is delivered is held back by a probe for the round trip. */
  private limitedUntil = -1
  private idle = false

  // Losses
  private repairing = false
  /** In the first round of a recovery only as much goes as arrives. */
  private conserving = false
  private timedOut = false
  /** cwnd before the recovery, or before the probe for the round trip. */
  private saved = 0

  // ---- what is told ----

  onTimeout(_flight: number, _now: number, first: boolean): void {
    if (first) this.save()
    this.timedOut = true
    this.cwnd = this.mss
    this.fullBw = 0
  }

  onSpurious(): void {
    this.restore()
    this.repairing = this.conserving = this.timedOut = false
    this.fullBw = this.fullBwCount = 0
  }

  onResume(): void {
    this.idle = true
    if (this.phase === 'probe-bw') this.pacingRate = Math.max(this.bandwidth.max * MARGIN, this.floorRate)
  }

  onSample(rs: RateSample): void {
    this.updateRound(rs)
    this.updateBandwidth(rs)
    this.updateAggregation(rs)
    this.updateCycle(rs)
    this.checkFull(rs)
    this.checkDrain(rs)
    this.updateMinRtt(rs)
    this.pace(rs, this.pacingGain * this.bandwidth.max * MARGIN, HIGH_GAIN, !this.fullBwReached)
    this.setCwnd(rs)
    if (rs.acked > 0) this.idle = false
  }

  // ---- the model of the path ----

  private updateRound(rs: RateSample): void {
    this.roundStart = rs.acked > 0 && rs.priorDelivered >= this.nextRound
    if (!this.roundStart) return
    this.nextRound = rs.delivered
    this.round++
    this.conserving = false
  }

  private updateBandwidth(rs: RateSample): void {
    if (rs.rate === 0) return
    if (rs.rate >= this.bandwidth.max || !this.isLimited(rs)) this.bandwidth.add(rs.rate, this.round)
  }

  private isLimited({ appLimited, priorDelivered }: RateSample): boolean {
    return appLimited || priorDelivered <= this.limitedUntil
  }

  /** Acknowledgments that come in bunches: what they bring beyond the bandwidth must be in flight as well. */
  private updateAggregation(rs: RateSample): void {
    if (rs.acked === 0) return
    const bw = this.bandwidth.max
    if (this.aggregated <= bw * (rs.now - this.aggregateAt)) {
      this.aggregated = 0
      this.aggregateAt = rs.now
    }
    this.aggregated += rs.acked
    const extra = Math.min(this.aggregated - bw * (rs.now - this.aggregateAt), this.cwnd)
    this.extraAcked.add(Math.max(0, extra), this.round)
  }

  private checkFull(rs: RateSample): void {
    if (this.fullBwReached || !this.roundStart || this.isLimited(rs)) return
    if (this.bandwidth.max >= this.fullBw * FULL_BW_GROWTH) {
      this.fullBw = this.bandwidth.max
      this.fullBwCount = 0
    } else this.fullBwReached = ++this.fullBwCount >= FULL_BW_ROUNDS
  }

  private updateMinRtt(rs: RateSample): void {
    const expired = rs.now > this.minRttAt + MIN_RTT_WINDOW
    if (rs.rtt >= 0 && (rs.rtt < this.minRtt || expired)) {
      const known = this.minRtt !== Number.POSITIVE_INFINITY
      this.minRtt = rs.rtt
      this.minRttAt = rs.now
      if (known && expired && !this.idle && this.phase !== 'probe-rtt') this.startProbeRtt()
    }
    if (this.phase === 'probe-rtt') this.probeRtt(rs)
  }

  // ---- the phases ----

  private checkDrain(rs: RateSample): void {
    if (this.phase === 'startup' && this.fullBwReached) this.phase = 'drain'
    if (this.phase === 'drain' && rs.inFlight <= this.inflight(1)) this.startProbeBw(rs)
  }

  /** Anywhere in the cycle but where less is sent: by what was delivered, which differs from flow to flow. */
  private startProbeBw({ delivered, now }: RateSample): void {
    const dice = (Math.imul(delivered | 0, 0x9e3779b1) >>> 0) % (CYCLE.length - 1)
    this.phase = 'probe-bw'
    this.cycle = dice === 0 ? 0 : dice + 1
    this.cycleAt = now
  }

  private updateCycle(rs: RateSample): void {
    if (this.phase !== 'probe-bw' || !this.isPhaseOver(rs)) return
    this.cycle = (this.cycle + 1) % CYCLE.length
    this.cycleAt = rs.now
  }

  private isPhaseOver(rs: RateSample): boolean {
    const full = rs.now - this.cycleAt > this.minRtt
    const gain = CYCLE[this.cycle]!
    // As it was before this acknowledgment: it must have been reached.
    const inFlight = rs.inFlight + rs.acked
    if (gain > 1) return full && (rs.lost > 0 || inFlight >= this.inflight(gain))
    if (gain < 1) return full || inFlight <= this.inflight(1)
    return full
  }

  private startProbeRtt(): void {
    this.save()
    this.phase = 'probe-rtt'
    this.probeRttDoneAt = 0
  }

  private probeRtt(rs: RateSample): void {
    this.limitedUntil = rs.delivered + rs.inFlight
    if (this.probeRttDoneAt === 0) {
      if (rs.inFlight > MIN_PIPE * this.mss) return
      this.probeRttDoneAt = rs.now + PROBE_RTT_DURATION
      this.probeRttRoundDone = false
      this.nextRound = rs.delivered
      return
    }
    if (this.roundStart) this.probeRttRoundDone = true
    if (!this.probeRttRoundDone || rs.now <= this.probeRttDoneAt) return
    this.minRttAt = rs.now
    this.restore()
    if (this.fullBwReached) this.startProbeBw(rs)
    else this.phase = 'startup'
  }

  // ---- what may be sent ----

  private get pacingGain(): number {
    if (this.phase === 'startup') return HIGH_GAIN
    if (this.phase === 'drain') return 1 / HIGH_GAIN
    return this.phase === 'probe-bw' ? CYCLE[this.cycle]! : 1
  }

  private get cwndGain(): number {
    if (this.phase === 'probe-bw') return CWND_GAIN
    return this.phase === 'probe-rtt' ? 1 : HIGH_GAIN
  }

  /** With room for what waits to be sent, is under way as one piece, and is put together at the receiver. */
  private inflight(gain: number): number {
    const bdp =
      this.minRtt === Number.POSITIVE_INFINITY ? this.initial : gain * this.bandwidth.max * this.minRtt
    const probing = this.phase === 'probe-bw' && this.cycle === 0 ? 2 * this.mss : 0
    return bdp + 3 * this.quantum + probing
  }

  private setCwnd(rs: RateSample): void {
    if (rs.acked > 0 && !this.repair(rs)) {
      const extra = this.fullBwReached ? Math.min(this.extraAcked.max, MOST_EXTRA * this.bandwidth.max) : 0
      const most = this.inflight(this.cwndGain) + extra
      if (this.fullBwReached) this.cwnd = Math.min(this.cwnd + rs.acked, most)
      else if (this.cwnd < most || rs.delivered < this.initial) this.cwnd += rs.acked
      this.cwnd = Math.max(this.cwnd, MIN_PIPE * this.mss)
    }
    if (this.phase === 'probe-rtt') this.cwnd = Math.min(this.cwnd, MIN_PIPE * this.mss)
    this.cwnd = Math.floor(this.cwnd)
  }

  /** A recovery begins with what is in flight, and at its end the window is what it was. True if nothing else counts. */
  private repair(rs: RateSample): boolean {
    if (rs.lost > 0) this.cwnd = Math.max(this.cwnd - rs.lost, this.mss)
    const repairing = rs.recovery === 'recovery' || rs.recovery === 'loss'
    if (repairing && !this.repairing) {
      if (rs.recovery === 'recovery') {
        this.save()
        this.conserving = true
        this.nextRound = rs.delivered
        this.cwnd = Math.max(rs.inFlight + rs.acked, this.mss)
      }
    } else if (!repairing && this.repairing) {
      this.restore()
      this.conserving = false
    }
    if (this.timedOut) this.cwnd = Math.max(this.cwnd, rs.inFlight + rs.acked)
    this.timedOut = false
    this.repairing = repairing
    if (this.conserving) this.cwnd = Math.max(this.cwnd, rs.inFlight + rs.acked)
    return this.conserving
  }

  private save(): void {
    // In a recovery, and in a probe, the window is not what it should be.
    const lowered = this.repairing || this.phase === 'probe-rtt'
    this.saved = lowered ? Math.max(this.saved, this.cwnd) : this.cwnd
  }

  private restore(): void {
    this.cwnd = Math.max(this.cwnd, this.saved)
  }
}

export const bbr1: CongestionControllerFactory = config => new Bbr1(config)
