import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FairnessResult, playFairness } from '../../bench/fairness-run.js'
import { CONTROLLER_NAMES, type FairnessWorld, PAIRS } from '../../bench/fairness-worlds.js'

/**
 * How controllers share a bottleneck of 20 Mbit/s and 40 ms, and how long a queue they keep. These are the smaller worlds;
 * `npm run bench:fairness` plays more and larger ones (docs/fairness.md).
 */
function play(world: Partial<FairnessWorld>): FairnessResult {
  const line = { group: 'alone', rtt: '40ms', rate: '20mbit', queue: '1bdp', ecn: false } as const
  return playFairness({ ...line, flows: [], duration: '60s', seed: 1, ...world })
}

const BASE = 40

describe('fairness', () => {
  for (const name of CONTROLLER_NAMES)
    for (const n of [2, 8])
      it(`${n} flows of ${name} share evenly, and use the line`, () => {
        const { jain, utilisation, shares } = play({ flows: Array.from({ length: n }, () => name) })
        assert(jain >= 0.95, `Jain ${jain}: ${shares}`)
        assert(utilisation > 0.95, `${utilisation} of the line`)
      })

  for (const [a, b] of PAIRS)
    for (const queue of ['0.5bdp', '4bdp'])
      it(`${a} beside ${b}, a queue of ${queue}: neither starves`, () => {
        const { shares } = play({ flows: [a, b], queue })
        for (const share of shares) assert(share >= 0.1, `${shares}`)
      })

  for (const name of CONTROLLER_NAMES)
    it(`a flow of ${name} that comes late has half of an equal share within ten seconds`, () => {
      const { half } = play({ flows: [name, `${name}@20s`], duration: '50s' })
      assert(half !== null && half <= 10, `after ${half} s`)
    })

  const codel = { flows: ['cubic'], queue: 'codel', duration: '30s' }
  for (const ecn of [false, true])
    it(`CUBIC under CoDel${ecn ? ' that marks' : ''} keeps round trips within a quarter of the shortest`, () => {
      const { p95, utilisation } = play({ ...codel, ecn })
      assert(p95 <= 1.25 * BASE, `p95 ${p95} ms`)
      assert(utilisation > 0.85, `${utilisation} of the line`)
    })

  it('a flow of BBR keeps most round trips near the shortest, where the queue would let them be five times as long', () => {
    const deep = { queue: '4bdp', duration: '30s' }
    const bbr = play({ ...deep, flows: ['bbr'] })
    assert(bbr.p50 <= 1.1 * BASE && bbr.p95 <= 2 * BASE, `p50 ${bbr.p50} ms, p95 ${bbr.p95} ms`)
    assert(bbr.utilisation > 0.9, `${bbr.utilisation} of the line`)
    const cubic = play({ ...deep, flows: ['cubic'] })
    assert(cubic.p50 > 3 * BASE, `CUBIC: p50 ${cubic.p50} ms`)
  })

  // Together they take the line for a tenth faster than it is, so that what stops them is cwnd: two BDP and a little.
  it('four flows of BBR keep a queue of one to two BDP, not four', () => {
    const { p50, p95 } = play({ queue: '4bdp', duration: '30s', flows: ['bbr', 'bbr', 'bbr', 'bbr'] })
    assert(p50 <= 3 * BASE && p95 <= 3.5 * BASE, `p50 ${p50} ms, p95 ${p95} ms`)
  })
})
