import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { distance } from '../../src/tcp/sequence.js'
import { type Result, reproduce, runWorld, type Scene } from '../support/worlds.js'
import { planOf } from '../support/worlds-plan.js'
import { perLost, perMissing, spread } from '../support/worlds-resent.js'

/** Worlds of one test, and seeds: the rest is the soak's (`npm run soak`). */
const EACH = 100
const WORLDS = 800

interface Played {
  results: Result[]
  failures: string[]
}

const played = new Map<number, Played>()

/** The worlds of one test, which another may have played already. */
function play(first: number): Played {
  const before = played.get(first)
  if (before) return before
  const results: Result[] = []
  const failures: string[] = []
  for (let seed = first; seed < first + EACH; seed++) {
    try {
      results.push(runWorld(seed))
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n')[0] : error
      failures.push(`world ${seed}: ${why}\n  ${reproduce(seed)}`)
    }
  }
  played.set(first, { results, failures })
  return { results, failures }
}

const FIRSTS = Array.from({ length: WORLDS / EACH }, (_, i) => 1 + i * EACH)

describe('random worlds', () => {
  for (const first of FIRSTS)
    it(`keep every promise of TCP: seeds ${first} to ${first + EACH - 1} [U-10 U-21]`, () => {
      assert.deepEqual(play(first).failures, [])
    })

  it('keep them where the soak once found one broken', () => {
    // HyStart++ ended a slow start whose window was one segment: ssthresh was less than two.
    for (const seed of [50_679, 52_697]) runWorld(seed)
  })

  // What the receiver had, but could not say, cannot be told from what was lost: it is shown on its own.
  it('send little again but what was lost, or never heard to have arrived', () => {
    const results = FIRSTS.flatMap(first => play(first).results)
    const missing = spread(results, perMissing)
    assert(missing.worlds >= 100, `only ${missing.worlds} worlds lost enough`)
    assert(missing.median <= 1.1, `${missing.median} bytes for each one missing, at the median`)
    const lost = spread(results, perLost)
    assert(lost.median <= 1.2, `${lost.median} bytes for each one lost, at the median`)
  })

  it('are the same each time', () => {
    for (const seed of [3, 5, 8]) {
      assert.deepEqual(runWorld(seed), runWorld(seed))
      assert.deepEqual(planOf(seed), planOf(seed))
    }
    assert.notDeepEqual(planOf(3), planOf(4))
  })

  it('are the same without header prediction', () => {
    const set = ({ hosts }: Scene, headerPrediction: boolean) => {
      // The first is the loopback's, which never has it.
      for (const { stack } of hosts)
        for (const iface of stack.interfaces.slice(1)) iface.headerPrediction = headerPrediction
    }
    let predicted = 0
    for (let seed = 1; seed <= 120; seed++) {
      const scenes: Scene[] = []
      const other = runWorld(seed, { prepare: scene => set(scene, false) })
      const prepare = (scene: Scene) => {
        set(scene, true)
        scenes.push(scene)
      }
      assert.deepEqual(runWorld(seed, { prepare }), other)
      for (const { stack } of scenes[0]!.hosts) predicted += stack.counters.segmentsPredicted
    }
    assert.ok(predicted > 100, String(predicted))
  })

  it('begin near the ISN that was asked for', () => {
    let wanted = 0
    let hit = 0
    for (let seed = 1; seed <= 60; seed++) {
      const { isn } = planOf(seed)
      if (!isn) continue
      wanted++
      let near = false
      const prepare = ({ cable }: Scene) => {
        for (const wire of [cable.forward, cable.backward])
          wire.intercept(packet => {
            near ||= packet.has('SYN') && Math.abs(distance(isn.value, packet.seq | 0)) <= 250
            return 'pass'
          })
      }
      try {
        runWorld(seed, { prepare })
      } catch {
        // Whether it kept its promises is asked above.
      }
      if (near) hit++
    }
    assert(wanted >= 10 && hit >= wanted * 0.9, `${hit} of ${wanted}`)
  })
})
