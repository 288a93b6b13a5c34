/** Points of a graph, kept no closer together than can be seen. */
export class Points {
  readonly t: number[] = []
  readonly y: number[] = []
  private lastT = Number.NEGATIVE_INFINITY

  /** Of points less than `apart` ms after the one before only the last is kept; beyond `most` points none. */
  constructor(
    private readonly apart: number,
    private readonly most = 50_000,
  ) {}

  add(t: number, y: number): void {
    const i = this.t.length
    if (t - this.lastT < this.apart) {
      this.t[i - 1] = t
      this.y[i - 1] = y
      return
    }
    if (i >= this.most) return
    this.lastT = t
    this.t.push(t)
    this.y.push(y)
  }
}
