import { get16, get32 } from '../wire/bytes.js'
import { type IpView, PROTO_TCP } from '../wire/ip.js'
import { NO_NEXT_HEADER } from '../wire/ipv6.js'
import { type SegmentView, TCP_HEADER } from '../wire/tcp.js'
import type { CapturedPacket } from './capture-file.js'

/**
 * Why a captured packet gave no segment: another protocol; a fragment (they are not put together); headers of which
 * too little was captured, or that contradict themselves.
 */
export type NoSegment = 'not-tcp' | 'fragment' | 'cut-short' | 'malformed'

const HOP_BY_HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const AUTHENTICATION = 51
const DESTINATION_OPTIONS = 60

/**
 * Reads the segment in a captured packet. Unlike a stack this takes what is cut off after the headers, and what has no
 * good checksum or no length, as where a device is to compute them; it judges nothing that is the receiver's to judge.
 */
export function parseCaptured(ip: IpView, seg: SegmentView, packet: CapturedPacket): NoSegment | undefined {
  const { bytes } = packet
  ip.bytes = bytes
  ip.offset = 0
  ip.totalLength = packet.length
  ip.isFragment = ip.moreFragments = false
  ip.fragmentOffset = ip.fragmentId = 0
  const bad = bytes[0]! >>> 4 === 4 ? readIpv4(ip, bytes) : readIpv6(ip, bytes)
  if (bad) return bad
  if (ip.isFragment) return 'fragment'
  if (ip.protocol !== PROTO_TCP) return 'not-tcp'
  const at = ip.payloadOffset
  ip.payloadLength = packet.length - at
  if (at + TCP_HEADER > bytes.length) return packet.truncated ? 'cut-short' : 'malformed'
  const header = (bytes[at + 12]! >>> 4) << 2
  if (at + header > bytes.length && packet.truncated) return 'cut-short'
  return seg.parse(ip, true) ? 'malformed' : undefined
}

function readIpv4(ip: IpView, bytes: Uint8Array): NoSegment | undefined {
  const header = (bytes[0]! & 15) << 2
  if (header < 20) return 'malformed'
  ip.version = 4
  ip.src0 = ip.src1 = ip.dst0 = ip.dst1 = 0
  ip.src2 = ip.dst2 = 0xffff
  ip.src3 = get32(bytes, 12)
  ip.dst3 = get32(bytes, 16)
  ip.protocol = bytes[9]!
  ip.trafficClass = bytes[1]!
  ip.hopLimit = bytes[8]!
  ip.payloadOffset = header
  ip.fragmentId = get16(bytes, 4)
  ip.isFragment = (get16(bytes, 6) & 0x3fff) !== 0
  return undefined
}

function readIpv6(ip: IpView, bytes: Uint8Array): NoSegment | undefined {
  ip.version = 6
  ip.src0 = get32(bytes, 8)
  ip.src1 = get32(bytes, 12)
  ip.src2 = get32(bytes, 16)
  ip.src3 = get32(bytes, 20)
  ip.dst0 = get32(bytes, 24)
  ip.dst1 = get32(bytes, 28)
  ip.dst2 = get32(bytes, 32)
  ip.dst3 = get32(bytes, 36)
  ip.trafficClass = (get16(bytes, 0) >>> 4) & 0xff
  ip.hopLimit = bytes[7]!
  let next = bytes[6]!
  let at = 40
  // Each step goes on, so it ends with the bytes.
  while (isExtension(next)) {
    if (at + 8 > bytes.length) return 'cut-short'
    if (next === FRAGMENT && (get16(bytes, at + 2) & 0xfff9) !== 0) ip.isFragment = true
    const units = bytes[at + 1]!
    const size = next === FRAGMENT ? 8 : next === AUTHENTICATION ? (units + 2) << 2 : (units + 1) << 3
    next = bytes[at]!
    at += size
    // What follows is only a part.
    if (ip.isFragment) break
  }
  ip.protocol = next === NO_NEXT_HEADER ? 0 : next
  ip.payloadOffset = at
  return undefined
}

const isExtension = (next: number): boolean =>
  next === HOP_BY_HOP ||
  next === ROUTING ||
  next === FRAGMENT ||
  next === AUTHENTICATION ||
  next === DESTINATION_OPTIONS
