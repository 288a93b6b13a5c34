import { get16, get32 } from '../wire/bytes.js'
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../wire/ethernet.js'
import { IPV4_HEADER } from '../wire/ipv4.js'
import { IPV6_HEADER } from '../wire/ipv6.js'

/** What stands in front of the IP packets of a capture, by its `LINKTYPE_` (www.tcpdump.org/linktypes.html). */
const NULL = 0
const ETHERNET = 1
const RAW_BSD = 12
const RAW_OPENBSD = 14
const RAW = 101
const LOOP = 108
const LINUX_SLL = 113
const IPV4 = 228
const IPV6 = 229
const LINUX_SLL2 = 276

/** Tags of IEEE 802.1Q, of 802.1ad, and what came before that. */
const VLAN_TAGS = [0x8100, 0x88a8, 0x9100, 0x9200]

/** AF_INET of everyone; AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS. */
const FAMILIES = [2, 10, 24, 28, 30]

/**
 * Why a frame gave no packet: there is another protocol in it, its link type is not known here, or too little of it
 * was captured to tell.
 */
export type SkipReason = 'not-ip' | 'unknown-link-type' | 'cut-short'

/** Where the IP packet begins; `place` if the header says where the frame was captured. */
export interface FoundIp {
  readonly offset: number
  readonly place?: number
}

export const isKnownLinkType = (linkType: number): boolean =>
  [NULL, ETHERNET, RAW_BSD, RAW_OPENBSD, RAW, LOOP, LINUX_SLL, IPV4, IPV6, LINUX_SLL2].includes(linkType)

/** Finds the IP packet in the frame at `bytes[at .. end)`. */
export function ipOffset(linkType: number, bytes: Uint8Array, at: number, end: number): FoundIp | SkipReason {
  switch (linkType) {
    case RAW:
    case RAW_BSD:
    case RAW_OPENBSD:
    case IPV4:
    case IPV6:
      return { offset: at }
    case ETHERNET:
      if (end - at < 14) return 'cut-short'
      return pastTags(bytes, get16(bytes, at + 12), at + 14, end)
    case NULL:
    case LOOP:
      if (end - at < 4) return 'cut-short'
      return isIpFamily(get32(bytes, at)) ? { offset: at + 4 } : 'not-ip'
    case LINUX_SLL:
      if (end - at < 16) return 'cut-short'
      return pastTags(bytes, get16(bytes, at + 14), at + 16, end, get16(bytes, at))
    case LINUX_SLL2:
      if (end - at < 20) return 'cut-short'
      return pastTags(bytes, get16(bytes, at), at + 20, end, get32(bytes, at + 4))
    default:
      return 'unknown-link-type'
  }
}

/** How long the IP packet at `at` is by its own account, of which `there` bytes are; `wire` where it gives none. */
export function ipLength(bytes: Uint8Array, at: number, there: number, wire: number): number | SkipReason {
  if (there < 1) return 'cut-short'
  const version = bytes[at]! >>> 4
  if (version !== 4 && version !== 6) return 'not-ip'
  const header = version === 4 ? IPV4_HEADER : IPV6_HEADER
  if (there < header) return 'cut-short'
  // A device that cuts segments up itself is given none: its length is 0, or a jumbo's.
  const length = get16(bytes, at + (version === 4 ? 2 : 4))
  if (length === 0) return wire
  return version === 4 ? Math.max(length, IPV4_HEADER) : IPV6_HEADER + length
}

/** Each step goes four bytes on, so it ends with the frame. */
function pastTags(
  bytes: Uint8Array,
  type: number,
  at: number,
  end: number,
  place?: number,
): FoundIp | SkipReason {
  while (VLAN_TAGS.includes(type)) {
    if (end - at < 4) return 'cut-short'
    type = get16(bytes, at + 2)
    at += 4
  }
  if (type !== ETHERTYPE_IPV4 && type !== ETHERTYPE_IPV6) return 'not-ip'
  return place === undefined ? { offset: at } : { offset: at, place }
}

/** In the byte order of the machine that captured, which need not be that of the file. */
function isIpFamily(field: number): boolean {
  const swapped = (field >>> 24) | ((field >>> 8) & 0xff00) | ((field & 0xff00) << 8) | (field << 24)
  return FAMILIES.includes(field) || FAMILIES.includes(swapped)
}
