import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { meanRate, OPPORTUNITY, parseDeliveryTrace, TraceLine } from '../../src/sim/delivery-trace.js'
import { GilbertElliott, stationaryLoss } from '../../src/sim/loss.js'
import { Random } from '../../src/sim/random.js'
import { Wire } from '../../src/sim/wire.js'
import { World } from '../../src/sim/world.js'

describe('Gilbert–Elliott loss', () => {
  it('loses what the chain loses in the long run, in bursts of its length', () => {
    for (const options of [
      { p: 0.01, r: 0.25 },
      { p: 0.02, r: 0.1, good: 0.001, bad: 0.5 },
    ]) {
      const random = new Random(5)
      const model = new GilbertElliott(options)
      const n = 500_000
      let lost = 0
      let bursts = 0
      let before = false
      for (let i = 0; i < n; i++) {
        const isLost = model.isLost(random)
        if (isLost) lost++
        if (isLost && !before) bursts++
        before = isLost
      }
      const expected = stationaryLoss(options)
      assert(Math.abs(lost / n - expected) < expected * 0.05, `${lost / n}, not ${expected}`)
      if (!('bad' in options)) assert(Math.abs(lost / bursts - 4) < 0.2, `bursts of ${lost / bursts}`)
    }
    assert.equal(stationaryLoss({ p: 0.1, r: 0.3 }), 0.25)
    assert.equal(stationaryLoss({ p: 0, r: 0, good: 0.5 }), 0.5)
  })

  it('is a condition of a wire, besides even loss', () => {
    const world = new World()
    const clock = { now: () => world.now, at: (t: number, run: () => void) => void world.at(t, run) }
    const wire = new Wire(clock, new Random(3), { bursts: { p: 0.05, r: 0.5 }, loss: 0.01 })
    for (let i = 0; i < 50_000; i++) wire.send(new Uint8Array(100))
    const expected = 1 - (1 - 0.05 / 0.55) * 0.99
    assert(Math.abs(wire.lost / 50_000 - expected) < 0.01, `${wire.lost}`)
    assert.equal(wire.dropped, 0)
  })
})

describe('a delivery trace', () => {
  it('is read from text, and what is wrong is named', () => {
    assert.deepEqual(parseDeliveryTrace('0\n1\r\n1\n\n10\n'), [0, 1, 1, 10])
    for (const [text, message] of [
      ['', /not one/],
      ['0\n0\n', /at 0 ms/],
      ['3\n2\n', /line 2 goes back/],
      ['3\nx\n', /line 2 is "x"/],
      ['1.5', /line 1/],
      ['-1', /line 1/],
    ] as const)
      assert.throws(() => parseDeliveryTrace(text), message)
    assert.equal(meanRate([5, 10]), 2 * 1500 * 800)
  })

  it('carries 1500 bytes at each of its times, again and again', () => {
    const line = new TraceLine([2, 5, 5, 10], 100)
    const left = Array.from({ length: 9 }, () => line.transmit(line.ready(100), 1500))
    assert.deepEqual(left, [102, 105, 105, 110, 112, 115, 115, 120, 122])
  })

  it('carries several small packets at once, and a large one in parts', () => {
    const line = new TraceLine([2, 5, 10], 0)
    assert.deepEqual(
      [500, 1000, 100].map(length => line.transmit(0, length)),
      [2, 2, 5],
    )
    assert.equal(line.transmit(5, 1500), 10, 'what was left at 5 and the rest at 10')
    assert.equal(line.transmit(10, 1400), 10)
    assert.equal(line.ready(10), 12)
    assert.equal(line.transmit(12, 3000), 15)
  })

  it('wastes what nobody uses', () => {
    const line = new TraceLine([2, 5, 10], 0)
    assert.equal(line.transmit(3, 100), 5)
    assert.equal(line.ready(5), 5, 'of this there is some left')
    assert.equal(line.ready(5.5), 10)
    assert.equal(line.ready(1_000_003), 1_000_005)
    assert.equal(line.transmit(1_000_010, 10), 1_000_010)
    assert.equal(line.ready(1_000_010.1), 1_000_012)
  })

  it('never sends before it is asked, backwards in time, or more than there is', () => {
    const traces = fc
      .array(fc.nat(50), { minLength: 1, maxLength: 20 })
      .map(times => [...times.sort((a, b) => a - b), 51])
    const sends = fc.array(fc.record({ wait: fc.nat(100), length: fc.integer({ min: 20, max: 4000 }) }))
    fc.assert(
      fc.property(traces, sends, (trace, packets) => {
        const line = new TraceLine(trace, 0)
        let now = 0
        let carried = 0
        for (const { wait, length } of packets) {
          now += wait
          const ready = line.ready(now)
          assert(ready >= now)
          assert(trace.includes(ready % 51) || trace.includes((ready % 51) + 51))
          const left = line.transmit(now, length)
          assert(left >= ready)
          now = left
          carried += length
        }
        const cycles = Math.floor(now / 51) + 1
        assert(carried <= cycles * trace.length * OPPORTUNITY)
      }),
    )
  })

  it('drives a wire, with a queue in front', () => {
    const world = new World()
    const clock = { now: () => world.now, at: (t: number, run: () => void) => void world.at(t, run) }
    const wire = new Wire(clock, new Random(3), { trace: [4, 10], delay: 1, queue: 4000 })
    const arrivals: number[] = []
    wire.receiver = {
      packet: () => void arrivals.push(world.now),
      batchEnd: () => {},
      failed: error => assert.fail(error),
    }
    for (let i = 0; i < 4; i++) wire.send(new Uint8Array(1500))
    assert.equal(wire.dropped, 2)
    assert.equal(wire.backlog, 3000)
    world.at(50, () => wire.send(new Uint8Array(750)))
    world.at(50, () => wire.send(new Uint8Array(750)))
    world.at(51, () => wire.send(new Uint8Array(1500)))
    world.runSync()
    assert.deepEqual(arrivals, [5, 11, 51, 51, 55])
  })
})
