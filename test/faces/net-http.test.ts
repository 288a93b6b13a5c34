import assert from 'node:assert/strict'
import { createHash, randomFillSync } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import * as http from 'node:http'
import * as http2 from 'node:http2'
import * as https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { describe, it } from 'node:test'
import * as tls from 'node:tls'
import { createAgent, createSecureAgent, type Server, type Socket } from '../../src/faces/net/index.js'
import { cert, key } from '../fixtures/tls.js'
import { CLIENT, loopbackNet, memoryNets, type NetPair, SERVER, worldNets } from '../support/world-net.js'

/** Against hangs only. */
const options = { timeout: 60_000 }

const places: Record<string, () => NetPair> = {
  memory: () => memoryNets(),
  loopback: () => loopbackNet(),
  world: () => worldNets({ conditions: { delay: 30, rate: 50e6 } }),
  'world with losses': () => worldNets({ conditions: { delay: 10, loss: 0.02 }, seed: 3 }),
}

/** A test in each of the places. */
function everywhere(name: string, program: (pair: NetPair) => Promise<void>): void {
  for (const [place, make] of Object.entries(places))
    it(`${name} (${place})`, options, () => {
      const pair = make()
      return pair.run(() => program(pair))
    })
}

const body = randomFillSync(Buffer.alloc(1 << 20))
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function collect(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

interface Answer {
  status: number | undefined
  headers: http.IncomingHttpHeaders
  body: Buffer
  socket: Duplex
  reused: boolean
}

/** One request, by http or https. */
function fetchFrom(
  client: typeof http | typeof https,
  settings: https.RequestOptions,
  payload?: Uint8Array,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = client.request({ method: payload ? 'POST' : 'GET', path: '/', ...settings }, response => {
      const { socket } = response
      collect(response).then(
        all =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: all,
            socket,
            reused: request.reusedSocket,
          }),
        reject,
      )
    })
    request.on('error', reject)
    request.end(payload)
  })
}

/** Says who asked what, and sends a body back as it came. */
const handler: http.RequestListener = (request, response) => {
  response.setHeader('x-seen', `${request.method} ${request.url} ${request.socket.remoteAddress}`)
  request.pipe(response)
}

const portOf = (server: Server) => (server.address() as AddressInfo).port
const closed = (emitter: EventEmitter) => new Promise(resolve => emitter.once('close', resolve))
const peerOf = ({ host }: NetPair) => (host === SERVER ? CLIENT : host)

describe('http', () => {
  everywhere('a server behind connection events, a client that brings its connection', async pair => {
    const { client, server, host } = pair
    const listener = server.createServer({ allowHalfOpen: true }).listen(80)
    const web = http.createServer(handler)
    listener.on('connection', socket => web.emit('connection', socket))
    const createConnection = () => client.connect(80, host)
    const answer = await fetchFrom(http, { host, path: '/a', createConnection }, body)
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['x-seen'], `POST /a ${peerOf(pair)}`)
    assert.equal(sha(answer.body), sha(body))
    assert.equal(answer.headers.connection, 'close')
    listener.close()
    await closed(listener)
  })

  everywhere('an agent keeps connections, and serve() closes those that are idle', async pair => {
    const { client, server, host } = pair
    const web = http.createServer(handler)
    const listener = server.serve(web, 0)
    await once(web, 'listening')
    const agent = createAgent(client, { keepAlive: true, maxSockets: 2 })
    const port = portOf(listener)
    const first = await fetchFrom(http, { host, port, agent, path: '/1' })
    const second = await fetchFrom(http, { host, port, agent, path: '/2' }, body.subarray(0, 100_000))
    assert.equal(first.reused, false)
    assert.equal(second.reused, true)
    assert.equal(second.socket, first.socket)
    assert.equal(second.headers['x-seen'], `POST /2 ${peerOf(pair)}`)
    const many = await Promise.all(
      Array.from({ length: 6 }, (_, i) => fetchFrom(http, { host, port, agent, path: `/${i}` }, body)),
    )
    for (const answer of many) assert.equal(sha(answer.body), sha(body))
    assert.equal(new Set(many.map(({ socket }) => socket)).size, 2)
    const count = await new Promise(resolve => listener.getConnections((_, n) => resolve(n)))
    assert.equal(count, 2)
    listener.close()
    await closed(listener)
    agent.destroy()
  })

  everywhere('closing the http server closes what serves it', async ({ client, server, host }) => {
    const web = http.createServer(handler)
    const listener = server.serve(web, { port: 8080, host })
    await once(listener, 'listening')
    const agent = createAgent(client, { keepAlive: true })
    await fetchFrom(http, { host, port: 8080, agent })
    web.close()
    await closed(listener)
    agent.destroy()
    await assert.rejects(fetchFrom(http, { host, port: 8080, agent: createAgent(client) }), {
      code: 'ECONNREFUSED',
    })
  })

  everywhere('answers in pieces, to a client that is slow', async ({ client, server, host }) => {
    const web = http.createServer((_, response) => {
      let left = 64
      const more = () => {
        while (left-- > 0) {
          if (response.write(body.subarray(0, 64 << 10))) continue
          response.once('drain', more)
          return
        }
        response.end()
      }
      more()
    })
    const listener = server.serve(web, 80)
    const response = await new Promise<http.IncomingMessage>((resolve, reject) =>
      http.get({ host, createConnection: () => client.connect(80, host) }, resolve).on('error', reject),
    )
    assert.equal(response.headers['transfer-encoding'], 'chunked')
    let n = 0
    for await (const part of response) {
      n += part.length
      await new Promise(resolve => setImmediate(resolve))
    }
    assert.equal(n, 4 << 20)
    listener.close()
    await closed(listener)
  })

  everywhere('a request that is aborted, an answer that is cut off', async ({ client, server, host }) => {
    const log: string[] = []
    const web = http.createServer((request, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half')
      response.on('close', () => log.push(`server: ${request.url} ${response.writableFinished}`))
      if (request.url === '/cut') request.socket.destroy()
    })
    const listener = server.serve(web, 80)
    const agent = createAgent(client)
    const get = (url: string) =>
      new Promise<http.IncomingMessage>((resolve, reject) =>
        http.get({ host, agent, path: url }, resolve).on('error', reject),
      )
    const aborted = await get('/aborted')
    aborted.on('error', () => {})
    aborted.destroy()
    const cut = await get('/cut').catch(error => error)
    if (cut instanceof http.IncomingMessage) await assert.rejects(collect(cut), { code: 'ECONNRESET' })
    else assert.equal(cut.code, 'ECONNRESET')
    listener.close()
    await closed(listener)
    // The server is done, as in Node, when it has let go of its sockets; 'close' of each comes after that.
    await new Promise(resolve => setImmediate(resolve))
    assert.deepEqual(log.sort(), ['server: /aborted false', 'server: /cut false'])
  })

  everywhere('an upgrade, and bytes both ways after it', async ({ client, server, host }) => {
    const web = http.createServer()
    web.on('upgrade', (request: http.IncomingMessage, socket: Duplex, head: Buffer) => {
      assert.equal(request.headers.upgrade, 'echo')
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nwelcome ')
      if (head.length > 0) socket.write(head)
      socket.pipe(socket)
    })
    const listener = server.serve(web, 80)
    const request = http.request({
      host,
      headers: { connection: 'Upgrade', upgrade: 'echo' },
      createConnection: () => client.connect(80, host),
    })
    request.end()
    const [response, socket, head] = (await once(request, 'upgrade')) as [
      http.IncomingMessage,
      Socket,
      Buffer,
    ]
    assert.equal(response.statusCode, 101)
    const all = collect(socket)
    socket.write('one ')
    socket.end(body)
    const received = Buffer.concat([head, await all])
    assert.equal(received.subarray(0, 12).toString(), 'welcome one ')
    assert.equal(sha(received.subarray(12)), sha(body))
    listener.close()
    await closed(listener)
  })

  it('a keep-alive connection is closed after its idle time, in virtual time', options, async () => {
    const { client, server, host, run, world } = worldNets()
    await run(async () => {
      const web = http.createServer(handler)
      web.keepAliveTimeout = 5000
      server.serve(web, 80)
      const agent = createAgent(client, { keepAlive: true })
      const { socket } = await fetchFrom(http, { host, agent })
      const start = world.now
      await closed(socket)
      // The client obeys the server's hint, `timeout=5`, a second before; either is right.
      assert.ok(world.now - start >= 4000 - 50 && world.now - start <= 6500, `${world.now - start}`)
    })
  })

  it('a request that times out', options, async () => {
    const { client, server, host, run, world } = worldNets()
    await run(async () => {
      server.serve(http.createServer(), 80)
      const request = http.get({ host, timeout: 7000, agent: createAgent(client) })
      await once(request, 'timeout')
      assert.ok(world.now >= 7000 && world.now < 7100, `${world.now}`)
      request.destroy()
      await assert.rejects(once(request, 'response'), { code: 'ECONNRESET' })
    })
  })
})

describe('tls', () => {
  everywhere('sockets wrapped on both sides', async ({ client, server, host }) => {
    const listener = server.createServer(raw => {
      const secure = new tls.TLSSocket(raw, { isServer: true, key, cert })
      secure.pipe(secure)
    })
    listener.listen(443)
    const socket = tls.connect({ socket: client.connect(443, host), ca: cert, servername: 'estab.test' })
    await once(socket, 'secureConnect')
    assert.equal(socket.authorized, true)
    assert.equal(socket.getProtocol(), 'TLSv1.3')
    const all = collect(socket)
    socket.end(body)
    assert.equal(sha(await all), sha(body))
    listener.close()
    await closed(listener)
  })

  everywhere('a tls.Server', async pair => {
    const { client, server, host } = pair
    const secureServer = tls.createServer({ key, cert, ALPNProtocols: ['echo'] }, secure => {
      secure.end(`${secure.remoteAddress} ${secure.alpnProtocol} ${secure.localPort}`)
    })
    const listener = server.serve(secureServer, 443)
    const raw = client.connect(443, host)
    const socket = tls.connect({ socket: raw, ca: cert, servername: 'estab.test', ALPNProtocols: ['echo'] })
    assert.equal(String(await collect(socket)), `${peerOf(pair)} echo 443`)
    listener.close()
    await closed(listener)
  })

  everywhere('a certificate nobody trusts', async ({ client, server, host }) => {
    const secureServer = tls.createServer({ key, cert })
    secureServer.on('tlsClientError', () => {})
    const listener = server.serve(secureServer, 443)
    const raw = client.connect(443, host)
    const socket = tls.connect({ socket: raw, servername: 'estab.test' })
    const [error] = await once(socket, 'error').catch(e => [e])
    assert.equal(error.code, 'DEPTH_ZERO_SELF_SIGNED_CERT')
    await closed(raw)
    listener.close()
    await closed(listener)
  })

  everywhere('the other side is no tls server', async ({ client, server, host }) => {
    const listener = server.createServer(raw => raw.resume().end('220 hello\r\n')).listen(443)
    const socket = tls.connect({ socket: client.connect(443, host), servername: 'estab.test' })
    const [error] = await once(socket, 'error').catch(e => [e])
    assert.match(error.code, /^ERR_SSL_|^ECONNRESET$/)
    listener.close()
    await closed(listener)
  })
})

describe('https', () => {
  everywhere('a server and an agent that keeps connections', async pair => {
    const { client, server, host } = pair
    const listener = server.serve(https.createServer({ key, cert }, handler), 443)
    const agent = createSecureAgent(client, { keepAlive: true, ca: cert })
    const settings = { host, agent, servername: 'estab.test' }
    const first = await fetchFrom(https, settings, body)
    assert.equal(sha(first.body), sha(body))
    assert.equal(first.headers['x-seen'], `POST / ${peerOf(pair)}`)
    assert.equal((first.socket as tls.TLSSocket).remoteAddress, host)
    const second = await fetchFrom(https, { ...settings, path: '/2' })
    assert.equal(second.reused, true)
    assert.equal(second.headers['x-seen'], `GET /2 ${peerOf(pair)}`)
    listener.close()
    await closed(listener)
    agent.destroy()
  })

  everywhere('the address is in the certificate; sessions are resumed', async ({ client, server, host }) => {
    const listener = server.serve(https.createServer({ key, cert }, handler), 443)
    const agent = createSecureAgent(client, { ca: cert, maxVersion: 'TLSv1.2' })
    const resumed: boolean[] = []
    for (let i = 0; i < 2; i++) {
      const answer = await new Promise<http.IncomingMessage>((resolve, reject) =>
        https.get({ host, agent, servername: '' }, resolve).on('error', reject),
      )
      resumed.push((answer.socket as tls.TLSSocket).isSessionReused())
      await collect(answer)
    }
    assert.deepEqual(resumed, [false, true])
    listener.close()
    await closed(listener)
  })

  everywhere('nobody listens', async ({ client, host }) => {
    const agent = createSecureAgent(client, { ca: cert })
    await assert.rejects(fetchFrom(https, { host, agent }), {
      code: 'ECONNREFUSED',
      message: `connect ECONNREFUSED ${host}:443`,
    })
  })
})

describe('http2', () => {
  const respond = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    stream.respond({ ':status': 200, 'x-seen': `${headers[':method']} ${headers[':path']}` })
    stream.pipe(stream)
  }

  const exchange = async (session: http2.ClientHttp2Session, url: string, payload: Uint8Array) => {
    const stream = session.request({ ':path': url, ':method': 'POST' })
    const answered = once(stream, 'response')
    stream.end(payload)
    const [[headers], all] = await Promise.all([answered, collect(stream)])
    assert.equal(headers['x-seen'], `POST ${url}`)
    assert.equal(sha(all), sha(payload))
  }

  const several = async (session: http2.ClientHttp2Session) => {
    await Promise.all(
      Array.from({ length: 5 }, (_, i) => exchange(session, `/${i}`, body.subarray(0, 300_000 + i))),
    )
    await exchange(session, '/all', body)
    session.close()
    await closed(session)
  }

  everywhere('in the clear', async ({ client, server, host }) => {
    const listener = server.serve(http2.createServer().on('stream', respond), 80)
    await several(http2.connect(`http://${host}`, { createConnection: () => client.connect(80, host) }))
    listener.close()
    await closed(listener)
  })

  everywhere('by performServerHandshake', async ({ client, server, host }) => {
    const listener = server.createServer(socket => {
      http2.performServerHandshake(socket).on('stream', respond)
    })
    listener.listen(80)
    await several(http2.connect(`http://${host}`, { createConnection: () => client.connect(80, host) }))
    listener.close()
    await closed(listener)
  })

  everywhere('over tls, beside http/1.1', async pair => {
    const { client, server, host } = pair
    const web = http2.createSecureServer({ key, cert, allowHTTP1: true })
    web.on('request', (request, response) => {
      response.setHeader('x-seen', `${request.method} ${request.url}`)
      response.setHeader('x-peer', `${request.httpVersion} ${request.socket.remoteAddress}`)
      request.pipe(response as never)
    })
    const listener = server.serve(web, 443)
    const secure = { ca: cert, servername: 'estab.test' }
    await several(
      http2.connect(`https://${host}`, {
        createConnection: () =>
          tls.connect({ socket: client.connect(443, host), ALPNProtocols: ['h2'], ...secure }),
      }),
    )
    const answer = await fetchFrom(https, { host, agent: createSecureAgent(client, secure) }, body)
    assert.equal(sha(answer.body), sha(body))
    assert.equal(answer.headers['x-peer'], `1.1 ${peerOf(pair)}`)
    listener.close()
    await closed(listener)
  })

  everywhere('a connection that breaks ends the session', async ({ client, server, host }) => {
    const sockets: Socket[] = []
    const front = server.serve(
      http2.createServer().on('stream', stream => stream.on('error', () => {})),
      80,
    )
    front.on('connection', socket => sockets.push(socket as Socket))
    const session = http2.connect(`http://${host}`, { createConnection: () => client.connect(80, host) })
    const stream = session.request({ ':path': '/' })
    const failed = new Promise<Error | undefined>(resolve => {
      stream.on('error', resolve)
      session.on('error', () => {})
    })
    await once(session, 'remoteSettings')
    sockets[0]?.resetAndDestroy()
    assert.ok(await failed)
    await closed(session)
    front.close()
    await closed(front)
  })
})

describe('serve', () => {
  it('tells both servers of a port in use', options, async () => {
    const { server, run } = memoryNets()
    await run(async () => {
      const first = server.serve(http.createServer(), 80)
      await once(first, 'listening')
      const web = http.createServer()
      const second = server.serve(web, 80)
      const errors: NodeJS.ErrnoException[] = []
      second.on('error', error => errors.push(error))
      web.on('error', error => errors.push(error))
      await new Promise(resolve => setImmediate(resolve))
      assert.deepEqual(
        errors.map(({ message }) => message),
        Array(2).fill('listen EADDRINUSE: address already in use :::80'),
      )
      first.close()
      await closed(first)
    })
  })

  it('takes anything that takes connections', options, async () => {
    const { client, server, host, run } = memoryNets()
    await run(async () => {
      const anything = new EventEmitter()
      anything.on('connection', (socket: Socket) => socket.end('hello'))
      const front = server.serve(anything, 7)
      assert.equal(String(await collect(client.connect(7, host))), 'hello')
      front.close()
      await closed(front)
    })
  })

  it('keeps the options of the server it stands for', options, () => {
    const { server } = memoryNets()
    const web = http.createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 9000 })
    const { allowHalfOpen, noDelay, keepAlive, keepAliveInitialDelay } = server.serve(web, 80).close()
    assert.deepEqual([allowHalfOpen, noDelay, keepAlive, keepAliveInitialDelay], [true, true, true, 9])
  })
})
