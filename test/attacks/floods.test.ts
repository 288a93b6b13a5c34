import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Socket } from '../../src/stack/socket.js'
import { Mould, Remote, Target } from '../support/flood.js'
import { inUse } from '../support/heap.js'
import { be16, be32 } from '../support/packets.js'

/** Part 2, floods: many packets from nobody. What is counted is records, bytes and steps, not seconds. */

const ACK = 16
const SYN = 2
const RST = 4
/** What a client of today offers: MSS, SACK, timestamps, scale. */
const OFFER = [2, 4, ...be16(1460), 4, 2, 8, 10, ...be32(1), ...be32(0), 1, 3, 3, 7]

/** `n` SYNs, each from another address and port. */
function flood(t: Target, mould: Mould, from: number, n: number): void {
  for (let i = from; i < from + n; i++)
    t.give(mould.fill({ src: 0xc6120000 + (i & 0x1ffff), srcPort: 1024 + (i % 60_000), seq: i }).bytes)
}

test('B01 SYN flood: a million spoofed SYNs leave memory flat, an honest client connects, an old one goes on', () => {
  const t = new Target()
  const sockets: Socket[] = []
  t.stack.listen({ port: 80, onConnection: socket => void sockets.push(socket) })
  const early = new Remote(t, 0x0a000005, 1000)
  early.open()
  const mould = new Mould({ options: OFFER })
  flood(t, mould, 0, 50_000)
  const before = inUse()
  flood(t, mould, 50_000, 950_000)
  const grown = inUse() - before
  assert.ok(grown < 2e6, `${grown} bytes for 950,000 SYNs`)
  assert.deepEqual(t.stack.census, { sockets: 1, halfOpen: 1024, timeWait: 0, listeners: 1 })
  assert.equal(t.stack.counters.cookiesSent, 1_000_000 - 1024)
  const honest = new Remote(t, 0x0a000006, 1000)
  assert.ok(honest.open())
  assert.deepEqual([sockets.length, sockets[1]!.state], [2, 'ESTABLISHED'])
  for (const socket of sockets) assert.ok(socket.send(Uint8Array.of(1)) && t.seen!.length === 1)
  // The flood is over, and so is everything it left.
  t.env.pass(300_000)
  assert.equal(t.stack.census.halfOpen, 0)
})

test('B01 SYN flood: a half-open record takes less than 900 bytes, its timer and its place in the tables included', () => {
  const t = new Target()
  t.stack.listen({ port: 80, synBacklog: 20_000 })
  const mould = new Mould({ options: OFFER })
  flood(t, mould, 0, 100)
  const before = inUse()
  flood(t, mould, 100, 19_900)
  const each = (inUse() - before) / 19_900
  assert.equal(t.stack.census.halfOpen, 20_000)
  assert.ok(each < 900, `${Math.round(each)} bytes each`)
})

test('B01 SYN flood: one listener cannot use up the half-open places of another', () => {
  const t = new Target()
  const [, quiet] = [t.stack.listen({ port: 80, synCookies: false }), t.stack.listen({ port: 81 })]
  flood(t, new Mould({ options: OFFER }), 0, 5000)
  assert.equal(t.stack.census.halfOpen, 1024)
  assert.ok(new Remote(t, 0x0a000006, 1000, 81).open())
  assert.equal(quiet.queue.length, 1)
})

test('B02 SYN,ACK reflection: one spoofed SYN draws six SYN,ACKs at most, no data, and none after a RST', () => {
  const t = new Target()
  t.stack.listen({ port: 80, onConnection: socket => void socket.send(new Uint8Array(10_000)) })
  const syn = new Mould({ src: '198.51.100.1' }).bytes
  t.give(syn)
  t.env.pass(600_000)
  assert.equal(t.packetsOut, 6)
  assert.ok(t.bytesOut / syn.length < 7, `${t.bytesOut} bytes for ${syn.length}`)
  assert.equal(t.stack.census.halfOpen, 0)
  // The victim answers the first: it gets no second.
  const victim = new Remote(t, 0xc6336402, 5)
  victim.send(SYN)
  const { ack, seq } = t.seen!
  victim.send(RST, 0, ack, 0)
  const sent = t.packetsOut
  t.env.pass(600_000)
  assert.deepEqual([t.packetsOut, t.stack.census.halfOpen, seq > 0], [sent, 0, true])
})

test('B02 SYN,ACK reflection: a flood of SYNs with cookies is answered one for one, and not repeated', () => {
  const t = new Target()
  t.stack.listen({ port: 80, synBacklog: 0 })
  const mould = new Mould({ options: OFFER })
  flood(t, mould, 0, 1000)
  t.env.pass(600_000)
  assert.equal(t.packetsOut, 1000)
  assert.ok(t.bytesOut <= 1000 * mould.bytes.length)
})

test('B03 ACK flood: the same few keyed hashes for each, however many connections there are', () => {
  const costs: number[] = []
  for (const connections of [0, 10_000]) {
    const t = new Target({ limits: { connections: 1e6, connectionsPerPeer: 1e6 } })
    t.stack.listen({ port: 80, synBacklog: 0, onConnection: () => {} })
    for (let i = 0; i < connections; i++) new Remote(t, 0x0a000100 + (i >> 14), 1024 + (i & 0x3fff)).open()
    new Remote(t, 0x0a000006, 1).send(SYN)
    const { secrets } = t.stack['context']
    let hashes = 0
    for (const name of ['isn', 'timestampOffset', 'cookie', 'tableHash'] as const) {
      const real = secrets[name].bind(secrets) as (...args: unknown[]) => number
      Object.assign(secrets, {
        [name]: (...args: unknown[]) => {
          hashes++
          return real(...args)
        },
      })
    }
    const mould = new Mould({ flags: ACK })
    const floods = 20_000
    for (let i = 0; i < floods; i++)
      t.give(
        mould.fill({ src: 0xc6120000 + i, srcPort: 1024 + (i % 60_000), seq: i, ack: Math.imul(i, 977) })
          .bytes,
      )
    assert.equal(t.stack.counters.cookiesRejected, floods)
    costs.push(hashes / floods)
    assert.equal(t.stack.census.sockets, connections)
  }
  assert.equal(costs[0], costs[1])
  assert.ok(costs[0]! <= 5, `${costs[0]} hashes for each`)
})

/** How many places of the table are looked at to find each flow, on average and at worst. */
function probes(t: Target): { mean: number; most: number } {
  const table = t.stack['table']
  const [places, mask] = [table['places'], table['mask']]
  let [sum, most, n] = [0, 0, 0]
  for (let i = 0; i <= mask; i++) {
    if (places[2 * i] === 0) continue
    const steps = ((i - (places[2 * i + 1]! & mask)) & mask) + 1
    sum += steps
    most = Math.max(most, steps)
    n++
  }
  return { mean: sum / n, most }
}

test('B13 hash flood: sets of ports and addresses chosen against a known hash are spread like any other', () => {
  const sets: Record<string, (i: number) => { src: number; srcPort: number }> = {
    // Equal under addition, under XOR of the words, and modulo a power of two.
    'address plus port constant': i => ({ src: 0x0a100000 + i, srcPort: 60_000 - i }),
    'address xor port constant': i => ({ src: 0x0a100000 | i, srcPort: (i ^ 0x7fff) + 1 }),
    'multiples of 65,536': i => ({ src: (11 << 24) + (i << 8), srcPort: 1024 }),
    'one address, every port': i => ({ src: 0x0a000009, srcPort: 1 + i }),
    // As strings these are integers below 2^24, which V8 hashed without a seed until 2026.
    'integer-like': i => ({ src: i + 0x01000000, srcPort: 1 + (i % 10) }),
  }
  for (const [name, of] of Object.entries(sets)) {
    const t = new Target()
    t.stack.listen({ port: 80, synBacklog: 1 << 15 })
    const mould = new Mould()
    const n = 16_384
    for (let i = 0; i < n; i++) t.give(mould.fill({ ...of(i), seq: i }).bytes)
    assert.equal(t.stack.census.halfOpen, n, name)
    const { mean, most } = probes(t)
    assert.ok(mean < 2 && most < 64, `${name}: ${mean} looks, at worst ${most}`)
  }
})

test('B13 hash flood: no table of the stack is keyed by a bare number or by the name of one', () => {
  const t = new Target({ limits: { connections: 100 } })
  t.stack.listen({ port: 80, onConnection: () => {} })
  for (let i = 0; i < 50; i++) new Remote(t, 0x0a000100 + i, 1000).open()
  const peers = t.stack['tcp'].limiter['peers'] as Map<string, unknown>
  assert.equal(peers.size, 50)
  for (const key of peers.keys()) assert.ok(Number.isNaN(Number(key)), key)
  const path = t.stack['ip'].pathMtu
  path.set(t.stack.sockets[0]!.remote, 600, 0)
  for (const key of (path['entries'] as Map<string, unknown>).keys())
    assert.ok(Number.isNaN(Number(key)), key)
})
