import { distance, ge, gt, le, lt, min } from './sequence.js'

/** A run of out-of-order bytes with its own copy of them, which begins at `data[at]`. */
interface Block {
  seq: number
  end: number
  data: Uint8Array
  at: number
}

/** The largest block, in bytes. */
const LARGEST = 65536

/** Ranges that may still be reported after the newest (RFC 2018 section 4: a block is repeated at least twice). */
const REMEMBERED = 8

/**
 * Data that arrived ahead of a gap (SHLD-31). Sorted, never overlapping: of bytes that arrive twice the first copy
 * wins, always, so nobody can change what a receiver already holds. Bytes are bounded by the window that was
 * promised, blocks by `maxBlocks`; a block past the limit is refused and the peer sends it again.
 *
 * Blocks that touch become one, the smaller copied into the larger, so that a range of bytes is never many blocks
 * and a segment costs a few binary searches, whatever its size and order (CVE-2018-5390). Of two blocks that touch
 * and are still two, one holds 16 KiB or more. The array moves at most `maxBlocks` references for each segment: by
 * default 8 KiB at the most, less than the checksum of a full segment reads seven times over.
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

  /**
   * Keeps what is new of `source[offset .. offset + length)` at `seq`. Returns how many bytes, from some place to the end,
   * had to be refused because of the limit.
   */
  insert(seq: number, source: Uint8Array, offset: number, length: number): number {
    const refused = this.keep(seq, source, offset, length)
    this.remember(seq)
    return refused
  }

  private keep(seq: number, source: Uint8Array, offset: number, length: number): number {
    const end = (seq + length) | 0
    let index = this.after(seq)
    // `index` is the first block that begins after seq; the one before may cover our beginning.
    const before = this.blocks[index - 1]
    if (before && gt(before.end, seq)) {
      if (ge(before.end, end)) return 0
      offset += distance(seq, before.end)
      seq = before.end
    }
    while (lt(seq, end)) {
      const next = this.blocks[index]
      const stop = next && lt(next.seq, end) ? next.seq : end
      // Where it ends stays so, whatever is joined to it.
      const nextEnd = next?.end ?? end
      const n = distance(seq, stop)
      if (n > 0) {
        const left = this.blocks[index - 1]
        if (left?.end === seq && append(left, source, offset, n)) {
          if (next?.seq === stop && this.join(index - 1)) index--
        } else if (next?.seq === stop && prepend(next, source, offset, n)) {
          // It may touch the block before it as well, if that one was too large to take the piece.
        } else {
          if (this.blocks.length >= this.maxBlocks) return distance(seq, end)
          this.blocks.splice(index, 0, { seq, end: stop, data: source.slice(offset, offset + n), at: 0 })
          index++
        }
        this.bytes += n
      }
      if (!next || stop === end) break
      offset += n + distance(stop, nextEnd)
      seq = nextEnd
      index++
    }
    return 0
  }

  /** Makes one block of `index` and the next, which it touches; false if they are too large for that. */
  private join(index: number): boolean {
    const left = this.blocks[index]!
    const right = this.blocks[index + 1]!
    const [l, r] = [distance(left.seq, left.end), distance(right.seq, right.end)]
    const joined = l < r ? prepend(right, left.data, left.at, l) : append(left, right.data, right.at, r)
    if (joined) this.blocks.splice(l < r ? index : index + 1, 1)
    return joined
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
      deliver(block.data, block.at + distance(block.seq, rcvNxt), distance(rcvNxt, end))
      rcvNxt = end
    }
    if (taken > 0) this.blocks.splice(0, taken)
    return rcvNxt
  }

  /**
   * Writes up to `max` SACK ranges into `edges`, the most recently changed first (RFC 2018 section 4). Adjoining
   * blocks are one range. Returns how many. Costs a search for each range, however many blocks there are.
   * `more`: so many acknowledgments follow at once, the last of which speaks of the newest; this one of older ones.
   */
  ranges(edges: Int32Array, max: number, more = 0): number {
    let n = 0
    for (let i = this.blocks.length - 1 - more; more > 0 && i >= 0 && n < max; i--)
      n = this.report(edges, n, i, this.blocks[i]!.seq)
    if (n > 0) return n
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

  /** Notes that something arrived at `seq`, in the place of what was noted of the same block. */
  private remember(seq: number): void {
    const block = this.blocks[this.after(seq) - 1]
    const { recent } = this
    if (!block || le(block.end, seq)) return
    const isIn = (other: number) => ge(other, block.seq) && lt(other, block.end)
    if (recent.length > 0 && isIn(recent[0]!)) return
    for (let i = recent.length - 1; i > 0; i--) if (isIn(recent[i]!)) recent.splice(i, 1)
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

/** Adds bytes at the end of a block; false if it has no room and may not grow. */
function append(block: Block, source: Uint8Array, offset: number, n: number): boolean {
  const used = distance(block.seq, block.end)
  if (block.at + used + n > block.data.length && !grow(block, used, n, block.at)) return false
  copy(block.data, block.at + used, source, offset, n)
  block.end = (block.end + n) | 0
  return true
}

/** Adds bytes in front of a block; false if it has no room and may not grow. */
function prepend(block: Block, source: Uint8Array, offset: number, n: number): boolean {
  const used = distance(block.seq, block.end)
  const behind = block.data.length - block.at - used
  if (block.at < n && !grow(block, used, n, -behind - 1)) return false
  block.at -= n
  copy(block.data, block.at, source, offset, n)
  block.seq = (block.seq - n) | 0
  return true
}

/**
 * Twice the room at least, so that a block is moved sixteen times in its life and no more. `keep` is the room to leave
 * in front, or, less than zero, -1 less the room to leave behind: the other side gets the rest.
 */
function grow(block: Block, used: number, n: number, keep: number): boolean {
  if (used + n > LARGEST || block.data.length === LARGEST) return false
  const wanted = keep < 0 ? -keep - 1 : keep
  const size = Math.min(LARGEST, Math.max(wanted + used + n, block.data.length * 2))
  const spare = Math.min(wanted, size - used - n)
  const data = new Uint8Array(size)
  const at = keep < 0 ? size - spare - used : spare
  data.set(block.data.subarray(block.at, block.at + used), at)
  block.data = data
  block.at = at
  return true
}

const copy = (target: Uint8Array, at: number, source: Uint8Array, offset: number, n: number): void =>
  target.set(source.subarray(offset, offset + n), at)
