import type { Libc } from './tun-libc.js'

/**
 * Segmentation offload: the kernel hands over segments before it has cut them up, and takes some that it is to cut up,
 * each behind a header that says what is left to be done (struct virtio_net_hdr, the kernel's byte order).
 *
 * 0 flags, 1 gso_type, 2 hdr_len, 4 gso_size, 6 csum_start, 8 csum_offset
 */
export const OFFLOAD_HEADER = 10

/** The most payload of one packet: with its headers an IP packet has no more than 65,535 bytes. */
export const MOST_PAYLOAD = 65_535 - 40 - 60

const TUNSETOFFLOAD = 0x400454d0
const TUN_F_CSUM = 1
const TUN_F_TSO4 = 2
const TUN_F_TSO6 = 4
const TUN_F_TSO_ECN = 8

const NEEDS_CSUM = 1
const DATA_VALID = 2
const GSO_TCPV4 = 1
const GSO_TCPV6 = 4
const GSO_ECN = 0x80

export const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
const CWR = 0x80

/** Lets the kernel hand over segments that are not cut up, or no more. False if it knows nothing of that. */
export function setOffload(libc: Libc, fd: number, on: boolean): boolean {
  const features = on ? TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN : 0
  return libc.ioctlNumber(fd, TUNSETOFFLOAD, features) >= 0
}

/** Whether the header in front of a received packet says that its checksum need not be looked at. */
export const isVouched = (header: Uint8Array, at: number): boolean =>
  (header[at]! & (NEEDS_CSUM | DATA_VALID)) !== 0

/** The payload of each segment, but for the last, of those that a received packet was put together from; 0 for one. */
export const segmentSizeOf = (header: Uint8Array, at: number): number =>
  header[at + 1] === 0 ? 0 : get(header, at + 4)

/**
 * Writes the header at `at` for the packet right behind it, or the frame with an Ethernet header of `linkHeader` bytes. With a
 * `segmentSize` the kernel cuts the payload of a TCP segment up into pieces of that size, and gives each its checksum;
 * without, the packet is complete.
 */
export function writeOffload(b: Uint8Array, at: number, segmentSize: number, linkHeader = 0): void {
  b.fill(0, at, at + OFFLOAD_HEADER)
  if (segmentSize === 0) return
  const packet = at + OFFLOAD_HEADER + linkHeader
  const version4 = b[packet]! >>> 4 === 4
  const ip = version4 ? (b[packet]! & 15) << 2 : 40
  const tcp = packet + ip
  b[at] = NEEDS_CSUM
  // Only the first of the pieces has CWR (RFC 3168 section 6.1.2).
  b[at + 1] = (version4 ? GSO_TCPV4 : GSO_TCPV6) | (b[tcp + 13]! & CWR ? GSO_ECN : 0)
  set(b, at + 2, linkHeader + ip + ((b[tcp + 12]! >>> 4) << 2))
  set(b, at + 4, segmentSize)
  set(b, at + 6, linkHeader + ip)
  set(b, at + 8, 16)
}

const get = (b: Uint8Array, at: number): number =>
  b[LITTLE_ENDIAN ? at : at + 1]! | (b[LITTLE_ENDIAN ? at + 1 : at]! << 8)

function set(b: Uint8Array, at: number, value: number): void {
  b[LITTLE_ENDIAN ? at : at + 1] = value
  b[LITTLE_ENDIAN ? at + 1 : at] = value >>> 8
}
