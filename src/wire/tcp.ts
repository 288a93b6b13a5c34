import { get16, get32, set16, set32 } from './bytes.js'
import { finish, fold, sum, verifies } from './checksum.js'
import type { DropReason } from './drops.js'
import { type IpView, PROTO_TCP, pseudoSumOf } from './ip.js'
import type { Lender } from './lender.js'

/** The TCP header (RFC 9293 section 3.1) and its options (section 3.2, RFC 7323, RFC 2018). */
export const TCP_HEADER = 20
export const MAX_OPTIONS = 40

export const FIN = 0x01
export const SYN = 0x02
export const RST = 0x04
export const PSH = 0x08
export const ACK = 0x10
export const URG = 0x20
export const ECE = 0x40
export const CWR = 0x80
/** In the octet before the others (RFC 9768). */
export const AE = 0x100

export const OPTION_END = 0
export const OPTION_NOP = 1
export const OPTION_MSS = 2
export const OPTION_WINDOW_SCALE = 3
export const OPTION_SACK_PERMITTED = 4
export const OPTION_SACK = 5
export const OPTION_TIMESTAMPS = 8
/** TCP Fast Open (RFC 7413), and the experimental option with its magic number that it had before (RFC 6994). */
export const OPTION_FAST_OPEN = 34
export const OPTION_EXPERIMENT = 254
/** Accurate ECN (RFC 9768 section 3.2.3): octets that came ECT(0), CE, ECT(1); or in the reverse order. */
export const OPTION_ACCURATE_ECN = 172
export const OPTION_ACCURATE_ECN_REVERSED = 174
export const FAST_OPEN_MAGIC = 0xf989

const FLAG_NAMES = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE'] as const
export type FlagName = (typeof FLAG_NAMES)[number]

/** The names of the flags that are set, SYN, FIN and RST first, as people say them: SYN ACK, FIN ACK, PSH ACK. */
export function flagNames(flags: number): FlagName[] {
  const order = [SYN, FIN, RST, PSH, URG, ECE, CWR, AE, ACK]
  return order.filter(bit => flags & bit).map(bit => FLAG_NAMES[Math.log2(bit)]!)
}

/**
 * One received segment: a reusable view that dies with the call it is passed to. Sequence numbers are int32.
 * `seq`, `flags`, `payloadOffset` and `payloadLength` are working values: the machine trims them to its window
 * (RFC 9293 section 3.10.7.4).
 */
export class SegmentView {
  bytes: Uint8Array = EMPTY
  srcPort = 0
  dstPort = 0
  seq = 0
  ack = 0
  flags = 0
  /** SEG.WND as it stands in the header, 0..65535, unscaled. */
  window = 0
  urgentPointer = 0
  /** SYN, and ACK, were set when it arrived, whatever has become of `flags`. */
  isSyn = false
  hasAck = false
  /** The ECN field of its IP header (RFC 3168 section 5). */
  ecn = 0
  /** Some of its text came before, and that was noted. */
  repeats = false
  /** SEG.UP as a sequence number, whatever has become of `seq`; meaningful with URG. */
  urgentSeq = 0
  payloadOffset = 0
  payloadLength = 0
  /**
   * How many segments it was on the wire, more than one where they were put together on the way (TSO, GRO), and the text
   * of the longest, in bytes: as they came, whatever is trimmed.
   */
  segments = 1
  segmentSize = 0
  /** Whose `bytes` are, if they may be kept; whoever does sets it to null. */
  lender: Lender | null = null
  optionsOffset = 0
  optionsLength = 0
  /** -1 when the option is absent. */
  mss = -1
  windowScale = -1
  sackPermitted = false
  hasTimestamps = false
  tsVal = 0
  tsEcr = 0
  /** Number of SACK blocks; block i is `sackEdges[2i] .. sackEdges[2i + 1]`. */
  sackCount = 0
  readonly sackEdges: Int32Array = new Int32Array(8)
  /** Bytes of a Fast Open cookie, 0 where one is asked for, -1 when the option is absent; and where they stand. */
  fastOpenLength = -1
  fastOpenOffset = 0
  fastOpenExperimental = false
  /** Counters in the accurate ECN option, -1 when it is absent; where they stand, and in which order. */
  accurateEcnCount = -1
  accurateEcnOffset = 0
  accurateEcnReversed = false
  /** An option had an impossible length: it and what follows it were ignored (MUST-7). */
  badOptions = false

  /** SEG.LEN: the segment's length in sequence space, SYN and FIN counted. */
  get length(): number {
    return this.payloadLength + (this.flags & SYN ? 1 : 0) + (this.flags & FIN ? 1 : 0)
  }

  /** Reads the segment in `ip`'s payload, and verifies its checksum (MUST-3) unless somebody vouches for it. */
  parse(ip: IpView, vouched = ip.vouched): DropReason | undefined {
    const { bytes, payloadOffset: at, payloadLength: length } = ip
    if (length < TCP_HEADER) return 'tcp-truncated'
    const header = (bytes[at + 12]! >>> 4) << 2
    if (header < TCP_HEADER || header > length) return 'tcp-bad-data-offset'
    if (!vouched && !verifies(pseudoSumOf(ip, PROTO_TCP, length) + sum(bytes, at, length)))
      return 'tcp-bad-checksum'
    this.bytes = bytes
    this.lender = ip.lender
    this.srcPort = get16(bytes, at)
    this.dstPort = get16(bytes, at + 2)
    this.seq = get32(bytes, at + 4)
    this.ack = get32(bytes, at + 8)
    this.flags = bytes[at + 13]! | ((bytes[at + 12]! & 1) << 8)
    this.window = get16(bytes, at + 14)
    this.urgentPointer = get16(bytes, at + 18)
    this.isSyn = (this.flags & SYN) !== 0
    this.hasAck = (this.flags & ACK) !== 0
    this.ecn = ip.trafficClass & 3
    this.urgentSeq = (this.seq + this.urgentPointer) | 0
    this.payloadOffset = at + header
    this.payloadLength = length - header
    this.countSegments(ip.segmentSize)
    this.optionsOffset = at + TCP_HEADER
    this.optionsLength = header - TCP_HEADER
    this.mss = this.windowScale = this.fastOpenLength = this.accurateEcnCount = -1
    this.sackPermitted = this.hasTimestamps = this.badOptions = this.repeats = false
    this.tsVal = this.tsEcr = this.sackCount = 0
    if (header > TCP_HEADER) this.parseOptions(at + TCP_HEADER, at + header)
    return undefined
  }

  private countSegments(size: number): void {
    const { payloadLength } = this
    const several = size > 0 && size < payloadLength
    this.segments = several ? Math.ceil(payloadLength / size) : 1
    this.segmentSize = several ? size : payloadLength
  }

  /**
   * Every step moves forward, so the walk ends within 40 steps. A known option with a wrong length is treated as
   * unknown; an impossible length ends the walk. Neither may reset a connection from outside.
   */
  private parseOptions(at: number, end: number): void {
    const b = this.bytes
    while (at < end) {
      const kind = b[at]!
      if (kind === OPTION_END) return
      if (kind === OPTION_NOP) {
        at++
        continue
      }
      const size = at + 1 < end ? b[at + 1]! : 0
      if (size < 2 || at + size > end) {
        this.badOptions = true
        return
      }
      if (kind === OPTION_TIMESTAMPS && size === 10) {
        this.hasTimestamps = true
        this.tsVal = get32(b, at + 2)
        this.tsEcr = get32(b, at + 6)
      } else if (kind === OPTION_SACK && size >= 10 && (size & 7) === 2) {
        this.sackCount = (size - 2) >>> 3
        for (let i = 0; i < this.sackCount * 2; i++) this.sackEdges[i] = get32(b, at + 2 + i * 4)
      } else if (kind === OPTION_MSS && size === 4) this.mss = get16(b, at + 2)
      else if (kind === OPTION_WINDOW_SCALE && size === 3) this.windowScale = b[at + 2]!
      else if (kind === OPTION_SACK_PERMITTED && size === 2) this.sackPermitted = true
      else if (kind === OPTION_ACCURATE_ECN || kind === OPTION_ACCURATE_ECN_REVERSED)
        this.setAccurateEcn(at + 2, size - 2, kind === OPTION_ACCURATE_ECN_REVERSED)
      else if (kind === OPTION_FAST_OPEN) this.setFastOpen(at + 2, size - 2, false)
      else if (kind === OPTION_EXPERIMENT && size >= 4 && get16(b, at + 2) === FAST_OPEN_MAGIC)
        this.setFastOpen(at + 4, size - 4, true)
      at += size
    }
  }

  /** Three counters of three octets each, or fewer; what is longer is passed over (RFC 9768 section 3.2.3.1). */
  private setAccurateEcn(offset: number, length: number, reversed: boolean): void {
    this.accurateEcnOffset = offset
    this.accurateEcnCount = Math.min(3, Math.floor(length / 3))
    this.accurateEcnReversed = reversed
  }

  private setFastOpen(offset: number, length: number, experimental: boolean): void {
    this.fastOpenOffset = offset
    this.fastOpenLength = length
    this.fastOpenExperimental = experimental
  }
}

const EMPTY = new Uint8Array(0)

/** Writes a header of `TCP_HEADER + optionsLength` bytes; the options themselves are already in place behind it. */
export function writeTcp(
  b: Uint8Array,
  offset: number,
  srcPort: number,
  dstPort: number,
  seq: number,
  ack: number,
  flags: number,
  window: number,
  urgentPointer: number,
  optionsLength: number,
): void {
  set16(b, offset, srcPort)
  set16(b, offset + 2, dstPort)
  set32(b, offset + 4, seq)
  set32(b, offset + 8, ack)
  b[offset + 12] = (((TCP_HEADER + optionsLength) >>> 2) << 4) | (flags >>> 8)
  b[offset + 13] = flags
  set16(b, offset + 14, window)
  set16(b, offset + 16, 0)
  set16(b, offset + 18, urgentPointer)
}

/** Fills the checksum field of what is to be cut up, and so has none yet: the sum of the pseudo-header alone. */
export function checksumPartly(b: Uint8Array, offset: number, length: number, pseudo: number): void {
  set16(b, offset + 16, fold(pseudo + length))
}

/** Fills the checksum of a segment of `length` bytes. `pseudo` is `pseudoSum(source, destination, 6)`. */
export function checksumTcp(b: Uint8Array, offset: number, length: number, pseudo: number): void {
  set16(b, offset + 16, finish(pseudo + (length >>> 16) + (length & 0xffff) + sum(b, offset, length)))
}
