/** Numbers in a list that grows without boxing them. */
export class Numbers {
  private array = new Float64Array(256)
  length = 0

  push(value: number): void {
    if (this.length === this.array.length) {
      const larger = new Float64Array(2 * this.length)
      larger.set(this.array)
      this.array = larger
    }
    this.array[this.length++] = value
  }

  at(i: number): number {
    return this.array[i]!
  }

  sorted(): Float64Array {
    return this.array.slice(0, this.length).sort()
  }
}

/** The value below which the part `p` (0 .. 1) of `sorted` lies, between two by a straight line; NaN if there is none. */
export function percentile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return Number.NaN
  const place = p * (sorted.length - 1)
  const low = Math.floor(place)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!)
}

export interface Distribution {
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** NaN for everything but `count` if there are no values. */
export function distribution(values: Numbers): Distribution {
  const sorted = values.sorted()
  const at = (p: number) => percentile(sorted, p)
  return {
    count: sorted.length,
    min: at(0),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  }
}

/** Jain's index: 1 if all shares are equal, 1/n if one has everything; NaN for no shares. */
export function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  const squares = shares.reduce((total, share) => total + share * share, 0)
  return squares === 0 ? Number.NaN : (sum * sum) / (shares.length * squares)
}
