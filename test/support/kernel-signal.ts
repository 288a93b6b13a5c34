/** Something may have changed: whoever waits looks again. */
export class Signal {
  readonly #waiting = new Set<() => void>()

  notify(): void {
    for (const look of this.#waiting) look()
  }

  /** Resolves as soon as `condition` holds; rejects with `what` it was that did not come in `ms`. */
  async until(condition: () => boolean, what: string | (() => string), ms = 20_000): Promise<void> {
    if (condition()) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let look: (() => void) | undefined
    // Where the caller was, which a timer does not know.
    const late = new Error()
    try {
      await new Promise<void>((resolve, reject) => {
        look = () => {
          try {
            if (condition()) resolve()
          } catch (error) {
            reject(error as Error)
          }
        }
        this.#waiting.add(look)
        timer = setTimeout(() => {
          late.message = `${typeof what === 'string' ? what : what()}: waited ${ms} ms in vain`
          reject(late)
        }, ms)
      })
    } finally {
      clearTimeout(timer)
      if (look) this.#waiting.delete(look)
    }
  }

  /** Resolves at the next change, or after `ms` at the latest. */
  next(ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#waiting.add(done)
    })
  }
}
