import { closeSync, openSync, writeSync } from 'node:fs'
import type { StackObserver } from '../stack/observe.js'
import { LiveCapture, PcapngWriter } from '../trace/index.js'

/** Bytes held back at most, and for how long, in ms: whoever looks at the file while it grows need not wait. */
const HELD = 1 << 18
const HELD_FOR = 200

/** A capture that is written while packets go by. */
export class CaptureFile {
  private readonly fd: number
  private readonly writer: PcapngWriter
  private live: LiveCapture | undefined
  private blocks: Uint8Array[] = []
  private size = 0
  private timer: NodeJS.Timeout | undefined
  private closed = false

  /** Throws an error that names the file if it cannot be written. */
  constructor(
    private readonly path: string,
    application: string,
  ) {
    try {
      this.fd = openSync(path, 'w')
    } catch (error) {
      throw new Error(`cannot write ${path}: ${codeOf(error)}`)
    }
    this.writer = new PcapngWriter(block => this.add(block), { application })
  }

  /** What to give the stack as its observer. `now` is the time on the stack's clock. */
  observe(host: string, now: number): StackObserver {
    this.live = new LiveCapture(this.writer, host, Date.now() - now)
    return this.live.observer
  }

  /** Writes all that is left. Idempotent. */
  close(): void {
    if (this.closed) return
    this.live?.flush()
    this.write()
    if (this.closed) return
    this.closed = true
    closeSync(this.fd)
  }

  private add(block: Uint8Array): void {
    if (this.closed) return
    this.blocks.push(block)
    this.size += block.length
    if (this.size >= HELD) this.write()
    else this.timer ??= setTimeout(() => this.write(), HELD_FOR).unref()
  }

  private write(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const bytes = Buffer.concat(this.blocks.splice(0))
    this.size = 0
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at)
    } catch (error) {
      // A full disk is no reason to drop connections.
      console.error(`estab: warning: cannot write ${this.path}: ${codeOf(error)}; the capture ends here`)
      this.closed = true
      closeSync(this.fd)
    }
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error)
