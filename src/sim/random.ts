/**
 * A small seeded generator (sfc32): everything random in a world comes from its seed, so that a seed reproduces it.
 * Not for secrets.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(seed: number) {
    this.a = seed | 0
    this.b = (seed / 0x1_0000_0000) | 0
    this.c = 0x9e3779b9 | 0
    for (let i = 0; i < 12; i++) this.next32()
  }

  /** A uniform int32. */
  next32(): number {
    const t = (this.a + this.b + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + t
    this.c |= 0
    return t
  }

  /** Uniform in [0, 1). */
  next(): number {
    return (this.next32() >>> 0) / 0x1_0000_0000
  }

  /** A uniform integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return p > 0 && this.next() < p
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.next32() >>> 11
  }

  /** A generator of its own for a part of the world, so that one part's draws do not disturb another's. */
  fork(): Random {
    return new Random((this.next32() >>> 0) + (this.next32() >>> 12) * 0x1_0000_0000)
  }
}
