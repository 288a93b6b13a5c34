import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { STORIES } from '../../src/stories/index.js'
import type { SegmentEvent, StateEvent, TraceEvent } from '../../src/trace/index.js'
import { skipWithoutTshark, tsharkComplaints, tsharkFields } from '../support/tshark.js'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const STORY_NAMES = STORIES.map(story => story.name)

const scratch = mkdtempSync(join(tmpdir(), 'estab-trace-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

async function trace(...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, 'trace', ...args], {
    env: { ...process.env, LC_ALL: 'C.UTF-8', NO_COLOR: '1', FORCE_COLOR: undefined },
    maxBuffer: 2 ** 26,
  })
  assert.equal(stderr, '')
  return stdout
}

const parse = (text: string): TraceEvent[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as TraceEvent)

const events = async (story: string, ...args: string[]): Promise<TraceEvent[]> =>
  parse(await trace(story, '--json', ...args))

const isSegment = (event: TraceEvent): event is SegmentEvent => event.kind === 'segment'
const isState = (event: TraceEvent): event is StateEvent => event.kind === 'state'

/** The states of a host, in order, the first included. */
function path(all: readonly TraceEvent[], host: string): string {
  const states: string[] = []
  for (const event of all) {
    if (!isState(event) || event.host !== host) continue
    if (states.at(-1) !== event.from) states.push(event.from)
    states.push(event.to)
  }
  return states.join(' ')
}

describe('estab trace --list', () => {
  it('names every story', async () => {
    const lines = (await trace('--list')).trimEnd().split('\n')
    assert.deepEqual(
      lines.map(line => line.split(' ')[0]),
      STORY_NAMES,
    )
    const listed = (await trace('--list', '--json')).trimEnd().split('\n')
    assert.deepEqual(
      listed.map(line => JSON.parse(line)),
      STORIES.map(({ name, title }) => ({ name, ...title })),
    )
  })
})

describe('estab trace', { concurrency: 2 }, () => {
  for (const name of STORY_NAMES) {
    const capture = join(scratch, `${name}.pcapng`)

    it(`${name}: JSON lines, the same for the same seed`, async () => {
      const args = [name, '--json', '--seed', '7']
      const [first, second] = await Promise.all([trace(...args, '--pcap', capture), trace(...args)])
      assert.equal(first, second)
      const all = parse(first)
      assert.ok(all.some(isSegment) && all.some(isState))
      for (const event of all) {
        assert.ok(event.t >= 0 && Number.isFinite(event.t))
        assert.match(event.kind, /^(state|segment|timer|note|congestion)$/)
      }
      if (!skipWithoutTshark()) assert.deepEqual(tsharkComplaints(capture), [])
    })

    it(`${name}: the ladder in Chinese`, async () => {
      const zh = await trace(name, '--lang', 'zh')
      assert.ok(zh.startsWith(`${STORIES.find(story => story.name === name)!.title.zh}\n`))
      const ladder = zh.slice(zh.indexOf('(ms)'))
      assert.match(ladder, /\p{Script=Han}/u)
      assert.match(ladder, /[─▶◀]/)
    })
  }

  it('the ladder in English, without colour where that goes to no terminal', async () => {
    const text = await trace('close')
    assert.match(text, /^The four-way close\n/)
    assert.match(text, /client: ESTABLISHED → FIN_WAIT_1 \(CLOSE\)/)
    assert.doesNotMatch(text, /\p{Script=Han}|\p{Cc}(?<!\n)/u)
  })

  it('another seed, another trace', async () => {
    assert.notEqual(
      await trace('close', '--json', '--seed', '7'),
      await trace('close', '--json', '--seed', '8'),
    )
  })

  it('the capture has every segment, and the changes of state as comments', {
    skip: skipWithoutTshark(),
  }, async () => {
    const capture = join(scratch, 'lost.pcapng')
    const all = parse(await trace('lost-last-ack', '--json', '--pcap', capture))
    const frames = tsharkFields(capture, ['frame.time_epoch', 'frame.comment'])
    assert.equal(frames.length, all.filter(isSegment).length)
    const comments = frames.map(([, comment]) => comment!)
    for (const remark of ['client: CLOSED → SYN_SENT (active OPEN)', 'lost on the way'])
      assert.ok(
        comments.some(comment => comment.includes(remark)),
        remark,
      )
    const times = frames.map(([time]) => Number(time))
    assert.ok(Math.abs(times.at(-1)! - times[0]! - 0.37) < 1e-6)
  })
})

describe('the paths through the states', () => {
  it('close', async () => {
    const all = await events('close')
    assert.equal(path(all, 'client'), 'CLOSED SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED')
    assert.equal(path(all, 'server'), 'CLOSED LISTEN SYN_RECEIVED ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED')
  })

  it('simultaneous-open: both through SYN_RECEIVED', async () => {
    const all = await events('simultaneous-open')
    for (const host of ['a', 'b']) assert.match(path(all, host), /^CLOSED SYN_SENT SYN_RECEIVED ESTABLISHED/)
  })

  it('simultaneous-close: both through CLOSING and TIME_WAIT', async () => {
    const all = await events('simultaneous-close')
    for (const host of ['a', 'b'])
      assert.match(path(all, host), /ESTABLISHED FIN_WAIT_1 CLOSING TIME_WAIT CLOSED$/)
  })

  it('lost-last-ack: the FIN twice, and 2MSL from the second on', async () => {
    const all = await events('lost-last-ack')
    const fins = all.filter(isSegment).filter(s => s.from === 'server' && s.flags.includes('FIN'))
    assert.equal(fins.length, 2)
    const lost = all.filter(isSegment).filter(s => s.fate === 'lost')
    assert.deepEqual(
      lost.map(s => [s.from, s.flags]),
      [['client', ['ACK']]],
    )
    const states = all.filter(isState).filter(s => s.host === 'client')
    const entered = states.find(s => s.to === 'TIME_WAIT')
    assert.equal(entered?.t, fins[0]!.arrives)
    const left = states.find(s => s.from === 'TIME_WAIT')
    assert.equal(left?.to, 'CLOSED')
    assert.equal(left?.t, fins[1]!.arrives! + 60_000)
    assert.match(path(all, 'server'), /LAST_ACK CLOSED$/)
  })

  it('the delay of the line is what was asked for', async () => {
    for (const segment of (await events('handshake', '--delay', '70')).filter(isSegment))
      assert.equal(segment.arrives! - segment.t, 70)
  })

  it('congestion is shown only if asked for', async () => {
    const count = (all: TraceEvent[]) => all.filter(event => event.kind === 'congestion').length
    assert.equal(count(await events('retransmit')), 0)
    assert.ok(count(await events('retransmit', '--congestion')) > 0)
  })
})
