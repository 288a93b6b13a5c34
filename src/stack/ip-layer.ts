import { TcpError } from '../tcp/errors.js'
import { type Cidr, IpAddress, parseCidr } from '../wire/address.js'
import { get32 } from '../wire/bytes.js'
import type { DropReason } from '../wire/drops.js'
import {
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  EthernetView,
  isForStation,
} from '../wire/ethernet.js'
import type { Gathered } from '../wire/gathered.js'
import {
  type IpView,
  PROTO_ICMP,
  PROTO_ICMPV6,
  PROTO_TCP,
  PROTO_UDP,
  parseIp,
  IpView as View,
} from '../wire/ip.js'
import { writeIpv4 } from '../wire/ipv4.js'
import { NO_NEXT_HEADER, writeIpv6 } from '../wire/ipv6.js'
import type { Lender } from '../wire/lender.js'
import type { Context } from './context.js'
import { type Datagram, Fragments, REASSEMBLY_TIMEOUT } from './fragments.js'
import { Interface, LOOPBACK_ADDRESSES } from './interface.js'
import type { Link } from './link.js'
import { LoopbackLink } from './loopback.js'
import { Path } from './path.js'
import { PathMtuCache } from './path-mtu.js'
import { Resolver } from './resolver.js'
import { RouteTable } from './routes.js'
import { showArrived, showSent } from './shown.js'

/** Who takes the payload of packets that are for us. */
export interface Upper {
  tcp(ip: IpView): void
  udp(ip: IpView, multicast: boolean): void
  icmp(ip: IpView, iface: Interface, multicast: boolean): void
  unknownProtocol(ip: IpView): void
  /** The view's `problemPointer` says where an extension header or option could not be processed. */
  problem(ip: IpView, code: number): void
  /** The rest of the datagram that this fragment began did not come. */
  fragmentTimeout(first: IpView): void
}

/** Interfaces, routes, and packets: IPv4 and IPv6 as a host speaks them, with no forwarding. */
export class IpLayer {
  readonly interfaces: Interface[] = []
  readonly routes = new RouteTable()
  readonly loopback = new LoopbackLink()
  readonly resolver: Resolver
  readonly pathMtu = new PathMtuCache()
  private readonly fragments = new Fragments()
  private readonly ethernet = new EthernetView()
  private readonly view = new View()
  private readonly whole = new View()
  private readonly randomId = new Uint8Array(4)
  upper!: Upper

  constructor(private readonly context: Context) {
    this.resolver = new Resolver(context, this)
    this.add('lo', this.loopback, LOOPBACK_ADDRESSES, true)
  }

  add(name: string, link: Link, addresses: Cidr[], isLoopback = false): Interface {
    if (this.interfaces.some(i => i.name === name))
      throw new TypeError(`there is an interface ${name} already`)
    if (!(link.mtu >= 68)) throw new RangeError(`MTU ${link.mtu} of ${name} is less than IPv4's 68`)
    if (link.mtu < 1280 && addresses.some(a => a.address.version === 6))
      throw new RangeError(`MTU ${link.mtu} of ${name} is less than IPv6's 1280`)
    const iface = new Interface(this.interfaces.length, name, link, addresses, isLoopback)
    this.interfaces.push(iface)
    for (const { address, prefix } of iface.addresses)
      this.routes.add({ destination: { address, prefix }, interface: iface, via: undefined })
    return iface
  }

  addRoute(destination: string, iface: Interface, via?: string): void {
    const cidr = parseCidr(destination === 'default' ? '0.0.0.0/0' : destination)
    const next = via === undefined ? undefined : IpAddress.parse(via)
    if (next && next.version !== cidr.address.version)
      throw new TypeError(`${via} cannot be a hop towards ${destination}`)
    this.routes.add({ destination: cidr, interface: iface, via: next })
  }

  // ---- in ----

  /** One frame or packet from a link; see `LinkReceiver`. Returns whether the bytes are kept. */
  receive(
    iface: Interface,
    bytes: Uint8Array,
    offset: number,
    length: number,
    vouched: boolean,
    lender: Lender | null,
    segmentSize: number,
  ): boolean {
    const { counters } = this.context
    counters.packetsIn++
    iface.received++
    this.view.vouched = vouched
    this.view.lender = lender
    this.view.segmentSize = segmentSize
    const reason =
      iface.link.kind === 'ethernet'
        ? this.frame(iface, bytes, offset, length)
        : this.packet(iface, bytes, offset, length, false)
    if (reason) this.drop(reason)
    return lender !== null && this.view.lender === null
  }

  drop(reason: DropReason): void {
    this.context.counters.drops[reason]++
    this.context.observer?.dropped?.(reason, this.context.now)
  }

  private frame(iface: Interface, bytes: Uint8Array, offset: number, length: number): DropReason | undefined {
    const { ethernet } = this
    const reason = ethernet.parse(bytes, offset, length)
    if (reason) return reason
    if (!isForStation(bytes, offset, iface.mac!)) return 'ethernet-not-for-us'
    const toGroup = (bytes[offset]! & 1) !== 0
    if (ethernet.type === ETHERTYPE_ARP)
      return this.resolver.arp(iface, bytes, ethernet.payloadOffset, ethernet.payloadLength)
    if (ethernet.type !== ETHERTYPE_IPV4 && ethernet.type !== ETHERTYPE_IPV6) return 'ethernet-unknown-type'
    return this.packet(iface, bytes, ethernet.payloadOffset, ethernet.payloadLength, toGroup)
  }

  /** `toGroup`: the link brought it to more stations than ours. */
  private packet(
    iface: Interface,
    bytes: Uint8Array,
    offset: number,
    length: number,
    toGroup: boolean,
  ): DropReason | undefined {
    const { view } = this
    const reason = parseIp(view, bytes, offset, length)
    if (reason) view.vouched = false
    showArrived(this.context, iface, view, bytes, offset, reason ? length : view.totalLength)
    return this.accept(iface, view, reason, toGroup)
  }

  /** A packet as it was parsed, or put together from fragments and parsed again. */
  private accept(
    iface: Interface,
    v: IpView,
    reason: DropReason | undefined,
    toGroup: boolean,
  ): DropReason | undefined {
    if (reason && v.problemPointer < 0) return reason
    const bad = this.checkSource(iface, v)
    if (bad) return bad
    const ours = this.isOurs(iface, v)
    if (reason) {
      if (ours && !toGroup) this.upper.problem(v, reason === 'ipv6-unknown-option' ? 2 : 0)
      return reason
    }
    if (!ours && !this.isGroup(iface, v))
      return this.isBadDestination(v) ? 'ip-bad-destination' : 'ip-not-for-us'
    return v.isFragment ? this.fragment(iface, v, toGroup) : this.dispatch(v, iface, toGroup || !ours)
  }

  private fragment(iface: Interface, v: IpView, toGroup: boolean): DropReason | undefined {
    // Only what was put together can be in the second view, and nobody sends fragments of fragments.
    if (v === this.whole) return 'fragment-malformed'
    const { now, wheel } = this.context
    const result = this.fragments.add(
      v,
      datagram => wheel.schedule(datagram, now + REASSEMBLY_TIMEOUT),
      datagram => wheel.cancel(datagram),
    )
    if (typeof result === 'string' || result === undefined) return result
    return this.accept(iface, this.whole, parseIp(this.whole, result, 0, result.length), toGroup)
  }

  /** Addresses no packet can come from (RFC 1122 section 3.2.1.3, MUST-63), and our own from outside (LAND). */
  private checkSource(iface: Interface, v: IpView): DropReason | undefined {
    if (iface.isLoopback) return undefined
    const { src0, src1, src2, src3 } = v
    if (v.version === 4) {
      const top = src3 >>> 24
      if (top === 127 || top === 0 || top >= 224 || iface.isSubnetBroadcast(src3)) return 'ip-bad-source'
    } else {
      if (src0 >>> 24 === 0xff) return 'ip-bad-source'
      if ((src0 | src1) === 0 && (src2 === 0xffff || (src2 === 0 && src3 === 1))) return 'ip-bad-source'
      // The unspecified address is only for those who have none yet, and they speak ICMPv6.
      if ((src0 | src1 | src2 | src3) === 0 && v.protocol !== PROTO_ICMPV6) return 'ip-bad-source'
    }
    return this.ownsAnywhere(v.version, src0, src1, src2, src3) ? 'ip-bad-source' : undefined
  }

  private isOurs(iface: Interface, v: IpView): boolean {
    return iface.isLoopback
      ? this.ownsAnywhere(v.version, v.dst0, v.dst1, v.dst2, v.dst3)
      : iface.owns(v.version, v.dst0, v.dst1, v.dst2, v.dst3)
  }

  private isGroup(iface: Interface, v: IpView): boolean {
    if (v.version === 4) return v.dst3 === -1 || v.dst3 >>> 28 === 0xe || iface.isSubnetBroadcast(v.dst3)
    if (v.dst0 >>> 24 !== 0xff) return false
    // All nodes, or the solicited-node group of one of our addresses (RFC 4291 section 2.8).
    if ((v.dst1 | v.dst2) === 0 && v.dst3 === 1) return true
    return iface.addresses.some(
      ({ address: a }) => a.version === 6 && v.dst2 === 1 && v.dst3 === (0xff000000 | (a.w3 & 0xffffff)),
    )
  }

  private isBadDestination(v: IpView): boolean {
    return v.version === 4 ? v.dst3 >>> 24 === 127 || v.dst3 >>> 24 === 0 : (v.dst0 | v.dst1 | v.dst2) === 0
  }

  private dispatch(v: IpView, iface: Interface, multicast: boolean): DropReason | undefined {
    switch (v.protocol) {
      case PROTO_TCP:
        // MUST-57; and RFC 1122 section 3.3.6 for what the link broadcast.
        if (multicast) return 'tcp-not-unicast'
        this.upper.tcp(v)
        return undefined
      case PROTO_UDP:
        this.upper.udp(v, multicast)
        return undefined
      case PROTO_ICMP:
        if (v.version !== 4) break
        this.upper.icmp(v, iface, multicast)
        return undefined
      case PROTO_ICMPV6:
        if (v.version !== 6) break
        this.upper.icmp(v, iface, multicast)
        return undefined
    }
    if (!multicast && v.protocol !== NO_NEXT_HEADER) this.upper.unknownProtocol(v)
    return 'ip-unknown-protocol'
  }

  fragmentTimer(datagram: Datagram): void {
    this.fragments.drop(datagram)
    this.drop('fragment-timeout')
    const { first } = datagram
    if (first && parseIp(this.view, first, 0, first.length) === undefined)
      this.upper.fragmentTimeout(this.view)
  }

  ownsAnywhere(version: 4 | 6, w0: number, w1: number, w2: number, w3: number): boolean {
    for (const iface of this.interfaces) if (iface.owns(version, w0, w1, w2, w3)) return true
    return false
  }

  owns(a: IpAddress): boolean {
    return this.ownsAnywhere(a.version, a.w0, a.w1, a.w2, a.w3)
  }

  /** The address that a packet came to: our own object of it, where there is one. */
  destination({ version, dst0, dst1, dst2, dst3 }: IpView): IpAddress {
    for (const iface of this.interfaces) {
      const own = iface.own(version, dst0, dst1, dst2, dst3)
      if (own) return own
    }
    return IpAddress.fromWords(version, dst0, dst1, dst2, dst3)
  }

  // ---- out ----

  /**
   * The way to `remote`: from a `local` address by its own interface if that leads there (RFC 1122 section 3.3.4.2).
   * Throws ENETUNREACH or EADDRNOTAVAIL as a TcpError.
   */
  path(remote: IpAddress, local?: IpAddress): Path {
    if (local && local.version !== remote.version)
      throw new TcpError('EAFNOSUPPORT', `${local} cannot speak to ${remote}`)
    if (local && !this.owns(local))
      throw new TcpError('EADDRNOTAVAIL', `${local} is not an address of this stack`)
    if (this.owns(remote)) return new Path(this.interfaces[0]!, local ?? remote, remote, remote)
    if (local?.isLoopback) throw new TcpError('EADDRNOTAVAIL', `${local} cannot speak to other hosts`)
    const home =
      local && this.interfaces.find(i => i.owns(local.version, local.w0, local.w1, local.w2, local.w3))
    const route = (home && this.routes.find(remote, home)) ?? this.routes.find(remote)
    if (!route) {
      this.context.counters.noRoute++
      throw new TcpError('ENETUNREACH', `no route to ${remote}`)
    }
    const source = local ?? route.interface.sourceFor(remote, route.via)
    if (!source)
      throw new TcpError('ENETUNREACH', `interface ${route.interface.name} has no address to reach ${remote}`)
    const path = new Path(route.interface, source, remote, route.via ?? remote)
    const known = this.pathMtu.get(remote, this.context.now)
    if (known && known.mtu < path.mtu) {
      path.mtu = known.mtu
      path.mtuExpires = known.expires
    }
    return path
  }

  /**
   * Writes the IP header in front of `length` bytes of payload in the interface's buffer, and sends the packet. What is
   * `gathered` of them is elsewhere.
   */
  send(
    path: Path,
    protocol: number,
    length: number,
    trafficClass: number,
    hopLimit: number,
    segmentSize = 0,
    gathered: Gathered | null = null,
  ): void {
    const { iface, local, remote } = path
    const at = iface.headroom
    if (local.version === 4)
      writeIpv4(iface.buffer, at, 20 + length, protocol, local, remote, trafficClass, hopLimit, true)
    else writeIpv6(iface.buffer, at, length, protocol, local, remote, trafficClass, hopLimit)
    this.transmit(path, path.ipHeader + length, segmentSize, gathered)
  }

  /** Sends a message that may be larger than the path takes, in fragments if need be. For ICMP and UDP. */
  sendMessage(path: Path, protocol: number, message: Uint8Array, hopLimit = 64): void {
    const { iface } = path
    const at = iface.headroom + path.ipHeader
    if (path.ipHeader + message.length <= path.mtu) {
      iface.buffer.set(message, at)
      this.send(path, protocol, message.length, 0, hopLimit)
      return
    }
    const { local, remote } = path
    const v6 = local.version === 6
    const id = this.nextFragmentId()
    const most = (path.mtu - path.ipHeader - (v6 ? 8 : 0)) & ~7
    for (let start = 0; start < message.length; start += most) {
      const part = message.subarray(start, start + most)
      const more = start + part.length < message.length
      if (v6) {
        writeIpv6(iface.buffer, iface.headroom, 8 + part.length, 44, local, remote, 0, hopLimit)
        const word = start | (more ? 1 : 0)
        iface.buffer.set(
          [protocol, 0, word >>> 8, word & 255, id >>> 24, (id >>> 16) & 255, (id >>> 8) & 255, id & 255],
          at,
        )
        iface.buffer.set(part, at + 8)
        this.transmit(path, 48 + part.length)
      } else {
        iface.buffer.set(part, at)
        writeIpv4(
          iface.buffer,
          iface.headroom,
          20 + part.length,
          protocol,
          local,
          remote,
          0,
          hopLimit,
          false,
          id & 0xffff,
          start,
          more,
        )
        this.transmit(path, 20 + part.length)
      }
    }
  }

  /** Unpredictable from one packet to the next (RFC 7739 section 5.2): a counter would tell how much we send. */
  private nextFragmentId(): number {
    this.context.env.fillRandom(this.randomId)
    return get32(this.randomId, 0)
  }

  private transmit(path: Path, length: number, segmentSize = 0, gathered: Gathered | null = null): void {
    const { iface } = path
    showSent(this.context, path, length, segmentSize)
    this.context.counters.packetsOut++
    if (iface.link.kind === 'ethernet') this.resolver.send(iface, path.nextHop, length, segmentSize)
    else this.linkSend(iface, iface.headroom, length, segmentSize, gathered)
  }

  linkSend(
    iface: Interface,
    offset: number,
    length: number,
    segmentSize = 0,
    gathered: Gathered | null = null,
  ): void {
    iface.sent++
    const { link, buffer } = iface
    const taken = gathered
      ? link.sendGathered!(buffer, offset, length - gathered.length, gathered, segmentSize)
      : link.send(buffer, offset, length, segmentSize)
    if (taken) return
    iface.sendFailures++
    this.context.counters.linkFull++
  }
}
