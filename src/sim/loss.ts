import type { Random } from './random.js'

/** Says of each packet that goes over a line, in order, whether it is lost. */
export interface LossModel {
  isLost(random: Random): boolean
}

/**
 * Loss in bursts: a chain of two states, good and bad. Before each packet a good line goes bad with probability `p`
 * and a bad one recovers with `r`; so a burst is 1/r packets long on average, and p/(p + r) of all packets meet it.
 */
export interface GilbertElliottOptions {
  readonly p: number
  readonly r: number
  /** Probability of loss in each state: 0 and 1 if absent (Gilbert's model). */
  readonly good?: number
  readonly bad?: number
}

export class GilbertElliott implements LossModel {
  private isBad = false

  constructor(private readonly options: GilbertElliottOptions) {}

  isLost(random: Random): boolean {
    const { p, r, good = 0, bad = 1 } = this.options
    if (random.chance(this.isBad ? r : p)) this.isBad = !this.isBad
    return random.chance(this.isBad ? bad : good)
  }
}

/** The fraction of packets that are lost in the long run. */
export function stationaryLoss({ p, r, good = 0, bad = 1 }: GilbertElliottOptions): number {
  if (p + r === 0) return good
  return (r * good + p * bad) / (p + r)
}
