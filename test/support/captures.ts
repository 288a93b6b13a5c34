// Capture files built byte by byte from their drafts, in either byte order, without the code under test.
import { join } from './packets.js'

/** Integers in one byte order. */
export class Order {
  constructor(readonly little: boolean) {}

  private bytes(length: number, value: bigint): number[] {
    const big = Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 255n))
    return this.little ? big.reverse() : big
  }

  u16 = (value: number): number[] => this.bytes(2, BigInt(value))
  u32 = (value: number): number[] => this.bytes(4, BigInt(value))
  u64 = (value: bigint): number[] => this.bytes(8, value)
}

export const LITTLE = new Order(true)
export const BIG = new Order(false)

export interface Record {
  readonly bytes: ArrayLike<number>
  readonly seconds?: number
  /** In the unit of the file. */
  readonly fraction?: number
  /** On the wire; by default all of `bytes`. */
  readonly length?: number
  /** A lie. */
  readonly captured?: number
}

export interface PcapOptions {
  readonly order?: Order
  readonly nano?: boolean
  readonly linkType?: number
  readonly version?: number
}

export function pcap(records: readonly Record[], options: PcapOptions = {}): Uint8Array {
  const { order = LITTLE, nano = false, linkType = 101, version = 2 } = options
  const { u16, u32 } = order
  const head = [...u32(nano ? 0xa1b23c4d : 0xa1b2c3d4), ...u16(version), ...u16(4), ...u32(0), ...u32(0)]
  const body = records.map(({ bytes, seconds = 0, fraction = 0, length, captured }) =>
    join(
      u32(seconds),
      u32(fraction),
      u32(captured ?? bytes.length),
      u32(length ?? bytes.length),
      Array.from(bytes),
    ),
  )
  return join(head, u32(262_144), u32(linkType), ...body)
}

const padding = (bytes: ArrayLike<number>): number[] => new Array((4 - (bytes.length % 4)) % 4).fill(0)

/** The blocks of pcapng. */
export class Blocks {
  constructor(readonly order: Order) {}

  block(type: number, ...parts: ArrayLike<number>[]): Uint8Array {
    const body = join(...parts)
    const length = this.order.u32(12 + body.length)
    return join(this.order.u32(type), length, body, length)
  }

  section(major = 1): Uint8Array {
    const { u16, u32, u64 } = this.order
    return this.block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(major), u16(0), u64(-1n & 0xffff_ffff_ffff_ffffn))
  }

  option(code: number, value: ArrayLike<number>): number[] {
    const { u16 } = this.order
    return [...u16(code), ...u16(value.length), ...Array.from(value), ...padding(value)]
  }

  interface(linkType: number, options: number[] = [], snapLength = 0): Uint8Array {
    const { u16, u32 } = this.order
    return this.block(1, u16(linkType), u16(0), u32(snapLength), options)
  }

  enhanced(id: number, ticks: bigint, bytes: ArrayLike<number>, length = bytes.length): Uint8Array {
    const { u32 } = this.order
    const time = [...u32(Number(ticks >> 32n)), ...u32(Number(ticks & 0xffff_ffffn))]
    return this.block(6, u32(id), time, u32(bytes.length), u32(length), bytes, padding(bytes))
  }

  simple(bytes: ArrayLike<number>, length = bytes.length): Uint8Array {
    return this.block(3, this.order.u32(length), bytes, padding(bytes))
  }

  /** The obsolete Packet Block. */
  packet(id: number, ticks: bigint, bytes: ArrayLike<number>): Uint8Array {
    const { u16, u32 } = this.order
    const time = [...u32(Number(ticks >> 32n)), ...u32(Number(ticks & 0xffff_ffffn))]
    return this.block(2, u16(id), u16(7), time, u32(bytes.length), u32(bytes.length), bytes, padding(bytes))
  }
}
