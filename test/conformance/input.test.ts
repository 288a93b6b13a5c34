import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isAcceptable } from '../../src/tcp/acceptability.js'
import {
  be16,
  counting,
  drops,
  fragmentHeader,
  ipv6,
  join,
  packet,
  tcp,
  upperChecksum,
} from '../support/packets.js'
import { ACK, FIN, PSH, RST, ScriptedPeer, SYN } from '../support/scripted-peer.js'
import { established, inState } from '../support/transcript.js'

/** What arrives at a whole stack, as bytes: damage, reserved bits, IP options, odd options, fragments. */

describe('a damaged segment', () => {
  for (const six of [false, true])
    it(`with any bit flipped changes nothing and is answered with nothing, IPv${six ? 6 : 4} [MUST-3]`, () => {
      const p = new ScriptedPeer({ six }).accepted()
      const good = p.packet({ payload: counting(20), flags: ACK | PSH })
      const begin = six ? 40 : 20
      const { rcvNxt, sndUna, segmentsIn } = p.socket.tcb
      let dropped = 0
      for (let bit = begin * 8; bit < good.length * 8; bit++) {
        const bad = good.slice()
        bad[bit >> 3]! ^= 1 << (bit & 7)
        assert.deepEqual(p.link.give(bad), [], `bit ${bit}`)
        const { 'tcp-bad-checksum': sums = 0, 'tcp-bad-data-offset': offsets = 0 } = drops(p.stack)
        assert.equal(sums + offsets, ++dropped, `bit ${bit}`)
      }
      const { tcb } = p.socket
      assert.deepEqual(
        [tcb.rcvNxt, tcb.sndUna, tcb.segmentsIn, tcb.state],
        [rcvNxt, sndUna, segmentsIn, 'ESTABLISHED'],
      )
      p.link.give(good)
      assert.equal(p.socket.receiveQueued, 20, 'the good one is taken')
    })
})

describe('bits and options without a meaning', () => {
  it('reserved bits of the header, set, change nothing [U-01]', () => {
    const p = new ScriptedPeer().accepted()
    for (let reserved = 1; reserved < 16; reserved++) {
      const ends = { src: p.peer, dst: p.own, srcPort: p.port }
      const ack = p.socket.tcb.sndNxt >>> 0
      const bytes = tcp({ ...ends, seq: p.seq++, ack, flags: ACK | PSH, payload: [reserved], checksum: 0 })
      bytes[12]! |= reserved
      bytes.set(be16(upperChecksum(p.peer, p.own, 6, bytes)), 16)
      p.link.give(packet(p.peer, p.own, 6, bytes))
    }
    assert.deepEqual(p.read(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    assert.deepEqual(drops(p.stack), {})
  })

  it('IPv4 options before a segment change nothing [MUST-50 MAY-10 MAY-11]', () => {
    const options = [
      [1, 1, 1, 1],
      [1, 0, 0, 0],
      [148, 4, 0, 0],
      [7, 7, 4, 0, 0, 0, 0, 0],
      [68, 8, 5, 0, 0, 0, 0, 0],
      [222, 3, 9, 1],
    ]
    const p = new ScriptedPeer()
    p.stack.listen({ port: 80, onConnection: socket => (p.socket = socket) })
    const [synAck] = p.say({ flags: SYN, ack: 0 }, { options: options[2]! })
    p.seq++
    p.say({ ack: (synAck!.seq + 1) >>> 0 }, { options: options[3]! })
    for (const each of options) {
      p.say({ flags: ACK | PSH, payload: [each[0]!] }, { options: each })
      p.seq++
    }
    assert.deepEqual(
      p.read(),
      options.map(each => each[0]),
    )
    p.say({ flags: RST }, { options: options[4]! })
    assert.equal(p.socket.state, 'CLOSED')
  })

  it('IPv6 extension headers before a segment change nothing [MUST-50]', () => {
    const p = new ScriptedPeer({ six: true }).accepted()
    const segment = () =>
      tcp({
        src: p.peer,
        dst: p.own,
        srcPort: p.port,
        seq: p.seq++,
        ack: p.socket.tcb.sndNxt >>> 0,
        flags: ACK | PSH,
        payload: [7],
      })
    const options = (next: number) => [next, 0, 1, 4, 0, 0, 0, 0]
    for (const [next, headers] of [
      [0, options(6)],
      [60, options(6)],
      [0, [...options(60), ...options(6)]],
      [43, [6, 0, 0, 0, 0, 0, 0, 0]],
      [44, fragmentHeader(6, 0, false, 1)],
    ] as const)
      p.link.give(ipv6({ src: p.peer, dst: p.own, next }, join(headers, segment())))
    assert.equal(p.socket.receiveQueued, 5)
  })

  it('experimental kinds mean nothing, whatever stands behind them [RFC 6994 RFC 4727 MUST-6]', () => {
    for (const kind of [253, 254])
      for (const length of [2, 4, 6, 12]) {
        const value = counting(length - 2)
        const p = new ScriptedPeer({ synOptions: [2, 4, 2, 0, kind, length, ...value, 1, 1] }).accepted()
        assert.equal(p.socket.status().sndMss, 512, `kind ${kind}, length ${length}`)
        p.text(5, { options: [kind, length, ...value, ...(length % 4 === 2 ? [1, 1] : [])] })
        assert.equal(p.socket.receiveQueued, 5)
      }
  })
})

describe('fragments', () => {
  it('the first of which does not hold every header are refused [RFC 7112]', () => {
    const p = new ScriptedPeer({ six: true }).accepted()
    const segment = tcp({
      src: p.peer,
      dst: p.own,
      srcPort: p.port,
      seq: p.seq,
      ack: p.socket.tcb.sndNxt >>> 0,
      flags: ACK | PSH,
      payload: counting(60),
    })
    const options = [6, 0, 1, 4, 0, 0, 0, 0]
    const whole = join(options, segment)
    const cut = (at: number, id: number) =>
      p.link.give(
        ipv6(
          { src: p.peer, dst: p.own, next: 44 },
          join(fragmentHeader(60, 0, true, id), whole.slice(0, at)),
        ),
        ipv6({ src: p.peer, dst: p.own, next: 44 }, join(fragmentHeader(60, at, false, id), whole.slice(at))),
      )
    for (const at of [8, 16, 24]) cut(at, at)
    assert.equal(p.socket.receiveQueued, 0)
    assert.deepEqual(drops(p.stack), { 'fragment-tiny': 3 })
    cut(32, 32)
    assert.equal(p.socket.receiveQueued, 60)
  })

  it('of a segment, in any order, make the segment [RFC 815 RFC 1122]', () => {
    const p = new ScriptedPeer({ six: true }).accepted()
    const segment = tcp({
      src: p.peer,
      dst: p.own,
      srcPort: p.port,
      seq: p.seq,
      ack: p.socket.tcb.sndNxt >>> 0,
      flags: ACK | PSH,
      payload: counting(200),
    })
    for (const [from, to] of [
      [160, 220],
      [0, 80],
      [80, 160],
    ] as const)
      p.link.give(
        ipv6(
          { src: p.peer, dst: p.own, next: 44 },
          join(fragmentHeader(6, from, to < 220, 9), segment.slice(from, to)),
        ),
      )
    assert.deepEqual(p.socket.receive(), counting(200))
  })
})

describe('the acceptability test', () => {
  /** Section 3.4's four cases, and the three that we add to them: see the comments of `isAcceptable`. */
  function reference(offset: number, length: number, fin: boolean, window: number): boolean {
    const total = length + (fin ? 1 : 0)
    const inside = (at: number) => at >= 0 && at < window
    if (total === 0) return offset === 0 || inside(offset) || offset === window
    if (window === 0) return fin && length === 0 && offset === 0
    const covers = offset < 0 && offset + total - 1 >= window
    const finAtEdge = fin && length === 0 && offset === window
    return inside(offset) || inside(offset + total - 1) || covers || finAtEdge
  }

  const near = fc.oneof(
    fc.integer({ min: -20, max: 40 }),
    fc.constantFrom(-0x40000000, 0x3fffffff, 32767, 32768),
  )

  it('is that of section 3.4, whatever the numbers [U-03 U-02]', () => {
    const verdicts = new Set<boolean>()
    fc.assert(
      fc.property(
        fc.constantFrom(5000, -10, 0x7ffffff0, 0x80000000 | 0),
        near,
        fc.nat(12),
        fc.boolean(),
        fc.constantFrom(0, 1, 2, 10, 30),
        (irs, offset, data, fin, window) => {
          const t = established({ irs })
          t.tcb.rcvAdv = (t.tcb.rcvNxt + window) | 0
          const seg = t.build({ seq: (t.tcb.rcvNxt + offset) | 0, data, flags: fin ? 'FIN,ACK' : 'ACK' })
          const verdict = isAcceptable(t.tcb, seg)
          verdicts.add(verdict)
          assert.equal(verdict, reference(offset, data, fin, window))
        },
      ),
      { seed: 93, numRuns: 3000 },
    )
    assert.equal(verdicts.size, 2)
  })
})

describe('opening', () => {
  it('an acknowledgment of the SYN is good though more was sent than that [U-25]', () => {
    for (const [ack, opens] of [
      [1000, false],
      [1001, true],
      [1003, true],
      [1006, true],
      [1007, false],
    ] as const) {
      const t = inState('SYN_SENT')
      // As if five octets had gone with the SYN.
      t.send('query')
      t.tcb.sndNxt = 1006
      t.arrives({ flags: 'SYN,ACK', seq: 5000, ack }).is(opens ? 'ESTABLISHED' : 'SYN_SENT')
      if (opens) assert.equal(t.tcb.sndUna, ack)
    }
  })

  it('the same two ends an hour later begin an hour of ticks further on [MUST-8 SHLD-1]', () => {
    const p = new ScriptedPeer({ connect: { localPort: 1234 } })
    const isn = () => {
      p.connecting()
      const { iss } = p.socket.tcb
      p.say({ flags: RST | ACK, ack: (iss + 1) >>> 0 })
      assert.equal(p.socket.state, 'CLOSED')
      return iss
    }
    const first = isn()
    p.env.pass(3_600_000)
    assert.equal((isn() - first) | 0, (3_600_000 * 250) | 0)
    const elsewhere = new ScriptedPeer({ seed: 2, connect: { localPort: 1234 } })
    elsewhere.connecting()
    assert.notEqual(elsewhere.socket.tcb.iss, first, 'another stack has other secrets')
  })

  it('a FIN where there is no connection yet means nothing [U-23]', () => {
    const p = new ScriptedPeer()
    p.stack.listen({ port: 80 })
    assert.deepEqual(p.say({ flags: FIN, ack: 0 }), [])
    assert.deepEqual(p.stack.census, { sockets: 0, halfOpen: 0, timeWait: 0, listeners: 1 })
  })
})
