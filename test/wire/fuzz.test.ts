import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '../../src/sim/random.js'
import type { StackObserver } from '../../src/stack/observe.js'
import type { Stack } from '../../src/stack/stack.js'
import { IpAddress } from '../../src/wire/address.js'
import {
  arp,
  counting,
  type FakeEnvironment,
  type FakeLink,
  fragmentHeader,
  frame,
  icmp4,
  icmp6,
  ipv4,
  ipv6,
  join,
  naiveChecksum,
  ndp,
  OWN_MAC,
  OWN4,
  OWN6,
  PEER_MAC,
  PEER4,
  PEER6,
  read,
  readSegment,
  rig,
  tcp,
  tcpPacket,
  udpPacket,
  upperChecksum,
} from '../support/packets.js'

const both = [
  [PEER4, OWN4],
  [PEER6, OWN6],
] as const
const timestamps = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0]

/** One of everything, well formed: what mutations start from. */
function seeds(): Uint8Array[] {
  const out: Uint8Array[] = []
  for (const [src, dst] of both) {
    const ends = { src, dst }
    for (const flags of [2, 0x12, 0x10, 0x18, 4, 0x14, 0x11, 0x38, 0, 255])
      out.push(
        tcpPacket({
          ...ends,
          flags,
          options: [2, 4, 5, 0xb4, 4, 2, ...timestamps.slice(2), 1, 3, 3, 7],
          payload: counting(flags),
        }),
      )
    out.push(tcpPacket({ ...ends, flags: 0x10, options: [1, 1, 5, 18, ...counting(16)] }))
    out.push(udpPacket({ ...ends }, counting(40)), udpPacket({ ...ends, dstPort: 9 }, counting(40)))
  }
  const quote4 = tcpPacket({ src: OWN4, dst: PEER4 })
  const quote6 = tcpPacket({ src: OWN6, dst: PEER6 })
  for (const [type, code] of [
    [8, 0],
    [0, 0],
    [3, 3],
    [3, 4],
    [4, 0],
    [5, 0],
    [11, 0],
    [12, 0],
    [13, 0],
  ] as const)
    out.push(ipv4({ protocol: 1 }, icmp4(type, code, 1000, quote4)))
  for (const [type, code] of [
    [128, 0],
    [129, 0],
    [1, 4],
    [2, 0],
    [3, 0],
    [4, 1],
    [133, 0],
    [134, 0],
    [137, 0],
    [200, 0],
  ] as const)
    out.push(ipv6({ next: 58 }, icmp6(type, code, 1000, quote6)))
  for (const type of [135, 136] as const)
    out.push(ndp(type, OWN6, PEER_MAC), ndp(type, PEER6, PEER_MAC, { dst: 'ff02::1' }))
  const options = [60, 0, 5, 2, 0, 0, 1, 0]
  const routing = [44, 0, 2, 0, 0, 0, 0, 0]
  const fragment = fragmentHeader(6, 0, false, 1)
  out.push(
    ipv6(
      { next: 0 },
      join(options, [43, 0, 1, 4, 0, 0, 0, 0], routing, fragment, tcp({ src: PEER6, dst: OWN6 })),
    ),
  )
  out.push(ipv6({ next: 60 }, join([59, 0, 0x9e, 0, 1, 2, 0, 0])))
  out.push(ipv4({ protocol: 6, options: [7, 7, 4, 0, 0, 0, 0, 1] }, tcp()))
  for (const [offset, more] of [
    [0, true],
    [24, true],
    [48, false],
  ] as const) {
    out.push(ipv4({ protocol: 17, id: 5, offset, more }, counting(24)))
    out.push(ipv6({ next: 44 }, join(fragmentHeader(58, offset, more, 5), counting(24))))
  }
  out.push(ipv4({ protocol: 132 }, counting(9)), ipv6({ next: 132 }, counting(9)))
  return out
}

/** Makes the checksums right again where that is possible, so that what lies behind them is reached. */
function mend(bytes: Uint8Array): Uint8Array {
  const four = bytes[0]! >>> 4 === 4
  const header = four ? (bytes[0]! & 15) * 4 : 40
  if (bytes.length < header + 8 || header < 20) return bytes
  if (four) {
    bytes.fill(0, 10, 12)
    bytes.set(
      [naiveChecksum(bytes.subarray(0, header)) >>> 8, naiveChecksum(bytes.subarray(0, header)) & 255],
      10,
    )
  }
  const protocol = bytes[four ? 9 : 6]!
  const field = { 6: 16, 17: 6, 58: 2, 1: 2 }[protocol]
  const upper = bytes.subarray(header)
  if (field === undefined || upper.length < field + 2) return bytes
  upper.fill(0, field, field + 2)
  const text = (at: number) => IpAddress.fromBytes(four ? 4 : 6, bytes, at).toString()
  const sum =
    protocol === 1
      ? naiveChecksum(upper)
      : upperChecksum(text(four ? 12 : 8), text(four ? 16 : 24), protocol, upper)
  upper.set([sum >>> 8, sum & 255], field)
  return bytes
}

function mutate(random: Random, packets: Uint8Array[]): Uint8Array {
  if (random.chance(0.02)) {
    const noise = new Uint8Array(random.integer(0, 90))
    random.fill(noise)
    if (noise.length > 0 && random.chance(0.8)) noise[0] = random.pick([0x45, 0x46, 0x4f, 0x60])
    return noise
  }
  let bytes: Uint8Array = random.pick(packets).slice()
  for (let n = random.integer(0, 4); n > 0 && bytes.length > 0; n--) {
    const at = random.integer(0, bytes.length - 1)
    switch (random.integer(0, 5)) {
      case 0:
        bytes[at]! ^= 1 << random.integer(0, 7)
        break
      case 1:
        bytes[at] = random.pick([0, 1, 2, 3, 4, 5, 8, 43, 44, 58, 59, 60, 127, 128, 254, 255])
        break
      case 2:
        bytes = bytes.slice(0, at)
        break
      case 3:
        bytes = join(bytes, counting(random.integer(1, 30)))
        break
      case 4:
        bytes = join(
          bytes.subarray(0, at),
          random.pick(packets).subarray(0, random.integer(0, 60)),
          bytes.subarray(at),
        )
        break
      default:
        bytes.copyWithin(at, random.integer(0, bytes.length - 1))
    }
  }
  return random.chance(0.7) ? mend(bytes) : bytes
}

interface Watch {
  stack: Stack
  link: FakeLink
  env: FakeEnvironment
  dropped: string[]
}

function watched(kind: 'ip' | 'ethernet'): Watch {
  const dropped: string[] = []
  const observer: StackObserver = { dropped: reason => void dropped.push(reason) }
  const r = rig({ kind, observer })
  r.stack.listen({ port: 80, backlog: 8, synBacklog: 8 })
  r.stack.bindUdp(53, () => {})
  r.stack.connect({ remote: IpAddress.parse(PEER4), port: 4000, localPort: 80 + 1000 })
  return { ...r, dropped }
}

const total = (stack: Stack) => Object.values(stack.counters.drops).reduce((a, b) => a + b)

/** Gives one packet and checks that it was dropped once under one name, or not at all. */
function feed(w: Watch, bytes: Uint8Array): void {
  const before = total(w.stack)
  w.dropped.length = 0
  const answers = w.link.give(bytes)
  assert.ok(w.dropped.length <= 1, `dropped ${w.dropped.length} times: ${w.dropped}`)
  assert.equal(total(w.stack) - before, w.dropped.length, 'the counters say the same')
  assert.deepEqual(w.env.errors, [])
  for (const answer of answers) {
    const packet =
      w.link.kind === 'ip' ? answer : answer[12] === 8 && answer[13] === 6 ? undefined : answer.slice(14)
    if (!packet) continue
    const { protocol, view } = read(packet)
    if (protocol === 6 && !view.isFragment) readSegment(packet)
  }
}

/** Whatever came, little is kept of it, and nothing in the end. */
function bounded({ stack, env }: Watch): void {
  const { sockets, halfOpen, timeWait } = stack.census
  assert.ok(sockets < 30 && halfOpen <= 8 && timeWait < 1000, JSON.stringify(stack.census))
  const ip = stack['ip']
  const { pathMtu, resolver } = ip
  const fragments = ip['fragments']
  const datagrams = fragments['datagrams'] as Map<string, unknown>
  assert.ok(datagrams.size <= 64 && fragments['bytes'] <= 1 << 20)
  assert.ok(pathMtu['entries'].size <= 1024)
  for (const cache of resolver['caches'].values()) assert.ok(cache['entries'].size <= 1024)
  for (let hour = 0; hour < 3; hour++) env.pass(3_600_000)
  assert.deepEqual([stack.census.halfOpen, stack.census.timeWait], [0, 0])
  assert.deepEqual([datagrams.size, fragments['bytes']], [0, 0])
  assert.ok(stack['context'].wheel.count <= sockets, `${stack['context'].wheel.count} timers left`)
}

describe('fuzz', () => {
  it('any packet ends in one counted drop or in processing; nothing throws, everything sent is well formed [RFC 791 RFC 8200]', () => {
    for (const seed of [1, 2, 3, 4]) {
      const random = new Random(seed)
      const w = watched('ip')
      const packets = seeds()
      for (let i = 0; i < 6000; i++) {
        const bytes = mutate(random, packets)
        try {
          feed(w, bytes)
        } catch (error) {
          throw new Error(`seed ${seed}, packet ${i}: ${Buffer.from(bytes).toString('hex')}`, {
            cause: error,
          })
        }
        if (random.chance(0.01)) w.env.pass(random.integer(1, 3000))
      }
      assert.equal(w.stack.counters.packetsIn, 6000)
      const reasons = Object.entries(w.stack.counters.drops)
        .filter(([, n]) => n > 0)
        .map(([reason]) => reason)
      assert.ok(reasons.length > 20, `not much was tried: ${reasons}`)
      bounded(w)
    }
  })

  it('the same on Ethernet', () => {
    for (const seed of [5, 6]) {
      const random = new Random(seed)
      const w = watched('ethernet')
      const all = [255, 255, 255, 255, 255, 255]
      const packets = seeds()
      const arps = [arp(1, PEER_MAC, PEER4, [0, 0, 0, 0, 0, 0], OWN4), arp(2, PEER_MAC, PEER4, OWN_MAC, OWN4)]
      for (let i = 0; i < 5000; i++) {
        const isArp = random.chance(0.1)
        const inner = isArp ? mutate(random, arps) : mutate(random, packets)
        const type = isArp ? 0x0806 : inner[0]! >>> 4 === 6 ? 0x86dd : 0x0800
        const whole = frame(
          random.chance(0.9) ? OWN_MAC : random.pick([all, PEER_MAC, [0x33, 0x33, 0xff, 0, 0, 1]]),
          PEER_MAC,
          type,
          inner,
        )
        const bytes = random.chance(0.02) ? whole.slice(0, random.integer(0, 20)) : whole
        try {
          feed(w, bytes)
        } catch (error) {
          throw new Error(`seed ${seed}, packet ${i}: ${Buffer.from(bytes).toString('hex')}`, {
            cause: error,
          })
        }
        if (random.chance(0.01)) w.env.pass(random.integer(1, 3000))
      }
      bounded(w)
    }
  })

  it('every packet cut off at every byte, as the frame and by its own account', () => {
    const w = watched('ip')
    for (const bytes of seeds())
      for (let length = 0; length < bytes.length; length++) {
        const frameCut = bytes.slice(0, length)
        feed(w, frameCut)
        if (length > 0) assert.equal(w.dropped.length, 1, 'shorter than it says')
        const four = bytes[0]! >>> 4 === 4
        if (length < (four ? 20 : 40)) continue
        const honest = frameCut.slice()
        if (four) honest.set([length >>> 8, length & 255], 2)
        else honest.set([(length - 40) >>> 8, (length - 40) & 255], 4)
        feed(w, mend(honest))
      }
    bounded(w)
  })

  it('every header length, total length and data offset', () => {
    const w = watched('ip')
    const body = tcp({ dstPort: 81, payload: counting(20) })
    for (let ihl = 0; ihl < 16; ihl++)
      for (let totalLength = 0; totalLength <= 62; totalLength++)
        for (let dataOffset = 0; dataOffset < 16; dataOffset++) {
          body[12] = dataOffset << 4
          const bytes = ipv4({ protocol: 6, ihl, totalLength }, body)
          feed(w, totalLength <= 60 && ihl === 5 ? mend(bytes) : bytes)
          const fits =
            ihl === 5 &&
            totalLength >= 40 &&
            totalLength <= 60 &&
            dataOffset >= 5 &&
            20 + dataOffset * 4 <= totalLength
          if (!fits)
            assert.equal(
              w.dropped.length,
              1,
              `IHL ${ihl}, total length ${totalLength}, data offset ${dataOffset}`,
            )
        }
    bounded(w)
  })
})
