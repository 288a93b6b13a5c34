import type { IpAddress } from './address.js'
import { get16, get32, set16, set32 } from './bytes.js'
import type { DropReason } from './drops.js'
import type { IpView } from './ip.js'

/** IPv6 (RFC 8200). */
export const IPV6_HEADER = 40

const HOP_BY_HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const DESTINATION_OPTIONS = 60
const ICMPV6 = 58
export const NO_NEXT_HEADER = 59

/** A legitimate chain has at most five (RFC 8200 section 4.1); more is an attack on whoever walks it. */
const MAX_EXTENSIONS = 8

export function parseIpv6(
  view: IpView,
  bytes: Uint8Array,
  offset: number,
  length: number,
): DropReason | undefined {
  if (length < IPV6_HEADER) return 'ipv6-truncated'
  const payloadLength = get16(bytes, offset + 4)
  if (payloadLength > length - IPV6_HEADER) return 'ipv6-bad-payload-length'
  view.bytes = bytes
  view.version = 6
  view.offset = offset
  view.totalLength = IPV6_HEADER + payloadLength
  view.src0 = get32(bytes, offset + 8)
  view.src1 = get32(bytes, offset + 12)
  view.src2 = get32(bytes, offset + 16)
  view.src3 = get32(bytes, offset + 20)
  view.dst0 = get32(bytes, offset + 24)
  view.dst1 = get32(bytes, offset + 28)
  view.dst2 = get32(bytes, offset + 32)
  view.dst3 = get32(bytes, offset + 36)
  view.trafficClass = (get16(bytes, offset) >>> 4) & 0xff
  view.hopLimit = bytes[offset + 7]!
  view.isFragment = view.moreFragments = false
  view.fragmentOffset = view.fragmentId = view.fragmentHeader = 0
  view.protocol = NO_NEXT_HEADER
  view.protocolField = 6
  return walkExtensions(view, bytes, bytes[offset + 6]!, offset + IPV6_HEADER, offset + view.totalLength)
}

/** Follows the chain to the upper protocol, or to a fragment header with a part of one behind it. */
function walkExtensions(
  view: IpView,
  bytes: Uint8Array,
  next: number,
  at: number,
  end: number,
): DropReason | undefined {
  for (let count = 0; ; count++) {
    if (next !== HOP_BY_HOP && next !== ROUTING && next !== FRAGMENT && next !== DESTINATION_OPTIONS) break
    if (count === MAX_EXTENSIONS) return 'ipv6-too-many-extensions'
    if (at + 8 > end) return 'ipv6-bad-extension'
    const size = next === FRAGMENT ? 8 : (bytes[at + 1]! + 1) << 3
    if (at + size > end) return 'ipv6-bad-extension'
    // Hop-by-hop options may only come first (section 4.1).
    if (next === HOP_BY_HOP && count > 0) return 'ipv6-bad-extension'
    if (next === HOP_BY_HOP || next === DESTINATION_OPTIONS) {
      const bad = walkOptions(view, bytes, at + 2, at + size)
      if (bad) return bad
    }
    // One is what RFC 8200 section 4.1 allows; a second would be a fragment of a fragment.
    if (next === FRAGMENT && view.fragmentHeader !== 0) return 'ipv6-bad-extension'
    // Type 0 is deprecated (RFC 5095); any type with segments left asks us to forward, which a host does not.
    if (next === ROUTING && bytes[at + 3] !== 0) {
      view.problemPointer = at + 2 - view.offset
      return 'ipv6-routing-header'
    }
    view.protocolField = at - view.offset
    if (next === FRAGMENT) {
      const field = get16(bytes, at + 2)
      view.fragmentOffset = field & 0xfff8
      view.moreFragments = (field & 1) !== 0
      view.fragmentId = get32(bytes, at + 4)
      view.isFragment = view.moreFragments || view.fragmentOffset !== 0
      view.fragmentHeader = at
      next = bytes[at]!
      at += 8
      // What follows is only a part; the chain goes on once the packet is whole.
      if (view.isFragment) break
      continue
    }
    next = bytes[at]!
    at += size
  }
  view.protocol = next
  view.payloadOffset = at
  view.payloadLength = end - at
  return undefined
}

/**
 * Where the upper protocol's bytes begin if they are ICMPv6, past extension headers that may themselves be refused; -1
 * if they are of another protocol, or not to be found in `bytes[offset .. end)`.
 */
export function findIcmpv6(bytes: Uint8Array, offset: number, end: number): number {
  let next = bytes[offset + 6]!
  let at = offset + IPV6_HEADER
  while (next === HOP_BY_HOP || next === ROUTING || next === FRAGMENT || next === DESTINATION_OPTIONS) {
    if (at + 8 > end) return -1
    const size = next === FRAGMENT ? 8 : (bytes[at + 1]! + 1) << 3
    next = bytes[at]!
    at += size
  }
  return next === ICMPV6 && at < end ? at : -1
}

/** TLV options (section 4.2): unknown ones are skipped or drop the packet, as their two high bits say. */
function walkOptions(view: IpView, bytes: Uint8Array, at: number, end: number): DropReason | undefined {
  while (at < end) {
    const type = bytes[at]!
    if (type === 0) {
      at++
      continue
    }
    if (at + 1 >= end || at + 2 + bytes[at + 1]! > end) return 'ipv6-bad-extension'
    if (type !== 1 && type >>> 6 !== 0) {
      if (type >>> 6 >= 2) view.problemPointer = at - view.offset
      return 'ipv6-unknown-option'
    }
    at += 2 + bytes[at + 1]!
  }
  return undefined
}

/** Writes a 40-byte header in front of `payloadLength` bytes. */
export function writeIpv6(
  b: Uint8Array,
  offset: number,
  payloadLength: number,
  nextHeader: number,
  source: IpAddress,
  destination: IpAddress,
  trafficClass: number,
  hopLimit: number,
  flowLabel = 0,
): void {
  set32(b, offset, (6 << 28) | (trafficClass << 20) | (flowLabel & 0xfffff))
  set16(b, offset + 4, payloadLength)
  b[offset + 6] = nextHeader
  b[offset + 7] = hopLimit
  source.write(b, offset + 8)
  destination.write(b, offset + 24)
}
