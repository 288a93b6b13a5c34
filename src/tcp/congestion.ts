import type { TcpConfig } from './config.js'

/** What an acknowledgment of new data tells a congestion controller. Sizes in bytes, times in ms. */
export interface AckSample {
  /** Octets newly acknowledged. */
  acked: number
  /** FlightSize before this acknowledgment. */
  flight: number
  now: number
  /** The round-trip time measured with it, or -1. */
  rtt: number
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
  /** A loss was found by duplicate acknowledgments: once for each window (RFC 5681 section 3.2). */
  onLoss(flight: number, now: number): void
  /** Recovery is over: everything that was outstanding at the loss is acknowledged. */
  onRecovered(flight: number, now: number): void
  /** The retransmission timer expired. `first` is false while the same segment is backed off. */
  onTimeout(flight: number, now: number, first: boolean): void
  /** The SYN was lost: the initial window is one segment (RFC 5681 section 3.1). */
  onSynLoss(): void
  /** Sending starts again after `idle` ms of silence, longer than one RTO (RFC 5681 section 4.1). */
  onIdle(idle: number, rto: number): void
}

export type CongestionControllerFactory = (config: TcpConfig) => CongestionController

/** Slow start and congestion avoidance of RFC 5681, with appropriate byte counting (RFC 3465). */
export class Reno implements CongestionController {
  readonly name = 'reno'
  cwnd = 0
  ssthresh = Number.POSITIVE_INFINITY
  private mss = 0
  private initial = 0
  /** Octets acknowledged towards the next segment of growth in congestion avoidance. */
  private counted = 0
  /** In the slow start that follows a timeout. */
  private timedOut = false
  private synLost = false

  constructor(private readonly config: TcpConfig) {}

  onMss(mss: number): void {
    // RFC 6928 section 2: min(10 * MSS, max(2 * MSS, 14600)).
    const { initialWindow } = this.config
    this.initial = this.synLost ? mss : Math.min(initialWindow * mss, Math.max(2 * mss, initialWindow * 1460))
    if (this.mss === 0) this.cwnd = this.initial
    else if (mss !== this.mss) this.cwnd = Math.max(mss, Math.floor((this.cwnd / this.mss) * mss))
    this.mss = mss
  }

  onAck({ acked }: AckSample): void {
    if (this.cwnd < this.ssthresh) {
      // After a timeout every ACK may be for what was sent before it: RFC 3465 section 2.3 wants L = 1.
      this.cwnd += Math.min(acked, (this.timedOut ? 1 : this.config.abcLimit) * this.mss)
      return
    }
    this.timedOut = false
    this.counted += acked
    if (this.counted >= this.cwnd) {
      this.counted -= this.cwnd
      this.cwnd += this.mss
    }
  }

  onLoss(flight: number): void {
    this.ssthresh = this.half(flight)
    this.cwnd = this.ssthresh
    this.counted = 0
  }

  onRecovered(flight: number): void {
    // RFC 6582 section 3.2 step 3, full acknowledgment: no burst if the pipe has run empty.
    this.cwnd = Math.min(this.ssthresh, Math.max(flight, this.mss) + this.mss)
  }

  onTimeout(flight: number, _now: number, first: boolean): void {
    if (first) this.ssthresh = this.half(flight)
    this.cwnd = this.mss
    this.counted = 0
    this.timedOut = true
  }

  onSynLoss(): void {
    this.synLost = true
    this.cwnd = this.initial = this.mss
  }

  onIdle(): void {
    this.cwnd = Math.min(this.cwnd, this.initial)
  }

  /** Equation (4): from what is in flight, not from cwnd. */
  private half(flight: number): number {
    return Math.max(Math.floor(flight / 2), 2 * this.mss)
  }
}

export const reno: CongestionControllerFactory = config => new Reno(config)
