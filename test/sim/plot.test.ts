import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { roundStep, scaled, tickLabel, ticks } from '../../src/sim/axis.js'
import { chartPage } from '../../src/sim/chart.js'
import { CONTROLLERS } from '../../src/sim/controllers.js'
import { readDescription } from '../../src/sim/description.js'
import { runExperiment } from '../../src/sim/experiment.js'
import { plotExperiment } from '../../src/sim/plot.js'
import { wellFormed } from '../support/svg.js'

describe('an axis', () => {
  it('has round numbers, about as many as wanted', () => {
    assert.deepEqual(ticks(0, 10, 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    assert.deepEqual(ticks(0, 53, 5), [0, 20, 40])
    assert.deepEqual(
      ticks(2, 3, 5).map(v => tickLabel(v, 0.2)),
      ['2.0', '2.2', '2.4', '2.6', '2.8', '3.0'],
    )
    assert.deepEqual(ticks(5, 5, 4), [5])
    assert.deepEqual([roundStep(1), roundStep(1.1), roundStep(0.03), roundStep(6)], [1, 2, 0.05, 10])
    assert.deepEqual(scaled(3e6, 'B'), { factor: 1e6, unit: 'MB' })
    assert.deepEqual(scaled(1500, 'B'), { factor: 1, unit: 'B' })
  })

  it('never leaves its range', () => {
    const bound = fc.double({ min: -1e9, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(
        bound,
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        (low, span, about) => {
          const found = ticks(low, low + span, about)
          const slack = span * 1e-6 + Math.abs(low) * 1e-9
          assert(found.every(tick => tick >= low - slack && tick <= low + span + slack))
          assert(found.length <= about + 1, `${found.length} of ${about}`)
        },
      ),
    )
  })
})

describe('a chart', () => {
  it('is well-formed SVG whatever it is given', () => {
    const value = fc.oneof(fc.double({ min: -1e12, max: 1e12, noNaN: true }), fc.constant(Number.NaN))
    const points = fc
      .array(fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), value), { maxLength: 50 })
      .map(list => list.sort((a, b) => a[0] - b[0]))
    const series = fc.record({
      label: fc.string(),
      colour: fc.nat(20),
      kind: fc.constantFrom('line' as const, 'steps' as const, 'dots' as const, 'band' as const),
      list: points,
      dashed: fc.boolean(),
      silent: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.string(), fc.array(series, { maxLength: 4 }), fc.boolean(), (title, all, floats) => {
        const page = chartPage(title, title, [
          {
            title,
            unit: 'B',
            range: [100, 1e5],
            floats,
            series: all.map(({ list, ...rest }) => ({
              ...rest,
              points: { t: list.map(p => p[0]), y: list.map(p => p[1]) },
              upper: list.map(p => p[1] + 1),
            })),
          },
        ])
        wellFormed(page)
      }),
    )
  })

  it('draws no more than can be seen', () => {
    const n = 100_000
    const t = Array.from({ length: n }, (_, i) => i)
    const y = t.map(i => Math.sin(i / 500) * 100 + 200)
    for (const kind of ['line', 'steps', 'dots'] as const) {
      const page = chartPage('x', 'x', [
        {
          title: 'x',
          unit: 'ms',
          range: [0, n],
          series: [{ label: 'x', colour: 0, kind, points: { t, y } }],
        },
      ])
      assert(page.length < 150_000, `${kind}: ${page.length}`)
    }
  })
})

describe('the plot of an experiment', () => {
  it('has every panel and every flow', () => {
    const plan = readDescription(
      {
        duration: '3s',
        flows: 'reno,reno@1s',
        loss: '0.5%',
        topology: 'parking-lot',
        hops: 2,
        window: '1s-2s',
      },
      { controllers: ['reno'], loadTrace: () => [1] },
    )
    const result = runExperiment(plan, { controllers: CONTROLLERS })
    const page = plotExperiment(result, 'a <title> & more', 'where it was', plan.window)
    wellFormed(page)
    for (const text of [
      'a &lt;title&gt; &amp; more',
      'Goodput',
      'Congestion window',
      'Round-trip time',
      'Queues',
      'Time–sequence: reno-1',
      'Time–sequence: reno-2',
      'sent again',
      'SACKed',
      'hop 2',
      'Mbit/s',
      'time (s)',
    ])
      assert(page.includes(text), text)
    assert.match(page, /prefers-color-scheme:dark/)
    assert(page.length < 500_000)
  })
})
