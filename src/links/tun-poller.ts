import { readSync, writeSync } from 'node:fs'
import type { Libc, PollMemory } from './tun-libc.js'

/** A device the poller watches. */
export interface Source {
  readonly fd: number
  /** Whether it keeps the process alive. */
  referenced: boolean
  /** Reads one burst. Returns true if there may be more. */
  drain(): boolean
}

/** ms. Bounds what a worker's `terminate` waits for, which gives no notice that it comes. */
const LONGEST_WAIT = 500

/** ms. How often, when nothing is referenced, the process gets the chance to end. */
const UNREFERENCED_WAIT = 50

/** The poller of this thread, while any device is attached. */
let poller: Poller | undefined

/** A device that is watched. */
export interface Watch {
  /** To be called after a change of `referenced`. */
  referencesChanged(): void
  close(): void
}

export function watch(libc: Libc, source: Source): Watch {
  poller ??= new Poller(libc, () => {
    poller = undefined
  })
  const mine = poller
  mine.add(source)
  return { referencesChanged: () => mine.referencesChanged(), close: () => mine.remove(source) }
}

/**
 * Waits for all attached devices with one `poll` on one thread of libuv's pool, however many they are: the
 * pool has four, and file and DNS calls need them too. The thread polls an epoll set rather than the devices,
 * since a device may be taken out of a set and closed while a thread polls the set, not while it polls the
 * device.
 */
class Poller {
  readonly #libc: Libc
  readonly #sources = new Set<Source>()
  readonly #released: () => void
  readonly #epoll: number
  /** An eventfd in the set: writing to it ends the wait. */
  readonly #bell: number
  readonly #pollfd: PollMemory
  #waiting = false
  #rung = false
  #immediate: NodeJS.Immediate | undefined
  #gap: NodeJS.Timeout | undefined
  #lastGap = 0
  readonly #onPoll = () => this.#polled()
  readonly #onTurn = () => this.#turn()
  readonly #onExit = () => this.#ring()

  constructor(libc: Libc, released: () => void) {
    this.#libc = libc
    this.#released = released
    this.#epoll = libc.epollCreate()
    try {
      this.#bell = libc.eventfd()
    } catch (error) {
      libc.close(this.#epoll)
      throw error
    }
    libc.epollAdd(this.#epoll, this.#bell)
    this.#pollfd = libc.pollMemory(this.#epoll)
    // The process does not end before the threads of the pool have returned.
    process.on('exit', this.#onExit)
  }

  add(source: Source): void {
    this.#libc.epollAdd(this.#epoll, source.fd)
    this.#sources.add(source)
    this.referencesChanged()
    this.#next(false)
  }

  remove(source: Source): void {
    this.#libc.epollDelete(this.#epoll, source.fd)
    this.#sources.delete(source)
    if (this.#sources.size > 0) this.referencesChanged()
    else if (this.#waiting) this.#ring()
    else this.#cutShort()
  }

  /** A device was added, removed, referenced or unreferenced: the wait under way may be of the wrong sort. */
  referencesChanged(): void {
    if (!this.#referenced()) this.#ring()
    else if (this.#gap !== undefined) this.#cutShort()
  }

  /** Ends a pause, without delivering packets inside the call that asks for it. */
  #cutShort(): void {
    if (this.#immediate === undefined && this.#gap === undefined) return
    this.#clearPause()
    this.#next(false)
  }

  #clearPause(): void {
    clearImmediate(this.#immediate)
    clearTimeout(this.#gap)
    this.#immediate = this.#gap = undefined
  }

  #referenced(): boolean {
    for (const source of this.#sources) if (source.referenced) return true
    return false
  }

  #ring(): void {
    if (this.#rung || !this.#waiting) return
    this.#rung = true
    writeSync(this.#bell, one)
  }

  #polled(): void {
    this.#waiting = false
    if (this.#rung) {
      this.#rung = false
      readSync(this.#bell, scratch)
    }
    this.#turn()
  }

  #turn(): void {
    this.#clearPause()
    let more = false
    for (const source of this.#sources) {
      try {
        more = source.drain() || more
      } catch (error) {
        // The other devices and the packets still waiting are not to suffer for it.
        more = true
        queueMicrotask(() => {
          throw error
        })
      }
    }
    this.#next(more)
  }

  #next(more: boolean): void {
    if (this.#waiting || this.#immediate !== undefined || this.#gap !== undefined) return
    if (this.#sources.size === 0) {
      this.#release()
      return
    }
    let wait = LONGEST_WAIT
    if (!this.#referenced()) {
      // A call on the pool keeps the event loop alive and cannot be unreferenced. A pause between two calls,
      // in which only an unreferenced timer is left, lets the loop end if nobody else needs it.
      const now = performance.now()
      wait = Math.ceil(this.#lastGap + UNREFERENCED_WAIT - now)
      if (wait <= 0) {
        this.#lastGap = now
        this.#gap = setTimeout(this.#onTurn, 1).unref()
        return
      }
    }
    if (more) {
      this.#immediate = setImmediate(this.#onTurn)
    } else {
      this.#libc.poll(this.#pollfd, wait, this.#onPoll)
      this.#waiting = true
    }
  }

  #release(): void {
    process.off('exit', this.#onExit)
    this.#pollfd.free()
    this.#libc.close(this.#bell)
    this.#libc.close(this.#epoll)
    this.#released()
  }
}

const one = new Uint8Array(new BigUint64Array([1n]).buffer)
const scratch = new Uint8Array(8)
