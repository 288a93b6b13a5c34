import type { TestContext } from 'node:test'
import { IpAddress } from '../../src/wire/address.js'
import { set32 } from '../../src/wire/bytes.js'
import { ICMP_HEADER, ICMP4, ICMP6, writeIcmp } from '../../src/wire/icmp.js'
import { PROTO_ICMP, PROTO_ICMPV6, pseudoSum } from '../../src/wire/ip.js'
import { IPV4_HEADER, writeIpv4 } from '../../src/wire/ipv4.js'
import { IPV6_HEADER, writeIpv6 } from '../../src/wire/ipv6.js'
import { type Direction, type Gate, type Packet, read } from './kernel-gate.js'
import { sysctl } from './kernel-sysctl.js'

/**
 * Makes the gate a narrow place in one direction, as a router on the path would be: what is longer than `mtu` is
 * thrown away, and its sender told so. The packets thrown away are in the array returned.
 */
export function narrow(gate: Gate, direction: Direction, mtu: number): Packet[] {
  const refused: Packet[] = []
  gate.intercept(direction, packet => {
    if (packet.bytes.length <= mtu) return false
    refused.push(packet)
    const answer = tooBig(packet, mtu)
    // Later, since this is called from inside the stack.
    queueMicrotask(() => gate.slip(direction === 'out' ? 'in' : 'out', read(answer)!))
    return true
  })
  return refused
}

/** What a router says of a packet it cannot forward (RFC 1191 section 4, RFC 4443 section 3.2). */
export function tooBig(packet: Packet, mtu: number): Uint8Array {
  const { version } = packet
  const router = IpAddress.parse(version === 4 ? '10.254.254.254' : 'fd50:fefe::fe')
  const sender = IpAddress.parse(packet.source)
  const header = version === 4 ? IPV4_HEADER : IPV6_HEADER
  // An IPv4 router need not quote more than the header and 8 octets (RFC 792), an IPv6 one quotes what fits.
  const quote = packet.bytes.subarray(0, version === 4 ? IPV4_HEADER + 8 : 1280 - IPV6_HEADER - ICMP_HEADER)
  const length = ICMP_HEADER + quote.length
  const bytes = new Uint8Array(header + length)
  bytes.set(quote, header + ICMP_HEADER)
  set32(bytes, header + 4, mtu)
  if (version === 4) {
    writeIpv4(bytes, 0, bytes.length, PROTO_ICMP, router, sender, 0, 64, false)
    writeIcmp(bytes, header, length, ICMP4.UNREACHABLE, 4, 0)
  } else {
    writeIpv6(bytes, 0, length, PROTO_ICMPV6, router, sender, 0, 64)
    writeIcmp(bytes, header, length, ICMP6.PACKET_TOO_BIG, 0, pseudoSum(router, sender, PROTO_ICMPV6))
  }
  return bytes
}

/** Makes the kernel of this namespace a router, for the time of one test. */
export function forwarding(t: TestContext): void {
  sysctl(t, 'ipv4/ip_forward', 1)
  sysctl(t, 'ipv6/conf/all/forwarding', 1)
}
