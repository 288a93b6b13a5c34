/**
 * Of a row whose length nobody knows yet, some that lie evenly in it: while there are too many, every second one of
 * those kept goes. Holds fewer than `2 * most` at any time.
 */
export class Thinner<T> {
  /** How many there have been since the last `take`. */
  total = 0
  private stride = 1
  private kept: T[] = []

  /** `most`: how many `take` will want at most, at least 1. */
  constructor(private readonly most: number) {}

  /** One more comes. Returns whether it is wanted: then `keep` it. */
  next(): boolean {
    return this.total++ % this.stride === 0
  }

  keep(item: T): void {
    this.kept.push(item)
    if (this.kept.length < 2 * this.most) return
    this.kept = this.kept.filter((_, i) => i % 2 === 0)
    this.stride *= 2
  }

  /** At most `count`, in order; begins anew. */
  take(count: number): T[] {
    const { kept } = this
    this.kept = []
    this.stride = 1
    this.total = 0
    if (kept.length <= count) return kept
    return Array.from({ length: count }, (_, i) => kept[Math.floor((i * kept.length) / count)]!)
  }
}
