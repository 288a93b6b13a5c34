import { distance, ge, gt, le, lt } from './sequence.js'

/** A run of out-of-order bytes with its own copy of them. */
interface Block {
  seq: number
  end: number
  data: Uint8Array
  /** When it was last added to, in arrivals: RFC 2018 reports the newest first. */
  touched: number
}

/**
 * Data that arrived ahead of a gap (SHLD-31). Sorted, never overlapping: of bytes that arrive twice the first copy
 * wins, always, so nobody can change what a receiver already holds. Bytes are bounded by the window that was
 * promised, blocks by `maxBlocks`; a block past the limit is refused and the peer sends it again.
 */
export class Reassembly {
  private blocks: Block[] = []
  private arrivals = 0
  /** Bytes held. */
  bytes = 0

  constructor(private readonly maxBlocks: number) {}

  get isEmpty(): boolean {
    return this.blocks.length === 0
  }

  get count(): number {
    return this.blocks.length
  }

  /** Keeps what is new of `source[offset .. offset + length)` at `seq`. Returns false if the limit was reached. */
  insert(seq: number, source: Uint8Array, offset: number, length: number): boolean {
    const end = (seq + length) | 0
    this.arrivals++
    let index = this.after(seq)
    // `index` is the first block that begins after seq; the one before may cover our beginning.
    const before = this.blocks[index - 1]
    if (before && gt(before.end, seq)) {
      before.touched = this.arrivals
      if (ge(before.end, end)) return true
      offset += distance(seq, before.end)
      seq = before.end
    }
    while (lt(seq, end)) {
      const next = this.blocks[index]
      const stop = next && lt(next.seq, end) ? next.seq : end
      const n = distance(seq, stop)
      if (n > 0) {
        if (!this.extend(index, seq, source, offset, n)) {
          if (this.blocks.length >= this.maxBlocks) return false
          const block = { seq, end: stop, data: source.slice(offset, offset + n), touched: this.arrivals }
          this.blocks.splice(index, 0, block)
          index++
        }
        this.bytes += n
      }
      if (!next || stop === end) break
      next.touched = this.arrivals
      offset += n + distance(next.seq, next.end)
      seq = next.end
      index++
    }
    return true
  }

  /** Appends to the block before `index` where it ends at `seq`, in place of making one more block. */
  private extend(index: number, seq: number, source: Uint8Array, offset: number, n: number): boolean {
    const block = this.blocks[index - 1]
    if (block?.end !== seq) return false
    const used = distance(block.seq, block.end)
    if (used + n > 65536) return false
    if (used + n > block.data.length) {
      const grown = new Uint8Array(Math.min(65536, Math.max(used + n, block.data.length * 2)))
      grown.set(block.data.length === used ? block.data : block.data.subarray(0, used))
      block.data = grown
    }
    block.data.set(source.subarray(offset, offset + n), used)
    block.end = (seq + n) | 0
    block.touched = this.arrivals
    return true
  }

  /**
   * Hands over, in order, everything that continues at `rcvNxt`, and forgets it. Returns the new RCV.NXT.
   */
  drain(rcvNxt: number, deliver: (bytes: Uint8Array, offset: number, length: number) => void): number {
    let taken = 0
    for (const block of this.blocks) {
      if (gt(block.seq, rcvNxt)) break
      taken++
      this.bytes -= distance(block.seq, block.end)
      if (le(block.end, rcvNxt)) continue
      const skip = distance(block.seq, rcvNxt)
      deliver(block.data, skip, distance(rcvNxt, block.end))
      rcvNxt = block.end
    }
    if (taken > 0) this.blocks.splice(0, taken)
    return rcvNxt
  }

  /**
   * Writes up to `max` SACK ranges into `edges`, the most recently changed first (RFC 2018 section 4). Adjoining
   * blocks are one range. Returns how many.
   */
  ranges(edges: Int32Array, max: number): number {
    // Ranges are few in practice; under attack there are at most maxBlocks, and this is one pass.
    const found: { seq: number; end: number; touched: number }[] = []
    for (const block of this.blocks) {
      const last = found[found.length - 1]
      if (last?.end === block.seq) {
        last.end = block.end
        last.touched = Math.max(last.touched, block.touched)
      } else found.push({ seq: block.seq, end: block.end, touched: block.touched })
    }
    found.sort((a, b) => b.touched - a.touched)
    const n = Math.min(max, found.length)
    for (let i = 0; i < n; i++) {
      edges[2 * i] = found[i]!.seq
      edges[2 * i + 1] = found[i]!.end
    }
    return n
  }

  /** Index of the first block that begins after `seq`. */
  private after(seq: number): number {
    let low = 0
    let high = this.blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (gt(this.blocks[middle]!.seq, seq)) high = middle
      else low = middle + 1
    }
    return low
  }
}
