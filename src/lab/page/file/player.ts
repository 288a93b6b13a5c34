import { computed, effect, signal } from '@preact/signals'

/** A moment to stop at: its time in ms, and where it stands on whatever is played, for how long a play takes to it. */
export interface Stop {
  readonly t: number
  readonly y: number
}

/** How fast a play goes at speed 1: of `y` in a second. */
const PACE = 90
/** No step of a play takes longer than this, ms, nor less. */
const [LONGEST, SHORTEST] = [900, 60]

/** Goes through moments one by one: by itself, or as it is told. It knows nothing of what they are moments of. */
export class Player {
  readonly index = signal(0)
  readonly playing = signal(false)
  readonly speed = signal(1)
  readonly t = computed(() => this.stops[this.index.value]?.t ?? 0)

  constructor(
    readonly stops: readonly Stop[],
    at = stops.length - 1,
  ) {
    this.index.value = Math.max(0, at)
  }

  get last(): number {
    return this.stops.length - 1
  }

  go(index: number): void {
    this.playing.value = false
    this.index.value = Math.max(0, Math.min(this.last, index))
  }

  step(by: number): void {
    this.go(this.index.peek() + by)
  }

  /** To the last moment that has come at a time. */
  seek(t: number): void {
    let low = 0
    let high = this.stops.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.stops[middle]!.t <= t) low = middle
      else high = middle
    }
    this.go(low)
  }

  toggle(): void {
    if (!this.playing.peek() && this.index.peek() >= this.last) this.index.value = 0
    this.playing.value = !this.playing.peek()
  }

  /** Plays while `playing`, until what is returned is called. */
  run(): () => void {
    return effect(() => {
      if (!this.playing.value) return
      const { value: index } = this.index
      if (index >= this.last) {
        this.playing.value = false
        return
      }
      const way = this.stops[index + 1]!.y - this.stops[index]!.y
      const wait = Math.max(SHORTEST, Math.min(LONGEST, (way / PACE) * 1000)) / this.speed.value
      const timer = setTimeout(() => {
        this.index.value = index + 1
      }, wait)
      return () => clearTimeout(timer)
    })
  }
}
