import type { Part } from './capture.js'
import type { Opened, Request, Result } from './messages.js'
import type { ScriptFilm, Unreadable } from './script.js'

/** An answer did not come within its time. */
export class TooLong extends Error {
  override readonly name = 'TooLong'
}

interface Waiting {
  resolve(result: never): void
  reject(error: Error): void
  timer: number | undefined
}

/** A worker with one open file. What it does can be given up at any time: `close` ends it. */
export class Reader {
  private readonly worker: Worker
  private readonly waiting = new Map<number, Waiting>()
  private asked = 0
  /** It ended, or was ended. */
  closed = false

  constructor() {
    this.worker = new Worker(new URL('./file-worker.js', import.meta.url), { type: 'module' })
    this.worker.onmessage = ({ data }: MessageEvent<{ id: number; result?: Result; error?: string }>) => {
      const waiting = this.waiting.get(data.id)
      if (!waiting) return
      this.waiting.delete(data.id)
      clearTimeout(waiting.timer)
      if (data.error === undefined) waiting.resolve(data.result as never)
      else waiting.reject(new Error(data.error))
    }
    // It could not be loaded, or ran out of memory.
    this.worker.onerror = event => {
      event.preventDefault()
      this.fail(new Error(event.message || 'the worker has ended'))
    }
  }

  open(what: Blob | string): Promise<Opened> {
    return this.ask({ kind: 'open', what })
  }

  part(index: number, from: number): Promise<Part> {
    return this.ask({ kind: 'part', index, from })
  }

  octets(index: number, segment: number): Promise<Uint8Array> {
    return this.ask({ kind: 'octets', index, segment })
  }

  /** Runs a script; throws a TooLong if that takes more than `patience` ms, after which this reader is closed. */
  script(request: Request & { kind: 'script' }, patience: number): Promise<ScriptFilm | Unreadable> {
    return this.ask(request, patience)
  }

  close(): void {
    this.fail(new Error('closed'))
  }

  private ask<Answer>(request: Request, patience?: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new Error('closed'))
      const id = ++this.asked
      const timer =
        patience === undefined ? undefined : window.setTimeout(() => this.fail(new TooLong()), patience)
      this.waiting.set(id, { resolve, reject, timer })
      this.worker.postMessage({ id, request })
    })
  }

  private fail(error: Error): void {
    this.closed = true
    this.worker.terminate()
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer)
      reject(error)
    }
    this.waiting.clear()
  }
}
