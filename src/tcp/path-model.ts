import type { TcpConfig } from './config.js'
import { type AckSample, type CongestionController, initialWindow } from './congestion.js'
import type { RateSample } from './rate.js'

/**
 * What controllers have in common that go by a model of the path, of its bandwidth and its round trip, and not by losses.
 * Bytes, and bytes per ms.
 */
export abstract class PathModel implements CongestionController {
  abstract readonly name: string
  readonly modelsPath = true
  cwnd = 0
  readonly ssthresh = Number.POSITIVE_INFINITY
  pacingRate = Number.POSITIVE_INFINITY
  protected mss = 0
  /** The initial window. */
  protected initial = 0

  constructor(private readonly config: TcpConfig) {}

  abstract onSample(sample: RateSample): void
  abstract onTimeout(flight: number, now: number, first: boolean): void

  onMss(mss: number): void {
    this.initial = initialWindow(this.config, mss)
    if (this.mss === 0) this.cwnd = this.initial
    this.mss = mss
  }

  adopt(cwnd: number): void {
    this.cwnd = cwnd
  }

  onAck(_sample: AckSample): void {}

  onLoss(): void {}

  onRecovered(): void {}

  onSynLoss(): void {
    this.cwnd = this.initial = this.mss
  }

  onIdle(): void {}

  protected get floorRate(): number {
    return this.mss / 1000
  }

  /** What goes at once. */
  protected get quantum(): number {
    return Math.min(65_536, Math.max(2 * this.mss, this.pacingRate))
  }

  /** Paces at `rate`; in startup, which has `gain`, no slower than before. */
  protected pace({ rtt }: RateSample, rate: number, gain: number, startup: boolean): void {
    // At first as if the initial window were what the path holds: the first acknowledgments tell of too little.
    if (this.pacingRate === Number.POSITIVE_INFINITY && rtt > 0) this.pacingRate = (gain * this.initial) / rtt
    if (this.pacingRate === Number.POSITIVE_INFINITY) return
    const bounded = Math.max(rate, this.floorRate)
    if (!startup || bounded > this.pacingRate) this.pacingRate = bounded
  }
}
