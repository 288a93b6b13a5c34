import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { TimerNode, TimerWheel } from '../../src/stack/wheel.js'
import { Remote, Target } from '../support/flood.js'
import { established, type Fields, pattern, type Transcript } from '../support/transcript.js'
import { PORT, pair } from '../support/worlds-pair.js'

/** Part 2, what a peer can make a sender do: SACK blocks, tiny segments, timers. */

/** A receiver who keeps whatever he gets; his stream must be the pattern in the end. */
class Receiver {
  readonly got = new Map<number, number>()
  constructor(private readonly t: Transcript) {}

  /** Takes what is sent now, except what `loses` says; the next octet that is missing. */
  take(loses: () => boolean): number {
    for (const s of this.t.drain()) {
      if (loses()) continue
      for (const [i, octet] of s.data.entries()) this.got.set((s.seq + i) >>> 0, octet)
    }
    return this.next
  }

  get next(): number {
    let at = this.start
    while (this.got.has(at)) at++
    this.start = at
    return at
  }

  private start = 1001

  verify(length: number): void {
    const expected = pattern(1001, length)
    for (let i = 0; i < length; i++) assert.equal(this.got.get(1001 + i), expected[i], `octet ${i}`)
  }
}

/** Four SACK blocks at random: in flight, acknowledged already, not sent yet, empty, inside out. */
const lies = (random: Random, t: Transcript): [number, number][] =>
  Array.from({ length: random.integer(1, 4) }, () => {
    const left = t.tcb.sndUna + random.integer(-3000, t.tcb.flight + 3000)
    return [left >>> 0, (left + random.integer(-2000, 5000)) >>> 0]
  })

test('B10 SACK Panic: the smallest MSS, a bulk transfer and lying SACK blocks: the stream arrives as it was', () => {
  const random = new Random(10)
  const t = established({ config: { sack: true, nagle: false }, syn: { mss: 8, sackPermitted: true } })
  assert.equal(t.tcb.mss, 48)
  // More segments of 48 octets than a 16-bit counter in a 64 KiB super-segment could count.
  const length = 200_000
  for (let i = 0; i < length; i += 10_000) t.send(10_000)
  const receiver = new Receiver(t)
  let acks = 0
  for (; receiver.next < 1001 + length; acks++) {
    assert.ok(acks < 100_000, 'it comes to an end')
    const ack = receiver.take(() => random.chance(0.02))
    const lie: Fields = { ack, sack: lies(random, t) }
    t.arrives(lie)
    if (t.tcb.flight > 0 && random.chance(0.05)) t.expire()
    const { sndUna, sndNxt, flight } = t.tcb
    assert.ok(((sndNxt - sndUna) | 0) === flight && flight >= 0 && flight <= length)
    assert.ok(t.tcb.sendQueue.length >= 0)
  }
  receiver.verify(length)
})

test('B11 SACK slowness: a hundred thousand ACKs with four blocks each cost little state, and bring little about', () => {
  const random = new Random(11)
  const t = established({ config: { sack: true }, syn: { sackPermitted: true } })
  t.send(100_000)
  t.drain()
  const { scoreboard } = t.tcb
  const fields = new Set(Object.keys(t.tcb))
  let segments = 0
  let most = 0
  for (let i = 0; i < 100_000; i++) {
    t.arrives({ ack: t.tcb.sndUna, window: 60_000 + (i & 1), sack: lies(random, t) })
    segments += t.drain().length
    let entries = 0
    scoreboard.forEach(() => {
      entries++
    })
    most = Math.max(most, entries)
  }
  // What was sent is cut in whole segments, however the blocks lie.
  assert.ok(most <= 2 * Math.ceil(100_000 / t.tcb.mss), `${most} entries`)
  // Everything went out once, and what was taken for lost once more.
  assert.ok(segments <= 2 * Math.ceil(100_000 / t.tcb.mss), `${segments} segments`)
  assert.deepEqual(new Set(Object.keys(t.tcb)), fields)
})

test('B12 low-MSS: the floor holds for whatever a SYN says, and the path for whatever ICMP says', () => {
  for (const mss of [0, 1, 8, 12, 47, 48, 49, 536, 65_535])
    for (const timestamps of [false, true]) {
      const syn = { mss, ...(timestamps ? { ts: [1, 0] as const } : {}) }
      const t = established({ config: { timestamps, nagle: false }, syn })
      const whole = Math.min(1460, Math.max(48, mss))
      assert.equal(t.tcb.mss, whole - (timestamps ? 12 : 0), `MSS ${mss}`)
      t.send(3000)
      const sent = t.drain()
      for (const s of sent.slice(0, -1)) assert.equal(s.data.length, whole - (timestamps ? 12 : 0))
      assert.ok(sent.length > 0 && sent.length <= 10)
      assert.ok(t.tcb.congestion.cwnd >= t.tcb.mss && Number.isFinite(t.tcb.congestion.cwnd))
    }
})

test('B12 low-MSS: timestamps and SACK blocks leave room for an octet at least, and the floor can be raised', () => {
  const t = established({
    config: { timestamps: true, sack: true, nagle: false },
    syn: { mss: 1, ts: [1, 0], sackPermitted: true },
  })
  // Four gaps: the options of an ACK take all of their 40 octets.
  for (const at of [10, 30, 50, 70]) t.arrives({ seq: 5001 + at, data: 5 })
  t.drain()
  t.arrives({ seq: 5001 + 90, data: 5 })
  t.send(30)
  for (const s of t.drain()) assert.ok(s.data.length <= 48 - s.options.length || s.data.length === 1)
  assert.equal(established({ config: { minMss: 216 }, syn: { mss: 8 } }).tcb.mss, 216)
})

test('B14 timer herd: a million timers are set, put off and cancelled in a few steps each, and fire in one sweep', () => {
  const n = 1_000_000
  const wheel = new TimerWheel(0)
  let inserts = 0
  const insert = wheel['insert'].bind(wheel)
  Object.assign(wheel, {
    insert: (node: TimerNode) => {
      inserts++
      insert(node)
    },
  })
  const nodes = Array.from({ length: n }, () => new TimerNode())
  // All keep-alive timers of a busy server: two hours, and nearly at once.
  for (const [i, node] of nodes.entries()) wheel.schedule(node, 7_200_000 + (i & 7))
  assert.deepEqual([inserts, wheel.count], [n, n])
  // Put off a million times: no work, the old time is looked at when it comes.
  for (const node of nodes) wheel.schedule(node, 9_000_000)
  assert.equal(inserts, n)
  for (let i = 0; i < n; i += 2) wheel.cancel(nodes[i]!)
  assert.equal(wheel.count, n / 2)
  let fired = 0
  wheel.advance(7_199_999, () => void fired++)
  assert.equal(fired, 0)
  wheel.advance(7_200_007, () => void fired++)
  assert.equal(fired, n / 2)
  assert.ok(inserts <= 4 * n, `${inserts / n} insertions for each`)
})

test('B14 timer herd: ten thousand probes that are due at once go out at once, in one turn, and none is lost', () => {
  const t = new Target()
  t.stack.listen({ port: 80, synBacklog: 1 << 16, onConnection: s => s.setKeepAlive(true, 60_000, 1000, 3) })
  for (let i = 0; i < 10_000; i++) new Remote(t, 0x0b000000 + i, 1).open()
  const before = t.packetsOut
  t.env.pass(59_999)
  assert.equal(t.packetsOut, before)
  t.env.pass(1)
  assert.equal(t.packetsOut - before, 10_000)
  t.env.pass(4000)
  assert.equal(t.stack.census.sockets, 0)
})

test('B14 timer herd: retransmissions of many connections spread as their round trips do', () => {
  const p = pair({ conditions: { delay: 10, jitter: 40 } })
  p.b.stack.listen({ port: PORT })
  const at = new Set<number>()
  p.cable.forward.intercept(packet => {
    if (packet.payloadLength > 0) at.add(Math.round(p.world.now))
    return 'pass'
  })
  const sockets = Array.from({ length: 50 }, () =>
    p.a.stack.connect({ remote: p.b.stack.interfaces[1]!.addresses[0]!.address, port: PORT }),
  )
  p.world.runSync(500)
  for (const socket of sockets) {
    socket.send(new Uint8Array(500))
  }
  p.world.runSync(1000)
  p.cable.forward.connected = false
  for (const socket of sockets) socket.send(new Uint8Array(500))
  at.clear()
  p.world.runSync(2500)
  assert.ok(at.size >= 10, `${at.size} different times`)
})
