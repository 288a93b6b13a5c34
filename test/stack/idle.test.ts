import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inUse } from '../support/heap.js'
import { Peers } from '../support/many-peers.js'
import { open, pair, utf8 } from '../support/worlds-pair.js'

const always = { foldIdle: { above: 0, after: 1000 } }

/** As time passes: idle connections are folded up, some at each step. */
function passTime(peers: Peers, steps: number): void {
  peers.env.time += 11_000
  for (let i = 0; i < steps; i++) {
    peers.env.wake?.()
    peers.env.time += 50
  }
}

/** Bytes that each of `count` idle connections takes. */
function idle(count: number, accept: boolean): number {
  const peers = new Peers(count)
  if (accept) peers.stack.listen({ port: 80, onConnection: () => {} })
  const before = inUse()
  for (let i = 0; i < count; i++) accept ? peers.open(i) : peers.connect(i)
  // Those whose timers ran off just then are folded up in a second walk.
  for (let walk = 0; walk < 2; walk++) passTime(peers, count / 50 + 10)
  const each = (inUse() - before) / count
  assert.equal(peers.stack.counters.connectionsFolded, count)
  assert.equal(peers.stack.gauges.states.ESTABLISHED, count)
  assert.ok(peers.stack.sockets.every(socket => socket.isFolded))
  return each
}

describe('idle connections', () => {
  it('take at most a kilobyte each, everything included, accepted or opened by us', () => {
    for (const accept of [true, false]) {
      // Once for what is made once.
      idle(2000, accept)
      const each = idle(20_000, accept)
      assert.ok(each <= 1024, `${each} bytes`)
    }
  })

  it('are left alone where they are few', () => {
    const peers = new Peers(1000)
    peers.stack.listen({ port: 80, onConnection: () => {} })
    for (let i = 0; i < 1000; i++) peers.open(i)
    passTime(peers, 100)
    assert.equal(peers.stack.counters.connectionsFolded, 0)
  })

  it('unfold for what comes, and go on', () => {
    const p = pair({ a: always, b: always })
    const { client, server } = open(p)
    p.world.runSync(5000)
    assert.deepEqual([client.socket.isFolded, server.socket.isFolded], [true, true])
    assert.equal(client.socket.state, 'ESTABLISHED')
    client.socket.send(utf8('are you there?'))
    assert.equal(client.socket.isFolded, false)
    p.world.runSync(5500)
    assert.equal(server.text, 'are you there?')
    p.world.runSync(9000)
    assert.deepEqual([client.socket.isFolded, server.socket.isFolded], [true, true])
    const { bytesReceived, state } = server.socket.status()
    assert.deepEqual([bytesReceived, state], [14, 'ESTABLISHED'])
    client.socket.close()
    server.socket.close()
    p.world.runSync(200_000)
    assert.deepEqual(client.told, ['open', 'end', 'closed'])
    assert.equal(client.socket.state, 'CLOSED')
  })

  it('answer to a reset, and keep themselves alive', () => {
    const p = pair({ a: always, b: always })
    const { client, server } = open(p)
    client.socket.setKeepAlive(true, 60_000, 1000, 3)
    p.world.runSync(50_000)
    assert.ok(client.socket.isFolded)
    p.world.runSync(61_500)
    assert.equal(client.socket.tcb.segmentsOut, 3)
    p.cable.forward.connected = false
    p.world.runSync(130_000)
    assert.deepEqual(client.told.slice(1), ['closed ETIMEDOUT'])
    p.cable.forward.connected = true
    assert.ok(server.socket.isFolded)
    p.b.stack.drop(() => true)
    assert.equal(server.socket.state, 'CLOSED')
  })

  it('refuse nonsense by name', () => {
    assert.throws(() => pair({ a: { foldIdle: { after: -1 } } }), /foldIdle\.after must be 0 or more, not -1/)
  })
})
