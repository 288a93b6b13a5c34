import type { Environment } from '../stack/environment.js'

/** Settings of `realtime()`. */
export interface RealtimeOptions {
  /**
   * True if a pending wake must not keep the process alive. Only runtimes with `timer.unref` (Node, Deno,
   * Bun) have the notion; elsewhere it does nothing. Default false.
   */
  unref?: boolean | undefined
  /**
   * Where errors thrown by user code go. Default: thrown again in a microtask, so they become uncaught ones.
   */
  reportError?: ((error: unknown) => void) | undefined
  /** Stands in for the platform, for tests. Default: its globals. */
  host?: Partial<RealtimeHost> | undefined
}

/** The few functions of the platform that real time needs. */
export interface RealtimeHost {
  /** Monotonic milliseconds. */
  now(): number
  /** Calls back after `delay` milliseconds, 0 to 2^31-1. May be up to a millisecond early, as Node's is. */
  setTimeout(callback: () => void, delay: number): unknown
  clearTimeout(timer: unknown): void
  /** Calls back as soon as it can, where the platform has a way that takes less than a millisecond. */
  setImmediate?: ((callback: () => void) => unknown) | undefined
  clearImmediate?: ((timer: unknown) => void) | undefined
  /** Fills 1 to 65,536 bytes. */
  getRandomValues(bytes: Uint8Array): void
}

/** The largest delay `setTimeout` takes, in ms; above it, it fires at once. */
const LONGEST_DELAY = 2 ** 31 - 1

/** The most bytes `crypto.getRandomValues` fills in one call. */
const RANDOM_QUOTA = 65_536

function immediates(): Pick<RealtimeHost, 'setImmediate' | 'clearImmediate'> {
  const g = globalThis as Pick<RealtimeHost, 'setImmediate' | 'clearImmediate'>
  return { setImmediate: g.setImmediate, clearImmediate: g.clearImmediate }
}

const platform: RealtimeHost = {
  now: () => performance.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: timer => clearTimeout(timer as ReturnType<typeof setTimeout>),
  ...immediates(),
  getRandomValues: bytes => {
    crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>)
  },
}

/**
 * The environment of a stack that runs in real time: Node, Deno, Bun, a page or a worker. Each call returns
 * an environment of its own, with one wake.
 */
export function realtime(options: RealtimeOptions = {}): Environment {
  return new Realtime(options)
}

class Realtime implements Environment {
  readonly #host: RealtimeHost
  readonly #unref: boolean
  readonly #report: (error: unknown) => void
  #timer: unknown
  /** The timer is a turn of the loop: `setTimeout` would take a millisecond. */
  #immediate = false
  /** When the timer fires, on the clock of now(); it may be sooner than the wake, never later. */
  #firesAt = Number.POSITIVE_INFINITY
  #wakeAt = Number.POSITIVE_INFINITY
  #callback: (() => void) | undefined
  #essential = true
  readonly #fired = () => this.#onTimer()

  constructor(options: RealtimeOptions) {
    this.#host = options.host ? { ...platform, setImmediate: undefined, ...options.host } : platform
    this.#unref = options.unref ?? false
    this.#report = options.reportError ?? rethrow
  }

  now(): number {
    return this.#host.now()
  }

  fillRandom(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += RANDOM_QUOTA) {
      this.#host.getRandomValues(bytes.subarray(start, start + RANDOM_QUOTA))
    }
  }

  wakeAt(at: number, callback: () => void, essential = true): void {
    if (Number.isNaN(at)) throw new RangeError('wakeAt: the time is not a number')
    if (at === Number.POSITIVE_INFINITY) {
      this.cancelWake()
      return
    }
    this.#wakeAt = at
    this.#callback = callback
    if (essential !== this.#essential) {
      this.#essential = essential
      this.#hold()
    }
    // A timer that fires too soon only arms itself again. Deadlines mostly move later, so this saves the
    // clearing and arming of one timer per packet. Timers count whole milliseconds: less is not worth a new
    // one.
    if (this.#firesAt - at >= 1) this.#arm(this.#host.now())
  }

  cancelWake(): void {
    this.#callback = undefined
    this.#wakeAt = Number.POSITIVE_INFINITY
    this.#disarm()
  }

  reportError(error: unknown): void {
    this.#report(error)
  }

  #arm(now: number): void {
    this.#disarm()
    const delay = Math.min(Math.max(Math.ceil(this.#wakeAt - now), 0), LONGEST_DELAY)
    this.#firesAt = now + delay
    this.#immediate = delay === 0 && this.#host.setImmediate !== undefined
    this.#timer = this.#immediate
      ? this.#host.setImmediate!(this.#fired)
      : this.#host.setTimeout(this.#fired, delay)
    this.#hold()
  }

  /** Lets the process end before the timer fires, or keeps it. */
  #hold(): void {
    const timer = this.#timer as { ref?: () => void; unref?: () => void } | undefined
    if (this.#unref || !this.#essential) timer?.unref?.()
    else timer?.ref?.()
  }

  #disarm(): void {
    if (this.#firesAt === Number.POSITIVE_INFINITY) return
    if (this.#immediate) this.#host.clearImmediate?.(this.#timer)
    else this.#host.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#firesAt = Number.POSITIVE_INFINITY
  }

  #onTimer(): void {
    this.#timer = undefined
    this.#firesAt = Number.POSITIVE_INFINITY
    const callback = this.#callback
    if (callback === undefined) return
    const now = this.#host.now()
    if (now < this.#wakeAt) {
      this.#arm(now)
      return
    }
    this.#callback = undefined
    this.#wakeAt = Number.POSITIVE_INFINITY
    callback()
  }
}

function rethrow(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
