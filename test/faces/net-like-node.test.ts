import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import * as node from 'node:net'
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { loopbackNet, memoryNets, worldNets } from '../support/world-net.js'

/** What a scenario needs of node:net, or of whatever stands for it. */
type NetLike = Pick<typeof node, 'connect' | 'createServer'>

interface Place {
  client: NetLike
  server: NetLike
  host: string
}

/** What happened at each end, in order. */
type Logs = Record<string, unknown[]>

const EVENTS = ['lookup', 'connect', 'ready', 'end', 'timeout'] as const

/**
 * Writes down the events of a socket. How 'finish' and what comes from the other side fall together depends on how
 * fast that is; it is written down as what it must come before.
 */
function record(socket: node.Socket, log: unknown[]): unknown[] {
  for (const event of EVENTS) socket.on(event, () => log.push(event))
  let finished = false
  socket.on('finish', () => {
    finished = true
  })
  socket.on('close', () => log.push(finished ? 'finished' : 'unfinished'))
  socket.on('error', error => log.push(shape(error)))
  socket.on('close', hadError => log.push(`close ${hadError}`))
  return log
}

/** Data in one entry, however many pieces it came in. */
function recordData(socket: node.Socket, log: unknown[]): void {
  socket.on('data', (data: Buffer) => {
    const last = log.at(-1)
    if (typeof last === 'string' && last.startsWith('data ')) log[log.length - 1] = last + data
    else log.push(`data ${data}`)
  })
}

/** An error with everything a program may look at, the address and ports blanked. */
function shape(error: unknown): Record<string, unknown> {
  const { name, message, code, errno, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string
    port?: number
  }
  const text = message.replaceAll(/\d+\.\d+\.\d+\.\d+/g, 'HOST').replaceAll(/:\d+/g, ':PORT')
  return { name, message: text, code, errno, syscall, address: address && 'HOST', port: port && 'PORT' }
}

const closed = (emitter: node.Socket | node.Server) => new Promise(resolve => emitter.once('close', resolve))

interface Meeting {
  server: node.Server
  here: node.Socket
  there: node.Socket
  logs: Logs
  port: number
}

interface MeetingOptions {
  client?: Partial<node.TcpNetConnectOpts>
  server?: node.ServerOpts
  /** Called when the server's socket is made, before anything can come. */
  accept?: (socket: node.Socket, log: unknown[]) => void
  /** Called when the client's socket is made, before it is open. */
  dial?: (socket: node.Socket) => void
}

/** A server and one connection to it; both ends write down what happens. */
async function meet({ client, server, host }: Place, options: MeetingOptions = {}): Promise<Meeting> {
  const logs: Logs = { here: [], there: [] }
  let there: node.Socket | undefined
  const listener = server.createServer(options.server, socket => {
    there = socket
    record(socket, logs.there)
    options.accept?.(socket, logs.there)
  })
  listener.listen(0, host)
  await once(listener, 'listening')
  const { port } = listener.address() as node.AddressInfo
  const accepted = once(listener, 'connection')
  const here = client.connect({ port, host, ...options.client })
  record(here, logs.here)
  options.dial?.(here)
  await Promise.all([once(here, 'connect'), accepted])
  assert.ok(there)
  return { server: listener, here, there, logs, port }
}

const scenarios: Record<string, (place: Place) => Promise<unknown>> = {
  async 'both sides end by themselves'(place) {
    const { server, here, there, logs } = await meet(place, { accept: recordData })
    recordData(here, logs.here)
    here.end('hello', () => logs.here.push('end callback'))
    await Promise.all([closed(here), closed(there)])
    server.close()
    await closed(server)
    return logs
  },

  async 'a half-open server answers after the end'(place) {
    const { server, here, there, logs } = await meet(place, {
      server: { allowHalfOpen: true },
      accept: recordData,
    })
    recordData(here, logs.here)
    there.on('end', () => {
      logs.there.push(there.readyState)
      there.write('late', () => {
        logs.there.push('written')
        there.end('r')
      })
    })
    here.end('hello')
    await Promise.all([closed(here), closed(there)])
    server.close()
    return logs
  },

  async 'a half-open client answers after the end'(place) {
    const { server, here, there, logs } = await meet(place, {
      client: { allowHalfOpen: true },
      accept: recordData,
    })
    recordData(here, logs.here)
    there.end('bye')
    await once(here, 'end')
    await nextTurn()
    logs.here.push(here.readyState)
    here.end('thanks')
    await Promise.all([closed(here), closed(there)])
    server.close()
    return logs
  },

  async 'a write in the end listener still goes out, one after it does not'(place) {
    const { server, here, there, logs } = await meet(place, { accept: recordData })
    here.resume()
    here.on('end', () => {
      logs.here.push(here.write('last words'))
      process.nextTick(() =>
        process.nextTick(() => {
          logs.here.push(here.write('too late', error => logs.here.push(shape(error))))
        }),
      )
    })
    there.end()
    await Promise.all([closed(here), closed(there)])
    server.close()
    return logs
  },

  async 'write after end'(place) {
    const { server, here, there, logs } = await meet(place, { accept: recordData })
    recordData(here, logs.here)
    here.end('hello')
    logs.here.push(here.write('more', error => logs.here.push(shape(error))))
    await Promise.all([closed(here), closed(there)])
    server.close()
    return logs
  },

  async 'onread: into one buffer, with pauses, and no data event'(place) {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 31) ^ (i >>> 8)))
    const hash = createHash('sha256')
    const buffer = Buffer.alloc(10_000)
    let [total, calls, largest, data, pauses] = [0, 0, 0, 0, 0]
    let here: node.Socket | undefined
    const onread = {
      buffer,
      callback(this: unknown, length: number, into: Uint8Array) {
        assert.equal(this, here)
        assert.equal(into, buffer)
        hash.update(into.subarray(0, length))
        total += length
        largest = Math.max(largest, length)
        if (++calls % 5 !== 0) return true
        pauses++
        setImmediate(() => here!.resume())
        return false
      },
    }
    const met = await meet(place, {
      client: { onread } as Partial<node.TcpNetConnectOpts>,
      dial: socket => {
        here = socket
      },
    })
    met.here.on('data', () => data++)
    met.there.end(bytes)
    await Promise.all([closed(met.here), closed(met.there)])
    met.server.close()
    assert.ok(calls >= 20 && pauses >= 4 && largest <= 10_000)
    return [met.logs, total, hash.digest('hex'), data, met.here.bytesRead]
  },

  async 'onread: a buffer each time, and paused from outside'(place) {
    const pieces: Buffer[] = []
    let paused = false
    const onread = {
      buffer: () => Buffer.alloc(1000),
      callback(length: number, into: Uint8Array) {
        assert.equal(paused, false)
        pieces.push(Buffer.from(into.subarray(0, length)))
        return true
      },
    }
    const { server, here, there, logs } = await meet(place, {
      client: { onread } as Partial<node.TcpNetConnectOpts>,
    })
    here.pause()
    paused = true
    await new Promise<void>(resolve => there.write('x'.repeat(5000), () => resolve()))
    paused = false
    here.resume()
    there.end('y')
    await Promise.all([closed(here), closed(there)])
    server.close()
    return [logs, Buffer.concat(pieces).toString(), pieces.every(p => p.length <= 1000)]
  },

  async destroy(place) {
    const { server, here, there, logs } = await meet(place, { accept: recordData })
    here.destroy()
    logs.here.push(here.destroyed, here.readyState, here.pending, here.connecting)
    await Promise.all([closed(here), closed(there)])
    server.close()
    return logs
  },

  async 'destroy with an error'(place) {
    const { server, here, there, logs } = await meet(place, { accept: recordData })
    here.destroy(new Error('enough'))
    await Promise.all([closed(here), closed(there)])
    server.close()
    return logs
  },

  async 'destroySoon sends what was written'(place) {
    const { server, here, there, logs } = await meet(place, { accept: recordData })
    here.write('all of it')
    here.destroySoon()
    await Promise.all([closed(here), closed(there)])
    server.close()
    return logs
  },

  async 'end and destroy at once'(place) {
    const { server, here, there, logs } = await meet(place, { accept: recordData })
    here.end('hello')
    here.destroy()
    await Promise.all([closed(here), closed(there)])
    server.close()
    return logs
  },

  async resetAndDestroy(place) {
    const { server, here, there, logs } = await meet(place, { accept: recordData })
    here.resetAndDestroy()
    await Promise.all([closed(here), closed(there)])
    here.resetAndDestroy()
    server.close()
    return logs
  },

  async 'resetAndDestroy before it is open'({ client, server, host }) {
    const log: unknown[] = []
    // Whether the server ever sees the connection depends on what the last ACK of the handshake meets first.
    const listener = server.createServer(socket => socket.on('error', () => {})).listen(0, host)
    await once(listener, 'listening')
    const here = client.connect((listener.address() as node.AddressInfo).port, host)
    record(here, log)
    here.resetAndDestroy()
    await closed(here)
    listener.close()
    return log
  },

  async 'resetAndDestroy without a connection'({ client }) {
    const log: unknown[] = []
    const here = new (client as typeof node).Socket()
    record(here, log)
    here.resetAndDestroy()
    await closed(here)
    // Node leaves out whether there was an error, as it does whenever there was no descriptor.
    return log.slice(0, -1)
  },

  async 'a paused socket learns of a reset when it reads on'(place) {
    const { server, here, there, logs } = await meet(place, { dial: socket => socket.pause() })
    const over = closed(here)
    there.resetAndDestroy()
    await closed(there)
    for (let i = 0; i < 5; i++) await nextTurn()
    logs.here.push('resumed')
    here.resume()
    await over
    server.close()
    return logs.here
  },

  async 'a paused socket learns of a reset when it writes'(place) {
    const { server, here, there, logs } = await meet(place, { dial: socket => socket.pause() })
    const over = closed(here)
    there.resetAndDestroy()
    await closed(there)
    for (let i = 0; i < 5; i++) await nextTurn()
    here.write('x', error => logs.here.push(shape(error)))
    await over
    server.close()
    return logs.here
  },

  async 'a socket that is read learns of a reset at once'(place) {
    const { server, here, there, logs } = await meet(place)
    const over = closed(here)
    here.pause()
    there.resetAndDestroy()
    await over
    server.close()
    return logs.here
  },

  async 'nobody listens'({ client, server, host }) {
    const listener = server.createServer().listen(0, host)
    await once(listener, 'listening')
    const { port } = listener.address() as node.AddressInfo
    listener.close()
    await closed(listener)
    const log: unknown[] = []
    const here = client.connect(port, host)
    record(here, log)
    here.write('never', error => log.push(shape(error)))
    await closed(here)
    log.push(here.remoteAddress, here.destroyed, here.bytesWritten)
    return log
  },

  async 'destroy while connecting'({ client, server, host }) {
    const listener = server.createServer(socket => socket.destroy()).listen(0, host)
    await once(listener, 'listening')
    const { port } = listener.address() as node.AddressInfo
    const results: unknown[] = []
    for (const wait of [0, 1]) {
      const log: unknown[] = []
      const here = client.connect(port, host)
      record(here, log)
      here.write('never', error => log.push(shape(error)))
      log.push(here.connecting, here.pending, here.readyState)
      if (wait === 1) await Promise.resolve()
      here.destroy()
      log.push(here.connecting, here.pending, here.readyState)
      await closed(here)
      results.push(log)
    }
    listener.close()
    await closed(listener)
    return results
  },

  async 'end before it is open'({ client, server, host }) {
    const logs: Logs = { here: [], there: [] }
    const listener = server
      .createServer(socket => {
        record(socket, logs.there)
        recordData(socket, logs.there)
      })
      .listen(0, host)
    await once(listener, 'listening')
    const here = client.connect((listener.address() as node.AddressInfo).port, host, () =>
      logs.here.push('callback'),
    )
    record(here, logs.here)
    recordData(here, logs.here)
    here.write('a', () => logs.here.push('a written'))
    here.write('b', () => logs.here.push('b written'))
    logs.here.push(here.bytesWritten, here.bufferSize)
    here.end('c', () => logs.here.push('ended'))
    logs.here.push(here.bytesWritten, here.readyState)
    const [there] = await once(listener, 'connection')
    await Promise.all([closed(here), closed(there)])
    logs.here.push(here.bytesWritten)
    logs.there.push(there.bytesRead)
    listener.close()
    return logs
  },

  async 'the other side never reads: a write under way, and one behind it, when it is destroyed'(place) {
    const { server, here, there, logs } = await meet(place, { server: { pauseOnConnect: true } })
    const log = logs.here
    log.push(here.write(Buffer.alloc(50_000_000), error => log.push(error ? shape(error) : 'first')))
    log.push(here.write('x', error => log.push(error ? shape(error) : 'second')))
    await nextTurn()
    here.destroy()
    await closed(here)
    there.destroy()
    server.close()
    return log
  },

  async pauseOnConnect(place) {
    const { server, here, there, logs } = await meet(place, {
      server: { pauseOnConnect: true },
      accept: recordData,
    })
    recordData(here, logs.here)
    here.end('hello')
    await once(here, 'finish')
    await nextTurn()
    logs.there.push(there.isPaused(), there.bytesRead)
    there.resume()
    await Promise.all([closed(here), closed(there)])
    logs.there.push(there.bytesRead)
    server.close()
    return logs
  },

  async 'without a listener for data, an end without data comes'(place) {
    const { server, here, there, logs } = await meet(place)
    here.end()
    await Promise.all([closed(here), closed(there)])
    server.close()
    return logs
  },

  async 'without a reader, an end behind data does not come'(place) {
    const { server, here, there, logs } = await meet(place)
    here.end('unread')
    await once(here, 'finish')
    await once(there, 'readable')
    await nextTurn()
    logs.there.push(there.readyState, there.readableLength)
    there.destroy()
    await Promise.all([closed(here), closed(there)])
    server.close()
    return logs
  },

  async 'properties through its life'({ client, server, host }) {
    const log: unknown[] = []
    const listener = server.createServer({ allowHalfOpen: true }).listen(0, host)
    await once(listener, 'listening')
    const { port, family } = listener.address() as node.AddressInfo
    log.push(family)
    const look = (socket: node.Socket, isOurs: boolean) =>
      log.push([
        socket.connecting,
        socket.pending,
        socket.readyState,
        socket.destroyed,
        socket.remoteFamily,
        socket.remoteAddress && (isOurs ? socket.remoteAddress === host : 'peer'),
        isOurs && socket.remotePort && socket.remotePort === port,
        socket.bytesRead,
        socket.bytesWritten,
        socket.bufferSize,
        socket.timeout,
        socket.allowHalfOpen,
      ])
    const here = client.connect(port, host)
    look(here, true)
    const [there] = await once(listener, 'connection')
    if (here.connecting) await once(here, 'connect')
    look(here, true)
    look(there, false)
    log.push(here.localFamily, here.localPort === there.remotePort, there.localPort === port)
    log.push((here.address() as node.AddressInfo).port === here.localPort)
    here.setTimeout(1e6)
    here.end('12345')
    await once(here, 'finish')
    look(here, true)
    there.resume()
    await once(there, 'end')
    look(there, false)
    there.end()
    here.resume()
    await Promise.all([closed(here), closed(there)])
    look(
      { ...pick(here), remoteAddress: undefined, remoteFamily: undefined, remotePort: undefined } as never,
      true,
    )
    listener.close()
    log.push(listener.listening, listener.address())
    return log
  },

  async 'server.close waits for its connections'(place) {
    const { server, here, there, logs } = await meet(place)
    const log: unknown[] = (logs.server = [])
    there.on('close', () => log.push('socket closed'))
    server.on('close', () => log.push('server closed'))
    server.close(error => log.push(['callback', error ?? null]))
    log.push(server.listening)
    await nextTurn()
    log.push(
      await new Promise((resolve, reject) => server.getConnections((e, n) => (e ? reject(e) : resolve(n)))),
    )
    here.end()
    await Promise.all([closed(here), closed(server), closed(there)])
    server.close(error => log.push(shape(error)))
    await closed(server)
    return log
  },

  async 'a closed server refuses, and can listen again'(place) {
    const { server, here, logs, port } = await meet(place)
    here.destroy()
    server.close()
    await closed(server)
    const log: unknown[] = [logs.here]
    const refused = place.client.connect(port, place.host)
    record(refused, log)
    await closed(refused)
    server.listen(0, place.host)
    await once(server, 'listening')
    const again = place.client.connect((server.address() as node.AddressInfo).port, place.host)
    record(again, log)
    again.end()
    again.resume()
    await closed(again)
    server.close()
    await closed(server)
    return log
  },

  async 'the port is in use'(place) {
    const { server, here, port } = await meet(place)
    const other = place.server.createServer()
    const log: unknown[] = []
    other.on('error', error => log.push(shape(error)))
    other.listen(port, place.host, () => log.push('listening'))
    log.push('called', other.listening)
    await once(other, 'error')
    log.push(other.listening)
    assert.throws(() => server.listen(0), { code: 'ERR_SERVER_ALREADY_LISTEN' })
    here.destroy()
    server.close()
    await closed(server)
    return log
  },

  async 'maxConnections drops'({ client, server, host }) {
    const log: unknown[] = []
    const listener = server.createServer(socket => socket.resume()).listen(0, host)
    listener.maxConnections = 1
    listener.on('drop', data => log.push(Object.keys(data ?? {}).sort(), data?.localPort))
    await once(listener, 'listening')
    const { port } = listener.address() as node.AddressInfo
    const first = client.connect(port, host)
    await once(listener, 'connection')
    const second = client.connect(port, host)
    second.resume()
    await closed(second)
    first.destroy()
    listener.close()
    await closed(listener)
    return log.map(entry => (entry === port ? 'PORT' : entry))
  },

  async 'a socket connects again after it was closed'(place) {
    const { server, here, there, logs } = await meet(place, { accept: socket => socket.resume() })
    here.resume()
    here.end('first')
    await Promise.all([closed(here), closed(there)])
    const accepted = once(server, 'connection')
    here.connect({ port: (server.address() as node.AddressInfo).port, host: place.host })
    const [again] = await accepted
    here.end('second')
    await Promise.all([closed(here), closed(again)])
    logs.here.push(here.bytesWritten)
    server.close()
    return logs.here
  },

  async 'an aborted signal'(place) {
    const controller = new AbortController()
    const { server, here, there, logs } = await meet(place, { client: { signal: controller.signal } })
    controller.abort()
    await Promise.all([closed(here), closed(there)])
    const late = place.client.connect({ port: 1, host: place.host, signal: controller.signal })
    late.on('error', error => logs.here.push(shape(error)))
    await closed(late)
    const listening = new AbortController()
    server.close()
    await closed(server)
    server.listen({ port: 0, host: place.host, signal: listening.signal })
    await once(server, 'listening')
    listening.abort()
    await closed(server)
    return logs
  },

  async 'a lookup of one’s own'({ client, server, host }) {
    const listener = server.createServer(socket => socket.end()).listen(0, host)
    await once(listener, 'listening')
    const { port } = listener.address() as node.AddressInfo
    const log: unknown[] = []
    const asked: unknown[] = []
    const connect = (answer: (callback: (...args: never[]) => void) => void) => {
      const socket = client.connect({
        port,
        host: 'somewhere.test',
        family: 4,
        lookup: (name, options, callback) => {
          asked.push(name, options.family)
          answer(callback as never)
        },
      })
      socket.on('lookup', (error, address, family, name) =>
        log.push([error && shape(error), address && 'HOST', family, name]),
      )
      record(socket, log)
      socket.resume()
      return closed(socket)
    }
    await connect(callback => callback(...([null, host, 4] as never[])))
    await connect(callback =>
      callback(...([Object.assign(new Error('no such name'), { code: 'EGONE' })] as never[])),
    )
    await connect(callback => callback(...([null, 'nonsense', 4] as never[])))
    listener.close()
    return [asked, log]
  },

  async 'pipeline, finished and iteration'({ client, server, host }) {
    const log: unknown[] = []
    const listener = server.createServer(socket => {
      pipeline(socket, socket).then(
        () => log.push('echoed'),
        error => log.push(shape(error)),
      )
    })
    listener.listen(0, host)
    await once(listener, 'listening')
    const socket = client.connect((listener.address() as node.AddressInfo).port, host)
    const sent = pipeline(Readable.from(['one ', 'two ', 'three']), socket)
    const ended = finished(socket).then(() => log.push('finished'))
    let text = ''
    for await (const chunk of socket) text += chunk
    await Promise.all([sent, ended])
    listener.close()
    await closed(listener)
    return [text, log.sort()]
  },

  async 'strings in several encodings, corked'(place) {
    let received = Buffer.alloc(0)
    const { server, here, there } = await meet(place, {
      accept: socket =>
        socket.on('data', (data: Buffer) => {
          received = Buffer.concat([received, data])
        }),
    })
    here.cork()
    here.write('äöü€')
    here.write('cafe', 'hex')
    here.write('äöü', 'latin1')
    here.write(new Uint8Array([1, 2, 3]))
    here.write('', 'utf8')
    const early = here.bytesWritten
    here.uncork()
    here.end('YWJj', 'base64')
    here.resume()
    await Promise.all([closed(here), closed(there)])
    server.close()
    return [received.toString('hex'), early, here.bytesWritten]
  },

  async 'eight megabytes each way, slow readers'(place) {
    const bytes = Buffer.alloc(8 << 20)
    for (let i = 0; i < bytes.length; i += 4) bytes.writeInt32LE(Math.imul(i, 2654435761), i)
    let stalls = 0
    const send = async (socket: node.Socket) => {
      for (let at = 0; at < bytes.length; at += 50_000) {
        // The buffer is used again as soon as the callback says so.
        const chunk = Buffer.from(bytes.subarray(at, at + 50_000))
        const full = !socket.write(chunk, () => chunk.fill(0xee))
        if (!full) continue
        stalls++
        await once(socket, 'drain')
      }
      socket.end()
    }
    const receive = async (socket: node.Socket) => {
      const hash = createHash('sha256')
      let n = 0
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
        hash.update(chunk)
        if (++n % 16 === 0) await nextTurn()
      }
      return hash.digest('hex')
    }
    const { server, here, there } = await meet(place, {
      server: { allowHalfOpen: true },
      client: { allowHalfOpen: true },
    })
    const [a, b] = await Promise.all([receive(here), receive(there), send(here), send(there)])
    await Promise.all([here.closed || closed(here), there.closed || closed(there)])
    server.close()
    assert.equal(a, createHash('sha256').update(bytes).digest('hex'))
    assert.ok(stalls > 0)
    return [a, b, here.bytesRead, here.bytesWritten]
  },
}

const pick = (socket: node.Socket) => ({
  connecting: socket.connecting,
  pending: socket.pending,
  readyState: socket.readyState,
  destroyed: socket.destroyed,
  bytesRead: socket.bytesRead,
  bytesWritten: socket.bytesWritten,
  bufferSize: socket.bufferSize,
  timeout: socket.timeout,
  allowHalfOpen: socket.allowHalfOpen,
})

describe('the net face does what node:net does', { timeout: 120_000 }, () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    it(name, async () => {
      const expected = await scenario({ client: node, server: node, host: '127.0.0.1' })
      for (const [where, pair] of Object.entries({
        memory: memoryNets(),
        loopback: loopbackNet(),
        world: worldNets(),
        'world with losses': worldNets({ conditions: { delay: 20, jitter: 10, loss: 0.03 }, seed: 7 }),
      }))
        assert.deepEqual(await pair.run(() => scenario(pair as Place)), expected, where)
    })
  }

  it('destroying with data unread resets', async () => {
    const scenario = async (place: Place) => {
      const { server, here, there, logs } = await meet(place, { server: { pauseOnConnect: true } })
      await new Promise<void>(resolve => here.write(Buffer.alloc(200_000), () => resolve()))
      // Over the kernel's loopback the data is there when the write is done, over ours a few turns later.
      for (let turns = 0; turns < 100; turns++) await new Promise(resolve => setImmediate(resolve))
      there.destroy()
      await Promise.all([closed(here), closed(there)])
      server.close()
      return logs
    }
    const expected = await scenario({ client: node, server: node, host: '127.0.0.1' })
    for (const pair of [memoryNets(), loopbackNet()])
      assert.deepEqual(await pair.run(() => scenario(pair as Place)), expected)
  })
})
