import type { TcpConfig } from './config.js'
import type { RateSample } from './rate.js'

/** What an acknowledgment of new data tells a congestion controller. Sizes in bytes, times in ms. */
export interface AckSample {
  /** Octets newly acknowledged or reported. */
  acked: number
  /** cwnd must not grow beyond this: more was not used. */
  most: number
  /** FlightSize before this acknowledgment. */
  flight: number
  now: number
  /** The round trip that this acknowledgment measured, or -1; and the smoothed one, or -1. */
  rtt: number
  srtt: number
  /** SND.UNA and SND.NXT, by which rounds are counted. */
  sndUna: number
  sndNxt: number
}

/**
 * How much may be in flight: the one pluggable part of the machine. A controller owns cwnd and ssthresh; which
 * segments are lost, and when, is the loss recovery's to find out.
 */
export interface CongestionController {
  readonly name: string
  /** Bytes. */
  readonly cwnd: number
  /** Bytes; Infinity until the first loss. */
  readonly ssthresh: number
  /** The connection is open, or its segment size changed: cwnd is given in segments of `mss` bytes. */
  onMss(mss: number): void
  /** New data was acknowledged outside recovery, and the sender was limited by cwnd. */
  onAck(sample: AckSample): void
  /**
   * A loss was found by acknowledgments, or congestion was echoed (`echoed`, RFC 3168) and nothing lost: once for each
   * window (RFC 5681 section 3.2).
   */
  onLoss(flight: number, now: number, echoed?: boolean): void
  /** Recovery is over: cwnd is ssthresh, or `limit` if that is less. */
  onRecovered(limit: number, now: number): void
  /** The retransmission timer expired. `first` is false when ssthresh was already brought down for this loss. */
  onTimeout(flight: number, now: number, first: boolean): void
  /** The last loss or timeout was none (RFC 4015): everything is as it was before. */
  onSpurious?(now: number): void
  /** The SYN was lost: the initial window is one segment (RFC 5681 section 3.1). */
  onSynLoss(): void
  /** It takes over from another controller in the middle of a connection. */
  adopt?(cwnd: number, ssthresh: number): void
  /** Slow start of a new connection ends at `ssthresh` bytes, which others to the same host have found (RFC 9040). */
  startTo?(ssthresh: number): void
  /** What is sent is paced: at most so many bytes per ms. */
  readonly pacingRate?: number
  /** It decides by a model of the path what may be in flight while losses are repaired, too; PRR does not. */
  readonly modelsPath?: boolean
  /** Each acknowledgment, in recovery and out of it: how fast data is delivered. */
  onSample?(sample: RateSample): void
  /** Sending starts again after `idle` ms with nothing outstanding. */
  onResume?(idle: number): void
  /** That was longer than one RTO: the window is not trusted any more (RFC 5681 section 4.1). */
  onIdle(idle: number, rto: number): void
  /** Less than half of the window was used for minutes (RFC 7661 section 4.4.3). */
  onUnused?(): void
}

export type CongestionControllerFactory = (config: TcpConfig) => CongestionController

/** Bytes: RFC 6928 section 2, min(10 * MSS, max(2 * MSS, 14600)). */
export const initialWindow = ({ initialWindow: segments }: TcpConfig, mss: number): number =>
  Math.min(segments * mss, Math.max(2 * mss, segments * 1460))

/**
 * What all controllers with a window have in common: the initial window, cwnd in whole units of the segment size, and
 * what was before the last reduction. They differ in how cwnd grows and by how much it falls.
 */
export abstract class WindowController implements CongestionController {
  abstract readonly name: string
  cwnd = 0
  ssthresh = Number.POSITIVE_INFINITY
  protected mss = 0
  protected initial = 0
  private synLost = false
  private before: { cwnd: number; ssthresh: number } | null = null

  constructor(protected readonly config: TcpConfig) {}

  /** How cwnd grows. */
  protected abstract grow(sample: AckSample): void

  onAck(sample: AckSample): void {
    const before = this.cwnd
    this.grow(sample)
    if (this.cwnd > sample.most) this.cwnd = Math.max(before, Math.floor(sample.most))
  }

  /** ssthresh after a loss with `flight` bytes in flight, or after an echo that is to count for less (RFC 8511). */
  protected abstract reduced(flight: number, gently: boolean): number
  /** What else there is to forget or to remember when cwnd falls. */
  protected abstract reset(timeout: boolean): void

  onMss(mss: number): void {
    this.initial = this.synLost ? mss : initialWindow(this.config, mss)
    if (this.mss === 0) this.cwnd = this.initial
    else if (mss !== this.mss) this.cwnd = Math.max(mss, Math.floor((this.cwnd / this.mss) * mss))
    this.mss = mss
    this.ssthresh = Math.max(this.ssthresh, 2 * mss)
  }

  onLoss(flight: number, _now: number, echoed = false): void {
    this.before = { cwnd: this.cwnd, ssthresh: this.ssthresh }
    this.ssthresh = this.reduced(this.base(flight), echoed && this.config.abe)
    this.reset(false)
    this.cwnd = this.ssthresh
  }

  private base(flight: number): number {
    return this.config.reduceFrom === 'cwnd' ? this.cwnd : flight
  }

  onRecovered(limit: number): void {
    this.cwnd = Math.min(this.ssthresh, limit)
  }

  onTimeout(flight: number, _now: number, first: boolean): void {
    if (first) {
      this.before = { cwnd: this.cwnd, ssthresh: this.ssthresh }
      this.ssthresh = this.reduced(this.base(flight), false)
    }
    this.reset(true)
    this.cwnd = this.mss
  }

  onSpurious(_now: number): void {
    if (!this.before) return
    this.cwnd = Math.max(this.cwnd, this.before.cwnd)
    this.ssthresh = Math.max(this.ssthresh, this.before.ssthresh)
  }

  adopt(cwnd: number, ssthresh: number): void {
    this.cwnd = cwnd
    this.ssthresh = ssthresh
  }

  startTo(ssthresh: number): void {
    this.ssthresh = Math.max(Math.floor(ssthresh), 2 * this.mss)
  }

  onSynLoss(): void {
    this.synLost = true
    this.cwnd = this.initial = this.mss
  }

  onIdle(): void {
    this.cwnd = Math.min(this.cwnd, this.initial)
  }

  onUnused(): void {
    this.ssthresh = Math.max(this.ssthresh, Math.floor(0.75 * this.cwnd))
    this.cwnd = Math.max(Math.min(this.cwnd, this.initial), this.cwnd >>> 1)
  }
}
