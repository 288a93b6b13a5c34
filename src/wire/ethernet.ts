import { get16, set16 } from './bytes.js'
import type { DropReason } from './drops.js'

/** Ethernet II framing. The FCS is the device's business; IEEE 802.3 length frames are not ours. */
export const ETHERNET_HEADER = 14
export const ETHERTYPE_IPV4 = 0x0800
export const ETHERTYPE_ARP = 0x0806
export const ETHERTYPE_IPV6 = 0x86dd

export const BROADCAST_MAC: Uint8Array = new Uint8Array([255, 255, 255, 255, 255, 255])

export class EthernetView {
  type = 0
  payloadOffset = 0
  payloadLength = 0

  /** Reads the frame at `bytes[offset .. offset + length)`. */
  parse(bytes: Uint8Array, offset: number, length: number): DropReason | undefined {
    if (length < ETHERNET_HEADER) return 'ethernet-truncated'
    this.type = get16(bytes, offset + 12)
    this.payloadOffset = offset + ETHERNET_HEADER
    this.payloadLength = length - ETHERNET_HEADER
    return undefined
  }
}

export function writeEthernet(
  b: Uint8Array,
  offset: number,
  destination: Uint8Array,
  source: Uint8Array,
  type: number,
): void {
  for (let i = 0; i < 6; i++) {
    b[offset + i] = destination[i]!
    b[offset + 6 + i] = source[i]!
  }
  set16(b, offset + 12, type)
}

/** True if the six bytes at `offset` are `mac`, a broadcast or a multicast. */
export function isForStation(b: Uint8Array, offset: number, mac: Uint8Array): boolean {
  if (b[offset]! & 1) return true
  for (let i = 0; i < 6; i++) if (b[offset + i] !== mac[i]) return false
  return true
}

/** `02:00:00:00:00:01` to bytes. Throws a TypeError on anything else. */
export function parseMac(text: string): Uint8Array {
  if (!/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/.test(text))
    throw new TypeError(`not an Ethernet address: ${JSON.stringify(text)}`)
  return Uint8Array.from(text.split(':'), part => Number.parseInt(part, 16))
}

export const formatMac = (mac: Uint8Array): string =>
  Array.from(mac, byte => byte.toString(16).padStart(2, '0')).join(':')
