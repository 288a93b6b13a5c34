/** The largest of what came in the last so many rounds. Rounds are counted by whoever adds, and never go back. */
export class WindowedMax {
  max = 0
  private readonly largest: Float64Array
  private round = 0

  constructor(rounds: number) {
    this.largest = new Float64Array(rounds)
  }

  add(value: number, round: number): void {
    const { largest } = this
    const rounds = largest.length
    if (round > this.round) {
      // What is older than the window goes, and with it perhaps the largest.
      for (let old = Math.max(this.round + 1, round - rounds + 1); old <= round; old++)
        largest[old % rounds] = 0
      this.round = round
      this.max = Math.max(...largest)
    }
    const place = round % rounds
    if (value > largest[place]!) largest[place] = value
    if (value > this.max) this.max = value
  }
}
