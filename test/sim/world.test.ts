import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describe as describePacket } from '../../src/sim/packet.js'
import { Random } from '../../src/sim/random.js'
import { World } from '../../src/sim/world.js'
import { A, B, connect, listen, open, pair, utf8 } from '../support/worlds-pair.js'

/** Everything that a bad wire did in a small world, as text. */
function log(seed: number): string {
  const conditions = { delay: 20, jitter: 5, loss: 0.1, duplicate: 0.1, reorder: 0.1, corrupt: 0.05 }
  const p = pair({ seed, conditions })
  const lines: string[] = []
  const tap = (name: string) => (bytes: Uint8Array, fate: string, sent: number, arrives: number) =>
    void lines.push(`${name} ${fate} ${sent} ${arrives} ${Buffer.from(bytes).toString('hex')}`)
  p.cable.forward.tap = tap('there')
  p.cable.backward.tap = tap('back')
  const accepted = listen(p)
  const client = connect(p)
  p.world.at(3000, () => client.socket.send(new Uint8Array(20_000).fill(7)))
  p.world.at(3000, () => client.socket.close())
  p.world.at(60_000, () => accepted[0]?.socket.close())
  p.world.runSync()
  return lines.join('\n')
}

describe('World', () => {
  it('is the same byte for byte with the same seed, and another with another', () => {
    const first = log(1)
    assert(first.split('\n').length > 30)
    assert.equal(log(1), first)
    assert.notEqual(log(2), first)
  })

  it('does things in the order of their times, and of asking at one time; the past is now', () => {
    const world = new World({ start: 100 })
    const done: string[] = []
    const say = (what: string) => () => void done.push(`${what} ${world.now}`)
    world.at(120, say('c'))
    world.at(110, say('a'))
    world.at(120, say('d'))
    world.at(50, say('now'))
    const cancelled = world.at(115, say('never'))
    cancelled.cancelled = true
    world.at(110, () => world.at(110, say('b')))
    assert.equal(world.next, 100)
    world.runSync()
    assert.deepEqual(done, ['now 100', 'a 110', 'b 110', 'c 120', 'd 120'])
    assert.equal(world.next, Number.POSITIVE_INFINITY)
    assert.equal(world.step(), false)
  })

  it('keeps thousands of events in order', () => {
    const world = new World()
    const random = new Random(3)
    const times: number[] = []
    const events = Array.from({ length: 5000 }, () =>
      world.at(random.integer(0, 1000), () => void times.push(world.now)),
    )
    for (const event of events) event.cancelled = random.chance(0.3)
    world.runSync()
    assert.equal(times.length, events.filter(e => !e.cancelled).length)
    assert(times.every((t, i) => i === 0 || times[i - 1]! <= t))
  })

  it('runs until a time, and says whether anything is left', async () => {
    const world = new World()
    let done = 0
    world.at(10, () => done++)
    world.at(30, () => done++)
    assert.equal(await world.run(20), false)
    assert.deepEqual([world.now, done], [20, 1])
    assert.equal(await world.run(30), true)
    assert.deepEqual([world.now, done], [30, 2])
    assert.equal(await world.run(100), true)
    assert.equal(world.now, 100)
    world.runSync(200)
    assert.equal(world.now, 200)
    assert.equal(await world.run(), true)
    assert.equal(world.now, 200, 'time stands still without events')
  })

  it('sleeps and settles', async () => {
    const world = new World()
    const result = await world.settle(async () => {
      await world.sleep(1000)
      const together = [world.sleep(50), world.sleep(20).then(() => world.sleep(40))]
      await Promise.all(together)
      return world.now
    })
    assert.equal(result, 1060)
    assert.equal(await world.settle(Promise.resolve('done')), 'done')
    await assert.rejects(world.settle(Promise.reject(new Error('mine'))), /mine/)
  })

  it('says that work did not finish in time', async () => {
    const world = new World({ seed: 42 })
    await assert.rejects(
      world.settle(() => world.sleep(1000), 999),
      {
        message: 'world (seed 42) did not finish within 999 ms',
      },
    )
    const again = new World()
    await again.settle(() => again.sleep(1000), 1000)
  })

  it('says that everything came to rest before the work was done', async () => {
    const world = new World({ seed: 7 })
    const never = async () => {
      await world.sleep(5)
      await new Promise(() => {})
    }
    await assert.rejects(world.settle(never), {
      message: 'world (seed 7) came to rest at 5 ms with work undone',
    })
  })

  it('passes on what an event throws', async () => {
    for (const run of [
      (w: World) => w.run(),
      (w: World) => w.settle(w.sleep(10)),
      async (w: World) => w.runSync(),
    ]) {
      const world = new World()
      world.at(5, () => {
        throw new Error('from an event')
      })
      await assert.rejects(run(world), /from an event/)
    }
  })

  it('passes on what a handler throws, once the stack has dealt with it', async () => {
    for (const run of [
      (w: World) => w.run(),
      (w: World) => w.settle(w.sleep(1000)),
      async (w: World) => w.runSync(),
    ]) {
      const p = pair()
      listen(p)
      const client = connect(p)
      client.open = () => {
        throw new Error('from a handler')
      }
      await assert.rejects(run(p.world), /from a handler/)
      assert.equal(client.socket.state, 'ESTABLISHED')
      assert.equal(p.world.errors.length, 1)
    }
  })

  it('gives each host randomness of its own', () => {
    const isns = [1, 2].map(seed => {
      const p = pair({ seed })
      listen(p)
      const isn = connect(p).socket.tcb.iss
      const other = p.b.stack.connect({ remote: A, port: 9 }).tcb.iss
      assert.notEqual(isn, other)
      return isn
    })
    assert.notEqual(isns[0], isns[1])
  })

  it('begins when it is told to', () => {
    const p = pair({ start: 1e9 })
    const { client } = open(p)
    assert.equal(p.world.now, 1e9 + 1000)
    assert.equal(client.socket.state, 'ESTABLISHED')
    const shift =
      (pair({ start: 4 }).a.stack.connect({ remote: B, port: 1, localPort: 2 }).tcb.iss -
        pair({ start: 0 }).a.stack.connect({ remote: B, port: 1, localPort: 2 }).tcb.iss) |
      0
    assert.equal(shift, 1000, 'ISNs move by 250 for each ms, and nothing else')
  })

  it('lets a day pass in no time', () => {
    const p = pair()
    const { client, server } = open(p)
    client.socket.setKeepAlive(true, 60_000)
    let steps = 0
    while (p.world.next < 86_400_000) {
      p.world.step()
      steps++
    }
    assert.equal(server.socket.state, 'ESTABLISHED')
    assert(steps < 10 * 24 * 60, `${steps} steps`)
  })
})

describe('a host', () => {
  it('forgets everything when it reboots, and tells nobody', () => {
    const p = pair()
    const { client, server } = open(p)
    const before = p.b.stack
    p.b.reboot()
    assert.notEqual(p.b.stack, before)
    client.socket.send(utf8('are you there?'))
    p.world.runSync()
    assert.deepEqual(client.told, ['open', 'closed ECONNRESET'])
    assert.deepEqual(server.told, [])
    assert.equal(p.b.stack.counters.noListener, 1)
  })

  it('may have cables to several others', () => {
    const p = pair()
    const c = p.world.host('c')
    p.world.connect(p.b, c, {
      addresses: [['10.1.0.1/24'], ['10.1.0.2/24']],
      conditions: [{ delay: 1 }, { delay: 2 }],
    })
    assert.deepEqual(
      p.b.stack.interfaces.map(i => i.name),
      ['lo', 'to-a', 'to-c'],
    )
    const accepted = listen(p)
    let syn = 0
    c.stack.connect({ remote: p.b.stack.interfaces[2]!.addresses[0]!.address, port: 80 })
    p.cable.forward.intercept(packet => {
      syn += describePacket(packet.bytes).has('SYN') ? 1 : 0
      return 'pass'
    })
    p.world.runSync(100)
    assert.deepEqual([accepted.length, syn], [1, 0])
  })
})

describe('Random', () => {
  it('is even, and forks without disturbing', () => {
    const random = new Random(5)
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) counts[random.integer(0, 9)]!++
    assert(
      counts.every(n => n > 850 && n < 1150),
      `${counts}`,
    )
    const [a, b] = [new Random(9), new Random(9)]
    const fork = a.fork()
    b.fork()
    for (let i = 0; i < 100; i++) fork.next()
    assert.equal(a.next(), b.next())
    assert.notEqual(new Random(1).next(), new Random(2).next())
    assert.notEqual(new Random(1).next(), new Random(1 + 2 ** 32).next())
  })

  it('has its bounds', () => {
    const random = new Random(1)
    for (let i = 0; i < 1000; i++) {
      const x = random.next()
      assert(x >= 0 && x < 1)
      assert.equal(random.chance(0), false)
      assert.equal(random.chance(1), true)
      assert([1, 2, 3].includes(random.pick([1, 2, 3])))
    }
    const bytes = new Uint8Array(1000)
    random.fill(bytes)
    assert(new Set(bytes).size > 200)
  })
})
