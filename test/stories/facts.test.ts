import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findStory, play, type Stage } from '../../src/stories/index.js'
import type { SegmentEvent, StateEvent, TimerEvent, TraceEvent } from '../../src/trace/events.js'

/** A story that was played, and what to ask of it. */
class Played {
  readonly stage: Stage
  readonly events: readonly TraceEvent[]

  constructor(name: string) {
    this.stage = play(findStory(name)!)
    this.events = this.stage.recorder.events
  }

  /** Segments of a host, as `time flags seq ack length`. */
  from(host: string, flag?: string): string[] {
    return this.segments(host, flag).map(s => `${s.t} ${s.flags} ${s.seq} ${s.ack} ${s.len}`)
  }

  segments(host: string, flag?: string): SegmentEvent[] {
    return this.events.filter(
      (e): e is SegmentEvent =>
        e.kind === 'segment' && e.from === host && (!flag || e.flags.some(f => f === flag)),
    )
  }

  /** Times at which a timer expired. */
  timers(host: string, timer: string): number[] {
    return this.events
      .filter((e): e is TimerEvent => e.kind === 'timer' && e.host === host && e.timer === timer)
      .map(e => e.t)
  }

  /** When a host took a transition. */
  moves(host: string, id: string): number[] {
    return this.events
      .filter((e): e is StateEvent => e.kind === 'state' && e.host === host && e.id === id)
      .map(e => e.t)
  }

  /** What users were told, and when. */
  get told(): string[] {
    return this.events.flatMap(e =>
      e.kind === 'note' && e.text.en.includes('told')
        ? [`${e.t} ${e.host} ${e.text.en.match(/\w+(?=\)$)/)}`]
        : [],
    )
  }
}

const gaps = (times: readonly number[]): number[] => times.slice(1).map((t, i) => t - times[i]!)

describe('what happens in a story', () => {
  it('handshake: three segments, each side acknowledges the SYN of the other', () => {
    const p = new Played('handshake')
    assert.deepEqual(p.from('client'), ['0 SYN 0 0 0', '40 ACK 1 1 0'])
    assert.deepEqual(p.from('server'), ['20 SYN,ACK 0 1 0'])
  })

  it('close: each FIN is acknowledged, TIME_WAIT lasts 2MSL', () => {
    const p = new Played('close')
    assert.deepEqual(
      [...p.from('client', 'FIN'), ...p.from('server', 'FIN')],
      ['200 FIN,ACK 301 1 0', '250 FIN,ACK 1 302 0'],
    )
    assert.deepEqual([p.moves('client', 'T19'), p.moves('client', 'T23')], [[270], [60_270]])
    assert.deepEqual(p.told, [])
    for (const actor of p.stage.actors)
      assert.deepEqual(
        { ...actor.host.stack.census, listeners: 0 },
        { sockets: 0, halfOpen: 0, timeWait: 0, listeners: 0 },
      )
  })

  it('half-close: the client takes 2,100 bytes after its FIN', () => {
    const p = new Played('half-close')
    const [fin] = p.segments('client', 'FIN')
    const after = p.segments('server').filter(s => s.len > 0 && s.t > fin!.t)
    assert.equal(
      after.reduce((n, s) => n + s.len, 0),
      2100,
    )
    assert.equal(p.stage.first.socket.status().bytesReceived, 2100)
  })

  it('simultaneous-open: two SYNs and two SYN,ACKs, one connection', () => {
    const p = new Played('simultaneous-open')
    assert.deepEqual(p.from('a').slice(0, 2), ['0 SYN 0 0 0', '25 SYN,ACK 0 1 0'])
    assert.deepEqual(p.from('b').slice(0, 2), ['5 SYN 0 0 0', '20 SYN,ACK 0 1 0'])
    for (const actor of p.stage.actors) assert.equal(actor.host.stack.census.sockets, 1)
  })

  it('simultaneous-close: both wait 2MSL', () => {
    const p = new Played('simultaneous-close')
    assert.deepEqual(gaps([...p.moves('a', 'T20'), ...p.moves('a', 'T23')]), [60_000])
    assert.deepEqual(gaps([...p.moves('b', 'T20'), ...p.moves('b', 'T23')]), [60_000])
  })

  it('lost-syn: again after the initial RTO of one second', () => {
    const p = new Played('lost-syn')
    assert.deepEqual(
      p.segments('client', 'SYN').map(s => [s.t, s.fate]),
      [
        [0, 'lost'],
        [1000, 'delivered'],
      ],
    )
  })

  it('lost-syn-ack: a repeated SYN is answered again', () => {
    const p = new Played('lost-syn-ack')
    assert.deepEqual(
      p.segments('client', 'SYN').map(s => s.t),
      [0, 1000],
    )
    assert.equal(p.segments('client', 'SYN')[1]!.reaction, 'R13')
    assert.deepEqual(p.segments('server', 'SYN').map(s => s.fate)[0], 'lost')
    assert.deepEqual(p.moves('client', 'T06'), [1040])
  })

  it('lost-handshake-ack: the repeated SYN,ACK is acknowledged again', () => {
    const p = new Played('lost-handshake-ack')
    assert.deepEqual(p.from('server', 'SYN'), ['20 SYN,ACK 0 1 0', '1020 SYN,ACK 0 1 0'])
    assert.deepEqual([p.moves('client', 'T06'), p.moves('server', 'T08')], [[40], [1060]])
  })

  it('lost-fin: the FIN is sent again by a tail loss probe, no later than its RTO', () => {
    const p = new Played('lost-fin')
    assert.deepEqual(p.from('client', 'FIN'), ['100 FIN,ACK 1 1 0', '300 FIN,ACK 1 1 0'])
    assert.deepEqual(p.timers('client', 'loss-probe'), [300])
  })

  it('lost-last-ack: the FIN comes twice, and 2MSL are counted from the second', () => {
    const p = new Played('lost-last-ack')
    const fins = p.segments('server', 'FIN')
    assert.deepEqual(
      fins.map(s => [s.t, s.arrives, s.reaction]),
      [
        [150, 170, 'R23'],
        [350, 370, 'R28'],
      ],
    )
    assert.deepEqual([p.moves('client', 'T19'), p.moves('client', 'T23')], [[170], [370 + 60_000]])
    assert.deepEqual(p.segments('server', 'RST'), [])
  })

  it('time-wait: a late copy is dropped, the RST it provokes does no harm [RFC 1337]', () => {
    const p = new Played('time-wait')
    const copy = p.segments('server').find(s => s.fate === 'duplicated')!
    assert.deepEqual([copy.arrives, copy.reaction], [5120, 'PAWS'])
    assert.equal(p.segments('server', 'RST')[0]!.reaction, 'TW_RST')
    assert.deepEqual(p.moves('client', 'T23'), [60_270])
    assert.equal(p.stage.first.socket.status().bytesReceived, 200)
  })

  it('time-wait-reuse: T24, long before 2MSL are over, and data flows', () => {
    const p = new Played('time-wait-reuse')
    assert.deepEqual([p.moves('server', 'T24'), p.moves('server', 'T23')], [[1520], []])
    assert.deepEqual(p.moves('server', 'T08'), [60, 1560])
    assert.equal(p.stage.second.host.stack.counters.timeWaitReused, 1)
    assert.equal(p.stage.second.socket.status().bytesReceived, 100)
    const [old, young] = p.stage.recorder.segments.filter(
      s => s.event.flags.includes('SYN') && s.event.from === 'client',
    )
    assert(young!.event.options.ts!.val > old!.event.options.ts!.val)
  })

  it('refused: RST,ACK to the SYN, ECONNREFUSED to the user', () => {
    const p = new Played('refused')
    assert.deepEqual(p.from('server'), ['20 RST,ACK 0 1 0'])
    assert.deepEqual(p.told, ['40 client ECONNREFUSED'])
  })

  it('reset: one RST, ECONNRESET at the other side', () => {
    const p = new Played('reset')
    assert.equal(p.segments('server', 'RST').length, 1)
    assert.deepEqual(p.told, ['200 server ECONNABORTED', '220 client ECONNRESET'])
  })

  it('abort: a RST after what was sent, no FIN, no TIME_WAIT', () => {
    const p = new Played('abort')
    assert.deepEqual(p.from('client', 'RST')[0], '105 RST 3001 0 0')
    assert.deepEqual([p.segments('client', 'FIN'), p.stage.first.host.stack.census.timeWait], [[], 0])
    assert.deepEqual(p.told, ['105 client ECONNABORTED', '125 server ECONNRESET'])
  })

  it('half-open-crash: the rebooted host resets what it does not know [U-05]', () => {
    const p = new Played('half-open-crash')
    assert.deepEqual(p.from('server', 'RST'), ['2020 RST 1 0 0'])
    assert.equal(p.segments('client').at(-1)!.reaction, 'R03')
    assert.deepEqual(p.told, ['2040 client ECONNRESET'])
  })

  it('old-duplicate-syn: T30, and then the real one opens', () => {
    const p = new Played('old-duplicate-syn')
    assert.deepEqual(p.moves('server', 'T30'), [360])
    assert.equal(p.segments('server', 'SYN')[0]!.reaction, 'R08')
    assert.deepEqual(p.moves('server', 'T08'), [410])
    assert.equal(p.stage.second.sockets.length, 1, 'the user of the server saw one connection')
  })

  it('zero-window: the pause between probes doubles, and no byte is lost [MUST-36 SHLD-30]', () => {
    const p = new Played('zero-window')
    const probes = p.segments('client').filter(s => s.len === 1 && s.reaction === 'R33')
    assert.deepEqual(
      probes.map(s => s.t),
      p.timers('client', 'persist'),
    )
    const [first, second, third] = [220, ...gaps(probes.map(s => s.t))]
    assert.deepEqual([probes.length, second! / 400, third! / second!], [3, 1, 2])
    assert(first! >= 200, 'the first after an RTO')
    assert(probes.every(s => s.seq === 4097))
    assert.equal(p.segments('server').filter(s => s.win === 0).length, 4)
    assert.equal(p.stage.second.socket.status().bytesReceived, 6000)
    assert.equal(p.stage.first.socket.sendQueued, 0)
  })

  it('retransmit: fast retransmit within a round trip, the lone segment by a probe and after the RTO', () => {
    const p = new Played('retransmit')
    const lost = p.segments('client').filter(s => s.fate === 'lost')
    const again = lost.map(l => p.segments('client').find(s => s.seq === l.seq && s.t > l.t)!)
    assert.deepEqual(
      lost.map((l, i) => again[i]!.t - l.t),
      [40, 200, 200],
    )
    assert.deepEqual(p.timers('client', 'loss-probe'), [1200])
    assert.deepEqual(p.timers('client', 'retransmit'), [1400])
    const duplicates = p.segments('server').filter(s => s.ack === 1449 && s.options.sack)
    assert(duplicates.length >= 3)
    assert.equal(p.stage.second.socket.status().bytesReceived, 8 * 1448 + 100)
  })

  it('out-of-order: each early segment repeats the acknowledgment, nothing is sent again [SHLD-31 MAY-13]', () => {
    const p = new Played('out-of-order')
    assert.deepEqual(
      p
        .segments('server')
        .filter(s => s.t >= 100)
        .map(s => [s.t, s.ack]),
      [
        [120, 1449],
        [120, 1449],
        [130, 5793],
      ],
    )
    assert.equal(p.stage.first.socket.status().segmentsRetransmitted, 0)
  })

  it('keepalive: a probe of a silent peer every 5 s, three a second apart when it is dead, T41', () => {
    const p = new Played('keepalive')
    const probes = p.segments('client').filter(s => s.seq === 0 && s.len === 0 && !s.flags.includes('SYN'))
    assert.deepEqual(
      probes.map(s => [s.t, s.fate]),
      [
        [5100, 'delivered'],
        [10_140, 'lost'],
        [11_140, 'lost'],
        [12_140, 'lost'],
      ],
    )
    assert.deepEqual(p.moves('client', 'T41'), [13_140])
    assert.deepEqual(p.told, ['13140 client ETIMEDOUT'])
  })

  it('self-connect: one connection, which hears what it says', () => {
    const p = new Played('self-connect')
    assert.equal(p.stage.first.host.stack.census.sockets, 1)
    assert.equal(p.stage.first.socket.status().bytesReceived, 26)
    assert(p.events.length < 20)
  })
})
