import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { readSynOptions } from '../../src/tcp/options.js'
import { urgentRemaining } from '../../src/tcp/urgent.js'
import { IpView } from '../../src/wire/ip.js'
import { SegmentView } from '../../src/wire/tcp.js'
import {
  drops,
  ipv6,
  join,
  OWN6,
  openRig,
  PEER6,
  readSegment,
  rig,
  tcp,
  tcpPacket,
} from '../support/packets.js'
import { established, inState, SYNCHRONIZED } from '../support/transcript.js'

/** Part 5: packets that broke other stacks. In JavaScript that would be exceptions, endless loops and wrong slices. */

const ACK = 16
const RST = 4

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
        const { socket, link, next } = openRig()
        const seq = (socket.tcb.rcvNxt + off) >>> 0
        const sent = link.give(next([], { options, seq, flags }))
        assert.ok(sent.every(p => (readSegment(p).flags & RST) === 0))
        assert.notEqual(socket.state, 'CLOSED')
        if (off !== 0) assert.equal(socket.state, 'ESTABLISHED')
      }
  // In the window the segment counts, and its options do not.
  const { socket, link, next, stack } = openRig()
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
