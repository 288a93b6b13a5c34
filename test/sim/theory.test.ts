import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONTROLLERS } from '../../src/sim/controllers.js'
import { readDescription } from '../../src/sim/description.js'
import { runExperiment } from '../../src/sim/experiment.js'
import { Random } from '../../src/sim/random.js'
import { dumbbell } from '../../src/sim/topology.js'
import { crossTraffic } from '../../src/sim/traffic.js'
import type { Conditions } from '../../src/sim/wire.js'
import { World } from '../../src/sim/world.js'

/** What worlds do, held against what has been proved about such systems. */
describe('theory', () => {
  // Pollaczek and Khinchine: packets that come at random to a line that takes the same time for each wait on average
  // ρ / (2 (1 − ρ)) of that time.
  for (const [name, conditions] of [
    ['a line that is worked out', {}],
    ['a line that is served', { aqm: { kind: 'codel', target: 1e9 } }],
  ] as [string, Conditions][])
    for (const load of [0.5, 0.8])
      it(`an M/D/1 queue, ${name}, load ${load}`, () => {
        const world = new World({ seed: 2 })
        const rate = 8e6
        const { paths, hops } = dumbbell(world, { bottleneck: { rate, ...conditions }, pairs: 1 })
        let waited = 0
        let count = 0
        hops[0]!.forward.tap = (_bytes, _fate, sent, arrives) => {
          waited += arrives - sent - 1
          count++
        }
        crossTraffic(world, paths[0]!, { kind: 'poisson', rate: load * rate }, new Random(6), 0, 200_000)
        world.runSync()
        const expected = load / (2 * (1 - load))
        assert(Math.abs(waited / count - expected) < expected * 0.08, `${waited / count}, not ${expected}`)
      })

  // Mathis, Semke, Mahdavi and Ott 1997: a Reno flow whose packets are lost at random gets MSS / RTT × √(3 / 2p).
  for (const loss of [0.001, 0.003])
    it(`a Reno flow that loses ${loss * 100} % gets what the square root says`, () => {
      const plan = readDescription(
        { rtt: '100ms', rate: '100mbit', queue: '4bdp', loss, flows: 'reno', duration: '300s', seed: 1 },
        { controllers: ['reno'], loadTrace: () => [] },
      )
      const { goodput } = runExperiment(plan, { controllers: CONTROLLERS }).flows[0]!
      const expected = ((1448 * 8) / 0.1) * Math.sqrt(1.5 / loss)
      assert(Math.abs(goodput / expected - 1) < 0.25, `${goodput / 1e6} Mbit/s, not ${expected / 1e6}`)
    })
})
