import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Connection, createWeb, type WebListener } from '../../src/faces/web/index.js'
import { World } from '../../src/sim/index.js'

function pair(conditions = { delay: 10 }, tcp = {}) {
  const world = new World({ seed: 3 })
  const a = world.host('a', { tcp })
  const b = world.host('b', { tcp })
  const cable = world.connect(a, b, {
    addresses: [
      ['10.0.0.1/24', 'fd00::1/64'],
      ['10.0.0.2/24', 'fd00::2/64'],
    ],
    conditions,
  })
  return { world, cable, client: createWeb(a.stack), server: createWeb(b.stack), hosts: [a, b] as const }
}

async function readAll(connection: Connection): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of connection.readable as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function writeAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  const writer = connection.writable.getWriter()
  await writer.write(bytes)
  await writer.close()
}

async function first(listener: WebListener): Promise<Connection> {
  for await (const connection of listener) return connection
  throw new Error('closed')
}

const bytes = (n: number) => Uint8Array.from({ length: n }, (_, i) => (i * 7 + (i >> 8)) & 255)

test('streams carry bytes both ways and close properly', async () => {
  const { world, client, server } = pair()
  await world.settle(async () => {
    const listener = server.listen({ port: 80, allowHalfOpen: true })
    const accepted = first(listener)
    const connection = client.connect('10.0.0.2:80', { allowHalfOpen: true })
    assert.equal((await connection.opened).remoteAddress, '10.0.0.2:80')
    const other = await accepted
    assert.match((await other.opened).remoteAddress, /^10\.0\.0\.1:\d+$/)
    const data = bytes(300_000)
    const [, got] = await Promise.all([writeAll(connection, data), readAll(other)])
    assert.deepEqual(Buffer.from(got), Buffer.from(data))
    // The client has closed its side; the other still sends.
    const [, back] = await Promise.all([writeAll(other, bytes(100_000)), readAll(connection)])
    assert.equal(back.length, 100_000)
    await Promise.all([connection.closed, other.closed])
    listener.close()
  })
})

test('IPv6 addresses, objects, and addresses that are none', async () => {
  const { world, client, server } = pair()
  await world.settle(async () => {
    const listener = server.listen({ port: 7 })
    const connection = client.connect({ hostname: 'fd00::2', port: 7 })
    assert.equal((await connection.opened).remoteAddress, '[fd00::2]:7')
    assert.equal((await client.connect('[fd00::2]:7').opened).remoteAddress, '[fd00::2]:7')
    assert.throws(() => client.connect('nonsense'), TypeError)
    assert.throws(() => client.connect('host.example:80'), TypeError)
    assert.throws(() => client.connect('10.0.0.2:99999'), TypeError)
    listener.close()
  })
})

test('a refused connection rejects opened and closed with ECONNREFUSED', async () => {
  const { world, client } = pair()
  await world.settle(async () => {
    const connection = client.connect('10.0.0.2:81')
    await assert.rejects(connection.opened, { code: 'ECONNREFUSED' })
    await assert.rejects(connection.closed, { code: 'ECONNREFUSED' })
    await assert.rejects(connection.readable.getReader().read(), { code: 'ECONNREFUSED' })
  })
})

test('a reader that does not read closes the window, and a writer waits', async () => {
  const { world, client, server } = pair({ delay: 1 }, { receiveBuffer: 8192, sendBuffer: 8192 })
  await world.settle(async () => {
    const listener = server.listen({ port: 80 })
    const accepted = first(listener)
    const connection = client.connect('10.0.0.2:80')
    const other = await accepted
    const writer = connection.writable.getWriter()
    let written = 0
    const writing = (async () => {
      for (let i = 0; i < 100; i++) {
        await writer.ready
        await writer.write(bytes(1000))
        written++
      }
      await writer.close()
    })()
    await world.sleep(10_000)
    assert.ok(written < 30, `${written} KB written into an unread connection`)
    assert.equal(connection.status().sndWnd, 0)
    assert.equal((await readAll(other)).length, 100_000)
    await writing
    listener.close()
  })
})

test('without allowHalfOpen the end of one side closes the other', async () => {
  const { world, client, server } = pair()
  await world.settle(async () => {
    const listener = server.listen({ port: 80 })
    const accepted = first(listener)
    const connection = client.connect('10.0.0.2:80')
    const other = await accepted
    await connection.writable.close()
    assert.equal((await readAll(other)).length, 0)
    await Promise.all([connection.closed, other.closed])
    listener.close()
  })
})

test('close() ends both directions; abort() resets', async () => {
  const { world, client, server } = pair()
  await world.settle(async () => {
    const listener = server.listen({ port: 80 })
    const iterator = listener[Symbol.asyncIterator]()
    const one = client.connect('10.0.0.2:80')
    const oneOther = (await iterator.next()).value as Connection
    await Promise.all([one.close(), readAll(oneOther), oneOther.closed])
    const two = client.connect('10.0.0.2:80')
    const twoOther = (await iterator.next()).value as Connection
    two.abort()
    await assert.rejects(two.closed, { code: 'ECONNABORTED' })
    await assert.rejects(twoOther.closed, { code: 'ECONNRESET' })
    await assert.rejects(readAll(twoOther), { code: 'ECONNRESET' })
    const end = iterator.next()
    listener.close()
    assert.equal((await end).done, true)
  })
})

test('BYOB readers fill the buffer they bring', async () => {
  const { world, client, server } = pair()
  await world.settle(async () => {
    const listener = server.listen({ port: 80 })
    const accepted = first(listener)
    const connection = client.connect('10.0.0.2:80')
    const other = await accepted
    await writeAll(connection, bytes(1000))
    const reader = other.readable.getReader({ mode: 'byob' })
    const { value } = await reader.read(new Uint8Array(600))
    assert.deepEqual(Buffer.from(value!), Buffer.from(bytes(1000).subarray(0, 600)))
    const rest = await reader.read(new Uint8Array(600))
    assert.equal(rest.value!.length, 400)
    assert.equal((await reader.read(new Uint8Array(10))).done, true)
    listener.close()
  })
})

test('a chunk may be changed as soon as write is done', async () => {
  const { world, client, server } = pair()
  await world.settle(async () => {
    const listener = server.listen({ port: 80 })
    const accepted = first(listener)
    const connection = client.connect('10.0.0.2:80')
    const writer = connection.writable.getWriter()
    const chunk = bytes(5000)
    await writer.write(chunk)
    chunk.fill(0)
    await writer.close()
    assert.deepEqual(Buffer.from(await readAll(await accepted)), Buffer.from(bytes(5000)))
    listener.close()
  })
})
