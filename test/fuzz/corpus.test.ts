import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { REACTIONS } from '../../src/tcp/reactions.js'
import { TRANSITION_LIST } from '../../src/tcp/states.js'
import { DROP_REASONS } from '../../src/wire/drops.js'
import { parseWorld, worldText } from './actions.js'
import { reaches, readCorpus } from './corpus.js'
import { Coverage } from './coverage.js'
import { NEVER } from './fuzzed.js'
import { play, replay, worldOf } from './run.js'
import { shrink } from './shrink.js'

const corpus = readCorpus()
const again = 'delete its file, and let `npm run fuzz -- --save` find another'

describe('the corpus', () => {
  it('reaches what it says, with every promise kept', () => {
    for (const entry of corpus)
      assert.ok(reaches(entry), `the entry for ${entry.key} does not reach it any more: ${again}`)
  })

  it('has an entry for every transition, reaction and reason to drop a packet', () => {
    const keys = new Set(corpus.map(({ key }) => key))
    const reactions = new Set([...keys].map(key => key.split(' ')[0]))
    const edges = TRANSITION_LIST.flatMap(({ id, from }) => from.map(state => `${id} ${state}`))
    const without = [
      ...edges.filter(key => !keys.has(key) && !NEVER.transitions.includes(key)),
      ...Object.keys(REACTIONS).filter(id => !reactions.has(id) && !NEVER.reactions.includes(id)),
      ...DROP_REASONS.filter(reason => !keys.has(reason) && !NEVER.drops.includes(reason)),
    ]
    assert.deepEqual(without, [])
  })
})

describe('playing again', () => {
  it('one seed is one world', () => {
    const text = () => {
      const options = worldOf(7)
      return worldText(options, play(options, new Coverage(), { record: true }).record!)
    }
    assert.equal(text(), text())
  })

  it('what was noted reaches what was reached, also from text', () => {
    for (const seed of [3, 5, 11]) {
      const options = worldOf(seed, { mode: 'hostile' })
      const first = new Coverage()
      const { record } = play(options, first, { record: true })
      const read = parseWorld(worldText(options, record!))
      assert.deepEqual(read, { options, actions: record })
      const second = new Coverage()
      replay(read.options, read.actions, second).finish()
      assert.deepEqual(second, first)
    }
  })

  it('packets find their connection again, though its numbers are others', () => {
    // The same packets, and initial sequence numbers that nobody had then.
    const entry = corpus.find(({ key }) => key === 'T19 FIN_WAIT_2')!
    for (const isn of [1, -5, 0x7fffffff]) {
      const options = { ...entry.options, isn }
      assert.ok(reaches({ ...entry, options }), `ISN ${isn}`)
    }
  })

  it('shrinks to what matters', () => {
    const options = worldOf(5, { mode: 'hostile' })
    const { record } = play(options, new Coverage(), { record: true })
    const key = 'T15 ESTABLISHED'
    const least = shrink(record!, actions => reaches({ key, options, actions }))
    // Somebody opens, his peer answers, and closes.
    assert.ok(least.length <= 5, worldText(options, least))
    for (const action of least)
      assert.ok(
        !reaches({ key, options, actions: least.filter(other => other !== action) }),
        'one less would do',
      )
  })
})
