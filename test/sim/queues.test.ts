import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CodelQueue } from '../../src/sim/codel.js'
import { DropTailQueue } from '../../src/sim/droptail.js'
import { ecnField, markedCopy } from '../../src/sim/ecn.js'
import { Fifo, type Waiting } from '../../src/sim/fifo.js'
import { makeQueue } from '../../src/sim/queue.js'
import { Random } from '../../src/sim/random.js'
import { RedQueue } from '../../src/sim/red.js'
import { Wire } from '../../src/sim/wire.js'
import { World } from '../../src/sim/world.js'
import { IpAddress } from '../../src/wire/address.js'
import { sum, verifies } from '../../src/wire/checksum.js'
import { writeIpv4 } from '../../src/wire/ipv4.js'
import { writeIpv6 } from '../../src/wire/ipv6.js'

const packet = (at: number, length = 1500, ecn = 0): Waiting => {
  const bytes = new Uint8Array(length)
  const end = IpAddress.parse('10.0.0.1')
  writeIpv4(bytes, 0, length, 17, end, end, ecn, 64, true)
  return { bytes, at, held: 0, repeats: [] }
}

function events() {
  const dropped: Waiting[] = []
  const marked: Waiting[] = []
  return {
    dropped,
    marked,
    told: { dropped: (p: Waiting) => void dropped.push(p), marked: (p: Waiting) => void marked.push(p) },
  }
}

describe('marking', () => {
  const v4 = (ecn: number) => packet(0, 200, 0xb8 | ecn).bytes
  const v6 = (ecn: number) => {
    const bytes = new Uint8Array(100)
    writeIpv6(bytes, 0, 60, 17, IpAddress.parse('fd00::1'), IpAddress.parse('fd00::2'), 0xb8 | ecn, 64)
    return bytes
  }

  it('sets CE on a copy, with the checksum of IPv4 in order, and only for those who understand it', () => {
    for (const make of [v4, v6]) {
      assert.equal(markedCopy(make(0)), undefined)
      for (const ecn of [1, 2, 3]) {
        const original = make(ecn)
        const before = original.slice()
        const copy = markedCopy(original)!
        assert.deepEqual(original, before)
        assert.equal(ecnField(original), ecn)
        assert.equal(ecnField(copy), 3)
        const same = copy.map((byte, i) =>
          (make === v4 ? [1, 10, 11] : [1]).includes(i) ? before[i]! : byte,
        )
        assert.deepEqual(same, before)
        if (make === v4) assert(verifies(sum(copy, 0, 20)))
        else assert.equal(copy[1]! & 0x0f, before[1]! & 0x0f, 'the flow label is what it was')
      }
    }
  })

  it('keeps the DSCP and the checksum right whatever the header says', () => {
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.nat(0xffff_ffff),
        fc.integer({ min: 20, max: 1500 }),
        (tos, word, length) => {
          const bytes = new Uint8Array(length)
          const end = IpAddress.v4(word)
          writeIpv4(bytes, 0, length, 6, end, end, tos, 64, false, word & 0xffff)
          const copy = markedCopy(bytes)
          assert.equal(copy === undefined, (tos & 3) === 0)
          if (!copy) return
          assert.equal(copy[1], tos | 3)
          assert(verifies(sum(copy, 0, 20)))
        },
      ),
    )
  })
})

describe('a drop-tail queue', () => {
  it('keeps the order, holds what it may, and takes one packet of any size', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 20, max: 1500 }))), fc.nat(5000), (moves, limit) => {
        const fifo = new Fifo()
        const queue = new DropTailQueue(fifo, limit)
        const model: Waiting[] = []
        for (const size of moves) {
          if (size === null) {
            assert.equal(queue.dequeue(), model.shift())
          } else {
            const bytes = model.reduce((n, p) => n + p.bytes.length, 0)
            const p = packet(0, size)
            const taken = model.length === 0 || bytes + size <= limit
            assert.equal(queue.enqueue(p), taken)
            if (taken) model.push(p)
          }
          assert.equal(fifo.length, model.length)
          assert.equal(
            fifo.bytes,
            model.reduce((n, p) => n + p.bytes.length, 0),
          )
        }
      }),
    )
  })
})

describe('CoDel', () => {
  /** Packets that come faster than they leave: one each ms, one taken each 2 ms. Times of drops, and of marks. */
  function overload(until: number, ecn: boolean, codepoint: number) {
    const { dropped, marked, told } = events()
    const fifo = new Fifo()
    const queue = new CodelQueue(fifo, 1e9, { ecn }, told)
    const drops: number[] = []
    const marks: number[] = []
    for (let now = 0; now <= until; now++) {
      queue.enqueue(packet(now, 1500, codepoint))
      if (now % 2 !== 0) continue
      const [d, m] = [dropped.length, marked.length]
      queue.dequeue(now)
      for (let i = d; i < dropped.length; i++) drops.push(now)
      for (let i = m; i < marked.length; i++) marks.push(now)
    }
    return { drops, marks, fifo }
  }

  it('drops at the times that the control law gives', () => {
    // Every 2 ms a packet leaves that came at half that time: it has waited `now/2`. At 10 ms that is the target, 5
    // ms; the first drop comes an interval later, at 110. The next ones are due at 110 + 100, and then each 100/√count
    // after the one before: 100/√2, 100/√3 … and happen when a packet leaves, each 2 ms.
    const due = [110]
    let next = 110 + 100
    for (let count = 2; next <= 800; count++) {
      due.push(Math.ceil(next / 2) * 2)
      next += 100 / Math.sqrt(count)
    }
    const { drops } = overload(800, false, 0)
    assert.deepEqual(drops, due)
    assert.deepEqual(drops.slice(0, 5), [110, 210, 282, 340, 390])
  })

  it('marks at the same times, and loses nobody', () => {
    const { drops, marks } = overload(800, true, 2)
    assert.deepEqual(drops, [])
    assert.deepEqual(marks, overload(800, false, 0).drops)
    assert.deepEqual(overload(800, true, 0).marks, [], 'who does not understand it is dropped')
  })

  it('leaves alone what waits shortly, and the last packet', () => {
    const { dropped, told } = events()
    const queue = new CodelQueue(new Fifo(), 1e9, {}, told)
    for (let now = 0; now < 10_000; now += 10) {
      queue.enqueue(packet(now))
      assert(queue.dequeue(now + 4.9))
    }
    for (let now = 20_000; now < 30_000; now += 1000) {
      queue.enqueue(packet(now))
      assert(queue.dequeue(now + 900), 'a line slower than the target has a queue of one')
    }
    assert.equal(dropped.length, 0)
  })

  it('remembers how often it had to drop when it has to again soon', () => {
    const run = (pause: number) => {
      const { dropped, told } = events()
      const fifo = new Fifo()
      const queue = new CodelQueue(fifo, 1e9, {}, told)
      let now = 0
      const overloaded = (ms: number) => {
        for (const end = now + ms; now < end; now++) {
          queue.enqueue(packet(now))
          if (now % 2 === 0) queue.dequeue(now)
        }
      }
      overloaded(2000)
      while (fifo.length > 0) queue.dequeue(now)
      now += pause
      const before = dropped.length
      overloaded(400)
      return dropped.length - before
    }
    assert(run(100) > run(10_000), `${run(100)} and ${run(10_000)}`)
  })
})

describe('RED', () => {
  const limit = 60_000
  const red = (options = {}, random = new Random(1)) => {
    const log = events()
    const fifo = new Fifo()
    const queue = new RedQueue(
      fifo,
      limit,
      8e6,
      random,
      { min: 10_000, max: 30_000, maxP: 0.1, ...options },
      log.told,
    )
    return { queue, fifo, ...log }
  }

  it('drops with a probability that rises in two straight lines', () => {
    const { queue } = red()
    for (const [average, p] of [
      [0, 0],
      [9999, 0],
      [10_000, 0],
      [20_000, 0.05],
      [30_000, 0.1],
      [45_000, 0.55],
      [60_000, 1],
      [90_000, 1],
    ] as const)
      assert(Math.abs(queue.probability(average) - p) < 1e-9, `${average}: ${queue.probability(average)}`)
  })

  it('averages: each arrival counts for its weight, and idle time for the packets it could have carried', () => {
    const { queue, fifo } = red({ weight: 0.25 })
    queue.enqueue(packet(0, 1000), 0)
    assert.equal(queue.average, 0)
    queue.enqueue(packet(0, 1000), 0)
    assert.equal(queue.average, 250)
    queue.enqueue(packet(0, 1000), 0)
    assert.equal(queue.average, 250 + 0.25 * (2000 - 250))
    while (fifo.length > 0) queue.dequeue(10)
    const average = queue.average
    // 1500 bytes take 1.5 ms at 8 Mbit/s: 3 ms are two packets.
    queue.enqueue(packet(13, 1000), 13)
    assert(Math.abs(queue.average - average * 0.75 ** 2) < 1e-9)
  })

  it('spreads drops evenly: about one in 2/p, and never more than 1/p apart', () => {
    // A queue that stands at 20,000 bytes: p = 0.05, gaps uniform over 1 .. 20, on average one in 10.5 or so.
    const { queue, fifo } = red({ weight: 1 })
    for (let i = 0; i < 20; i++) fifo.push(packet(0, 1000))
    const gaps: number[] = []
    let gap = 0
    for (let i = 0; i < 20_000; i++) {
      gap++
      if (queue.enqueue(packet(0, 1000), 0)) queue.dequeue(0)
      else {
        gaps.push(gap)
        gap = 0
      }
    }
    assert(Math.max(...gaps) <= 21, `${Math.max(...gaps)}`)
    const mean = gaps.reduce((a, b) => a + b) / gaps.length
    assert(mean > 9.5 && mean < 11.5, `mean gap ${mean}`)
  })

  it('marks up to twice the maximum and drops beyond', () => {
    const { queue, fifo, marked } = red({ weight: 1, ecn: true })
    while (fifo.bytes < 45_000) fifo.push(packet(0, 1000))
    let lost = 0
    for (let i = 0; i < 200; i++)
      if (queue.enqueue(packet(0, 1000, 1), 0)) queue.dequeue(0)
      else lost++
    assert.equal(lost, 0)
    assert(marked.length > 100, `${marked.length}`)
    assert(marked.every(p => ecnField(p.bytes) === 3))
    while (fifo.bytes < 60_000) fifo.push(packet(0, 1000))
    assert.equal(queue.enqueue(packet(0, 1000, 1), 0), false)
  })

  it('takes its thresholds from the limit', () => {
    const queue = new RedQueue(new Fifo(), 90_000, 1e6, new Random(1), {}, events().told)
    assert.deepEqual([queue.min, queue.max], [15_000, 45_000])
  })
})

describe('a wire with a managed queue', () => {
  function lay(conditions: ConstructorParameters<typeof Wire>[2]) {
    const world = new World()
    const clock = { now: () => world.now, at: (t: number, run: () => void) => void world.at(t, run) }
    const wire = new Wire(clock, new Random(1), conditions)
    const arrivals: [number, number][] = []
    wire.receiver = {
      packet: (bytes, _offset, length) => void arrivals.push([world.now, length && ecnField(bytes)]),
      batchEnd: () => {},
      failed: error => assert.fail(error),
    }
    return { world, wire, arrivals }
  }

  it('serves at the rate of the line, as one without', () => {
    const times = (aqm: boolean) => {
      const { world, wire, arrivals } = lay({
        rate: 1.2e6,
        delay: 7,
        ...(aqm ? { aqm: { kind: 'codel' } as const } : {}),
      })
      for (const at of [0, 0, 3, 4, 100, 100, 300])
        world.at(at, () => wire.send(packet(at, at === 3 ? 300 : 1500).bytes))
      world.runSync()
      return arrivals.map(([at]) => Math.round(at * 1e6) / 1e6)
    }
    assert.deepEqual(times(true), times(false))
    assert.deepEqual(times(true).slice(0, 3), [17, 27, 29])
  })

  it('counts what it drops and what it marks, and knows its backlog', () => {
    for (const ecn of [0, 2]) {
      const { world, wire, arrivals } = lay({
        rate: 1.2e6,
        aqm: { kind: 'codel', ecn: true },
        queue: 150_000,
      })
      const fates: string[] = []
      wire.tap = (_bytes, fate) => fates.push(fate)
      for (let i = 0; i < 1000; i++) world.at(i * 5, () => wire.send(packet(0, 1500, ecn).bytes))
      world.runSync(2500)
      assert(wire.backlog > 50_000)
      world.runSync()
      assert.equal(wire.backlog, 0)
      assert.equal(arrivals.length + wire.lost, 1000)
      assert.equal(wire.lost, wire.dropped)
      assert.equal(fates.filter(fate => fate === 'lost').length, wire.lost)
      assert.equal(arrivals.filter(([, field]) => field === 3).length, wire.marked)
      assert.equal(wire.marked > 0, ecn === 2)
      assert.equal(wire.carried, 1500 * arrivals.length)
    }
  })

  it('may change its queue while packets wait', () => {
    const { world, wire, arrivals } = lay({ rate: 1.2e6, aqm: { kind: 'codel' } })
    for (let i = 0; i < 5; i++) wire.send(packet(0).bytes)
    world.runSync(15)
    wire.conditions = { rate: 2.4e6 }
    wire.send(packet(15).bytes)
    world.runSync()
    assert.deepEqual(
      arrivals.map(([at]) => at),
      [10, 20, 25, 30, 35, 40],
    )
    assert.equal(
      makeQueue(undefined, new Fifo(), 1, 1, new Random(1), events().told).constructor,
      DropTailQueue,
    )
  })
})
