import { get16, set16 } from './bytes.js'
import { finish, sum, verifies } from './checksum.js'
import type { DropReason } from './drops.js'
import { type IpView, PROTO_UDP, pseudoSumOf } from './ip.js'

/** UDP (RFC 768; over IPv6 the checksum is obligatory, RFC 8200 section 8.1). */
export const UDP_HEADER = 8

export class UdpView {
  srcPort = 0
  dstPort = 0
  payloadOffset = 0
  payloadLength = 0

  parse(ip: IpView): DropReason | undefined {
    const { bytes, payloadOffset: at, payloadLength: length } = ip
    if (length < UDP_HEADER) return 'udp-truncated'
    const claimed = get16(bytes, at + 4)
    if (claimed < UDP_HEADER || claimed > length) return 'udp-bad-length'
    const checksum = get16(bytes, at + 6)
    if (checksum === 0) {
      if (ip.version === 6) return 'udp-bad-checksum'
    } else if (!ip.vouched && !verifies(pseudoSumOf(ip, PROTO_UDP, claimed) + sum(bytes, at, claimed)))
      return 'udp-bad-checksum'
    this.srcPort = get16(bytes, at)
    this.dstPort = get16(bytes, at + 2)
    this.payloadOffset = at + UDP_HEADER
    this.payloadLength = claimed - UDP_HEADER
    return undefined
  }
}

/** Writes the header for a payload already in place behind it. `pseudo` is `pseudoSum(source, destination, 17)`. */
export function writeUdp(
  b: Uint8Array,
  offset: number,
  srcPort: number,
  dstPort: number,
  payloadLength: number,
  pseudo: number,
): void {
  const length = UDP_HEADER + payloadLength
  set16(b, offset, srcPort)
  set16(b, offset + 2, dstPort)
  set16(b, offset + 4, length)
  set16(b, offset + 6, 0)
  // A sum of zero is sent as all ones: zero means "no checksum".
  set16(b, offset + 6, finish(pseudo + length + sum(b, offset, length)) || 0xffff)
}
