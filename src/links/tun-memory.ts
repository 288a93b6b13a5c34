import type { Libc } from './tun-libc.js'

/**
 * Where buffers are in memory, for calls that are given more than one. A buffer stays where it is for as long as it lives; one
 * that was transferred to another thread is empty here, and whoever uses an address looks at that first.
 */
export class MemoryAddresses {
  private readonly known = new WeakMap<ArrayBufferLike, number>()

  constructor(private readonly libc: Libc) {}

  /** Of the first byte of `chunk`. */
  of(chunk: Uint8Array): number {
    const { buffer } = chunk
    let address = this.known.get(buffer)
    if (address === undefined) {
      address = this.libc.addressOf(new Uint8Array(buffer))
      this.known.set(buffer, address)
    }
    return address + chunk.byteOffset
  }
}
