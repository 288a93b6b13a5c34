import assert from 'node:assert/strict'
import { test } from 'node:test'
import { STATE_NAMES, type State, TRANSITION_LIST } from '../../src/tcp/states.js'
import { counting, drops, ipv4, readSegment, rig, tcp, tcpPacket } from '../support/packets.js'
import { flagBits, inState, type Transcript } from '../support/transcript.js'

/** E12: odd packets with names. Above all: every set of flags, in every state, everywhere, has a defined answer. */

const NAMES = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR']
const flagsOf = (bits: number) => NAMES.filter((_, i) => bits & (1 << i)).join(',')
const LEGAL = new Set(TRANSITION_LIST.flatMap(({ id, from }) => from.map(state => `${id} ${state}`)))

/** Where the segment begins. */
const PLACES: Record<string, (t: Transcript) => number> = {
  'at RCV.NXT': t => t.tcb.rcvNxt,
  inside: t => t.tcb.rcvNxt + 100,
  'one before': t => t.tcb.rcvNxt - 1,
  'the last octet': t => t.tcb.rcvAdv - 1,
  'the right edge': t => t.tcb.rcvAdv,
  'far before': t => t.tcb.rcvNxt - 60_000,
  'half a circle away': t => t.tcb.rcvNxt + 0x80000000,
}

/** Every transition that a segment with these flags may cause from a state, by the table of RFC 9293 section 3.10.7. */
function mayMove(state: State, bits: number): boolean {
  if (bits & 4) return state !== 'LISTEN' && state !== 'CLOSED'
  switch (state) {
    case 'CLOSED':
      return false
    case 'LISTEN':
      return (bits & 2) !== 0
    case 'SYN_SENT':
      return (bits & 2) !== 0
    case 'SYN_RECEIVED':
      return (bits & 18) !== 0
    // Without ACK nothing but RST moves an open connection.
    default:
      return (bits & 16) !== 0
  }
}

/** One cell: what arrives, and then everything that follows by itself. */
function cell(state: State, bits: number, place: string, data: number): void {
  const t = inState(state)
  const before = t.path.length
  t.arrives({ flags: flagsOf(bits), seq: PLACES[place]!(t), data, urgent: 3 })
  const answers = t.drain()
  if (bits & 4) assert.ok(!answers.some(a => flagBits(a.flags) & 4), 'a RST is answered with a RST')
  if (!mayMove(state, bits)) t.is(state)
  const empty = answers.filter(a => a.data.length === 0).length
  assert.ok(empty <= 1, `${empty} answers to one segment`)
  // The timers that are running run out; nothing wakes up for ever.
  for (let i = 0; i < 40 && t.tcb.deadline !== Number.POSITIVE_INFINITY; i++) {
    t.expire()
    t.drain()
  }
  assert.equal(t.tcb.deadline, Number.POSITIVE_INFINITY, 'a timer that never ends')
  for (const edge of t.path.slice(before)) assert.ok(LEGAL.has(edge), `${edge} is not in the table`)
}

for (const state of STATE_NAMES)
  test(`E12 Christmas tree, null scan and the rest: 256 sets of flags everywhere in ${state}`, () => {
    for (let bits = 0; bits < 256; bits++)
      for (const place of Object.keys(PLACES))
        for (const data of [0, 10])
          try {
            cell(state, bits, place, data)
          } catch (error) {
            throw new Error(`<${flagsOf(bits)}> ${place}, ${data} octets: ${error}`, { cause: error })
          }
  })

test('E12 null, FIN and Christmas-tree scans tell what RFC 9293 says of a port, and a listener takes nothing', () => {
  const { stack, link } = rig()
  stack.listen({ port: 80 })
  for (const flags of [0, 1, 0x29, 0x2b & ~2, 0xe9])
    for (const [dstPort, answered] of [
      [80, 0],
      [81, 1],
    ] as const) {
      const sent = link.give(tcpPacket({ dstPort, flags, seq: 7 }))
      assert.equal(sent.length, answered, `flags ${flags} to ${dstPort}`)
      if (answered) assert.equal(readSegment(sent[0]!).flags & 4, 4)
    }
  assert.equal(stack.census.halfOpen, 0)
})

test('E12 WinNuke: URG and octets out of band to an open port are a stream and a mark', () => {
  const t = inState('ESTABLISHED')
  t.arrives({ flags: 'ACK,URG,PSH', data: 'Bye', urgent: 3 }).tells('READABLE', 'URGENT')
  t.reads('Bye').is('ESTABLISHED')
  t.arrives({ flags: 'ACK,URG', urgent: 65_535 }).arrives({ data: 'hello' }).reads('hello')
})

test('E12 Teardrop: fragments whose second ends inside the first, or begins before its end, are never put together', () => {
  for (const second of [
    { offset: 24, length: 4 },
    { offset: 24, length: 40 },
    { offset: 0, length: 32 },
    { offset: 32, length: 16 },
  ]) {
    const { stack, link, env } = rig()
    stack.listen({ port: 80 })
    const whole = tcp({ payload: counting(60) })
    link.give(ipv4({ protocol: 6, id: 5, more: true }, whole.subarray(0, 40)))
    link.give(
      ipv4(
        { protocol: 6, id: 5, offset: second.offset, more: second.length % 8 === 0 },
        whole.subarray(0, second.length),
      ),
    )
    link.give(ipv4({ protocol: 6, id: 5, offset: 40 }, whole.subarray(40)))
    assert.equal(stack.counters.segmentsIn, 0, JSON.stringify(second))
    env.pass(31_000)
    assert.equal((stack['ip']['fragments']['datagrams'] as Map<string, unknown>).size, 0)
  }
})

test('E12 Ping of Death: what would be longer than 65,535 octets is dropped, and whole pings are answered', () => {
  const { stack, link } = rig()
  const piece = counting(1480)
  for (let at = 0; at < 65_120; at += 1480)
    link.give(ipv4({ protocol: 1, id: 9, offset: at, more: true }, piece))
  // The last one would end at 65,535 + 1,000.
  link.give(ipv4({ protocol: 1, id: 9, offset: 65_120 }, counting(1415 + 8)))
  link.give(ipv4({ protocol: 1, id: 10, offset: 0xfff8, more: false }, counting(100)))
  assert.equal(stack.counters.echoReplies, 0)
  assert.ok(drops(stack)['fragment-too-big']! >= 1)
})
