import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, describe, it } from 'node:test'
import { findStory, paths, play, STORIES, type Story } from '../../src/stories/index.js'
import type { State } from '../../src/tcp/states.js'
import { writeSegments } from '../../src/trace/capture.js'
import type { CapturedPacket } from '../../src/trace/capture-file.js'
import { type Conversation, conversations } from '../../src/trace/conversations.js'
import { drawLadder } from '../../src/trace/ladder.js'
import { PcapngWriter } from '../../src/trace/pcapng.js'
import { readCapture } from '../../src/trace/read-capture.js'
import { ACK, FIN, PSH, RST, SYN } from '../../src/wire/tcp.js'
import { ipv4, join, tcp, tcpPacket, udpPacket } from '../support/packets.js'
import { skipWithoutTshark, tsharkFields } from '../support/tshark.js'

const scratch = mkdtempSync(path.join(tmpdir(), 'estab-conversations-'))
after(() => rmSync(scratch, { recursive: true }))

const C = { src: '10.0.0.1', dst: '10.0.0.2', srcPort: 40000, dstPort: 80 }
const S = { src: '10.0.0.2', dst: '10.0.0.1', srcPort: 80, dstPort: 40000 }
const CLIENT = '10.0.0.1:40000'
const SERVER = '10.0.0.2:80'

interface Line {
  readonly t: number
  readonly from: typeof C
  readonly flags: number
  readonly seq: number
  readonly ack?: number
  readonly len?: number
  readonly window?: number
  readonly options?: number[]
  readonly id?: number
  readonly place?: number
}

/** Client's ISN 1000, server's 5000; `id` counts on, as a host's does. */
let ids = 1
const packet = ({ t, from, id = ids++, place = 0, len = 0, ...fields }: Line): CapturedPacket => {
  const bytes = ipv4({ ...from, protocol: 6, id }, tcp({ ...from, ...fields, payload: new Uint8Array(len) }))
  return { time: t, bytes, length: bytes.length, truncated: false, place }
}
const c = (t: number, flags: number, seq: number, ack: number, rest: Partial<Line> = {}): Line => ({
  t,
  from: C,
  flags,
  seq: 1000 + seq,
  ack: flags & ACK ? 5000 + ack : 0,
  ...rest,
})
const s = (t: number, flags: number, seq: number, ack: number, rest: Partial<Line> = {}): Line => ({
  t,
  from: S,
  flags,
  seq: 5000 + seq,
  ack: flags & ACK ? 1000 + ack : 0,
  ...rest,
})
const OPENED = [c(0, SYN, 0, 0), s(10, SYN | ACK, 0, 1), c(20, ACK, 1, 1)]

const all = (...lines: Line[]) => conversations(lines.map(packet)).conversations
function one(...lines: Line[]): Conversation {
  const found = all(...lines)
  assert.equal(found.length, 1)
  return found[0]!
}

const walked = (events: Conversation['events'], host: string): State[] => {
  const states: State[] = []
  for (const e of events) {
    if (e.kind !== 'state' || e.host !== host) continue
    if (states.at(-1) !== e.from) states.push(e.from)
    states.push(e.to)
  }
  return states
}
const moves = (conversation: Conversation, host = CLIENT) =>
  conversation.events.flatMap(e => (e.kind === 'state' && e.host === host ? [`${e.t} ${e.id}`] : []))
const notes = (conversation: Conversation) =>
  conversation.events.flatMap(e => (e.kind === 'note' ? [`${e.t} ${e.text.en}`] : []))
const brief = (conversation: Conversation) =>
  conversation.segments.map(
    ({ event: e }) => `${e.from === CLIENT ? '>' : '<'} ${e.flags} ${e.seq} ${e.ack} ${e.len}`,
  )

function storyFile(story: Story): Uint8Array {
  const blocks: Uint8Array[] = []
  const writer = new PcapngWriter(block => blocks.push(block))
  writeSegments(writer, play(story).recorder.segments, 1_735_689_600_000)
  return join(...blocks)
}

/** What no capture shows, though the story has it. */
const EXEMPT: Record<string, Record<string, string>> = {
  // It forgot everything, and a RST is all that is seen of that: it looks like an ABORT.
  'half-open-crash': { server: 'CLOSED LISTEN SYN_RECEIVED ESTABLISHED CLOSED' },
  // The last RST was lost behind the place of the capture, and a RST is taken to have arrived.
  keepalive: { server: 'CLOSED LISTEN SYN_RECEIVED ESTABLISHED CLOSED' },
  // Whether 2MSL had passed, or the SYN ended TIME_WAIT, looks the same: a new connection, taken by the listener.
  'time-wait-reuse': {
    server:
      'CLOSED LISTEN SYN_RECEIVED ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED LISTEN SYN_RECEIVED ESTABLISHED',
  },
}

describe('the states of a captured story', () => {
  for (const story of STORIES)
    it(`are those it had: ${story.name}`, () => {
      const found = conversations(readCapture(storyFile(story)).packets).conversations
      const walks = paths(play(story))
      story.hosts.forEach((host, i) => {
        const port = story.hosts.length === 1 || i === 1 ? 80 : 40000
        const address = `10.0.0.${i + 1}:${port}`
        const states = found.flatMap(each => walked(each.events, address))
        const got = states.filter((state, k) => state !== states[k - 1]).join(' ')
        // That 2MSL are over nobody sees.
        const had = walks[host]!.join(' ').replace(/TIME_WAIT CLOSED$/, 'TIME_WAIT')
        assert.equal(got, EXEMPT[story.name]?.[host] ?? had)
      })
      assert.equal(found.length, story.name === 'time-wait-reuse' ? 2 : 1)
    })

  it('are the same wherever the capture is taken: at either end, without what was lost before', () => {
    /** A RST ends the attempt that it answers: where it comes before the next SYN, that is another connection. */
    const split = 'CLOSED LISTEN SYN_RECEIVED LISTEN CLOSED LISTEN SYN_RECEIVED ESTABLISHED'
    const differ: Record<string, string> = {
      'old-duplicate-syn at server, server': split,
      // The last RST is there at one end only: the server never had it, and the client's end never shows otherwise.
      'keepalive at client, server': EXEMPT['keepalive']!['server']!,
      'keepalive at server, client': 'CLOSED SYN_SENT ESTABLISHED',
      'keepalive at server, server': 'CLOSED LISTEN SYN_RECEIVED ESTABLISHED',
    }
    for (const story of STORIES)
      for (const options of [{}, { seed: 7, delay: 12 }])
        for (const place of story.hosts) {
          const stage = play(story, options)
          const seen = stage.recorder.segments.flatMap(({ event, bytes }) => {
            const time = event.from === place ? event.t : event.arrives
            return time === undefined
              ? []
              : [{ time, bytes, length: bytes.length, truncated: false, place: 0 }]
          })
          const found = conversations(seen).conversations
          story.hosts.forEach((host, i) => {
            const port = story.hosts.length === 1 || i === 1 ? 80 : 40000
            const states = found.flatMap(each => walked(each.events, `10.0.0.${i + 1}:${port}`))
            const got = states.filter((state, k) => state !== states[k - 1]).join(' ')
            const had = paths(stage)
              [host]!.join(' ')
              .replace(/TIME_WAIT CLOSED$/, 'TIME_WAIT')
            const name = `${story.name} at ${place}, ${host}`
            assert.equal(got, differ[name] ?? EXEMPT[story.name]?.[host] ?? had, name)
          })
          for (const each of found) assert.doesNotMatch(notes(each).join(), /does not fit|yet it goes on/)
        }
  })

  it('are told where they show, in order', () => {
    const [close] = conversations(readCapture(storyFile(findStory('close')!)).packets).conversations
    assert.deepEqual(moves(close!), ['0 T02', '20 T06', '200 T14', '220 T16', '250 T19'])
    assert.deepEqual(moves(close!, SERVER), ['0 T01', '0 T05', '40 T08', '200 T15', '250 T21', '270 T22'])
    assert.deepEqual(
      close!.segments[0]!.before.map(e => e.id),
      ['T02', 'T01'],
    )
    const lines = drawLadder(close!.events, { hosts: [CLIENT, SERVER] }).split('\n')
    assert.match(lines.find(line => line.includes('SYN seq'))!, /SYN_SENT .*▶ {2}LISTEN$/)
    assert.equal(lines.filter(line => line.includes('▶') || line.includes('◀')).length, 9)
  })

  it('have segments like those the story recorded', () => {
    for (const name of ['close', 'retransmit', 'half-close']) {
      const [found] = conversations(readCapture(storyFile(findStory(name)!)).packets).conversations
      const recorded = [...play(findStory(name)!).recorder.segments].sort((a, b) => a.event.t - b.event.t)
      const strip = ({ event }: { event: Conversation['segments'][number]['event'] }) => {
        const { t, flags, seq, ack, len, win, options } = event
        return { t, flags, seq, ack, len, win, options }
      }
      assert.deepEqual(found!.segments.map(strip), recorded.map(strip))
    }
  })
})

describe('conversations', () => {
  it('keep apart what is between other ports or hosts, of both versions of IP', () => {
    const v6 = tcpPacket({ src: 'fd00::1', dst: 'fd00::2', srcPort: 40000 })
    const packets = [packet(c(0, SYN, 0, 0)), packet({ ...c(1, SYN, 0, 0), from: { ...C, srcPort: 40001 } })]
    packets.push({ time: 2, bytes: v6, length: v6.length, truncated: false, place: 0 })
    const found = conversations(packets).conversations
    assert.deepEqual(
      found.map(each => `${each.client} ${each.server}`),
      [`${CLIENT} ${SERVER}`, `10.0.0.1:40001 ${SERVER}`, '[fd00::1]:40000 [fd00::2]:80'],
    )
  })

  it('count what is no segment', () => {
    const whole = tcpPacket()
    const cut = (n: number) => ({ bytes: whole.subarray(0, n), length: whole.length, truncated: true })
    const of = (bytes: Uint8Array) => ({ bytes, length: bytes.length, truncated: false })
    const packets = [
      of(udpPacket({}, [1])),
      of(ipv4({ protocol: 6, more: true }, tcp())),
      cut(35),
      of(tcpPacket({ dataOffset: 2 })),
    ]
    const { skipped } = conversations(packets.map(p => ({ ...p, time: 0, place: 0 })))
    assert.deepEqual(skipped, { 'not-tcp': 1, fragment: 1, 'cut-short': 1, malformed: 1 })
  })

  it('know the length of text that was not captured, and do without checksums', () => {
    const { bytes } = packet(c(0, SYN, 0, 0, { len: 500 }))
    const copy = Uint8Array.from(bytes.subarray(0, 40))
    copy.set([0, 0], 10)
    copy.set([0, 0], 36)
    const [found] = conversations([
      { time: 0, bytes: copy, length: bytes.length, truncated: true, place: 0 },
    ]).conversations
    assert.equal(found!.segments[0]!.event.len, 500)
  })

  it('put packets in order of time', () => {
    const lines = [OPENED[1]!, OPENED[0]!, OPENED[2]!]
    assert.deepEqual(brief(one(...lines)), ['> SYN 0 0 0', '< SYN,ACK 0 1 0', '> ACK 1 1 0'])
  })

  it('scale windows if both SYNs were seen and offered it', () => {
    const scale = (n: number) => ({ options: [3, 3, n, 0] })
    const both = [
      c(0, SYN, 0, 0, scale(2)),
      s(1, SYN | ACK, 0, 1, scale(3)),
      c(2, ACK, 1, 1, { window: 100 }),
    ]
    const wins = (...lines: Line[]) => one(...lines).segments.map(each => each.event.win)
    assert.deepEqual(wins(...both), [65535, 65535, 400])
    assert.deepEqual(wins(both[0]!, both[2]!), [65535, 100])
  })

  it('begin anew with a SYN that has another number, once the old one has closed', () => {
    const closed = [
      ...OPENED,
      c(30, FIN | ACK, 1, 1),
      s(40, FIN | ACK, 1, 2),
      c(50, ACK, 2, 2),
      c(60, SYN, 90_000, 0),
      s(70, SYN | ACK, 70_000, 90_001),
    ]
    const found = all(...closed)
    assert.deepEqual(
      found.map(each => each.segments.length),
      [6, 2],
    )
    assert.deepEqual(brief(found[1]!), ['> SYN 0 0 0', '< SYN,ACK 0 1 0'])
    const again = all(...OPENED, s(30, RST, 1, 0), s(40, SYN, 33, 0))
    assert.deepEqual([again.length, again[1]!.client], [2, SERVER])
  })

  it('begin anew with a SYN that is answered, though the end of the old one was not seen', () => {
    const next = [c(60, SYN, 90_000, 0), s(70, SYN | ACK, 70_000, 90_001)]
    assert.equal(all(...OPENED, ...next).length, 2)
    const stray = one(...OPENED, next[0]!, s(70, ACK, 1, 1))
    assert.deepEqual(notes(stray), [
      '60 a SYN on an open connection: it opens nothing, and a challenge ACK is due (RFC 5961)',
    ])
    assert.deepEqual(walked(stray.events, CLIENT), ['CLOSED', 'SYN_SENT', 'ESTABLISHED'])
  })

  it('go on with a SYN that has the same number: a refused client that insists', () => {
    const found = one(
      c(0, SYN, 0, 0),
      s(1, RST | ACK, -5000, 1),
      c(500, SYN, 0, 0),
      s(501, RST | ACK, -5000, 1),
    )
    assert.deepEqual(moves(found), ['0 T02', '501 T29'])
    assert.deepEqual(notes(found), ['500 retransmission of SYN'])
  })

  it('count a packet that was captured twice once', () => {
    const twice = [c(30, PSH | ACK, 1, 1, { len: 10, id: 77 }), c(30.2, PSH | ACK, 1, 1, { len: 10, id: 77 })]
    const found = one(...OPENED, ...twice)
    assert.deepEqual([found.duplicates, found.segments.length, notes(found)], [1, 4, []])
    const sent = one(...OPENED, twice[0]!, c(30.2, PSH | ACK, 1, 1, { len: 10, id: 78 }))
    assert.deepEqual([sent.duplicates, sent.segments.length], [0, 5])
    const late = one(...OPENED, twice[0]!, c(40, PSH | ACK, 1, 1, { len: 10, id: 77 }))
    assert.equal(late.duplicates, 0)
  })

  it('tell acknowledgments of a kind without identification apart by where they were captured', () => {
    const acks = (place: number) => [s(30, ACK, 1, 1, { id: 0 }), s(30.1, ACK, 1, 1, { id: 0, place })]
    assert.equal(one(...OPENED, ...acks(0)).duplicates, 0)
    assert.equal(one(...OPENED, ...acks(1)).duplicates, 1)
  })
})

describe('a capture that does not have everything', () => {
  it('begins ESTABLISHED in the middle, counts from what it sees first, the lower port is the server', () => {
    const found = one(
      s(0, PSH | ACK, 500, 300, { len: 20 }),
      c(1, ACK, 300, 520),
      c(2, FIN | ACK, 300, 520),
      s(3, ACK, 520, 301),
    )
    assert.deepEqual([found.client, found.beginning, found.initial], [CLIENT, false, 'ESTABLISHED'])
    assert.deepEqual(brief(found), ['< PSH,ACK 1 1 20', '> ACK 1 21 0', '> FIN,ACK 1 21 0', '< ACK 21 2 0'])
    assert.deepEqual(walked(found.events, CLIENT), ['ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2'])
    assert.deepEqual(walked(found.events, SERVER), ['ESTABLISHED', 'CLOSE_WAIT'])
    assert.deepEqual(notes(found), [
      '0 the capture begins in the middle: both sides are taken to be ESTABLISHED',
    ])
    const ladder = drawLadder(found.events, { hosts: [CLIENT, SERVER], initial: found.initial })
    assert.match(ladder, /ESTABLISHED {2}◀/)
  })

  it('begins with the SYN,ACK: there must have been a SYN', () => {
    const found = one(OPENED[1]!, OPENED[2]!)
    assert.deepEqual(walked(found.events, CLIENT), ['CLOSED', 'SYN_SENT', 'ESTABLISHED'])
    assert.deepEqual(walked(found.events, SERVER), ['CLOSED', 'LISTEN', 'SYN_RECEIVED', 'ESTABLISHED'])
  })

  it('sees one direction only: the other must have done its part', () => {
    const found = one(c(0, SYN, 0, 0), c(20, ACK, 1, 1), c(30, ACK, 1, 1, { len: 9 }), c(40, ACK, 10, 99))
    assert.deepEqual(walked(found.events, CLIENT), ['CLOSED', 'SYN_SENT', 'ESTABLISHED'])
    assert.deepEqual(walked(found.events, SERVER), ['CLOSED', 'LISTEN', 'SYN_RECEIVED', 'ESTABLISHED'])
    assert.deepEqual(notes(found), [
      '20 must have had a SYN,ACK, which is not in the capture',
      '20 acknowledges what the capture does not have: it sees one direction only, or not all of the other',
    ])
  })

  it('says nothing of what cannot be known', () => {
    // Nobody answers; a SYN,ACK that the client may never have had; a FIN that may never have arrived.
    assert.deepEqual(moves(one(c(0, SYN, 0, 0), c(1000, SYN, 0, 0)), SERVER), [])
    assert.deepEqual(moves(one(OPENED[0]!, OPENED[1]!, s(1000, SYN | ACK, 0, 1))), ['0 T02'])
    assert.deepEqual(moves(one(...OPENED, c(30, FIN | ACK, 1, 1)), SERVER), ['0 T01', '0 T05', '20 T08'])
  })

  it('shows a SYN scan: the client never was open', () => {
    const found = one(OPENED[0]!, OPENED[1]!, c(20, RST, 1, 0))
    assert.deepEqual(walked(found.events, CLIENT), ['CLOSED', 'SYN_SENT', 'CLOSED'])
    assert.deepEqual(walked(found.events, SERVER), ['CLOSED', 'LISTEN', 'SYN_RECEIVED', 'LISTEN'])
  })

  it('shows three segments that close', () => {
    const found = one(...OPENED, c(30, FIN | ACK, 1, 1), s(40, FIN | ACK, 1, 2), c(50, ACK, 2, 2))
    assert.deepEqual(moves(found).slice(2), ['30 T14', '40 T18'])
    assert.deepEqual(moves(found, SERVER).slice(3), ['30 T15', '40 T21', '50 T22'])
  })
})

describe('what does not fit', () => {
  it('is remarked on, once for each state, and throws nothing', () => {
    const found = one(...OPENED, c(30, RST, 1, 0), c(40, ACK, 1, 1, { len: 5 }), s(50, ACK, 1, 6))
    assert.deepEqual(notes(found), ['30 a RST, and yet it goes on: old, refused, or sent by somebody else'])
    assert.equal(walked(found.events, CLIENT).at(-1), 'ESTABLISHED')
    const closed = [...OPENED, c(30, FIN | ACK, 1, 1), s(40, ACK, 1, 2)]
    const more = [c(50, ACK, 2, 1, { len: 7 }), c(60, ACK, 9, 1, { len: 7 })]
    assert.deepEqual(notes(one(...closed, ...more)), [
      '50 ACK in FIN_WAIT_2 does not fit what was seen before',
    ])
    assert.deepEqual(notes(one(c(0, SYN, 0, 0), c(1, 0, 1, 0, { len: 3 }))), [
      '1 a segment without flags in SYN_SENT does not fit what was seen before',
    ])
  })
})

describe('remarks', () => {
  const flight = (t: number, ...numbers: number[]) =>
    numbers.map((n, i) => s(t + i / 10, ACK, 1 + n, 1, { len: 100 }))

  it('retransmissions: after an RTO, after duplicate acknowledgments, needless', () => {
    assert.deepEqual(notes(one(...OPENED, ...flight(30, 0), ...flight(300, 0))), [
      '300 retransmission of 1..101',
    ])
    const dupes = [31, 32, 33, 34].map(t => c(t, ACK, 1, 101))
    assert.deepEqual(
      notes(one(...OPENED, ...flight(30, 0, 100, 200, 300, 400), ...dupes, ...flight(40, 100))),
      [
        '34 the third duplicate acknowledgment of 101: what follows is missing',
        '40 retransmission of 101..201, after duplicate acknowledgments: fast retransmit',
      ],
    )
    assert.deepEqual(notes(one(...OPENED, ...flight(30, 0), c(40, ACK, 1, 101), ...flight(300, 0))), [
      '300 retransmission of 1..101, though it was acknowledged already',
    ])
  })

  it('lost before the capture, out of order, not in the capture', () => {
    assert.deepEqual(notes(one(...OPENED, ...flight(30, 0, 200), ...flight(90, 100))), [
      '90 retransmission of 101..201: the first time was lost before the capture saw it',
    ])
    assert.deepEqual(notes(one(...OPENED, ...flight(30, 0, 200, 100), c(40, ACK, 1, 301))), [
      '30.2 out of order: 101..201 comes late',
    ])
    assert.deepEqual(notes(one(...OPENED, ...flight(30, 0, 200), c(40, ACK, 1, 301))), [
      '40 acknowledges 100 octets that the capture does not have',
    ])
    assert.deepEqual(notes(one(...OPENED, c(40, ACK, 1, 301), c(50, ACK, 1, 301))), [
      '40 acknowledges 300 octets that the capture does not have',
    ])
  })

  it('windows that close and open, and probes', () => {
    const found = one(
      ...OPENED,
      ...flight(30, 0),
      c(40, ACK, 1, 101, { window: 0 }),
      s(300, ACK, 100, 1),
      c(301, ACK, 1, 101, { window: 0 }),
      s(600, ACK, 101, 1, { len: 1 }),
      c(601, ACK, 1, 101, { window: 0 }),
      c(700, ACK, 1, 101),
      ...flight(701, 100),
    )
    assert.deepEqual(notes(found), [
      '40 its receive window is closed',
      '300 a probe of the closed window',
      '600 a probe of the closed window',
      '700 its receive window is open again',
    ])
  })

  it('keep-alives, with and without an octet, whose answers are no duplicates', () => {
    const found = one(
      ...OPENED,
      ...flight(30, 0),
      c(40, ACK, 1, 101),
      ...[1000, 2000, 3000, 4000].flatMap(t => [
        s(t, ACK, 100, 1, { len: t === 1000 ? 1 : 0 }),
        c(t + 1, ACK, 1, 101),
      ]),
    )
    assert.deepEqual(
      notes(found),
      [1000, 2000, 3000, 4000].map(t => `${t} keep-alive`),
    )
  })

  it('are in both languages', () => {
    const han = /\p{Script=Han}/u
    for (const story of STORIES)
      for (const { events } of conversations(readCapture(storyFile(story)).packets).conversations)
        for (const event of events)
          if (event.kind === 'note') assert(han.test(event.text.zh) && !han.test(event.text.en))
  })
})

describe('beside tshark', { skip: skipWithoutTshark() }, () => {
  for (const story of STORIES.filter(each => each.name !== 'old-duplicate-syn'))
    it(`has the same conversations, numbers and flags: ${story.name}`, () => {
      const file = path.join(scratch, `${story.name}.pcapng`)
      const bytes = storyFile(story)
      writeFileSync(file, bytes)
      const rows = tsharkFields(file, [
        'tcp.stream',
        'frame.time_relative',
        'tcp.seq',
        'tcp.ack',
        'tcp.len',
        'tcp.flags',
        'tcp.window_size',
      ])
      const found = conversations(readCapture(bytes).packets).conversations
      const streams = new Set(rows.map(([stream]) => stream))
      assert.equal(found.length, streams.size)
      const bits = { FIN, SYN, RST, PSH, ACK } as Record<string, number>
      const ours = found.flatMap((each, i) =>
        each.segments.map(({ event: e }) => {
          const flags = e.flags.reduce((sum, name) => sum | bits[name]!, 0)
          const ack = e.flags.includes('ACK') ? e.ack : 0
          return [i, Math.round(e.t), e.seq, ack, e.len, flags, e.flags.includes('RST') ? 0 : e.win].join(' ')
        }),
      )
      const theirs = rows.map(([stream, t, seq, ack, len, flags, win]) => {
        const isReset = Number(flags) & RST
        return [
          Number(stream),
          Math.round(Number(t) * 1000),
          // The number of a RST from nowhere is counted from 1 there, from 0 here.
          story.name === 'refused' && isReset ? 0 : Number(seq),
          ...[ack, len, flags].map(Number),
          isReset ? 0 : Number(win),
        ].join(' ')
      })
      // A packet that is there twice within a millisecond we count once.
      const copies = found.reduce((n, each) => n + each.duplicates, 0)
      assert.equal(ours.length, theirs.length - copies)
      assert.deepEqual(new Set(ours), new Set(theirs))
    })

  it('agrees on what is remarkable', () => {
    for (const [name, filter, pattern] of [
      ['retransmit', 'tcp.analysis.retransmission or tcp.analysis.fast_retransmission', /^retransmission/],
      ['lost-fin', 'tcp.analysis.retransmission', /^retransmission/],
      ['lost-last-ack', 'tcp.analysis.retransmission', /^retransmission/],
      ['keepalive', 'tcp.analysis.keep_alive', /^keep-alive/],
      ['zero-window', 'tcp.analysis.zero_window_probe', /^a probe/],
      ['out-of-order', 'tcp.analysis.out_of_order', /^out of order/],
    ] as const) {
      const file = path.join(scratch, `remarks-${name}.pcapng`)
      const bytes = storyFile(findStory(name)!)
      writeFileSync(file, bytes)
      const theirs = tsharkFields(file, ['frame.time_relative'], filter).map(([t]) =>
        Math.round(Number(t) * 1000),
      )
      const ours = conversations(readCapture(bytes).packets).conversations.flatMap(each =>
        each.events.flatMap(e => (e.kind === 'note' && pattern.test(e.text.en) ? [Math.round(e.t)] : [])),
      )
      assert.deepEqual(ours, theirs, name)
    }
  })
})
