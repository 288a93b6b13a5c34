import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { readSynOptions } from '../../src/tcp/options.js'
import { urgentRemaining } from '../../src/tcp/urgent.js'
import { IpView } from '../../src/wire/ip.js'
import { SegmentView } from '../../src/wire/tcp.js'
import {
  be16,
  counting,
  drops,
  fragmentHeader,
  icmp4,
  ipv4,
  ipv6,
  join,
  naiveChecksum,
  OWN4,
  OWN6,
  PEER4,
  PEER6,
  read,
  readSegment,
  rig,
  tcp,
  tcpPacket,
  udpPacket,
  upperChecksum,
} from '../support/packets.js'
import { established, inState, SYNCHRONIZED } from '../support/transcript.js'

/** Part 5: packets that broke other stacks. In JavaScript that would be exceptions, endless loops and wrong slices. */

const ACK = 16
const RST = 4

/** A listener, and a connection that is open to it. */
function open() {
  const r = rig()
  const listener = r.stack.listen({ port: 80 })
  const [synAck] = r.link.give(tcpPacket({ seq: 1000 }))
  const ack = (readSegment(synAck!).seq + 1) >>> 0
  r.link.give(tcpPacket({ seq: 1001, ack, flags: ACK }))
  const socket = listener.accept()!
  /** The next segment an honest peer would send. */
  const next = (payload: ArrayLike<number>, fields: object = {}) =>
    tcpPacket({ seq: (socket.tcb.rcvNxt >>> 0) as number, ack, flags: ACK, payload, ...fields })
  return { ...r, socket, next, ack }
}

test('E01 option length 0 (CVE-2020-24337): every kind, length and place: the walk moves on, and ends', () => {
  const view = new SegmentView()
  const ip = new IpView()
  let reads = 0
  for (let kind = 0; kind < 256; kind++)
    for (const length of [0, 1, 2, 3, 4, 9, 10, 34, 39, 40, 41, 255])
      for (let at = 0; at < 40; at += 6) {
        const options = new Uint8Array(40).fill(1)
        options[at] = kind
        options[at + 1] = length
        const bytes = tcp({ options, flags: 2 })
        reads = 0
        ip.bytes = new Proxy(bytes, {
          get(target, name) {
            if (typeof name === 'string' && /^\d+$/.test(name)) reads++
            const value = Reflect.get(target, name)
            return typeof value === 'function' ? value.bind(target) : value
          },
        })
        ip.payloadLength = bytes.length
        assert.equal(view.parse(ip, true), undefined)
        assert.ok(reads < 140, `${reads} reads`)
        if (kind > 1 && length < 2 && at < 39) assert.ok(view.badOptions)
      }
})

test('E01 option length 0: the SYN that carries it is answered all the same', () => {
  for (let kind = 2; kind < 256; kind++) {
    const { stack, link } = rig()
    stack.listen({ port: 80 })
    const [answer] = link.give(tcpPacket({ options: [kind, 0, 0, 0] }))
    assert.equal(readSegment(answer!).flags & 0x12, 0x12)
    assert.equal(stack.counters.badTcpOptions, 1)
  }
})

test('E02 MSS overflow (CVE-2020-13988): every value there is gives a segment size between floor and path', () => {
  const t = inState('SYN_RECEIVED')
  const seg = t.build({ flags: 'SYN', mss: 1 })
  for (let mss = 0; mss < 65_536; mss++) {
    seg.mss = mss
    readSynOptions(t.tcb, seg, 0)
    const { mss: effective } = t.tcb
    if (effective < 48 || effective > 1460 || effective !== Math.min(1460, Math.max(48, mss)))
      assert.fail(`MSS ${mss} gives ${effective}`)
  }
})

test('E02 MSS overflow: an option cut off by the end of the header is none', () => {
  for (const options of [
    [1, 1, 1, 2],
    [1, 1, 2, 4],
    [1, 2, 4, 255],
    [2, 255, 255, 255],
    [2, 3, 5, 0],
  ]) {
    const { stack, link } = rig()
    const listener = stack.listen({ port: 80 })
    const [synAck] = link.give(tcpPacket({ seq: 1, options }))
    link.give(tcpPacket({ seq: 2, ack: (readSegment(synAck!).seq + 1) >>> 0, flags: ACK }))
    assert.equal(listener.accept()!.status().sndMss, 536, `${options}`)
  }
})

test('E03 urgent pointer beyond the data (CVE-2020-17437): a mark in sequence space, clamped to what is there', () => {
  for (const length of [0, 1, 2, 100, 536])
    for (const urgent of [0, 1, length, length + 1, 65_535])
      for (const flags of ['URG,ACK', 'URG,ACK,FIN', 'URG,ACK,PSH'])
        for (const state of SYNCHRONIZED) {
          const t = inState(state)
          t.arrives({ flags, urgent, data: length })
          t.drain()
          let octets = 0
          for (let reads = 0; t.tcb.receiveQueue.length > 0; reads++) {
            assert.ok(reads < 1000)
            octets += t.read(7).length
          }
          assert.ok(octets === length || octets === 0)
          if (state === 'ESTABLISHED') assert.equal(octets, length)
        }
})

test('E03 urgent pointer: to nothing it is none, and back it does not go', () => {
  const t = established()
  t.arrives({ flags: 'URG,ACK', urgent: 0, data: 0 }).tells()
  t.arrives({ flags: 'URG,ACK', urgent: 100, data: 10 }).tells('URGENT', 'READABLE')
  t.arrives({ flags: 'URG,ACK', urgent: 1, data: 10 }).tells('READABLE')
  assert.equal(urgentRemaining(t.tcb), 100)
  t.arrives({ flags: 'URG,ACK', urgent: 65_535, data: 10 }).tells('URGENT', 'READABLE')
  assert.equal(urgentRemaining(t.tcb), 20 + 65_535)
  t.arrives({ flags: 'URG,ACK', seq: t.tcb.rcvNxt - 30, urgent: 5, data: 1 })
  assert.equal(urgentRemaining(t.tcb), 20 + 65_535)
})

test('E04 length unchecked (CVE-2020-24341): cut off at every octet, and with every data offset, nothing is read past', () => {
  for (const [src, dst] of [
    [PEER4, OWN4],
    [PEER6, OWN6],
  ]) {
    const { stack, link, env } = rig()
    stack.listen({ port: 80 })
    const whole = tcp({ src, dst, options: [2, 4, 5, 180, 1, 1, 1, 1], payload: counting(20) })
    const envelope = (payload: Uint8Array) =>
      src!.includes(':') ? ipv6({ src, dst, next: 6 }, payload) : ipv4({ src, dst, protocol: 6 }, payload)
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.slice(0, length)
      // As far as it can, it is made to look right.
      if (length >= 18) {
        cut.set([0, 0], 16)
        cut.set(be16(upperChecksum(src!, dst!, 6, cut)), 16)
      }
      link.give(envelope(cut))
    }
    assert.ok(drops(stack)['tcp-truncated']! >= 18)
    for (let dataOffset = 0; dataOffset < 16; dataOffset++)
      for (const payload of [0, 4, 40]) {
        const before = stack.counters.segmentsIn
        link.give(tcpPacket({ src: src!, dst: dst!, dataOffset, payload: new Uint8Array(payload).fill(1) }))
        const valid = dataOffset >= 5 && dataOffset * 4 <= 20 + payload
        assert.equal(stack.counters.segmentsIn - before, valid ? 1 : 0, `${dataOffset} ${payload}`)
      }
    assert.deepEqual(env.errors, [])
  }
})

test('E05 IPv6 extension headers (CVE-2020-17441 and its like): chains of any length and lengths that lie end soon', () => {
  const { stack, link, env } = rig()
  stack.listen({ port: 80 })
  const random = new Random(5)
  const headers = [0, 43, 44, 60]
  for (let i = 0; i < 8000; i++) {
    const chain: number[] = []
    const count = random.integer(1, 30)
    const first = random.pick(headers)
    for (let k = 0; k < count; k++) {
      const next = k === count - 1 ? random.pick([6, 6, 17, 58, 59, 255, 0]) : random.pick(headers)
      const body = Array.from({ length: 6 }, () => random.pick([0, 1, 4, 0xc2, random.integer(0, 255)]))
      chain.push(next, random.pick([0, 0, 0, 1, 31, 255]), ...body)
    }
    const payloadLength = random.chance(0.1) ? random.integer(0, 65_535) : undefined
    const fields = { next: first, ...(payloadLength === undefined ? {} : { payloadLength }) }
    link.give(ipv6(fields, join(chain, random.chance(0.5) ? tcp({ src: PEER6, dst: OWN6 }) : [])))
  }
  assert.deepEqual(env.errors, [])
  const dropped = drops(stack)
  assert.ok(dropped['ipv6-bad-extension']! > 1000 && dropped['ipv6-routing-header']! > 100)
  for (let count = 9; count < 100; count++) {
    const chain = Array.from({ length: count }, (_, k) => [k === count - 1 ? 6 : 60, 0, 1, 4, 0, 0, 0, 0])
    link.give(ipv6({ next: 60 }, join(...chain, tcp({ src: PEER6, dst: OWN6 }))))
  }
  assert.equal(drops(stack)['ipv6-too-many-extensions'], 91)
  // The longest legal chain still works.
  const legal = join([60, 0, 1, 4, 0, 0, 0, 0], [60, 0, 1, 4, 0, 0, 0, 0], [6, 0, 1, 4, 0, 0, 0, 0])
  const syn = tcp({ src: PEER6, dst: OWN6, srcPort: 9 })
  assert.equal(link.give(ipv6({ next: 0 }, join(legal, syn))).length, 1)
})

test('E06 URGENT/11: URG with a pointer of 0, in every state, before and after: no state of it is left over', () => {
  for (const state of SYNCHRONIZED) {
    const t = inState(state)
    for (const urgent of [0, 1, 0, 65_535, 0])
      for (const data of [0, 1, 10]) t.arrives({ flags: 'URG,ACK', urgent, data })
    t.drain()
    while (t.tcb.receiveQueue.length > 0) t.read(3)
    assert.ok(t.tcb.receiveQueue.length === 0)
  }
  // In SYN_SENT it says nothing, and nothing of it is there once the connection is open.
  const t = inState('SYN_SENT')
  t.arrives({ flags: 'URG', urgent: 7, data: 5 }).is('SYN_SENT')
  t.arrives({ flags: 'SYN,ACK,URG', seq: 5000, ack: 1001, urgent: 9 }).is('ESTABLISHED')
  t.drain()
  t.arrives({ data: 'hello' }).reads('hello')
  t.arrives({ data: 'world' }).reads('world')
  assert.equal(t.tcb.urgentReceiving, false)
  // A new incarnation in TIME_WAIT's place, and a listener that was returned to.
  const again = inState('TIME_WAIT')
  again.tcb.urgentReceiving = true
  again.tcb.rcvUp = again.tcb.rcvNxt + 50
  again.tcb.reopenIss = 90_000
  again.arrives({ flags: 'SYN', seq: again.tcb.rcvNxt + 1000 }).is('SYN_RECEIVED')
  assert.equal(again.tcb.urgentReceiving, false)
})

test('E07 option DoS (CVE-2019-12258): malformed options cannot end a connection, in the window or out of it', () => {
  const bad = [
    [2, 0, 0, 0],
    [8, 10, 0, 0],
    [5, 3, 0, 0],
    [3, 255, 1, 1],
    [255, 1, 255, 255],
    [8, 0, 0, 0, 8, 0, 0, 0],
  ]
  for (const options of bad)
    for (const off of [0, 10, -10, 1_000_000, 0x7fffffff])
      for (const flags of [ACK, ACK | 1, 2, 2 | ACK, 0]) {
        const { socket, link, next } = open()
        const seq = (socket.tcb.rcvNxt + off) >>> 0
        const sent = link.give(next([], { options, seq, flags }))
        assert.ok(sent.every(p => (readSegment(p).flags & RST) === 0))
        assert.notEqual(socket.state, 'CLOSED')
        if (off !== 0) assert.equal(socket.state, 'ESTABLISHED')
      }
  // In the window the segment counts, and its options do not.
  const { socket, link, next, stack } = open()
  link.give(next([104, 105], { options: [8, 3, 0, 0] }))
  assert.deepEqual([...socket.receive()!], [104, 105])
  assert.equal(
    stack.counters.badTcpOptions + socket.tcb.badOptions > 0,
    false,
    'a wrong length is an unknown option',
  )
  link.give(next([33], { options: [8, 30, 0, 0] }))
  assert.deepEqual([...socket.receive()!], [33])
  assert.equal(stack.counters.badTcpOptions, 1)
})

/** A frame of `frame` octets with these three lengths in it, as right as it can be otherwise. */
function triple(ihl: number, total: number, offset: number, frame: number): Uint8Array {
  const b = new Uint8Array(frame).fill(1)
  b.set([0x40 | ihl, 0, ...be16(total), 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1])
  const at = ihl * 4
  const end = Math.min(total, frame)
  if (at + 20 <= frame) {
    b.set([0x0f, 0xa0, 0, 80, 0, 0, 0, 9, 0, 0, 0, 0, offset << 4, 2, 255, 255, 0, 0, 0, 0], at)
    if (at < end) b.set(be16(upperChecksum('10.0.0.2', '10.0.0.1', 6, b.subarray(at, end))), at + 16)
  }
  b.set([0, 0], 10)
  b.set(be16(naiveChecksum(b.subarray(0, Math.max(20, Math.min(at, frame))))), 10)
  return b
}

test('E08 INFRA:HALT (CVE-2021-31401): every triple of IHL, total length and data offset', () => {
  const { stack, link, env } = rig()
  stack.listen({ port: 80 })
  const frame = 96
  let [accepted, lengths] = [0, 0]
  const totals = [...Array.from({ length: frame + 6 }, (_, i) => i), 1500, 65_535]
  for (let ihl = 0; ihl < 16; ihl++)
    for (const total of totals)
      for (let offset = 0; offset < 16; offset++) {
        const before = stack.counters.segmentsIn
        link.give(triple(ihl, total, offset, frame))
        const taken = stack.counters.segmentsIn - before
        const segment = total - ihl * 4
        if (ihl >= 5 && (segment < 0 || total > frame)) lengths++
        const valid = ihl >= 5 && total <= frame && segment >= 20 && offset >= 5 && offset * 4 <= segment
        assert.equal(taken, valid ? 1 : 0, `IHL ${ihl}, total length ${total}, data offset ${offset}`)
        accepted += taken
      }
  assert.ok(accepted > 1000)
  assert.equal(
    drops(stack)['ipv4-bad-total-length'],
    lengths,
    'seen for what it is, before anything is subtracted',
  )
  assert.deepEqual(env.errors, [])
})

test('E09 Ripple20 (CVE-2020-11896, -11907): one length, checked once: padding is ignored, what is cut is dropped', () => {
  const { link, socket, next, stack } = open()
  const padded = join(next([1, 2, 3]), counting(30))
  link.give(padded)
  assert.deepEqual([...socket.receive()!], [1, 2, 3])
  const whole = next(counting(50))
  for (let length = 0; length < whole.length; length++) link.give(whole.subarray(0, length))
  assert.equal(socket.receiveQueued, 0)
  assert.ok(drops(stack)['ipv4-bad-total-length']! >= 50)
  const six = rig()
  six.stack.listen({ port: 80 })
  const syn = tcpPacket({ src: PEER6, dst: OWN6 })
  for (let length = 0; length < syn.length; length++)
    assert.equal(six.link.give(syn.subarray(0, length)).length, 0)
  assert.equal(six.link.give(join(syn, counting(9))).length, 1)
})

test('E09 IP-in-IP: a packet inside a packet is not unpacked', () => {
  const { stack, link } = rig()
  stack.listen({ port: 80 })
  for (const protocol of [4, 41]) {
    let inner: Uint8Array = tcpPacket({})
    for (let depth = 0; depth < 5; depth++) inner = ipv4({ protocol }, inner)
    const sent = link.give(inner)
    assert.deepEqual([sent.length, read(sent[0]!).protocol], [1, 1], 'protocol unreachable')
  }
  assert.equal(stack.counters.segmentsIn, 0)
  assert.equal(drops(stack)['ip-unknown-protocol'], 2)
})

test('E10 divide by zero and underflow (CVE-2018-16523, CVE-2026-7423): MSS 0, any scale, the shortest messages', () => {
  for (let scale = 0; scale < 256; scale++) {
    const t = established({ config: { windowScaling: true }, syn: { mss: 0, windowScale: scale, window: 1 } })
    assert.equal(t.tcb.sndScale, Math.min(scale, 14))
    t.arrives({ window: 65_535 })
    assert.ok(t.tcb.sndWnd === 65_535 * 2 ** Math.min(scale, 14))
    t.send(500)
    const sent = t.drain()
    assert.ok(sent.length > 0 && sent.every(s => s.data.length > 0 && s.data.length <= 48))
  }
  const { stack, link, env } = rig()
  for (let length = 0; length < 12; length++) {
    link.give(ipv4({ protocol: 1 }, icmp4(8, 0, 0, counting(length)).subarray(0, Math.max(0, length))))
    link.give(ipv4({ protocol: 1 }, icmp4(3, 4, 0, counting(length))))
    link.give(ipv4({ protocol: 17 }, counting(length)))
    link.give(udpPacket({ dstPort: 53, length }, counting(4)))
    link.give(ipv6({ next: 58 }, counting(length)))
    link.give(ipv4({ protocol: 6 }, counting(length)))
  }
  assert.equal(
    link.give(ipv4({ protocol: 1 }, icmp4(8, 0, 7))).length,
    1,
    'a ping with nothing in it is answered',
  )
  assert.deepEqual(env.errors, [])
  assert.ok(stack.counters.drops['icmp-truncated'] >= 8)
})

test('E11 reader that spins on URG (CVE-2017-6214): every way of reading moves on, or says there is nothing', () => {
  for (const max of [1, 2, 3, 7, 1000, undefined])
    for (const urgent of [0, 1, 3, 5, 6, 65_535]) {
      const t = established()
      t.arrives({ data: 'first' })
      t.arrives({ flags: 'ACK,URG', urgent, data: 'secnd' })
      t.arrives({ flags: 'ACK,URG', urgent: 1, data: 'third' })
      let all = ''
      let reads = 0
      for (let bytes = t.read(max); bytes.length > 0; bytes = t.read(max)) {
        all += String.fromCharCode(...bytes)
        assert.ok(++reads <= 15)
      }
      assert.equal(all, 'firstsecndthird')
    }
})

test('E13 tiny and overlapping fragments (RFC 1858, 3128, 5722): no header is rewritten, and the first holds all of it', () => {
  const whole = tcp({ seq: 42, payload: counting(60) })
  const evil = tcp({ seq: 42, dstPort: 81, payload: counting(60) })
  for (const [name, pieces, taken] of [
    [
      'first without the flags',
      [
        [0, whole.subarray(0, 8), true],
        [8, whole.subarray(8), false],
      ],
      false,
    ],
    [
      'first of sixteen',
      [
        [0, whole.subarray(0, 16), true],
        [16, whole.subarray(16), false],
      ],
      false,
    ],
    [
      'offset 1 rewrites the flags',
      [
        [0, whole.subarray(0, 24), true],
        [8, evil.subarray(8, 24), true],
        [24, whole.subarray(24), false],
      ],
      'as sent',
    ],
    [
      'a second first',
      [
        [0, whole.subarray(0, 24), true],
        [0, evil.subarray(0, 24), true],
        [24, whole.subarray(24), false],
      ],
      'as sent',
    ],
    [
      'a longer second first',
      [
        [0, whole.subarray(0, 24), true],
        [0, evil.subarray(0, 32), true],
        [24, whole.subarray(24), false],
      ],
      false,
    ],
    [
      'the end before the middle',
      [
        [24, whole.subarray(24), false],
        [32, evil.subarray(32, 48), true],
        [0, whole.subarray(0, 24), true],
      ],
      false,
    ],
    [
      'in order',
      [
        [0, whole.subarray(0, 24), true],
        [24, whole.subarray(24), false],
      ],
      'as sent',
    ],
  ] as [string, [number, Uint8Array, boolean][], false | 'as sent'][]) {
    const { stack, link } = rig()
    stack.listen({ port: 80 })
    const answers = pieces.flatMap(([offset, bytes, more]) =>
      link.give(ipv4({ protocol: 6, id: 3, offset, more }, bytes)),
    )
    assert.equal(answers.length, taken ? 1 : 0, name)
    if (taken) assert.equal(readSegment(answers[0]!).srcPort, 80, 'what came first is what counts')
  }
})

test('E13 IPv6 overlap (RFC 5722) drops the whole datagram, and later pieces of it too', () => {
  const { stack, link } = rig()
  stack.listen({ port: 80 })
  const whole = tcp({ src: PEER6, dst: OWN6, payload: counting(60) })
  const piece = (offset: number, length: number, more: boolean) =>
    link.give(
      ipv6({ next: 44 }, join(fragmentHeader(6, offset, more, 9), whole.subarray(offset, offset + length))),
    )
  assert.equal(piece(0, 40, true).length, 0)
  assert.equal(piece(32, 16, true).length, 0)
  assert.equal(piece(40, 40, false).length, 0)
  assert.equal(piece(0, 40, true).length + piece(40, 40, false).length, 0)
  assert.deepEqual([stack.counters.segmentsIn, drops(stack)['fragment-overlap']! >= 2], [0, true])
})

test('E14 checksum offload trust: one flipped bit anywhere, in either version, and the segment is not taken', () => {
  for (const [src, dst, header] of [
    [PEER4, OWN4, 20],
    [PEER6, OWN6, 40],
  ] as const) {
    const { stack, link } = rig()
    stack.listen({ port: 80 })
    const good = tcpPacket({ src, dst, options: [2, 4, 5, 180], payload: counting(30) })
    for (let bit = header * 8; bit < good.length * 8; bit++) {
      const bad = good.slice()
      bad[bit >> 3]! ^= 128 >> (bit & 7)
      assert.equal(link.give(bad).length, 0, `bit ${bit - header * 8}`)
    }
    assert.equal(stack.counters.segmentsIn, 0)
    assert.equal(link.give(good).length, 1)
  }
})

test('E14 checksum offload trust: a checksum of zero, of all ones, or of the wrong addresses is no checksum', () => {
  const { stack, link } = rig()
  stack.listen({ port: 80 })
  for (const checksum of [0, 0xffff]) assert.equal(link.give(tcpPacket({ checksum })).length, 0)
  // As a NAT that forgot would leave it.
  assert.equal(link.give(ipv4({ protocol: 6 }, tcp({ src: '192.0.2.1' }))).length, 0)
  assert.equal(drops(stack)['tcp-bad-checksum'], 3)
})
