import { IpAddress } from './address.js'
import { get16, set16 } from './bytes.js'
import type { DropReason } from './drops.js'

/** Address resolution for IPv4 over Ethernet (RFC 826). */
export const ARP_LENGTH = 28
export const ARP_REQUEST = 1
export const ARP_REPLY = 2

export class ArpView {
  operation = 0
  senderMac: Uint8Array = new Uint8Array(6)
  sender: IpAddress = IpAddress.any4
  target: IpAddress = IpAddress.any4

  /** Reads a packet; the result keeps nothing of `bytes`. */
  parse(bytes: Uint8Array, offset: number, length: number): DropReason | undefined {
    if (length < ARP_LENGTH) return 'arp-truncated'
    if (
      get16(bytes, offset) !== 1 ||
      get16(bytes, offset + 2) !== 0x0800 ||
      bytes[offset + 4] !== 6 ||
      bytes[offset + 5] !== 4
    )
      return 'arp-malformed'
    this.operation = get16(bytes, offset + 6)
    if (this.operation !== ARP_REQUEST && this.operation !== ARP_REPLY) return 'arp-malformed'
    this.senderMac = bytes.slice(offset + 8, offset + 14)
    if (this.senderMac[0]! & 1) return 'arp-malformed'
    this.sender = IpAddress.fromBytes(4, bytes, offset + 14)
    this.target = IpAddress.fromBytes(4, bytes, offset + 24)
    return undefined
  }
}

export function writeArp(
  b: Uint8Array,
  offset: number,
  operation: number,
  senderMac: Uint8Array,
  sender: IpAddress,
  targetMac: Uint8Array,
  target: IpAddress,
): void {
  set16(b, offset, 1)
  set16(b, offset + 2, 0x0800)
  b[offset + 4] = 6
  b[offset + 5] = 4
  set16(b, offset + 6, operation)
  b.set(senderMac, offset + 8)
  sender.write(b, offset + 14)
  b.set(targetMac, offset + 18)
  target.write(b, offset + 24)
}
