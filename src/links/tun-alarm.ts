import { getLibc } from './tun-libc.js'
import { type Source, type Watch, watch } from './tun-poller.js'

/**
 * An alarm of real time that is finer than the millisecond of `setTimeout`: a timer of the kernel's, among the devices
 * that the poller of this thread waits for. It keeps the process alive until `close`. Linux only, with koffi.
 */
export class Alarm {
  /** When it rings, in ms on the clock of `performance.now()`; Infinity if it is not set. */
  at = Number.POSITIVE_INFINITY
  readonly #libc = getLibc()
  readonly #source: Source
  readonly #watch: Watch
  #closed = false

  /** `ring` is called at or after the time that was set, never before. Throws a TunError. */
  constructor(ring: () => void) {
    const fd = this.#libc.timerfd()
    const drain = () => {
      // Called whenever anything is readable, not only the timer.
      if (performance.now() < this.at) return false
      this.set(Number.POSITIVE_INFINITY)
      ring()
      return false
    }
    this.#source = { fd, referenced: true, drain }
    try {
      this.#watch = watch(this.#libc, this.#source)
    } catch (error) {
      this.#libc.close(fd)
      throw error
    }
  }

  /** Replaces the time set before; Infinity unsets it. */
  set(at: number): void {
    if (this.#closed || at === this.at) return
    this.at = at
    this.#libc.timerfdSet(this.#source.fd, at - performance.now())
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.at = Number.POSITIVE_INFINITY
    this.#watch.close()
    this.#libc.close(this.#source.fd)
  }
}
