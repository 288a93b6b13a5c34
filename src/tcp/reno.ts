import { type AckSample, type CongestionControllerFactory, WindowController } from './congestion.js'

/** Slow start and congestion avoidance of RFC 5681, with appropriate byte counting (RFC 3465). */
export class Reno extends WindowController {
  readonly name = 'reno'
  /** Octets acknowledged towards the next segment of growth in congestion avoidance. */
  private counted = 0
  /** In the slow start that follows a timeout. */
  private timedOut = false

  protected grow({ acked }: AckSample): void {
    if (this.cwnd < this.ssthresh) {
      // After a timeout every ACK may be for what was sent before it: RFC 3465 section 2.3 wants L = 1.
      this.cwnd += Math.min(acked, (this.timedOut ? 1 : this.config.abcLimit) * this.mss)
      return
    }
    this.timedOut = false
    // Equation (3), in whole segments: a part of one, left by a halving, never goes, but is so much of the way.
    const part = this.cwnd % this.mss
    const whole = this.cwnd - part
    const due = whole * (1 - part / this.mss)
    this.counted += acked
    if (this.counted >= due) {
      this.counted -= due
      this.cwnd = whole + this.mss
    }
  }

  /** Equation (4): from what is in flight, not from cwnd. */
  protected reduced(flight: number, gently: boolean): number {
    return Math.max(Math.floor(flight * (gently ? 0.8 : 0.5)), 2 * this.mss)
  }

  protected reset(timeout: boolean): void {
    this.counted = 0
    if (timeout) this.timedOut = true
  }
}

export const reno: CongestionControllerFactory = config => new Reno(config)
