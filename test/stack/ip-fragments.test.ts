import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Fragments } from '../../src/stack/fragments.js'
import { IpView, parseIp } from '../../src/wire/ip.js'
import {
  counting,
  drops,
  fragmentHeader,
  icmp4,
  icmp6,
  ipv4,
  ipv6,
  join,
  OWN4,
  OWN6,
  PEER4,
  PEER6,
  read,
  rig,
  tcp,
  udpPacket,
} from '../support/packets.js'

/** Cuts a payload up for a path of this MTU. */
function cut4(payload: Uint8Array, protocol: number, size: number, id = 7): Uint8Array[] {
  const out: Uint8Array[] = []
  for (let at = 0; at < payload.length; at += size)
    out.push(
      ipv4({ protocol, id, offset: at, more: at + size < payload.length }, payload.slice(at, at + size)),
    )
  return out
}

function cut6(payload: Uint8Array, next: number, size: number, id = 7): Uint8Array[] {
  const out: Uint8Array[] = []
  for (let at = 0; at < payload.length; at += size)
    out.push(
      ipv6(
        { next: 44 },
        join(fragmentHeader(next, at, at + size < payload.length, id), payload.slice(at, at + size)),
      ),
    )
  return out
}

/** Puts together what the stack sent. */
function whole(packets: Uint8Array[]): Uint8Array {
  const fragments = new Fragments()
  const view = new IpView()
  let result: unknown
  for (const bytes of packets) {
    assert.equal(parseIp(view, bytes, 0, bytes.length), undefined)
    result = fragments.add(
      view,
      () => {},
      () => {},
    )
  }
  assert.ok(result instanceof Uint8Array)
  return result
}

describe('fragments through the stack', () => {
  it('answers a ping of 4000 bytes in fragments, in whatever order it came', () => {
    const request4 = cut4(icmp4(8, 0, 1, counting(4000)), 1, 1480)
    const request6 = cut6(icmp6(128, 0, 1, counting(4000)), 58, 1448)
    for (const reverse of [false, true]) {
      const { link, stack } = rig()
      const answer4 = link.give(...(reverse ? request4.toReversed() : request4))
      const answer6 = link.give(...(reverse ? request6.toReversed() : request6))
      for (const answer of [answer4, answer6]) {
        assert.equal(answer.length, 3)
        assert.ok(answer.every(bytes => bytes.length <= 1500 && read(bytes).view.isFragment))
      }
      assert.deepEqual(whole(answer4).slice(20), icmp4(0, 0, 1, counting(4000)))
      assert.deepEqual([read(whole(answer4)).src, read(whole(answer4)).dst], [OWN4, PEER4])
      assert.deepEqual(whole(answer6).slice(40), icmp6(129, 0, 1, counting(4000), OWN6, PEER6))
      assert.deepEqual(drops(stack), {})
    }
  })

  it('hands a fragmented segment to TCP, and a fragmented datagram to UDP [RFC 1122 RFC 815]', () => {
    const { link, stack } = rig()
    const seen: number[] = []
    stack.bindUdp(53, message => seen.push(message.bytes.length))
    link.give(...cut4(udpPacket({}, counting(5000)).slice(20), 17, 1480))
    assert.deepEqual(seen, [5000])
    assert.equal(link.give(...cut4(tcp({ payload: counting(100) }), 6, 64, 8)).length, 1, 'RST')
  })

  it('drops overlaps without a word, now and later [RFC 5722]', () => {
    const { link, stack, env } = rig()
    const [a, b, c] = cut6(icmp6(128, 0, 1, counting(200)), 58, 80)
    const teardrop = ipv6({ next: 44 }, join(fragmentHeader(58, 72, true, 7), counting(80)))
    assert.deepEqual(link.give(a!, teardrop, b!, c!), [])
    env.pass(31_000)
    assert.deepEqual(link.take(), [], 'RFC 5722: silently')
    assert.deepEqual(drops(stack), { 'fragment-overlap': 3, 'fragment-timeout': 1 })
    assert.equal(
      link.give(...cut6(icmp6(128, 0, 1, counting(200)), 58, 80)).length,
      1,
      'the number may be used again',
    )
  })

  it('gives up after a while, and says so if it has the first fragment (RFC 1122 section 3.3.2, RFC 8200 section 4.5) [RFC 1122 RFC 4963]', () => {
    const { link, stack, env } = rig()
    const [first4, , last4] = cut4(icmp4(8, 0, 1, counting(300)), 1, 120)
    const [first6, , last6] = cut6(icmp6(128, 0, 1, counting(300)), 58, 120)
    link.give(first4!, first6!, last6!)
    env.pass(29_000)
    assert.deepEqual(link.take(), [])
    env.pass(1001)
    const [error4, error6] = link.take().map(read)
    assert.deepEqual(error4!.payload, icmp4(11, 1, 0, first4), 'quoting it')
    assert.deepEqual(error6!.payload, icmp6(3, 1, 0, first6, OWN6, PEER6))
    assert.deepEqual(drops(stack), { 'fragment-timeout': 2 })
    link.give(last4!)
    env.pass(31_000)
    assert.deepEqual(link.take(), [], 'without the first there is nobody to tell')
    assert.deepEqual(drops(stack), { 'fragment-timeout': 3 })
  })

  it('does not take a fragment inside a fragment for a segment', () => {
    const { link, stack } = rig()
    const inner = join(fragmentHeader(6, 0, true, 9), tcp({ src: PEER6, dst: OWN6 }))
    assert.deepEqual(link.give(...cut6(join(inner, [0, 0, 0, 0]), 44, 16)), [])
    assert.deepEqual(drops(stack), { 'fragment-malformed': 1 })
  })

  it('looks at the whole as it would have at a packet in one piece', () => {
    const { link, stack } = rig()
    const options = [58, 0, 0x9e, 0, 1, 2, 0, 0]
    const answer = link.give(...cut6(join(options, icmp6(128, 0, 1, counting(20))), 60, 16))
    assert.deepEqual(
      [...read(answer[0]!).payload.subarray(0, 8)].toSpliced(2, 2),
      [4, 2, 0, 0, 0, 42],
      'unknown option',
    )
    assert.deepEqual(drops(stack), { 'ipv6-unknown-option': 1 })
    // Nobody's address is for ICMPv6 only; the first fragment says that it is TCP.
    const part = (next: number, at: number, more: boolean, bytes: Uint8Array) =>
      ipv6({ src: '::', next: 44 }, join(fragmentHeader(next, at, more, 5), bytes))
    const segment = tcp({ src: '::', dst: OWN6, payload: counting(44) })
    link.give(part(58, 40, false, segment.slice(40)), part(58, 0, true, segment.slice(0, 40)))
    const { sockets, halfOpen } = stack.census
    assert.deepEqual([sockets, halfOpen], [0, 0])
  })

  it('is not worn down by fragments that never end', () => {
    const { link, stack, env } = rig()
    for (let i = 0; i < 5000; i++)
      link.give(
        ipv4({ protocol: 17, id: i, offset: 8, more: true, src: `10.0.0.${2 + (i % 200)}` }, counting(64)),
      )
    assert.equal(stack.counters.drops['fragment-limit'], 5000 - 64)
    env.pass(31_000)
    assert.equal(stack.counters.drops['fragment-timeout'], 64)
    assert.equal(link.give(...cut4(icmp4(8, 0, 1, counting(300)), 1, 120)).length, 1, 'as good as new')
  })
})
