import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { distance } from '../../src/tcp/sequence.js'
import { reproduce, runWorld, type Scene } from '../support/worlds.js'
import { planOf } from '../support/worlds-plan.js'

/** Worlds of one test, and seeds: the rest is the soak's (`npm run soak`). */
const EACH = 100
const WORLDS = 800

describe('random worlds', () => {
  for (let first = 1; first <= WORLDS; first += EACH)
    it(`keep every promise of TCP: seeds ${first} to ${first + EACH - 1} [U-10 U-21]`, () => {
      const failures: string[] = []
      for (let seed = first; seed < first + EACH; seed++) {
        try {
          runWorld(seed)
        } catch (error) {
          const why = error instanceof Error ? error.message.split('\n')[0] : error
          failures.push(`world ${seed}: ${why}\n  ${reproduce(seed)}`)
        }
      }
      assert.deepEqual(failures, [])
    })

  it('are the same each time', () => {
    for (const seed of [3, 5, 8]) {
      assert.deepEqual(runWorld(seed), runWorld(seed))
      assert.deepEqual(planOf(seed), planOf(seed))
    }
    assert.notDeepEqual(planOf(3), planOf(4))
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
