import assert from 'node:assert/strict'
import { test } from 'node:test'
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
  openRig,
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
import { established } from '../support/transcript.js'

/** Part 5, lengths and sums: packets whose parts disagree about how long they are. */

const _ACK = 16
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
  const { link, socket, next, stack } = openRig()
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
