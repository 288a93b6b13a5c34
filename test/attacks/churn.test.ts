import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holder, Remote, server, Target } from '../support/flood.js'
import { inUse } from '../support/heap.js'
import { connect, listen, pair } from '../support/worlds-pair.js'

/** Part 2, connections that come and go quickly, and bytes that come faster than they are read. */

const ACK = 16
const FIN = 1
const RST = 4
test('B07 TIME-WAIT exhaustion: fifty thousand short connections leave a bounded table of small records', () => {
  const t = new Target({ maxTimeWait: 4096 })
  t.stack.listen({ port: 80, onConnection: socket => socket.close() })
  const churn = (from: number, n: number) => {
    for (let i = from; i < from + n; i++) {
      const remote = new Remote(t, 0x0b000000 + (i >> 10), 1024 + (i & 1023))
      remote.open()
      remote.ack = (remote.ack + 1) >>> 0
      remote.send(FIN | ACK)
    }
  }
  churn(0, 10_000)
  const before = inUse()
  churn(10_000, 40_000)
  const { census, counters } = t.stack
  assert.deepEqual([census.timeWait, census.sockets], [4096, 0])
  assert.equal(counters.timeWaitEvicted, 50_000 - 4096)
  assert.ok(inUse() - before < 1e6)
  t.env.pass(60_001)
  assert.equal(t.stack.census.timeWait, 0)
})

test('B07 port exhaustion: one pair of hosts opens and closes more connections than there are ports', () => {
  const p = pair({ conditions: {} })
  p.b.stack.listen({
    port: 80,
    onConnection: socket => void (socket.handler = { end: () => socket.close() }),
  })
  // A small range, for the sake of time.
  Object.assign(p.a.stack['tcp']['activeOpens']['ports'], { low: 40_000, high: 40_999 })
  let [opened, refused] = [0, 0]
  for (let i = 0; i < 1100; i++) {
    try {
      const client = connect(p)
      opened++
      while (client.socket.tcb.state === 'SYN_SENT' && p.world.step());
      client.socket.close()
      while (client.socket.tcb.state !== 'TIME_WAIT' && p.world.step());
    } catch (error) {
      assert.equal((error as { code: string }).code, 'EADDRNOTAVAIL')
      refused++
    }
  }
  // Every port of the range was used once, and none was refused before that.
  assert.deepEqual([opened, refused, p.a.stack.census.timeWait], [1000, 100, 1000])
  // A port that the user names may be used again at once: timestamps tell the two apart (RFC 6191).
  p.world.runSync(p.world.now + 2)
  const again = connect(p, { localPort: 40_000 })
  p.world.runSync(p.world.now + 2)
  assert.equal(again.socket.state, 'ESTABLISHED')
  p.world.runSync(p.world.now + 61_000)
  assert.equal(p.a.stack.census.timeWait, 0)
  const later = connect(p)
  p.world.runSync(p.world.now + 2)
  assert.equal(later.socket.state, 'ESTABLISHED')
})

test('B15 rapid reset: connect and RST before accept leaves no work behind, a hundred thousand times', () => {
  const t = new Target()
  const listener = t.stack.listen({ port: 80, backlog: 100 })
  let told = 0
  listener.onQueued = () => void told++
  let longest = 0
  for (let i = 0; i < 100_000; i++) {
    const remote = new Remote(t, 0x0b000000 + (i >> 14), 1024 + (i & 0x3fff))
    remote.open()
    if (i % 2 === 0) remote.send(RST)
    else remote.send(RST | ACK)
    longest = Math.max(longest, listener.queue.length)
  }
  assert.deepEqual([listener.queue.length, longest], [0, 0])
  assert.deepEqual(t.stack.census, { sockets: 0, halfOpen: 0, timeWait: 0, listeners: 1 })
  assert.equal(t.stack.counters.resetsOut, 0)
  assert.equal(t.stack['tcp']['newborn'].length + t.stack['tcp']['dirty'].size, 0)
  assert.ok(new Remote(t, 0x0a000005, 1).open() && listener.queue.length === 1)
})

test('B15 rapid reset: who handles a connection hears at once that it is gone, and a reset draws one RST at most', () => {
  const t = new Target()
  let open = 0
  let most = 0
  t.stack.listen({
    port: 80,
    onConnection: socket => {
      most = Math.max(most, ++open)
      socket.handler = { closed: () => void open-- }
      socket.send(new Uint8Array(5000))
    },
  })
  for (let i = 0; i < 20_000; i++) {
    const remote = new Remote(t, 0x0b000000 + (i >> 14), 1024 + (i & 0x3fff))
    remote.open()
    // Resets itself, or makes us reset: data that nobody asked for after an abort, options that are nonsense.
    const sent = t.packetsOut
    remote.send(RST)
    remote.send(ACK)
    assert.ok(t.packetsOut - sent <= 1)
  }
  assert.deepEqual([open, most, t.stack.census.sockets], [0, 1, 0])
})

test('B17 backpressure: a reader that stops costs the receive buffer and no more, whatever is sent at it', () => {
  for (const receiveBuffer of [2048, 20_000, 1 << 20]) {
    const p = pair({ b: { tcp: { receiveBuffer } }, a: { tcp: { sendBuffer: 1 << 24 } } })
    const accepted = listen(p, {}, false)
    const client = connect(p)
    client.socket.send(new Uint8Array(4 << 20))
    for (let at = 100; at < 60_000; at += 100) {
      p.world.runSync(at)
      const { receiveQueued, outOfOrder } = p.b.stack.gauges
      // The edge may be rounded up, by less than two units of the scale.
      assert.ok(receiveQueued + outOfOrder < receiveBuffer + 64, `${receiveQueued} + ${outOfOrder}`)
    }
    const { socket } = accepted[0]!
    // At least: the window, rounded to the scale, may leave a little unused.
    assert.ok(socket.receiveQueued > receiveBuffer - 1600)
    assert.equal(socket.status().rcvWnd < 1600, true)
    client.socket.abort()
    accepted[0]!.socket.abort()
  }
})

test('B17 backpressure: nor do octets beyond the window that an attacker sends all the same', () => {
  const t = new Target({ tcp: { receiveBuffer: 4096 } })
  const { sockets } = server(t, 0)
  const remote = holder(t, 1, 65_535)
  const { tcb } = sockets[0]!
  for (let i = 0; i < 20_000; i++) {
    remote.send(ACK | FIN, 65_535, (remote.seq + Math.imul(i, 7919)) >>> 0)
    assert.ok(tcb.receiveQueue.length + (tcb.reassembly?.bytes ?? 0) <= 4096)
  }
})
