import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseDeliveryTrace } from '../../src/sim/delivery-trace.js'
import { readDescription } from '../../src/sim/description.js'
import { DescriptionError } from '../../src/sim/fields.js'
import { duration, probability, rate, size } from '../../src/sim/units.js'

const context = {
  controllers: ['reno', 'cubic'],
  loadTrace: (name: string) => {
    if (name === 'bad') throw new SyntaxError('line 3 goes back in time')
    return parseDeliveryTrace('1\n2\n')
  },
}
const read = (value: unknown) => readDescription(value, context)

describe('quantities', () => {
  it('have units', () => {
    assert.deepEqual(
      ['100ms', '1.5s', '250us', '2min', '1h', '0', 7].map(duration),
      [100, 1500, 0.25, 120_000, 3_600_000, 0, 7],
    )
    assert.deepEqual(['50mbit', '1 Gbit/s', '9600bit', '64kbit', 5].map(rate), [50e6, 1e9, 9600, 64_000, 5])
    assert.deepEqual(
      ['256kb', '64pkts', '1pkt', '2bdp', '0.5BDP', '1kib', '3mib', '9b', 8].map(v => size(v, 1000)),
      [256_000, 96_000, 1500, 2000, 500, 1024, 3 << 20, 9, 8],
    )
    assert.deepEqual(['1%', '0.01', 0.5, '100%', 0].map(probability), [0.01, 0.01, 0.5, 1, 0])
  })

  it('without one, or with another, are refused', () => {
    for (const [reader, texts] of [
      [duration, ['100', '5mbit', '', 'ms', '-1s', '1s2', -1, Number.NaN, null, {}]],
      [rate, ['50', '50mb', '1mbps', '1e6bit']],
      [(v: unknown) => size(v), ['1bdp', '10', '5ms']],
      [probability, ['2', '101%', '-1%', 'x', '1 %%', -0.1, 1.1]],
    ] as const)
      for (const text of texts) assert.throws(() => reader(text), SyntaxError, String(text))
  })
})

describe('a description', () => {
  it('of nothing is a plan all the same', () => {
    const plan = read({})
    assert.deepEqual(
      [plan.seed, plan.duration, plan.hops, plan.there, plan.back, plan.flows],
      [
        1,
        10_000,
        1,
        { rate: 10e6, queue: 62_500 },
        { rate: 10e6, queue: 62_500 },
        [{ name: 'reno', controller: 'reno', start: 0, rtt: 50 }],
      ],
    )
  })

  it('says everything there is to say', () => {
    const plan = read({
      rtt: '100ms',
      rate: '50mbit',
      queue: { kind: 'codel', limit: '2bdp', target: '10ms', interval: '200ms' },
      loss: 'ge:0.1%,30%,50%',
      jitter: '2ms',
      reorder: '1%',
      reorderDelay: '5ms',
      duplicate: 0.001,
      corrupt: '0.1%',
      ecn: true,
      flows: ['cubic', 'reno@5s:10mb', { controller: 'reno', start: 100, size: '1mb', rtt: '200ms' }],
      cross: ['2mbit', 'web:1mbit', { kind: 'pareto', rate: '500kbit' }],
      duration: '30s',
      seed: 7,
      sample: '50ms',
      window: ['2s', '4s'],
      mtu: 1280,
      back: { rate: '1mbit', queue: '20pkts', loss: 0.1 },
    })
    assert.deepEqual(plan, {
      seed: 7,
      duration: 30_000,
      hops: 1,
      there: {
        rate: 50e6,
        queue: 1_250_000,
        aqm: { kind: 'codel', ecn: true, target: 10, interval: 200 },
        bursts: { p: 0.001, r: 0.3, bad: 0.5 },
        jitter: 2,
        reorderDelay: 5,
        reorder: 0.01,
        duplicate: 0.001,
        corrupt: 0.001,
      },
      back: { rate: 1e6, queue: 30_000, loss: 0.1 },
      mtu: 1280,
      ecn: true,
      pacing: false,
      flows: [
        { name: 'cubic', controller: 'cubic', start: 0, rtt: 100 },
        { name: 'reno-1', controller: 'reno', start: 5000, size: 10e6, rtt: 100 },
        { name: 'reno-2', controller: 'reno', start: 100, size: 1e6, rtt: 200 },
      ],
      cross: [
        { kind: 'poisson', rate: 2e6 },
        { kind: 'web', rate: 1e6 },
        { kind: 'pareto', rate: 500e3 },
      ],
      sample: 50,
      window: [2000, 4000],
    })
  })

  it('knows queues, traces and parking lots', () => {
    assert.deepEqual(read({ queue: 'red' }).there, {
      rate: 10e6,
      queue: 62_500,
      aqm: { kind: 'red', ecn: false },
    })
    assert.deepEqual(read({ queue: 'CoDel' }).there.queue, 1_500_000)
    assert.deepEqual(read({ queue: 'droptail:10pkts' }).there, { rate: 10e6, queue: 15_000 })
    assert.deepEqual(read({ queue: 5000 }).there.queue, 5000)
    const traced = read({ trace: 'x' })
    assert.deepEqual(traced.there, { trace: [1, 2], queue: 75_000 })
    assert.deepEqual(traced.back, { rate: 12e6, queue: 75_000 })
    const lot = read({ topology: 'parking-lot', rtt: 60, flows: 'reno,reno,cubic,cubic,reno' })
    assert.deepEqual(
      lot.flows.map(({ name, rtt, hop }) => [name, rtt, hop]),
      [
        ['reno-1', 60, undefined],
        ['reno-2', 20, 0],
        ['cubic-1', 20, 1],
        ['cubic-2', 20, 2],
        ['reno-3', 20, 0],
      ],
    )
    const own = read({
      topology: 'parking-lot',
      hops: 2,
      flows: [
        { controller: 'reno', hop: 2 },
        { controller: 'reno', hop: 'all' },
      ],
    })
    assert.deepEqual(
      own.flows.map(f => f.hop),
      [1, undefined],
    )
  })

  it('that is wrong is told where', () => {
    for (const [value, path, reason] of [
      [[], '', /must be an object, not an array/],
      [null, '', /not null/],
      [{ rat: 1 }, 'rat', /no such key; there are seed, /],
      [{ rtt: '5' }, 'rtt', /"5" is not a time such as 100ms/],
      [{ rtt: 0 }, 'rtt', /more than 0/],
      [{ duration: '25h' }, 'duration', /a day/],
      [{ ecn: 'yes' }, 'ecn', /true or false/],
      [{ seed: 1.5 }, 'seed', /integer from 0/],
      [{ queue: 'fq' }, 'queue', /no queue "fq"; there are droptail, codel, red/],
      [{ queue: { kind: 'codel', min: 5 } }, 'queue.min', /nothing that codel has/],
      [{ queue: { kind: 'red', min: '50kb', max: '40kb' } }, 'queue.min', /less than max/],
      [{ queue: {} }, 'queue.kind', /which queue/],
      [{ loss: 'ge:1%' }, 'loss', /not ge:p,r/],
      [{ loss: { p: 0.1 } }, 'loss.r', /ends/],
      [{ trace: 'bad' }, 'trace', /line 3/],
      [{ trace: 'x', rate: 1 }, 'trace', /not both/],
      [{ trace: 5 }, 'trace', /must be text/],
      [{ flows: [] }, 'flows', /at least one/],
      [{ flows: 5 }, 'flows', /list of flows/],
      [{ flows: new Array(101).fill('reno') }, 'flows', /more than 100/],
      [{ flows: ['reno', 'bbr'] }, 'flows[1]', /^no controller named bbr; there are: reno, cubic$/],
      [{ flows: ['reno', { controller: 'bbr' }] }, 'flows[1].controller', /no controller named bbr/],
      [{ flows: ['reno', { start: 5 }] }, 'flows[1].controller', /must say which/],
      [{ flows: ['reno@x'] }, 'flows[0].start', /"x" is not a time/],
      [{ flows: ['reno@1s@2s'] }, 'flows[0]', /not controller\[@start\]\[:size\]/],
      [{ flows: [{ controller: 'reno', hop: 1 }] }, 'flows[0].hop', /only one hop/],
      [{ topology: 'ring' }, 'topology', /dumbbell or parking-lot/],
      [{ hops: 3 }, 'hops', /a dumbbell has one hop/],
      [{ topology: 'parking-lot', hops: 1 }, 'hops', /integer from 2 to 20/],
      [{ cross: 'sine:5mbit' }, 'cross', /cbr or poisson/],
      [{ cross: [{ kind: 'cbr' }] }, 'cross[0].rate', /how much/],
      [{ window: '4s-2s' }, 'window', /end after it begins/],
      [{ window: '20s-30s' }, 'window', /everything is over/],
      [{ window: '2s' }, 'window', /not two times/],
      [{ back: 5 }, 'back', /must be an object, not a number/],
      [{ back: { loss: '200%' } }, 'back.loss', /more than 1/],
      [{ back: { rtt: 5 } }, 'back.rtt', /no such key/],
    ] as const)
      assert.throws(
        () => read(value),
        (error: unknown) => {
          assert(error instanceof DescriptionError, String(error))
          assert.equal(error.path, path, JSON.stringify(value))
          assert.match(error.reason, reason)
          return true
        },
      )
  })

  it('whatever it is, is read or refused with a reason', () => {
    fc.assert(
      fc.property(
        fc.object({
          key: fc.constantFrom(
            'rtt',
            'rate',
            'queue',
            'loss',
            'flows',
            'cross',
            'back',
            'hop',
            'kind',
            'p',
            'controller',
            'window',
            'ecn',
          ),
        }),
        value => {
          try {
            read(value)
          } catch (error) {
            assert(error instanceof DescriptionError, String(error))
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})
