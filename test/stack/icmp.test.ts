import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SocketHandler } from '../../src/stack/socket.js'
import { IpAddress } from '../../src/wire/address.js'
import {
  be16,
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
  packet,
  read,
  readSegment,
  rig,
  tcpPacket,
  udpPacket,
} from '../support/packets.js'

const echo4 = (payload: ArrayLike<number>, fields = {}) =>
  ipv4({ protocol: 1, ...fields }, icmp4(8, 0, 0x12340001, payload))
const echo6 = (payload: ArrayLike<number>, src = PEER6, dst = OWN6) =>
  ipv6({ next: 58, src, dst }, icmp6(128, 0, 0x12340001, payload, src, dst))
const unknownOption = (type: number) => [253, 0, type, 0, 1, 2, 0, 0]

describe('echo', () => {
  it('is answered with the same bytes, over both versions [RFC 792 RFC 4443 RFC 1122]', () => {
    for (const length of [0, 1, 56, 1400]) {
      const { link, stack } = rig()
      const [four, six] = link.give(echo4(counting(length)), echo6(counting(length)))
      assert.deepEqual(four!.slice(20), icmp4(0, 0, 0x12340001, counting(length)))
      assert.deepEqual([read(four!).src, read(four!).dst], [OWN4, PEER4])
      assert.deepEqual(six!.slice(40), icmp6(129, 0, 0x12340001, counting(length), OWN6, PEER6))
      assert.equal(stack.counters.echoReplies, 2)
    }
  })

  it('is not answered to groups, nor to nobody, nor if it is damaged', () => {
    const { link, stack } = rig({ interface: { gateways: ['10.0.0.254', 'fd00::fe'] } })
    const groups = ['255.255.255.255', '10.0.0.255', '224.0.0.1'].map(dst => echo4([1], { dst }))
    assert.deepEqual(link.give(...groups, echo6([1], PEER6, 'ff02::1')), [], 'smurf')
    assert.deepEqual(link.give(echo6([1], '::', OWN6)), [], 'the unspecified address is nobody')
    const damaged = echo4(counting(9))
    damaged[30]! ^= 1
    assert.deepEqual(link.give(damaged), [])
    assert.deepEqual(drops(stack), { 'icmp-bad-checksum': 1 })
    assert.equal(stack.counters.echoReplies, 0)
  })

  it('is not answered with an answer to an answer', () => {
    const { link, stack } = rig()
    assert.deepEqual(
      link.give(ipv4({ protocol: 1 }, icmp4(0, 0, 1)), ipv6({ next: 58 }, icmp6(129, 0, 1))),
      [],
    )
    assert.deepEqual(
      link.give(ipv4({ protocol: 1 }, icmp4(13, 0, 1)), ipv6({ next: 58 }, icmp6(200, 0, 1))),
      [],
    )
    assert.deepEqual(drops(stack), { 'icmp-unknown-type': 2 })
  })
})

describe('errors about packets of others', () => {
  it('say that nobody has the UDP port, quoting the packet [RFC 792 RFC 4443 RFC 1122]', () => {
    const { link, stack } = rig()
    const four = udpPacket({ dstPort: 7 }, counting(900))
    const six = udpPacket({ src: PEER6, dst: OWN6 }, counting(1400))
    const [about4, about6] = link.give(join(four, [0, 0, 0]), six).map(read)
    assert.deepEqual(about4!.payload, icmp4(3, 3, 0, four.slice(0, 548)))
    assert.deepEqual(about6!.payload, icmp6(1, 4, 0, six.slice(0, 1232), OWN6, PEER6))
    assert.ok(about4!.view.totalLength === 576 && about6!.view.totalLength === 1280)
    assert.deepEqual([stack.counters.icmpErrorsOut, drops(stack)], [2, { 'udp-no-port': 2 }])
  })

  it('say that the protocol is unknown, and where it is named', () => {
    const { link, stack } = rig()
    const four = ipv4({ protocol: 132 }, counting(20))
    const six = ipv6({ next: 132 }, counting(20))
    const behind = ipv6(
      { next: 60 },
      join([60, 0, 1, 4, 0, 0, 0, 0], [132, 0, 1, 4, 0, 0, 0, 0], counting(20)),
    )
    const [about4, about6, deep] = link.give(four, six, behind).map(read)
    assert.deepEqual(about4!.payload, icmp4(3, 2, 0, four))
    assert.deepEqual(
      about6!.payload,
      icmp6(4, 1, 6, six, OWN6, PEER6),
      'the Next Header field of the IPv6 header',
    )
    assert.deepEqual(deep!.payload, icmp6(4, 1, 48, behind, OWN6, PEER6), 'that of the last extension header')
    assert.deepEqual(drops(stack), { 'ip-unknown-protocol': 3 })
  })

  it('are not sent where nothing follows the header (RFC 8200 section 4.7)', () => {
    const { link, stack } = rig()
    assert.deepEqual(link.give(ipv6({ next: 59 })), [])
    assert.deepEqual(drops(stack), { 'ip-unknown-protocol': 1 })
  })

  it('point at an option that must not be skipped, and at a routing header', () => {
    const { link } = rig()
    const send = (next: number, header: number[], fields = {}) =>
      link.give(ipv6({ next, ...fields }, header)).map(bytes => read(bytes))
    for (const type of [0x9e, 0xde]) {
      const [error] = send(60, unknownOption(type))
      assert.deepEqual(
        [...error!.payload.subarray(0, 2), ...error!.payload.subarray(4, 8)],
        [4, 2, 0, 0, 0, 42],
      )
    }
    assert.deepEqual(send(60, unknownOption(0x5e)), [])
    const [error] = send(43, [253, 0, 0, 1, 0, 0, 0, 0])
    assert.deepEqual(
      [...error!.payload.subarray(0, 2), ...error!.payload.subarray(4, 8)],
      [4, 0, 0, 0, 0, 42],
    )
  })

  it('are not sent about packets for groups, for others, or from those who cannot be answered [RFC 1122 RFC 4443]', () => {
    const { link, stack } = rig({ interface: { gateways: ['10.0.0.254', 'fd00::fe'] } })
    for (const dst of ['255.255.255.255', '10.0.0.255', '224.0.0.1'])
      assert.deepEqual(link.give(udpPacket({ dst }, [1]), ipv4({ protocol: 200, dst })), [], dst)
    assert.deepEqual(link.give(udpPacket({ src: PEER6, dst: 'ff02::1' }, [1])), [])
    for (const src of [OWN6, '::1', '::', 'ff02::9'])
      assert.deepEqual(link.give(ipv6({ src, next: 60 }, unknownOption(0x9e))), [], src)
    assert.deepEqual(link.give(ipv6({ dst: 'fd00::77', next: 60 }, unknownOption(0x9e))), [])
    assert.equal(stack.counters.icmpErrorsOut, 0)
  })

  it('are sent about the packet at hand only, not the one before', () => {
    const { link } = rig()
    assert.equal(link.give(ipv6({ next: 60 }, unknownOption(0x9e))).length, 1)
    assert.deepEqual(
      link.give(ipv4({ checksum: 1 }), Uint8Array.of(0x60), Uint8Array.of(0), new Uint8Array(0)),
      [],
    )
  })

  it('are never about errors (RFC 1122 section 3.2.2, RFC 4443 section 2.4) [RFC 1122 RFC 4443]', () => {
    const { link, stack, env } = rig()
    // The first fragment of an error, whose rest never comes.
    const error4 = icmp4(3, 3, 0, counting(100))
    const error6 = icmp6(1, 4, 0, counting(96))
    link.give(ipv4({ protocol: 1, more: true, id: 1 }, error4.slice(0, 64)))
    link.give(ipv6({ next: 44 }, join(fragmentHeader(58, 0, true, 1), error6.slice(0, 64))))
    env.pass(31_000)
    assert.deepEqual(link.take(), [])
    assert.deepEqual(drops(stack), { 'fragment-timeout': 2 })
    // While one about half an echo is.
    link.give(ipv4({ protocol: 1, more: true, id: 2 }, icmp4(8, 0, 0, counting(56))))
    env.pass(31_000)
    assert.equal(link.take().length, 1)
  })

  it('are never about a fragment but the first', () => {
    const { link } = rig()
    const answers = link.give(
      ipv4({ protocol: 200, offset: 8 }, counting(8)),
      ipv4({ protocol: 200, more: true }, counting(8)),
    )
    assert.deepEqual(
      answers.map(bytes => read(bytes).payload[0]),
      [3],
      'one, about the whole',
    )
  })

  it('are limited in number, and the limit passes', () => {
    const { link, stack, env } = rig()
    const burst = (n: number) =>
      link.give(...Array.from({ length: n }, (_, i) => udpPacket({ src: `10.0.0.${2 + (i % 200)}` }, [1])))
        .length
    assert.equal(burst(250), 100)
    assert.equal(stack.counters.icmpErrorsLimited, 150)
    env.pass(999)
    assert.equal(burst(5), 0)
    env.pass(1)
    assert.equal(burst(5), 5)
    assert.equal(stack.counters.drops['udp-no-port'], 260, 'all were dropped, answered or not')
  })
})

describe('errors about our segments (A11)', () => {
  function connecting(six = false) {
    const told: string[] = []
    const { link, stack, env } = rig()
    const handler: SocketHandler = {
      softError: e => told.push(`soft ${e.code}`),
      closed: e => told.push(`closed ${e?.code}`),
      open: () => told.push('open'),
    }
    const [src, dst] = six ? [PEER6, OWN6] : [PEER4, OWN4]
    const socket = stack.connect({ remote: IpAddress.parse(src), port: 80, handler })
    const [syn] = link.take()
    const error = (type: number, code: number, rest = 0, quote: Uint8Array = syn!) =>
      link.give(
        packet(src, dst, six ? 58 : 1, six ? icmp6(type, code, rest, quote) : icmp4(type, code, rest, quote)),
      )
    const open = () => {
      const seg = readSegment(syn!)
      link.give(
        tcpPacket({
          src,
          dst,
          srcPort: 80,
          dstPort: seg.srcPort,
          seq: 5000,
          ack: seg.seq + 1,
          flags: 0x12,
          options: [2, 4, 5, 0xb4],
        }),
      )
    }
    return { link, stack, env, told, socket, syn: syn!, error, open }
  }

  it('end a connection that is not open, if they are hard and quote its SYN [SHLD-25 SHLD-26 MUST-54 MUST-56 RFC 792 RFC 4443 RFC 1122]', () => {
    for (const [six, type, code, what] of [
      [false, 3, 3, 'closed ECONNREFUSED'],
      [false, 3, 2, 'closed EPROTO'],
      [false, 3, 13, 'closed EACCES'],
      [false, 3, 0, 'soft ENETUNREACH'],
      [false, 3, 1, 'soft EHOSTUNREACH'],
      [false, 11, 0, 'soft EHOSTUNREACH'],
      [false, 12, 0, 'soft EPROTO'],
      [true, 1, 4, 'closed ECONNREFUSED'],
      [true, 1, 1, 'closed EACCES'],
      [true, 1, 0, 'soft ENETUNREACH'],
      [true, 1, 3, 'soft EHOSTUNREACH'],
      [true, 3, 0, 'soft EHOSTUNREACH'],
      [true, 4, 1, 'soft EPROTO'],
    ] as const) {
      const c = connecting(six)
      c.error(type, code)
      assert.deepEqual(c.told, [what], `${six ? 'v6' : 'v4'} ${type}/${code}`)
      assert.equal(c.stack.counters.icmpErrorsIn, 1)
    }
  })

  it('mean nothing if they quote anything else [MUST-54 RFC 5927]', () => {
    const c = connecting()
    const changed = (at: number) => {
      const quote = c.syn.slice()
      quote[at]! ^= 0x40
      return quote
    }
    // Source, destination, ports, sequence number, protocol, a fragment.
    for (const at of [15, 19, 20, 22, 24, 9, 7]) c.error(3, 3, 0, changed(at))
    c.error(3, 3, 0, c.syn.slice(0, 27))
    c.error(3, 3, 0, new Uint8Array(0))
    c.error(4, 0)
    c.error(5, 1)
    assert.deepEqual([c.told, c.socket.state], [[], 'SYN_SENT'])
    assert.equal(c.stack.counters.sourceQuenchIgnored, 1, 'MUST-55')
  })

  it('do not end an open connection, hard or not [MUST-56 SHLD-26 RFC 5461 RFC 5927]', () => {
    const c = connecting()
    c.open()
    assert.deepEqual(c.told, ['open'])
    c.socket.send(counting(100))
    const [data] = c.link.take()
    for (const code of [0, 1, 2, 3, 9, 13]) c.error(3, code, 0, data)
    assert.equal(c.socket.state, 'ESTABLISHED')
    assert.ok(c.told.slice(1).every(what => what.startsWith('soft')))
    c.error(3, 3)
    assert.equal(c.socket.state, 'ESTABLISHED', 'an old SYN is not in flight')
  })

  it('make segments smaller, but not smaller than is believable (CVE-2004-1060) [MUST-16 U-12 RFC 1191]', () => {
    const c = connecting()
    c.open()
    c.socket.send(counting(4000))
    const [data] = c.link.take()
    assert.equal(data!.length, 1500)
    const sizes = (packets: Uint8Array[]) => Math.max(...packets.map(bytes => bytes.length))
    assert.equal(sizes(c.error(3, 4, 1400, data)), 1400)
    assert.equal(sizes(c.error(3, 4, 68, data)), 552)
    assert.deepEqual(c.error(3, 4, 296, data), [], 'it is as small as it gets')
  })

  it('count in bytes of both parts of the quote, whatever its length field says', () => {
    const c = connecting()
    const quote = c.syn.slice(0, 28)
    quote.set(be16(9), 2)
    c.error(3, 3, 0, quote)
    assert.deepEqual(c.told, ['closed ECONNREFUSED'])
  })
})
