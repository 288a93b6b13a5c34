import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../wire/tcp.js'
import { DSCP } from './dscp.js'
import type { Scanner } from './scanner.js'
import type { IcmpSpec, IpInfo, OtherSpec, PacketAction, TcpSpec } from './script.js'
import { parseTcpOptions } from './tcp-options.js'

/** Packets in scripts: `< [ect0] P. 1:1001(1000) ack 1 win 257 <nop,nop,TS val 1 ecr 2>`. */

const U32 = 0xffffffff
/** Letters, a dot for ACK and digits for AccECN's ACE, in any order; or a lone dash. */
const FLAGS = /-(?![A-Za-z0-9.])|[SFPRUEWAC0-7]*[ \t]*\.[SFPRUEWAC0-7]*(?=[\s([])|[SFPRUEWAC0-7]+(?=[\s([])/y
const FLAG_BITS: Readonly<Record<string, number>> = {
  S: SYN,
  F: FIN,
  P: PSH,
  R: RST,
  U: URG,
  E: ECE,
  W: CWR,
  C: CWR,
  '.': ACK,
}
/** The rest of a packet that is passed over: to the next line that begins like an event. */
const REST_OF_PACKET = /[^\n]*(?:\n(?![ \t]*(?:[+*`]|\d*\.?\d|\/\/|\/\*|%|$))[^\n]*)*/y
/** The older way to write an ICMP error: `[1:1461(1460)] icmp unreachable frag_needed mtu 1200`. */
const QUOTE_FIRST = /\[\d+:\d+\(\d+\)\](?=\s*icmp\b)/y
const SEQUENCE = /\d+(?=\s*:)|\.\.\./y
/** Encapsulations and other protocols, by their first word. */
const OTHER: Readonly<Record<string, string>> = {
  ipv4: 'IP in IP',
  ipv6: 'IP in IP',
  gre: 'GRE',
  mpls: 'MPLS',
  psp: 'PSP',
  udp: 'UDP packets in scripts',
  udplite: 'UDP-Lite',
  sctp: 'SCTP',
}

/** After the `<` or `>`. */
export function parsePacket(s: Scanner, inbound: boolean): PacketAction {
  const word = s.peekWord()
  if (word !== undefined && word in OTHER)
    return { kind: 'packet', inbound, ip: NO_INFO, segment: parseOther(s) }
  const quoted = s.pattern(QUOTE_FIRST)
  if (quoted !== undefined)
    return { kind: 'packet', inbound, ip: NO_INFO, segment: parseQuoteFirst(s, inbound, quoted) }
  const ip = parseIpInfo(s, inbound)
  const next = s.peekWord()
  if (next !== undefined && next in OTHER) return { kind: 'packet', inbound, ip, segment: parseOther(s) }
  const segment = s.takeWord('icmp') ? parseIcmp(s, inbound) : parseTcp(s, inbound)
  return { kind: 'packet', inbound, ip, segment }
}

const NO_INFO: IpInfo = { dscp: undefined, ecn: undefined, ttl: undefined, flowLabel: undefined }

function parseOther(s: Scanner): OtherSpec {
  const feature = OTHER[s.word()!]!
  s.pattern(REST_OF_PACKET)
  return { kind: 'other', feature }
}

function parseIpInfo(s: Scanner, inbound: boolean): IpInfo {
  const close = s.take('(') ? ')' : s.take('[') ? ']' : undefined
  if (close === undefined) return NO_INFO
  const info: { -readonly [K in keyof IpInfo]: IpInfo[K] } = { ...NO_INFO }
  do parseIpField(s, info)
  while (s.take(','))
  s.need(close)
  if (inbound && info.ecn === 'ect01')
    throw s.error('[ect01] says nothing about a packet that is sent to the stack')
  return info
}

function parseIpField(s: Scanner, info: { -readonly [K in keyof IpInfo]: IpInfo[K] }): void {
  const word = s.word()
  switch (word) {
    case 'ttl':
    case 'hlim':
      info.ttl = s.integer('a TTL', 255)
      return
    case 'tos':
    case 'class': {
      const octet = s.integer('a TOS octet', 255)
      info.dscp = octet >> 2
      info.ecn = octet & 3
      return
    }
    case 'dscp': {
      const name = s.seesDigit ? undefined : s.pattern(/[a-z0-9-]+/y)
      const value = name === undefined ? s.integer('a DSCP', 63) : DSCP[name]
      if (value === undefined) throw s.error(`there is no DSCP ${name}`)
      info.dscp = value
      return
    }
    case 'flowlabel':
      info.flowLabel = s.integer('a flow label', 0xfffff)
      return
    case 'ecn':
      info.ecn = ecnOf(s, s.word())
      return
    default:
      info.ecn = ecnOf(s, word)
  }
}

function ecnOf(s: Scanner, word: string | undefined): number | 'ect01' {
  switch (word) {
    case 'noecn':
      return 0
    case 'ect1':
      return 1
    case 'ect0':
      return 2
    case 'ce':
      return 3
    case 'ect01':
      return 'ect01'
    default:
      throw s.error(`${word === undefined ? 'this' : JSON.stringify(word)} is no field of the IP header`)
  }
}

function parseTcp(s: Scanner, inbound: boolean): TcpSpec {
  const ports = parsePorts(s)
  const { flags, ace, ae } = parseFlags(s)
  const { sequence, seq, length } = parseSequence(s)
  const ack = s.takeWord('ack') ? s.integer('an acknowledgment number', U32) : 0
  const window = s.takeWord('win') ? s.integer('a window', 65535) : undefined
  const urgent = s.takeWord('urg') ? s.integer('an urgent pointer', 65535) : 0
  // A further `<` may be the next event's only after a time, so this one begins our options.
  const options = s.take('<') ? parseTcpOptions(s) : []
  if (options === 'any' && inbound)
    throw s.error('<...> says nothing about a packet that is sent to the stack')
  let wrapped: string | undefined
  if (s.take('/')) {
    wrapped = 'TCP over UDP'
    s.pattern(REST_OF_PACKET)
  } else if (s.takeWord('trr')) {
    wrapped = 'RST diagnostic payloads'
    s.pattern(REST_OF_PACKET)
  }
  return { kind: 'tcp', ports, flags, ace, ae, sequence, seq, length, ack, window, urgent, options, wrapped }
}

function parsePorts(s: Scanner): TcpSpec['ports'] {
  const { at } = s
  if (!s.seesDigit) return undefined
  const source = s.integer('a port', U32)
  if (!s.take('>')) {
    s.at = at
    return undefined
  }
  return { source, destination: s.integer('a port', 65535) }
}

function parseFlags(s: Scanner): { flags: number; ace: number | undefined; ae: boolean } {
  const text = s.pattern(FLAGS)
  if (text === undefined) throw s.expected('TCP flags (of SFPRUEWAC, "." for ACK, "-" for none)')
  let flags = 0
  let ace: number | undefined
  let ae = false
  for (const letter of text.replace(/\s/g, '')) {
    // `A` is AccECN's flag, bit 7 of octet 12.
    if (letter === 'A') ae = true
    else if (letter >= '0' && letter <= '7') ace = Number(letter)
    else if (letter !== '-') flags |= FLAG_BITS[letter]!
  }
  return { flags, ace, ae }
}

function parseSequence(s: Scanner): Pick<TcpSpec, 'sequence' | 'seq' | 'length'> {
  const start = s.at
  const begins = s.pattern(SEQUENCE)
  if (begins === undefined) throw s.expected('a sequence range such as 1:1001(1000)')
  if (begins === '...') return { sequence: 'any', seq: 0, length: parseLength(s) }
  const seq = Number(begins)
  if (seq > U32) throw s.error(`sequence number ${begins} is more than ${U32}`)
  s.need(':')
  const end = s.integer('a sequence number', 2 * U32)
  const length = parseLength(s)
  if (end !== seq + length && end !== (seq + length) % (U32 + 1))
    throw s.errorAt(start, `${seq}:${end} is not ${length} bytes long`)
  return { sequence: s.take('!') ? 'absolute' : 'relative', seq, length }
}

function parseLength(s: Scanner): number {
  s.need('(')
  const length = s.integer('a payload length', 65535)
  s.need(')')
  return length
}

function parseQuoteFirst(s: Scanner, inbound: boolean, quoted: string): IcmpSpec {
  s.word()
  const [seq, , length] = quoted.match(/\d+/g)!.map(Number)
  return { ...parseIcmp(s, inbound), quotedSeq: seq!, quotedLength: length! }
}

function parseIcmp(s: Scanner, inbound: boolean): IcmpSpec {
  const type = s.word()
  if (type === undefined) throw s.expected('an ICMP type')
  const next = s.peekWord()
  const code = next !== undefined && next !== 'mtu' && next !== 'id' ? s.word() : undefined
  const mtu = s.takeWord('mtu') ? s.integer('an MTU', U32) : undefined
  const id = s.takeWord('id') ? s.integer('an identifier', 65535) : 0
  let quotedSeq = 0
  let quotedLength = 0
  let wrapped: string | undefined
  if (s.take('[')) {
    const word = s.peekWord()
    if (word !== undefined && word in OTHER) {
      wrapped = OTHER[word]!
      s.pattern(/[^\]]*/y)
    } else {
      const { seq, length } = parseSequence(s)
      quotedSeq = seq
      quotedLength = length
      if (s.take('/')) {
        wrapped = 'TCP over UDP'
        s.pattern(/[^\]]*/y)
      }
    }
    s.need(']')
  }
  if (!inbound) wrapped ??= 'ICMP from the stack in scripts'
  return { kind: 'icmp', type, code, mtu, id, quotedSeq, quotedLength, wrapped }
}
