import { get32, set32 } from './bytes.js'

/**
 * An IPv4 or IPv6 address, immutable. Four int32 words; an IPv4 address is held in its IPv4-mapped form
 * (`::ffff:a.b.c.d`), so that one table and one hash serve both.
 */
export class IpAddress {
  private constructor(
    readonly version: 4 | 6,
    readonly w0: number,
    readonly w1: number,
    readonly w2: number,
    readonly w3: number,
  ) {}

  /** From an IPv4 address as an int32 in network order. */
  static v4(word: number): IpAddress {
    return new IpAddress(4, 0, 0, 0xffff, word | 0)
  }

  /** From the four words of an IPv6 address. */
  static v6(w0: number, w1: number, w2: number, w3: number): IpAddress {
    return new IpAddress(6, w0 | 0, w1 | 0, w2 | 0, w3 | 0)
  }

  static fromWords(version: 4 | 6, w0: number, w1: number, w2: number, w3: number): IpAddress {
    return version === 4 ? IpAddress.v4(w3) : IpAddress.v6(w0, w1, w2, w3)
  }

  /** From 4 or 16 bytes at `offset`. */
  static fromBytes(version: 4 | 6, b: Uint8Array, offset = 0): IpAddress {
    return version === 4
      ? IpAddress.v4(get32(b, offset))
      : IpAddress.v6(get32(b, offset), get32(b, offset + 4), get32(b, offset + 8), get32(b, offset + 12))
  }

  /** Parses `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`. Throws a TypeError on anything else. */
  static parse(text: string): IpAddress {
    const address = IpAddress.tryParse(text)
    if (!address) throw new TypeError(`not an IP address: ${JSON.stringify(text)}`)
    return address
  }

  static tryParse(text: string): IpAddress | undefined {
    if (text.includes(':')) {
      const words = parse6(text)
      return words && IpAddress.v6(words[0]!, words[1]!, words[2]!, words[3]!)
    }
    const word = parse4(text)
    return word === undefined ? undefined : IpAddress.v4(word)
  }

  static readonly any4 = IpAddress.v4(0)
  static readonly any6 = IpAddress.v6(0, 0, 0, 0)
  static readonly loopback4 = IpAddress.v4(0x7f000001)
  static readonly loopback6 = IpAddress.v6(0, 0, 0, 1)

  equals(other: IpAddress): boolean {
    return (
      this.w3 === other.w3 &&
      this.w2 === other.w2 &&
      this.w1 === other.w1 &&
      this.w0 === other.w0 &&
      this.version === other.version
    )
  }

  /** Writes 4 or 16 bytes. */
  write(b: Uint8Array, offset: number): void {
    if (this.version === 4) {
      set32(b, offset, this.w3)
      return
    }
    set32(b, offset, this.w0)
    set32(b, offset + 4, this.w1)
    set32(b, offset + 8, this.w2)
    set32(b, offset + 12, this.w3)
  }

  get byteLength(): number {
    return this.version === 4 ? 4 : 16
  }

  /** 0.0.0.0 or :: */
  get isUnspecified(): boolean {
    return this.version === 4 ? this.w3 === 0 : (this.w0 | this.w1 | this.w2 | this.w3) === 0
  }

  /** 127/8 or ::1 */
  get isLoopback(): boolean {
    return this.version === 4 ? this.w3 >>> 24 === 127 : (this.w0 | this.w1 | this.w2) === 0 && this.w3 === 1
  }

  /** 224/4 or ff00::/8 */
  get isMulticast(): boolean {
    return this.version === 4 ? this.w3 >>> 28 === 0xe : this.w0 >>> 24 === 0xff
  }

  /** 255.255.255.255 (IPv6 has no broadcast). Subnet broadcasts are the interface's to know. */
  get isBroadcast(): boolean {
    return this.version === 4 && this.w3 === -1
  }

  /** fe80::/10 */
  get isLinkLocal(): boolean {
    return this.version === 6 && this.w0 >>> 22 === 0x3fa
  }

  /** An IPv6 address that wraps an IPv4 one; never legal on the wire. */
  get isMapped(): boolean {
    return this.version === 6 && this.w0 === 0 && this.w1 === 0 && this.w2 === 0xffff
  }

  /** True if the first `bits` bits (of 32 or 128) agree. */
  inPrefix(prefix: IpAddress, bits: number): boolean {
    if (this.version !== prefix.version) return false
    const length = this.version === 4 ? bits + 96 : bits
    return (
      agree(this.w0, prefix.w0, length) &&
      agree(this.w1, prefix.w1, length - 32) &&
      agree(this.w2, prefix.w2, length - 64) &&
      agree(this.w3, prefix.w3, length - 96)
    )
  }

  /** RFC 5952 text for IPv6, dotted quad for IPv4. */
  toString(): string {
    return this.version === 4 ? format4(this.w3) : format6(this)
  }
}

const agree = (a: number, b: number, bits: number): boolean =>
  bits <= 0 || (bits >= 32 ? a === b : (a ^ b) >>> (32 - bits) === 0)

function parse4(text: string): number | undefined {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (!m) return undefined
  let word = 0
  for (let i = 1; i <= 4; i++) {
    const part = m[i]!
    // A leading zero has meant octal to some parsers; refuse rather than guess.
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return undefined
    word = (word << 8) | Number(part)
  }
  return word
}

function parse6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groups(halves[0]!, halves.length === 1)
  const tail = halves.length === 2 ? groups(halves[1]!, true) : []
  if (!head || !tail) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail]
  return [0, 2, 4, 6].map(i => (all[i]! << 16) | all[i + 1]!)
}

/** Groups of hex digits; a dotted quad may only end the whole address (RFC 4291 section 2.2). */
function groups(text: string, mayEndDotted: boolean): number[] | undefined {
  if (text === '') return []
  const out: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (part.includes('.') && mayEndDotted && i === parts.length - 1) {
      const word = parse4(part)
      if (word === undefined) return undefined
      out.push(word >>> 16, word & 0xffff)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
      out.push(Number.parseInt(part, 16))
    }
  }
  return out
}

const format4 = (w: number): string => `${w >>> 24}.${(w >>> 16) & 255}.${(w >>> 8) & 255}.${w & 255}`

function format6(a: IpAddress): string {
  if (a.isMapped) return `::ffff:${format4(a.w3)}`
  const g = [a.w0, a.w1, a.w2, a.w3].flatMap(w => [w >>> 16, w & 0xffff])
  let best = -1
  let bestLength = 1
  for (let i = 0; i < 8; i++) {
    let j = i
    while (j < 8 && g[j] === 0) j++
    if (j - i > bestLength) [best, bestLength] = [i, j - i]
    if (j > i) i = j
  }
  const hex = (part: number[]) => part.map(n => n.toString(16)).join(':')
  return best < 0 ? hex(g) : `${hex(g.slice(0, best))}::${hex(g.slice(best + bestLength))}`
}

/** An address with its prefix length, as in `10.0.0.1/24`. */
export interface Cidr {
  readonly address: IpAddress
  readonly prefix: number
}

/** Parses `address/prefix`; a bare address gets the full length. Throws a TypeError on anything else. */
export function parseCidr(text: string): Cidr {
  const [host, bits, extra] = text.split('/')
  const address = IpAddress.tryParse(host ?? '')
  const most = address?.version === 4 ? 32 : 128
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (!address || extra !== undefined || !(prefix >= 0 && prefix <= most))
    throw new TypeError(`not an address with a prefix length: ${JSON.stringify(text)}`)
  return { address, prefix }
}
