/** How much the random worlds sent again for what was lost. */
import { percentile } from '../../src/sim/statistics.js'
import type { Result } from './worlds.js'

/** Fewer segments than these say nothing: one needless copy would be a storm. */
const ENOUGH = 10

/** One number from each world that lost enough, and what they are together. */
export interface Spread {
  worlds: number
  median: number
  p90: number
  most: number
  /** The seed of the world with the most. */
  seed: number
}

/** Octets sent again for each octet of data that was lost: by the wires, or by a receiver that had no block for it. */
export const perLost = (r: Result): number => r.retransmittedBytes / (r.lostBytes + r.refusedBytes)

/** The same, where what went out again because every acknowledgment of it was lost counts as lost as well. */
export const perMissing = (r: Result): number =>
  r.retransmittedBytes / (r.lostBytes + r.refusedBytes + r.unheardBytes)

export function spread(results: readonly Result[], ratio: (result: Result) => number): Spread {
  const worlds = results
    .filter(result => result.lostData >= ENOUGH)
    .map(result => ({ seed: result.plan.seed, value: ratio(result) }))
    .sort((a, b) => a.value - b.value)
  const values = worlds.map(world => world.value)
  return {
    worlds: worlds.length,
    median: percentile(values, 0.5),
    p90: percentile(values, 0.9),
    most: values.at(-1) ?? Number.NaN,
    seed: worlds.at(-1)?.seed ?? Number.NaN,
  }
}
