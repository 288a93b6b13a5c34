const SMALLEST = 2048
const LARGEST = 65536

/**
 * In-order bytes the user has not read. Segments die with the call that brought them, so their payload is copied,
 * once, into slabs; the reader gets views of them without a further copy. Slabs grow while data streams in and
 * shrink again when the reader has kept up, so that an idle connection holds none.
 */
export class ReceiveQueue {
  private chunks: Uint8Array[] = []
  private first = 0
  private slab: Uint8Array = NONE
  private filled = 0
  /** Where the part of the slab not yet turned into a chunk begins. */
  private from = 0
  private nextSize = SMALLEST
  private size = 0

  /** Bytes held. */
  get length(): number {
    return this.size
  }

  /** Copies `length` bytes of `source` in. */
  append(source: Uint8Array, offset: number, length: number): void {
    this.size += length
    while (length > 0) {
      let room = this.slab.length - this.filled
      if (room === 0) {
        this.seal()
        // One exact allocation serves a lone message; a stream doubles its slabs.
        this.slab = new Uint8Array(this.nextSize > length ? this.nextSize : Math.min(length, LARGEST))
        this.filled = this.from = 0
        this.nextSize = Math.min(this.nextSize * 2, LARGEST)
        room = this.slab.length
      }
      const n = Math.min(room, length)
      this.slab.set(source.subarray(offset, offset + n), this.filled)
      this.filled += n
      offset += n
      length -= n
    }
  }

  /**
   * Takes the oldest bytes, at most `max`; undefined if there are none. The view is the caller's to keep: the
   * queue never writes to those bytes again.
   */
  take(max = LARGEST): Uint8Array | undefined {
    if (this.first === this.chunks.length) this.seal()
    let chunk = this.chunks[this.first]
    if (!chunk) return undefined
    if (chunk.length > max) {
      this.chunks[this.first] = chunk.subarray(max)
      chunk = chunk.subarray(0, max)
    } else {
      this.chunks[this.first++] = NONE
      if (this.first === this.chunks.length) this.chunks.length = this.first = 0
    }
    this.size -= chunk.length
    if (this.size === 0) this.rest()
    return chunk
  }

  clear(): void {
    this.chunks.length = this.first = this.size = 0
    this.from = this.filled
    this.rest()
  }

  /** Turns what was filled since the last time into a chunk. */
  private seal(): void {
    if (this.filled > this.from) this.chunks.push(this.slab.subarray(this.from, this.filled))
    this.from = this.filled
  }

  /** Everything is read: a slab that is mostly used up is let go, and so is the memory of having been busy. */
  private rest(): void {
    if (this.slab.length - this.filled < this.slab.length >>> 2) {
      this.slab = NONE
      this.filled = this.from = 0
    }
    this.nextSize = Math.max(SMALLEST, this.nextSize >>> 1)
  }

  /** Lets go of a partly filled slab while nothing is waiting in it; for connections that have gone idle. */
  trim(): void {
    if (this.size > 0) return
    this.slab = NONE
    this.filled = this.from = 0
    this.nextSize = SMALLEST
  }
}

const NONE = new Uint8Array(0)
