import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { IpAddress } from '../../src/wire/address.js'
import { IpView, parseIp } from '../../src/wire/ip.js'
import { writeIpv6 } from '../../src/wire/ipv6.js'
import { counting, fragmentHeader, ipv4, ipv6, join } from '../support/packets.js'

const HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const DESTINATION = 60
const TCP = 6

const view = new IpView()
const parse = (bytes: Uint8Array, length = bytes.length) => parseIp(view, bytes, 0, length)

/** An options header with these options, padded to a multiple of 8 bytes. */
function options(next: number, ...tlv: number[]): number[] {
  const body = [next, 0, ...tlv]
  const pad = -body.length & 7
  if (pad === 1) body.push(0)
  else if (pad > 1) body.push(1, pad - 2, ...new Array<number>(pad - 2).fill(0))
  body[1] = body.length / 8 - 1
  return body
}

const routing = (next: number, type: number, segmentsLeft: number) => [
  next,
  2,
  type,
  segmentsLeft,
  ...new Array<number>(20).fill(0),
]
const payload = counting(32)

describe('IPv6', () => {
  it('writes what it reads', () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    const address = fc.tuple(word, word, word, word).map(w => IpAddress.v6(...w))
    fc.assert(
      fc.property(
        address,
        address,
        fc.nat(255),
        fc.nat(255),
        fc.nat(0xfffff),
        fc.nat(200),
        (src, dst, tc, hop, flow, length) => {
          const bytes = new Uint8Array(260)
          writeIpv6(bytes, 5, length, TCP, src, dst, tc, hop, flow)
          assert.equal(parseIp(view, bytes, 5, 40 + length), undefined)
          const v = view
          assert.deepEqual([v.src0, v.src1, v.src2, v.src3], [src.w0, src.w1, src.w2, src.w3])
          assert.deepEqual([v.dst0, v.dst1, v.dst2, v.dst3], [dst.w0, dst.w1, dst.w2, dst.w3])
          assert.deepEqual(
            [v.trafficClass, v.hopLimit, v.protocol, v.payloadOffset, v.payloadLength],
            [tc, hop, TCP, 45, length],
          )
          const fields = {
            src: `${src}`,
            dst: `${dst}`,
            trafficClass: tc,
            hopLimit: hop,
            flowLabel: flow,
            next: TCP,
          }
          assert.deepEqual(bytes.slice(5, 45), ipv6({ ...fields, payloadLength: length }))
        },
      ),
      { seed: 8200 },
    )
  })

  it('checks the payload length, and ignores what the link added [RFC 8200]', () => {
    for (let payloadLength = 0; payloadLength <= 50; payloadLength++) {
      const reason = parse(ipv6({ next: TCP, payloadLength }, payload))
      assert.equal(reason, payloadLength > 32 ? 'ipv6-bad-payload-length' : undefined, `${payloadLength}`)
      if (!reason)
        assert.deepEqual([view.totalLength, view.payloadLength], [40 + payloadLength, payloadLength])
    }
    for (let length = 1; length < 40; length++)
      assert.equal(parse(ipv6({}, payload), length), 'ipv6-truncated')
  })

  it('walks the chain that RFC 8200 recommends [RFC 8200]', () => {
    const chain = join(
      options(DESTINATION, 5, 2, 0, 0),
      options(ROUTING),
      routing(FRAGMENT, 2, 0),
      fragmentHeader(DESTINATION, 0, false, 7),
      options(TCP),
      payload,
    )
    assert.equal(parse(ipv6({ next: HOP }, chain)), undefined)
    assert.deepEqual([view.protocol, view.payloadLength, view.isFragment], [TCP, 32, false])
  })

  it('walks at most eight headers [RFC 8200]', () => {
    const chain = (n: number) => join(...new Array(n - 1).fill(options(DESTINATION)), options(TCP), payload)
    assert.equal(parse(ipv6({ next: DESTINATION }, chain(8))), undefined)
    assert.equal(parse(ipv6({ next: DESTINATION }, chain(9))), 'ipv6-too-many-extensions')
    assert.equal(parse(ipv6({ next: DESTINATION }, chain(180))), 'ipv6-too-many-extensions')
  })

  it('wants hop-by-hop options first, and one fragment header at most', () => {
    assert.equal(parse(ipv6({ next: HOP }, join(options(TCP), payload))), undefined)
    assert.equal(parse(ipv6({ next: HOP }, join(options(HOP), options(TCP), payload))), 'ipv6-bad-extension')
    assert.equal(
      parse(ipv6({ next: DESTINATION }, join(options(HOP), options(TCP), payload))),
      'ipv6-bad-extension',
    )
    const twice = join(fragmentHeader(FRAGMENT, 0, false, 1), fragmentHeader(TCP, 0, true, 1), payload)
    assert.equal(parse(ipv6({ next: FRAGMENT }, twice)), 'ipv6-bad-extension')
  })

  it('stops at a fragment, and treats an atomic one as whole [RFC 6946]', () => {
    assert.equal(
      parse(ipv6({ next: FRAGMENT }, join(fragmentHeader(TCP, 8, true, 0xdeadbeef), payload))),
      undefined,
    )
    assert.deepEqual(
      [view.isFragment, view.fragmentOffset, view.moreFragments, view.fragmentId >>> 0, view.fragmentHeader],
      [true, 8, true, 0xdeadbeef, 40],
    )
    assert.equal(
      parse(ipv6({ next: FRAGMENT }, join(fragmentHeader(DESTINATION, 16, false, 1), payload))),
      undefined,
    )
    assert.deepEqual(
      [view.isFragment, view.protocol, view.payloadLength],
      [true, DESTINATION, 32],
      'a part is not walked into',
    )
    assert.equal(parse(ipv6({ next: FRAGMENT }, join(fragmentHeader(TCP, 0, false, 9), payload))), undefined)
    assert.deepEqual([view.isFragment, view.protocol, view.payloadOffset], [false, TCP, 48])
    assert.equal(parse(ipv6({ next: TCP }, payload)), undefined)
    assert.deepEqual(
      [view.isFragment, view.fragmentHeader, view.fragmentId],
      [false, 0, 0],
      'nothing is left of it',
    )
  })

  it('refuses to forward for a routing header, and says where', () => {
    for (const type of [0, 2, 3, 4, 253]) {
      assert.equal(
        parse(ipv6({ next: ROUTING }, join(routing(TCP, type, 1), payload))),
        'ipv6-routing-header',
      )
      assert.equal(view.problemPointer, 42, 'the Routing Type field')
      assert.equal(parse(ipv6({ next: ROUTING }, join(routing(TCP, type, 0), payload))), undefined)
      assert.equal(view.problemPointer, -1)
    }
  })

  it('does with unknown options what their two high bits say (RFC 8200 section 4.2) [RFC 8200]', () => {
    for (const header of [HOP, DESTINATION])
      for (const [type, reason, pointer] of [
        [0x1e, undefined, -1],
        [0x5e, 'ipv6-unknown-option', -1],
        [0x9e, 'ipv6-unknown-option', 44],
        [0xde, 'ipv6-unknown-option', 44],
        [0xc2, 'ipv6-unknown-option', 44],
      ] as const) {
        assert.equal(
          parse(ipv6({ next: header }, join(options(TCP, 1, 0, type, 1, 0), payload))),
          reason,
          `${type}`,
        )
        assert.equal(view.problemPointer, pointer, `${type}`)
      }
  })

  it('forgets the pointer of the packet before', () => {
    const bad = ipv6({ next: DESTINATION }, join(options(TCP, 0x9e, 0), payload))
    for (const next of [
      ipv4({ checksum: 1 }),
      ipv4({ ihl: 1 }),
      Uint8Array.of(0x60),
      Uint8Array.of(0x40),
      Uint8Array.of(0x10),
      new Uint8Array(0),
    ]) {
      assert.equal(parse(bad), 'ipv6-unknown-option')
      assert.notEqual(view.problemPointer, -1)
      assert.notEqual(parse(next), undefined)
      assert.equal(view.problemPointer, -1)
    }
  })

  it('keeps every option inside its header, and every header inside the packet', () => {
    for (let length = 0; length < 256; length++) {
      const expected = length <= 4 ? undefined : 'ipv6-bad-extension'
      const fits = parse(ipv6({ next: DESTINATION }, join([TCP, 0, 1, length, 0, 0, 0, 0], payload)))
      // What PadN leaves is Pad1s.
      assert.equal(fits, expected, `option of ${length}`)
      const header = parse(ipv6({ next: ROUTING }, join([TCP, length, 0, 0, 0, 0, 0, 0], payload)))
      assert.equal(header, (length + 1) * 8 > 40 ? 'ipv6-bad-extension' : undefined, `header of ${length}`)
    }
    for (let length = 0; length < 64; length++) {
      const bytes = new Uint8Array(length)
      bytes.set([TCP, 3].slice(0, length))
      const expected = length < 32 ? 'ipv6-bad-extension' : undefined
      assert.equal(parse(ipv6({ next: ROUTING }, bytes)), expected, `header of 32 in ${length}`)
    }
    assert.equal(
      parse(ipv6({ next: DESTINATION }, [TCP, 0, 0, 0, 0, 0, 0, 5])),
      'ipv6-bad-extension',
      'a type and no length',
    )
    for (let cut = 0; cut < 8; cut++)
      for (const next of [HOP, ROUTING, FRAGMENT, DESTINATION])
        assert.equal(parse(ipv6({ next }, new Uint8Array(cut))), 'ipv6-bad-extension')
  })

  it('ends on any chain at all, inside the packet', () => {
    const header = fc.constantFrom(HOP, ROUTING, FRAGMENT, DESTINATION, TCP, 59)
    const piece = fc
      .tuple(header, fc.nat(3), fc.uint8Array({ minLength: 6, maxLength: 40 }))
      .map(([n, l, b]) => join([n, l], b))
    fc.assert(
      fc.property(header, fc.array(piece, { maxLength: 12 }), (next, pieces) => {
        const bytes = ipv6({ next }, join(...pieces))
        const reason = parse(bytes)
        if (reason) assert.match(reason, /^ipv6-/)
        else {
          assert.ok(view.payloadOffset >= 40 && view.payloadLength >= 0)
          assert.equal(view.payloadOffset + view.payloadLength, bytes.length)
        }
      }),
      { seed: 7112, numRuns: 3000 },
    )
  })
})
