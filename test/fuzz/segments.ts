import type { Random } from '../../src/sim/random.js'
import type { Flow } from '../../src/stack/flow.js'
import { HalfOpen } from '../../src/stack/half-open.js'
import {
  ACK,
  addressBytes,
  FIN,
  ipPacket,
  PEER_TEXT,
  PSH,
  RST,
  SYN,
  tcpSegment,
  textAt,
  URG,
} from './bytes.js'
import { type Numbers, numbersOf } from './flows.js'
import { HOSTS, type Host, LISTENERS } from './places.js'
import type { FuzzWorld } from './world.js'

/** Segments for connections that are there, or are to be: with numbers at the edges where decisions are made. */

const WINDOWS = [0, 1, 500, 4096, 65535]
const LENGTHS = [0, 0, 0, 1, 2, 7, 100, 536, 1460]
const HALF = 0x80000000

/** Packets bound for a flow go back and forth between these addresses. */
const packetFor = (flow: Flow, segment: Uint8Array, tos = 0): Uint8Array =>
  ipPacket(addressBytes(flow.remote), addressBytes(flow.local), 6, segment, { tos })

const be32 = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
export const timestampsOption = (value: number, echo: number): number[] => [
  1,
  1,
  8,
  10,
  ...be32(value),
  ...be32(echo),
]

function sequence(random: Random, n: Numbers): number {
  switch (random.integer(0, 9)) {
    case 0:
      return n.rcvNxt - 1
    case 1:
      return n.rcvNxt + 1
    case 2:
      return n.rcvNxt + random.integer(-2000, 5000)
    case 3:
      return n.rcvAdv - random.integer(0, 2)
    case 4:
      return n.rcvAdv + random.integer(0, 2)
    case 5:
      return n.rcvNxt + HALF + random.integer(-1, 1)
    case 6:
      return n.irs + random.integer(-1, 1)
    case 7:
      return random.next32()
    default:
      return n.rcvNxt
  }
}

function acknowledgment(random: Random, n: Numbers): number {
  switch (random.integer(0, 9)) {
    case 0:
      return n.sndUna + random.integer(-1, 1)
    case 1:
      return n.sndNxt + 1
    case 2:
      return n.sndUna + random.integer(0, Math.max(0, (n.sndNxt - n.sndUna) | 0))
    case 3:
      return n.sndUna - n.maxSndWnd + random.integer(-1, 1)
    case 4:
      return n.sndUna + HALF + random.integer(-1, 1)
    case 5:
      return n.iss + random.integer(0, 1)
    case 6:
      return random.next32()
    default:
      return n.sndNxt
  }
}

/** Of a segment that goes with `n`: timestamps if they were agreed on, mostly right ones. */
function timestamps(random: Random, n: Numbers, now: number): number[] {
  if (!n.timestamps) return random.chance(0.03) ? timestampsOption(random.next32(), 0) : []
  if (random.chance(0.02)) return []
  const old = random.chance(0.06)
  const value = n.tsRecent + (old ? random.pick([-1, -1000, HALF]) : random.integer(0, 20))
  const clock = Math.floor(now) + n.tsOffset
  return timestampsOption(value, random.chance(0.9) ? clock - random.integer(0, 300) : random.next32())
}

/** Options as nobody should send them, or as everybody may and few do. */
export function strangeOptions(random: Random, n: Numbers | undefined): number[] {
  switch (random.integer(0, 7)) {
    case 0:
      return Array.from({ length: random.integer(1, 40) }, () => random.integer(0, 255))
    case 1:
      return [
        random.pick([2, 3, 4, 5, 8, 30, 254]),
        random.pick([0, 1, 2, 3, 4, 10, 40, 255]),
        ...be32(random.next32()),
      ]
    case 2:
      return [2, 4, ...be32(random.pick([0, 1, 47, 48, 536, 1460, 65535])).slice(2)]
    case 3:
      return [3, 3, random.integer(0, 255), 4, 2]
    case 4: {
      const base = n ? n.sndUna : random.next32()
      const blocks = random.integer(1, 4)
      const edges = Array.from({ length: blocks * 2 }, () => be32(base + random.integer(-10, 5000))).flat()
      return [1, 1, 5, 2 + 8 * blocks, ...edges]
    }
    case 5:
      return [0, random.integer(0, 255), 8, 10]
    case 6:
      return [34, 2 + 4, ...be32(random.next32())]
    default:
      return new Array<number>(random.integer(1, 40)).fill(1)
  }
}

function synOptions(random: Random): number[] {
  const options: number[] = []
  if (random.chance(0.85))
    options.push(2, 4, ...be32(random.pick([0, 1, 48, 216, 536, 1220, 1460, 65535])).slice(2))
  if (random.chance(0.6)) options.push(4, 2)
  if (random.chance(0.6)) options.push(8, 10, ...be32(random.next32()), 0, 0, 0, 0)
  if (random.chance(0.6))
    options.push(1, 3, 3, random.chance(0.9) ? random.integer(0, 14) : random.integer(0, 255))
  if (random.chance(0.05)) options.push(...strangeOptions(random, undefined))
  return options
}

/** A sequence number of a new connection: half of them wrap soon. */
const firstSequence = (random: Random): number =>
  random.chance(0.5) ? random.next32() : random.pick([-1, 0, -2000, 0x7fffffff, 0x7ffffc00])

const bits = (random: Random): number => random.integer(0, 255)

/** Text for where it stands, as the peer's stream has it. */
const peerText = (irs: number, seq: number, length: number): Uint8Array =>
  textAt(PEER_TEXT, (seq - irs - 1) | 0, Math.min(length, 60_000))

/** The segment that a proper peer might send next. */
function next(random: Random, flow: Flow, n: Numbers, now: number): Uint8Array {
  const { remotePort, localPort } = flow
  const room = (n.rcvAdv - n.rcvNxt) | 0
  let length = random.pick(LENGTHS)
  // Now and then the window is filled to its edge, or by one more.
  if (random.chance(0.05) && room > 0 && room < 9000) length = room + random.integer(-1, 1)
  const fin = random.chance(0.07) ? FIN : 0
  const push = length > 0 && random.chance(0.3) ? PSH : 0
  const urgent = random.chance(0.03) ? URG : 0
  const seq = n.rcvNxt + (random.chance(0.12) ? random.pick([1, 536, 1460, 3000]) : 0)
  const ack = random.chance(0.8)
    ? n.sndNxt
    : n.sndUna + random.integer(0, Math.max(0, (n.sndNxt - n.sndUna) | 0))
  return packetFor(
    flow,
    tcpSegment(
      remotePort,
      localPort,
      seq,
      ack,
      ACK | fin | push | urgent,
      random.chance(0.7) ? 65535 : random.pick(WINDOWS),
      timestamps(random, n, now),
      peerText(n.irs, seq, length),
      urgent ? random.pick([0, 1, length, 65535]) : 0,
    ),
  )
}

/** An answer to a SYN of ours: mostly what it hopes for. */
function answerToSyn(random: Random, flow: Flow, n: Numbers): Uint8Array {
  const { remotePort, localPort } = flow
  const dice = random.next()
  const ack = random.chance(0.9) ? n.sndNxt : acknowledgment(random, n)
  let flags = SYN | ACK
  if (dice < 0.15) flags = SYN
  else if (dice < 0.22) flags = RST | ACK
  else if (dice < 0.25) flags = RST
  else if (dice < 0.3) flags = ACK
  else if (dice < 0.36) flags = bits(random)
  const seq = firstSequence(random)
  // Without a SYN nobody knows what text would stand there: another packet of the batch may say.
  const length = flags & SYN && random.chance(0.1) ? random.integer(1, 600) : 0
  const segment = tcpSegment(
    remotePort,
    localPort,
    seq,
    flags & ACK ? ack : 0,
    flags,
    random.pick(WINDOWS),
    flags & SYN ? synOptions(random) : [],
    peerText(seq, seq + 1, length),
  )
  return packetFor(flow, segment)
}

/** A SYN that would be of a new incarnation (RFC 6191). */
function reopening(random: Random, flow: Flow, n: Numbers): Uint8Array {
  const seq = n.rcvNxt + random.integer(-1, 100_000)
  const options = n.timestamps
    ? timestampsOption(n.tsRecent + random.integer(-1, 1000), 0)
    : synOptions(random)
  const text = peerText(seq, seq + 1, random.chance(0.2) ? 100 : 0)
  return packetFor(flow, tcpSegment(flow.remotePort, flow.localPort, seq, 0, SYN, 65535, options, text))
}

const NOTHING = new Uint8Array(0)

/** A segment for a connection that is there. */
export function segmentFor(world: FuzzWorld, random: Random, flow: Flow): Uint8Array {
  const n = numbersOf(flow)
  const now = world.env.time
  if (n.state === 'SYN_SENT') return answerToSyn(random, flow, n)
  if (random.chance(0.55)) return next(random, flow, n, now)
  const reopened = flow instanceof HalfOpen && (flow.tcb ?? flow.record)?.displaced
  if (n.state === 'TIME_WAIT' && random.chance(0.2)) return reopening(random, flow, n)
  if (reopened && random.chance(0.3))
    return packetFor(flow, tcpSegment(flow.remotePort, flow.localPort, n.rcvNxt, 0, RST, 0, [], NOTHING))
  const { remotePort, localPort } = flow
  const dice = random.next()
  const seq = sequence(random, n)
  let flags = ACK
  if (dice < 0.12) flags = RST | (random.chance(0.5) ? ACK : 0)
  else if (dice < 0.22) flags = SYN | (random.chance(0.5) ? ACK : 0)
  else if (dice < 0.4) flags = ACK | FIN
  else if (dice < 0.6) flags = bits(random)
  const length = random.chance(0.02) ? random.integer(1461, 60_000) : random.pick(LENGTHS)
  const options = random.chance(0.1) ? strangeOptions(random, n) : timestamps(random, n, now)
  if (flags & SYN && random.chance(0.5)) options.splice(0, options.length, ...synOptions(random))
  // A SYN may begin another connection in this one's place; then its text begins after it.
  const irs = flags & SYN ? seq : n.irs
  const begins = flags & SYN ? seq + 1 : seq
  return packetFor(
    flow,
    tcpSegment(
      remotePort,
      localPort,
      seq,
      flags & ACK || random.chance(0.1) ? acknowledgment(random, n) : 0,
      flags,
      random.pick(WINDOWS),
      options,
      peerText(irs, begins, length),
      flags & URG ? random.integer(0, 65535) : 0,
    ),
    random.chance(0.1) ? bits(random) : 0,
  )
}

/** The first segment of a connection, or one that should have been. */
export function opening(world: FuzzWorld, random: Random): Uint8Array {
  const host: Host = random.pick(HOSTS)
  const localPort = random.pick(LISTENERS)[1]!
  const remotePort = random.integer(4000, 4005)
  const { heard } = world.output
  if (heard.length > 0 && random.chance(0.3)) {
    // Somebody answers a SYN,ACK that perhaps nobody remembers.
    const h = random.pick(heard)
    const options = h.echo !== 0 ? timestampsOption(h.ts + 1, h.echo) : []
    const ack = h.ack + (random.chance(0.8) ? 0 : random.integer(-2, 2))
    const segment = tcpSegment(
      h.remotePort,
      h.localPort,
      h.seq,
      ack,
      ACK,
      65535,
      options,
      peerText(h.seq - 1, h.seq, 0),
    )
    return ipPacket(host.bytes, host.own, 6, segment)
  }
  const flags = random.chance(0.8) ? SYN : random.pick([ACK, RST, FIN, SYN | ACK, SYN | FIN, 0, bits(random)])
  const seq = firstSequence(random)
  const length = flags & SYN && random.chance(0.1) ? random.integer(1, 600) : 0
  const segment = tcpSegment(
    remotePort,
    localPort,
    seq,
    flags & ACK ? random.next32() : 0,
    flags,
    random.pick(WINDOWS),
    synOptions(random),
    peerText(seq, seq + 1, length),
  )
  return ipPacket(host.bytes, host.own, 6, segment)
}

/** A segment to a port nobody listens on, or from one that is none. */
export function stray(random: Random): Uint8Array {
  const host: Host = random.pick(HOSTS)
  const ports = random.chance(0.1) ? [0, 80] : random.chance(0.1) ? [4000, 0] : [random.integer(1, 65535), 9]
  const segment = tcpSegment(
    ports[0]!,
    ports[1]!,
    random.next32(),
    random.next32(),
    bits(random),
    0,
    random.chance(0.2) ? strangeOptions(random, undefined) : [],
    textAt(PEER_TEXT, 0, random.pick(LENGTHS)),
  )
  return ipPacket(host.bytes, host.own, 6, segment)
}
