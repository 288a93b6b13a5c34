import type { Libc, LoopPoll } from './tun-libc.js'
import type { Source, Watch } from './tun-poller.js'

/** Watches a device from the event loop: no thread has to be woken up to wake this one. */
export function watchInLoop(libc: Libc, source: Source): Watch {
  return new LoopWatch(libc, source)
}

class LoopWatch implements Watch {
  readonly #poll: LoopPoll
  readonly #source: Source
  #immediate: NodeJS.Immediate | undefined
  #closed = false
  readonly #turn = () => {
    this.#immediate = undefined
    this.#look()
  }

  constructor(libc: Libc, source: Source) {
    this.#source = source
    // While a turn of ours is due, what the loop says is known.
    this.#poll = libc.pollInLoop(source.fd, () => {
      if (this.#immediate === undefined) this.#look()
    })
    this.referencesChanged()
  }

  #look(): void {
    if (this.#closed) return
    let more = true
    try {
      more = this.#source.drain()
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
    if (more && !this.#closed) this.#immediate = setImmediate(this.#turn)
  }

  referencesChanged(): void {
    if (this.#source.referenced) this.#poll.ref()
    else this.#poll.unref()
  }

  close(): void {
    this.#closed = true
    clearImmediate(this.#immediate)
    this.#poll.close()
  }
}
