import assert from 'node:assert/strict'
import { segmentArrives } from '../../src/tcp/arrives.js'
import * as calls from '../../src/tcp/calls.js'
import { type TcpConfig, tcpConfig } from '../../src/tcp/config.js'
import type { ControllerChoice } from '../../src/tcp/controllers.js'
import type { TcpErrorCode } from '../../src/tcp/errors.js'
import { type IcmpError, icmpArrives } from '../../src/tcp/icmp.js'
import type { TimerName } from '../../src/tcp/observe.js'
import type { ReactionId } from '../../src/tcp/reactions.js'
import { TransmitSlot } from '../../src/tcp/slot.js'
import type { State, TransitionId } from '../../src/tcp/states.js'
import { EV, Tcb } from '../../src/tcp/tcb.js'
import { setKeepAlive, timeout } from '../../src/tcp/timeouts.js'
import { transmit } from '../../src/tcp/transmit.js'
import { IpView } from '../../src/wire/ip.js'
import { flagNames, SegmentView, TCP_HEADER, writeTcp } from '../../src/wire/tcp.js'

/**
 * One connection in virtual time, and tests that read like transcripts: what arrives, what the user calls, which
 * timer expires, and what the connection sends in answer, segment by segment.
 */

/** A segment's fields. What is left out of one that arrives is what an orderly peer would say. */
export interface Fields {
  /** As in `'SYN,ACK'`; `''` for none. An arriving segment without it has ACK alone. */
  flags?: string
  seq?: number
  ack?: number
  /** As it stands in the header, unscaled. */
  window?: number
  urgent?: number
  /** Text, or a number of octets that are a pattern over their sequence numbers. */
  data?: string | number
  /** The octets of each segment, where several were put together on the way. */
  segmentSize?: number
  /** The ECN field of its packet. */
  mark?: number
  mss?: number
  windowScale?: number
  sackPermitted?: boolean
  /** TSval and TSecr; null to leave timestamps out although they were agreed on. */
  ts?: readonly [number, number] | null
  sack?: readonly (readonly [number, number])[]
  /** More options, as bytes, in front of the others. */
  options?: readonly number[]
}

/** A segment that was sent, read back from its bytes. */
export interface Sent {
  readonly flags: string
  readonly seq: number
  readonly ack: number
  readonly window: number
  readonly urgent: number
  readonly data: Uint8Array
  readonly mss: number
  readonly windowScale: number
  readonly sackPermitted: boolean
  readonly ts: readonly [number, number] | null
  readonly sack: readonly (readonly [number, number])[]
  readonly options: Uint8Array
  readonly retransmission: boolean
}

export interface Setup {
  iss?: number
  irs?: number
  config?: Partial<TcpConfig>
  /** What the peer's SYN says besides. */
  syn?: Fields
  /** How long our SYN takes to be answered, in ms. */
  rtt?: number
  maxSegment?: number
  announcedMss?: number
  tsOffset?: number
  /** Reno if not given. */
  congestion?: ControllerChoice
}

/** What every transcript of this process has seen: edges as `T14 ESTABLISHED`, and reactions. */
export const seen = { edges: new Set<string>(), reactions: new Set<ReactionId>() }

/** Options are off unless a test is about them, so that segments are bare. */
const PLAIN: Partial<TcpConfig> = {
  windowScaling: false,
  timestamps: false,
  sack: false,
  receiveBuffer: 32768,
}

const BITS: Record<string, number> = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 }
export const flagBits = (names: string): number =>
  names.split(',').reduce((bits, name) => (name === '' ? bits : bits | BITS[name]!), 0)

/** `length` octets of the pattern that a segment at `seq` carries. */
export const pattern = (seq: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (seq + i) * 31)

const utf8 = new TextEncoder()
const unsigned = (n: number) => n >>> 0

export class Transcript {
  readonly tcb: Tcb
  readonly irs: number
  readonly rtt: number
  /** Virtual time, in ms. */
  now = 0
  /** Every edge taken, as `T14 ESTABLISHED`. */
  readonly path: string[] = []
  /** What was done with each segment and call. */
  readonly reactions: (ReactionId | '')[] = []
  readonly timers: TimerName[] = []
  private readonly slot = new TransmitSlot()
  private readonly view = new SegmentView()
  /** The right edge that the peer knows of; null before it was told. */
  private edge: number | null = null
  private marks: { sndUna: number; rcvNxt: number; rcvAdv: number } | null = null
  private echo = 0

  constructor(setup: Setup = {}) {
    this.irs = setup.irs ?? 5000
    this.rtt = setup.rtt ?? 0
    this.tcb = new Tcb({
      config: tcpConfig({ ...PLAIN, ...setup.config }),
      iss: setup.iss ?? 1000,
      tsOffset: setup.tsOffset ?? 0,
      maxSegment: setup.maxSegment ?? 1480,
      announcedMss: setup.announcedMss ?? 1460,
      defaultMss: 536,
      congestion: setup.congestion ?? 'reno',
    })
    this.tcb.observer = {
      state: (from, _to, id) => this.edgeTaken(id, from),
      timer: name => void this.timers.push(name),
      congestion: () => {},
    }
  }

  private edgeTaken(id: TransitionId, from: State): void {
    this.path.push(`${id} ${from}`)
    seen.edges.add(`${id} ${from}`)
    // The numbers begin anew.
    if (/T0[1-7]|T24|T25|T30|T35/.test(id)) this.marks = this.edge = null
  }

  // ---- what happens ----

  /** Moves time to `ms`, expiring what is due on the way. */
  at(ms: number): this {
    assert.ok(ms >= this.now, `time goes forward: ${ms} after ${this.now}`)
    while (this.tcb.deadline <= ms) this.expire()
    this.now = ms
    return this
  }

  advance(ms: number): this {
    return this.at(this.now + ms)
  }

  /** Moves time to the next deadline and expires it. Returns how long that was. */
  expire(): number {
    const { deadline } = this.tcb
    assert.notEqual(deadline, Number.POSITIVE_INFINITY, 'no timer is set')
    const waited = Math.max(0, deadline - this.now)
    this.now += waited
    this.act(() => timeout(this.tcb, this.now))
    return waited
  }

  /** A segment arrives. */
  arrives(fields: Fields = {}): this {
    const seg = this.build(fields)
    this.act(() => segmentArrives(this.tcb, seg, this.now))
    return this
  }

  /** A call of the user's, or anything else done to the connection. What it throws is passed on. */
  act<T>(work: () => T): T {
    this.tcb.reaction = ''
    try {
      return work()
    } finally {
      const { reaction } = this.tcb
      this.reactions.push(reaction)
      if (reaction !== '') seen.reactions.add(reaction)
      this.nothingMovesBack()
    }
  }

  listen(): this {
    this.act(() => calls.open(this.tcb, 'passive', this.now))
    return this
  }

  connect(): this {
    this.act(() => calls.open(this.tcb, 'active', this.now))
    return this
  }

  /** Queues text, or that many octets of the pattern at their sequence numbers. */
  send(data: string | number, urgent = false): boolean {
    const bytes = typeof data === 'string' ? utf8.encode(data) : pattern(this.tcb.queueEnd, data)
    return this.act(() => calls.send(this.tcb, bytes, this.now, { urgent }))
  }

  close(): this {
    this.act(() => calls.close(this.tcb, this.now))
    return this
  }

  abort(): this {
    this.act(() => calls.abort(this.tcb, this.now))
    return this
  }

  orphan(): this {
    this.act(() => calls.orphan(this.tcb, this.now))
    return this
  }

  /** Reads at most `max` octets; empty if there are none. Throws what RECEIVE throws. */
  read(max?: number): Uint8Array {
    return this.act(() => calls.receive(this.tcb, max)) ?? new Uint8Array(0)
  }

  icmp(error: IcmpError, seq: number = this.tcb.sndUna): this {
    this.act(() => icmpArrives(this.tcb, error, seq, this.now))
    return this
  }

  keepAlive(idle: number, interval: number, probes: number): this {
    this.act(() => setKeepAlive(this.tcb, true, this.now, idle, interval, probes))
    return this
  }

  // ---- what is seen ----

  /** The next segment; undefined if there is nothing to send. */
  next(burst = 0): Sent | undefined {
    const { slot, tcb } = this
    slot.burst = burst
    if (!transmit(tcb, this.now, slot)) return undefined
    const header = TCP_HEADER + slot.optionsLength
    const b = new Uint8Array(header + slot.payloadLength)
    writeTcp(b, 0, 1, 2, slot.seq, slot.ack, slot.flags, slot.window, slot.urgentPointer, slot.optionsLength)
    b.set(slot.options.subarray(0, slot.optionsLength), TCP_HEADER)
    if (slot.payloadLength > 0) tcb.sendQueue.copy(slot.payloadAt, slot.payloadLength, b, header)
    const sent = this.describe(parse(new SegmentView(), b), slot.retransmission)
    if (sent.ts) this.echo = sent.ts[0]
    this.promises(sent)
    return sent
  }

  /** Exactly this segment is sent now. Fields that are not named are not looked at; no data means none. */
  sends(expected: Fields = {}): Sent {
    const sent = this.next()
    assert.ok(sent, `${show(expected)} should be sent, but nothing is`)
    const { data = 0, sack, ts, ...rest } = expected
    for (const [name, value] of Object.entries(rest)) {
      let actual: unknown = sent[name as keyof Sent]
      let wanted: unknown = value
      if (name === 'seq' || name === 'ack')
        [actual, wanted] = [unsigned(actual as number), unsigned(value as number)]
      if (name === 'flags') [actual, wanted] = [flagBits(sent.flags), flagBits(value as string)]
      assert.deepEqual(actual, wanted, `${name} of ${show(sent)}, not ${show(expected)}`)
    }
    const length = typeof data === 'string' ? data.length : data
    assert.equal(sent.data.length, length, `length of the data in ${show(sent)}, not ${show(expected)}`)
    if (typeof data === 'string') assert.equal(text(sent.data), data)
    if (ts !== undefined) assert.deepEqual(sent.ts, ts)
    if (sack !== undefined) assert.deepEqual(sent.sack, sack)
    return sent
  }

  sendsNothing(): this {
    const sent = this.next()
    assert.equal(sent && show(sent), undefined, 'nothing should be sent')
    return this
  }

  /** Everything there is to send now. */
  drain(): Sent[] {
    const all: Sent[] = []
    for (let sent = this.next(); sent; sent = this.next()) {
      all.push(sent)
      assert.ok(all.length < 100_000, 'it never stops sending')
    }
    return all
  }

  is(state: State): this {
    assert.equal(this.tcb.state, state)
    return this
  }

  /** The reaction to the last segment or call. */
  reacts(id: ReactionId | ''): this {
    assert.equal(this.reactions.at(-1), id)
    return this
  }

  reads(expected: string): this {
    let all = ''
    while (this.tcb.receiveQueue.length > 0) all += text(this.read())
    assert.equal(all, expected)
    return this
  }

  /** The connection ended with this error, or with none. */
  failedWith(code: TcpErrorCode | undefined): this {
    assert.equal(this.tcb.error?.code, code)
    return this
  }

  /** Takes the events since the last time, and checks that the user is told exactly these. */
  tells(...names: (keyof typeof EV)[]): this {
    const events = calls.takeEvents(this.tcb)
    assert.deepEqual(
      Object.keys(EV).filter(name => events & EV[name as keyof typeof EV]),
      Object.keys(EV).filter(name => (names as string[]).includes(name)),
    )
    return this
  }

  /** The call ends with this error of RFC 9293 section 3.10. */
  refuses(call: () => unknown, message: RegExp): this {
    assert.throws(call, { name: 'TcpError', message })
    return this
  }

  // ---- how it is done ----

  /** A view of a segment, as the stack's parser would leave it. */
  build(f: Fields): SegmentView {
    const { tcb } = this
    const seq = f.seq ?? tcb.rcvNxt
    const options = [...(f.options ?? [])]
    if (f.mss !== undefined) options.push(2, 4, f.mss >> 8, f.mss & 255)
    if (f.windowScale !== undefined) options.push(3, 3, f.windowScale)
    if (f.sackPermitted) options.push(4, 2)
    // The peer's clock ticks once each ms.
    const clock = tcb.tsRecent + Math.floor(this.now - tcb.tsRecentAt)
    const ts = f.ts === undefined && tcb.timestamps ? ([clock, this.echo] as const) : f.ts
    if (ts) options.push(8, 10, ...word(ts[0]), ...word(ts[1]))
    if (f.sack)
      options.push(5, 2 + 8 * f.sack.length, ...f.sack.flatMap(([a, b]) => [...word(a), ...word(b)]))
    while (options.length % 4 !== 0) options.push(0)
    const bits = flagBits(f.flags ?? 'ACK')
    const data =
      typeof f.data === 'string' ? utf8.encode(f.data) : pattern(seq + (bits & 2 ? 1 : 0), f.data ?? 0)
    const b = new Uint8Array(TCP_HEADER + options.length + data.length)
    const ack = f.ack ?? (bits & 16 ? tcb.sndNxt : 0)
    writeTcp(b, 0, 2, 1, seq, ack, bits, f.window ?? 65535, f.urgent ?? 0, options.length)
    b.set(options, TCP_HEADER)
    b.set(data, TCP_HEADER + options.length)
    return parse(this.view, b, f)
  }

  private describe(v: SegmentView, retransmission: boolean): Sent {
    return {
      flags: flagNames(v.flags).join(','),
      seq: unsigned(v.seq),
      ack: unsigned(v.ack),
      window: v.window,
      urgent: v.urgentPointer,
      data: v.bytes.subarray(v.payloadOffset, v.payloadOffset + v.payloadLength),
      mss: v.mss,
      windowScale: v.windowScale,
      sackPermitted: v.sackPermitted,
      ts: v.hasTimestamps ? [v.tsVal, v.tsEcr] : null,
      sack: Array.from({ length: v.sackCount }, (_, i) => [
        unsigned(v.sackEdges[2 * i]!),
        unsigned(v.sackEdges[2 * i + 1]!),
      ]),
      options: v.bytes.subarray(v.optionsOffset, v.optionsOffset + v.optionsLength),
      retransmission,
    }
  }

  /** The right edge never moves left, but for what the scale rounds off (SHLD-14, RFC 7323 section 2.4). */
  private promises(sent: Sent): void {
    const bits = flagBits(sent.flags)
    if (bits & BITS.RST! || !(bits & BITS.ACK!)) return
    // A SYN,ACK that is sent again, behind a FIN, has no scale to say as much.
    if (bits & BITS.SYN! && this.edge !== null) return
    const scale = bits & BITS.SYN! ? 0 : this.tcb.rcvScale
    const edge = (sent.ack + (sent.window << scale)) | 0
    const back = this.edge === null ? 0 : (this.edge - edge) | 0
    assert.ok(back < 2 ** scale, `the right edge moves left by ${back}: ${show(sent)}`)
    if (this.edge === null || back < 0) this.edge = edge
  }

  private nothingMovesBack(): void {
    const { sndUna, rcvNxt, rcvAdv } = this.tcb
    const before = this.marks
    if (before) {
      assert.ok(((sndUna - before.sndUna) | 0) >= 0, 'SND.UNA moves back')
      assert.ok(((rcvNxt - before.rcvNxt) | 0) >= 0, 'RCV.NXT moves back')
      assert.ok(((rcvAdv - before.rcvAdv) | 0) >= 0, 'the right edge moves back')
    }
    this.marks = { sndUna, rcvNxt, rcvAdv }
  }
}

export const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

const word = (n: number): number[] => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]

function parse(
  view: SegmentView,
  bytes: Uint8Array,
  { segmentSize = 0, mark = 0 }: Fields = {},
): SegmentView {
  const ip = new IpView()
  ip.segmentSize = segmentSize
  ip.trafficClass = mark
  ip.bytes = bytes
  ip.payloadLength = bytes.length
  assert.equal(view.parse(ip, true), undefined)
  return view
}

function show(s: Fields | Sent): string {
  const length = typeof s.data === 'object' ? s.data.length : s.data
  return `<${s.flags ?? ''} seq=${s.seq} ack=${s.ack} window=${s.window} data=${length ?? 0}>`
}

// ---- connections in every state ----

/** A peer's SYN offers an MSS of 1460 if the test does not say otherwise. */
const offers = (syn: Fields = {}): Fields => (syn.options ? syn : { mss: 1460, ...syn })

const route: Record<State, (t: Transcript, syn: Fields) => void> = {
  CLOSED: () => {},
  LISTEN: t => t.listen(),
  SYN_SENT: t => t.connect().sends({ flags: 'SYN' }),
  SYN_RECEIVED: (t, syn) => {
    t.listen().arrives({ flags: 'SYN', seq: t.irs, ...offers(syn) })
    t.sends({ flags: 'SYN,ACK' })
  },
  ESTABLISHED: (t, syn) => {
    route.SYN_SENT(t, syn)
    t.advance(t.rtt).arrives({ flags: 'SYN,ACK', seq: t.irs, ...offers(syn) })
    t.sends({ flags: 'ACK' })
  },
  FIN_WAIT_1: (t, syn) => {
    route.ESTABLISHED(t, syn)
    t.close().sends({ flags: 'FIN,ACK' })
  },
  FIN_WAIT_2: (t, syn) => {
    route.FIN_WAIT_1(t, syn)
    t.arrives()
  },
  CLOSE_WAIT: (t, syn) => {
    route.ESTABLISHED(t, syn)
    t.arrives({ flags: 'FIN,ACK' }).sends({ flags: 'ACK' })
  },
  CLOSING: (t, syn) => {
    route.FIN_WAIT_1(t, syn)
    t.arrives({ flags: 'FIN,ACK', ack: t.tcb.sndUna }).sends({ flags: 'ACK' })
  },
  LAST_ACK: (t, syn) => {
    route.CLOSE_WAIT(t, syn)
    t.close().sends({ flags: 'FIN,ACK' })
  },
  TIME_WAIT: (t, syn) => {
    route.FIN_WAIT_2(t, syn)
    t.arrives({ flags: 'FIN,ACK' }).sends({ flags: 'ACK' })
  },
}

/** A connection brought to `state` by the shortest way, with nothing left to send; its own open was active. */
export function inState(state: State, setup: Setup = {}): Transcript {
  const t = new Transcript(setup)
  route[state](t, setup.syn ?? {})
  t.is(state).sendsNothing()
  calls.takeEvents(t.tcb)
  return t
}

export const established = (setup?: Setup): Transcript => inState('ESTABLISHED', setup)

/** SYN_RECEIVED after a simultaneous open: not passive (MUST-11). */
export function simultaneousOpen(setup: Setup = {}): Transcript {
  const t = inState('SYN_SENT', setup)
  t.arrives({ flags: 'SYN', seq: t.irs, ...offers(setup.syn) })
  t.sends({ flags: 'SYN,ACK' })
  t.is('SYN_RECEIVED')
  return t
}

export const SYNCHRONIZED = [
  'ESTABLISHED',
  'FIN_WAIT_1',
  'FIN_WAIT_2',
  'CLOSE_WAIT',
  'CLOSING',
  'LAST_ACK',
  'TIME_WAIT',
] as const satisfies readonly State[]
