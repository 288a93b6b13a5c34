import { IpAddress } from '../wire/address.js'
import type { Flow } from './flow.js'
import { OwnAddresses } from './own-addresses.js'

/** Records in each block: what is allocated at once. */
const BITS = 10
const BLOCK = 1 << BITS

/** Places of what every record has, after the peer's address. */
const LOCAL = 0
const PORTS = 1
const CHOICES = 2
const NEXT = 3
const PREV = 4
const BUCKET = 5
const COMMON = 6

/** In NEXT: the record is in no list. */
export const UNLISTED = -2

/**
 * Fixed-size records of connections, of which there may be very many: numbers in flat arrays, not objects. A record is its
 * slot; it has a 4-tuple, links for one list, and as many numbers as the user says: int32 (or uint32, which come back as
 * int32) and doubles. Blocks are never given back, and slots are used again.
 */
export class RecordPool {
  /** Records there are. */
  count = 0
  private readonly blocks: Int32Array[] = []
  private readonly doubleBlocks: Float64Array[] = []
  /** The first free slot, linked by NEXT. */
  private free = -1
  private readonly own = new OwnAddresses()
  private readonly width: number
  private readonly words: number

  /** `version`: of both addresses. */
  constructor(
    private readonly version: 4 | 6,
    ints: number,
    private readonly doubles: number,
  ) {
    this.words = version === 4 ? 1 : 4
    this.width = this.words + COMMON + ints
  }

  /** Bytes held. */
  get bytes(): number {
    return this.blocks.length * BLOCK * (this.width * 4 + this.doubles * 8)
  }

  add(flow: Flow): number {
    if (this.free < 0) this.grow()
    const slot = this.free
    const block = this.blocks[slot >> BITS]!
    const at = this.place(slot)
    const common = at + this.words
    this.free = block[common + NEXT]!
    writeAddress(block, at, this.words, flow.remote)
    block[common + LOCAL] = this.own.join(flow.local)
    block[common + PORTS] = flow.ports
    block[common + CHOICES] = (flow.trafficClass << 8) | flow.hopLimit
    block[common + NEXT] = UNLISTED
    this.count++
    return slot
  }

  /** The record is gone; it must be in no list. */
  remove(slot: number): void {
    this.own.leave(this.common(slot, LOCAL))
    this.setNext(slot, this.free)
    this.free = slot
    this.count--
  }

  matches(
    slot: number,
    l0: number,
    l1: number,
    l2: number,
    l3: number,
    r0: number,
    r1: number,
    r2: number,
    r3: number,
    ports: number,
  ): boolean {
    const b = this.blocks[slot >> BITS]!
    const at = this.place(slot)
    const common = at + this.words
    if (b[common + PORTS] !== ports) return false
    if (this.version === 4) {
      if (b[at] !== r3 || (r0 | r1) !== 0 || r2 !== 0xffff) return false
    } else if (b[at + 3] !== r3 || b[at + 2] !== r2 || b[at + 1] !== r1 || b[at] !== r0) return false
    const { w0, w1, w2, w3 } = this.own.at(b[common + LOCAL]!)
    return w3 === l3 && w2 === l2 && w1 === l1 && w0 === l0
  }

  local(slot: number): IpAddress {
    return this.own.at(this.common(slot, LOCAL))
  }

  remote(slot: number): IpAddress {
    const b = this.blocks[slot >> BITS]!
    const at = this.place(slot)
    if (this.version === 4) return IpAddress.fromWords(4, 0, 0, 0xffff, b[at]!)
    return IpAddress.fromWords(6, b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!)
  }

  localPort(slot: number): number {
    return this.common(slot, PORTS) >>> 16
  }

  remotePort(slot: number): number {
    return this.common(slot, PORTS) & 0xffff
  }

  trafficClass(slot: number): number {
    return this.common(slot, CHOICES) >> 8
  }

  hopLimit(slot: number): number {
    return this.common(slot, CHOICES) & 0xff
  }

  // ---- the list it is in, and links to its neighbours there ----

  next(slot: number): number {
    return this.common(slot, NEXT)
  }

  setNext(slot: number, value: number): void {
    this.setCommon(slot, NEXT, value)
  }

  prev(slot: number): number {
    return this.common(slot, PREV)
  }

  setPrev(slot: number, value: number): void {
    this.setCommon(slot, PREV, value)
  }

  bucket(slot: number): number {
    return this.common(slot, BUCKET)
  }

  setBucket(slot: number, value: number): void {
    this.setCommon(slot, BUCKET, value)
  }

  // ---- the user's numbers ----

  int(slot: number, field: number): number {
    return this.common(slot, COMMON + field)
  }

  setInt(slot: number, field: number, value: number): void {
    this.setCommon(slot, COMMON + field, value)
  }

  double(slot: number, field: number): number {
    return this.doubleBlocks[slot >> BITS]![(slot & (BLOCK - 1)) * this.doubles + field]!
  }

  setDouble(slot: number, field: number, value: number): void {
    this.doubleBlocks[slot >> BITS]![(slot & (BLOCK - 1)) * this.doubles + field] = value
  }

  private place(slot: number): number {
    return (slot & (BLOCK - 1)) * this.width
  }

  private common(slot: number, field: number): number {
    return this.blocks[slot >> BITS]![this.place(slot) + this.words + field]!
  }

  private setCommon(slot: number, field: number, value: number): void {
    this.blocks[slot >> BITS]![this.place(slot) + this.words + field] = value
  }

  private grow(): void {
    const first = this.blocks.length * BLOCK
    this.blocks.push(new Int32Array(BLOCK * this.width))
    this.doubleBlocks.push(new Float64Array(BLOCK * this.doubles))
    for (let slot = first + BLOCK - 1; slot >= first; slot--) {
      this.setNext(slot, this.free)
      this.free = slot
    }
  }
}

function writeAddress(block: Int32Array, at: number, words: number, { w0, w1, w2, w3 }: IpAddress): void {
  if (words === 1) {
    block[at] = w3
    return
  }
  block[at] = w0
  block[at + 1] = w1
  block[at + 2] = w2
  block[at + 3] = w3
}
