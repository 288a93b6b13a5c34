import type { IpAddress } from '../wire/address.js'
import { set16, set32 } from '../wire/bytes.js'
import { ICMP_HEADER, writeIcmp } from '../wire/icmp.js'
import { PROTO_ICMP, PROTO_ICMPV6, PROTO_TCP, pseudoSum } from '../wire/ip.js'
import { writeIpv4 } from '../wire/ipv4.js'
import { writeIpv6 } from '../wire/ipv6.js'
import { AE, CWR, checksumTcp, ECE, TCP_HEADER, writeTcp } from '../wire/tcp.js'
import { icmpNumbers } from './icmp-names.js'
import type { IcmpSpec, IpInfo, TcpSpec } from './script.js'
import { optionsLength, writeOptionBytes } from './tcp-options.js'

/** The four addresses of a packet on its way to the stack: `remote` is the script's side. */
export interface Tuple {
  readonly local: IpAddress
  readonly localPort: number
  readonly remote: IpAddress
  readonly remotePort: number
}

/** What a script packet means on the wire: sequence numbers as the stack counts them. */
export interface LiveNumbers {
  readonly seq: number
  readonly ack: number
  /** Added to each SACK edge. */
  readonly sackOffset: number
  readonly ecr: number
}

const headerSize = (address: IpAddress): number => (address.version === 4 ? 20 : 40)

function writeIp(b: Uint8Array, protocol: number, from: IpAddress, to: IpAddress, ip: IpInfo): void {
  const trafficClass = ((ip.dscp ?? 0) << 2) | (typeof ip.ecn === 'number' ? ip.ecn : 0)
  const ttl = ip.ttl ?? 255
  if (from.version === 4) writeIpv4(b, 0, b.length, protocol, from, to, trafficClass, ttl, true)
  else writeIpv6(b, 0, b.length - 40, protocol, from, to, trafficClass, ttl)
}

/** A TCP segment from the script's side, with a payload of zeros. */
export function buildSegment(spec: TcpSpec, ip: IpInfo, t: Tuple, numbers: LiveNumbers): Uint8Array {
  const at = headerSize(t.local)
  const options = spec.options === 'any' ? [] : spec.options
  const optionBytes = optionsLength(options)
  const length = TCP_HEADER + optionBytes + spec.length
  const b = new Uint8Array(at + length)
  writeIp(b, PROTO_TCP, t.remote, t.local, ip)
  const source = spec.ports?.source ?? t.remotePort
  const destination = spec.ports?.destination ?? t.localPort
  const { seq, ack } = numbers
  const ace = spec.ace ?? 0
  const ecn = (spec.ae || ace & 4 ? AE : 0) | (ace & 2 ? CWR : 0) | (ace & 1 ? ECE : 0)
  writeTcp(b, at, source, destination, seq, ack, spec.flags | ecn, spec.window ?? 0, spec.urgent, optionBytes)
  writeOptionBytes(b, at + TCP_HEADER, options, numbers.sackOffset, numbers.ecr)
  checksumTcp(b, at, length, pseudoSum(t.remote, t.local, PROTO_TCP))
  return b
}

/** An ICMP error that quotes the first octets of a segment of the stack's; a message if its type has no number. */
export function buildIcmp(spec: IcmpSpec, ip: IpInfo, t: Tuple, quotedSeq: number): Uint8Array | string {
  const { version } = t.local
  const numbers = icmpNumbers(version, spec.type, spec.code)
  if (typeof numbers === 'string') return numbers
  const { type, code } = numbers
  const header = headerSize(t.local)
  const quote = header + 8
  const b = new Uint8Array(header + ICMP_HEADER + quote)
  const protocol = version === 4 ? PROTO_ICMP : PROTO_ICMPV6
  writeIp(b, protocol, t.remote, t.local, ip)
  if (spec.mtu !== undefined) set32(b, header + 4, spec.mtu)
  else if (spec.id > 0) set16(b, header + 4, spec.id)
  const inner = header + ICMP_HEADER
  const whole = TCP_HEADER + spec.quotedLength
  if (version === 4) writeIpv4(b, inner, header + whole, PROTO_TCP, t.local, t.remote, 0, 64, true)
  else writeIpv6(b, inner, whole, PROTO_TCP, t.local, t.remote, 0, 64)
  set16(b, inner + header, t.localPort)
  set16(b, inner + header + 2, t.remotePort)
  set32(b, inner + header + 4, quotedSeq)
  const pseudo = version === 4 ? 0 : pseudoSum(t.remote, t.local, protocol)
  writeIcmp(b, header, b.length - header, type, code, pseudo)
  return b
}
