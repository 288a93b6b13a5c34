/** ms. */
const STEP = 0.01
const STEPS = 10_000

/** How late things happened, in ms, in steps of 10 µs up to 100 ms. */
export class Lateness {
  count = 0
  max = 0
  private readonly steps = new Uint32Array(STEPS)

  add(late: number): void {
    this.count++
    if (late > this.max) this.max = late
    this.steps[Math.min(Math.floor(late / STEP), STEPS - 1)]!++
  }

  /** What a share of `p` (0 .. 1) was not later than, rounded up to a step; 0 if there was nothing. */
  percentile(p: number): number {
    let left = Math.ceil(this.count * p)
    if (left === 0) return 0
    for (let i = 0; i < STEPS - 1; i++) {
      left -= this.steps[i]!
      if (left <= 0) return Math.min((i + 1) * STEP, this.max)
    }
    return this.max
  }
}
