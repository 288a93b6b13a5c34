import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { OWN4, OWN6, readSegment, rig, tcpPacket } from '../support/packets.js'
import { established, inState } from '../support/transcript.js'
import { A, connect, listen, open, type Pair, pair, utf8 } from '../support/worlds-pair.js'

/** Part 4: segments that answer segments, for ever. */

const RST = 4
const ACK = 16
const SYN = 2

/** Counts segments on both wires. */
function meter(p: Pair): () => number {
  const start = p.cable.forward.sent + p.cable.backward.sent
  return () => p.cable.forward.sent + p.cable.backward.sent - start
}

test('D01 ACK storm: two ends that a third party has desynchronized answer each other a few times a second', () => {
  for (const timestamps of [true, false]) {
    const tcp = { timestamps }
    const p = pair({ a: { tcp }, b: { tcp }, conditions: { delay: 1 } })
    const { client, server } = open(p)
    // Joncheray 1995: each end was made to accept octets that the other never sent.
    for (const { socket } of [client, server]) {
      socket.tcb.rcvNxt = (socket.tcb.rcvNxt + 1000) | 0
      socket.tcb.lastAckSent = socket.tcb.rcvNxt
      socket.tcb.rcvAdv = (socket.tcb.rcvAdv + 1000) | 0
    }
    const count = meter(p)
    const start = p.world.now
    client.socket.send(utf8('a'))
    server.socket.send(utf8('b'))
    p.world.runSync(start + 20_000)
    assert.ok(count() / 20 <= 45, `${count() / 20} segments a second`)
    // And it ends: what is not acknowledged is given up.
    p.world.runSync(start + 600_000)
    assert.deepEqual([client.told.at(-1), server.told.at(-1)], ['closed ETIMEDOUT', 'closed ETIMEDOUT'])
    const quiet = meter(p)
    p.world.runSync(start + 700_000)
    assert.equal(quiet(), 0)
  }
})

test('D01 ACK loop: pure ACKs outside the window are answered ten times a second, whoever sends them', () => {
  const t = established()
  let answers = 0
  for (let ms = 0; ms < 10_000; ms++) {
    t.at(ms).arrives({ seq: t.tcb.rcvNxt - 50_000, ack: t.tcb.sndNxt })
    answers += t.drain().length
  }
  assert.ok(answers <= 110 && answers >= 90, `${answers} for 10,000`)
})

test('D02 RST loop: no segment with RST is answered, at a closed port, a listener or in any state', () => {
  const { stack, link } = rig()
  stack.listen({ port: 80 })
  const random = new Random(2)
  for (let i = 0; i < 20_000; i++) {
    const flags = RST | random.integer(0, 255)
    const sent = link.give(
      tcpPacket({
        dstPort: random.pick([80, 81]),
        srcPort: random.integer(1, 65_535),
        seq: random.next32() >>> 0,
        ack: random.next32() >>> 0,
        flags,
        payload: random.chance(0.3) ? [1, 2, 3] : [],
      }),
    )
    assert.equal(sent.length, 0, `flags ${flags}`)
  }
  // Two closed ports facing each other: one segment, one RST, silence.
  const [rst] = link.give(tcpPacket({ dstPort: 81, flags: ACK, ack: 9 }))
  assert.ok(readSegment(rst!).flags & RST)
  const { srcPort, dstPort, seq, ack, flags } = readSegment(rst!)
  const back = tcpPacket({ srcPort: dstPort, dstPort: srcPort, seq: seq >>> 0, ack: ack >>> 0, flags })
  assert.equal(link.give(back).length, 0)
})

test('D03 LAND: a SYN from our own address and port is dropped at the door, IPv4 and IPv6', () => {
  for (const own of [OWN4, OWN6])
    for (const srcPort of [80, 4000]) {
      const { stack, link } = rig()
      stack.listen({ port: 80 })
      assert.equal(link.give(tcpPacket({ src: own, dst: own, srcPort })).length, 0)
      assert.equal(link.give(tcpPacket({ src: '127.0.0.1', srcPort })).length, 0)
      assert.deepEqual([stack.census.halfOpen, stack.counters.drops['ip-bad-source']], [0, 2])
    }
})

test('D03 LAND: a connection of ours to itself is a simultaneous open, and works', () => {
  const p = pair()
  const self = p.a.stack.connect({ remote: A, port: 5555, local: A, localPort: 5555 })
  p.world.runSync(100)
  assert.equal(self.state, 'ESTABLISHED')
  self.send(utf8('to myself'))
  p.world.runSync(200)
  assert.equal(new TextDecoder().decode(self.receive()), 'to myself')
  self.close()
  p.world.runSync(100_000)
  assert.equal(self.state, 'CLOSED')
  assert.ok(p.a.stack.counters.packetsOut < 30)
})

test('D04 probe war: segments at RCV.NXT - 1 still acknowledge, so simultaneous opens, closes and probes end', () => {
  // Both windows closed, data waiting on both sides: each probe is dropped for its text and heard for its ACK.
  const p = pair({ a: { tcp: { receiveBuffer: 2048 } }, b: { tcp: { receiveBuffer: 2048 } } })
  const accepted = listen(p, {}, false)
  const client = connect(p, {}, false)
  p.world.runSync(100)
  const [a, b] = [client.socket, accepted[0]!.socket]
  a.send(new Uint8Array(10_000))
  b.send(new Uint8Array(10_000))
  const count = meter(p)
  p.world.runSync(600_000)
  assert.deepEqual([a.status().rcvWnd, b.status().rcvWnd], [0, 0])
  assert.ok(count() < 120, `${count()} segments in ten minutes`)
  assert.deepEqual([a.state, b.state], ['ESTABLISHED', 'ESTABLISHED'])
  // One that repeats its last octet (a keep-alive) acknowledges what it has.
  const t = established()
  t.send('hello')
  t.drain()
  t.arrives({ seq: t.tcb.rcvNxt - 1, ack: t.tcb.sndNxt, data: 1 })
  assert.equal(t.tcb.sndUna, t.tcb.sndNxt)
  // Both read: everything arrives.
  const drain = () => {
    for (const socket of [a, b]) while (socket.receive());
  }
  for (let at = 600_000; at < 900_000; at += 500) {
    drain()
    p.world.runSync(at)
  }
  assert.deepEqual([a.status().bytesReceived, b.status().bytesReceived], [10_000, 10_000])
  a.close()
  b.close()
  p.world.runSync(1_000_000)
  assert.deepEqual([a.state, b.state], ['CLOSED', 'CLOSED'])
})

test('D05 challenge-ACK reflection: what forged segments draw is never more, in packets or bytes, than they were', () => {
  const random = new Random(5)
  for (const state of ['listening', 'open', 'closed port'] as const) {
    const { stack, link } = rig()
    const listener = stack.listen({ port: 80 })
    let [seq, ack] = [0, 0]
    if (state === 'open') {
      const [synAck] = link.give(tcpPacket({ seq: 1 }))
      ack = (readSegment(synAck!).seq + 1) >>> 0
      seq = 2
      link.give(tcpPacket({ seq, ack, flags: ACK }))
      listener.accept()
    }
    let [packets, bytes, sent] = [0, 0, 0]
    for (let i = 0; i < 5000; i++) {
      const forged = tcpPacket({
        dstPort: state === 'closed port' ? 81 : 80,
        seq: (seq + random.pick([0, 1, -1, 100, random.next32()])) >>> 0,
        ack: (ack + random.pick([0, 1, -1, random.next32()])) >>> 0,
        flags: random.pick([RST, SYN, SYN | ACK, ACK, RST | ACK]) & (state === 'listening' ? ~SYN : 255),
      })
      const answer = link.give(forged)
      assert.ok(answer.length <= 1)
      packets += answer.length
      sent += forged.length
      for (const a of answer) bytes += a.length
      if (state === 'open' && stack.census.sockets === 0) break
    }
    assert.ok(packets <= 5000 && bytes <= sent, `${state}: ${bytes} bytes for ${sent}`)
  }
})

test('D05 challenge-ACK reflection: on an open connection ten a second, so that a flood is not passed on', () => {
  const t = established()
  let answers = 0
  for (let ms = 0; ms < 5000; ms++) {
    t.at(ms)
    for (const f of [
      { flags: 'SYN', seq: ms },
      { flags: 'RST', seq: t.tcb.rcvNxt + 1 + (ms & 1023) },
      { ack: t.tcb.sndNxt + 1 },
    ])
      t.arrives(f)
    answers += t.drain().length
  }
  assert.ok(answers <= 51, `${answers} for 15,000`)
})

test('D06 keep-alive ping-pong: two idle ends that both probe, for a week, make a probe and an ACK at a time', () => {
  const p = pair()
  const { client, server } = open(p)
  const idle = 60_000
  client.socket.setKeepAlive(true, idle, 1000, 5)
  server.socket.setKeepAlive(true, idle, 1000, 5)
  const count = meter(p)
  const week = 7 * 24 * 3_600_000
  p.world.runSync(p.world.now + week)
  // A probe of either end is a sign of life to the other: two segments a minute, or four if both fall due at once.
  assert.ok(count() <= (4 * week) / idle, `${count()} segments`)
  assert.ok(count() >= (2 * week) / idle - 10)
  assert.deepEqual([client.socket.state, server.socket.state], ['ESTABLISHED', 'ESTABLISHED'])
})

test('D06 persist ping-pong: a probe is answered once, and its answer is not', () => {
  for (const state of ['ESTABLISHED', 'FIN_WAIT_2', 'CLOSE_WAIT'] as const) {
    const [a, b] = [inState(state), inState(state)]
    a.arrives({ seq: a.tcb.rcvNxt - 1, data: 0 })
    const answers = a.drain()
    assert.equal(answers.length, 1, state)
    // The answer, as the other end would see it: in its window, nothing in it.
    b.arrives({ seq: b.tcb.rcvNxt, ack: b.tcb.sndNxt })
    assert.equal(b.drain().length, 0, state)
  }
})
