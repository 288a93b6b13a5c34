/** Entries before it is worth looking which have arrived. */
const MANY = 4096

/** Counts the packets that a later one overtakes: what RFC 4737 section 3 calls reordered. */
export class Overtaking {
  count = 0
  /** When packets that have not been overtaken arrive, in the order they were sent: never falling. */
  private arrivals: number[] = []
  /** At so many it is looked again: twice what was left, so that it costs little however many are under way. */
  private most = MANY

  /** A packet was sent at `now` and arrives at `at`. */
  sent(now: number, at: number): void {
    while (this.arrivals.length > 0 && this.arrivals.at(-1)! > at) {
      this.arrivals.pop()
      this.count++
    }
    this.arrivals.push(at)
    if (this.arrivals.length >= this.most) this.forget(now)
  }

  private forget(now: number): void {
    const first = this.arrivals.findIndex(at => at > now)
    this.arrivals = first < 0 ? [] : this.arrivals.slice(first)
    this.most = Math.max(MANY, 2 * this.arrivals.length)
  }
}
