import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Random } from '../../src/sim/random.js'
import { be16, be32, counting, readSegment, rig, tcpPacket } from '../support/packets.js'
import { established, inState, Transcript, text } from '../support/transcript.js'

/** Part 6: the stream that is delivered is the one that was sent, and everybody who looks at it agrees on it. */

const ACK = 16
const RST = 4
const _SYN = 2

test('F01 overlapping segments that disagree: the first copy of each octet wins, whatever comes after', () => {
  const piece = fc.record({
    at: fc.nat(60),
    length: fc.integer({ min: 1, max: 30 }),
    letter: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'),
    reads: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom(5000, -3, 0x7ffffff0), (pieces, irs) => {
      const t = established({ irs })
      const model: string[] = []
      let delivered = ''
      for (const { at, length, letter, reads } of pieces) {
        t.arrives({ seq: (irs + 1 + at) | 0, data: letter.repeat(length) })
        t.drain()
        for (let i = at; i < at + length; i++) model[i] ??= letter
        if (reads) delivered += text(t.read())
      }
      while (t.tcb.receiveQueue.length > 0) delivered += text(t.read())
      const end = Array.from(model).indexOf(undefined as unknown as string)
      assert.equal(delivered, model.slice(0, end < 0 ? model.length : end).join(''))
    }),
    { numRuns: 300 },
  )
})

test('F01 overlap: a FIN that a forged segment places elsewhere neither cuts the stream nor adds to it', () => {
  const t = established()
  t.arrives({ flags: 'FIN,ACK', seq: 5011, data: '' })
  t.arrives({ flags: 'FIN,ACK', seq: 5006, data: 'EAR' })
  t.arrives({ data: 'hello' }).is('ESTABLISHED')
  t.arrives({ data: 'LY' })
  t.drain()
  // The first word about where the FIN stands holds: the second does not cut two octets off.
  t.reads('helloEARLY').is('CLOSE_WAIT')
  const honest = established()
  honest.arrives({ flags: 'FIN,ACK', seq: 5101 })
  honest.arrives({ flags: 'FIN,ACK', data: 'the end' })
  honest.reads('the end').is('CLOSE_WAIT')
})

test('F02 data in SYN: kept, and delivered only once the handshake is done; a reset before that leaves nothing', () => {
  const t = new Transcript()
  t.listen().arrives({ flags: 'SYN', seq: 5000, data: 'GET /' })
  t.sends({ flags: 'SYN,ACK', ack: 5001 })
  assert.equal(t.tcb.receiveQueue.length, 0)
  t.arrives({ flags: 'RST', seq: 5001 }).is('LISTEN')
  assert.deepEqual([t.tcb.reassembly, t.tcb.receiveQueue.length], [null, 0])
  t.arrives({ flags: 'SYN', seq: 9000 }).sends({ flags: 'SYN,ACK' })
  t.arrives({ seq: 9001, ack: t.tcb.sndNxt }).is('ESTABLISHED').reads('')
  // And through a stack: nobody is told, and no connection is there, however often it is replayed.
  const r = rig()
  const listener = r.stack.listen({ port: 80 })
  for (let i = 0; i < 50; i++) r.link.give(tcpPacket({ seq: 5000, payload: counting(100) }))
  assert.deepEqual([listener.queue.length, r.stack.census.halfOpen], [0, 1])
  assert.equal(r.stack.gauges.outOfOrder, 100)
  // A SYN that came in fragments is kept as far as one segment goes.
  const big = new Transcript({ config: { receiveBuffer: 65_535 } }).listen()
  big.arrives({ flags: 'SYN', seq: 5000, data: 40_000 }).sends({ flags: 'SYN,ACK', ack: 5001 })
  assert.equal(big.tcb.reassembly!.bytes, 1460)
  big.arrives({ seq: 5001, ack: big.tcb.sndNxt }).is('ESTABLISHED')
  assert.equal(big.tcb.rcvNxt, 5001 + 1460)
})

test('F02 Fast Open is off: its option is passed over, no cookie is given, and text on the SYN is not acknowledged', () => {
  for (const options of [
    [34, 2, 1, 1],
    [34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1],
    [254, 4, 0xf9, 0x89],
  ]) {
    const r = rig()
    r.stack.listen({ port: 80 })
    const [synAck] = r.link.give(tcpPacket({ seq: 5000, options, payload: counting(100) }))
    const seg = readSegment(synAck!)
    assert.equal(seg.ack, 5001)
    const kinds = [...seg.bytes.subarray(seg.optionsOffset, seg.optionsOffset + seg.optionsLength)]
    assert.ok(!kinds.includes(34) && !kinds.includes(254))
  }
})

test('F03 split handshake: a server that answers a SYN with a SYN makes a simultaneous open, and the roles stay', () => {
  const t = inState('SYN_SENT')
  // Four-way: ACK alone, then SYN (Beardsley and Qian), or SYN alone at once.
  t.arrives({ seq: 5000, ack: 1001 }).is('SYN_SENT').sendsNothing()
  t.arrives({ flags: 'SYN', seq: 5000, mss: 1460 }).is('SYN_RECEIVED')
  t.sends({ flags: 'SYN,ACK', seq: 1000, ack: 5001 })
  assert.equal(t.tcb.passive, false, 'a RST now ends the client’s connection: it never becomes a listener')
  t.arrives({ seq: 5001, ack: 1001, data: '' }).is('ESTABLISHED')
  t.send('hello')
  t.sends({ seq: 1001, ack: 5001, data: 'hello' })
  t.arrives({ data: 'world' }).reads('world')
  const reset = inState('SYN_SENT')
  reset.arrives({ flags: 'SYN', seq: 5000 }).sends({ flags: 'SYN,ACK' })
  reset.arrives({ flags: 'RST', seq: 5001 }).is('CLOSED').failedWith('ECONNREFUSED')
})

test('F04 RST or FIN with a bad checksum, an old timestamp or a signature nobody asked for: checked as the RFCs say', () => {
  const TS = (value: number) => [1, 1, 8, 10, ...be32(value), ...be32(0)]
  const build = () => {
    const r = rig()
    const listener = r.stack.listen({ port: 80 })
    const [synAck] = r.link.give(tcpPacket({ seq: 1000, options: TS(100_000) }))
    const ack = (readSegment(synAck!).seq + 1) >>> 0
    const base = { seq: 1001, ack, flags: ACK, options: TS(100_001) }
    r.link.give(tcpPacket(base))
    const socket = listener.accept()!
    return { ...r, socket, base }
  }
  for (const flags of [RST, RST | ACK, 1 | ACK]) {
    const a = build()
    assert.equal(a.link.give(tcpPacket({ ...a.base, flags, checksum: 0x1234 })).length, 0)
    assert.equal(a.socket.state, 'ESTABLISHED', 'checksum')
    const b = build()
    b.link.give(tcpPacket({ ...b.base, flags: flags & ~RST, options: TS(99_000) }))
    assert.equal(b.socket.state, 'ESTABLISHED', 'PAWS stops FIN and data')
    const c = build()
    c.link.give(tcpPacket({ ...c.base, flags, seq: 1002 }))
    assert.equal(c.socket.state, 'ESTABLISHED', 'not at RCV.NXT')
    const d = build()
    d.link.give(tcpPacket({ ...d.base, flags: flags & ~RST, options: [] }))
    assert.equal(
      d.socket.state,
      'ESTABLISHED',
      'no timestamp on a connection that has them (RFC 7323 section 3.2)',
    )
  }
  // A signature option (RFC 2385) that was not agreed on is an unknown option; a RST is not subject to PAWS.
  const e = build()
  e.link.give(
    tcpPacket({ ...e.base, options: [...TS(100_002), 19, 18, ...counting(16), 1, 1], payload: [65] }),
  )
  assert.deepEqual([...e.socket.receive()!], [65])
  e.link.give(tcpPacket({ ...e.base, seq: 1002, flags: RST, options: TS(5) }))
  assert.equal(e.socket.state, 'CLOSED')
})

test('F04 a segment that would die a hop further on is taken: the TTL is no part of what a host checks', () => {
  const r = rig()
  r.stack.listen({ port: 80 })
  const syn = tcpPacket()
  syn[8] = 1
  syn.set([0, 0], 10)
  let sum = 0
  for (let i = 0; i < 20; i += 2) sum += (syn[i]! << 8) | syn[i + 1]!
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff)
  syn.set(be16(~sum & 0xffff), 10)
  assert.equal(r.link.give(syn).length, 1)
})

test('F05 sequence wrap: old duplicates from before the wrap are not taken for what comes after it', () => {
  const random = new Random(55)
  for (let life = 0; life < 15; life++) {
    const irs = (0x100000000 - random.integer(0, 100_000)) | 0
    const t = established({ irs, config: { timestamps: true }, syn: { ts: [1, 0] } })
    const step = () => {
      t.advance(1)
      return t.tcb.tsRecent + 1
    }
    const history: { seq: number; data: number; ts: [number, number] }[] = []
    let octets = 0
    while (octets < 200_000) {
      const data = random.integer(1, 1460)
      const segment = { seq: t.tcb.rcvNxt, data, ts: [step(), 0] as [number, number] }
      history.push(segment)
      t.arrives(segment)
      octets += data
      // The same octets of sequence space a whole circle ago: an old timestamp, and other text.
      if (random.chance(0.3)) t.arrives({ seq: t.tcb.rcvNxt, data: 'old!', ts: [t.tcb.tsRecent - 1000, 0] })
      if (random.chance(0.3)) t.arrives(random.pick(history))
      t.drain()
      while (t.tcb.receiveQueue.length > 0) {
        const first = (t.tcb.rcvNxt - t.tcb.receiveQueue.length) | 0
        const bytes = t.read()
        for (const [i, b] of bytes.entries())
          if (b !== (((first + i) * 31) & 255)) assert.fail(`octet ${first + i}`)
      }
    }
    assert.equal(t.tcb.bytesReceived, octets)
  }
})
