import type { IpAddress } from '../wire/address.js'
import { PROTO_TCP, pseudoSum } from '../wire/ip.js'
import type { Interface } from './interface.js'

/** How packets of one connection travel: the interface, the next hop, what is constant in their headers. */
export class Path {
  /** Largest IP packet, in bytes; the interface's MTU until an ICMP error says less. */
  mtu: number
  /** When a smaller MTU learned from ICMP is forgotten, in ms (RFC 1191 section 6.3). */
  mtuExpires = Number.POSITIVE_INFINITY
  /** Partial checksum of the TCP pseudo-header, without the length. */
  readonly pseudo: number

  constructor(
    readonly iface: Interface,
    readonly local: IpAddress,
    readonly remote: IpAddress,
    readonly nextHop: IpAddress,
  ) {
    this.mtu = iface.mtu
    this.pseudo = pseudoSum(local, remote, PROTO_TCP)
  }

  get ipHeader(): number {
    return this.local.version === 4 ? 20 : 40
  }

  /** MMS_S: the largest TCP segment, header included. */
  get maxSegment(): number {
    return this.mtu - this.ipHeader
  }
}
