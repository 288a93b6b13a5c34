import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { conditionsOf } from '../../src/cli/emulate-options.js'
import { Lateness } from '../../src/cli/lateness.js'
import { Overtaking } from '../../src/cli/overtaking.js'

describe('counting what was overtaken', () => {
  const count = (...arrivals: number[]): number => {
    const overtaking = new Overtaking()
    for (const [i, at] of arrivals.entries()) overtaking.sent(i, at)
    return overtaking.count
  }

  it('counts each late packet once, however many overtake it', () => {
    assert.equal(count(), 0)
    assert.equal(count(10, 11, 12), 0)
    assert.equal(count(10, 10, 10), 0)
    assert.equal(count(10, 20, 12, 13, 14), 1)
    assert.equal(count(10, 20, 21, 12, 25, 13), 3)
  })

  it('forgets what has arrived, and nothing else', () => {
    const overtaking = new Overtaking()
    overtaking.sent(0, 1e9)
    for (let i = 1; i < 20_000; i++) overtaking.sent(i, 1e9 + i)
    overtaking.sent(20_000, 20_001)
    assert.equal(overtaking.count, 20_000)
    for (let i = 0; i < 20_000; i++) overtaking.sent(30_000 + i, 30_001 + i)
    assert.equal(overtaking.count, 20_000)
  })
})

describe('counting lateness', () => {
  it('says percentiles, rounded up, and the most', () => {
    const lateness = new Lateness()
    assert.equal(lateness.percentile(0.5), 0)
    for (let i = 0; i < 99; i++) lateness.add(0.042)
    lateness.add(250)
    assert.equal(lateness.percentile(0.5), 0.05)
    assert.equal(lateness.percentile(0.99), 0.05)
    assert.equal(lateness.percentile(0.999), 250)
    assert.equal(lateness.max, 250)
  })
})

describe('the conditions of a path', () => {
  const both = <T>(value: T) => ({ forward: value, back: value })

  it('a queue is in bytes, of the product of rate and round trip, or of packets', () => {
    const flags = { rate: { forward: 50e6, back: 5e6 }, delay: { forward: 20, back: 30 } }
    const queue = (value: number, unit: 'bdp' | 'packets' | 'bytes') =>
      conditionsOf({ ...flags, queue: both({ value, unit }) }, 1500)
    assert.equal(queue(2, 'bdp').forward.queue, 625_000)
    assert.equal(queue(2, 'bdp').back.queue, 62_500)
    assert.equal(queue(10, 'packets').back.queue, 15_000)
    assert.equal(queue(1234, 'bytes').back.queue, 1234)
  })

  it('a queue that nobody set holds a product, but 32 packets at least', () => {
    const { forward, back } = conditionsOf({ rate: { forward: 50e6, back: 1e6 }, delay: both(25) }, 1500)
    assert.equal(forward.queue, 312_500)
    assert.equal(back.queue, 48_000)
    assert.equal(conditionsOf({ delay: both(25) }, 1500).forward.queue, undefined)
  })
})
