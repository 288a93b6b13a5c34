import type { IpAddress } from './address.js'
import type { DropReason } from './drops.js'
import { parseIpv4 } from './ipv4.js'
import { parseIpv6 } from './ipv6.js'
import type { Lender } from './lender.js'

export const PROTO_ICMP = 1
export const PROTO_TCP = 6
export const PROTO_UDP = 17
export const PROTO_ICMPV6 = 58

/** The ECN field, RFC 3168 section 5: the two low bits of the traffic class. */
export const NOT_ECT = 0
export const ECT1 = 1
export const ECT0 = 2
export const CE = 3

/**
 * One IP packet, IPv4 or IPv6, as parsed: a reusable view that dies with the call it is passed to. Addresses are
 * held as words, IPv4 in mapped form. Every later layer works inside `payloadOffset` and `payloadLength`, which
 * were validated once, here.
 */
export class IpView {
  bytes: Uint8Array = EMPTY
  version: 4 | 6 = 4
  /** Where the IP header begins and how long the packet is by its own account, in bytes. */
  offset = 0
  totalLength = 0
  src0 = 0
  src1 = 0
  src2 = 0
  src3 = 0
  dst0 = 0
  dst1 = 0
  dst2 = 0
  dst3 = 0
  /** The upper protocol's number, after any extension headers, and where it stands, from the packet's beginning. */
  protocol = 0
  protocolField = 0
  /** TOS octet or Traffic Class: DSCP in the upper six bits, ECN in the lower two. */
  trafficClass = 0
  hopLimit = 0
  /** Where the upper protocol's bytes (or the fragment's) begin, and how many there are. */
  payloadOffset = 0
  payloadLength = 0
  /** Fragment fields; `isFragment` is false for whole packets and for IPv6 atomic fragments (RFC 6946). */
  isFragment = false
  fragmentOffset = 0
  moreFragments = false
  fragmentId = 0
  /** IPv6: where the per-fragment header chain ends, so that a reassembled packet can be built (RFC 8200 4.5). */
  fragmentHeader = 0
  /** What an error about this packet would point at, from its beginning (RFC 4443 section 3.4); -1 for nothing. */
  problemPointer = -1
  /** Whose the bytes are, if they may be kept; whoever does sets it to null. */
  lender: Lender | null = null
  /** The link vouches for the transport's checksum: it is not looked at. */
  vouched = false
  /** The text of each segment, but for the last, when several were put together on the way, in bytes; 0 for one. */
  segmentSize = 0
}

const EMPTY = new Uint8Array(0)

/** Reads an IP packet of either version from `bytes[offset .. offset + length)`. Trailing link padding is ignored. */
export function parseIp(
  view: IpView,
  bytes: Uint8Array,
  offset: number,
  length: number,
): DropReason | undefined {
  view.problemPointer = -1
  if (length < 1) return 'ip-truncated'
  const version = bytes[offset]! >>> 4
  if (version === 4) return parseIpv4(view, bytes, offset, length)
  if (version === 6) return parseIpv6(view, bytes, offset, length)
  return 'ip-bad-version'
}

/** The part of the pseudo-header checksum that is fixed for a connection: addresses and protocol. */
export function pseudoSum(source: IpAddress, destination: IpAddress, protocol: number): number {
  return (
    wordsSum(source.version, source.w0, source.w1, source.w2, source.w3) +
    wordsSum(destination.version, destination.w0, destination.w1, destination.w2, destination.w3) +
    protocol
  )
}

/** The same for a received packet, with the upper-layer length added (RFC 9293 3.1, RFC 8200 8.1). */
export function pseudoSumOf(view: IpView, protocol: number, length: number): number {
  return (
    wordsSum(view.version, view.src0, view.src1, view.src2, view.src3) +
    wordsSum(view.version, view.dst0, view.dst1, view.dst2, view.dst3) +
    protocol +
    (length >>> 16) +
    (length & 0xffff)
  )
}

function wordsSum(version: 4 | 6, w0: number, w1: number, w2: number, w3: number): number {
  const last = (w3 >>> 16) + (w3 & 0xffff)
  if (version === 4) return last
  return (w0 >>> 16) + (w0 & 0xffff) + (w1 >>> 16) + (w1 & 0xffff) + (w2 >>> 16) + (w2 & 0xffff) + last
}
