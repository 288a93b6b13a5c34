import { parseCaptured } from '../../trace/captured-segment.js'
import { get16, get32 } from '../../wire/bytes.js'
import { sum, verifies } from '../../wire/checksum.js'
import { IpView, PROTO_TCP, parseIp, pseudoSumOf } from '../../wire/ip.js'
import {
  flagNames,
  OPTION_ACCURATE_ECN,
  OPTION_ACCURATE_ECN_REVERSED,
  OPTION_END,
  OPTION_FAST_OPEN,
  OPTION_MSS,
  OPTION_NOP,
  OPTION_SACK,
  OPTION_SACK_PERMITTED,
  OPTION_TIMESTAMPS,
  OPTION_WINDOW_SCALE,
  SegmentView,
} from '../../wire/tcp.js'

export type Part = 'ip' | 'tcp' | 'option' | 'payload'

/** A field of a packet: octets `from .. to`, and what they say. */
export interface Field {
  readonly part: Part
  /** In the field's words, as in the RFC's picture of the header. */
  readonly name: string
  readonly value: string
  readonly from: number
  readonly to: number
  /** Where it is defined. */
  readonly section: string
}

/**
 * A packet, field by field, in the order of its octets. What cannot be read ends the list; the rest is one field. Of
 * headers alone nothing is said about what followed them.
 */
export function dissect(bytes: Uint8Array, headersOnly = false): Field[] {
  if (!headersOnly) return dissectWhole(bytes, true)
  // As long as it was, with nothing in it.
  const length = bytes[0]! >>> 4 === 6 ? 40 + get16(bytes, 4) : get16(bytes, 2)
  const packet = new Uint8Array(Math.max(bytes.length, length))
  packet.set(bytes)
  return dissectWhole(packet, false)
}

/** The same for a segment out of a capture: its end may be cut off, and its checksum not made yet. */
export function dissectCaptured(packet: Uint8Array): Field[] {
  const ip = new IpView()
  const length = wireLength(packet)
  const of = { time: 0, bytes: packet, length, truncated: length > packet.length, place: 0 }
  return told(ip, packet, parseCaptured(ip, new SegmentView(), of), sumOfCaptured)
}

/** How long a captured packet was by its own account; all that is here where it says nothing. */
export function wireLength(packet: Uint8Array): number {
  const v4 = packet[0]! >>> 4 === 4
  const said = get16(packet, v4 ? 2 : 4)
  return said === 0 ? packet.length : Math.max(packet.length, v4 ? said : said + 40)
}

function dissectWhole(packet: Uint8Array, sums: boolean): Field[] {
  const ip = new IpView()
  return told(ip, packet, parseIp(ip, packet, 0, packet.length), sums ? sumOf : () => '')
}

/** What is said of the checksum of the segment that begins at `start`. */
type SayOfSum = (b: Uint8Array, ip: IpView, start: number) => string

const sumOf: SayOfSum = (b, ip, start) =>
  verifies(pseudoSumOf(ip, PROTO_TCP, ip.payloadLength) + sum(b, start, ip.payloadLength)) ? ' ✓' : ' ✗'

/** Devices sum what they send, behind the place where it is captured: a wrong one says little. */
const sumOfCaptured: SayOfSum = (b, ip, start) =>
  start + ip.payloadLength <= b.length && sumOf(b, ip, start) === ' ✓' ? ' ✓' : ''

function told(ip: IpView, packet: Uint8Array, problem: string | undefined, sayOfSum: SayOfSum): Field[] {
  if (problem) return [field('ip', 'unreadable', problem, 0, packet.length, '')]
  const fields = ip.version === 4 ? ipv4(packet, ip.payloadOffset) : ipv6(packet, ip.payloadOffset)
  if (ip.protocol !== PROTO_TCP || ip.isFragment || ip.payloadLength < 20)
    return [
      ...fields,
      field('payload', 'payload', `${ip.payloadLength} B`, ip.payloadOffset, packet.length, ''),
    ]
  return [...fields, ...tcp(packet, ip, sayOfSum)]
}

const field = (
  part: Part,
  name: string,
  value: string,
  from: number,
  to: number,
  section: string,
): Field => ({
  part,
  name,
  value,
  from,
  to,
  section,
})
const hex = (value: number, digits = 4): string => `0x${value.toString(16).padStart(digits, '0')}`
const PROTOCOLS: Record<number, string> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6' }
const named = (protocol: number): string =>
  PROTOCOLS[protocol] ? `${protocol} (${PROTOCOLS[protocol]})` : String(protocol)
const ECN = ['–', 'ECT(1)', 'ECT(0)', 'CE']

function ipv4(b: Uint8Array, end: number): Field[] {
  const at = (name: string, value: string, from: number, to: number, section = 'RFC 791 3.1') =>
    field('ip', name, value, from, to, section)
  const flags = get16(b, 6)
  const fields = [
    at('version, header length', `4, ${(b[0]! & 15) * 4} B`, 0, 1),
    at('DSCP, ECN', `${b[1]! >>> 2}, ${ECN[b[1]! & 3]}`, 1, 2, 'RFC 2474, RFC 3168'),
    at('total length', `${get16(b, 2)} B`, 2, 4),
    at('identification', hex(get16(b, 4)), 4, 6, 'RFC 6864'),
    at(
      'flags, fragment offset',
      `${flags & 0x4000 ? 'DF' : '–'}${flags & 0x2000 ? ' MF' : ''}, ${(flags & 0x1fff) * 8}`,
      6,
      8,
    ),
    at('time to live', String(b[8]), 8, 9),
    at('protocol', named(b[9]!), 9, 10),
    at('header checksum', hex(get16(b, 10)), 10, 12),
    at('source', [...b.subarray(12, 16)].join('.'), 12, 16),
    at('destination', [...b.subarray(16, 20)].join('.'), 16, 20),
  ]
  if (end > 20) fields.push(at('options', `${end - 20} B`, 20, end))
  return fields
}

function ipv6(b: Uint8Array, end: number): Field[] {
  const at = (name: string, value: string, from: number, to: number, section = 'RFC 8200 3') =>
    field('ip', name, value, from, to, section)
  const address = (from: number) => {
    const words = Array.from({ length: 8 }, (_, i) => get16(b, from + 2 * i).toString(16))
    return words.join(':')
  }
  const trafficClass = ((b[0]! & 15) << 4) | (b[1]! >>> 4)
  const fields = [
    at(
      'version, class, flow label',
      `6, DSCP ${trafficClass >>> 2}, ${ECN[trafficClass & 3]}, ${hex(get32(b, 0) & 0xfffff, 5)}`,
      0,
      4,
    ),
    at('payload length', `${get16(b, 4)} B`, 4, 6),
    at('next header', named(b[6]!), 6, 7),
    at('hop limit', String(b[7]), 7, 8),
    at('source', address(8), 8, 24),
    at('destination', address(24), 24, 40),
  ]
  if (end > 40) fields.push(at('extension headers', `${end - 40} B`, 40, end))
  return fields
}

const TCP_SECTION = 'RFC 9293 3.1'

function tcp(b: Uint8Array, ip: IpView, sayOfSum: SayOfSum): Field[] {
  const start = ip.payloadOffset
  const header = (b[start + 12]! >>> 4) * 4
  const end = ip.payloadOffset + ip.payloadLength
  const at = (name: string, value: string, from: number, to: number, section = TCP_SECTION) =>
    field('tcp', name, value, start + from, start + to, section)
  const flags = b[start + 13]! | ((b[start + 12]! & 1) << 8)
  const fields = [
    at('source port', String(get16(b, start)), 0, 2),
    at('destination port', String(get16(b, start + 2)), 2, 4),
    at('sequence number', String(get32(b, start + 4) >>> 0), 4, 8),
    at('acknowledgment number', String(get32(b, start + 8) >>> 0), 8, 12),
    at('data offset', `${header} B`, 12, 13),
    at('flags', flagNames(flags).join(' ') || '–', 13, 14),
    at('window', String(get16(b, start + 14)), 14, 16),
    at('checksum', `${hex(get16(b, start + 16))}${sayOfSum(b, ip, start)}`, 16, 18),
    at('urgent pointer', String(get16(b, start + 18)), 18, 20),
  ]
  const data = Math.min(end, start + Math.max(20, header))
  fields.push(...options(b, start + 20, data))
  if (data < end)
    fields.push(field('payload', 'data', `${end - data} B`, data, Math.min(end, b.length), 'RFC 9293 3.4'))
  return fields
}

function options(b: Uint8Array, from: number, end: number): Field[] {
  const fields: Field[] = []
  for (let i = from; i < end; ) {
    const kind = b[i]!
    if (kind === OPTION_END) {
      fields.push(field('option', 'end of options', '', i, end, 'RFC 9293 3.2'))
      break
    }
    if (kind === OPTION_NOP) {
      fields.push(field('option', 'no-operation', '', i, i + 1, 'RFC 9293 3.2'))
      i++
      continue
    }
    const size = i + 1 < end ? b[i + 1]! : 0
    if (size < 2 || i + size > end) {
      fields.push(field('option', `kind ${kind}`, '✗', i, end, 'RFC 9293 3.2'))
      break
    }
    fields.push(option(b, kind, i, i + size))
    i += size
  }
  return fields
}

function option(b: Uint8Array, kind: number, from: number, to: number): Field {
  const u32 = (at: number) => get32(b, at) >>> 0
  const is = (name: string, value: string, section: string) => field('option', name, value, from, to, section)
  const size = to - from
  if (kind === OPTION_MSS && size === 4)
    return is('maximum segment size', `${get16(b, from + 2)} B`, 'RFC 9293 3.7.1')
  if (kind === OPTION_WINDOW_SCALE && size === 3)
    return is('window scale', `${b[from + 2]} (× ${2 ** Math.min(14, b[from + 2]!)})`, 'RFC 7323 2')
  if (kind === OPTION_SACK_PERMITTED && size === 2) return is('SACK permitted', '', 'RFC 2018 2')
  if (kind === OPTION_SACK && size % 8 === 2) {
    const blocks: string[] = []
    for (let at = from + 2; at + 8 <= to; at += 8) blocks.push(`${u32(at)} – ${u32(at + 4)}`)
    return is('SACK', blocks.join(', '), 'RFC 2018 3')
  }
  if (kind === OPTION_TIMESTAMPS && size === 10)
    return is('timestamps', `TSval ${u32(from + 2)}, TSecr ${u32(from + 6)}`, 'RFC 7323 3')
  if (kind === OPTION_FAST_OPEN)
    return is('Fast Open cookie', size === 2 ? '?' : `${size - 2} B`, 'RFC 7413 4.1.1')
  if (kind === OPTION_ACCURATE_ECN || kind === OPTION_ACCURATE_ECN_REVERSED)
    return is('accurate ECN', `${size - 2} B`, 'RFC 9768 3.2.3')
  return is(`kind ${kind}`, `${size} B`, '')
}
