import type { Lender } from '../wire/lender.js'

const LARGEST = 65536
const NONE: Uint8Array = new Uint8Array(0)

/** Slabs that no reader has seen, for all queues, by the logarithm of their size: from 2 KB to 64, at most 16 of each. */
const spare: Uint8Array[][] = Array.from({ length: 17 }, () => [])
const MOST_SPARE = 16
const SMALLEST = 2048

/**
 * In-order bytes the user has not read. Most segments die with the call that brought them, so their payload is copied,
 * once, into slabs; the reader gets views of them without a further copy. A lone message gets a slab of its own
 * size, a stream slabs that double; when the reader has kept up none is held, so that an idle connection costs nothing.
 * Large segments may be kept as they came, and go back to their lender if the reader has them copied; and slabs of which
 * everything was copied are used again.
 */
export class ReceiveQueue {
  private chunks: Uint8Array[] = []
  /** Whose each chunk is, if it can go back. */
  private lenders: (Lender | null)[] = []
  private first = 0
  private slab: Uint8Array = NONE
  /** Part of the slab is a chunk, or was taken; it has old bytes in it. */
  private shown = false
  private used = false
  /** The reader has had everything copied the last time. */
  private copies = false
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
        this.seal(true)
        room = this.renew(length)
      }
      const n = Math.min(room, length)
      this.slab.set(sourceView.of(source, offset, n), this.filled)
      this.filled += n
      offset += n
      length -= n
    }
  }

  /** A new slab; returns its size. */
  private renew(length: number): number {
    const size = Math.min(Math.max(length, this.nextSize), LARGEST)
    this.nextSize = Math.min(size * 2, LARGEST)
    const log = this.copies ? logOf(size) : 0
    const again = spare[log]!.pop()
    this.slab = again ?? new Uint8Array(this.copies ? 1 << log : size)
    this.used = again !== undefined
    this.shown = false
    this.filled = this.from = 0
    return this.slab.length
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
    while (this.first < this.chunks.length && at < target.length) {
      const chunk = this.chunks[this.first]!
      const n = Math.min(chunk.length, target.length - at)
      target.set(n === chunk.length ? chunk : chunk.subarray(0, n), at)
      at += n
      if (n < chunk.length) this.chunks[this.first] = chunk.subarray(n)
      else {
        this.lenders[this.first]?.takeBack(chunk)
        this.shift()
      }
    }
    // What is in no chunk yet need not become one.
    const n = Math.min(this.filled - this.from, target.length - at)
    if (n > 0) {
      target.set(slabView.of(this.slab, this.from, n), at)
      this.from += n
      at += n
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
  private seal(full = false): void {
    if (this.filled > this.from) {
      // Whoever has the last of it copied gives it back.
      if (full && !this.shown && this.slab.length >= SMALLEST) return this.pushSlab()
      // Whoever gets a view can see the whole buffer: nothing of another connection's may be in it.
      if (this.used) this.slab.fill(0, this.filled)
      this.used = false
      this.shown = true
      this.push(this.slab.subarray(this.from, this.filled), null)
    }
    this.from = this.filled
  }

  private pushSlab(): void {
    this.push(this.slab.subarray(this.from, this.filled), SLABS)
    this.shown = true
    this.from = this.filled
  }

  /** Everything is read: the slab is let go, and the next one is smaller. */
  private rest(): void {
    this.copies = !this.shown
    if (this.copies) putBack(this.slab)
    this.slab = NONE
    this.filled = this.from = 0
    // What is used again may be larger than need be.
    this.nextSize >>>= this.copies ? 1 : 2
  }
}

/** Of the next power of two, SMALLEST at least. */
const logOf = (size: number): number => 32 - Math.clz32(Math.max(size, SMALLEST) - 1)

function putBack(slab: Uint8Array): void {
  if (slab.length < SMALLEST) return
  const log = logOf(slab.length)
  if (slab.length === 1 << log && spare[log]!.length < MOST_SPARE) spare[log]!.push(slab)
}

const SLABS: Lender = { takeBack: chunk => putBack(new Uint8Array(chunk.buffer)) }

/** Parts of buffers. Segments often lie where the last one lay: then the view is there already. */
class LastView {
  private view: Uint8Array = NONE

  of(bytes: Uint8Array, offset: number, length: number): Uint8Array {
    const { view } = this
    const at = bytes.byteOffset + offset
    if (view.length === length && view.byteOffset === at && view.buffer === bytes.buffer) return view
    const made = bytes.subarray(offset, offset + length)
    // A large buffer is not kept for it.
    if (bytes.buffer.byteLength <= 2 * LARGEST) this.view = made
    return made
  }
}

const sourceView = new LastView()
const slabView = new LastView()
