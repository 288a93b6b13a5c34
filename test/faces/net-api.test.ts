import assert from 'node:assert/strict'
import { once } from 'node:events'
import * as node from 'node:net'
import { Duplex } from 'node:stream'
import { describe, it } from 'node:test'
import { createNet, type Net, type NetOptions, Server, Socket } from '../../src/faces/net/index.js'
import { realtime } from '../../src/links/realtime.js'
import { Stack } from '../../src/stack/stack.js'
import { CLIENT, memoryNets, SERVER, worldNets } from '../support/world-net.js'

/** Against hangs only. */
const options = { timeout: 60_000 }

const closed = (emitter: node.Socket | node.Server) => new Promise(resolve => emitter.once('close', resolve))

const failure = (emitter: node.Socket | node.Server): Promise<NodeJS.ErrnoException> =>
  new Promise((resolve, reject) => {
    emitter.once('error', resolve)
    emitter.once('close', (hadError: boolean) => {
      if (!hadError) reject(new Error('closed without an error'))
    })
  })

/** A stack that has only itself. */
const alone = (settings?: NetOptions): Net => createNet(new Stack({ env: realtime() }), settings)

const all = async (socket: Duplex) => {
  let text = ''
  for await (const part of socket) text += part
  return text
}

describe('arguments', options, () => {
  type Call = [name: string, call: (net: typeof node) => unknown]
  const wrong: Call[] = [
    ['connect()', net => net.connect(...([] as unknown as [number]))],
    ['connect({})', net => net.connect({} as never)],
    ...[70_000, -1, 1.5, Number.NaN, 'abc', '', null, {}, true, [80]].map(
      (port): Call => [`connect({ port: ${JSON.stringify(port)} })`, net => net.connect({ port } as never)],
    ),
    ['a bad localAddress', net => net.connect({ port: 1, localAddress: 'nope' })],
    ['a bad localPort', net => net.connect({ port: 1, localPort: 'x' } as never)],
    ['a bad lookup', net => net.connect({ port: 1, host: 'x.test', lookup: 5 } as never)],
    ['a bad signal', net => net.connect({ port: 1, signal: 5 } as never)],
    ['a bad keepAliveInitialDelay', net => net.connect({ port: 1, keepAliveInitialDelay: 'x' } as never)],
    ['listen(70000)', net => net.createServer().listen(70_000)],
    ['listen({})', net => net.createServer().listen({})],
    ['listen({ port: x })', net => net.createServer().listen({ port: 'x' } as never)],
    ['listen({ port: true })', net => net.createServer().listen({ port: true } as never)],
    ['createServer(x)', net => net.createServer('x' as never)],
    ['createServer, keepAliveInitialDelay', net => net.createServer({ keepAliveInitialDelay: 'x' } as never)],
    ['createServer, highWaterMark', net => net.createServer({ highWaterMark: 'x' } as never)],
    ['objectMode', net => new net.Socket({ objectMode: true } as never)],
    ['setTimeout(text)', net => new net.Socket().setTimeout('1' as never)],
    ['setTimeout(-1)', net => new net.Socket().setTimeout(-1)],
    ['setTimeout(Infinity)', net => new net.Socket().setTimeout(Number.POSITIVE_INFINITY)],
    ['setTimeout, a bad callback', net => new net.Socket().setTimeout(1, 5 as never)],
    ['write(null)', net => new net.Socket().write(null as never)],
    ['write(5)', net => new net.Socket().write(5 as never)],
  ]
  for (const [name, call] of wrong) {
    it(`${name}: the error that Node throws`, () => {
      const thrown = (net: typeof node) => {
        try {
          call(net)
        } catch (error) {
          const { name, code, message } = error as NodeJS.ErrnoException
          return { name, code, message, isTypeError: error instanceof TypeError }
        }
        return undefined
      }
      const expected = thrown(node)
      assert.ok(expected, 'Node throws')
      assert.deepEqual(thrown(alone() as unknown as typeof node), expected)
    })
  }

  it('what a stack does not have is refused with a word', () => {
    const net = alone()
    assert.throws(() => net.connect('/tmp/socket'), {
      code: 'ERR_INVALID_ARG_VALUE',
      message: /no Unix sockets/,
    })
    assert.throws(() => net.connect({ path: '/tmp/socket' } as never), { code: 'ERR_INVALID_ARG_VALUE' })
    assert.throws(() => net.createServer().listen('/tmp/socket'), { code: 'ERR_INVALID_ARG_VALUE' })
    assert.throws(() => net.createServer().listen({ fd: 3 } as never), { code: 'ERR_INVALID_ARG_VALUE' })
  })

  it('what is piped on by reference is not copied', async () => {
    const nets = memoryNets()
    await nets.run(async () => {
      const origin = nets.server.createServer(socket => void socket.end(Buffer.alloc(3 << 20, 7)))
      origin.listen(80)
      await once(origin, 'listening')
      // Whatever the proxy is given, and what stands in the send queue of its other side.
      const received = new Set<ArrayBufferLike>()
      let copies = 0
      let pieces = 0
      const proxy = nets.client.createServer({ byReference: true }, socket => {
        const upstream = nets.client.connect({ port: 80, host: SERVER })
        upstream.on('data', (data: Buffer) => void received.add(data.buffer))
        const send = socket.tcp!.send.bind(socket.tcp)
        socket.tcp!.send = (bytes, flags) => {
          pieces++
          if (!received.has(bytes.buffer)) copies++
          return send(bytes, flags)
        }
        upstream.pipe(socket)
      })
      proxy.listen(8080)
      await once(proxy, 'listening')
      const reader = nets.server.connect({ port: 8080, host: CLIENT })
      let got = 0
      for await (const part of reader as AsyncIterable<Buffer>) {
        assert.ok(part.every(b => b === 7))
        got += part.length
      }
      assert.equal(got, 3 << 20)
      assert.ok(pieces > 10)
      assert.equal(copies, 0)
      await Promise.all([proxy, origin].map(server => new Promise(resolve => server.close(resolve))))
    })
  })

  it('writes are copied, unless they are by reference', async () => {
    for (const byReference of [false, true]) {
      const net = alone()
      let last = 0
      const server = net.createServer(socket => {
        socket.on('data', (data: Buffer) => {
          last = data.at(-1)!
        })
      })
      server.listen(0)
      await once(server, 'listening')
      const { port } = server.address() as node.AddressInfo
      const socket = net.connect({ port, byReference })
      await once(socket, 'connect')
      // More than goes at once.
      const bytes = Buffer.alloc(8 << 20, 1)
      socket.end(bytes)
      bytes[bytes.length - 1] = 2
      await once(socket, 'close')
      assert.equal(last, byReference ? 2 : 1)
      server.close()
    }
  })

  it('connect and listen in all their forms', async () => {
    const net = alone()
    for (const listen of [
      (server: Server, done: () => void) => server.listen(done),
      (server: Server, done: () => void) => server.listen(0, done),
      (server: Server, done: () => void) => server.listen('0', done),
      (server: Server, done: () => void) => server.listen(0, 5, done),
      (server: Server, done: () => void) => server.listen(0, 'localhost', done),
      (server: Server, done: () => void) => server.listen(0, '127.0.0.1', 5, done),
      (server: Server, done: () => void) => server.listen({ port: 0, host: '127.0.0.1', backlog: 5 }, done),
      (server: Server, done: () => void) => server.listen(null as never, done),
      (server: Server, done: () => void) => server.listen(undefined, done),
      (server: Server, done: () => void) => server.listen({ port: undefined as never }, done),
    ]) {
      const server = net.createServer(socket => socket.end('x'))
      await new Promise<void>(resolve => listen(server, resolve))
      const { port } = server.address()!
      assert.ok(port >= 32768)
      const quiet = () => {}
      for (const socket of [
        net.connect(port),
        net.connect(port, quiet),
        net.connect(port, 'localhost'),
        net.connect(port, '127.0.0.1', quiet),
        net.connect(String(port), 'LOCALHOST'),
        net.connect({ port }),
        net.createConnection({ port, host: '127.0.0.1' }, quiet),
        new net.Socket().connect(port),
        new net.Socket().connect({ port, host: 'localhost' }, quiet),
        new net.Socket().connect(port, '127.0.0.1', quiet),
      ]) {
        assert.ok(socket instanceof Socket && socket instanceof net.Socket && socket instanceof Duplex)
        assert.equal(await all(socket), 'x')
      }
      server.close()
      await closed(server)
    }
  })

  it('the connect listener is called once, as a listener of the event', async () => {
    const net = alone()
    const server = new net.Server(socket => socket.end()).listen(7)
    assert.ok(server instanceof Server)
    let times = 0
    const socket = net.connect(7, () => times++)
    socket.resume()
    await closed(socket)
    assert.equal(times, 1)
    server.close()
  })
})

describe('names and addresses', options, () => {
  it('localhost is the stack itself, by either version', async () => {
    const net = alone()
    const server = net
      .createServer(socket => socket.end(`${socket.remoteFamily} ${socket.remoteAddress}`))
      .listen(7)
    assert.deepEqual(server.address(), { address: '::', family: 'IPv6', port: 7 })
    assert.equal(await all(net.connect(7)), 'IPv4 127.0.0.1')
    assert.equal(await all(net.connect({ port: 7, family: 4 })), 'IPv4 127.0.0.1')
    assert.equal(await all(net.connect({ port: 7, family: 6 })), 'IPv6 ::1')
    assert.equal(await all(net.connect({ port: 7, host: '::1' })), 'IPv6 ::1')
    assert.equal(await all(net.connect({ port: 7, host: '::ffff:127.0.0.1' })), 'IPv4 127.0.0.1')
    server.close()
  })

  it('other names are not found, in the words of getaddrinfo', async () => {
    const socket = alone().connect(80, 'example.test')
    const looked = new Promise<unknown[]>(resolve =>
      socket.once('lookup', (...args: unknown[]) => resolve(args)),
    )
    const [error, [found, address, family, name]] = await Promise.all([failure(socket), looked])
    assert.equal(error, found)
    assert.equal(error.message, 'getaddrinfo ENOTFOUND example.test')
    assert.deepEqual(
      { ...error },
      { errno: -3008, code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'example.test' },
    )
    assert.equal(address || undefined, undefined)
    assert.ok(!family)
    assert.equal(name, 'example.test')
    assert.equal(socket._host, 'example.test')
  })

  it('a lookup for all connections, and for one', async () => {
    const asked: string[] = []
    const net = alone({
      lookup: (name, query, callback) => {
        asked.push(`${name} ${query.family}`)
        callback(null, [{ address: '127.0.0.1', family: 4 }])
      },
    })
    const server = net.createServer(socket => socket.end('found')).listen(7, 'server.test')
    await once(server, 'listening')
    assert.equal(server.address()?.address, '127.0.0.1')
    assert.equal(await all(net.connect(7, 'server.test')), 'found')
    const other = net.connect({
      port: 7,
      host: 'other.test',
      family: 6,
      lookup: (name, query, callback) => {
        asked.push(`${name} ${query.family}`)
        setImmediate(() => callback(null, '::1', 6))
      },
    })
    assert.equal((await failure(other)).message, 'connect ECONNREFUSED ::1:7')
    assert.deepEqual(asked, ['server.test undefined', 'server.test 0', 'other.test 6'])
    server.close()
  })

  it('a socket that is destroyed during the lookup stays so', async () => {
    let answer = () => {}
    const net = alone({
      lookup: (_name, _query, callback) => {
        answer = () => callback(null, '127.0.0.1', 4)
      },
    })
    const socket = net.connect(7, 'server.test')
    socket.on('connectionAttempt', () => assert.fail('no attempt'))
    socket.destroy()
    answer()
    await closed(socket)
    const server = net.createServer().listen(7, 'server.test')
    server.close()
    answer()
    await closed(server)
    assert.equal(server.listening, false)
    assert.equal(net.stack.census.listeners, 0)
  })

  it('IPv6 between hosts', async () => {
    const { client, server, run } = memoryNets()
    await run(async () => {
      const listener = server.createServer(socket => socket.end(`${socket.remoteAddress}`))
      listener.listen({ port: 80, host: 'fd00::2' })
      assert.deepEqual(listener.address(), { address: 'fd00::2', family: 'IPv6', port: 80 })
      const socket = client.connect(80, 'fd00::2')
      await once(socket, 'connect')
      assert.deepEqual(socket.address(), { address: 'fd00::1', family: 'IPv6', port: socket.localPort })
      assert.deepEqual(
        [socket.remoteAddress, socket.remoteFamily, socket.remotePort],
        ['fd00::2', 'IPv6', 80],
      )
      assert.equal(await all(socket), 'fd00::1')
      assert.equal((await failure(client.connect(81, 'fd00::2'))).message, 'connect ECONNREFUSED fd00::2:81')
      listener.close()
    })
  })

  it(':: is both versions, unless it is to be IPv6 only', async () => {
    const { client, server, run } = memoryNets()
    await run(async () => {
      for (const [ipv6Only, reached] of [
        [false, true],
        [true, false],
      ]) {
        const listener = server
          .createServer(socket => socket.end())
          .listen({ port: 80, host: '::', ipv6Only })
        assert.deepEqual(listener.address(), { address: '::', family: 'IPv6', port: 80 })
        await all(client.connect(80, 'fd00::2'))
        const socket = client.connect(80, SERVER)
        if (reached) await all(socket)
        else assert.equal((await failure(socket)).code, 'ECONNREFUSED')
        listener.close()
        await closed(listener)
      }
      const four = server.createServer(socket => socket.end()).listen(80, '0.0.0.0')
      assert.deepEqual(four.address(), { address: '0.0.0.0', family: 'IPv4', port: 80 })
      await all(client.connect(80, SERVER))
      four.close()
    })
  })

  it('a local address and port of one’s choice', async () => {
    const { client, server, run } = memoryNets()
    await run(async () => {
      const listener = server
        .createServer(socket => socket.end(`${socket.remoteAddress} ${socket.remotePort}`))
        .listen(80)
      const chosen = { port: 80, host: SERVER, localAddress: CLIENT, localPort: 4000 }
      const socket = client.connect(chosen)
      const again = client.connect(chosen)
      const [error, text] = await Promise.all([failure(again), all(socket)])
      assert.equal(text, `${CLIENT} 4000`)
      assert.equal(error.message, `bind EADDRINUSE ${CLIENT}:4000`)
      assert.deepEqual(
        { ...error },
        { errno: -98, code: 'EADDRINUSE', syscall: 'bind', address: CLIENT, port: 4000 },
      )
      const foreign = await failure(client.connect({ ...chosen, localAddress: '10.9.9.9', localPort: 0 }))
      assert.equal(foreign.message, 'bind EADDRNOTAVAIL 10.9.9.9')
      const refused = await failure(client.connect({ ...chosen, port: 81 }))
      assert.equal(refused.message, `connect ECONNREFUSED ${SERVER}:81 - Local (${CLIENT}:4000)`)
      assert.deepEqual((refused as { localPort?: number }).localPort, 4000)
      const nobody = await failure(client.connect(0, SERVER))
      assert.equal(nobody.message, `connect ECONNREFUSED ${SERVER}`)
      listener.close()
    })
  })

  it('an address that is not ours cannot be listened on', async () => {
    const server = alone().createServer()
    server.listen(80, '10.9.9.9')
    assert.equal(server.listening, false)
    const [error] = await once(server, 'error').catch(e => [e])
    assert.equal(error.message, 'listen EADDRNOTAVAIL: address not available 10.9.9.9:80')
    const { address, port, syscall, errno } = error
    assert.deepEqual(
      { address, port, syscall, errno },
      { address: '10.9.9.9', port: 80, syscall: 'listen', errno: -99 },
    )
  })
})

describe('what goes beyond node:net', options, () => {
  it('the connection beneath, also after its end', async () => {
    const { client, server, host, run } = memoryNets()
    await run(async () => {
      const listener = server.createServer(socket => socket.end('x'.repeat(5000))).listen(80)
      const socket = client.connect(80, host)
      assert.equal(socket.pending, true)
      await all(socket)
      assert.equal(socket.tcp?.status().bytesReceived, 5000)
      await new Promise(resolve => setImmediate(resolve))
      assert.equal(socket.destroyed, true)
      assert.equal(socket.remoteAddress, host)
      assert.equal(socket.localAddress, CLIENT)
      listener.close()
    })
  })

  it('a server is disposed of', async () => {
    const net = alone()
    const server = net.createServer().listen(7)
    await server[Symbol.asyncDispose]()
    assert.equal(server.listening, false)
    await server[Symbol.asyncDispose]()
    assert.equal(net.stack.census.listeners, 0)
  })

  it('ref and unref are there, and isIP', () => {
    const net = alone()
    const socket = new net.Socket()
    assert.equal(socket.ref().unref(), socket)
    const server = net.createServer()
    assert.equal(server.ref().unref(), server)
    assert.equal(net.isIP('::1'), 6)
    assert.equal(net.isIPv4('1.2.3.4'), true)
    assert.equal(net.isIPv6('1.2.3.4'), false)
    assert.equal(net.Socket.name, 'Socket')
    assert.equal(socket._handle, null)
  })

  it('events come out of the blue, also from the stack’s loopback', async () => {
    const net = alone()
    // Two faces of one stack, as two libraries may have.
    const server = createNet(net.stack)
      .createServer(socket => socket.pipe(socket))
      .listen(7)
    const socket = net.connect(7)
    await once(socket, 'connect')
    let inside = false
    let echoed = ''
    socket.on('data', part => {
      assert.equal(inside, false, 'not from inside a call')
      echoed += part
    })
    for (let i = 0; i < 10; i++) {
      inside = true
      socket.write('.')
      inside = false
      await new Promise(resolve => setImmediate(resolve))
    }
    socket.end()
    await closed(socket)
    assert.equal(echoed, '.'.repeat(10))
    server.close()
  })

  it('what a listener throws does not keep others from hearing', async () => {
    const thrown: unknown[] = []
    const { client, server, world } = worldNets()
    server.createServer(socket => socket.write('hello')).listen(80)
    const sockets = [client.connect(80, SERVER), client.connect(80, SERVER)]
    sockets[0]?.on('data', () => {
      throw new Error('first')
    })
    let heard = ''
    sockets[1]?.on('data', part => {
      heard += part
    })
    await world.run(1000).catch(error => thrown.push(error.message))
    await world.run(1000).catch(() => {})
    assert.deepEqual(thrown, ['first'])
    assert.equal(heard, 'hello')
  })
})
