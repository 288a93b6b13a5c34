import { type Cidr, IpAddress } from '../wire/address.js'
import { linkLocal } from '../wire/ndp.js'
import type { Link } from './link.js'

/** One attachment to a link, with its addresses. */
export class Interface {
  readonly addresses: Cidr[]
  readonly mtu: number
  /** Bytes before the IP header of an outgoing packet: the link's own and an Ethernet header. */
  readonly headroom: number
  /** One outgoing packet is built at a time, here. */
  readonly buffer: Uint8Array
  readonly mac: Uint8Array | undefined
  readonly isLoopback: boolean
  received = 0
  sent = 0
  sendFailures = 0
  /** See `InterfaceOptions`. */
  headerPrediction = false

  constructor(
    readonly index: number,
    readonly name: string,
    readonly link: Link,
    addresses: Cidr[],
    isLoopback = false,
  ) {
    this.addresses = [...addresses]
    this.mtu = link.mtu
    this.isLoopback = isLoopback
    if (link.kind === 'ethernet') {
      if (link.hardwareAddress?.length !== 6) throw new TypeError(`link of ${name} has no hardware address`)
      this.mac = link.hardwareAddress
      // Neighbour discovery speaks from a link-local address (RFC 4291 section 2.8), if there is room for IPv6.
      if (this.mtu >= 1280 && !this.addresses.some(a => a.address.isLinkLocal))
        this.addresses.push({ address: linkLocal(this.mac), prefix: 64 })
    }
    this.headroom = (link.headroom ?? 0) + (link.kind === 'ethernet' ? 14 : 0)
    // No IP packet is longer than 65,535; what the link cuts up itself is bounded by that.
    const largest = link.segmentation ? 65_535 : Math.max(this.mtu, 1280)
    this.buffer = new Uint8Array(this.headroom + largest + 64)
  }

  owns(version: 4 | 6, w0: number, w1: number, w2: number, w3: number): boolean {
    if (this.own(version, w0, w1, w2, w3)) return true
    return this.isLoopback && version === 4 && w3 >>> 24 === 127
  }

  /** The address with these words, if it is one of those that were given: very many connections have it in common. */
  own(version: 4 | 6, w0: number, w1: number, w2: number, w3: number): IpAddress | undefined {
    for (const { address: a } of this.addresses)
      if (a.w3 === w3 && a.version === version && a.w2 === w2 && a.w1 === w1 && a.w0 === w0) return a
    return undefined
  }

  /** The directed broadcast of one of our IPv4 subnets (RFC 1122 section 3.2.1.3), or its all-zeros form. */
  isSubnetBroadcast(word: number): boolean {
    for (const { address: a, prefix } of this.addresses) {
      if (a.version !== 4 || prefix >= 31 || prefix === 0) continue
      const mask = -1 << (32 - prefix)
      if ((word & mask) === (a.w3 & mask) && ((word & ~mask) === ~mask || (word & ~mask) === 0)) return true
    }
    return false
  }

  /** The address to speak from to `destination`: of its scope, and of its subnet or that of the next hop. */
  sourceFor(destination: IpAddress, nextHop = destination): IpAddress | undefined {
    const same = this.addresses.filter(a => a.address.version === destination.version)
    const scoped = same.filter(a => a.address.isLinkLocal === destination.isLinkLocal)
    const near = (to: IpAddress) => scoped.find(a => a.prefix > 0 && to.inPrefix(a.address, a.prefix))
    return (near(destination) ?? near(nextHop) ?? scoped[0] ?? same[0])?.address
  }
}

/** Every address a loopback interface answers to. */
export const LOOPBACK_ADDRESSES: Cidr[] = [
  { address: IpAddress.loopback4, prefix: 8 },
  { address: IpAddress.loopback6, prefix: 128 },
]
