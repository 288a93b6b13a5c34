import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import * as http from 'node:http'
import { describe, it } from 'node:test'
import { createAgent, createNet, inWorld, type Server, type Socket } from '../../src/faces/net/index.js'
import { World } from '../../src/sim/world.js'
import type { Link, LinkReceiver } from '../../src/stack/link.js'
import { type PairOptions, SERVER, worldNets } from '../support/world-net.js'

/** Against hangs only. */
const options = { timeout: 60_000 }

/** A world in which one connection is open. */
async function meet(settings: PairOptions & { serverOptions?: object; clientOptions?: object } = {}) {
  const pair = worldNets(settings)
  const { world, client, server } = pair
  const listener: Server = server.createServer(settings.serverOptions).listen(80)
  const here: Socket = client.connect({ port: 80, host: SERVER, ...settings.clientOptions })
  const [[there]] = (await settle(
    world,
    Promise.all([once(listener, 'connection'), once(here, 'connect')]),
  )) as unknown as [[Socket]]
  return { ...pair, listener, here, there }
}

/** A day of virtual time is more than anything here takes; a world that goes on for ever would never return. */
const settle = <T>(world: World, work: Promise<T> | (() => Promise<T>)): Promise<T> =>
  world.settle(work, 86_400_000)

const noise = (length: number) => {
  const bytes = Buffer.alloc(length)
  let x = 1
  for (let i = 0; i < length; i++) bytes[i] = (x = (Math.imul(x, 1103515245) + 12345) | 0) >>> 16
  return bytes
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('backpressure', options, () => {
  it('closes the window when nobody reads, and opens it again', async () => {
    const buffer = 100_000
    const { world, here, there } = await meet({
      tcp: { receiveBuffer: buffer, sendBuffer: 50_000 },
      serverOptions: { pauseOnConnect: true },
    })
    const bytes = noise(1_000_000)
    const written: number[] = []
    let at = 0
    const pump = () => {
      while (at < bytes.length) {
        const end = Math.min(at + 40_000, bytes.length)
        const more = here.write(bytes.subarray(at, end), () => written.push(end))
        at = end
        if (!more) {
          here.once('drain', pump)
          return
        }
      }
      here.end()
    }
    pump()
    await world.run(world.now + 10_000)
    assert.equal(there.bytesRead, 0)
    assert.equal(there.tcp?.receiveQueued, buffer)
    assert.equal(here.tcp?.status().sndWnd, 0)
    assert.equal(here.tcp?.status().limitedBy, 'receiver')
    // The window, the send queue with the write that overfilled it, and no more, has left the program.
    assert.ok(
      here.tcp.sendQueued >= 50_000 && here.tcp.sendQueued < 50_000 + 40_000,
      `${here.tcp.sendQueued}`,
    )
    assert.ok(at <= buffer + 50_000 + 2 * 40_000, `${at}`)
    assert.equal(here.writableLength, 40_000)
    assert.ok(written.at(-1)! <= at - 40_000)

    const parts: Buffer[] = []
    there.on('data', part => parts.push(part))
    there.resume()
    await settle(world, once(there, 'end'))
    assert.equal(sha(Buffer.concat(parts)), sha(bytes))
    assert.equal(written.at(-1), bytes.length)
  })

  it('a reader that pauses in its listener gets a little more, and then nothing', async () => {
    const { world, here, there } = await meet({ tcp: { receiveBuffer: 65_536 } })
    let n = 0
    there.on('data', part => {
      n += part.length
      there.pause()
    })
    here.write(noise(500_000))
    await world.run(world.now + 5_000)
    const first = n
    assert.ok(first > 0)
    assert.ok(there.readableLength >= there.readableHighWaterMark)
    assert.ok(there.readableLength < there.readableHighWaterMark + 65_536)
    assert.equal(there.tcp?.receiveQueued, 65_536)
    await world.run(world.now + 5_000)
    assert.equal(n, first)
    there.removeAllListeners('data')
    there.on('data', part => {
      n += part.length
    })
    there.resume()
    here.end()
    await settle(world, once(there, 'end'))
    assert.equal(n, 500_000)
  })

  it('what is read is not copied', async () => {
    const { world, here, there } = await meet()
    const tcp = there.tcp!
    const given: Uint8Array[] = []
    const receive = tcp.receive.bind(tcp)
    tcp.receive = max => {
      const bytes = receive(max)
      if (bytes) given.push(bytes)
      return bytes
    }
    here.write(noise(100_000))
    const parts: Buffer[] = []
    there.on('data', part => parts.push(part))
    await world.run(world.now + 1000)
    const where = ({ buffer, byteOffset, length }: Uint8Array) => ({ buffer, byteOffset, length })
    assert.deepEqual(parts.map(where), given.map(where))
    assert.ok(parts.every((part, i) => part.buffer === given[i].buffer))
    assert.equal(sha(Buffer.concat(parts)), sha(noise(100_000)))
  })

  it('a buffer can be used again when its callback is called, though it is not yet acknowledged', async () => {
    const { world, here, there, forward } = await meet()
    forward.connected = false
    const chunk = Buffer.from('first ')
    here.write(chunk, () => chunk.fill('x'))
    here.write(new Uint8Array([65, 66, 67]))
    const text = 'ünïcode'
    here.end(text)
    await world.run(world.now + 100)
    assert.equal(chunk.toString(), 'xxxxxx')
    forward.connected = true
    let received = ''
    there.setEncoding('utf8')
    there.on('data', part => {
      received += part
    })
    await settle(world, once(there, 'end'))
    assert.equal(received, `first ABC${text}`)
  })

  it('survives losses, reordering and corruption', async () => {
    const { world, here, there } = await meet({
      seed: 11,
      conditions: { delay: 10, loss: 0.02, reorder: 0.02, corrupt: 0.01, duplicate: 0.01 },
    })
    const bytes = noise(2_000_000)
    const hash = createHash('sha256')
    there.on('data', part => hash.update(part))
    here.end(bytes)
    await settle(world, once(there, 'end'))
    assert.equal(hash.digest('hex'), sha(bytes))
    assert.ok(here.tcp!.status().segmentsRetransmitted > 0)
  })
})

describe('idle timeouts', options, () => {
  it('come after silence, once, and again after more activity', async () => {
    const { world, here, there } = await meet({ conditions: { delay: 5 } })
    const start = world.now
    const at: number[] = []
    here.setTimeout(1000, () => at.push(world.now - start))
    here.on('timeout', () => at.push(world.now - start))
    assert.equal(here.timeout, 1000)
    there.resume()
    world.at(start + 400, () => void here.write('x'))
    world.at(start + 800, () => void there.write('y'))
    await world.run(start + 5000)
    // The callback is for the first time only. The answer takes 5 ms.
    assert.deepEqual(at, [1805, 1805])
    world.at(start + 6000, () => void here.write('x'))
    await world.run(start + 10_000)
    assert.deepEqual(at, [1805, 1805, 7000])
    assert.equal(here.destroyed, false)
  })

  it('are turned off by zero, and by the end', async () => {
    const { world, here } = await meet()
    let times = 0
    const count = () => times++
    here.setTimeout(1000, count)
    here.setTimeout(0, count)
    assert.equal(here.listenerCount('timeout'), 0)
    await world.run(world.now + 5000)
    here.setTimeout(1000, count)
    here.destroy()
    await world.run(world.now + 5000)
    assert.equal(times, 0)
    assert.equal(here.setTimeout(7).timeout, 1000)
    assert.throws(() => worldNets().client.connect(1, SERVER).setTimeout(-1), { code: 'ERR_OUT_OF_RANGE' })
    assert.throws(
      () =>
        worldNets()
          .client.connect(1, SERVER)
          .setTimeout('1' as never),
      {
        code: 'ERR_INVALID_ARG_TYPE',
      },
    )
  })

  it('also run while connecting', async () => {
    const { world, client, forward } = worldNets()
    forward.connected = false
    const socket = client.connect({ port: 80, host: SERVER, timeout: 3000 })
    await settle(world, once(socket, 'timeout'))
    assert.equal(world.now, 3000)
    assert.equal(socket.connecting, true)
    socket.destroy()
    await settle(world, once(socket, 'close'))
  })

  it('do not come while a write makes progress', async () => {
    const { world, here, there } = await meet({
      tcp: { sendBuffer: 20_000 },
      conditions: { delay: 5, rate: 100_000 },
    })
    there.resume()
    const at: number[] = []
    here.on('timeout', () => at.push(world.now))
    here.setTimeout(1500)
    const start = world.now
    // 100,000 bytes take 8 s and more.
    let writtenAt = 0
    here.write(noise(100_000), () => {
      writtenAt = world.now
    })
    await world.run(start + 20_000)
    assert.ok(writtenAt > start + 5000)
    assert.deepEqual(at, [writtenAt + 1500])
  })
})

describe('what ends a connection', options, () => {
  it('nobody answers: ETIMEDOUT', async () => {
    const { world, client, forward } = worldNets()
    forward.connected = false
    const socket = client.connect(80, SERVER)
    const error = await settle(world, failure(socket))
    assert.equal(error.message, 'connect ETIMEDOUT 10.0.0.2:80')
    assert.deepEqual(
      { ...error },
      { errno: -110, code: 'ETIMEDOUT', syscall: 'connect', address: SERVER, port: 80 },
    )
    assert.ok(world.now >= 180_000)
  })

  it('there is no such neighbour: EHOSTUNREACH, after seconds and not after minutes', async () => {
    const world = new World()
    const host = world.host('alone')
    host.stack.addInterface(new Silence(), { addresses: ['10.0.0.1/24'] })
    const socket = createNet(host.stack, inWorld(world)).connect(80, '10.0.0.9')
    const error = await settle(world, failure(socket))
    assert.equal(error.message, 'connect EHOSTUNREACH 10.0.0.9:80')
    assert.equal(error.errno, -113)
    assert.ok(world.now < 10_000, `${world.now}`)
    assert.equal(socket.destroyed, true)
  })

  it('there is no route: ENETUNREACH', async () => {
    const { world, client } = worldNets()
    const error = await settle(world, failure(client.connect(80, '192.0.2.1')))
    assert.equal(error.message, 'connect ENETUNREACH 192.0.2.1:80')
    assert.deepEqual([error.code, error.syscall, error.errno], ['ENETUNREACH', 'connect', -101])
  })

  it('the peer is gone and keep-alive notices', async () => {
    const { world, here, forward } = await meet({
      clientOptions: { keepAlive: true, keepAliveInitialDelay: 10_000 },
    })
    forward.connected = false
    const start = world.now
    here.resume()
    const error = await settle(world, failure(here))
    assert.equal(error.message, 'read ETIMEDOUT')
    // Ten seconds of silence, nine probes 75 s apart.
    assert.ok(Math.abs(world.now - start - (10_000 + 9 * 75_000)) < 100, `${world.now - start}`)
  })

  it('without keep-alive nothing notices', async () => {
    const { world, here, forward } = await meet()
    forward.connected = false
    here.setKeepAlive(true, 1000).setKeepAlive(false)
    await world.run(world.now + 86_400_000)
    assert.equal(here.readyState, 'open')
  })

  it('a server asks for keep-alive and no delay for each of its connections', async () => {
    const { here, there } = await meet({
      serverOptions: { keepAlive: true, keepAliveInitialDelay: 5000, noDelay: true },
    })
    assert.equal(there.tcp?.tcb.keepAlive, true)
    assert.equal(there.tcp?.tcb.keepAliveIdle, 5000)
    assert.equal(there.tcp?.tcb.nagle, false)
    assert.equal(here.tcp?.tcb.nagle, true)
    here.setNoDelay()
    assert.equal(here.tcp?.tcb.nagle, false)
    here.setNoDelay(false)
    assert.equal(here.tcp?.tcb.nagle, true)
  })

  it('data written is not answered: whoever reads hears of it by reading', async () => {
    const { world, here, forward } = await meet({ tcp: { sendBuffer: 10_000 } })
    forward.connected = false
    let written: unknown
    here.write(noise(20_000), error => {
      written = error
    })
    assert.equal((await settle(world, failure(here))).message, 'read ETIMEDOUT')
    assert.equal(written, null)
  })

  it('data written is not answered: whoever cannot read any more hears of it by writing', async () => {
    const { world, here, there, forward } = await meet({
      tcp: { sendBuffer: 10_000 },
      clientOptions: { allowHalfOpen: true },
    })
    there.end()
    // Nor does it hear that its FIN arrived.
    there.on('error', () => {})
    here.resume()
    await settle(world, once(here, 'end'))
    forward.connected = false
    let written: unknown
    here.write(noise(20_000), error => {
      written = error
    })
    const error = await settle(world, failure(here))
    assert.equal(error.message, 'write ETIMEDOUT')
    assert.equal(written, error)
  })

  it('the other side closes and does not read: EPIPE at the next write', async () => {
    const { world, here, there } = await meet({ clientOptions: { allowHalfOpen: true } })
    here.resume()
    there.destroy()
    await settle(world, once(here, 'end'))
    here.write('into the void')
    await world.run(world.now + 1000)
    // As on Linux: the first write is answered by a reset, and the next one meets it.
    assert.equal(here.tcp?.state, 'CLOSED')
    assert.equal(here.destroyed, false)
    here.write('again')
    assert.equal((await settle(world, failure(here))).message, 'write EPIPE')
  })

  it('the stack is closed', async () => {
    const { world, client, here, there } = await meet()
    const failed = failure(here)
    const reset = failure(there)
    client.stack.close()
    assert.equal((await settle(world, failed)).message, 'read ECONNABORTED')
    assert.equal((await settle(world, reset)).message, 'read ECONNRESET')
  })

  it('half-closed data with a full close behind it arrives', async () => {
    const { world, here, there } = await meet({ serverOptions: { pauseOnConnect: true } })
    here.end(noise(300_000))
    await world.run(world.now + 10_000)
    const parts: Buffer[] = []
    there.on('data', part => parts.push(part))
    there.resume()
    await settle(world, once(there, 'close'))
    assert.equal(sha(Buffer.concat(parts)), sha(noise(300_000)))
  })

  it('data that is read after TIME_WAIT began, or ended, is still there', async () => {
    for (const wait of [1_000, 200_000]) {
      const { world, here, there } = await meet({ clientOptions: { allowHalfOpen: true } })
      here.pause()
      there.resume()
      here.end()
      there.write(noise(200_000))
      there.end()
      await world.run(world.now + wait)
      const parts: Buffer[] = []
      here.on('data', part => parts.push(part))
      here.resume()
      await settle(world, once(here, 'close'))
      assert.equal(sha(Buffer.concat(parts)), sha(noise(200_000)), `${wait}`)
    }
  })

  it('leaves nothing behind in the stacks', async () => {
    const { world, client, server, here, there, listener } = await meet()
    there.resume()
    here.end('bye')
    here.resume()
    listener.close()
    await settle(world, once(listener, 'close'))
    await world.run(world.now + 1000)
    assert.deepEqual(client.stack.census, { sockets: 0, halfOpen: 0, timeWait: 1, listeners: 0 })
    assert.deepEqual(server.stack.census, { sockets: 0, halfOpen: 0, timeWait: 0, listeners: 0 })
    assert.equal(await world.run(), true)
    assert.equal(client.stack.census.timeWait, 0)
  })
})

describe('worlds', options, () => {
  it('the same seed gives the same packets at the same times, streams and all', async () => {
    const once1 = async () => {
      const packets: string[] = []
      const { world, client, server, forward, backward } = worldNets({
        seed: 5,
        conditions: { delay: 10, jitter: 3, loss: 0.05 },
      })
      for (const [name, wire] of Object.entries({ forward, backward }))
        wire.tap = (bytes, fate, sentAt) => packets.push(`${name} ${sentAt} ${fate} ${sha(bytes)}`)
      server.createServer(socket => socket.pipe(socket)).listen(7)
      const socket = client.connect(7, SERVER)
      socket.end(noise(200_000))
      socket.resume()
      await settle(world, once(socket, 'close'))
      return packets
    }
    const [a, b] = [await once1(), await once1()]
    assert.ok(a.length > 100)
    assert.deepEqual(a, b)
  })

  it('an error thrown by a listener is the world’s', async () => {
    const { world, here, there } = await meet()
    there.on('data', () => {
      throw new Error('thrown by the program')
    })
    here.write('x')
    await assert.rejects(world.run(world.now + 1000), /thrown by the program/)
  })
})

/** The error a socket is destroyed with. */
const failure = (socket: Socket): Promise<NodeJS.ErrnoException> =>
  new Promise((resolve, reject) => {
    socket.once('error', resolve)
    socket.once('close', hadError => {
      if (!hadError) reject(new Error('closed without an error'))
    })
  })

/** An Ethernet with nobody on it. */
class Silence implements Link {
  readonly kind = 'ethernet'
  readonly mtu = 1500
  readonly hardwareAddress = Uint8Array.of(2, 0, 0, 0, 0, 1)
  attach(_receiver: LinkReceiver): void {}
  send(): boolean {
    return true
  }
  close(): void {}
}

describe('Fast Open', options, () => {
  it('what is written in the turn of connect() rides on the SYN, from the second connection on', async () => {
    const { world, client, server, run } = worldNets()
    const listener: Server = server.createServer(socket => socket.on('data', bytes => socket.end(bytes)))
    listener.listen({ port: 80, fastOpen: 16 })
    const ask = () =>
      run(async () => {
        const began = world.now
        const socket = client.connect({ port: 80, host: SERVER, fastOpen: true })
        const told: unknown[] = []
        socket.on('connect', () => told.push('connect'))
        socket.write('echo', error => told.push(error ?? 'written'))
        const [answer] = (await once(socket, 'data')) as [Buffer]
        const took = world.now - began
        const { synData } = socket.tcp!.status()
        await once(socket, 'close')
        return { answer: answer.toString(), took, synData, told, sent: socket.bytesWritten }
      })
    const common = { answer: 'echo', told: ['connect', 'written'], sent: 4 }
    assert.deepEqual(await ask(), { ...common, took: 20, synData: false })
    assert.deepEqual(await ask(), { ...common, took: 10, synData: true })
  })

  it('over http, in one round trip', async () => {
    const { world, client, server, run } = worldNets()
    server.serve(
      http.createServer((_, response) => response.end('yes')),
      { port: 80, fastOpen: 16 },
    )
    const agent = createAgent({
      ...client,
      connect: ((target: object) => client.connect({ ...target, port: 80, fastOpen: true })) as never,
    })
    const get = () =>
      run(
        () =>
          new Promise<number>((resolve, reject) => {
            const began = world.now
            const headers = { connection: 'close' }
            http
              .get({ host: SERVER, port: 80, agent, headers }, response => {
                const took = world.now - began
                response.resume().on('end', () => resolve(took))
              })
              .on('error', reject)
          }),
      )
    assert.deepEqual([await get(), await get()], [20, 10])
  })

  it('a number that is none is refused', () => {
    const { server } = worldNets()
    assert.throws(() => server.createServer().listen({ port: 80, fastOpen: 'x' as never }), TypeError)
  })
})
