import type { TcpConfig } from './config.js'

/** The retransmission timer's value (RFC 6298). All values in ms. */
export class RtoEstimator {
  /** Smoothed round-trip time; -1 before the first sample. */
  srtt = -1
  rttvar = 0
  /** The last sample and the smallest ever. */
  latest = -1
  min = Number.POSITIVE_INFINITY
  /** Consecutive doublings (section 5.5). */
  backoff = 0
  private base: number

  constructor(private readonly config: TcpConfig) {
    this.base = config.initialRto
  }

  /** The RTO in force, backed off. */
  get rto(): number {
    const { rtoSlop, maxRto } = this.config
    const slop = this.backoff > 0 || this.srtt >= 0 ? rtoSlop : 0
    return Math.min(this.base * 2 ** this.backoff + slop, maxRto)
  }

  /** Takes one measurement R' (sections 2.2 and 2.3). Karn's rule is the caller's (section 3). */
  sample(r: number, weight = 1): void {
    this.latest = r
    // Coarse samples, of an echoed timestamp, may say 0.
    if (weight === 1 && r < this.min) this.min = r
    if (this.srtt < 0) {
      this.srtt = r
      this.rttvar = r / 2
    } else {
      // RFC 7323 appendix G: with several samples each round trip the gains shrink, so that history lasts as long.
      this.rttvar += (Math.abs(this.srtt - r) - this.rttvar) * (0.25 * weight)
      this.srtt += (r - this.srtt) * (0.125 * weight)
    }
    const { minRto, maxRto, minRtoBounds, clockGranularity } = this.config
    const floor = minRtoBounds === 'variance' ? Math.max(minRto, clockGranularity) : clockGranularity
    this.base = Math.min(Math.max(this.srtt + Math.max(floor, 4 * this.rttvar), minRto), maxRto)
    this.backoff = 0
  }

  /** Begins with what another connection has measured (RFC 9040); its own samples are mixed in. The timer is not shorter for it. */
  adopt(srtt: number, rttvar: number): void {
    if (srtt < 0 || this.srtt >= 0) return
    const before = this.base
    this.srtt = srtt
    this.rttvar = rttvar
    this.base = Math.max(before, Math.min(srtt + 4 * rttvar, this.config.maxRto))
  }

  /** The timer expired: double (section 5.5). */
  backOff(): void {
    if (this.rto < this.config.maxRto) this.backoff++
  }

  /** The SYN had to be sent again: data starts with an RTO of 3 s (section 5.7). */
  restartAfterSynLoss(): void {
    if (this.srtt < 0) this.base = Math.max(3000, this.config.minRto)
    this.backoff = 0
  }
}
