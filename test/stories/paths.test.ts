import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findStory, paths, play, STORIES } from '../../src/stories/index.js'
import { TRANSITION_LIST } from '../../src/tcp/states.js'
import type { StateEvent } from '../../src/trace/events.js'

const CLIENT = 'CLOSED SYN_SENT ESTABLISHED'
const SERVER = 'CLOSED LISTEN SYN_RECEIVED ESTABLISHED'
const CLOSES_FIRST = `FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`
const CLOSES_SECOND = 'CLOSE_WAIT LAST_ACK CLOSED'
const ORDERLY = { client: `${CLIENT} ${CLOSES_FIRST} CLOSED`, server: `${SERVER} ${CLOSES_SECOND}` }
const OPEN = { client: CLIENT, server: SERVER }
const BROKEN = { client: `${CLIENT} CLOSED`, server: `${SERVER} CLOSED` }

/** The states of each host, from the first event to the last. */
const PATHS: Record<string, Record<string, string>> = {
  handshake: OPEN,
  close: ORDERLY,
  'half-close': ORDERLY,
  'simultaneous-open': {
    a: 'CLOSED SYN_SENT SYN_RECEIVED ESTABLISHED',
    b: 'CLOSED SYN_SENT SYN_RECEIVED ESTABLISHED',
  },
  'simultaneous-close': {
    a: `${CLIENT} FIN_WAIT_1 CLOSING TIME_WAIT CLOSED`,
    b: `${SERVER} FIN_WAIT_1 CLOSING TIME_WAIT CLOSED`,
  },
  'lost-syn': OPEN,
  'lost-syn-ack': OPEN,
  'lost-handshake-ack': OPEN,
  'lost-fin': ORDERLY,
  'lost-last-ack': ORDERLY,
  'time-wait': ORDERLY,
  'time-wait-reuse': {
    client: `${CLIENT} ${CLOSES_SECOND} SYN_SENT ESTABLISHED`,
    server: `${SERVER} ${CLOSES_FIRST} SYN_RECEIVED ESTABLISHED`,
  },
  refused: { client: 'CLOSED SYN_SENT CLOSED', server: '' },
  reset: BROKEN,
  abort: BROKEN,
  'half-open-crash': { client: `${CLIENT} CLOSED`, server: SERVER },
  'old-duplicate-syn': {
    client: 'CLOSED SYN_SENT CLOSED SYN_SENT ESTABLISHED',
    server: 'CLOSED LISTEN SYN_RECEIVED LISTEN SYN_RECEIVED ESTABLISHED',
  },
  'zero-window': OPEN,
  retransmit: OPEN,
  'out-of-order': OPEN,
  keepalive: { client: `${CLIENT} CLOSED`, server: SERVER },
  'self-connect': { a: 'CLOSED SYN_SENT SYN_RECEIVED ESTABLISHED' },
}

describe('stories', () => {
  it('are these, in this order', () => {
    assert.deepEqual(
      STORIES.map(story => story.name),
      Object.keys(PATHS),
    )
    assert.equal(findStory('close')!.name, 'close')
    assert.equal(findStory('happily-ever-after'), undefined)
  })

  for (const story of STORIES) {
    it(`${story.name} leads each host through its states`, () => {
      const stage = play(story)
      const walked = Object.entries(paths(stage)).map(([host, path]) => [host, path.join(' ')])
      assert.deepEqual(Object.fromEntries(walked), PATHS[story.name])
      assert.deepEqual(stage.world.errors, [])
    })
  }

  it('lead through the same states however far apart the hosts are and whatever the seed', () => {
    for (const story of STORIES)
      for (const options of [{ seed: 99 }, { seed: 7, delay: 12 }]) {
        const walked = Object.entries(paths(play(story, options))).map(([host, path]) => [
          host,
          path.join(' '),
        ])
        assert.deepEqual(Object.fromEntries(walked), PATHS[story.name], story.name)
      }
  })

  it('are the same each time', () => {
    for (const story of STORIES) {
      const [one, two] = [play(story, { congestion: true }), play(story, { congestion: true })]
      assert.equal(JSON.stringify(one.recorder.events), JSON.stringify(two.recorder.events))
    }
    const bytes = (seed: number) => play(findStory('close')!, { seed }).recorder.segments[0]!.bytes
    assert.notDeepEqual(bytes(1), bytes(2), 'the ISN comes from the seed')
  })

  it('have a title and say what happens, in both languages', () => {
    const han = /\p{Script=Han}/u
    for (const { name, title, about } of STORIES) {
      for (const text of [title, about]) {
        assert(text.en.length > 0 && !han.test(text.en), name)
        assert(han.test(text.zh), name)
      }
      assert(about.en.endsWith('.') && about.zh.endsWith('。') && !title.en.endsWith('.'), name)
      assert(about.en.length > 2 * title.en.length, name)
    }
    for (const event of STORIES.flatMap(story => play(story).recorder.events))
      if (event.kind === 'note') assert(event.text.en.length > 0 && han.test(event.text.zh))
  })

  it('take every road of an ordinary life', () => {
    const taken = new Set(
      STORIES.flatMap(story => play(story).recorder.events)
        .filter((e): e is StateEvent => e.kind === 'state')
        .map(e => e.id),
    )
    const ordinary = TRANSITION_LIST.filter(t => /^T(0[125678]|1[45679]|2[0-4679]|30|32|41)$/.test(t.id))
    assert.deepEqual(
      ordinary.filter(t => !taken.has(t.id)).map(t => t.id),
      [],
    )
  })
})
