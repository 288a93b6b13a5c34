import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CONTROLLERS } from '../../src/sim/controllers.js'
import { type Plan, runExperiment } from '../../src/sim/experiment.js'
import { Random } from '../../src/sim/random.js'
import { resultAsJson } from '../../src/sim/result-json.js'
import { jain, Numbers, percentile } from '../../src/sim/statistics.js'
import { dumbbell } from '../../src/sim/topology.js'
import { crossTraffic, TRAFFIC } from '../../src/sim/traffic.js'
import { World } from '../../src/sim/world.js'
import type { CongestionControllerFactory } from '../../src/tcp/congestion.js'

/** A controller whose window never changes: what comes of it can be worked out by hand. */
const fixed =
  (cwnd: number): CongestionControllerFactory =>
  () => ({
    name: 'fixed',
    cwnd,
    ssthresh: Number.POSITIVE_INFINITY,
    onMss: () => {},
    onAck: () => {},
    onLoss: () => {},
    onRecovered: () => {},
    onTimeout: () => {},
    onSynLoss: () => {},
    onIdle: () => {},
  })

const MSS = 1448
const RATE = 12e6

const plan = (changes: Partial<Plan> = {}): Plan => ({
  seed: 1,
  duration: 4000,
  hops: 1,
  there: { rate: RATE, queue: 200_000 },
  back: { rate: RATE },
  mtu: 1500,
  ecn: false,
  pacing: false,
  flows: [{ name: 'flow', controller: 'fixed', start: 0, rtt: 40 }],
  cross: [],
  sample: 20,
  window: [0, 4000],
  ...changes,
})

const near = (value: number, expected: number, part: number) =>
  assert(Math.abs(value - expected) <= expected * part, `${value}, not about ${expected}`)

describe('statistics', () => {
  it('percentiles lie between neighbours', () => {
    assert.equal(percentile([1, 2, 3, 4, 5], 0.5), 3)
    assert.equal(percentile([1, 2], 0.25), 1.25)
    assert.equal(percentile([7], 0.99), 7)
    assert.equal(percentile([], 0.5), Number.NaN)
    const numbers = new Numbers()
    for (let i = 1000; i > 0; i--) numbers.push(i)
    assert.deepEqual([numbers.length, numbers.at(0), numbers.sorted()[0]], [1000, 1000, 1])
  })

  it('fairness is 1 for equal shares, 1/n for one who has all, and does not mind scale', () => {
    assert.equal(jain([5, 5, 5]), 1)
    assert.equal(jain([0, 9, 0, 0]), 0.25)
    assert.equal(jain([0, 0]), Number.NaN)
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 99 }),
        (x, k) => {
          const index = jain(x)
          assert(index > 1 / x.length - 1e-9 && index <= 1 + 1e-9)
          assert(Math.abs(jain(x.map(share => share * k)) - index) < 1e-9)
        },
      ),
    )
  })
})

describe('an experiment', () => {
  it('gives a window less than the path its window per round trip, and no queue', () => {
    const { flows, hops, t } = runExperiment(plan(), { controllers: { fixed: fixed(20 * MSS) } })
    const [flow] = flows
    near(flow!.goodput, (20 * MSS * 8) / 0.041, 0.04)
    assert(flow!.rtt.min > 40 && flow!.rtt.min < 42, `${flow!.rtt.min}`)
    assert.deepEqual([flow!.retransmissions, flow!.timeouts, flow!.error], [0, 0, undefined])
    assert(hops[0]!.queue.p50 <= 15 * 1500)
    assert.equal(t.length, 201)
    assert.equal(flow!.series.cwnd.at(-1), 20 * MSS)
  })

  it('fills the path with a larger one; what is more than the path holds stands in the queue', () => {
    // The path holds 60 kB, with headers; 100 full packets are 150 kB.
    const { flows, hops } = runExperiment(plan(), { controllers: { fixed: fixed(100 * MSS) } })
    near(flows[0]!.goodput, (RATE * MSS) / 1500, 0.02)
    near(hops[0]!.utilisation, 1, 0.02)
    near(hops[0]!.queue.p50, 150_000 - 60_000, 0.05)
    near(flows[0]!.rtt.p50, 100, 0.03)
    assert.equal(hops[0]!.dropped, 0)
  })

  it('counts what is sent again, as the stack does, and what was lost', () => {
    const { flows, hops } = runExperiment(
      plan({
        there: { rate: RATE, loss: 0.01 },
        flows: [{ name: 'r', controller: 'reno', start: 0, rtt: 40 }],
      }),
      { controllers: CONTROLLERS },
    )
    const [flow] = flows
    assert(hops[0]!.lost > 3)
    assert.equal(hops[0]!.dropped, 0)
    assert(flow!.retransmissions >= hops[0]!.lost - 2, `${flow!.retransmissions} and ${hops[0]!.lost}`)
    assert.equal(flow!.series.retransmissions.at(-1), flow!.retransmissions)
    assert.equal(flow!.sequence.retransmitted.t.length, flow!.retransmissions)
    assert(flow!.sequence.sacked.t.length > 0)
    assert(flow!.rtt.max < 200, 'what was sent twice is not measured')
  })

  it('starts and ends flows when it should', () => {
    const flows = [
      { name: 'a', controller: 'fixed', start: 0, rtt: 40, size: 100_000 },
      { name: 'b', controller: 'fixed', start: 1000, rtt: 100 },
    ]
    const result = runExperiment(plan({ flows }), { controllers: { fixed: fixed(20 * MSS) } })
    const [a, b] = result.flows
    assert.equal(a!.received, 100_000)
    assert(a!.finished > 120 && a!.finished < 300, `${a!.finished}`)
    near(a!.goodput, 800_000 / (a!.finished / 1000), 0.001)
    assert(Number.isNaN(b!.finished))
    assert(b!.series.goodput.every((rate, i) => result.t[i]! > 1000 || !(rate > 0)))
    assert(b!.rtt.min > 100 && b!.rtt.min < 102)
    near(b!.goodput, (20 * MSS * 8) / 0.102, 0.1)
    assert(Number.isNaN(result.fairness), 'they were never active together')
  })

  it('is fair to equals', () => {
    const flows = [1, 2, 3].map(i => ({ name: `${i}`, controller: 'fixed', start: 0, rtt: 40 }))
    const { fairness } = runExperiment(plan({ flows }), { controllers: { fixed: fixed(40 * MSS) } })
    assert(fairness > 0.98, `${fairness}`)
  })

  it('marks instead of dropping for those who ask', () => {
    const reno = { name: 'reno', controller: 'reno', start: 0, rtt: 40 }
    const aqm = { kind: 'codel', ecn: true } as const
    for (const ecn of [false, true]) {
      const { hops, flows } = runExperiment(
        plan({ ecn, flows: [reno], there: { rate: RATE, aqm: { ...aqm, ecn } }, duration: 8000 }),
        { controllers: CONTROLLERS },
      )
      assert.equal(hops[0]!.marked > 0, ecn)
      assert.equal(hops[0]!.dropped > 0, !ecn)
      assert.equal(flows[0]!.retransmissions > 0, !ecn)
    }
  })

  it('has those who cross several bottlenecks meet others at each', () => {
    const flows = [
      { name: 'long', controller: 'fixed', start: 0, rtt: 60 },
      { name: 'first', controller: 'fixed', start: 0, rtt: 20, hop: 0 },
      { name: 'third', controller: 'fixed', start: 0, rtt: 30, hop: 2 },
    ]
    const { flows: results, hops } = runExperiment(plan({ hops: 3, flows }), {
      controllers: { fixed: fixed(6 * MSS) },
    })
    const [long, first, third] = results
    assert(long!.rtt.min > 60 && long!.rtt.min < 64)
    assert(first!.rtt.min > 20 && first!.rtt.min < 22)
    assert(third!.rtt.min > 30 && third!.rtt.min < 32)
    assert(hops[0]!.carried > hops[2]!.carried && hops[2]!.carried > hops[1]!.carried)
  })

  it('says which controller there is not', () => {
    assert.throws(() => runExperiment(plan(), { controllers: {} }), /no controller fixed/)
  })

  it('is the same byte for byte with the same seed', () => {
    const busy = (seed: number) =>
      JSON.stringify(
        resultAsJson(
          runExperiment(
            plan({
              seed,
              ecn: true,
              there: {
                rate: RATE,
                aqm: { kind: 'red', ecn: true },
                queue: 100_000,
                bursts: { p: 0.002, r: 0.4 },
                jitter: 3,
                reorder: 0.01,
                duplicate: 0.01,
                corrupt: 0.002,
              },
              flows: [1, 2].map(i => ({ name: `${i}`, controller: 'reno', start: i * 300, rtt: 40 })),
              cross: TRAFFIC.map(kind => ({ kind, rate: 1e6 })),
            }),
            { controllers: CONTROLLERS },
          ),
        ),
      )
    const first = busy(1)
    assert.equal(busy(1), first)
    assert.notEqual(busy(2), first)
    const { cross } = JSON.parse(first) as { cross: { kind: string; received: number }[] }
    assert.deepEqual(
      cross.map(c => c.kind),
      [...TRAFFIC],
    )
    assert(cross.every(c => c.received > 0))
  })
})

describe('cross traffic', () => {
  for (const kind of TRAFFIC)
    it(`${kind} offers about what it should, and it arrives`, () => {
      const world = new World({ seed: 4 })
      const { paths, hops } = dumbbell(world, { bottleneck: { delay: 10, rate: 100e6 }, pairs: 1 })
      const counts = crossTraffic(world, paths[0]!, { kind, rate: 4e6 }, new Random(9), 0, 120_000)
      world.runSync(130_000)
      const part = { cbr: 0.01, poisson: 0.03, pareto: 0.25, web: 0.35 }[kind]
      near((hops[0]!.forward.carried * 8) / 120, 4e6, part)
      assert.equal(counts.received, counts.sent)
      assert.equal(counts.finished, counts.started)
      assert.equal(counts.started > 0, kind === 'web')
    })

  it('of no rate is none', () => {
    const world = new World()
    const { paths } = dumbbell(world, { bottleneck: {}, pairs: 1 })
    crossTraffic(world, paths[0]!, { kind: 'cbr', rate: 0 }, new Random(9), 0, 1000)
    assert.equal(world.next, Number.POSITIVE_INFINITY)
  })
})
