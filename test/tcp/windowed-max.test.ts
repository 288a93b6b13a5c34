import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { WindowedMax } from '../../src/tcp/windowed-max.js'

describe('the largest of the last rounds', () => {
  it('is what looking through all of them finds', () => {
    const step = fc.record({ rounds: fc.constantFrom(0, 0, 0, 1, 1, 2, 7, 30), value: fc.nat(1000) })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 100 }), (width, steps) => {
        const windowed = new WindowedMax(width)
        const all: { round: number; value: number }[] = []
        let round = 0
        for (const { rounds, value } of steps) {
          round += rounds
          all.push({ round, value })
          windowed.add(value, round)
          const recent = all.filter(one => one.round > round - width)
          assert.equal(windowed.max, Math.max(...recent.map(one => one.value)))
        }
      }),
    )
  })
})
