import { IpAddress } from './address.js'
import { get32, set32 } from './bytes.js'
import type { DropReason } from './drops.js'
import { ICMP6 } from './icmp.js'
import type { IpView } from './ip.js'

/** Neighbour Discovery (RFC 4861): solicitations and advertisements, what a host with static addresses needs. */
const SOURCE_LINK_ADDRESS = 1
const TARGET_LINK_ADDRESS = 2
/** ICMP header, target address, one link-layer address option. */
export const NDP_LENGTH = 32

export const NA_SOLICITED = 0x40000000
export const NA_OVERRIDE = 0x20000000

export class NdpView {
  target: IpAddress = IpAddress.any6
  /** An advertisement's: it may replace a station address that is known. */
  override = false
  /** The sender's (solicitation) or the target's (advertisement) station address, if given. */
  linkAddress: Uint8Array | undefined

  /** Reads a message whose ICMP header and checksum are already checked (sections 7.1.1 and 7.1.2). */
  parse(ip: IpView, type: number, code: number): DropReason | undefined {
    const { bytes, payloadOffset: at, payloadLength: length } = ip
    // A hop limit of 255 shows that no router forwarded it: only a neighbour may speak of neighbours.
    if (ip.hopLimit !== 255 || code !== 0 || length < 24) return 'ndp-malformed'
    this.target = IpAddress.fromBytes(6, bytes, at + 8)
    if (this.target.isMulticast) return 'ndp-malformed'
    const soliciting = type === ICMP6.NEIGHBOR_SOLICITATION
    const flags = get32(bytes, at + 4)
    this.override = !soliciting && (flags & NA_OVERRIDE) !== 0
    // Nobody in particular asked who is told as one of a group.
    if (!soliciting && flags & NA_SOLICITED && ip.dst0 >>> 24 === 0xff) return 'ndp-malformed'
    this.linkAddress = undefined
    const wanted = soliciting ? SOURCE_LINK_ADDRESS : TARGET_LINK_ADDRESS
    let option = at + 24
    const end = at + length
    while (option < end) {
      const size = option + 1 < end ? bytes[option + 1]! << 3 : 0
      if (size === 0 || option + size > end) return 'ndp-malformed'
      if (bytes[option] === wanted && size === 8) this.linkAddress = bytes.slice(option + 2, option + 8)
      option += size
    }
    if (this.linkAddress && this.linkAddress[0]! & 1) return 'ndp-malformed'
    // Who has no address yet asks the group that whoever has it is in, and has nothing to be remembered by.
    const nobody = (ip.src0 | ip.src1 | ip.src2 | ip.src3) === 0
    return soliciting && nobody && (this.linkAddress || !isSolicitedNode(ip)) ? 'ndp-malformed' : undefined
  }
}

/** Writes the body after the ICMP type, code and checksum. `flags` are the advertisement's, in their place. */
export function writeNdp(
  b: Uint8Array,
  offset: number,
  type: number,
  flags: number,
  target: IpAddress,
  mac: Uint8Array,
): void {
  set32(b, offset + 4, flags)
  target.write(b, offset + 8)
  b[offset + 24] = type === ICMP6.NEIGHBOR_SOLICITATION ? SOURCE_LINK_ADDRESS : TARGET_LINK_ADDRESS
  b[offset + 25] = 1
  b.set(mac, offset + 26)
}

const isSolicitedNode = (ip: IpView): boolean =>
  ip.dst0 >>> 0 === 0xff020000 && ip.dst1 === 0 && ip.dst2 === 1 && ip.dst3 >>> 24 === 0xff

/** ff02::1:ffXX:XXXX for the address's last 24 bits (RFC 4291 section 2.7.1). */
export const solicitedNode = (address: IpAddress): IpAddress =>
  IpAddress.v6(0xff020000, 0, 1, 0xff000000 | (address.w3 & 0xffffff))

/** The Ethernet group for an IPv6 multicast address (RFC 2464 section 7). */
export const multicastMac6 = (address: IpAddress): Uint8Array =>
  Uint8Array.of(0x33, 0x33, address.w3 >>> 24, address.w3 >>> 16, address.w3 >>> 8, address.w3)

/** fe80:: with the modified EUI-64 of a station address (RFC 4291 appendix A). */
export const linkLocal = (mac: Uint8Array): IpAddress =>
  IpAddress.v6(
    0xfe800000,
    0,
    ((mac[0]! ^ 2) << 24) | (mac[1]! << 16) | (mac[2]! << 8) | 0xff,
    (0xfe << 24) | (mac[3]! << 16) | (mac[4]! << 8) | mac[5]!,
  )
