import { distance, ge, gt, le, lt, min } from './sequence.js'

/** A run of out-of-order bytes with its own copy of them. */
interface Block {
  seq: number
  end: number
  data: Uint8Array
}

/** Ranges that may still be reported after the newest (RFC 2018 section 4: a block is repeated at least twice). */
const REMEMBERED = 8

/**
 * Data that arrived ahead of a gap (SHLD-31). Sorted, never overlapping: of bytes that arrive twice the first copy
 * wins, always, so nobody can change what a receiver already holds. Bytes are bounded by the window that was
 * promised, blocks by `maxBlocks`; a block past the limit is refused and the peer sends it again.
 */
export class Reassembly {
  private blocks: Block[] = []
  /** Where data arrived last, the newest first; one place in each range. */
  private recent: number[] = []
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
    this.remember(seq)
    let index = this.after(seq)
    // `index` is the first block that begins after seq; the one before may cover our beginning.
    const before = this.blocks[index - 1]
    if (before && gt(before.end, seq)) {
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
          const block = { seq, end: stop, data: source.slice(offset, offset + n) }
          this.blocks.splice(index, 0, block)
          index++
        }
        this.bytes += n
      }
      if (!next || stop === end) break
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
    return true
  }

  /** The first stretch of `seq .. end` that is held already; undefined if none is. */
  overlap(seq: number, end: number): { start: number; end: number } | undefined {
    let index = this.after(seq) - 1
    if (index < 0 || !gt(this.blocks[index]!.end, seq)) index++
    const first = this.blocks[index]
    if (!first || !lt(first.seq, end)) return undefined
    let last = first.end
    for (let next = this.blocks[++index]; next?.seq === last; next = this.blocks[++index]) last = next.end
    return { start: gt(first.seq, seq) ? first.seq : seq, end: min(last, end) }
  }

  /** Where the first block begins; `otherwise` if there is none. */
  firstSeq(otherwise: number): number {
    return this.blocks[0]?.seq ?? otherwise
  }

  /**
   * Hands over, in order, everything that continues at `rcvNxt`, up to `limit` if that is given, and forgets it.
   * Returns the new RCV.NXT.
   */
  drain(
    rcvNxt: number,
    deliver: (bytes: Uint8Array, offset: number, length: number) => void,
    limit: number | null = null,
  ): number {
    let taken = 0
    for (const block of this.blocks) {
      if (gt(block.seq, rcvNxt)) break
      taken++
      this.bytes -= distance(block.seq, block.end)
      const end = limit === null ? block.end : min(block.end, limit)
      if (le(end, rcvNxt)) continue
      deliver(block.data, distance(block.seq, rcvNxt), distance(rcvNxt, end))
      rcvNxt = end
    }
    if (taken > 0) this.blocks.splice(0, taken)
    return rcvNxt
  }

  /**
   * Writes up to `max` SACK ranges into `edges`, the most recently changed first (RFC 2018 section 4). Adjoining
   * blocks are one range. Returns how many. Costs a search for each range, however many blocks there are.
   */
  ranges(edges: Int32Array, max: number): number {
    let n = 0
    for (const seq of this.recent) if (n < max) n = this.report(edges, n, this.after(seq) - 1, seq)
    // Room that is left is for those that have not been heard of for long, while they are few enough to look at.
    if (n < max && this.blocks.length <= 64)
      for (let i = 0; i < this.blocks.length && n < max; i++)
        n = this.report(edges, n, i, this.blocks[i]!.seq)
    return n
  }

  /** Adds the range around the block at `index`, if `seq` lies in it and it is not there yet; returns how many are. */
  private report(edges: Int32Array, n: number, index: number, seq: number): number {
    const block = this.blocks[index]
    if (!block || le(block.end, seq)) return n
    let first = index
    let last = index
    while (this.blocks[first - 1]?.end === this.blocks[first]!.seq) first--
    while (this.blocks[last + 1]?.seq === this.blocks[last]!.end) last++
    const start = this.blocks[first]!.seq
    for (let i = 0; i < n; i++) if (edges[2 * i] === start) return n
    edges[2 * n] = start
    edges[2 * n + 1] = this.blocks[last]!.end
    return n + 1
  }

  /** Notes that something arrived at `seq`; a place that continues the newest one takes its turn. */
  private remember(seq: number): void {
    const newest = this.blocks[this.after(seq) - 1]
    const { recent } = this
    if (
      recent.length > 0 &&
      newest &&
      newest.end === seq &&
      ge(recent[0]!, newest.seq) &&
      lt(recent[0]!, newest.end)
    )
      return
    const at = recent.indexOf(seq)
    if (at >= 0) recent.splice(at, 1)
    recent.unshift(seq)
    if (recent.length > REMEMBERED) recent.pop()
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
