import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { IpAddress } from '../../src/wire/address.js'
import { IpView, parseIp, pseudoSum } from '../../src/wire/ip.js'
import * as wire from '../../src/wire/tcp.js'
import {
  be32,
  counting,
  join,
  OWN4,
  OWN6,
  PEER4,
  PEER6,
  packet,
  type TcpFields,
  tcp,
  tcpPacket,
} from '../support/packets.js'

const ip = new IpView()
const seg = new wire.SegmentView()

function parse(bytes: Uint8Array, trusted = false) {
  assert.equal(parseIp(ip, bytes, 0, bytes.length), undefined)
  return seg.parse(ip, trusted)
}

/** Parses a SYN with these options, padded with zeros to a multiple of 4. */
function withOptions(...options: number[]) {
  while (options.length % 4) options.push(0)
  assert.equal(parse(tcpPacket({ options, payload: [7] })), undefined)
  assert.deepEqual([seg.optionsOffset, seg.optionsLength, seg.payloadLength], [40, options.length, 1])
  return seg
}

const nothing = {
  mss: -1,
  windowScale: -1,
  sackPermitted: false,
  hasTimestamps: false,
  tsVal: 0,
  tsEcr: 0,
  sackCount: 0,
  badOptions: false,
}
const found = ({
  mss,
  windowScale,
  sackPermitted,
  hasTimestamps,
  tsVal,
  tsEcr,
  sackCount,
  badOptions,
} = seg) => ({ mss, windowScale, sackPermitted, hasTimestamps, tsVal, tsEcr, sackCount, badOptions })

describe('TCP header', () => {
  it('writes what it reads, over both versions of IP [MUST-2]', () => {
    const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    const short = fc.nat(65535)
    fc.assert(
      fc.property(
        fc.record({
          six: fc.boolean(),
          srcPort: short,
          dstPort: short,
          seq: int,
          ack: int,
          flags: fc.nat(255),
        }),
        fc.record({
          window: short,
          urgent: short,
          words: fc.nat(10),
          payload: fc.uint8Array({ maxLength: 300 }),
          at: fc.nat(3),
        }),
        ({ six, srcPort, dstPort, seq, ack, flags }, { window, urgent, words, payload, at }) => {
          const [src, dst] = six ? [PEER6, OWN6] : [PEER4, OWN4]
          const options = new Array<number>(words * 4).fill(1)
          const length = 20 + options.length + payload.length
          const bytes = new Uint8Array(at + length)
          bytes.set(options, at + 20)
          bytes.set(payload, at + 20 + options.length)
          wire.writeTcp(bytes, at, srcPort, dstPort, seq, ack, flags, window, urgent, options.length)
          wire.checksumTcp(bytes, at, length, pseudoSum(IpAddress.parse(src), IpAddress.parse(dst), 6))
          const fields: TcpFields = {
            src,
            dst,
            srcPort,
            dstPort,
            seq,
            ack,
            flags,
            window,
            urgent,
            options,
            payload,
          }
          assert.deepEqual(bytes.slice(at), tcp(fields))
          assert.equal(parse(packet(src, dst, 6, bytes.slice(at))), undefined)
          assert.deepEqual(
            [seg.srcPort, seg.dstPort, seg.seq, seg.ack, seg.flags],
            [srcPort, dstPort, seq, ack, flags],
          )
          assert.deepEqual(
            [seg.window, seg.urgentPointer, seg.payloadLength],
            [window, urgent, payload.length],
          )
          assert.equal(seg.length, payload.length + (flags & 1) + ((flags >> 1) & 1))
          assert.deepEqual(found(), nothing)
        },
      ),
      { seed: 9293 },
    )
  })

  it('checks every data offset against every length', () => {
    for (let dataOffset = 0; dataOffset < 16; dataOffset++)
      for (let length = 0; length <= 64; length++) {
        const bytes = tcp({ dataOffset, payload: new Uint8Array(44).fill(1), checksum: 0 }).slice(0, length)
        const reason = parse(packet(PEER4, OWN4, 6, bytes), true)
        const header = dataOffset * 4
        const expected =
          length < 20 ? 'tcp-truncated' : header < 20 || header > length ? 'tcp-bad-data-offset' : undefined
        assert.equal(reason, expected, `data offset ${dataOffset}, length ${length}`)
        if (!expected)
          assert.deepEqual([seg.payloadOffset, seg.payloadLength], [20 + header, length - header])
      }
  })

  it('verifies the checksum unless the link is trusted [MUST-3]', () => {
    for (const [src, dst] of [
      [PEER4, OWN4],
      [PEER6, OWN6],
    ] as const) {
      const right = tcpPacket({ src, dst, payload: counting(33) })
      assert.equal(parse(right), undefined)
      for (let bit = (right.length - 53) * 8; bit < right.length * 8; bit++) {
        const wrong = right.slice()
        wrong[bit >> 3]! ^= 1 << (bit & 7)
        assert.match(parse(wrong) ?? '', /^tcp-bad/, `bit ${bit}`)
      }
      // An address is part of it.
      const moved = packet(src, src, 6, tcp({ src, dst }))
      assert.equal(parse(moved), 'tcp-bad-checksum')
      assert.equal(parse(moved, true), undefined)
    }
  })

  it('names its flags as people say them', () => {
    assert.deepEqual(wire.flagNames(wire.SYN | wire.ACK), ['SYN', 'ACK'])
    assert.deepEqual(wire.flagNames(wire.FIN | wire.PSH | wire.ACK), ['FIN', 'PSH', 'ACK'])
    assert.deepEqual(wire.flagNames(0), [])
    assert.equal(wire.flagNames(255).length, 8)
  })
})

describe('TCP options', () => {
  it('reads MSS, window scale, SACK-permitted and timestamps', () => {
    withOptions(2, 4, 0x05, 0xb4, 4, 2, 8, 10, ...be32(0xdeadbeef), ...be32(0x01020304), 1, 3, 3, 7)
    assert.deepEqual(found(), {
      ...nothing,
      mss: 1460,
      sackPermitted: true,
      hasTimestamps: true,
      tsVal: 0xdeadbeef | 0,
      tsEcr: 0x01020304,
      windowScale: 7,
    })
  })

  it('reads them wherever they begin [MUST-64]', () => {
    for (let pad = 0; pad < 8; pad++) {
      withOptions(
        ...new Array<number>(pad).fill(1),
        8,
        10,
        ...be32(0x80000001),
        ...be32(-2),
        2,
        4,
        0xff,
        0xff,
      )
      assert.deepEqual([seg.tsVal, seg.tsEcr, seg.mss], [0x80000001 | 0, -2, 65535], `${pad}`)
    }
  })

  it('reads SACK blocks, one to four', () => {
    for (let n = 1; n <= 4; n++) {
      const edges = Array.from({ length: n * 2 }, (_, i) => (0x7ffffff0 + i * 0x1000) | 0)
      withOptions(1, 1, 5, 2 + 8 * n, ...edges.flatMap(be32))
      assert.deepEqual([seg.sackCount, ...seg.sackEdges.subarray(0, n * 2)], [n, ...edges])
    }
    for (const size of [2, 3, 9, 11, 17, 19, 33, 35])
      assert.equal(withOptions(5, size, ...new Array<number>(size - 2).fill(1)).sackCount, 0, `${size}`)
  })

  it('stops at the end-of-options octet [MUST-4]', () => {
    assert.deepEqual(found(withOptions(0, 2, 4, 5, 3, 0, 8, 10)), nothing)
    assert.equal(withOptions(2, 4, 5, 0, 0, 99, 99, 99).mss, 1280)
    assert.equal(seg.badOptions, false)
  })

  it('gives every kind and length a defined meaning, and never loses its way (E01) [MUST-6 MUST-7 MUST-68 RFC 6994]', () => {
    for (let kind = 2; kind < 256; kind++)
      for (let size = 0; size <= 41; size++) {
        // An MSS option behind it shows whether the walk went on at the right place.
        const options = [kind, size, ...new Array<number>(38).fill(1)]
        if (size >= 2 && size + 4 <= 40) options.splice(size, 4, 2, 4, 0x12, 0x34)
        withOptions(...options.slice(0, 40))
        const bad = size < 2 || size > 40
        assert.equal(seg.badOptions, bad, `kind ${kind}, length ${size}`)
        if (!bad && size + 4 <= 40) assert.equal(seg.mss, 0x1234, `kind ${kind}, length ${size}`)
        const { hasTimestamps, sackPermitted, windowScale, sackCount } = seg
        assert.deepEqual(
          [hasTimestamps, sackPermitted, windowScale, sackCount],
          [
            kind === 8 && size === 10,
            kind === 4 && size === 2,
            kind === 3 && size === 3 ? 1 : -1,
            kind === 5 && size > 2 && size <= 34 && size % 8 === 2 ? (size - 2) / 8 : 0,
          ],
          `kind ${kind}, length ${size}`,
        )
      }
  })

  it('keeps what came before a bad option, and marks the segment [MUST-7]', () => {
    assert.deepEqual(found(withOptions(2, 4, 1, 0, 3, 0, 4, 2)), { ...nothing, mss: 256, badOptions: true })
    assert.deepEqual(found(withOptions(1, 1, 1, 2)), { ...nothing, badOptions: true }, 'a kind and no length')
    assert.deepEqual(
      found(withOptions(8, 10, 0, 0)),
      { ...nothing, badOptions: true },
      'longer than what is there',
    )
    assert.equal(withOptions(1).badOptions, false, 'the mark is not left over')
  })

  it('reads any MSS and any scale as it stands (E02, E10): the machine bounds them', () => {
    for (const mss of [0, 1, 8, 47, 48, 536, 65535])
      assert.equal(withOptions(2, 4, mss >> 8, mss & 255).mss, mss)
    for (const scale of [0, 14, 15, 255]) assert.equal(withOptions(3, 3, scale).windowScale, scale)
  })

  it('takes at most 40 steps over any 40 bytes [MUST-7]', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 40, maxLength: 40 }), fc.nat(8), (bytes, small) => {
        // Small values make options that fit more likely.
        const options = Array.from(bytes, byte => (small ? byte % (small + 1) : byte))
        let steps = 0
        const watched = new Proxy(tcpPacket({ options }), {
          get(target, key) {
            const at = typeof key === 'string' ? Number(key) : Number.NaN
            if (at >= 40 && at < 80) steps++
            const value = Reflect.get(target, key)
            return typeof value === 'function' ? value.bind(target) : value
          },
        })
        assert.equal(parseIp(ip, watched, 0, 80), undefined)
        assert.equal(seg.parse(ip, true), undefined)
        // Kind and length of each option, and at most its own bytes once.
        assert.ok(steps <= 80, `${steps} reads`)
      }),
      { seed: 24337, numRuns: 1000 },
    )
  })

  it('leaves nothing of one segment in the next', () => {
    withOptions(2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 3, 3, 9, 3)
    assert.equal(parse(tcpPacket()), undefined)
    assert.deepEqual(found(), nothing)
    withOptions(5, 10, ...counting(8))
    assert.equal(parse(join(tcpPacket())), undefined)
    assert.equal(seg.sackCount, 0)
  })
})
