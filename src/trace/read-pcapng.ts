import { CaptureError, type CaptureFile, type Moment, PacketCollector } from './capture-file.js'

/** The capture format of Wireshark (draft-ietf-opsawg-pcapng). */
const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const PACKET = 2
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6
const BYTE_ORDER_MAGIC = 0x1a2b3c4d

const END_OF_OPTIONS = 0
const IF_TSRESOL = 9
const IF_TSOFFSET = 14

/** No block is larger, in bytes, as in Wireshark; one that claims to be and does not fit is broken, not cut off. */
const MAX_BLOCK = 16 * 1024 * 1024

interface Interface {
  readonly linkType: number
  /** 0 for no limit. */
  readonly snapLength: number
  /** Units of its timestamps in a second, and what is to be added to them, in seconds. */
  readonly perSecond: bigint
  readonly offset: number
}

/** Whether a file begins as this format does; its first word is the same in either byte order. */
export function isPcapng(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) === SECTION_HEADER
}

/** Reads a file that `isPcapng`. Throws a CaptureError. */
export function readPcapng(bytes: Uint8Array): CaptureFile {
  const reader = new Reader(bytes)
  return reader.read()
}

class Reader {
  private readonly view: DataView
  private readonly collector: PacketCollector
  private little = true
  /** Of the section; numbers of interfaces begin anew in each. `base` is how many there were in those before. */
  private interfaces: Interface[] = []
  private base = 0

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.collector = new PacketCollector(bytes)
  }

  private get16 = (at: number): number => this.view.getUint16(at, this.little)
  private get32 = (at: number): number => this.view.getUint32(at, this.little)

  read(): CaptureFile {
    const { bytes } = this
    let at = 0
    while (at + 12 <= bytes.length) {
      const isSection = this.view.getUint32(at) === SECTION_HEADER
      if (isSection) this.little = this.byteOrder(at)
      const length = this.get32(at + 4)
      if (length < 12 || length % 4 !== 0)
        throw new CaptureError(
          `a block of ${length} bytes, which is not a multiple of 4 from 12 on`,
          `一个 ${length} 字节的块：应不小于 12，且为 4 的倍数`,
          at + 4,
        )
      if (length > bytes.length - at) {
        if (length > MAX_BLOCK)
          throw new CaptureError(`a block of ${length} bytes`, `一个 ${length} 字节的块`, at + 4)
        break
      }
      const again = this.get32(at + length - 4)
      if (again !== length)
        throw new CaptureError(
          `a block of ${length} bytes by its beginning, ${again} by its end`,
          `块的开头说 ${length} 字节，结尾说 ${again} 字节`,
          at + length - 4,
        )
      this.block(isSection ? SECTION_HEADER : this.get32(at), at, at + 8, at + length - 4)
      at += length
    }
    if (at === 0)
      throw new CaptureError(
        'a pcapng file that ends within its first block',
        'pcapng 文件在第一个块中途结束',
        bytes.length,
      )
    return this.collector.file('pcapng', at < bytes.length)
  }

  private byteOrder(at: number): boolean {
    if (this.view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) return true
    if (this.view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC) return false
    throw new CaptureError(
      'a section without a byte order: its magic number is wrong',
      '节没有字节序：魔数不对',
      at + 8,
    )
  }

  /** A block whose body is at `body .. end`. What is not known here is skipped. */
  private block(type: number, at: number, body: number, end: number): void {
    switch (type) {
      case SECTION_HEADER:
        return this.section(at, body, end)
      case INTERFACE_DESCRIPTION:
        return this.interface(at, body, end)
      case ENHANCED_PACKET:
        this.need(20, 'an Enhanced Packet Block', at, body, end)
        return this.packet(this.get32(body), at, body + 4, end)
      case PACKET:
        this.need(20, 'a Packet Block', at, body, end)
        // After the interface, 16 bits wide here, is how many packets were dropped.
        return this.packet(this.get16(body), at, body + 4, end)
      case SIMPLE_PACKET:
        return this.simplePacket(at, body, end)
    }
  }

  private need(length: number, what: string, at: number, body: number, end: number): void {
    if (end - body < length)
      throw new CaptureError(
        `${what} of only ${end - body + 12} bytes`,
        `${what} 只有 ${end - body + 12} 字节`,
        at,
      )
  }

  private section(at: number, body: number, end: number): void {
    this.need(16, 'a Section Header Block', at, body, end)
    const major = this.get16(body + 4)
    if (major !== 1)
      throw new CaptureError(
        `pcapng version ${major}, and only 1 is read`,
        `pcapng 版本 ${major}，只能读取版本 1`,
        body + 4,
      )
    this.base += this.interfaces.length
    this.interfaces = []
  }

  private interface(at: number, body: number, end: number): void {
    this.need(8, 'an Interface Description Block', at, body, end)
    let perSecond = 1_000_000n
    let offset = 0
    for (let option = body + 8; option + 4 <= end; ) {
      const code = this.get16(option)
      if (code === END_OF_OPTIONS) break
      const length = this.get16(option + 2)
      const value = option + 4
      if (length > end - value)
        throw new CaptureError(
          `an option of ${length} bytes, more than its block has left`,
          `一个 ${length} 字节的选项，超出所在的块`,
          option,
        )
      if (code === IF_TSRESOL && length === 1) {
        const exponent = BigInt(this.bytes[value]! & 0x7f)
        perSecond = this.bytes[value]! & 0x80 ? 2n ** exponent : 10n ** exponent
      }
      if (code === IF_TSOFFSET && length === 8) offset = Number(this.view.getBigInt64(value, this.little))
      option = value + ((length + 3) & ~3)
    }
    this.interfaces.push({
      linkType: this.get16(body),
      snapLength: this.get32(body + 4),
      perSecond,
      offset,
    })
  }

  private of(id: number, at: number): Interface {
    const found = this.interfaces[id]
    if (!found)
      throw new CaptureError(
        `a packet of interface ${id}, and the section has ${this.interfaces.length} so far`,
        `数据包属于接口 ${id}，而本节至此只有 ${this.interfaces.length} 个接口`,
        at,
      )
    return found
  }

  /** What Enhanced Packet Blocks and their forerunner have in common: from the timestamp on. */
  private packet(id: number, at: number, fields: number, end: number): void {
    const { linkType, perSecond, offset } = this.of(id, at)
    const captured = this.get32(fields + 8)
    const start = fields + 16
    if (captured > end - start)
      throw new CaptureError(
        `a packet of ${captured} bytes in a block with room for ${end - start}`,
        `一个 ${captured} 字节的数据包，所在的块只容得下 ${end - start}`,
        at,
      )
    const ticks = (BigInt(this.get32(fields)) << 32n) | BigInt(this.get32(fields + 4))
    const moment: Moment = {
      seconds: Number(ticks / perSecond) + offset,
      fraction: Number(ticks % perSecond) / Number(perSecond),
    }
    this.collector.add(linkType, this.base + id, moment, start, captured, this.get32(fields + 12))
  }

  private simplePacket(at: number, body: number, end: number): void {
    this.need(4, 'a Simple Packet Block', at, body, end)
    const { linkType, snapLength } = this.of(0, at)
    const length = this.get32(body)
    const captured = Math.min(length, end - body - 4, snapLength || Number.POSITIVE_INFINITY)
    this.collector.add(linkType, this.base, undefined, body + 4, captured, length)
  }
}
