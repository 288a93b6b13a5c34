import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { IpAddress } from '../../src/wire/address.js'
import { IcmpView, QuotedSegment, writeIcmp } from '../../src/wire/icmp.js'
import { IpView, parseIp, pseudoSum } from '../../src/wire/ip.js'
import { UdpView, writeUdp } from '../../src/wire/udp.js'
import {
  be16,
  counting,
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
  tcp,
  tcpPacket,
  udp,
  udpPacket,
} from '../support/packets.js'

const ip = new IpView()
const inside = (bytes: Uint8Array) => {
  assert.equal(parseIp(ip, bytes, 0, bytes.length), undefined)
  return ip
}
const pairs = [
  [PEER4, OWN4],
  [PEER6, OWN6],
] as const

describe('UDP', () => {
  const view = new UdpView()

  it('writes what it reads', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.nat(65535),
        fc.nat(65535),
        fc.uint8Array({ maxLength: 400 }),
        (six, srcPort, dstPort, payload) => {
          const [src, dst] = pairs[six ? 1 : 0]
          const bytes = join(new Uint8Array(8), payload)
          writeUdp(
            bytes,
            0,
            srcPort,
            dstPort,
            payload.length,
            pseudoSum(IpAddress.parse(src), IpAddress.parse(dst), 17),
          )
          assert.deepEqual(bytes, udp({ src, dst, srcPort, dstPort }, payload))
          assert.equal(view.parse(inside(packet(src, dst, 17, bytes))), undefined)
          assert.deepEqual(
            [view.srcPort, view.dstPort, view.payloadLength],
            [srcPort, dstPort, payload.length],
          )
        },
      ),
      { seed: 768 },
    )
  })

  it('sends a sum of zero as all ones, which is no "no checksum"', () => {
    for (const [src, dst] of pairs) {
      // The two bytes that bring the sum to 0xffff.
      const open = udp({ src, dst }, [0, 0])
      const payload = open.slice(6, 8)
      const bytes = join(new Uint8Array(8), payload)
      writeUdp(bytes, 0, 4000, 53, 2, pseudoSum(IpAddress.parse(src), IpAddress.parse(dst), 17))
      assert.deepEqual([bytes[6], bytes[7]], [0xff, 0xff])
      assert.equal(view.parse(inside(packet(src, dst, 17, bytes))), undefined)
    }
  })

  it('takes a datagram without a checksum over IPv4 only', () => {
    assert.equal(view.parse(inside(udpPacket({ checksum: 0 }, counting(9)))), undefined)
    const six = { src: PEER6, dst: OWN6 }
    assert.equal(view.parse(inside(udpPacket({ ...six, checksum: 0 }, counting(9)))), 'udp-bad-checksum')
    assert.equal(view.parse(inside(udpPacket({ ...six, checksum: 1 }, counting(9)))), 'udp-bad-checksum')
    assert.equal(view.parse(inside(udpPacket({ checksum: 1 }, counting(9)))), 'udp-bad-checksum')
  })

  it('believes its length field as far as IP goes', () => {
    for (let length = 0; length <= 40; length++) {
      const bytes = join(udp({ length }, counting(20)))
      const reason = view.parse(inside(packet(PEER4, OWN4, 17, bytes)))
      assert.equal(reason, length < 8 || length > 28 ? 'udp-bad-length' : undefined, `${length}`)
      if (!reason) assert.equal(view.payloadLength, length - 8)
    }
    for (let cut = 0; cut < 8; cut++)
      assert.equal(view.parse(inside(packet(PEER4, OWN4, 17, udp({}, []).slice(0, cut)))), 'udp-truncated')
  })
})

describe('ICMP', () => {
  const view = new IcmpView()

  it('writes what it reads, with a pseudo-header over IPv6 only', () => {
    for (const length of [8, 9, 100, 1001]) {
      const body = counting(length - 8)
      const four = join(new Uint8Array(4), be16(1), be16(2), body)
      writeIcmp(four, 0, length, 8, 3, 0)
      assert.deepEqual(four, icmp4(8, 3, 0x10002, body))
      assert.equal(view.parse(inside(packet(PEER4, OWN4, 1, four))), undefined)
      assert.deepEqual([view.type, view.code, view.rest, view.payloadLength], [8, 3, 0x10002, length - 8])
      const six = join(new Uint8Array(4), be16(1), be16(2), body)
      writeIcmp(six, 0, length, 128, 0, pseudoSum(IpAddress.parse(PEER6), IpAddress.parse(OWN6), 58))
      assert.deepEqual(six, icmp6(128, 0, 0x10002, body))
      assert.equal(view.parse(inside(packet(PEER6, OWN6, 58, six))), undefined)
    }
  })

  it('refuses what is cut off or wrong', () => {
    for (let cut = 0; cut < 8; cut++) {
      assert.equal(view.parse(inside(ipv4({ protocol: 1 }, icmp4(8, 0, 0).slice(0, cut)))), 'icmp-truncated')
      assert.equal(view.parse(inside(ipv6({ next: 58 }, icmp6(128, 0, 0).slice(0, cut)))), 'icmp-truncated')
    }
    for (let bit = 0; bit < 100; bit++) {
      const wrong = icmp4(8, 0, 7, counting(5))
      wrong[bit >> 3]! ^= 1 << (bit & 7)
      assert.equal(view.parse(inside(ipv4({ protocol: 1 }, wrong))), 'icmp-bad-checksum')
    }
    assert.equal(
      view.parse(inside(ipv6({ next: 58, src: 'fd00::9' }, icmp6(128, 0, 0)))),
      'icmp-bad-checksum',
    )
  })
})

describe('what an ICMP error quotes', () => {
  const quoted = new QuotedSegment()
  const parse = (bytes: Uint8Array) => quoted.parse(bytes[0]! >>> 4 === 6 ? 6 : 4, bytes, 0, bytes.length)

  it('is read from eight octets of TCP, no less [RFC 792 RFC 4443]', () => {
    for (const [src, dst] of pairs) {
      const whole = tcpPacket({ src, dst, srcPort: 1234, dstPort: 80, seq: 0xfedcba98 })
      const header = whole.length - 20
      for (let cut = 0; cut <= whole.length; cut++)
        assert.equal(parse(whole.slice(0, cut)), cut >= header + 8 ? 'tcp' : 'malformed', `${cut}`)
      assert.equal(parse(whole.slice(0, header + 8)), 'tcp')
      assert.deepEqual([quoted.srcPort, quoted.dstPort, quoted.seq], [1234, 80, 0xfedcba98 | 0])
      const version = src === PEER4 ? 4 : 6
      const { src0, src1, src2, src3, dst0, dst1, dst2, dst3 } = quoted
      assert.ok(IpAddress.fromWords(version, src0, src1, src2, src3).equals(IpAddress.parse(src)))
      assert.ok(IpAddress.fromWords(version, dst0, dst1, dst2, dst3).equals(IpAddress.parse(dst)))
    }
  })

  it('may have IPv4 options, and what routers do to a header', () => {
    assert.equal(
      parse(ipv4({ protocol: 6, options: [1, 1, 1, 0], ttl: 0, checksum: 0, totalLength: 9999 }, tcp())),
      'tcp',
    )
    assert.equal(quoted.srcPort, 4000)
  })

  it('is another packet if it is not the beginning of a TCP segment', () => {
    assert.equal(parse(ipv4({ protocol: 17 }, tcp())), 'other')
    assert.equal(parse(ipv4({ protocol: 6, offset: 8 }, tcp())), 'other')
    assert.equal(parse(ipv6({ next: 44 }, tcp())), 'other')
  })

  it('is malformed if its header makes no sense', () => {
    assert.equal(parse(ipv4({ protocol: 6, ihl: 4 }, tcp())), 'malformed')
    assert.equal(parse(ipv4({ protocol: 6, ihl: 15 }, tcp().slice(0, 20))), 'malformed')
    assert.equal(quoted.parse(6, ipv4({ protocol: 6 }, counting(60)), 0, 80), 'malformed')
    assert.equal(quoted.parse(4, ipv6({ next: 6 }, tcp()), 0, 60), 'malformed')
  })
})
