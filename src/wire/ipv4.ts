import type { IpAddress } from './address.js'
import { get16, get32, set16, set32 } from './bytes.js'
import { finish, sum, verifies } from './checksum.js'
import type { DropReason } from './drops.js'
import type { IpView } from './ip.js'

/** IPv4 (RFC 791, RFC 1122 section 3.2.1). */
export const IPV4_HEADER = 20

const OPTION_END = 0
const OPTION_NOP = 1
const OPTION_LSRR = 131
const OPTION_SSRR = 137

export function parseIpv4(
  view: IpView,
  bytes: Uint8Array,
  offset: number,
  length: number,
): DropReason | undefined {
  if (length < IPV4_HEADER) return 'ip-truncated'
  const headerLength = (bytes[offset]! & 15) << 2
  if (headerLength < IPV4_HEADER || headerLength > length) return 'ipv4-bad-header-length'
  const totalLength = get16(bytes, offset + 2)
  if (totalLength < headerLength || totalLength > length) return 'ipv4-bad-total-length'
  if (!verifies(sum(bytes, offset, headerLength))) return 'ipv4-bad-checksum'
  if (headerLength > IPV4_HEADER) {
    const bad = walkOptions(bytes, offset + IPV4_HEADER, offset + headerLength)
    if (bad) return bad
  }
  view.bytes = bytes
  view.version = 4
  view.offset = offset
  view.totalLength = totalLength
  view.src0 = view.src1 = view.dst0 = view.dst1 = 0
  view.src2 = view.dst2 = 0xffff
  view.src3 = get32(bytes, offset + 12)
  view.dst3 = get32(bytes, offset + 16)
  view.protocol = bytes[offset + 9]!
  view.protocolField = 9
  view.trafficClass = bytes[offset + 1]!
  view.hopLimit = bytes[offset + 8]!
  view.payloadOffset = offset + headerLength
  view.payloadLength = totalLength - headerLength
  const fragment = get16(bytes, offset + 6)
  view.fragmentOffset = (fragment & 0x1fff) << 3
  view.moreFragments = (fragment & 0x2000) !== 0
  view.isFragment = view.moreFragments || view.fragmentOffset !== 0
  view.fragmentId = get16(bytes, offset + 4)
  view.fragmentHeader = 0
  return undefined
}

/**
 * Options are skipped (RFC 9293 MUST-50), once they are seen to be well formed. Source routes are refused: a host
 * that honoured one would answer along a path chosen by whoever sent it (RFC 7126).
 */
function walkOptions(bytes: Uint8Array, at: number, end: number): DropReason | undefined {
  while (at < end) {
    const kind = bytes[at]!
    if (kind === OPTION_END) return undefined
    if (kind === OPTION_NOP) {
      at++
      continue
    }
    const size = at + 1 < end ? bytes[at + 1]! : 0
    if (size < 2 || at + size > end) return 'ipv4-bad-options'
    if (kind === OPTION_LSRR || kind === OPTION_SSRR) return 'ipv4-source-routed'
    at += size
  }
  return undefined
}

/**
 * Writes a 20-byte header for a packet of `totalLength` bytes. `dontFragment` packets are atomic and may share an
 * identification (RFC 6864); `fragment` is the offset in bytes with `more` for fragments.
 */
export function writeIpv4(
  b: Uint8Array,
  offset: number,
  totalLength: number,
  protocol: number,
  source: IpAddress,
  destination: IpAddress,
  trafficClass: number,
  hopLimit: number,
  dontFragment: boolean,
  id = 0,
  fragmentOffset = 0,
  more = false,
): void {
  b[offset] = 0x45
  b[offset + 1] = trafficClass
  set16(b, offset + 2, totalLength)
  set16(b, offset + 4, id)
  set16(b, offset + 6, (dontFragment ? 0x4000 : 0) | (more ? 0x2000 : 0) | (fragmentOffset >>> 3))
  b[offset + 8] = hopLimit
  b[offset + 9] = protocol
  set16(b, offset + 10, 0)
  set32(b, offset + 12, source.w3)
  set32(b, offset + 16, destination.w3)
  set16(b, offset + 10, finish(sum(b, offset, IPV4_HEADER)))
}
