import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { type Conditions, type Fate, Wire, WireLink } from '../../src/sim/wire.js'
import { World } from '../../src/sim/world.js'

interface Arrival {
  at: number
  number: number
  bytes: Uint8Array
}

/** One wire, and what comes out of it. Packets are 100 bytes, numbered in their first four. */
function lay(conditions: Conditions, seed = 1) {
  const world = new World({ seed })
  const wire = new Wire(
    { now: () => world.now, at: (time, run) => void world.at(time, run) },
    new Random(seed),
    conditions,
  )
  const arrivals: Arrival[] = []
  const batches: number[] = []
  const fates: [Fate, number, number][] = []
  let batch = 0
  wire.receiver = {
    packet: (bytes, offset, length) => {
      const copy = bytes.slice(offset, offset + length)
      arrivals.push({ at: world.now, number: new DataView(copy.buffer).getUint32(0), bytes: copy })
      batch++
    },
    batchEnd: () => {
      batches.push(batch)
      batch = 0
    },
    failed: error => {
      throw error
    },
  }
  wire.tap = (_bytes, fate, sentAt, arrivesAt) => fates.push([fate, sentAt, arrivesAt])
  let count = 0
  const send = (length = 100) => {
    const bytes = new Uint8Array(length)
    new DataView(bytes.buffer).setUint32(0, count++)
    wire.send(bytes)
  }
  /** Sends `n` packets, one each `every` ms, and waits for all. */
  const stream = (n: number, every: number) => {
    for (let i = 0; i < n; i++) world.at(world.now + i * every, () => send())
    world.runSync()
  }
  return { world, wire, arrivals, batches, fates, send, stream }
}

const numbers = (arrivals: Arrival[]) => arrivals.map(a => a.number)
const times = (arrivals: Arrival[]) => arrivals.map(a => a.at)
const inOrder = (list: number[]) => list.every((n, i) => i === 0 || list[i - 1]! <= n)

/** A count of `n` chances of `p` lies within five standard deviations. */
function near(count: number, n: number, p: number): void {
  const deviation = Math.sqrt(n * p * (1 - p))
  assert(Math.abs(count - n * p) <= 5 * deviation, `${count} of ${n}, not about ${n * p}`)
}

describe('Wire', () => {
  it('without conditions delivers at once, but not inside send, and in one batch', () => {
    const { world, arrivals, batches, send } = lay({})
    send()
    send()
    assert.deepEqual(arrivals, [])
    world.runSync()
    assert.deepEqual(numbers(arrivals), [0, 1])
    assert.deepEqual([world.now, batches], [0, [2]])
  })

  it('delays', () => {
    const { arrivals, batches, stream } = lay({ delay: 25 })
    stream(3, 10)
    assert.deepEqual(times(arrivals), [25, 35, 45])
    assert.deepEqual(batches, [1, 1, 1])
  })

  it('takes time for each bit, and packets wait for the line', () => {
    const { world, arrivals, send } = lay({ delay: 5, rate: 80_000 })
    // 10 ms for 100 bytes.
    send()
    send()
    send(50)
    world.runSync()
    assert.deepEqual(times(arrivals), [15, 25, 30])
    world.at(100, () => send())
    world.runSync()
    assert.equal(arrivals[3]!.at, 115, 'the line was free again')
  })

  it('drops from the tail of a full queue, and what was dropped takes no time', () => {
    const { world, wire, arrivals, fates, send } = lay({ rate: 80_000, queue: 250 })
    for (let i = 0; i < 5; i++) send()
    world.runSync()
    assert.deepEqual(numbers(arrivals), [0, 1])
    assert.deepEqual(times(arrivals), [10, 20])
    assert.deepEqual([wire.sent, wire.lost], [5, 3])
    assert.deepEqual(
      fates.map(f => f[0]),
      ['delivered', 'delivered', 'lost', 'lost', 'lost'],
    )
    send()
    world.runSync()
    assert.deepEqual(times(arrivals), [10, 20, 30])
  })

  it('lets one packet through a queue that is smaller', () => {
    const { world, arrivals, send } = lay({ rate: 80_000, queue: 10 })
    send()
    send()
    world.runSync()
    assert.deepEqual(numbers(arrivals), [0])
  })

  it('loses as many as it was told, and says so', () => {
    for (const loss of [0.01, 0.3]) {
      const { wire, arrivals, fates, stream } = lay({ loss, delay: 1 })
      stream(10_000, 1)
      near(wire.lost, 10_000, loss)
      assert.equal(arrivals.length, 10_000 - wire.lost)
      assert(inOrder(numbers(arrivals)))
      const lost = fates.filter(f => f[0] === 'lost')
      assert.equal(lost.length, wire.lost)
      assert(lost.every(f => Number.isNaN(f[2])))
    }
    const { wire, stream } = lay({ loss: 1 })
    stream(100, 1)
    assert.equal(wire.lost, 100)
  })

  it('jitters evenly and keeps the order', () => {
    const { arrivals, stream } = lay({ delay: 10, jitter: 8 })
    stream(5000, 20)
    const extra = arrivals.map(a => a.at - a.number * 20 - 10)
    assert(extra.every(ms => ms >= 0 && ms < 8))
    const mean = extra.reduce((sum, ms) => sum + ms, 0) / extra.length
    assert(Math.abs(mean - 4) < 0.2, `mean ${mean}`)
    const close = lay({ delay: 10, jitter: 8 })
    close.stream(1000, 1)
    assert.deepEqual(
      numbers(close.arrivals),
      Array.from({ length: 1000 }, (_, i) => i),
    )
  })

  it('reorders by holding back', () => {
    const { arrivals, stream } = lay({ delay: 10, reorder: 0.2, reorderDelay: 2.5 })
    stream(5000, 1)
    const late = arrivals.filter(a => a.at === a.number + 12.5).length
    near(late, 5000, 0.2)
    assert.equal(arrivals.filter(a => a.at === a.number + 10).length, 5000 - late)
    assert(!inOrder(numbers(arrivals)))
    const half = lay({ delay: 10, reorder: 1 })
    half.stream(1, 1)
    assert.deepEqual(times(half.arrivals), [15], 'half the delay if nothing is said')
  })

  it('duplicates', () => {
    const { arrivals, fates, stream } = lay({ delay: 1, duplicate: 0.1 })
    stream(5000, 1)
    const copies = arrivals.length - 5000
    near(copies, 5000, 0.1)
    assert.equal(fates.filter(f => f[0] === 'duplicated').length, copies)
    assert.equal(new Set(numbers(arrivals)).size, 5000)
  })

  it('corrupts one bit of a packet, not of its copy', () => {
    const { arrivals, fates, stream } = lay({ corrupt: 0.1, duplicate: 1 })
    stream(5000, 1)
    const flipped = (a: Arrival) =>
      a.bytes.reduce((sum, byte, i) => sum + bits(i < 4 ? byte ^ original(a.number, i) : byte), 0)
    const broken = fates.filter(f => f[0] === 'corrupted').length
    near(broken, 5000, 0.1)
    const first = arrivals.filter((_, i) => i % 2 === 0)
    const copies = arrivals.filter((_, i) => i % 2 === 1)
    const clean = first.filter(a => a.bytes.subarray(4).every(b => b === 0))
    assert(clean.length >= 5000 - broken)
    assert(copies.every((a, i) => a.number === i && flipped(a) === 0))
    assert(first.every(a => a.bytes.subarray(4).reduce((sum, b) => sum + bits(b), 0) <= 1))
  })

  it('is dead while the plug is pulled, for what is on its way too', () => {
    const { world, wire, arrivals, fates, send } = lay({ delay: 10 })
    send()
    world.at(5, () => {
      wire.connected = false
      send()
    })
    world.at(50, () => {
      wire.connected = true
      send()
    })
    world.runSync()
    assert.deepEqual(numbers(arrivals), [2])
    assert.deepEqual(
      fates.map(f => f[0]),
      ['delivered', 'lost', 'delivered'],
    )
  })

  it('follows conditions that change', () => {
    const { world, wire, arrivals, send } = lay({ delay: 10 })
    send()
    world.runSync()
    wire.conditions = { delay: 100 }
    send()
    world.runSync()
    assert.deepEqual(times(arrivals), [10, 110])
  })
})

describe('a wire whose clock calls late', () => {
  /** As timers of a real machine do: each 10 ms it calls what has become due, while time goes on. */
  function lateClock() {
    const waiting: { time: number; run: () => void }[] = []
    let now = 0
    const clock = { now: () => now, at: (time: number, run: () => void) => void waiting.push({ time, run }) }
    const pass = (until: number) => {
      for (; now <= until; now += 10)
        for (const due of waiting.filter(w => w.time <= now).sort((a, b) => a.time - b.time)) {
          waiting.splice(waiting.indexOf(due), 1)
          due.run()
        }
    }
    return { clock, pass, now: () => now }
  }

  for (const conditions of [
    { rate: 800_000, delay: 3 },
    { rate: 800_000, delay: 3, aqm: { kind: 'codel', target: 1000 } },
    { trace: [1, 2, 3], delay: 3 },
  ] satisfies Conditions[])
    it(`loses no rate: ${JSON.stringify(conditions)}`, () => {
      const { clock, pass, now } = lateClock()
      const wire = new Wire(clock, new Random(1), conditions)
      const arrivals: number[] = []
      wire.receiver = {
        packet: () => void arrivals.push(now()),
        batchEnd: () => {},
        failed: error => assert.fail(error),
      }
      const size = 'trace' in conditions ? 1500 : 100
      for (let i = 0; i < 200; i++) wire.send(new Uint8Array(size))
      pass(220)
      assert.equal(arrivals.length, 200, 'one each ms, and 20 ms for the delay and the last timer')
      for (const [i, at] of arrivals.entries()) assert(at >= i + 4 && at <= i + 4 + 20, `${i} at ${at}`)
    })
})

describe('WireLink', () => {
  it('copies what it sends, and neither sends nor receives once closed', () => {
    const { world, wire, arrivals } = lay({})
    const back = lay({}).wire
    const link = new WireLink(1500, wire, back)
    link.attach({ packet: () => assert.fail('closed'), batchEnd: () => {}, failed: () => {} })
    const bytes = Uint8Array.of(9, 0, 0, 0, 7, 9)
    assert.equal(link.send(bytes, 1, 4), true)
    bytes.fill(1)
    world.runSync()
    assert.deepEqual(arrivals[0]!.bytes, Uint8Array.of(0, 0, 0, 7))
    link.close()
    assert.equal(link.send(bytes, 0, 4), false)
    assert.equal(back.receiver, undefined)
  })
})

const original = (number: number, i: number): number => (number >>> (24 - 8 * i)) & 255

function bits(byte: number): number {
  let n = 0
  for (let b = byte; b > 0; b &= b - 1) n++
  return n
}
