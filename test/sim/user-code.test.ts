import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import type { Socket } from '../../src/stack/socket.js'
import { connect, listen, open, type Pair, pair, utf8 } from '../support/worlds-pair.js'

/** What a connection brings, for `for await`; wakes the world whenever it wakes whoever reads. */
async function* incoming({ world }: Pair, socket: Socket): AsyncGenerator<Uint8Array> {
  let wake = () => {}
  socket.handler = { ...socket.handler, readable: () => wake(), end: () => wake() }
  for (;;) {
    const bytes = socket.receive()
    if (bytes) yield bytes
    else if (socket.atEnd) return
    else
      await new Promise<void>(resolve => {
        wake = () => {
          world.woke()
          resolve()
        }
      })
  }
}

const text = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  let all = ''
  for await (const chunk of chunks) all += new TextDecoder().decode(chunk)
  return all
}

describe('user code in a world', () => {
  it('may be promises and async iterators', async () => {
    const p = pair()
    const { client, server } = open(p)
    const result = await p.world.settle(async () => {
      const reading = text(incoming(p, server.socket))
      for (const word of ['a', 'b', 'c']) {
        client.socket.send(utf8(word))
        await p.world.sleep(100)
      }
      client.socket.close()
      return reading
    }, 10_000)
    assert.equal(result, 'abc')
    // The FIN was sent at 1300 and took 10 ms.
    assert.equal(p.world.now, 1310)
  })

  it('gets to run at the very instant at which it is woken', async () => {
    const p = pair()
    const { client, server } = open(p)
    const times: number[] = []
    const echo = async () => {
      for await (const bytes of incoming(p, server.socket)) {
        for (let i = 0; i < 20; i++) await null
        times.push(p.world.now)
        server.socket.send(bytes)
      }
    }
    void echo()
    client.socket.setNoDelay(true)
    client.socket.send(utf8('1'))
    p.world.at(1500, () => client.socket.send(utf8('2')))
    await p.world.run(2000)
    assert.deepEqual(times, [1010, 1510])
    assert.deepEqual(client.told, ['open', 'read 1', 'read 1'])
  })

  it('runs once more before the world comes to rest, even if nobody said that it was woken', async () => {
    const p = pair()
    listen(p)
    const client = connect(p)
    const opened = new Promise<void>(resolve => {
      client.open = resolve
    })
    let at = 0
    void opened
      .then(() => null)
      .then(() => null)
      .then(() => p.world.sleep(5))
      .then(() => {
        at = p.world.now
      })
    await p.world.run()
    assert.equal(at, 25)
  })

  it('may be WHATWG streams', async () => {
    const p = pair()
    const { client, server } = open(p)
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < 50; i++) controller.enqueue(new Uint8Array(1000).fill(i))
        controller.close()
      },
    })
    const sink = new WritableStream<Uint8Array>({
      write: async chunk => {
        client.socket.send(chunk)
        await p.world.sleep(1)
      },
      close: () => client.socket.close(),
    })
    const iterator = incoming(p, server.socket)
    const arriving = new ReadableStream<Uint8Array>({
      pull: async controller => {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
    })
    let bytes = 0
    await p.world.settle(
      Promise.all([
        source.pipeTo(sink),
        arriving.pipeTo(new WritableStream({ write: chunk => void (bytes += chunk.length) })),
      ]),
      60_000,
    )
    assert.equal(bytes, 50_000)
  })

  it('may be streams of Node', async () => {
    const p = pair()
    const { client, server } = open(p)
    const sink = new Writable({
      write: (chunk: Uint8Array, _encoding, done) => {
        client.socket.send(chunk)
        void p.world.sleep(1).then(() => done())
      },
      final: done => {
        client.socket.close()
        done()
      },
    })
    let bytes = 0
    const count = new Writable({
      write: (chunk: Uint8Array, _encoding, done) => {
        bytes += chunk.length
        done()
      },
    })
    const chunks = Array.from({ length: 50 }, (_, i) => new Uint8Array(1000).fill(i))
    const arriving = Readable.from(incoming(p, server.socket))
    await p.world.settle(
      Promise.all([pipeline(Readable.from(chunks), sink), pipeline(arriving, count)]),
      60_000,
    )
    assert.equal(bytes, 50_000)
    if (!sink.closed) await once(sink, 'close')
  })
})
