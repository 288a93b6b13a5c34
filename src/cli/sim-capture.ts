import { closeSync, openSync, writeSync } from 'node:fs'
import type { StackObserver } from '../stack/observe.js'
import { PcapngWriter } from '../trace/index.js'

/** Virtual time has no date; captures are given one, so that Wireshark shows a sensible day. */
const EPOCH = Date.UTC(2026, 0, 1)
/** Bytes that are written at once. */
const CHUNK = 1 << 20

/** A capture of the hosts of a simulated world, each an interface, written while the world runs. */
export class SimCapture {
  private readonly fd: number
  private readonly writer: PcapngWriter
  private blocks: Uint8Array[] = []
  private held = 0

  /** Throws an error that names the file if it cannot be written. */
  constructor(
    private readonly path: string,
    private readonly snapLength: number | undefined,
  ) {
    try {
      this.fd = openSync(path, 'w')
    } catch (error) {
      throw this.failure(error)
    }
    this.writer = new PcapngWriter(block => this.add(block), { application: 'estab sim' })
  }

  /** What a host's stack is to be observed by. */
  observe(host: string): StackObserver {
    const { snapLength } = this
    const id = this.writer.addInterface({
      name: host,
      linkType: 'ip',
      ...(snapLength === undefined ? {} : { snapLength }),
    })
    return {
      packet: (direction, _iface, bytes, offset, length, now) =>
        this.writer.packet({ interface: id, time: EPOCH + now, bytes, offset, length, direction }),
    }
  }

  close(): void {
    this.write()
    closeSync(this.fd)
  }

  private add(block: Uint8Array): void {
    this.blocks.push(block)
    this.held += block.length
    if (this.held >= CHUNK) this.write()
  }

  private write(): void {
    const bytes = Buffer.concat(this.blocks.splice(0))
    this.held = 0
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at)
    } catch (error) {
      throw this.failure(error)
    }
  }

  private failure(error: unknown): Error {
    return new Error(`cannot write ${this.path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
}
