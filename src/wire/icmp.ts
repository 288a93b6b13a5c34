import { get16, get32, set16 } from './bytes.js'
import { finish, sum, verifies } from './checksum.js'
import type { DropReason } from './drops.js'
import { type IpView, PROTO_ICMPV6, PROTO_TCP, pseudoSumOf } from './ip.js'
import { IPV4_HEADER } from './ipv4.js'
import { IPV6_HEADER } from './ipv6.js'

/** ICMP for IPv4 (RFC 792) and IPv6 (RFC 4443). */
export const ICMP_HEADER = 8

export const ICMP4 = {
  ECHO_REPLY: 0,
  UNREACHABLE: 3,
  SOURCE_QUENCH: 4,
  REDIRECT: 5,
  ECHO_REQUEST: 8,
  TIME_EXCEEDED: 11,
  PARAMETER_PROBLEM: 12,
} as const

export const ICMP6 = {
  UNREACHABLE: 1,
  PACKET_TOO_BIG: 2,
  TIME_EXCEEDED: 3,
  PARAMETER_PROBLEM: 4,
  ECHO_REQUEST: 128,
  ECHO_REPLY: 129,
  ROUTER_SOLICITATION: 133,
  ROUTER_ADVERTISEMENT: 134,
  NEIGHBOR_SOLICITATION: 135,
  NEIGHBOR_ADVERTISEMENT: 136,
  REDIRECT: 137,
} as const

export class IcmpView {
  type = 0
  code = 0
  /** The second word of the header: identifier and sequence, MTU, pointer. */
  rest = 0
  payloadOffset = 0
  payloadLength = 0

  parse(ip: IpView): DropReason | undefined {
    const { bytes, payloadOffset: at, payloadLength: length } = ip
    if (length < ICMP_HEADER) return 'icmp-truncated'
    const pseudo = ip.version === 6 ? pseudoSumOf(ip, PROTO_ICMPV6, length) : 0
    if (!verifies(pseudo + sum(bytes, at, length))) return 'icmp-bad-checksum'
    this.type = bytes[at]!
    this.code = bytes[at + 1]!
    this.rest = get32(bytes, at + 4)
    this.payloadOffset = at + ICMP_HEADER
    this.payloadLength = length - ICMP_HEADER
    return undefined
  }
}

/** What an ICMP error quotes of the TCP segment (as we sent it: `src` is us) that caused it. */
export class QuotedSegment {
  src0 = 0
  src1 = 0
  src2 = 0
  src3 = 0
  dst0 = 0
  dst1 = 0
  dst2 = 0
  dst3 = 0
  srcPort = 0
  dstPort = 0
  seq = 0

  /**
   * Reads the quoted header at `bytes[at .. at + length)`; only the first 8 octets of TCP are sure to be there
   * (RFC 792). Says what it is: `other` is a packet of another protocol, or a fragment that is not the first.
   */
  parse(version: 4 | 6, bytes: Uint8Array, at: number, length: number): 'tcp' | 'other' | 'malformed' {
    let tcp: number
    if (version === 4) {
      if (length < IPV4_HEADER || bytes[at]! >>> 4 !== 4) return 'malformed'
      const header = (bytes[at]! & 15) << 2
      if (header < IPV4_HEADER) return 'malformed'
      if (bytes[at + 9] !== PROTO_TCP || (get16(bytes, at + 6) & 0x1fff) !== 0) return 'other'
      tcp = at + header
      this.src0 = this.src1 = this.dst0 = this.dst1 = 0
      this.src2 = this.dst2 = 0xffff
      this.src3 = get32(bytes, at + 12)
      this.dst3 = get32(bytes, at + 16)
    } else {
      if (length < IPV6_HEADER || bytes[at]! >>> 4 !== 6) return 'malformed'
      // We never send TCP behind extension headers, so a quote of it has none.
      if (bytes[at + 6] !== PROTO_TCP) return 'other'
      tcp = at + IPV6_HEADER
      this.src0 = get32(bytes, at + 8)
      this.src1 = get32(bytes, at + 12)
      this.src2 = get32(bytes, at + 16)
      this.src3 = get32(bytes, at + 20)
      this.dst0 = get32(bytes, at + 24)
      this.dst1 = get32(bytes, at + 28)
      this.dst2 = get32(bytes, at + 32)
      this.dst3 = get32(bytes, at + 36)
    }
    if (tcp + 8 > at + length) return 'malformed'
    this.srcPort = get16(bytes, tcp)
    this.dstPort = get16(bytes, tcp + 2)
    this.seq = get32(bytes, tcp + 4)
    return 'tcp'
  }
}

/** Fills type, code and checksum of a message whose other bytes are in place. `pseudo` is 0 for IPv4. */
export function writeIcmp(
  b: Uint8Array,
  offset: number,
  length: number,
  type: number,
  code: number,
  pseudo: number,
): void {
  b[offset] = type
  b[offset + 1] = code
  set16(b, offset + 2, 0)
  const lengthSum = pseudo === 0 ? 0 : length
  set16(b, offset + 2, finish(pseudo + lengthSum + sum(b, offset, length)))
}
