import type { Random } from '../../src/sim/random.js'
import type { Flow } from '../../src/stack/flow.js'
import type { Packet } from './actions.js'
import {
  ACK,
  addressBytes,
  arpPacket,
  bytesOf,
  frameOf,
  icmpMessage,
  ipPacket,
  mend,
  OWN_MAC,
  OWN4,
  OWN6,
  PEER_MAC,
  PEER_TEXT,
  set16,
  set32,
  tcpSegment,
  textAt,
  udpDatagram,
} from './bytes.js'
import { numbersOf } from './flows.js'
import { HOSTS, type Host, NEIGHBOURS, ODD4, ODD6, UDP_PORTS } from './places.js'
import type { FuzzWorld } from './world.js'

/** What is not a segment: ICMP, UDP, ARP, neighbour discovery, and noise. */

const ICMP4_TYPES = [0, 3, 3, 3, 3, 4, 5, 8, 8, 11, 12, 13, 30]
const ICMP6_TYPES = [1, 1, 2, 2, 3, 4, 128, 128, 129, 133, 134, 137, 200]
const MTUS = [0, 67, 68, 552, 576, 1006, 1279, 1280, 1400, 1500, 65535]

/** A segment of ours, as an error would quote it. */
function quote(random: Random, flow: Flow | undefined, host: Host): Uint8Array {
  if (!flow)
    return ipPacket(
      host.own,
      host.bytes,
      6,
      tcpSegment(80, 4000, random.next32(), 0, ACK, 0, [], PEER_TEXT.subarray(0, 8)),
    )
  const n = numbersOf(flow)
  const seq = random.chance(0.6)
    ? n.sndUna + random.integer(0, Math.max(0, (n.sndNxt - n.sndUna - 1) | 0))
    : random.pick([n.sndUna - 1, n.sndNxt, n.sndNxt + 1, random.next32()])
  const segment = tcpSegment(
    flow.localPort,
    flow.remotePort,
    seq,
    n.rcvNxt,
    ACK,
    0,
    [],
    PEER_TEXT.subarray(0, 40),
  )
  return ipPacket(addressBytes(flow.local), addressBytes(flow.remote), 6, segment)
}

export function icmp(random: Random, flow: Flow | undefined): Uint8Array {
  const host = flow ? HOSTS.find(h => h.version === flow.local.version)! : random.pick(HOSTS)
  const four = host.version === 4
  const type = random.pick(four ? ICMP4_TYPES : ICMP6_TYPES)
  const code = random.chance(0.8) ? random.integer(0, 13) : random.integer(0, 255)
  const rest = type === 3 || type === 2 ? random.pick(MTUS) : random.next32()
  let body =
    four && type !== 8 && type !== 0
      ? quote(random, flow, host)
      : textAt(PEER_TEXT, 0, random.integer(0, 100))
  if (!four && type < 128) body = quote(random, flow, host)
  if (random.chance(0.15)) body = body.subarray(0, random.integer(0, body.length))
  const message = icmpMessage(type, code, rest, body)
  return ipPacket(host.bytes, host.own, four ? 1 : 58, message)
}

export function udp(random: Random): Uint8Array {
  const host = random.pick(HOSTS)
  const port = random.chance(0.7) ? random.pick(UDP_PORTS) : random.integer(0, 65535)
  const datagram = udpDatagram(
    random.integer(0, 65535),
    port,
    textAt(PEER_TEXT, 0, random.pick([0, 1, 40, 1400])),
  )
  if (random.chance(0.1)) set16(datagram, 4, random.pick([0, 7, 8, datagram.length + 1, 65535]))
  return ipPacket(host.bytes, host.own, 17, datagram)
}

/** Whole packets to and from addresses that no packet can have. */
export function oddAddresses(random: Random, b: Uint8Array): Uint8Array {
  const four = b[0]! >>> 4 === 4
  const at = random.chance(0.5) ? (four ? 12 : 8) : four ? 16 : 24
  const odd = random.pick(four ? ODD4 : ODD6)
  if (b.length >= at + odd.length) b.set(odd, at)
  return b
}

/** A neighbour's answer, or question; or something like it. */
export function neighbour(random: Random, target: Uint8Array): Packet {
  const mac = random.chance(0.95) ? PEER_MAC : Uint8Array.of(3, 0, 0, 0, 0, 9)
  if (target.length === 4) {
    const operation = random.chance(0.9) ? random.integer(1, 2) : random.integer(0, 65535)
    const arp = arpPacket(operation, mac, target, OWN_MAC, random.chance(0.9) ? OWN4 : target)
    if (random.chance(0.08)) arp[random.integer(0, 7)]! ^= 1 << random.integer(0, 7)
    const to = random.chance(0.8) ? OWN_MAC : Uint8Array.of(255, 255, 255, 255, 255, 255)
    const cut = random.chance(0.03) ? arp.subarray(0, random.integer(0, 27)) : arp
    return { bytes: frameOf(to, PEER_MAC, 0x0806, cut), frame: true }
  }
  const asks = random.chance(0.3)
  const option = [asks ? 1 : 2, random.chance(0.95) ? 1 : random.integer(0, 4), ...mac]
  const body = new Uint8Array(16 + (random.chance(0.9) ? 8 : 0))
  body.set(asks ? OWN6 : target)
  if (body.length > 16) body.set(option, 16)
  const flags = asks ? 0 : random.pick([0x60000000, 0x40000000, 0x20000000, 0])
  const source = asks && random.chance(0.1) ? bytesOf('::') : target
  const to = asks && random.chance(0.3) ? bytesOf('ff02::1:ff00:1') : OWN6
  const message = icmpMessage(asks ? 135 : 136, random.chance(0.97) ? 0 : 1, flags, body)
  const ttl = random.chance(0.95) ? 255 : 64
  return { bytes: mend(ipPacket(source, to, 58, message, { ttl })), frame: false }
}

/** Whoever was asked for answers, or somebody speaks unasked. */
export function answer(world: FuzzWorld, random: Random): Packet {
  const { questions } = world.output
  const question = random.chance(0.8) ? questions.shift() : undefined
  if (questions.length > 64) questions.length = 0
  return neighbour(random, question?.address ?? random.pick(NEIGHBOURS))
}

/** What a neighbour says who was asked, and means well. */
export function plainAnswer(address: Uint8Array): Packet {
  if (address.length === 4) {
    const arp = arpPacket(2, PEER_MAC, address, OWN_MAC, OWN4)
    return { bytes: frameOf(OWN_MAC, PEER_MAC, 0x0806, arp), frame: true }
  }
  const body = new Uint8Array(24)
  body.set(address)
  body.set([2, 1, ...PEER_MAC], 16)
  const message = icmpMessage(136, 0, 0x60000000, body)
  return { bytes: mend(ipPacket(address, OWN6, 58, message, { ttl: 255 })), frame: false }
}

/** Every neighbour asks for us, and so is known. */
export function introductions(): Packet[] {
  return NEIGHBOURS.map(address => {
    if (address.length === 4) {
      const arp = arpPacket(1, PEER_MAC, address, OWN_MAC, OWN4)
      return { bytes: frameOf(OWN_MAC, PEER_MAC, 0x0806, arp), frame: true }
    }
    const body = new Uint8Array(24)
    body.set(OWN6)
    body.set([1, 1, ...PEER_MAC], 16)
    const message = icmpMessage(135, 0, 0, body)
    return { bytes: mend(ipPacket(address, OWN6, 58, message, { ttl: 255 })), frame: false }
  })
}

/** Bytes that mean nothing, or begin as if they did. */
export function noise(random: Random): Packet {
  const bytes = new Uint8Array(random.integer(0, 90))
  random.fill(bytes)
  if (bytes.length > 0 && random.chance(0.7)) bytes[0] = random.pick([0x45, 0x46, 0x4f, 0x60])
  return { bytes, frame: random.chance(0.5) }
}

/** IPv4 options, or a chain of IPv6 extension headers, in front of what is there. */
export function withExtras(random: Random, b: Uint8Array): Uint8Array {
  if (b[0]! >>> 4 === 4) {
    const kinds = [
      [7, 7, 4, 0, 0, 0, 0, 0],
      [131, 7, 4, 10, 0, 0, 9, 0],
      [137, 3, 4, 0],
      [1, 1, 1, 0],
      [68, 4, 5, 0],
    ]
    const extra = random.chance(0.8)
      ? Uint8Array.from(random.pick(kinds))
      : Uint8Array.from({ length: 4 * random.integer(1, 10) }, () => random.integer(0, 255))
    const payload = b.subarray(20)
    return ipPacket(b.subarray(12, 16), b.subarray(16, 20), b[9]!, payload, { extra })
  }
  const chain: number[] = []
  const count = random.chance(0.9) ? random.integer(1, 3) : random.integer(7, 10)
  let first = b[6]!
  for (let i = 0; i < count; i++) {
    const kind = random.pick(i === count - 1 ? [0, 43, 44, 60] : [43, 44, 60])
    const size = kind === 44 ? 0 : random.integer(0, 1)
    const header = new Array<number>(8 + 8 * size).fill(0)
    header[0] = first
    header[1] = kind === 44 ? 0 : random.chance(0.95) ? size : random.integer(0, 255)
    // Padding, mostly; or an option that nobody knows, of each way to treat it.
    if (kind === 0 || kind === 60)
      header.splice(
        2,
        2,
        random.chance(0.7) ? 1 : random.pick([0x05, 0x1e, 0x5e, 0x9e, 0xde]),
        header.length - 4,
      )
    if (kind === 43) header[3] = random.chance(0.7) ? 0 : 1
    if (kind === 44 && random.chance(0.2)) header[3] = random.pick([1, 8, 9])
    chain.unshift(...header)
    first = kind
  }
  const extra = Uint8Array.from(chain)
  return ipPacket(b.subarray(8, 24), b.subarray(24, 40), b[6]!, b.subarray(40), { extra, next: first })
}

/** One fragment of a packet to us. */
export function fragmentOf(
  { bytes, own, version }: Host,
  protocol: number,
  part: Uint8Array,
  offset: number,
  more: boolean,
  id: number,
): Packet {
  return { bytes: fragment(bytes, own, version, protocol, part, offset, more, id), frame: false }
}

function fragment(
  src: Uint8Array,
  dst: Uint8Array,
  version: 4 | 6,
  protocol: number,
  part: Uint8Array,
  offset: number,
  more: boolean,
  id: number,
): Uint8Array {
  if (version === 4)
    return mend(
      ipPacket(src, dst, protocol, part, {
        id: id & 0xffff,
        fragment: (more ? 0x2000 : 0) | (offset >>> 3),
      }),
    )
  const extra = new Uint8Array(8)
  extra[0] = protocol
  set16(extra, 2, (offset & 0xfff8) | (more ? 1 : 0))
  set32(extra, 4, id)
  return ipPacket(src, dst, protocol, part, { extra, next: 44 })
}

/** Cuts a packet as a router or a host would, into pieces that hold at least the header of what is in it. */
export function plainFragments(random: Random, b: Uint8Array, id: number): Uint8Array[] {
  const four = b[0]! >>> 4 === 4
  const [src, dst] = four ? [b.subarray(12, 16), b.subarray(16, 20)] : [b.subarray(8, 24), b.subarray(24, 40)]
  const payload = b.subarray(four ? 20 : 40)
  const size = 8 * random.integer(5, 100)
  const out: Uint8Array[] = []
  for (let start = 0; start < payload.length; start += size) {
    const part = payload.subarray(start, start + size)
    const more = start + size < payload.length
    out.push(fragment(src, dst, four ? 4 : 6, b[four ? 9 : 6]!, part, start, more, id))
  }
  return random.chance(0.5) ? out : out.reverse()
}

/** Cuts a packet whose checksums are filled into fragments; some of them wrong, if they may lie. */
export function fragments(random: Random, b: Uint8Array, id: number, mayLie: boolean): Uint8Array[] {
  const four = b[0]! >>> 4 === 4
  const header = four ? 20 : 40
  const payload = b.subarray(header)
  const pieces = random.integer(2, 4)
  const size = Math.max(8, Math.ceil(payload.length / pieces / 8) * 8)
  const wrong = mayLie && random.chance(0.3)
  const out: Uint8Array[] = []
  for (let start = 0; start < payload.length; start += size) {
    let offset = start
    let part = payload.subarray(start, start + size)
    let more = start + size < payload.length
    if (wrong && random.chance(0.4)) {
      offset = random.chance(0.2) ? 65528 : Math.max(0, start + 8 * random.integer(-2, 2))
      if (random.chance(0.3)) part = part.subarray(0, random.integer(0, part.length))
      if (random.chance(0.2)) more = !more
    }
    const [src, dst] = four
      ? [b.subarray(12, 16), b.subarray(16, 20)]
      : [b.subarray(8, 24), b.subarray(24, 40)]
    out.push(fragment(src, dst, four ? 4 : 6, b[four ? 9 : 6]!, part, offset, more, id))
  }
  if (random.chance(0.4))
    for (let i = out.length - 1; i > 0; i--) {
      const j = random.integer(0, i)
      ;[out[i], out[j]] = [out[j]!, out[i]!]
    }
  if (random.chance(0.1)) out.push(out[0]!)
  if (random.chance(0.15)) out.splice(random.integer(0, out.length - 1), 1)
  return out
}
