import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findStory, play, STORIES } from '../../src/stories/index.js'
import { REACTIONS } from '../../src/tcp/reactions.js'
import { TRANSITION_LIST } from '../../src/tcp/states.js'
import type { SegmentEvent, TraceEvent } from '../../src/trace/events.js'
import { drawLadder, Ladder } from '../../src/trace/ladder.js'
import { FATE_WORDS, REACTION_WORDS, TIMER_WORDS } from '../../src/trace/words.js'

const hostsOf = (name: string): [string, string] => {
  const [left, right] = findStory(name)!.hosts
  return [left, right ?? left]
}

const draw = (name: string, options = {}): string[] =>
  drawLadder(play(findStory(name)!).recorder.events, { hosts: hostsOf(name), ...options }).split('\n')

const segment = (fields: Partial<SegmentEvent>): SegmentEvent => ({
  t: 0,
  kind: 'segment',
  from: 'client',
  to: 'server',
  flags: ['ACK'],
  seq: 1,
  ack: 1,
  len: 0,
  win: 100,
  options: {},
  fate: 'delivered',
  ...fields,
})

const HOSTS: [string, string] = ['client', 'server']
/** Matches no colour at all. */
const ESCAPE = '\u001b['

describe('the ladder', () => {
  it('keeps its columns in every story, in both languages', () => {
    for (const { name } of STORIES)
      for (const language of ['en', 'zh'] as const) {
        const lines = draw(name, { language, width: 80 })
        const arrows = lines.filter(line => /─|✗/.test(line))
        assert(arrows.length > 0)
        // Two columns for a Chinese character; a lost or delivered segment alike ends before the right host.
        const width = (text: string) => [...text].reduce((n, c) => n + (/\p{Script=Han}/u.test(c) ? 2 : 1), 0)
        for (const line of arrows) {
          const right = /(?<=[▶✗─] ? )( ?)[A-Z][A-Z_0-9]+$/.exec(line)
          assert(right, `${name}: ${line}`)
          assert.equal(width(line.replace(/[A-Z_0-9]+$/, '')), 13 + 13 + 80 + 2, `${name}: ${line}`)
        }
        assert(lines.slice(1).every(line => /^ *\d+\.\d {2}/.test(line)))
      }
  })

  it('goes on in time', () => {
    for (const { name } of STORIES) {
      const times = draw(name)
        .slice(1)
        .map(line => Number.parseFloat(line))
      assert(times.every((t, i) => i === 0 || times[i - 1]! <= t))
    }
  })

  it('says what is in a segment', () => {
    const ladder = new Ladder({ hosts: HOSTS, width: 70 })
    const line = ladder.line(
      segment({
        flags: ['PSH', 'ACK'],
        seq: 1001,
        ack: 51,
        len: 500,
        win: 4096,
        options: {
          sack: [
            [61, 71],
            [81, 91],
          ],
        },
      }),
    )
    assert.match(
      line,
      /─ PSH,ACK seq=1001 ack=51 len=500 win=4096 sack=61\.\.71 sack=81\.\.91 ─.*▶ {2}CLOSED$/,
    )
    assert.match(ladder.line(segment({ flags: ['RST'], seq: 7, ack: 0 })), /─ RST seq=7 ─/)
    assert.match(ladder.line(segment({ flags: [], seq: 7 })), /─ - seq=7 win=100 ─/)
    assert.match(ladder.line(segment({ flags: ['SYN'], options: { mss: 536 } })), /SYN seq=1 win=100 mss=536/)
    assert.match(ladder.line(segment({ from: 'server', to: 'client' })), /◀─+ ACK/)
  })

  it('says what became of it', () => {
    const ladder = new Ladder({ hosts: HOSTS })
    assert.match(ladder.line(segment({ fate: 'lost' })), /\[lost\] ─+✗ /)
    assert.match(ladder.line(segment({ fate: 'lost', from: 'server', to: 'client' })), / ✗─+ ACK/)
    assert.match(ladder.line(segment({ fate: 'duplicated' })), /\[duplicate\]/)
    const zh = new Ladder({ hosts: HOSTS, language: 'zh' })
    assert.match(zh.line(segment({ fate: 'corrupted' })), /\[损坏\]/)
  })

  it('remarks on what a reader would wonder about, where it happens', () => {
    const lines = draw('time-wait')
    const paws = lines.findIndex(line =>
      line.includes('an old duplicate, by its timestamp: dropped (RFC 7323 5.3)'),
    )
    assert.match(lines[paws]!, /^ +5120\.0 {2}· client:/)
    const ladder = new Ladder({ hosts: HOSTS })
    assert.equal(ladder.verdict(segment({ arrives: 5, reaction: 'R24' })), '')
    assert.equal(ladder.verdict(segment({ reaction: 'PAWS' })), '', 'it never arrived')
    assert.match(
      ladder.verdict(segment({ arrives: 5, reaction: 'PAWS' })),
      /^ +5\.0 {2}· server: an old duplicate/,
    )
  })

  it('shows congestion control and timers', () => {
    const ladder = new Ladder({ hosts: HOSTS })
    const congestion: TraceEvent = {
      t: 1,
      kind: 'congestion',
      host: 'client',
      cwnd: 10,
      ssthresh: 5,
      cause: 'x',
    }
    assert.match(ladder.line(congestion), /client: cwnd 10 ssthresh 5 \(x\)/)
    assert.match(ladder.line({ t: 1, kind: 'timer', host: 'client', timer: 'user' }), /client: user timeout/)
  })

  it('colours only if asked to', () => {
    assert(!draw('reset').join('').includes(ESCAPE))
    const coloured = draw('reset', { colour: true })
    assert.deepEqual(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
      coloured.map(line => line.replace(/\u001b\[[\d;]*m/g, '')),
      draw('reset'),
    )
    assert(
      coloured.some(line => line.includes(`${ESCAPE}31m◀─`)),
      'a RST is red',
    )
  })

  it('has words for everything in both languages', () => {
    const han = /\p{Script=Han}/u
    const said = [
      ...Object.values(TIMER_WORDS),
      ...Object.values(FATE_WORDS),
      ...Object.values(REACTION_WORDS),
    ]
    for (const words of [...said, ...TRANSITION_LIST]) {
      assert(han.test(words!.zh) && !han.test(words!.en) && words!.en.length > 0)
      assert(!/[a-z]{3}/.test(words!.zh.replace(/RFC/g, '')), words!.zh)
    }
    for (const id of Object.keys(REACTION_WORDS)) assert(id in REACTIONS)
  })
})
