// Stacks in threads of their own, on the queues of one TUN, against the kernel.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'
import { kernelTest } from '../support/kernel.js'
import { atEnd } from '../support/kernel-cleanup.js'
import { MiB } from '../support/kernel-content.js'
import { type Report, RingThreads } from '../support/ring-threads.js'

const PORT = 8000
const sum = (reports: Report[], of: (report: Report) => number) => reports.reduce((n, r) => n + of(r), 0)

/** Sends random bytes; what the other side says of them must be their digest. */
async function client(host: string, length: number): Promise<void> {
  const content = randomBytes(length)
  const socket = net.connect(PORT, host)
  socket.end(content)
  assert.equal(await text(socket), createHash('sha256').update(content).digest('hex'))
}

describe('a ring of stacks in threads, on queues of one TUN', kernelTest, () => {
  it('shares the connections that the kernel opens, and each is whole', async t => {
    const threads = await RingThreads.start(t, 2, '10.51.1', PORT)
    await Promise.all(Array.from({ length: 40 }, () => client('10.51.1.2', MiB)))
    const reports = await threads.all()
    assert.equal(
      sum(reports, r => r.accepted),
      40,
    )
    for (const { accepted, failures } of reports) {
      assert.ok(accepted > 0, 'both have some')
      assert.deepEqual(failures, [])
    }
  })

  it('keeps connections of its own that were idle for so long that the kernel has forgotten whose they are', async t => {
    const threads = await RingThreads.start(t, 3, '10.51.2', PORT)
    const sockets: net.Socket[] = []
    const server = net.createServer(socket => sockets.push(socket)).listen(0, '10.51.2.1')
    atEnd(t, () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const before = await threads.all({ connect: { host: '10.51.2.1', port, count: 12 } })
    // The kernel forgets after three seconds, and looks once in each.
    await after(5000)
    for (const socket of sockets) socket.write('are you there?')
    const length = 36 * 'are you there?'.length
    let reports = before
    for (let tries = 0; sum(reports, r => r.received) < length && tries < 100; tries++) {
      await after(50)
      reports = await threads.all()
    }
    assert.equal(
      sum(reports, r => r.received),
      length,
    )
    assert.ok(sum(reports, r => r.handedOver) > 0, 'some had come to the wrong queue')
    for (const { failures, drops } of reports) assert.deepEqual([failures, drops['ring-full']], [[], 0])
    assert.ok(sockets.every(socket => socket.errored === null))
  })

  it('refuses what nobody listens to', async t => {
    await RingThreads.start(t, 2, '10.51.3', PORT)
    const socket = net.connect(PORT + 1, '10.51.3.2')
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    assert.equal(error.code, 'ECONNREFUSED')
  })
})
