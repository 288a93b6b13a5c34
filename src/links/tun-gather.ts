import type { Gathered } from '../wire/gathered.js'
import type { Libc } from './tun-libc.js'
import { MemoryAddresses } from './tun-memory.js'
import { LITTLE_ENDIAN } from './tun-offload.js'

/** More pieces than a payload comes in, and the headers. */
const MOST = 8

/**
 * Whether struct iovec is what is written here: two little-endian numbers of 64 bits. Elsewhere packets are copied
 * together, which is as right.
 */
export const canGather = (libc: Libc): boolean => libc.pointerSize === 8 && LITTLE_ENDIAN

/** Writes packets whose parts lie in several places with one call (`writev`), without copying them together. */
export class GatheringWriter {
  private readonly vectors = new Uint32Array(4 * MOST)
  private readonly bytes = new Uint8Array(this.vectors.buffer)
  private readonly addresses: MemoryAddresses

  constructor(
    private readonly libc: Libc,
    private readonly fd: number,
  ) {
    this.addresses = new MemoryAddresses(libc)
  }

  /**
   * `head[offset .. offset + length)` and then `payload`. Returns what writev does. Throws a RangeError for parts that end
   * behind their buffers: the kernel would read on.
   */
  write(head: Uint8Array, offset: number, length: number, payload: Gathered): number {
    const { count, chunks, from, lengths } = payload
    if (count >= MOST) throw new RangeError(`a payload in ${count} pieces`)
    this.put(0, head, offset, length)
    for (let i = 0; i < count; i++) this.put(i + 1, chunks[i]!, from[i]!, lengths[i]!)
    return this.libc.writev(this.fd, this.bytes, count + 1)
  }

  private put(i: number, chunk: Uint8Array, from: number, length: number): void {
    if (from < 0 || length < 0 || from + length > chunk.length)
      throw new RangeError('send: a part of the packet ends behind its buffer')
    const { vectors } = this
    const at = this.addresses.of(chunk) + from
    vectors[4 * i] = at % 2 ** 32
    vectors[4 * i + 1] = at / 2 ** 32
    vectors[4 * i + 2] = length
    vectors[4 * i + 3] = 0
  }
}
