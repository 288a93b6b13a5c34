import type { CongestionControllerFactory } from './congestion.js'
import { PathModel } from './path-model.js'
import type { RateSample } from './rate.js'

const STARTUP_GAIN = 2.77
const DRAIN_GAIN = 0.5
const CWND_GAIN = 2
const UP_GAIN = 1.25
const UP_CWND_GAIN = 2.25
const DOWN_GAIN = 0.9
const PROBE_RTT_CWND_GAIN = 0.5
/** One percent slower than the path, so that no queue stays. */
const MARGIN = 0.99
const LOSS_THRESHOLD = 0.02
const BETA = 0.7
const HEADROOM = 0.15
const MIN_RTT_WINDOW = 10_000
const PROBE_RTT_INTERVAL = 5000
const PROBE_RTT_DURATION = 200
const FULL_BW_GROWTH = 1.25
const FULL_BW_ROUNDS = 3
/** Acknowledgments of a round that find something lost, in startup, before the pipe is taken to be full. */
const FULL_LOSS_COUNT = 6
const EXTRA_ROUNDS = 10
const MIN_PIPE = 4

type Phase = 'startup' | 'drain' | 'down' | 'cruise' | 'refill' | 'up' | 'probe-rtt'
/** What the acknowledgments at hand tell of a probe for bandwidth. */
type AckPhase = 'init' | 'refilling' | 'starting' | 'feedback' | 'stopping'

/**
 * BBR, version 3, after draft-ietf-ccwg-bbr: a model of the path, its bandwidth and its round trip, and how much may be
 * in flight before something is lost; what is sent is paced by the model. Bytes, and bytes per ms.
 */
export class Bbr extends PathModel {
  readonly name = 'bbr'
  phase: Phase = 'startup'
  private pacingGain = STARTUP_GAIN
  private cwndGain = CWND_GAIN
  private saved = 0

  // The model
  private readonly maxBw = [0, 0]
  private bwShort = Number.POSITIVE_INFINITY
  private inflightShort = Number.POSITIVE_INFINITY
  private inflightLong = Number.POSITIVE_INFINITY
  private minRtt = Number.POSITIVE_INFINITY
  private minRttAt = 0
  private probeRttMin = Number.POSITIVE_INFINITY
  private probeRttMinAt = 0
  /** The most that acknowledgments brought beyond the bandwidth, in the last rounds and in those before. */
  private readonly extraAcked = [0, 0]
  private extraRound = 0
  private aggregateAt = 0
  private aggregated = 0

  // Rounds
  private roundCount = 0
  private roundStart = false
  private nextRound = 0
  private lossRound = 0
  private lossRoundStart = false
  private lossInRound = false
  private lossEvents = 0
  private bwLatest = 0
  private inflightLatest = 0

  // Is the pipe full?
  private fullBw = 0
  private fullBwCount = 0
  private fullBwNow = false
  private fullBwReached = false

  // Probing
  private ackPhase: AckPhase = 'init'
  private cycleAt = 0
  private wait = 0
  private roundsSinceProbe = 0
  private probeSamples = false
  private upRounds = 0
  private upAcks = 0
  private upCount = Number.POSITIVE_INFINITY
  private probeRttDue = false
  private probeRttDoneAt = 0
  private probeRttRoundDone = false
  private idle = false

  // ---- what is told ----

  onTimeout(_flight: number, _now: number, first: boolean): void {
    if (first) this.saved = Math.max(this.saved, this.cwnd)
    this.cwnd = this.mss
  }

  onSpurious(): void {
    this.cwnd = Math.max(this.cwnd, this.saved)
    this.fullBw = 0
    this.fullBwCount = 0
    this.fullBwNow = false
    this.bwShort = this.inflightShort = Number.POSITIVE_INFINITY
  }

  onResume(): void {
    this.idle = true
    if (this.inProbeBw) this.pacingRate = Math.max(this.bw * MARGIN, this.floorRate)
  }

  onSample(rs: RateSample): void {
    this.updateModel(rs)
    this.pace(rs, this.pacingGain * this.bw * MARGIN, STARTUP_GAIN, !this.fullBwReached)
    this.setCwnd(rs)
    if (rs.acked > 0) this.idle = false
  }

  // ---- the model of the path ----

  private get bandwidth(): number {
    return Math.max(this.maxBw[0]!, this.maxBw[1]!)
  }

  private get bw(): number {
    return Math.min(this.bandwidth, this.bwShort)
  }

  private get inProbeBw(): boolean {
    return this.phase === 'down' || this.phase === 'cruise' || this.phase === 'refill' || this.phase === 'up'
  }

  private updateModel(rs: RateSample): void {
    this.lossRoundStart = false
    this.bwLatest = Math.max(this.bwLatest, rs.rate)
    this.inflightLatest = Math.max(this.inflightLatest, rs.sample)
    if (rs.acked > 0 && rs.priorDelivered >= this.lossRound) {
      this.lossRound = rs.delivered
      this.lossRoundStart = true
    }
    this.updateRound(rs)
    if (rs.rate > 0 && (rs.rate >= this.bandwidth || !rs.appLimited))
      this.maxBw[1] = Math.max(this.maxBw[1]!, rs.rate)
    if (rs.lost > 0) {
      this.lossInRound = true
      this.lossEvents++
    }
    const manyLosses = this.lossEvents >= FULL_LOSS_COUNT
    if (this.lossRoundStart) {
      this.adaptLowerBounds()
      this.lossInRound = false
      this.lossEvents = 0
    }
    this.updateAggregation(rs)
    this.checkFull(rs)
    if (this.phase === 'startup') {
      if (this.lossRoundStart && manyLosses && !this.fullBwReached && this.tooHigh(rs)) {
        this.fullBwReached = true
        this.inflightLong = Math.max(this.bdp(1), this.inflightLatest)
      }
      if (this.fullBwReached) this.enter('drain', DRAIN_GAIN, CWND_GAIN)
    }
    if (this.phase === 'drain' && rs.inFlight <= this.inflight(1)) this.startDown(rs)
    this.updateCycle(rs)
    this.updateMinRtt(rs)
    this.checkProbeRtt(rs)
    if (this.lossRoundStart) {
      this.bwLatest = rs.rate
      this.inflightLatest = rs.sample
    }
  }

  private updateRound(rs: RateSample): void {
    this.roundStart = rs.acked > 0 && rs.priorDelivered >= this.nextRound
    if (!this.roundStart) return
    this.nextRound = rs.delivered
    this.roundCount++
    this.roundsSinceProbe++
  }

  private startRound(rs: RateSample): void {
    this.nextRound = rs.delivered
  }

  /** Losses while nothing is probed for: less than was thought is there for now. */
  private adaptLowerBounds(): void {
    if (this.phase === 'startup' || this.phase === 'refill' || this.phase === 'up' || !this.lossInRound)
      return
    if (this.bwShort === Number.POSITIVE_INFINITY) this.bwShort = this.bandwidth
    if (this.inflightShort === Number.POSITIVE_INFINITY) this.inflightShort = this.cwnd
    this.bwShort = Math.max(this.bwLatest, BETA * this.bwShort)
    this.inflightShort = Math.max(this.inflightLatest, BETA * this.inflightShort)
  }

  private forgetLowerBounds(): void {
    this.bwShort = this.inflightShort = Number.POSITIVE_INFINITY
  }

  /** Acknowledgments that come in bunches: what they bring beyond the bandwidth must be in flight as well. */
  private updateAggregation(rs: RateSample): void {
    if (rs.acked === 0) return
    const expected = this.bw * (rs.now - this.aggregateAt)
    if (this.aggregated <= expected) {
      this.aggregated = 0
      this.aggregateAt = rs.now
    }
    this.aggregated += rs.acked
    const extra = Math.min(Math.max(0, this.aggregated - this.bw * (rs.now - this.aggregateAt)), this.cwnd)
    if (this.roundCount - this.extraRound >= EXTRA_ROUNDS / 2) {
      this.extraRound = this.roundCount
      this.extraAcked[0] = this.extraAcked[1]!
      this.extraAcked[1] = 0
    }
    this.extraAcked[1] = Math.max(this.extraAcked[1]!, extra)
  }

  private checkFull(rs: RateSample): void {
    if (this.fullBwNow || rs.appLimited) return
    if (rs.rate >= this.fullBw * FULL_BW_GROWTH) {
      this.resetFull()
      this.fullBw = rs.rate
      return
    }
    if (!this.roundStart) return
    if (++this.fullBwCount >= FULL_BW_ROUNDS) this.fullBwNow = this.fullBwReached = true
  }

  private resetFull(): void {
    this.fullBw = 0
    this.fullBwCount = 0
    this.fullBwNow = false
  }

  private tooHigh(rs: RateSample): boolean {
    return rs.lostSince > rs.sentInFlight * LOSS_THRESHOLD
  }

  // ---- the phases ----

  private enter(phase: Phase, pacing: number, cwnd: number): void {
    this.phase = phase
    this.pacingGain = pacing
    this.cwndGain = cwnd
  }

  private updateCycle(rs: RateSample): void {
    if (!this.fullBwReached) return
    this.adaptLongTerm(rs)
    switch (this.phase) {
      case 'down':
        if (!this.probeIfTime(rs) && this.mayCruise(rs)) this.enter('cruise', 1, CWND_GAIN)
        return
      case 'cruise':
        this.probeIfTime(rs)
        return
      case 'refill':
        if (!this.roundStart) return
        this.probeSamples = true
        this.startUp(rs)
        return
      case 'up':
        if (this.mustGoDown(rs)) this.startDown(rs)
        return
    }
  }

  private mayCruise({ inFlight }: RateSample): boolean {
    return inFlight <= this.withHeadroom && inFlight <= this.inflight(1)
  }

  private mustGoDown(rs: RateSample): boolean {
    if (rs.limited && this.cwnd >= this.inflightLong) {
      // There may be more, but this flow is what holds it back.
      this.resetFull()
      this.fullBw = rs.rate
      return false
    }
    return this.fullBwNow
  }

  private probeIfTime(rs: RateSample): boolean {
    const likeReno = Math.min(this.inflight(1) / this.mss, 63)
    if (rs.now - this.cycleAt <= this.wait && this.roundsSinceProbe < likeReno) return false
    this.forgetLowerBounds()
    this.upRounds = this.upAcks = 0
    this.ackPhase = 'refilling'
    this.startRound(rs)
    this.enter('refill', 1, CWND_GAIN)
    return true
  }

  private startUp(rs: RateSample): void {
    this.ackPhase = 'starting'
    this.startRound(rs)
    this.resetFull()
    this.fullBw = rs.rate
    this.enter('up', UP_GAIN, UP_CWND_GAIN)
    this.raiseSlope()
  }

  private startDown(rs: RateSample): void {
    this.lossInRound = false
    this.bwLatest = this.inflightLatest = 0
    this.upCount = Number.POSITIVE_INFINITY
    // Two to three seconds, so that flows do not probe all at once: by what was delivered, which differs from flow to flow.
    const dice = (Math.imul(rs.delivered | 0, 0x9e3779b1) >>> 0) / 2 ** 32
    this.roundsSinceProbe = dice < 0.5 ? 0 : 1
    this.wait = 2000 + 1000 * dice
    this.cycleAt = rs.now
    this.ackPhase = 'stopping'
    this.startRound(rs)
    this.enter('down', DOWN_GAIN, CWND_GAIN)
  }

  /** What may be in flight before too much is lost: raised while a probe goes well, lowered when it does not. */
  private adaptLongTerm(rs: RateSample): void {
    if (this.ackPhase === 'starting' && this.roundStart) this.ackPhase = 'feedback'
    if (this.ackPhase === 'stopping' && this.roundStart) {
      if (this.inProbeBw && !rs.appLimited) {
        this.maxBw[0] = this.maxBw[1]!
        this.maxBw[1] = 0
      }
      this.ackPhase = 'init'
    }
    if (this.tooHigh(rs)) {
      if (!this.probeSamples) return
      this.probeSamples = false
      if (!rs.appLimited)
        this.inflightLong = Math.max(rs.sentInFlight, BETA * Math.min(this.bdp(1), this.cwnd))
      if (this.phase === 'up') this.startDown(rs)
      return
    }
    if (this.inflightLong === Number.POSITIVE_INFINITY) return
    if (rs.sentInFlight > this.inflightLong) this.inflightLong = rs.sentInFlight
    if (this.phase === 'up') this.probeUpward(rs)
  }

  private probeUpward(rs: RateSample): void {
    if (!rs.limited || this.cwnd < this.inflightLong) return
    this.upAcks += rs.acked
    if (this.upAcks >= this.upCount) {
      const steps = Math.floor(this.upAcks / this.upCount)
      this.upAcks -= steps * this.upCount
      this.inflightLong += steps * this.mss
    }
    if (this.roundStart) this.raiseSlope()
  }

  private raiseSlope(): void {
    const growth = 2 ** this.upRounds
    this.upRounds = Math.min(this.upRounds + 1, 30)
    this.upCount = Math.max(this.cwnd / growth, this.mss)
  }

  private updateMinRtt({ rtt, now }: RateSample): void {
    const expired = now > this.probeRttMinAt + PROBE_RTT_INTERVAL
    if (rtt >= 0 && (rtt < this.probeRttMin || expired)) {
      this.probeRttMin = rtt
      this.probeRttMinAt = now
      this.probeRttDue = expired && this.minRtt !== Number.POSITIVE_INFINITY
    }
    if (this.probeRttMin < this.minRtt || now > this.minRttAt + MIN_RTT_WINDOW) {
      this.minRtt = this.probeRttMin
      this.minRttAt = this.probeRttMinAt
    }
  }

  private checkProbeRtt(rs: RateSample): void {
    if (this.phase !== 'probe-rtt') {
      if (!this.probeRttDue || this.idle) return
      this.probeRttDue = false
      this.saved = Math.max(this.saved, this.cwnd)
      this.probeRttDoneAt = 0
      this.ackPhase = 'stopping'
      this.startRound(rs)
      this.enter('probe-rtt', 1, PROBE_RTT_CWND_GAIN)
      return
    }
    if (this.probeRttDoneAt === 0) {
      if (rs.inFlight > this.probeRttCwnd) return
      this.probeRttDoneAt = rs.now + PROBE_RTT_DURATION
      this.probeRttRoundDone = false
      this.startRound(rs)
      return
    }
    if (this.roundStart) this.probeRttRoundDone = true
    if (!this.probeRttRoundDone || rs.now <= this.probeRttDoneAt) return
    this.probeRttMinAt = rs.now
    this.cwnd = Math.max(this.cwnd, this.saved)
    this.saved = 0
    this.forgetLowerBounds()
    if (this.fullBwReached) {
      this.startDown(rs)
      this.enter('cruise', 1, CWND_GAIN)
    } else this.enter('startup', STARTUP_GAIN, CWND_GAIN)
  }

  // ---- what may be sent ----

  private bdp(gain: number): number {
    return this.minRtt === Number.POSITIVE_INFINITY ? this.initial : gain * this.bw * this.minRtt
  }

  /** With room for what waits to be cut up and to be acknowledged in bunches. */
  private inflight(gain: number): number {
    return Math.max(this.bdp(gain) + (this.phase === 'up' ? 2 * this.mss : 0), MIN_PIPE * this.mss)
  }

  private get withHeadroom(): number {
    if (this.inflightLong === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
    return Math.max(this.inflightLong * (1 - HEADROOM), MIN_PIPE * this.mss)
  }

  private get probeRttCwnd(): number {
    return Math.max(this.bdp(PROBE_RTT_CWND_GAIN), MIN_PIPE * this.mss)
  }

  private setCwnd(rs: RateSample): void {
    const extra = Math.max(this.extraAcked[0]!, this.extraAcked[1]!)
    const most = this.inflight(this.cwndGain) + extra + 3 * this.quantum
    if (this.fullBwReached) this.cwnd = Math.min(this.cwnd + rs.acked, most)
    else if (this.cwnd < most || rs.delivered < 2 * this.initial) this.cwnd += rs.acked
    this.cwnd = Math.max(this.cwnd, MIN_PIPE * this.mss)
    if (this.phase === 'probe-rtt') this.cwnd = Math.min(this.cwnd, this.probeRttCwnd)
    let cap = Number.POSITIVE_INFINITY
    if (this.inProbeBw && this.phase !== 'cruise') cap = this.inflightLong
    else if (this.phase === 'probe-rtt' || this.phase === 'cruise') cap = this.withHeadroom
    cap = Math.max(Math.min(cap, this.inflightShort), MIN_PIPE * this.mss)
    this.cwnd = Math.floor(Math.min(this.cwnd, cap))
  }
}

export const bbr: CongestionControllerFactory = config => new Bbr(config)
