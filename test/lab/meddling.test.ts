import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Film, shoot } from '../../src/lab/scene/film.js'
import { type Action, CALLS, newScene, type Side } from '../../src/lab/scene/scene.js'
import { STORIES } from '../../src/stories/index.js'

const film = (story: string, ...actions: Action[]): Film => shoot({ ...newScene(story), actions })
const call = (at: number, side: Side, name: (typeof CALLS)[number]): Action => ({
  kind: 'call',
  at,
  side,
  call: name,
})
const notes = ({ events }: Film): string[] =>
  events.flatMap(e => (e.kind === 'note' ? [`${e.t} ${e.text.en}`] : []))

describe('a story in which somebody meddles', () => {
  it('goes on when it cannot do any more what it says, and tells so', () => {
    const told = notes(film('half-close', call(250, 0, 'close')))
    assert.ok(
      told.includes('500 the story cannot go on as written: connection does not exist'),
      told.join('\n'),
    )
  })

  it('can be played whatever a user does, and whenever', () => {
    for (const { name } of STORIES)
      for (const at of [30, 260])
        for (const side of [0, 1] as const)
          for (const what of CALLS)
            if (what !== 'send') assert.ok(film(name, call(at, side, what)).moments.length > 0)
  })

  it('shows what was on the line when the plug was pulled as lost', () => {
    const { segments } = film('retransmit', call(110, 0, 'unplug'), call(130, 0, 'plug'))
    const sent = segments.filter(({ event }) => event.t === 100)
    assert.deepEqual(
      sent.map(({ event }) => [event.fate, event.arrives]),
      Array.from({ length: 8 }, () => ['lost', undefined]),
    )
  })

  it('shows it as delivered if the plug is in again when it arrives', () => {
    const { segments } = film('retransmit', call(105, 0, 'unplug'), call(115, 0, 'plug'))
    assert.equal(segments.filter(({ event }) => event.t === 100 && event.fate === 'delivered').length, 7)
  })

  it('does not pull the plug out of a loopback', () => {
    const { segments } = film('self-connect', call(50, 0, 'unplug'))
    assert.deepEqual(
      segments.map(({ event }) => event.fate),
      segments.map(() => 'delivered'),
    )
  })

  it('lets a host that the story has crashed listen again', () => {
    const told = notes(film('half-open-crash', call(1500, 1, 'listen')))
    assert.ok(told.includes('1500 the user listens on port 80'), told.join('\n'))
  })
})
