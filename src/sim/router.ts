import { Interface } from '../stack/interface.js'
import type { Link } from '../stack/link.js'
import { RouteTable } from '../stack/routes.js'
import type { InterfaceOptions } from '../stack/stack.js'
import { IpAddress, parseCidr } from '../wire/address.js'
import { get16, get32, set32 } from '../wire/bytes.js'
import { sum, verifies } from '../wire/checksum.js'
import { ICMP_HEADER, ICMP4, ICMP6, writeIcmp } from '../wire/icmp.js'
import { PROTO_ICMP, PROTO_ICMPV6, pseudoSum } from '../wire/ip.js'
import { IPV4_HEADER, writeIpv4 } from '../wire/ipv4.js'
import { IPV6_HEADER, writeIpv6 } from '../wire/ipv6.js'
import { adjustChecksum } from './ecn.js'
import { copyOf } from './slab.js'
import { WireLink } from './wire.js'

/** Why a router did not forward a packet. */
export type RouterDrop = 'malformed' | 'hop-limit' | 'no-route' | 'too-big' | 'for-the-router'

const DONT_FRAGMENT = 0x4000

/**
 * A router in a world: it forwards IP packets between its links by the longest prefix, takes one from TTL or hop limit,
 * and says so when a packet is too big for the next link (RFC 1191, RFC 8201). It fragments nothing, sends no other
 * errors, and has no time of its own: queues are on the wires.
 */
export class Router {
  readonly interfaces: Interface[] = []
  private readonly routes = new RouteTable()
  /** What the table says for addresses that were asked for, IPv4 by their word. */
  private readonly known = new Map<number | string, Interface | undefined>()
  forwarded = 0
  readonly drops: Record<RouterDrop, number> = {
    malformed: 0,
    'hop-limit': 0,
    'no-route': 0,
    'too-big': 0,
    'for-the-router': 0,
  }

  constructor(readonly name: string) {}

  /** Attaches a link; its subnets are reached through it, and everything else through its gateways, if it has any. */
  plug(link: Link, options: InterfaceOptions): Interface {
    if (link.kind !== 'ip') throw new TypeError(`router ${this.name} takes links of IP packets only`)
    const index = this.interfaces.length
    const iface = new Interface(index, options.name ?? `if${index}`, link, options.addresses.map(parseCidr))
    this.interfaces.push(iface)
    for (const destination of iface.addresses)
      this.routes.add({ destination, interface: iface, via: undefined })
    for (const gateway of options.gateways ?? [])
      this.addRoute(IpAddress.parse(gateway).version === 4 ? '0.0.0.0/0' : '::/0', iface)
    this.known.clear()
    link.attach({
      packet: (bytes, offset, length) => this.receive(iface, bytes, offset, length),
      batchEnd: () => {},
      failed: () => {},
    })
    return iface
  }

  /** Packets to `destination` (`10.1.0.0/16`) go out at `iface`. */
  addRoute(destination: string, iface: Interface): void {
    this.routes.add({ destination: parseCidr(destination), interface: iface, via: undefined })
    this.known.clear()
  }

  private receive(from: Interface, bytes: Uint8Array, offset: number, length: number): void {
    const version = length > 0 ? bytes[offset]! >>> 4 : 0
    const reason =
      version === 4
        ? this.forward4(from, bytes, offset, length)
        : version === 6
          ? this.forward6(from, bytes, offset, length)
          : 'malformed'
    if (reason) this.drops[reason]++
    else this.forwarded++
  }

  private forward4(
    from: Interface,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): RouterDrop | undefined {
    if (length < IPV4_HEADER) return 'malformed'
    const header = (bytes[offset]! & 15) << 2
    const total = get16(bytes, offset + 2)
    if (header < IPV4_HEADER || total < header || total > length) return 'malformed'
    if (!verifies(sum(bytes, offset, header))) return 'malformed'
    const word = get32(bytes, offset + 16)
    if (this.interfaces.some(i => i.owns(4, 0, 0, 0xffff, word))) return 'for-the-router'
    const to = this.lookup(word, () => IpAddress.v4(word))
    if (!to) return 'no-route'
    if (bytes[offset + 8]! <= 1) return 'hop-limit'
    if (total > to.mtu) {
      if (get16(bytes, offset + 6) & DONT_FRAGMENT) this.tooBig(4, from, to.mtu, bytes, offset, total)
      return 'too-big'
    }
    // What arrives is not ours to change.
    const copy = copyOf(bytes, offset, total)
    const old = get16(copy, 8)
    copy[8]!--
    adjustChecksum(copy, 10, old, get16(copy, 8))
    this.pass(to, copy)
    return undefined
  }

  private forward6(
    from: Interface,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): RouterDrop | undefined {
    if (length < IPV6_HEADER) return 'malformed'
    const total = IPV6_HEADER + get16(bytes, offset + 4)
    if (total > length) return 'malformed'
    const [w0, w1, w2, w3] = [24, 28, 32, 36].map(at => get32(bytes, offset + at)) as [
      number,
      number,
      number,
      number,
    ]
    if (this.interfaces.some(i => i.owns(6, w0, w1, w2, w3))) return 'for-the-router'
    const to = this.lookup(`${w0} ${w1} ${w2} ${w3}`, () => IpAddress.v6(w0, w1, w2, w3))
    if (!to) return 'no-route'
    if (bytes[offset + 7]! <= 1) return 'hop-limit'
    if (total > to.mtu) {
      this.tooBig(6, from, to.mtu, bytes, offset, total)
      return 'too-big'
    }
    const copy = copyOf(bytes, offset, total)
    copy[7]!--
    this.pass(to, copy)
    return undefined
  }

  private lookup(key: number | string, address: () => IpAddress): Interface | undefined {
    let found = this.known.get(key)
    if (found === undefined && !this.known.has(key)) {
      found = this.routes.find(address())?.interface
      this.known.set(key, found)
    }
    return found
  }

  private pass(to: Interface, packet: Uint8Array): void {
    const { link } = to
    if (link instanceof WireLink) link.give(packet)
    else link.send(packet, 0, packet.length)
  }

  private tooBig(
    version: 4 | 6,
    from: Interface,
    mtu: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): void {
    const own = from.addresses.find(({ address }) => address.version === version)?.address
    if (!own) return
    const header = version === 4 ? IPV4_HEADER : IPV6_HEADER
    // Not longer than every host must be able to take (RFC 1122 section 3.2.2, RFC 4443 section 2.4).
    const quoted = Math.min(length, (version === 4 ? 576 : 1280) - header - ICMP_HEADER)
    const message = new Uint8Array(header + ICMP_HEADER + quoted)
    message.set(bytes.subarray(offset, offset + quoted), header + ICMP_HEADER)
    set32(message, header + 4, mtu)
    const size = ICMP_HEADER + quoted
    if (version === 4) {
      const source = IpAddress.v4(get32(bytes, offset + 12))
      writeIcmp(message, header, size, ICMP4.UNREACHABLE, 4, 0)
      writeIpv4(message, 0, message.length, PROTO_ICMP, own, source, 0, 64, false)
    } else {
      const source = IpAddress.fromBytes(6, bytes, offset + 8)
      writeIcmp(message, header, size, ICMP6.PACKET_TOO_BIG, 0, pseudoSum(own, source, PROTO_ICMPV6))
      writeIpv6(message, 0, size, PROTO_ICMPV6, own, source, 0, 64)
    }
    from.link.send(message, 0, message.length)
  }
}
