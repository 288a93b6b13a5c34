const LARGEST = 65536

/**
 * In-order bytes the user has not read. Most segments die with the call that brought them, so their payload is copied,
 * once, into slabs; the reader gets views of them without a further copy. A lone message gets a slab of its own
 * size, a stream slabs that double; when the reader has kept up none is held, so that an idle connection costs nothing.
 */
export class ReceiveQueue {
  private chunks: Uint8Array[] = []
  private first = 0
  private slab: Uint8Array = NONE
  private filled = 0
  /** Where the part of the slab not yet turned into a chunk begins. */
  private from = 0
  private nextSize = 0
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
        room = Math.min(Math.max(length, this.nextSize), LARGEST)
        this.slab = new Uint8Array(room)
        this.filled = this.from = 0
        this.nextSize = Math.min(room * 2, LARGEST)
      }
      const n = Math.min(room, length)
      this.slab.set(source.subarray(offset, offset + n), this.filled)
      this.filled += n
      offset += n
      length -= n
    }
  }

  /** Takes `chunk` as it is: nobody will write to it again. */
  adopt(chunk: Uint8Array): void {
    this.seal()
    this.chunks.push(chunk)
    this.size += chunk.length
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
      else if (this.first >= 64 && this.first * 2 >= this.chunks.length) {
        this.chunks.splice(0, this.first)
        this.first = 0
      }
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

  /** Everything is read: the slab is let go, and the next one is smaller. */
  private rest(): void {
    this.slab = NONE
    this.filled = this.from = 0
    this.nextSize >>>= 2
  }
}

const NONE = new Uint8Array(0)
