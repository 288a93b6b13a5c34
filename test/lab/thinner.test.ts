import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Gathering } from '../../src/lab/serve/gathering.js'
import type { LiveSegment } from '../../src/lab/serve/index.js'
import { Thinner } from '../../src/lab/serve/thinner.js'

it('of a row some that lie evenly are kept, however long it is', () => {
  const thinner = new Thinner<number>(10)
  for (const length of [0, 1, 9, 10, 11, 19, 20, 21, 1000, 12_345]) {
    for (let i = 0; i < length; i++) if (thinner.next()) thinner.keep(i)
    assert.equal(thinner.total, length)
    const kept = thinner.take(10)
    assert.equal(kept.length, Math.min(length, 10))
    const gaps = kept.map((item, i) => (kept[i + 1] ?? length) - item)
    if (length > 0) assert.equal(kept[0], 0)
    assert.ok(
      gaps.every(gap => gap >= 1 && gap <= Math.max(1, (2.5 * length) / 10)),
      `${length}: ${kept}`,
    )
  }
})

it('a flood of SYNs has the room of all other segments, and its sum is right', () => {
  const gathering = new Gathering(100, 10)
  let made = 0
  const make = () => {
    made++
    return { event: { kind: 'segment' } as LiveSegment, header: new Uint8Array(40) }
  }
  for (let i = 0; i < 50_000; i++) {
    gathering.segment(true, make)
    gathering.segment(false, make)
  }
  assert.ok(made < 3000, `${made} made`)
  const { events, left } = gathering.take()
  assert.equal(events.length, 100)
  assert.ok(events.every(({ rare }) => rare))
  assert.equal(left, 99_900)
  assert.deepEqual(gathering.take(), { events: [], left: 0, leftStates: 0 })
})
