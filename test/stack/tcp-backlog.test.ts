import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PacketInfo } from '../../src/sim/packet.js'
import type { Socket } from '../../src/stack/socket.js'
import { connect, type Pair, PORT, pair, utf8, Witness } from '../support/worlds-pair.js'

const isReset = (packet: PacketInfo) => packet.has('RST')

/** Counts what the server sends that matches. */
function count(p: Pair, matches: (packet: PacketInfo) => boolean): () => number {
  let n = 0
  p.cable.backward.intercept(packet => {
    if (matches(packet)) n++
    return 'pass'
  })
  return () => n
}

describe('the accept queue', () => {
  it('keeps connections until somebody takes them, in order', () => {
    const p = pair()
    const listener = p.b.stack.listen({ port: PORT })
    const clients = [1, 2, 3].map(i => connect(p, { localPort: 4000 + i }))
    p.world.runSync(100)
    assert(clients.every(c => c.socket.state === 'ESTABLISHED'))
    const ports = [1, 2, 3].map(() => listener.accept()!.remotePort)
    assert.deepEqual(ports, [4001, 4002, 4003])
    assert.equal(listener.accept(), undefined)
  })

  it('full: drops SYNs and ignores the ACK, without a RST, and takes them up when there is room', () => {
    const p = pair()
    const resets = count(p, isReset)
    const listener = p.b.stack.listen({ port: PORT, backlog: 1 })
    const { counters } = p.b.stack
    // Both handshakes begin while the queue is empty; the second ACK finds it full.
    const [first, second] = [connect(p), connect(p)]
    p.world.runSync(500)
    assert.deepEqual([first.socket.state, second.socket.state], ['ESTABLISHED', 'ESTABLISHED'])
    assert.deepEqual(p.b.stack.census, { sockets: 1, halfOpen: 1, timeWait: 0, listeners: 1 })
    assert.equal(counters.acceptQueueFull, 1)
    // A SYN now is not even answered.
    const third = connect(p)
    p.world.runSync(900)
    assert.equal(third.socket.state, 'SYN_SENT')
    assert.equal(counters.listenOverflows, 1)
    // Room: the SYN,ACK is sent again and acknowledged again, the SYN too.
    assert(listener.accept())
    p.world.runSync(1200)
    assert(listener.accept(), 'the second, by its repeated ACK')
    p.world.runSync(5000)
    assert(listener.accept(), 'the third, by its repeated SYN')
    assert.deepEqual([third.socket.state, resets()], ['ESTABLISHED', 0])
  })

  it('full: data that comes with the ACK is not lost', () => {
    const p = pair()
    const listener = p.b.stack.listen({ port: PORT, backlog: 1 })
    connect(p)
    const second = connect(p)
    second.socket.send(utf8('hello'))
    p.world.runSync(500)
    listener.accept()
    p.world.runSync(10_000)
    const socket = listener.accept()!
    assert.equal(new TextDecoder().decode(socket.receive()), 'hello')
    assert.equal(second.socket.sendQueued, 0)
  })

  it('tells whoever accepts what happened before', () => {
    const p = pair()
    const listener = p.b.stack.listen({ port: PORT })
    const client = connect(p)
    client.socket.send(utf8('early'))
    p.world.at(50, () => client.socket.close())
    p.world.runSync(500)
    const witness = new Witness()
    witness.socket = listener.accept()!
    witness.socket.handler = witness
    p.world.runSync(501)
    assert.deepEqual(witness.told, ['read 5', 'end'])
  })

  it('forgets connections that were reset while they waited', () => {
    const p = pair()
    const listener = p.b.stack.listen({ port: PORT, backlog: 2 })
    const clients = [connect(p), connect(p)]
    p.world.runSync(500)
    clients[0]!.socket.abort()
    p.world.runSync(600)
    assert.equal(listener.queue.length, 1)
    assert.equal(listener.accept()!.remotePort, clients[1]!.socket.localPort)
    assert.equal(listener.accept(), undefined)
  })

  it('says that something waits', () => {
    const p = pair()
    const listener = p.b.stack.listen({ port: PORT })
    const taken: Socket[] = []
    listener.onQueued = () => taken.push(listener.accept()!)
    connect(p)
    connect(p)
    p.world.runSync(100)
    assert.equal(taken.length, 2)
  })

  it('closed: resets what nobody took and what is half open; what was taken lives on', () => {
    const p = pair()
    const listener = p.b.stack.listen({ port: PORT })
    const [taken, waiting, half] = [
      connect(p, { localPort: 1 }),
      connect(p, { localPort: 2 }),
      connect(p, { localPort: 3 }),
    ]
    p.cable.forward.intercept(packet => (packet.srcPort === 3 && !packet.has('SYN') ? 'drop' : 'pass'))
    p.world.runSync(100)
    const socket = listener.accept()!
    listener.close()
    listener.close()
    p.world.runSync(200)
    assert.deepEqual(waiting.told, ['open', 'closed ECONNRESET'])
    assert.deepEqual(half.told, ['open', 'closed ECONNRESET'])
    assert.deepEqual([taken.told, socket.state], [['open'], 'ESTABLISHED'])
    assert.deepEqual(p.b.stack.census, { sockets: 1, halfOpen: 0, timeWait: 0, listeners: 0 })
    connect(p)
    p.world.runSync(300)
    assert.equal(p.b.stack.counters.noListener > 0, true)
    p.b.stack.listen({ port: PORT })
  })
})

describe('half-open connections', () => {
  it('are forgotten after the SYN,ACK was sent six times [RFC 4987]', () => {
    const p = pair()
    p.b.stack.listen({ port: PORT })
    p.cable.forward.intercept(packet => (packet.has('ACK') || packet.has('RST') ? 'drop' : 'pass'))
    const synAcks = count(p, packet => packet.has('SYN', 'ACK'))
    const client = connect(p, { localPort: 4000 })
    p.world.runSync(15)
    client.socket.abort()
    assert.equal(p.b.stack.census.halfOpen, 1)
    p.world.runSync()
    assert.deepEqual([synAcks(), p.b.stack.census.halfOpen], [6, 0])
  })

  it('over the limit, without cookies, are not made, and no RST is sent [RFC 4987]', () => {
    const p = pair()
    p.b.stack.listen({ port: PORT, synBacklog: 2, synCookies: false })
    p.cable.forward.intercept(packet => (packet.has('ACK') ? 'drop' : 'pass'))
    const resets = count(p, isReset)
    const clients = [1, 2, 3, 4].map(() => connect(p))
    p.world.runSync(500)
    assert.equal(p.b.stack.census.halfOpen, 2)
    assert.equal(p.b.stack.counters.listenOverflows, 2)
    assert.equal(p.b.stack.counters.cookiesSent, 0)
    assert.deepEqual(
      clients.map(c => c.socket.state),
      ['ESTABLISHED', 'ESTABLISHED', 'SYN_SENT', 'SYN_SENT'],
    )
    assert.equal(resets(), 0)
  })

  it('have each their own options, timers and text', () => {
    const p = pair({ a: { tcp: { timestamps: false } } })
    const listener = p.b.stack.listen({ port: PORT })
    p.cable.backward.nth(2, packet => packet.has('SYN'), 'drop')
    const clients = [connect(p), connect(p), connect(p)]
    for (const [i, client] of clients.entries()) client.socket.send(utf8(`${i}`))
    p.world.runSync(3000)
    const texts = clients.map(() => new TextDecoder().decode(listener.accept()!.receive()))
    assert.deepEqual(texts, ['0', '2', '1'])
  })
})

describe('a connection that is reset before anybody accepts it', () => {
  const queue = (keepResetInQueue: boolean) => {
    const p = pair()
    const listener = p.b.stack.listen({ port: PORT, tcp: { keepResetInQueue } })
    const client = connect(p, { data: utf8('last words') })
    p.world.runSync(p.world.now + 200)
    client.socket.abort()
    p.world.runSync(p.world.now + 200)
    return { p, listener }
  }

  it('is gone, as on BSD', () => {
    assert.equal(queue(false).listener.accept(), undefined)
  })

  it('or waits there with what it has brought, as on Linux', () => {
    const { p, listener } = queue(true)
    const socket = listener.accept()!
    const witness = new Witness()
    witness.socket = socket
    socket.handler = witness
    p.world.runSync(p.world.now + 1)
    assert.deepEqual(witness.told, ['read 10', 'closed ECONNRESET'])
    assert.equal(witness.text, 'last words')
    assert.equal(p.b.stack.census.sockets, 0)
  })
})
