import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Socket, SocketHandler } from '../../src/stack/socket.js'
import { TcpError } from '../../src/tcp/errors.js'
import { connect, listen, open, type Pair, PORT, pair, utf8, Witness } from '../support/worlds-pair.js'

type Name = Exclude<keyof SocketHandler, 'softError' | 'urgent'>
const HANDLERS: Name[] = ['open', 'readable', 'writable', 'end', 'closed']

/** Runs to the end of all things, collecting what handlers threw. */
function runAll(p: Pair): unknown[] {
  while (p.world.step());
  return p.world.errors
}

/** A conversation in which every handler of the client is called, `does` in one of them first. */
function conversation(p: Pair, handler: Name, does: (socket: Socket) => void) {
  const accepted: Witness[] = []
  const listener = p.b.stack.listen({
    port: PORT,
    onConnection: socket => {
      const witness = new Witness()
      witness.socket = socket
      socket.handler = witness
      accepted.push(witness)
      socket.send(utf8('hello'))
    },
  })
  const client = connect(p)
  const usual = client[handler as 'open']?.bind(client) as ((...args: unknown[]) => void) | undefined
  let called = 0
  Object.assign(client, {
    [handler]: (...args: unknown[]) => {
      usual?.(...args)
      if (called++ === 0) does(client.socket)
    },
  })
  const bystander = connect(p)
  p.world.at(100, () => {
    if (client.socket.state === 'ESTABLISHED') client.socket.send(utf8('question'))
  })
  p.world.at(200, () => {
    for (const { socket } of accepted)
      if (socket.state === 'ESTABLISHED' || socket.state === 'CLOSE_WAIT') socket.close()
  })
  p.world.at(300, () => {
    for (const { socket } of [client, bystander]) if (socket.state === 'CLOSE_WAIT') socket.close()
  })
  p.world.at(400, () => listener.close())
  return { client, bystander, accepted, wasCalled: () => called > 0 }
}

describe('a handler that throws', () => {
  for (const handler of HANDLERS)
    it(`in ${handler}: is reported, and harms nobody, not even its own connection`, () => {
      const p = pair()
      const mine = new Error(`from ${handler}`)
      const { client, bystander, wasCalled } = conversation(p, handler, () => {
        throw mine
      })
      assert.deepEqual(runAll(p), [mine])
      assert(wasCalled())
      assert.deepEqual(bystander.told, ['open', 'read 5', 'end', 'closed'])
      assert.deepEqual(client.told, bystander.told)
      for (const { stack } of [p.a, p.b])
        assert.deepEqual(stack.census, { sockets: 0, halfOpen: 0, timeWait: 0, listeners: 0 })
    })

  it('in onConnection: the next one is served', () => {
    const p = pair()
    let count = 0
    p.b.stack.listen({
      port: PORT,
      onConnection: () => {
        if (count++ === 0) throw new Error('busy')
      },
    })
    const clients = [connect(p), connect(p)]
    p.world.step()
    while (p.world.next <= 100) p.world.step()
    assert.equal(p.world.errors.length, 1)
    assert.deepEqual([count, clients.map(c => c.told)], [2, [['open'], ['open']]])
  })
})

describe('a handler that calls the stack', () => {
  const calls: Record<string, (socket: Socket, p: Pair) => void> = {
    send: socket => {
      if (socket.state === 'ESTABLISHED' || socket.state === 'CLOSE_WAIT') socket.send(utf8('more'))
      else assert.throws(() => socket.send(utf8('more')), TcpError)
    },
    close: socket => {
      if (socket.state === 'ESTABLISHED' || socket.state === 'CLOSE_WAIT') socket.close()
      else assert.throws(() => socket.close(), TcpError)
    },
    release: socket => socket.release(),
    abort: socket => socket.abort(),
    connect: (_socket, p) => void connect(p),
    listen: (_socket, p) => void p.a.stack.listen({ port: 0 }),
    'close of the stack': (_socket, p) => p.a.stack.close(),
    crash: (_socket, p) => p.a.stack.crash(),
    'everything else': socket => {
      socket.setNoDelay(true)
      socket.setCork(true)
      socket.setKeepAlive(true)
      socket.setUserTimeout(1e6)
      socket.setRetransmissionLimit(9)
      assert.equal(socket.status().state, socket.state)
      socket.receive()
      socket.setCork(false)
    },
  }
  for (const [name, call] of Object.entries(calls))
    it(`${name}, from every handler`, () => {
      for (const handler of HANDLERS) {
        const p = pair()
        const { client, wasCalled } = conversation(p, handler, socket => call(socket, p))
        assert.deepEqual(runAll(p), [], handler)
        assert(wasCalled(), handler)
        const { sockets, halfOpen, timeWait } = p.b.stack.census
        // Whoever talks to a host that crashed, or to one that never closes, is left waiting.
        const waits = name === 'crash' || name === 'connect'
        if (!waits) assert.deepEqual([sockets, halfOpen, timeWait], [0, 0, 0], handler)
        if (name !== 'crash') assert.equal(client.told.filter(t => t.startsWith('closed')).length, 1, handler)
      }
    })

  it('is not called from inside a call of its own', () => {
    const p = pair()
    const { client, server } = open(p)
    const inside: string[] = []
    let busy = false
    for (const name of HANDLERS)
      Object.assign(client, {
        [name]: () => {
          if (busy) inside.push(name)
        },
      })
    const during = (call: () => void) => {
      busy = true
      call()
      busy = false
    }
    server.socket.send(utf8('hello'))
    during(() => client.socket.send(utf8('x')))
    p.world.runSync(p.world.now + 100)
    during(() => client.socket.receive())
    during(() => client.socket.abort())
    p.world.runSync(p.world.now + 100)
    assert.deepEqual(inside, [])
  })

  it('is not called from inside the first call after accept', () => {
    const p = pair()
    const listener = p.b.stack.listen({ port: PORT })
    const client = connect(p)
    client.socket.send(new Uint8Array(5000))
    p.world.runSync(500)
    const socket = listener.accept()!
    let inside = false
    let busy = true
    socket.handler = { readable: () => void (inside ||= busy) }
    while (socket.receive(100));
    busy = false
    p.world.runSync(600)
    assert(!inside, 'readable came from inside receive: a reader in it would read ahead of the caller')
  })

  it('hears nothing after closed, whatever is done in it', () => {
    const p = pair()
    const { client, server } = open(p)
    server.socket.send(utf8('a'))
    client.socket.send(utf8('b'))
    server.readable = () => server.socket.abort()
    p.world.runSync(p.world.now + 500)
    assert.deepEqual(server.told, ['closed ECONNABORTED'])
    assert.deepEqual(client.told.at(-1), 'closed ECONNRESET')
    assert.throws(() => client.socket.send(utf8('c')), TcpError)
    assert.throws(() => client.socket.close(), TcpError)
    client.socket.abort()
    assert.equal(client.socket.receive(), undefined)
  })

  it('may be changed in the middle', () => {
    const p = pair()
    const accepted = listen(p)
    const client = connect(p)
    const second = new Witness()
    client.open = () => {
      second.socket = client.socket
      client.socket.handler = second
    }
    p.world.runSync(100)
    accepted[0]!.socket.send(utf8('hello'))
    p.world.runSync(200)
    assert.deepEqual([client.told, second.told], [[], ['read 5']])
  })
})

describe('the end of a stack', () => {
  it('close(): resets every connection, tells its users, and falls silent', () => {
    const p = pair()
    const { client, server } = open(p)
    const opening = connect(p)
    p.a.stack.close()
    p.a.stack.close()
    p.world.runSync(p.world.now)
    assert.deepEqual([client.told, opening.told], [['open', 'closed ECONNABORTED'], ['closed ECONNABORTED']])
    p.world.runSync()
    assert.deepEqual(server.told, ['closed ECONNRESET'])
    assert.equal(p.world.next, Number.POSITIVE_INFINITY)
    const sent = p.cable.forward.sent
    p.b.stack.connect({ remote: client.socket.local, port: 9 })
    p.world.runSync(p.world.now + 5000)
    assert.equal(p.cable.forward.sent, sent)
  })

  it('crash(): no word to anybody', () => {
    const p = pair()
    const { client, server } = open(p)
    client.socket.send(utf8('x'))
    p.a.stack.crash()
    p.world.runSync(p.world.now + 100)
    const sent = p.cable.forward.sent
    server.socket.send(utf8('y'))
    p.world.runSync(p.world.now + 1000)
    assert.deepEqual([client.told, p.cable.forward.sent], [['open'], sent])
  })
})
