import type { Gathered, Placed } from './gathering.js'

/**
 * The last events, for who comes later: `most` at most. Half of the room is for what is rare, so that a long transfer
 * does not push out the handshake it began with.
 */
export class Tail {
  private readonly rare: Placed[] = []
  private readonly ordinary: Placed[] = []
  private left = 0
  private leftStates = 0

  constructor(private readonly most: number) {}

  add({ events, left, leftStates }: Gathered): void {
    this.left += left
    this.leftStates += leftStates
    for (const placed of events) (placed.rare ? this.rare : this.ordinary).push(placed)
    const half = Math.floor(this.most / 2)
    for (const row of [this.rare, this.ordinary])
      for (const { event } of row.splice(0, row.length - half)) {
        if (event.kind === 'segment') this.left++
        else this.leftStates++
      }
  }

  /** All that is remembered, and how much is not. */
  get gathered(): Gathered {
    const events = [...this.rare, ...this.ordinary].sort((a, b) => a.order - b.order)
    return { events, left: this.left, leftStates: this.leftStates }
  }
}
