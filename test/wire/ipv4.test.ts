import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { IpAddress } from '../../src/wire/address.js'
import { IpView, parseIp } from '../../src/wire/ip.js'
import { writeIpv4 } from '../../src/wire/ipv4.js'
import { counting, type Ipv4Fields, ipv4, join } from '../support/packets.js'

const view = new IpView()
const parse = (bytes: Uint8Array, length = bytes.length) => parseIp(view, bytes, 0, length)
const withOptions = (...options: number[]) => parse(ipv4({ options }, [1, 2, 3]))

describe('IPv4', () => {
  it('writes what it reads', () => {
    const byte = fc.nat(255)
    const address = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(IpAddress.v4)
    fc.assert(
      fc.property(
        fc.record({ src: address, dst: address, protocol: byte, tos: byte, ttl: byte, id: fc.nat(65535) }),
        fc.record({
          df: fc.boolean(),
          more: fc.boolean(),
          offset: fc.nat(0x1fff),
          length: fc.nat(100),
          at: fc.nat(5),
        }),
        ({ src, dst, protocol, tos, ttl, id }, { df, more, offset, length, at }) => {
          const bytes = new Uint8Array(200).fill(0xaa)
          writeIpv4(bytes, at, 20 + length, protocol, src, dst, tos, ttl, df, id, offset * 8, more)
          assert.equal(parseIp(view, bytes, at, 20 + length), undefined)
          assert.deepEqual([view.src3, view.dst3, view.src2, view.dst2], [src.w3, dst.w3, 0xffff, 0xffff])
          assert.deepEqual(
            [view.protocol, view.trafficClass, view.hopLimit, view.fragmentId],
            [protocol, tos, ttl, id],
          )
          assert.deepEqual(
            [view.offset, view.totalLength, view.payloadOffset, view.payloadLength],
            [at, 20 + length, at + 20, length],
          )
          assert.deepEqual([view.moreFragments, view.fragmentOffset], [more, offset * 8])
          assert.equal(view.isFragment, more || offset > 0)
          const same = ipv4({
            src: `${src}`,
            dst: `${dst}`,
            protocol,
            tos,
            ttl,
            id,
            dontFragment: df,
            more,
            offset: offset * 8,
            totalLength: 20 + length,
          })
          assert.deepEqual(bytes.slice(at, at + 20), same)
          assert.equal(bytes[at + 20], 0xaa)
        },
      ),
      { seed: 791 },
    )
  })

  it('ignores what the link added behind the packet, and refuses a packet cut short', () => {
    const bytes = ipv4({}, counting(8))
    assert.equal(parse(join(bytes, new Uint8Array(18))), undefined)
    assert.deepEqual([view.totalLength, view.payloadLength], [28, 8])
    assert.equal(parse(bytes, 27), 'ipv4-bad-total-length')
    assert.equal(parse(bytes, 19), 'ip-truncated')
    assert.equal(parse(bytes, 0), 'ip-truncated')
  })

  it('checks every length before it is used: all of IHL and total length [RFC 791]', () => {
    for (let ihl = 0; ihl < 16; ihl++)
      for (let totalLength = 0; totalLength <= 90; totalLength++) {
        const bytes = ipv4({ ihl, totalLength }, counting(60))
        // Options that are all NOP, so that only lengths are at fault.
        bytes.fill(1, 20)
        const sealed = ipv4({ ihl, totalLength, options: [] }, bytes.subarray(20))
        const expected =
          ihl < 5
            ? 'ipv4-bad-header-length'
            : totalLength < ihl * 4 || totalLength > 80
              ? 'ipv4-bad-total-length'
              : undefined
        assert.equal(parse(sealed), expected, `IHL ${ihl}, total length ${totalLength}`)
        if (expected === undefined) assert.equal(view.payloadLength, totalLength - ihl * 4)
      }
  })

  it('refuses other versions and wrong checksums [RFC 791]', () => {
    for (let version = 0; version < 16; version++) {
      const reason = parse(ipv4({ version }, counting(40)))
      if (version === 4) assert.equal(reason, undefined)
      else if (version !== 6) assert.equal(reason, 'ip-bad-version')
    }
    for (let bit = 8; bit < 160; bit++) {
      // Total length at its most, so that flipping its bits leaves it within the frame or is caught as a length.
      const bytes = ipv4({}, counting(30))
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      assert.notEqual(parse(bytes), undefined, `bit ${bit}`)
    }
  })

  it('skips options that are well formed [MUST-50 MAY-10 MAY-11 RFC 1122]', () => {
    assert.equal(withOptions(1, 1, 1, 0), undefined)
    assert.equal(withOptions(148, 4, 0, 0), undefined, 'router alert')
    assert.equal(withOptions(7, 7, 4, 0, 0, 0, 0, 0), undefined, 'record route')
    assert.equal(withOptions(0, 131, 255, 255), undefined, 'nothing counts after the end of options')
    assert.deepEqual([view.payloadOffset, view.payloadLength], [24, 3])
  })

  it('refuses options that are not, and source routes', () => {
    assert.equal(withOptions(7, 0, 0, 0), 'ipv4-bad-options', 'length 0 would never end')
    assert.equal(withOptions(7, 1, 0, 0), 'ipv4-bad-options')
    assert.equal(withOptions(7, 5, 0, 0), 'ipv4-bad-options', 'longer than the header')
    assert.equal(withOptions(1, 1, 1, 7), 'ipv4-bad-options', 'no room for a length')
    assert.equal(withOptions(131, 3, 4, 0), 'ipv4-source-routed')
    assert.equal(withOptions(1, 137, 3, 4), 'ipv4-source-routed')
    assert.equal(withOptions(131, 3, 0, 7), 'ipv4-source-routed')
  })

  it('ends on any options at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 10 }), words => {
        const fields: Ipv4Fields = {
          options: Array.from({ length: words.length * 4 }, (_, i) => words[i % words.length]!),
        }
        const reason = parse(ipv4(fields, [9]))
        assert.ok([undefined, 'ipv4-bad-options', 'ipv4-source-routed'].includes(reason))
      }),
      { seed: 1108, numRuns: 1000 },
    )
  })
})
