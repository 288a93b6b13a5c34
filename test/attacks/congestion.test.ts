import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { established, pattern, type Transcript } from '../support/transcript.js'
import { connect, listen, pair } from '../support/worlds-pair.js'

/** Part 3: receivers that lie about what they received, to be sent more than their share, or others less. */

const MSS = 1460

test('C01 ACK division: 1,460 ACKs of an octet each grow cwnd as one ACK of a segment does', () => {
  const whole = established()
  const divided = established()
  for (const t of [whole, divided]) {
    t.send(200_000)
    t.drain()
  }
  const { sndUna } = whole.tcb
  whole.arrives({ ack: sndUna + MSS })
  for (let i = 1; i <= MSS; i++) divided.arrives({ ack: sndUna + i })
  assert.equal(divided.tcb.congestion.cwnd, whole.tcb.congestion.cwnd)
  assert.equal(whole.tcb.congestion.cwnd, 11 * MSS)
  // In congestion avoidance too.
  for (const t of [whole, divided]) {
    const { congestion } = t.tcb
    congestion.onTimeout(t.tcb.flight, 0, true)
    Object.assign(congestion, { ssthresh: 2 * MSS, cwnd: 4 * MSS, timedOut: false })
    t.tcb.flightAtSend = 4 * MSS
  }
  const una = whole.tcb.sndUna
  whole.arrives({ ack: una + 4 * MSS })
  for (let i = 4; i <= 4 * MSS; i += 4) divided.arrives({ ack: una + i })
  assert.equal(whole.tcb.congestion.cwnd, 5 * MSS)
  assert.ok(divided.tcb.congestion.cwnd <= 5 * MSS)
})

test('C01 ACK division: a stretch ACK of the whole window grows by two segments at most (RFC 3465, L = 2)', () => {
  const t = established()
  t.send(200_000)
  const sent = t.drain().length
  assert.equal(sent, 10)
  t.arrives({ ack: t.tcb.sndNxt })
  assert.equal(t.tcb.congestion.cwnd, 12 * MSS)
})

test('C02 DupACK spoofing: endless duplicates bring out no more than was in flight when they began', () => {
  const t = established()
  t.send(1_000_000)
  let before = 0
  for (const s of t.drain()) before += s.data.length
  let out = 0
  for (let i = 0; i < 100_000; i++) {
    t.arrives({ ack: 1001 })
    for (const s of t.drain()) out += s.data.length
  }
  // One retransmission, two segments of limited transmit, and new data for what has left: half a window of it.
  assert.ok(out <= before + 3 * MSS, `${out} bytes for ${before} in flight`)
  assert.ok(t.tcb.flight <= 2 * before + 3 * MSS)
  // And a spoofed acknowledgment of it all does not keep the inflation.
  t.arrives({ ack: t.tcb.sndNxt })
  assert.ok(t.tcb.congestion.cwnd <= before)
})

test('C03 optimistic ACK: what was never sent is not acknowledged, whatever it would gain', () => {
  const t = established()
  t.send(2_000_000)
  t.drain()
  const { sndUna, sndNxt } = t.tcb
  const { cwnd } = t.tcb.congestion
  for (let ahead = 1; ahead < 1 << 30; ahead = ahead * 2 + 1) {
    t.arrives({ ack: sndNxt + ahead })
    t.drain()
  }
  assert.deepEqual([t.tcb.sndUna, t.tcb.sndNxt, t.tcb.congestion.cwnd], [sndUna, sndNxt, cwnd])
})

test('C03 optimistic ACK: of what was sent but not received, the gain is that of honest slow start and no more', () => {
  // Nothing tells the sender that the receiver lies: only the window of each round trip bounds it, and its user's data
  // is lost to the liar himself. No segment is left out on purpose to catch him.
  const grow = (steps: number) => {
    const t = established({ rtt: 100 })
    t.send(1_000_000)
    t.drain()
    for (let i = 0; i < steps; i++) {
      t.arrives({ ack: t.tcb.sndNxt })
      t.drain()
    }
    return t
  }
  for (const steps of [1, 3, 6]) {
    const t = grow(steps)
    assert.ok(t.tcb.congestion.cwnd <= (10 + 2 * steps) * MSS)
    assert.ok(t.tcb.flight <= 65_535, 'and never more than his own window')
  }
})

/** A receiver that keeps what it has acknowledged and throws away the rest when it pleases. */
function renege(t: Transcript, random: Random, length: number): Map<number, number> {
  const [kept, stream] = [new Map<number, number>(), new Map<number, number>()]
  let next = 1001
  for (let round = 0; next < 1001 + length; round++) {
    assert.ok(round < 20_000, 'it comes to an end')
    for (const s of t.drain()) {
      if (random.chance(0.1)) continue
      for (const [i, octet] of s.data.entries()) kept.set(s.seq + i, octet)
    }
    while (kept.has(next)) {
      stream.set(next, kept.get(next)!)
      kept.delete(next++)
    }
    const held = [...kept.keys()].sort((a, b) => a - b)
    const sack: [number, number][] = []
    for (const at of held)
      if (sack.at(-1)?.[1] === at) sack.at(-1)![1]++
      else if (sack.length < 4) sack.push([at, at + 1])
      else break
    t.arrives({ ack: next, ...(sack.length > 0 ? { sack } : {}) })
    // Everything that was promised by SACK is discarded (RFC 2018 section 8 allows it).
    if (random.chance(0.3)) kept.clear()
    if (t.tcb.deadline !== Number.POSITIVE_INFINITY && random.chance(0.3)) t.expire()
  }
  return stream
}

test('C04 SACK reneging: a peer that discards what it reported still gets every octet', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const t = established({ config: { sack: true, r2: 1000 }, syn: { sackPermitted: true } })
    const length = 60_000
    t.send(length)
    const stream = renege(t, new Random(seed), length)
    const expected = pattern(1001, length)
    for (let i = 0; i < length; i++) assert.equal(stream.get(1001 + i), expected[i], `seed ${seed}`)
  }
})

test('C04 SACK lying: blocks beyond SND.NXT, below SND.UNA or over everything free no octet', () => {
  const t = established({ config: { sack: true }, syn: { sackPermitted: true } })
  t.send(20_000)
  t.drain()
  const { sndUna, sndNxt } = t.tcb
  for (const block of [
    [sndUna, sndNxt],
    [sndNxt, sndNxt + 5000],
    [sndUna - 5000, sndUna],
    [sndUna - 5000, sndNxt + 5000],
    [sndNxt, sndUna],
    [0, 0xffffffff],
  ] as [number, number][])
    t.arrives({ ack: sndUna, sack: [block] })
  assert.deepEqual([t.tcb.sndUna, t.tcb.sendQueue.length], [sndUna, 20_000])
  t.expire()
  t.sends({ seq: sndUna, data: MSS })
})

/** What arrives in a minute of bursts, one each `period` ms, in which for a tenth of the time everything is lost. */
function shrew(period: number) {
  const p = pair({ seed: 5, conditions: { delay: 10, rate: 10_000_000 } })
  const accepted = listen(p)
  const client = connect(p)
  p.world.runSync(100)
  const stop = p.cable.forward.intercept(() => (p.world.now % period < period / 10 ? 'drop' : 'pass'))
  client.socket.send(new Uint8Array(2 << 20))
  p.world.runSync(60_000)
  const received = () => accepted[0]!.socket.status().bytesReceived
  return { p, stop, received, client }
}

test('C05 Shrew: bursts at a second apart, the smallest RTO of RFC 6298, do not stop a transfer', () => {
  assert.equal(shrew(1000).received(), 2 << 20)
})

test('C05 Shrew: nor do bursts in step with our own smallest RTO: what is lost is found out without it (RACK-TLP)', () => {
  assert.equal(shrew(200).received(), 2 << 20)
})

test('C06 ECN: where it was agreed on a storm of forged echoes counts once for what is outstanding', () => {
  const t = established()
  t.tcb.ecn = true
  t.send(100_000)
  t.drain()
  const { cwnd } = t.tcb.congestion
  for (let i = 0; i < 1000; i++) t.arrives({ flags: 'ACK,ECE', ack: t.tcb.sndUna }).drain()
  assert.equal(t.tcb.congestion.cwnd, cwnd / 2)
})

test('C06 ECN: where it was not agreed on marks and forged echoes change nothing', () => {
  const t = established({ syn: { flags: 'SYN,ACK' } })
  t.send(100_000)
  t.drain()
  const { cwnd } = t.tcb.congestion
  // A storm of ECE, and CWR for what was never echoed.
  for (let i = 0; i < 1000; i++) {
    t.arrives({ flags: i & 1 ? 'ACK,ECE' : 'ACK,ECE,CWR', ack: t.tcb.sndUna, window: 60_000 + (i & 1) })
    t.drain()
  }
  assert.equal(t.tcb.congestion.cwnd, cwnd)
  t.arrives({ flags: 'ACK,CWR', data: 3000 })
  for (const s of t.drain()) assert.ok(!/ECE|CWR/.test(s.flags))
})

test('C06 ECN: it is not asked for unless one wants it, and CE on packets is then not echoed', () => {
  const p = pair()
  const accepted = listen(p)
  const seen = new Set<string>()
  for (const wire of [p.cable.forward, p.cable.backward])
    wire.intercept(packet => {
      for (const flag of packet.flags) seen.add(flag)
      const marked = packet.bytes.slice()
      // CE, with the IPv4 header's checksum put right.
      marked[1]! |= 3
      marked.set([0, 0], 10)
      let sum = 0
      for (let i = 0; i < 20; i += 2) sum += (marked[i]! << 8) | marked[i + 1]!
      sum = ~((sum >>> 16) + (sum & 0xffff)) & 0xffff
      marked.set([sum >> 8, sum & 255], 10)
      return { change: marked }
    })
  const client = connect(p)
  client.socket.send(new Uint8Array(200_000))
  p.world.runSync(5000)
  assert.equal(accepted[0]!.socket.status().bytesReceived, 200_000)
  assert.ok(!seen.has('ECE') && !seen.has('CWR'))
  assert.equal(client.socket.status().segmentsRetransmitted, 0)
})

/** A connection that has grown its cwnd over some round trips and has nothing in flight. */
function grown(octets: number): Transcript {
  const t = established({ rtt: 50 })
  t.send(octets)
  for (let i = 0; i < 60 && t.tcb.unsent + t.tcb.flight > 0; i++) {
    t.drain()
    t.advance(50).arrives({ ack: t.tcb.sndNxt })
  }
  assert.ok(t.tcb.congestion.cwnd > 30 * MSS)
  return t
}

const burst = (t: Transcript) => t.drain().reduce((sum, s) => sum + s.data.length, 0)

test('C07 after silence the initial window goes out in one burst, whatever cwnd was before', () => {
  const t = grown(1_000_000)
  assert.equal(t.tcb.flight, 0)
  t.advance(20_000)
  t.send(1_000_000)
  assert.equal(burst(t), 10 * MSS)
})

test('C07 window-update games: a window that is shut and thrown open lets out cwnd at once, and no more', () => {
  const t = grown(1_000_000)
  t.arrives({ window: 0 })
  t.send(1_000_000)
  assert.equal(burst(t), 0)
  t.advance(20_000).drain()
  const { cwnd } = t.tcb.congestion
  t.arrives({ window: 65_535 })
  assert.ok(burst(t) <= Math.min(cwnd, 65_535))
})

test('C07 withheld ACKs: one for a whole window lets out that window and two segments, not more', () => {
  const t = established()
  t.send(3_000_000)
  const first = t.drain().reduce((sum, s) => sum + s.data.length, 0)
  t.advance(150).arrives({ ack: t.tcb.sndNxt })
  const second = t.drain().reduce((sum, s) => sum + s.data.length, 0)
  assert.deepEqual([first, second], [10 * MSS, 12 * MSS])
})
