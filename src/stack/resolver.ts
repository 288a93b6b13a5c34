import type { IpAddress } from '../wire/address.js'
import { IpAddress as Address } from '../wire/address.js'
import { ARP_LENGTH, ARP_REPLY, ARP_REQUEST, ArpView, writeArp } from '../wire/arp.js'
import type { DropReason } from '../wire/drops.js'
import {
  BROADCAST_MAC,
  ETHERNET_HEADER,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  writeEthernet,
} from '../wire/ethernet.js'
import { ICMP6, writeIcmp } from '../wire/icmp.js'
import { type IpView, PROTO_ICMPV6, pseudoSum } from '../wire/ip.js'
import { writeIpv6 } from '../wire/ipv6.js'
import {
  multicastMac6,
  NA_OVERRIDE,
  NA_SOLICITED,
  NDP_LENGTH,
  NdpView,
  solicitedNode,
  writeNdp,
} from '../wire/ndp.js'
import type { Context } from './context.js'
import type { Interface } from './interface.js'
import type { IpLayer } from './ip-layer.js'
import { type Neighbour, NeighbourCache, SOLICIT_INTERVAL, SOLICIT_TRIES } from './neighbours.js'

const ALL_NODES = Address.v6(0xff020000, 0, 0, 1)
const ZERO_MAC = new Uint8Array(6)

/** Finds the station address of a next hop on Ethernet: ARP for IPv4, neighbour discovery for IPv6. */
export class Resolver {
  private readonly caches = new Map<Interface, NeighbourCache>()
  private readonly arpView = new ArpView()
  private readonly ndpView = new NdpView()
  /** Told when nobody answered for an address. */
  onUnreachable: ((address: IpAddress) => void) | undefined

  constructor(
    private readonly context: Context,
    private readonly ip: IpLayer,
  ) {}

  private cache(iface: Interface): NeighbourCache {
    let cache = this.caches.get(iface)
    if (!cache) this.caches.set(iface, (cache = new NeighbourCache(iface)))
    return cache
  }

  /**
   * Sends the packet in the interface's buffer, or keeps a copy until the neighbour has answered. `segmentSize` as in
   * `Link.send`.
   */
  send(iface: Interface, nextHop: IpAddress, length: number, segmentSize = 0): void {
    if (
      nextHop.isMulticast ||
      nextHop.isBroadcast ||
      (nextHop.version === 4 && iface.isSubnetBroadcast(nextHop.w3))
    ) {
      this.frame(
        iface,
        nextHop.version === 6 ? multicastMac6(nextHop) : BROADCAST_MAC,
        nextHop.version,
        length,
      )
      return
    }
    const entry = this.cache(iface).ensure(nextHop, old => this.context.wheel.cancel(old))
    if (entry.mac) {
      this.frame(iface, entry.mac, nextHop.version, length, segmentSize)
      // Still used, but the answer is old: ask again while going on (a simple form of RFC 4861's PROBE).
      if (entry.freshUntil <= this.context.now && entry.tries === 0) this.solicit(entry)
      return
    }
    const packet = iface.buffer.subarray(iface.headroom, iface.headroom + length)
    if (!this.cache(iface).enqueue(entry, packet, segmentSize)) this.context.counters.neighbourQueueFull++
    if (entry.tries === 0) this.solicit(entry)
  }

  private frame(iface: Interface, mac: Uint8Array, version: 4 | 6, length: number, segmentSize = 0): void {
    const at = iface.headroom - ETHERNET_HEADER
    writeEthernet(iface.buffer, at, mac, iface.mac!, version === 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6)
    this.ip.linkSend(iface, at, ETHERNET_HEADER + length, segmentSize)
  }

  private solicit(entry: Neighbour): void {
    entry.tries++
    this.context.wheel.schedule(entry, this.context.now + SOLICIT_INTERVAL)
    const { iface, address } = entry
    if (address.version === 4) {
      const own = iface.sourceFor(address)
      if (own) this.sendArp(iface, ARP_REQUEST, own, BROADCAST_MAC, ZERO_MAC, address)
      return
    }
    const own = iface.sourceFor(address)
    if (own) this.sendNdp(iface, ICMP6.NEIGHBOR_SOLICITATION, 0, own, solicitedNode(address), address)
  }

  /** What is sent to this neighbour gets no answer: it is asked whether it is there, and used meanwhile. */
  doubt(iface: Interface, nextHop: IpAddress): void {
    if (iface.link.kind !== 'ethernet') return
    const entry = this.cache(iface).lookup(nextHop)
    if (entry?.mac && entry.tries === 0) this.solicit(entry)
  }

  /** A second without an answer. */
  timer(entry: Neighbour): void {
    if (entry.tries === 0) return
    if (entry.tries < SOLICIT_TRIES) {
      this.solicit(entry)
      return
    }
    this.cache(entry.iface).forget(entry)
    this.context.counters.neighbourUnreachable += Math.max(1, entry.waiting.length)
    this.onUnreachable?.(entry.address)
  }

  private learn(iface: Interface, address: IpAddress, mac: Uint8Array, create: boolean): void {
    const cache = this.cache(iface)
    const entry = create
      ? cache.ensure(address, old => this.context.wheel.cancel(old))
      : cache.lookup(address)
    if (!entry) return
    const waiting = cache.learn(entry, mac, this.context.now)
    this.context.wheel.cancel(entry)
    for (const { packet, segmentSize } of waiting) {
      iface.buffer.set(packet, iface.headroom)
      this.frame(iface, mac, address.version, packet.length, segmentSize)
    }
  }

  // ---- ARP ----

  /** RFC 826's "packet reception". */
  arp(iface: Interface, bytes: Uint8Array, offset: number, length: number): DropReason | undefined {
    const view = this.arpView
    const reason = view.parse(bytes, offset, length)
    if (reason) return reason
    const { sender, senderMac, target } = view
    const forUs = iface.owns(4, target.w0, target.w1, target.w2, target.w3)
    const fromUs = this.ip.owns(sender)
    if (!fromUs && !sender.isUnspecified && !sender.isMulticast && !sender.isBroadcast)
      this.learn(iface, sender, senderMac, forUs)
    if (forUs && view.operation === ARP_REQUEST)
      this.sendArp(iface, ARP_REPLY, target, senderMac, senderMac, sender)
    return undefined
  }

  private sendArp(
    iface: Interface,
    operation: number,
    own: IpAddress,
    to: Uint8Array,
    targetMac: Uint8Array,
    target: IpAddress,
  ): void {
    const at = iface.headroom - ETHERNET_HEADER
    writeEthernet(iface.buffer, at, to, iface.mac!, ETHERTYPE_ARP)
    writeArp(iface.buffer, iface.headroom, operation, iface.mac!, own, targetMac, target)
    this.ip.linkSend(iface, at, ETHERNET_HEADER + ARP_LENGTH)
  }

  // ---- neighbour discovery ----

  /** A solicitation or advertisement, its ICMP checksum verified (RFC 4861 section 7.2). */
  ndp(iface: Interface, ip: IpView, type: number, code: number): DropReason | undefined {
    if (iface.link.kind !== 'ethernet') return undefined
    const view = this.ndpView
    const reason = view.parse(ip, type, code)
    if (reason) return reason
    const { target, linkAddress, override } = view
    if (type === ICMP6.NEIGHBOR_ADVERTISEMENT) {
      if (!linkAddress || this.ip.owns(target)) return undefined
      const known = this.cache(iface).lookup(target)?.mac
      const moves = known?.some((byte, i) => byte !== linkAddress[i])
      if (override || !moves) this.learn(iface, target, linkAddress, false)
      return undefined
    }
    if (!iface.owns(6, target.w0, target.w1, target.w2, target.w3)) return undefined
    const source = Address.v6(ip.src0, ip.src1, ip.src2, ip.src3)
    if (source.isUnspecified) {
      // Somebody asks whether the address is free: everybody is told that it is not.
      this.sendNdp(iface, ICMP6.NEIGHBOR_ADVERTISEMENT, NA_OVERRIDE, target, ALL_NODES, target)
      return undefined
    }
    if (linkAddress) this.learn(iface, source, linkAddress, true)
    this.sendNdp(iface, ICMP6.NEIGHBOR_ADVERTISEMENT, NA_SOLICITED | NA_OVERRIDE, target, source, target)
    return undefined
  }

  private sendNdp(
    iface: Interface,
    type: number,
    flags: number,
    own: IpAddress,
    destination: IpAddress,
    target: IpAddress,
  ): void {
    const at = iface.headroom
    writeIpv6(iface.buffer, at, NDP_LENGTH, PROTO_ICMPV6, own, destination, 0, 255)
    writeNdp(iface.buffer, at + 40, type, flags, target, iface.mac!)
    writeIcmp(iface.buffer, at + 40, NDP_LENGTH, type, 0, pseudoSum(own, destination, PROTO_ICMPV6))
    this.context.observer?.packet?.('out', iface, iface.buffer, at, 40 + NDP_LENGTH, this.context.now)
    this.context.counters.packetsOut++
    this.send(iface, destination, 40 + NDP_LENGTH)
  }
}
