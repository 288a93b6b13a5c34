import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StackObserver } from '../../src/stack/observe.js'
import { combine } from '../../src/trace/combine.js'
import type { SegmentEvent, StateEvent } from '../../src/trace/events.js'
import { Recorder } from '../../src/trace/recorder.js'
import { IpAddress } from '../../src/wire/address.js'
import { udpPacket } from '../support/packets.js'
import { B, connect, listen, type Pair, type PairOptions, PORT, pair } from '../support/worlds-pair.js'

function watched(options: PairOptions = {}, recorder = new Recorder({ congestion: true })) {
  const p = pair({
    ...options,
    a: { ...options.a, observer: recorder.observer('a') },
    b: { ...options.b, observer: recorder.observer('b') },
  })
  tap(p, recorder)
  return { p, recorder }
}

function tap({ cable }: Pair, recorder: Recorder): void {
  cable.forward.tap = (...args) => recorder.segment('a', 'b', ...args)
  cable.backward.tap = (...args) => recorder.segment('b', 'a', ...args)
}

const segments = (recorder: Recorder) =>
  recorder.events.filter((e): e is SegmentEvent => e.kind === 'segment')
const brief = (s: SegmentEvent) => `${s.from} ${s.flags} ${s.seq} ${s.ack} ${s.len} ${s.win}`
const moves = (states: readonly StateEvent[]) => states.map(s => `${s.host} ${s.id}`)

/** Connects, sends 2000 bytes, closes on both sides, and waits until nothing is left. */
function conversation(p: Pair): void {
  const accepted = listen(p)
  const client = connect(p, { localPort: 4000 })
  p.world.at(100, () => client.socket.send(new Uint8Array(2000)))
  p.world.at(200, () => client.socket.close())
  p.world.at(300, () => accepted[0]!.socket.close())
  p.world.runSync()
}

describe('Recorder', () => {
  it('counts from each ISN and scales windows, wherever the ISNs are', () => {
    const expected = [
      'a SYN 0 0 0 65535',
      'b SYN,ACK 0 1 0 65535',
      'a ACK 1 1 0 1048576',
      'a ACK 1 1 1448 1048576',
      'a PSH,ACK 1449 1 552 1048576',
      'b ACK 1 2001 0 1048576',
      'a FIN,ACK 2001 1 0 1048576',
      'b ACK 1 2002 0 1048576',
      'b FIN,ACK 1 2002 0 1048576',
      'a ACK 2002 2 0 1048576',
    ]
    const probe = pair()
    const isn = probe.a.stack.connect({ remote: B, port: PORT, localPort: 4000 }).tcb.iss
    for (const wanted of [100, -100, -0x80000000, 0x7fffff00]) {
      const start = Math.round(((wanted - isn) >>> 0) / 250)
      const { p, recorder } = watched({ start })
      const accepted = listen(p)
      const client = connect(p, { localPort: 4000 })
      assert(Math.abs((client.socket.tcb.iss - wanted) | 0) <= 250)
      p.world.at(start + 100, () => client.socket.send(new Uint8Array(2000)))
      p.world.at(start + 200, () => client.socket.close())
      p.world.at(start + 300, () => accepted[0]!.socket.close())
      p.world.runSync()
      assert.deepEqual(segments(recorder).map(brief), expected)
    }
  })

  it('does not scale what was not agreed on', () => {
    const { p, recorder } = watched({ b: { tcp: { windowScaling: false } } })
    conversation(p)
    assert(segments(recorder).every(s => s.win <= 65535))
    assert.deepEqual(segments(recorder)[0]!.options.wscale, 8)
    assert.equal(segments(recorder)[1]!.options.wscale, undefined)
  })

  it('reads options, SACK blocks relative to the other side', () => {
    const { p, recorder } = watched()
    p.cable.forward.nth(1, packet => packet.payloadLength > 1000, 'drop')
    conversation(p)
    const [syn, synAck] = segments(recorder)
    const { ts, ...rest } = syn!.options
    assert.deepEqual(rest, { mss: 1460, wscale: 8, sackOK: true })
    assert.equal(ts!.ecr, 0)
    assert.equal(synAck!.options.ts!.ecr, ts!.val)
    const sack = segments(recorder).find(s => s.options.sack)
    assert.deepEqual(sack!.options.sack, [[1449, 2001]])
  })

  it('tells what became of each segment and when it arrives', () => {
    const { p, recorder } = watched()
    p.cable.forward.nth(1, packet => packet.has('SYN'), 'drop')
    p.cable.forward.nth(2, packet => packet.payloadLength > 0, { repeat: 40 })
    listen(p)
    const client = connect(p)
    p.world.at(2000, () => client.socket.send(new Uint8Array(2000)))
    p.world.runSync(3000)
    const [lost, again] = segments(recorder)
    assert.deepEqual([lost!.fate, lost!.arrives], ['lost', undefined])
    assert.deepEqual([again!.fate, again!.t, again!.arrives], ['delivered', 1000, 1010])
    const copy = segments(recorder).find(s => s.fate === 'duplicated')!
    assert.deepEqual([copy.arrives! - copy.t, copy.len], [50, 552])
    p.cable.forward.conditions = { corrupt: 1 }
    connect(p)
    assert.equal(segments(recorder).at(-1)!.fate, 'corrupted')
  })

  it('ties changes of state to the segments they come from and lead to', () => {
    const { p, recorder } = watched()
    conversation(p)
    const story = recorder.segments.map(s => [moves(s.before), moves(s.after)])
    assert.deepEqual(story, [
      [['a T02'], ['b T05']],
      [[], ['a T06']],
      [[], ['b T08']],
      [[], []],
      [[], []],
      [[], []],
      [['a T14'], ['b T15']],
      [[], ['a T16']],
      [['b T21'], ['a T19']],
      [[], ['b T22']],
    ])
    assert.deepEqual(recorder.path('a'), [
      'CLOSED',
      'SYN_SENT',
      'ESTABLISHED',
      'FIN_WAIT_1',
      'FIN_WAIT_2',
      'TIME_WAIT',
      'CLOSED',
    ])
    assert.deepEqual(recorder.path('nobody'), [])
    const first = recorder.events.find(e => e.kind === 'state' && e.host === 'a') as StateEvent
    assert.deepEqual([first.flow, first.cause], [`10.0.0.1:4000 10.0.0.2:${PORT}`, 'active OPEN'])
    const listening = recorder.events.find(e => e.kind === 'state' && e.id === 'T01') as StateEvent
    assert.equal(listening.flow, `*:${PORT}`)
  })

  it('says what was done with a segment that moved nothing', () => {
    const { p, recorder } = watched()
    p.cable.forward.nth(1, packet => packet.payloadLength > 1000, 'drop')
    conversation(p)
    const data = segments(recorder).filter(s => s.len > 0)
    assert.deepEqual(
      data.map(s => [s.fate, s.reaction]),
      [
        ['lost', undefined],
        ['delivered', 'R25'],
        ['delivered', 'R24'],
      ],
    )
  })

  it('records timers and congestion control, unless told not to', () => {
    const loud = watched()
    loud.p.cable.forward.nth(1, packet => packet.payloadLength > 1000, 'drop')
    conversation(loud.p)
    const kinds = new Set(loud.recorder.events.map(e => e.kind))
    assert.deepEqual([...kinds].sort(), ['congestion', 'segment', 'state', 'timer'])
    const quiet = watched({}, new Recorder({ timers: false }))
    quiet.p.cable.forward.nth(1, packet => packet.payloadLength > 1000, 'drop')
    conversation(quiet.p)
    assert.deepEqual([...new Set(quiet.recorder.events.map(e => e.kind))].sort(), ['segment', 'state'])
  })

  it('tells of each event as it happens, in order of time', () => {
    const recorder = new Recorder()
    const { p } = watched({}, recorder)
    const told: unknown[] = []
    let now = 0
    recorder.onEvent = event => {
      assert(event.t === p.world.now && event.t >= now)
      now = event.t
      told.push(event)
    }
    recorder.note(0, 'a', { en: 'begins', zh: '开始' })
    conversation(p)
    assert.deepEqual(told, recorder.events)
  })

  it('passes over what is no TCP segment', () => {
    const recorder = new Recorder()
    recorder.segment('a', 'b', udpPacket({}, [1]), 'delivered', 0, 1)
    recorder.segment('a', 'b', Uint8Array.of(1, 2), 'delivered', 0, 1)
    assert.deepEqual(recorder.events, [])
  })

  it('sees a stack speak to itself', () => {
    const { p, recorder } = watched()
    p.a.stack.listen({ port: PORT, onConnection: () => {} })
    p.a.stack.connect({ remote: IpAddress.loopback4, port: PORT })
    p.world.runSync(100)
    assert.deepEqual(
      segments(recorder).map(s => `${s.from} ${s.to} ${s.flags}`),
      ['a a SYN', 'a a SYN,ACK', 'a a ACK'],
    )
  })
})

describe('an observer', () => {
  /** How often an address was turned into text: on an open connection nobody does that but for an observer. */
  function texts(run: () => void): number {
    const original = IpAddress.prototype.toString
    let count = 0
    IpAddress.prototype.toString = function () {
      count++
      return original.call(this)
    }
    try {
      run()
    } finally {
      IpAddress.prototype.toString = original
    }
    return count
  }

  it('costs nothing where there is none', () => {
    const p = pair()
    const accepted = listen(p)
    const client = connect(p)
    assert.equal(p.a.stack.observer, null)
    p.world.runSync(100)
    const count = texts(() => {
      client.socket.send(new Uint8Array(5000))
      p.world.runSync(200)
      client.socket.close()
      accepted[0]!.socket.close()
      p.world.runSync()
    })
    assert.equal(count, 0)
    assert.deepEqual([client.socket.tcb.observer, accepted[0]!.socket.tcb.observer], [null, null])
    const { p: other } = watched()
    assert(texts(() => conversation(other)) > 0)
  })

  it('may come later and go again: it sees the packets, and every connection, also one that was there before', () => {
    const p = pair()
    listen(p)
    const before = connect(p)
    p.world.runSync(100)
    const seen: string[] = []
    p.a.stack.observer = {
      packet: direction => seen.push(direction),
      state: (_flow, _from, to) => seen.push(to),
    }
    before.socket.send(Uint8Array.of(1))
    p.world.runSync(200)
    assert.deepEqual(seen.splice(0), ['out', 'in'])
    connect(p)
    p.world.runSync(300)
    assert.deepEqual(seen.splice(0), ['SYN_SENT', 'out', 'in', 'ESTABLISHED', 'out'])
    before.socket.close()
    p.world.runSync(400)
    assert.deepEqual(seen.splice(0), ['FIN_WAIT_1', 'out', 'in', 'FIN_WAIT_2'])
    p.a.stack.observer = null
    connect(p)
    p.world.runSync(500)
    assert.deepEqual(seen, [])
  })

  it('is told what was dropped', () => {
    const drops: string[] = []
    const p = pair({ b: { observer: { dropped: reason => drops.push(reason) } } })
    p.cable.forward.send(Uint8Array.of(0x45, 0, 0, 1))
    p.world.runSync()
    assert.deepEqual(drops, ['ip-truncated'])
  })

  it('may be several', () => {
    const calls: string[] = []
    const speak = (name: string): StackObserver => ({
      packet: direction => void calls.push(`${name} ${direction}`),
      state: (_flow, _from, to) => void calls.push(`${name} ${to}`),
      timer: (_flow, timer) => void calls.push(`${name} ${timer}`),
    })
    const p = pair({ a: { observer: combine(speak('x'), {}, speak('y')) }, conditions: { loss: 1 } })
    connect(p)
    p.world.runSync(1500)
    assert.deepEqual(calls, [
      'x SYN_SENT',
      'y SYN_SENT',
      'x out',
      'y out',
      'x retransmit',
      'y retransmit',
      'x out',
      'y out',
    ])
  })
})
