import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { World } from '../../src/sim/world.js'
import type { Socket } from '../../src/stack/socket.js'
import type { TcpConfig } from '../../src/tcp/config.js'
import { IpAddress } from '../../src/wire/address.js'
import { upperChecksum } from '../support/packets.js'
import { ACK, FIN, RST, SYN } from '../support/scripted-peer.js'

/**
 * Whole conversations over bad cables, captured: what must hold for every segment that is ever sent. Fields are read
 * here from their places in the RFC's pictures, not by the code under test.
 */

interface Captured {
  readonly from: string
  readonly to: string
  readonly mtu: number
  readonly bytes: Uint8Array
  readonly flags: number
  readonly options: Uint8Array
  readonly payload: Uint8Array
}

const HOSTS = { 4: ['10.0.0.1', '10.0.0.2'], 6: ['fd00::1', 'fd00::2'] } as const

function segmentOf(packet: Uint8Array, from: string, to: string, mtu: number): Captured {
  const bytes = packet.subarray(from.includes(':') ? 40 : 20)
  const header = (bytes[12]! >>> 4) * 4
  return {
    from,
    to,
    mtu,
    bytes,
    flags: bytes[13]!,
    options: bytes.subarray(20, header),
    payload: bytes.subarray(header),
  }
}

/** Two hosts talk, are refused, reset and close; everything either sends. */
function conversation(version: 4 | 6, mtu: number, tcp: Partial<TcpConfig>, seed: number): Captured[] {
  const world = new World({ seed })
  const [a, b] = [world.host('a', { tcp }), world.host('b', { tcp: { receiveBuffer: 30_000 } })]
  const [one, other] = HOSTS[version]
  const prefix = version === 4 ? 24 : 64
  const cable = world.connect(a, b, {
    mtu,
    addresses: [[`${one}/${prefix}`], [`${other}/${prefix}`]],
    conditions: { delay: 5, loss: 0.05, reorder: 0.1, reorderDelay: 8, duplicate: 0.03 },
  })
  const all: Captured[] = []
  cable.forward.tap = bytes => void all.push(segmentOf(bytes, one, other, mtu))
  cable.backward.tap = bytes => void all.push(segmentOf(bytes, other, one, mtu))
  const served: Socket[] = []
  b.stack.listen({
    port: 80,
    onConnection: socket => {
      served.push(socket)
      socket.handler = {
        readable: () => {
          while (socket.receive());
        },
        end: () => socket.close(),
      }
      socket.send(new Uint8Array(20_001).fill(seed))
    },
  })
  const to = (port: number) => a.stack.connect({ remote: IpAddress.parse(other), port })
  const [first, second] = [to(80), to(80)]
  to(81)
  first.send(new Uint8Array(50_003).fill(0xff))
  first.send(Uint8Array.of(1), { urgent: true })
  world.at(4000, () => {
    while (first.receive());
    first.close()
  })
  world.at(5000, () => second.abort())
  world.runSync(200_000)
  assert.ok(all.length > 20, `${all.length} segments`)
  for (const bit of [SYN, FIN, RST, ACK]) assert.ok(all.some(s => s.flags & bit))
  return all
}

const OPTIONS: Partial<TcpConfig>[] = [
  {},
  { timestamps: false },
  { sack: false, windowScaling: false },
  { timestamps: false, sack: false, windowScaling: false },
]
const all = ([4, 6] as const).flatMap(version =>
  (version === 4 ? [576, 1500, 9000] : [1280, 1500, 9000]).flatMap((mtu, i) =>
    OPTIONS.flatMap((tcp, k) => conversation(version, mtu, tcp, 1 + i * 4 + k)),
  ),
)

/** The options of a segment: kind and value each. Throws if they do not fill their room exactly. */
function optionsOf({ options }: Captured): { kind: number; value: Uint8Array }[] {
  const found: { kind: number; value: Uint8Array }[] = []
  let at = 0
  while (at < options.length) {
    const kind = options[at]!
    if (kind === 0) {
      assert.ok(
        options.subarray(at).every(byte => byte === 0),
        'zeros after the end',
      )
      break
    }
    if (kind === 1) {
      at++
      continue
    }
    const length = options[at + 1]!
    assert.ok(length >= 2 && at + length <= options.length, `kind ${kind} has length ${length}`)
    found.push({ kind, value: options.subarray(at + 2, at + length) })
    at += length
  }
  return found
}

describe('every segment of many conversations', () => {
  it('has the checksum that a naive routine computes [MUST-2 RFC 1071]', () => {
    const lengths = new Set<number>()
    for (const { bytes, from, to } of all) {
      const blank = bytes.slice()
      blank.fill(0, 16, 18)
      assert.equal((bytes[16]! << 8) | bytes[17]!, upperChecksum(from, to, 6, blank))
      lengths.add(bytes.length % 2)
    }
    assert.equal(lengths.size, 2, 'even and odd lengths')
  })

  it('has reserved bits of zero [U-01]', () => {
    for (const { bytes } of all) assert.equal(bytes[12]! & 15, 0)
  })

  it('has options of known lengths, and zeros after their end [MUST-68 MUST-69]', () => {
    for (const segment of all) optionsOf(segment)
  })

  it('has an MSS if and only if it is a SYN, of what the interface takes [MUST-14 MUST-65 MUST-67 SHLD-5 MAY-3]', () => {
    for (const segment of all) {
      const mss = optionsOf(segment).filter(({ kind }) => kind === 2)
      assert.equal(mss.length, segment.flags & SYN ? 1 : 0)
      const headers = segment.from.includes(':') ? 60 : 40
      if (mss[0]) assert.equal((mss[0].value[0]! << 8) | mss[0].value[1]!, segment.mtu - headers)
    }
  })

  it('carries no more than the MSS of its receiver leaves beside its options [MUST-16 RFC 6691]', () => {
    const full = new Set<string>()
    for (const segment of all) {
      const room = segment.mtu - (segment.from.includes(':') ? 60 : 40) - segment.options.length
      assert.ok(segment.payload.length <= room)
      if (segment.payload.length === room)
        full.add(`${segment.from} ${segment.mtu} ${segment.options.length}`)
    }
    assert.ok(full.size >= 12, 'and as much as that, with every kind of options')
  })

  it('acknowledges, but for the first SYN and RSTs [U-31]', () => {
    for (const { flags } of all) if (!(flags & (RST | SYN))) assert.ok(flags & ACK)
  })

  it('has the scale and the permission of SACK on SYNs only [RFC 7323 RFC 2018]', () => {
    for (const segment of all)
      for (const { kind, value } of optionsOf(segment))
        if (kind === 3 || kind === 4) {
          assert.ok(segment.flags & SYN)
          if (kind === 3) assert.ok(value[0]! <= 14)
        }
  })

  it('of fifty thousand octets written at once nearly every one is full [SHLD-28]', () => {
    const bulk = all.filter(s => s.from === HOSTS[4][0] && s.mtu === 1500 && s.payload.length > 1)
    const full = bulk.filter(s => s.payload.length === 1460 - s.options.length)
    assert.ok(full.length >= bulk.length * 0.9, `${full.length} of ${bulk.length}`)
  })
})
