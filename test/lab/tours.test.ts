import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Film, shoot } from '../../src/lab/scene/film.js'
import { readLink, writeLink } from '../../src/lab/scene/link.js'
import { newScene, type Scene } from '../../src/lab/scene/scene.js'
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

      it('has a solution that a link can tell', () => {
        const scene = solved(tour)
        assert.deepEqual(readLink(writeLink(scene)).scene, scene)
      })
    })
})
