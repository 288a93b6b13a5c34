import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { STATE_NAMES, TRANSITION_LIST } from '../../src/tcp/states.js'
import {
  type Fields,
  flagBits,
  inState,
  type Sent,
  type Setup,
  simultaneousOpen,
  type Transcript,
} from '../support/transcript.js'

/**
 * Anything at all may arrive, be called or expire: nothing throws, the table is kept to, and what every TCP promises
 * holds. A failure names its seed; `SEED=n node --test …` runs that one alone,
 * `LIVES=n` as many as there is time for.
 */

const only = process.env.SEED === undefined ? undefined : Number(process.env.SEED)
const lives = Number(process.env.LIVES ?? 5000)
const LEGAL = new Set(TRANSITION_LIST.flatMap(({ id, from }) => from.map(state => `${id} ${state}`)))
const NAMES = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR']
const flagsOf = (bits: number) => NAMES.filter((_, i) => bits & (1 << i)).join(',')

/** Where a segment may begin, and what it may acknowledge. */
const SEQ: ((t: Transcript) => number)[] = [
  t => t.tcb.rcvNxt,
  t => t.tcb.rcvNxt - 1,
  t => t.tcb.rcvNxt + 7,
  t => t.tcb.rcvAdv - 1,
  t => t.tcb.rcvAdv,
  t => t.tcb.rcvNxt + 0x40000000,
]
const ACKS: ((t: Transcript) => number)[] = [
  t => t.tcb.sndUna - 1,
  t => t.tcb.sndUna,
  t => t.tcb.sndNxt,
  t => t.tcb.sndNxt + 1,
  t => t.tcb.sndUna + 0x7fffffff,
]

function config(random: Random): Setup {
  const yes = () => random.chance(0.5)
  return {
    iss: random.pick([1000, -3, 0x7ffffffe, random.next32()]),
    irs: random.pick([5000, -3, 0x7ffffffe, random.next32()]),
    config: {
      windowScaling: yes(),
      timestamps: yes(),
      sack: yes(),
      strictReset: random.chance(0.8),
      strictSyn: random.chance(0.8),
      strictAck: random.chance(0.8),
      rfc1337: yes(),
      rfc6191: yes(),
      receiveBuffer: random.pick([2048, 5000, 65535, 1 << 20]),
    },
    syn: {
      window: random.pick([1, 1000, 65535]),
      sackPermitted: yes(),
      mss: random.pick([0, 1, 536, 1460, 65535]),
      ...(yes() ? { windowScale: random.integer(0, 15) } : {}),
      ...(yes() ? { ts: [random.next32(), 0] as const } : {}),
    },
  }
}

function anything(random: Random, t: Transcript, fixed: Fields = {}): Fields {
  const f: Fields = {
    flags: flagsOf(random.chance(0.5) ? 16 | random.pick([0, 1, 8]) : random.integer(0, 255)),
    seq: random.pick(SEQ)(t),
    ack: random.pick(ACKS)(t),
    window: random.pick([0, 1, 500, 65535]),
    data: random.pick([0, 0, 1, 7, 536, 3000]),
    urgent: random.pick([0, 0, 1, 7, 65535]),
    ...fixed,
  }
  if (random.chance(0.1)) f.ts = random.chance(0.3) ? null : [random.next32(), random.next32()]
  if (random.chance(0.1))
    f.options = Array.from({ length: random.integer(0, 8) }, () => random.integer(0, 255))
  if (random.chance(0.1)) f.windowScale = random.integer(0, 255)
  if (random.chance(0.1)) f.mss = random.integer(0, 65535)
  return f
}

/** What is sent is inside the peer's window unless it is a probe, and inside the congestion window. */
function drain(t: Transcript): Sent[] {
  const { tcb } = t
  const all: Sent[] = []
  for (;;) {
    const before = tcb.sndNxt
    const probe = tcb.persisting
    const sent = t.next()
    if (!sent) return all
    all.push(sent)
    assert.ok(all.length < 10_000, 'it never stops sending')
    const bits = flagBits(sent.flags)
    const length = sent.data.length + (bits & 1)
    if (length === 0 || bits & 4) continue
    const end = (sent.seq + length) | 0
    assert.ok(
      (probe && length === 1) || ((end - (tcb.sndUna + tcb.sndWnd)) | 0) <= 0,
      'sent beyond the peer’s window',
    )
    const added = (tcb.sndNxt - before) | 0
    // A tail loss probe is one segment more (RFC 8985 section 7.3).
    const allowed = tcb.recovery.window(tcb) + (tcb.sack ? tcb.mss : 0) + (bits & 1)
    const { pipe } = tcb.scoreboard
    if (added > 0 && !probe) assert.ok(pipe <= allowed, `${pipe} in flight, ${allowed} allowed`)
    assert.ok(sent.data.length <= Math.max(tcb.peerMss, 1), 'larger than the MSS')
  }
}

function arrive(t: Transcript, f: Fields): void {
  drain(t)
  const { state } = t.tcb
  t.arrives(f)
  assert.ok(t.tcb.rcvWnd >= 0, 'RCV.NXT is beyond the right edge')
  const answers = drain(t)
  const bits = flagBits(f.flags!)
  if (bits & 4)
    for (const answer of answers) assert.ok(!/RST/.test(answer.flags), `a RST is answered, in ${state}`)
  for (const taken of t.path) assert.ok(LEGAL.has(taken), taken)
  assert.ok(answers.filter(a => a.data.length === 0).length <= 3, `too many answers: ${answers.length}`)
}

const doing = (what: string, work: () => void) => {
  try {
    work()
  } catch (error) {
    throw new Error(`${what}: ${error}`, { cause: error })
  }
}

const states = [...STATE_NAMES, 'SYN_RECEIVED (active)'] as const
const begin = (state: (typeof states)[number], setup: Setup) =>
  state === 'SYN_RECEIVED (active)' ? simultaneousOpen(setup) : inState(state, setup)

describe('every set of flags, in every state, everywhere', () => {
  for (const state of states)
    it(state, () => {
      const random = new Random(1)
      for (let flags = 0; flags < 256; flags++)
        for (const seq of SEQ)
          for (const ack of ACKS) {
            const t = begin(state, config(random))
            if (random.chance(0.5)) t.tcb.reopenIss = random.next32()
            const f = anything(random, t, { flags: flagsOf(flags), seq: seq(t), ack: ack(t) })
            doing(JSON.stringify(f), () => arrive(t, f))
          }
    })
})

describe('random lives', () => {
  function live(seed: number): void {
    const random = new Random(seed)
    const t = begin(random.pick(states), config(random))
    const call = (work: () => unknown) => {
      try {
        work()
      } catch (error) {
        assert.equal((error as Error).name, 'TcpError', `${error}`)
      }
    }
    const actions: (() => unknown)[] = [
      () => t.send(random.integer(1, 5000)),
      () => t.send(random.integer(1, 100), true),
      () => t.read(random.integer(1, 5000)),
      () => t.close(),
      () => t.keepAlive(random.integer(1, 5000), random.integer(1, 500), random.integer(1, 4)),
      () => t.icmp({ kind: 'unreachable', cause: 'host', message: '' }),
      () => t.icmp({ kind: 'too-big', maxSegment: random.integer(68, 1500) }),
    ]
    const rare: (() => unknown)[] = [
      () => t.abort(),
      () => t.orphan(),
      () => t.connect(),
      () => t.icmp({ kind: 'unreachable', cause: 'port', message: '' }),
    ]
    // A connection that has ended is forgotten, and does not begin again.
    for (let i = 0; i < 60 && (t.tcb.state !== 'CLOSED' || t.path.length === 0); i++) {
      const dice = random.next()
      if (dice < 0.55)
        arrive(t, anything(random, t, random.chance(0.6) ? { seq: t.tcb.rcvNxt, ack: t.tcb.sndNxt } : {}))
      else if (dice < 0.8) call(random.pick(actions))
      else if (dice < 0.82) call(random.pick(rare))
      else if (t.tcb.deadline !== Number.POSITIVE_INFINITY) t.expire()
      else t.advance(random.integer(0, 5000))
      drain(t)
    }
    for (const taken of t.path) assert.ok(LEGAL.has(taken), taken)
  }

  it('thousands of them [U-08 U-29 MUST-7]', () => {
    for (let seed = only ?? 1; seed <= (only ?? lives); seed++) doing(`SEED=${seed}`, () => live(seed))
  })
})
