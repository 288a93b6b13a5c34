import { type AckSample, type CongestionControllerFactory, WindowController } from './congestion.js'
import { HyStart } from './hystart.js'

const C = 0.4
const BETA = 0.7
/** RFC 8511 section 3. */
const BETA_ECN = 0.85
const ALPHA = (3 * (1 - BETA)) / (1 + BETA)
/** Segments of growth that one acknowledgment may bring in slow start, at least (RFC 9406 section 4.3). */
const L = 8

/** The window as a function of time since the last reduction: segments, seconds (RFC 9438 section 4.2, figure 1). */
export const cubicWindow = (t: number, k: number, wMax: number): number => C * (t - k) ** 3 + wMax

/** How long it takes to come back to `wMax` from `cwnd`: segments, seconds (figure 2). */
export const cubicK = (wMax: number, cwnd: number): number => Math.cbrt((wMax - cwnd) / C)

/** CUBIC, RFC 9438, with HyStart++ in its first slow start. Windows inside are in segments, times in seconds. */
export class Cubic extends WindowController {
  readonly name = 'cubic'
  private hystart: HyStart | null = null
  private wMax = 0
  /** cwnd before the last reduction. */
  private prior = 0
  private epoch = -1
  private k = 0
  private wEst = 0
  /** Octets of growth that are not a whole one yet. */
  private fraction = 0
  private remembered: { wMax: number; prior: number; epoch: number; k: number; wEst: number } | null = null

  protected grow({ acked, now, rtt, srtt, sndUna, sndNxt }: AckSample): void {
    if (this.cwnd < this.ssthresh) {
      this.slowStart(acked, rtt, sndUna, sndNxt)
      return
    }
    const segments = this.cwnd / this.mss
    if (this.epoch < 0) this.begin(segments, now)
    const t = (now - this.epoch) / 1000
    // Section 4.3: what Reno would have; once that is what there was before the loss, exactly Reno.
    this.wEst += ((this.wEst >= this.prior ? 1 : ALPHA) * acked) / this.mss / segments
    if (cubicWindow(t, this.k, this.wMax) < this.wEst) {
      this.cwnd = Math.max(this.cwnd, Math.floor(this.wEst * this.mss))
      return
    }
    const target = cubicWindow(t + Math.max(0, srtt) / 1000, this.k, this.wMax)
    const bounded = Math.min(Math.max(target, segments), 1.5 * segments)
    const growth = ((bounded - segments) / segments) * acked + this.fraction
    this.cwnd += Math.floor(growth)
    this.fraction = growth - Math.floor(growth)
  }

  private slowStart(acked: number, rtt: number, sndUna: number, sndNxt: number): void {
    const growth = Math.min(acked, Math.max(L, this.config.abcLimit) * this.mss)
    if (this.ssthresh !== Number.POSITIVE_INFINITY) {
      this.cwnd += growth
      return
    }
    this.hystart ??= new HyStart()
    // No less than after a loss (RFC 5681, equation 4): a window of one segment, of a SYN that was lost, says nothing.
    if (this.hystart.onAck(rtt, sndUna, sndNxt)) this.ssthresh = Math.max(this.cwnd, 2 * this.mss)
    else this.cwnd += Math.floor(growth / this.hystart.divisor)
  }

  private begin(segments: number, now: number): void {
    this.epoch = now
    this.wEst = segments
    if (segments < this.wMax) this.k = cubicK(this.wMax, segments)
    else {
      // Nothing to come back to: after a timeout, or out of slow start (sections 4.8, 4.10).
      this.k = 0
      this.wMax = segments
    }
  }

  protected reduced(flight: number, gently: boolean): number {
    return Math.max(Math.floor(flight * (gently ? BETA_ECN : BETA)), 2 * this.mss)
  }

  protected reset(timeout: boolean): void {
    const { wMax, prior, epoch, k, wEst } = this
    this.remembered = { wMax, prior, epoch, k, wEst }
    const segments = this.cwnd / this.mss
    this.epoch = -1
    this.prior = segments
    // Fast convergence (section 4.7): who has to give up more than before makes room for others.
    this.wMax = timeout ? 0 : segments < this.wMax ? (segments * (1 + BETA)) / 2 : segments
  }

  override onSpurious(now: number): void {
    super.onSpurious(now)
    if (this.remembered) Object.assign(this, this.remembered)
  }

  /** Time without data to send is no time in which the window could have grown (section 5.8). */
  onResume(idle: number): void {
    if (this.epoch >= 0) this.epoch += idle
  }
}

export const cubic: CongestionControllerFactory = config => new Cubic(config)
