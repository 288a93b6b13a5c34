import { IpAddress } from '../wire/address.js'

/**
 * Writes pcapng, the capture format of Wireshark (draft-ietf-opsawg-pcapng), block by block as packets come.
 * Little-endian, nanosecond timestamps, one section. Runs wherever there are typed arrays and TextEncoder.
 */

/** The largest packet Wireshark reads, in bytes: WTAP_MAX_PACKET_SIZE_STANDARD. */
const MAX_SNAP_LENGTH = 262_144

const BLOCK_SECTION_HEADER = 0x0a0d0d0a
const BLOCK_INTERFACE_DESCRIPTION = 1
const BLOCK_NAME_RESOLUTION = 4
const BLOCK_ENHANCED_PACKET = 6

const OPT_COMMENT = 1
const SHB_HARDWARE = 2
const SHB_OS = 3
const SHB_USERAPPL = 4
const IF_NAME = 2
const IF_DESCRIPTION = 3
const IF_TSRESOL = 9
const EPB_FLAGS = 2
const EPB_DROPCOUNT = 4
const NRB_RECORD_IPV4 = 1
const NRB_RECORD_IPV6 = 2

const LINKTYPE_ETHERNET = 1
const LINKTYPE_RAW = 101

const WORD = 2 ** 32

export interface PcapngOptions {
  /** The program that captured. */
  readonly application?: string
  /** The machine it ran on. */
  readonly hardware?: string
  /** The operating system it ran on. */
  readonly os?: string
  /** A comment on the whole capture. */
  readonly comment?: string
}

export interface PcapngInterface {
  readonly name: string
  readonly description?: string
  /** What its packets begin with: an IPv4 or IPv6 header, or an Ethernet header (no preamble, no FCS). */
  readonly linkType: 'ip' | 'ethernet'
  /** Bytes kept of each packet, 1 to 262,144. By default 262,144, more than which Wireshark does not read. */
  readonly snapLength?: number
}

export interface PcapngPacket {
  /** What `addInterface` returned. */
  readonly interface: number
  /**
   * Milliseconds since 1970-01-01 00:00 UTC, at least 0 and less than 2^64 ns (the year 2554). The fraction
   * is kept, rounded to the nanosecond; the number itself resolves 1 ns up to 2^33 ms (100 days, enough for
   * the time of a simulated world) and 244 ns for the dates of 2004 to 2039.
   */
  readonly time: number
  /** Where the packet is: `bytes[offset .. offset + length)`, copied before the call returns. */
  readonly bytes: Uint8Array
  /** In bytes. By default 0. */
  readonly offset?: number
  /** In bytes, before any cut to the snap length of the interface. By default what follows `offset`. */
  readonly length?: number
  readonly comment?: string | undefined
  /** As seen from the interface: `in` was received by it, `out` was sent. */
  readonly direction?: 'in' | 'out' | undefined
  /** Packets that the interface lost since its previous one here (epb_dropcount), 0 to 2^53 - 1. */
  readonly dropped?: number | undefined
}

/** An address as bytes of network order: 4 for IPv4, 16 for IPv6. */
export interface PcapngAddress {
  readonly version: 4 | 6
  readonly bytes: Uint8Array
}

/** A type, a length and a value: the form of options and of name resolution records alike. */
interface Item {
  readonly code: number
  readonly value: Uint8Array
}

/**
 * An incremental pcapng writer. Each call gives the sink exactly one whole block, in a buffer of its own that
 * the sink may keep; the blocks one after the other are the file, readable after each of them. The section
 * header is written by the constructor.
 *
 * Every string may have up to 65,535 bytes of UTF-8; an empty one counts as not given. An argument out of its
 * range throws a RangeError that names it, before anything is written.
 */
export class PcapngWriter {
  readonly #sink: (block: Uint8Array<ArrayBuffer>) => void
  /** Of each interface, by its number. */
  readonly #snapLengths: number[] = []

  /** Writes the Section Header Block. Throws a RangeError for a string that is too long. */
  constructor(sink: (bytes: Uint8Array<ArrayBuffer>) => void, options: PcapngOptions = {}) {
    this.#sink = sink
    const items: Item[] = []
    addText(items, OPT_COMMENT, 'comment', options.comment)
    addText(items, SHB_HARDWARE, 'hardware', options.hardware)
    addText(items, SHB_OS, 'os', options.os)
    addText(items, SHB_USERAPPL, 'application', options.application)
    const byteOrderMagic = 0x1a2b3c4d
    const version1dot0 = 1
    // An unknown section length (-1) is what lets the file be written without ever going back.
    this.#sink(
      block(BLOCK_SECTION_HEADER, [byteOrderMagic, version1dot0, WORD - 1, WORD - 1], undefined, items),
    )
  }

  /**
   * Writes an Interface Description Block. Returns the interface's number, 0, 1, 2 … in the order of the
   * calls. Throws a RangeError for an unknown link type, a snap length out of range or a string that is too
   * long.
   */
  addInterface(options: PcapngInterface): number {
    const { name, description, linkType, snapLength = MAX_SNAP_LENGTH } = options
    if (linkType !== 'ip' && linkType !== 'ethernet') {
      throw new RangeError(`linkType is ${linkType}, neither 'ip' nor 'ethernet'`)
    }
    requireInteger('snapLength', snapLength, 1, MAX_SNAP_LENGTH)
    const items: Item[] = []
    addText(items, IF_NAME, 'name', name)
    addText(items, IF_DESCRIPTION, 'description', description)
    items.push({ code: IF_TSRESOL, value: Uint8Array.of(9) })
    const link = linkType === 'ip' ? LINKTYPE_RAW : LINKTYPE_ETHERNET
    this.#sink(block(BLOCK_INTERFACE_DESCRIPTION, [link, snapLength], undefined, items))
    return this.#snapLengths.push(snapLength) - 1
  }

  /**
   * Writes a Name Resolution Block, from which Wireshark shows `name` for the address: in a live view from
   * the next packet on, in a file loaded whole everywhere. `address` is IPv4 in dotted decimal, IPv6 in any
   * form of RFC 4291 §2.2 (no zone), or bytes. Throws a RangeError for an address that is none of these and
   * for a name that is empty, too long or has a NUL in it.
   */
  addName(address: string | PcapngAddress, name: string): void {
    const { version, bytes } = typeof address === 'string' ? parseAddress(address) : address
    if (!(version === 4 && bytes.length === 4) && !(version === 6 && bytes.length === 16)) {
      throw new RangeError(`address has version ${version} and ${bytes.length} bytes`)
    }
    // NUL is what separates the names of a record.
    if (name === '' || name.includes('\0')) throw new RangeError('name is empty or has a NUL in it')
    const text = new TextEncoder().encode(name)
    const value = new Uint8Array(bytes.length + text.length + 1)
    if (value.length > 0xffff) throw new RangeError(`name has ${text.length} bytes, more than a record holds`)
    value.set(bytes)
    value.set(text, bytes.length)
    const code = version === 4 ? NRB_RECORD_IPV4 : NRB_RECORD_IPV6
    this.#sink(block(BLOCK_NAME_RESOLUTION, [], undefined, [{ code, value }]))
  }

  /**
   * Writes an Enhanced Packet Block. A packet longer than the interface's snap length is cut to it; the block
   * keeps the length it had. Throws a RangeError for an unknown interface, a time that is not a number or out
   * of range, a range that is not inside `bytes`, an unknown direction, a drop count out of range or a
   * comment too long.
   */
  packet(packet: PcapngPacket): void {
    const { interface: id, time, bytes, offset = 0, comment, direction, dropped } = packet
    requireInteger('interface', id, 0, this.#snapLengths.length - 1)
    requireInteger('offset', offset, 0, bytes.length)
    const { length = bytes.length - offset } = packet
    requireInteger('length', length, 0, bytes.length - offset)

    // A double cannot hold today in nanoseconds, so two words are worked out from parts it holds exactly:
    // whole milliseconds as upper * 2^16 + lower, times 10^6.
    const milliseconds = Math.floor(time)
    const upper = Math.floor(milliseconds / 0x10000) * 1e6
    const lower = (milliseconds % 0x10000) * 1e6 + Math.round((time - milliseconds) * 1e6)
    const low = (upper % 0x10000) * 0x10000 + lower
    const timeHigh = Math.floor(upper / 0x10000) + Math.floor(low / WORD)
    // Written so that NaN fails it.
    if (!(time >= 0 && timeHigh < WORD)) throw new RangeError(`time is ${time}, not within 0 and 2^64 ns`)

    const items: Item[] = []
    addText(items, OPT_COMMENT, 'comment', comment)
    if (direction !== undefined) {
      if (direction !== 'in' && direction !== 'out') {
        throw new RangeError(`direction is ${direction}, neither 'in' nor 'out'`)
      }
      items.push({ code: EPB_FLAGS, value: Uint8Array.of(direction === 'in' ? 1 : 2, 0, 0, 0) })
    }
    if (dropped !== undefined) {
      requireInteger('dropped', dropped, 0, Number.MAX_SAFE_INTEGER)
      const value = new Uint8Array(8)
      const view = new DataView(value.buffer)
      view.setUint32(0, dropped % WORD, true)
      view.setUint32(4, Math.floor(dropped / WORD), true)
      items.push({ code: EPB_DROPCOUNT, value })
    }
    const captured = Math.min(length, this.#snapLengths[id])
    const data = bytes.subarray(offset, offset + captured)
    this.#sink(block(BLOCK_ENHANCED_PACKET, [id, timeHigh, low % WORD, captured, length], data, items))
  }
}

/** A whole block: type, length, 32-bit fields, data and items each padded to 32 bits, the length again. */
function block(
  type: number,
  fields: readonly number[],
  data: Uint8Array | undefined,
  items: readonly Item[],
): Uint8Array<ArrayBuffer> {
  let length = 12 + 4 * fields.length
  if (data !== undefined) length += padded(data.length)
  for (const item of items) length += 4 + padded(item.value.length)
  const endOfItems = items.length > 0 ? 4 : 0
  length += endOfItems

  // Paddings and the end of the items are the zeros that a new buffer has.
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, type, true)
  view.setUint32(4, length, true)
  let at = 8
  for (const field of fields) {
    view.setUint32(at, field, true)
    at += 4
  }
  if (data !== undefined) {
    bytes.set(data, at)
    at += padded(data.length)
  }
  for (const { code, value } of items) {
    view.setUint16(at, code, true)
    view.setUint16(at + 2, value.length, true)
    bytes.set(value, at + 4)
    at += 4 + padded(value.length)
  }
  view.setUint32(at + endOfItems, length, true)
  return bytes
}

/** The next multiple of 4. */
function padded(length: number): number {
  return (length + 3) & ~3
}

function addText(items: Item[], code: number, argument: string, text: string | undefined): void {
  if (text === undefined || text === '') return
  const value = new TextEncoder().encode(text)
  if (value.length > 0xffff) {
    throw new RangeError(`${argument} has ${value.length} bytes of UTF-8, more than 65535`)
  }
  items.push({ code, value })
}

function requireInteger(argument: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    const range = most < least ? 'of which there is none yet' : `not an integer within ${least} and ${most}`
    throw new RangeError(`${argument} is ${value}, ${range}`)
  }
}

function parseAddress(text: string): PcapngAddress {
  const address = IpAddress.tryParse(text)
  if (!address) throw new RangeError(`address is ${JSON.stringify(text)}, neither IPv4 nor IPv6`)
  const bytes = new Uint8Array(address.byteLength)
  address.write(bytes, 0)
  return { version: address.version, bytes }
}
