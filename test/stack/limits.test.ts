import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { limitsOf } from '../../src/stack/limits.js'
import { connect, listen, open, PORT, pair } from '../support/worlds-pair.js'

describe('limits', () => {
  it('are refused if they are no numbers, by name', () => {
    assert.throws(() => limitsOf({ orphanMemory: -1 }), {
      name: 'RangeError',
      message: /^orphanMemory must be/,
    })
    assert.throws(
      () => limitsOf({ stallTime: Number.NaN }),
      /^RangeError: stallTime must be 0 or more, not NaN/,
    )
    assert.equal(limitsOf({ connections: 10 }).connectionsPerPeer, 3)
    assert.equal(
      limitsOf({ connections: Number.POSITIVE_INFINITY }).connectionsPerPeer,
      Number.POSITIVE_INFINITY,
    )
  })

  it('do not count what the user opens himself', () => {
    const p = pair({ a: { limits: { connections: 0 } } })
    listen(p)
    const clients = Array.from({ length: 5 }, () => connect(p))
    p.world.runSync(500)
    assert.deepEqual(
      clients.map(c => c.socket.state),
      new Array(5).fill('ESTABLISHED'),
    )
    assert.equal(p.a.stack.counters.connectionsRefused, 0)
  })

  it('refuse with a RST, and the place is free again when a connection ends, TIME_WAIT or not', () => {
    const p = pair({ b: { limits: { connections: 1, connectionsPerPeer: 1 } } })
    const accepted = listen(p)
    const first = connect(p)
    p.world.runSync(500)
    const second = connect(p)
    p.world.runSync(1000)
    assert.deepEqual(second.told, ['open', 'closed ECONNRESET'])
    assert.deepEqual([accepted.length, first.socket.state], [1, 'ESTABLISHED'])
    // The server closes first: TIME_WAIT is its.
    accepted[0]!.socket.close()
    p.world.runSync(1100)
    first.socket.close()
    p.world.runSync(1200)
    assert.equal(p.b.stack.census.timeWait, 1)
    const third = connect(p)
    p.world.runSync(1700)
    assert.deepEqual([third.socket.state, accepted.length], ['ESTABLISHED', 2])
    third.socket.abort()
    p.world.runSync(2000)
    connect(p)
    p.world.runSync(2500)
    assert.deepEqual([accepted.length, p.b.stack.counters.connectionsRefused], [3, 1])
  })

  it('leave nothing behind: what is counted of a connection goes with it', () => {
    const p = pair({ b: { limits: { connections: 50 } } })
    const accepted = listen(p)
    for (let round = 0; round < 20; round++) {
      const clients = Array.from({ length: 10 }, () => connect(p))
      p.world.runSync(p.world.now + 200)
      for (const [i, c] of clients.entries()) i & 1 ? c.socket.abort() : c.socket.release()
      p.world.runSync(p.world.now + 100)
      for (const s of accepted.splice(0)) if (s.socket.state !== 'CLOSED') s.socket.release()
      p.world.runSync(p.world.now + 200)
    }
    p.world.runSync(p.world.now + 100_000)
    for (const host of [p.a, p.b]) {
      const limiter = host.stack['tcp'].limiter
      const [all, orphans] = [limiter['all'], limiter['orphans']]
      assert.deepEqual(
        [all.isEmpty, all['used'], orphans.isEmpty, orphans['used'], limiter['peers'].size],
        [true, 0, true, 0, 0],
      )
    }
  })

  it('one of them for a peer, reclaimed and taken again, still counts', () => {
    const p = pair({ b: { limits: { connectionsPerPeer: 1, stallTime: 100 }, tcp: { sendBuffer: 1 << 22 } } })
    p.b.stack.listen({ port: PORT, onConnection: socket => void socket.send(new Uint8Array(3 << 20)) })
    // The client never reads: its window closes, and what it took at first is soon too long ago.
    for (let i = 0; i < 3; i++) {
      connect(p, {}, false)
      p.world.runSync(p.world.now + 20_000_000)
    }
    const { connectionsReclaimed, connectionsRefused } = p.b.stack.counters
    assert.deepEqual([connectionsReclaimed, connectionsRefused, p.b.stack.census.sockets], [2, 0, 1])
  })
})

describe('gauges', () => {
  it('count every state and every byte', () => {
    const p = pair()
    const { client, server } = open(p)
    connect(p, { port: 81, remote: client.socket.remote })
    client.socket.send(new Uint8Array(100_000))
    const { gauges } = p.a.stack
    assert.deepEqual([gauges.states.ESTABLISHED, gauges.states.SYN_SENT, gauges.sendQueued], [1, 1, 100_000])
    server.socket.handler = {}
    p.world.runSync(p.world.now + 1000)
    const there = p.b.stack.gauges
    assert.deepEqual([there.receiveQueued, there.states.LISTEN, there.states.ESTABLISHED], [100_000, 1, 1])
    client.socket.release()
    assert.equal(p.a.stack.gauges.orphans, 1)
  })
})
