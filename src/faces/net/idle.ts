import type { Timers } from './options.js'

/** The largest delay `setTimeout` takes, in ms. */
const LONGEST = 2 ** 31 - 1

/** An alarm that each sign of life puts off: `socket.setTimeout`. */
export class IdleTimer {
  readonly #timers: Timers
  readonly #expired: () => void
  #ms = 0
  #timer: unknown

  constructor(timers: Timers, expired: () => void) {
    this.#timers = timers
    this.#expired = expired
  }

  /** After `ms` of silence; 0 turns it off. */
  start(ms: number): void {
    this.stop()
    this.#ms = Math.min(ms, LONGEST)
    if (ms > 0) this.#arm()
  }

  stop(): void {
    if (this.#ms > 0) this.#timers.clearTimeout(this.#timer)
    this.#ms = 0
    this.#timer = undefined
  }

  /** A sign of life. Also starts it again once it has gone off, as Node's does. */
  refresh(): void {
    if (this.#ms === 0) return
    const timer = this.#timer as { refresh?: () => void } | undefined
    // Node moves the timer to the end of a list: far cheaper, for one that hardly ever goes off, than a new one.
    if (timer?.refresh) {
      timer.refresh()
      return
    }
    this.#timers.clearTimeout(timer)
    this.#arm()
  }

  #arm(): void {
    this.#timer = this.#timers.setTimeout(this.#expired, this.#ms)
  }
}
