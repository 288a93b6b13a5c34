import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Film, shoot } from '../../src/lab/scene/film.js'
import { readLink, writeLink } from '../../src/lab/scene/link.js'
import { type Action, newScene, type Scene } from '../../src/lab/scene/scene.js'
import { findTour, TOURS, type Tour, timeOf } from '../../src/lab/scene/tours/index.js'
import { STORIES, type Text } from '../../src/stories/index.js'

const HAN = /\p{Script=Han}/u

const texts = ({ steps, without, question: { ask, hint, done } }: Tour): Text[] => [
  ...steps.map(step => step.text),
  without,
  ask,
  hint,
  done,
]

const untouched = (tour: Tour): Film => shoot(newScene(tour.story))
const solved = ({ story, question }: Tour): Scene => ({ ...newScene(story), actions: question.solution })

/** What somebody may try who has not understood. */
const WRONG: Record<string, readonly Action[]> = {
  handshake: [{ kind: 'fate', at: 0, side: 1, nth: 0, fate: { what: 'drop' } }],
  close: [{ kind: 'fate', at: 250, side: 1, nth: 3, fate: { what: 'drop' } }],
  'half-close': [{ kind: 'call', at: 250, side: 0, call: 'abort' }],
  'simultaneous-open': [{ kind: 'fate', at: 20, side: 1, nth: 1, fate: { what: 'drop' } }],
  'simultaneous-close': [{ kind: 'call', at: 80, side: 1, call: 'half-close' }],
  'lost-syn': [{ kind: 'call', at: 500, side: 0, call: 'abort' }],
  'lost-syn-ack': [{ kind: 'fate', at: 500, side: 1, nth: 1, fate: { what: 'drop' } }],
  'lost-handshake-ack': [{ kind: 'call', at: 1200, side: 0, call: 'send', bytes: 100 }],
  'lost-fin': [{ kind: 'fate', at: 300, side: 0, nth: 3, fate: { what: 'drop' } }],
  'lost-last-ack': [{ kind: 'fate', at: 370, side: 0, nth: 4, fate: { what: 'drop' } }],
  'time-wait': [{ kind: 'fate', at: 100, side: 1, nth: 1, fate: { what: 'duplicate', ms: 30_000 } }],
  'time-wait-reuse': [{ kind: 'fate', at: 1500, side: 0, nth: 4, fate: { what: 'duplicate', ms: 500 } }],
  refused: [
    { kind: 'call', at: 100, side: 1, call: 'listen' },
    { kind: 'call', at: 200, side: 0, call: 'connect' },
  ],
  reset: [{ kind: 'forge', at: 150, side: 1, nth: 1, edit: { flags: ['RST'] } }],
  abort: [{ kind: 'fate', at: 105, side: 0, nth: 5, fate: { what: 'drop' } }],
  'half-open-crash': [{ kind: 'call', at: 2100, side: 0, call: 'connect' }],
  'old-duplicate-syn': [{ kind: 'fate', at: 100, side: 0, nth: 1, fate: { what: 'drop' } }],
  'zero-window': [{ kind: 'fate', at: 1840, side: 1, nth: 5, fate: { what: 'drop' } }],
  retransmit: [{ kind: 'fate', at: 140, side: 1, nth: 1, fate: { what: 'drop' } }],
  'out-of-order': [{ kind: 'fate', at: 100, side: 0, nth: 3, fate: { what: 'drop' } }],
  keepalive: [{ kind: 'call', at: 12_500, side: 0, call: 'plug' }],
  'self-connect': [{ kind: 'call', at: 200, side: 0, call: 'connect' }],
}

describe('tours', () => {
  it('every story has one, and no other', () => {
    const stories = STORIES.map(story => story.name)
    assert.deepEqual(TOURS.map(tour => tour.story).sort(), [...stories].sort())
    for (const name of stories) assert.equal(findTour(name)?.story, name)
  })

  for (const tour of TOURS)
    describe(tour.story, () => {
      it('says everything in both languages', () => {
        for (const { en, zh } of texts(tour)) {
          assert.ok(en.trim().length > 0 && !HAN.test(en), en)
          assert.match(zh, HAN)
          assert.doesNotMatch(en + zh, /[!！]/)
        }
      })

      it('tells three to seven steps, in order, of things that happen', () => {
        const film = untouched(tour)
        const times = tour.steps.map(({ cue }) => timeOf(cue, film))
        assert.ok(times.length >= 3 && times.length <= 7, `${times.length} steps`)
        tour.steps.forEach(({ cue }, i) => {
          assert.notEqual(times[i], undefined, JSON.stringify(cue))
        })
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a! - b!),
        )
      })

      it('asks for something that is not so, and can be brought about', () => {
        const { goal } = tour.question
        assert.equal(goal(untouched(tour)), false)
        assert.equal(goal(shoot(solved(tour))), true)
      })

      it('does not take a wrong idea for the answer', () => {
        const actions = WRONG[tour.story]
        assert.ok(actions)
        assert.equal(tour.question.goal(shoot({ ...newScene(tour.story), actions })), false)
      })

      it('has a solution that a link can tell', () => {
        const scene = solved(tour)
        assert.deepEqual(readLink(writeLink(scene)).scene, scene)
      })
    })
})
