/** Bytes: a smaller write is copied into a buffer of Node's, a larger one than the most into one of its own. */
const LEAST = 16_384
const MOST = 1 << 20

/** What waits to be used again, of the whole process, by size; and how much of it, at most. */
const spare = new Map<number, Uint8Array[]>()
const MOST_SPARE = 8 << 20
let spareBytes = 0

/**
 * Copies of large writes, in blocks that are used again once they are acknowledged: new memory would cost more than the
 * copy, since the kernel has to find and clear it page by page.
 */
export class SendBlocks {
  /** Blocks in the order of sending, and the position in the stream where each ends. */
  #held: Uint8Array[] = []
  #ends: number[] = []

  /** A copy of `bytes`, which end at `end` in the stream; undefined if a block is not the right thing for them. */
  copy(bytes: Uint8Array, end: number): Uint8Array | undefined {
    const { length } = bytes
    if (length < LEAST || length > MOST) return undefined
    const size = 2 ** Math.ceil(Math.log2(length))
    let block = spare.get(size)?.pop()
    if (block) spareBytes -= size
    else block = new Uint8Array(size)
    block.set(bytes)
    this.#held.push(block)
    this.#ends.push(end)
    return length === size ? block : block.subarray(0, length)
  }

  /** Everything before `position` is acknowledged: nobody reads it again. */
  release(position: number): void {
    let count = 0
    while (count < this.#held.length && this.#ends[count]! <= position) {
      const block = this.#held[count++]!
      if (spareBytes + block.length > MOST_SPARE) continue
      spareBytes += block.length
      const list = spare.get(block.length)
      if (list) list.push(block)
      else spare.set(block.length, [block])
    }
    if (count === 0) return
    this.#held.splice(0, count)
    this.#ends.splice(0, count)
  }
}
