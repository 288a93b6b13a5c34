import type { Lender } from '../wire/lender.js'

const LARGEST = 65536

/**
 * In-order bytes the user has not read. Most segments die with the call that brought them, so their payload is copied,
 * once, into slabs; the reader gets views of them without a further copy. A lone message gets a slab of its own
 * size, a stream slabs that double; when the reader has kept up none is held, so that an idle connection costs nothing.
 * Large segments may be kept as they came, and go back to their lender if the reader has them copied.
 */
export class ReceiveQueue {
  private chunks: Uint8Array[] = []
  /** Whose each chunk is, if it can go back. */
  private lenders: (Lender | null)[] = []
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

  /** Takes `chunk` as it is: its lender will not write to it until it has it back. */
  adopt(chunk: Uint8Array, lender: Lender): void {
    this.seal()
    this.push(chunk, lender)
    this.size += chunk.length
  }

  /**
   * Takes the oldest bytes, at most `max`; undefined if there are none. The view is the caller's to keep: the
   * queue never writes to those bytes again, and no lender has them back.
   */
  take(max = LARGEST): Uint8Array | undefined {
    let chunk = this.oldest()
    if (!chunk) return undefined
    if (chunk.length > max) {
      this.chunks[this.first] = chunk.subarray(max)
      this.lenders[this.first] = null
      chunk = chunk.subarray(0, max)
    } else this.shift()
    this.taken(chunk.length)
    return chunk
  }

  /** Copies the oldest bytes to `target`, as many as there are and fit; returns how many. */
  copyTo(target: Uint8Array): number {
    let at = 0
    for (let chunk = this.oldest(); chunk && at < target.length; chunk = this.oldest()) {
      const n = Math.min(chunk.length, target.length - at)
      target.set(n === chunk.length ? chunk : chunk.subarray(0, n), at)
      at += n
      if (n < chunk.length) this.chunks[this.first] = chunk.subarray(n)
      else {
        this.lenders[this.first]?.takeBack(chunk)
        this.shift()
      }
    }
    this.taken(at)
    return at
  }

  clear(): void {
    this.chunks.length = this.lenders.length = this.first = this.size = 0
    this.from = this.filled
    this.rest()
  }

  private oldest(): Uint8Array | undefined {
    if (this.first === this.chunks.length) this.seal()
    return this.chunks[this.first]
  }

  private push(chunk: Uint8Array, lender: Lender | null): void {
    this.chunks.push(chunk)
    this.lenders.push(lender)
  }

  /** The oldest chunk is gone. */
  private shift(): void {
    this.chunks[this.first] = NONE
    this.lenders[this.first++] = null
    if (this.first === this.chunks.length) this.chunks.length = this.lenders.length = this.first = 0
    else if (this.first >= 64 && this.first * 2 >= this.chunks.length) {
      this.chunks.splice(0, this.first)
      this.lenders.splice(0, this.first)
      this.first = 0
    }
  }

  private taken(length: number): void {
    this.size -= length
    if (this.size === 0 && length > 0) this.rest()
  }

  /** Turns what was filled since the last time into a chunk. */
  private seal(): void {
    if (this.filled > this.from) this.push(this.slab.subarray(this.from, this.filled), null)
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
