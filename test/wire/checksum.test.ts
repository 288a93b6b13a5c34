import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { finish, fold, sum, verifies } from '../../src/wire/checksum.js'
import { be16, counting, join, naiveChecksum } from '../support/packets.js'

describe('checksum', () => {
  it('is that of RFC 1071 section 3 [RFC 1071]', () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7)
    assert.equal(fold(sum(bytes, 0, 8)), 0xddf2)
    assert.equal(finish(sum(bytes, 0, 8)), 0x220d)
  })

  it('agrees with the naive one at every alignment, whatever the length [RFC 1071]', () => {
    const bytes = counting(700).map((byte, i) => byte ^ (i * i))
    for (let base = 0; base < 8; base++) {
      const view = new Uint8Array(bytes.buffer, base)
      for (let offset = 0; offset < 8; offset++)
        for (let length = 0; length <= 160; length++)
          assert.equal(
            finish(sum(view, offset, length)),
            naiveChecksum(view.subarray(offset, offset + length)),
            `base ${base}, offset ${offset}, length ${length}`,
          )
    }
  })

  it('agrees with the naive one on long runs', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 100, maxLength: 3000 }),
        fc.nat(7),
        fc.nat(7),
        (bytes, lead, rest) => {
          const part = bytes.subarray(lead, bytes.length - rest)
          assert.equal(finish(sum(bytes, lead, part.length)), naiveChecksum(part))
        },
      ),
      { seed: 1071, numRuns: 500 },
    )
  })

  it('agrees with the naive one in buffers that take turns, and grow', () => {
    const buffers = [4096, 4096, 70_000, 2_000_000].map(n =>
      Uint8Array.from({ length: n }, (_, i) => (i * 7) & 255),
    )
    const growing = new (
      ArrayBuffer as unknown as new (
        n: number,
        o: object,
      ) => ArrayBuffer & { resize?(n: number): void }
    )(1024, { maxByteLength: 8192 })
    buffers.push(new Uint8Array(growing))
    for (let i = 0; i < 200; i++) {
      const b = buffers[(i * i) % buffers.length]!
      const at = (i * 13) % 500
      assert.equal(finish(sum(b, at, 500)), naiveChecksum(b.subarray(at, at + 500)))
      if (i === 100) {
        growing.resize?.(8192)
        buffers.push(new Uint8Array(growing, 4096).fill(5))
      }
    }
  })

  it('does not overflow on a super-segment of all ones', () => {
    for (const length of [65535, 65536, 1 << 20]) {
      const bytes = new Uint8Array(length).fill(0xff)
      for (const offset of [0, 1, 2, 3]) {
        const part = bytes.subarray(offset)
        assert.ok(sum(bytes, offset, part.length) < 2 ** 33)
        assert.equal(finish(sum(bytes, offset, part.length)), naiveChecksum(part), `${length} at ${offset}`)
      }
    }
  })

  it('adds up: the sum of ranges that begin at even places is the sum of the whole', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        fc.array(fc.nat(300), { maxLength: 5 }),
        (bytes, halves) => {
          const cuts = [
            0,
            ...halves.map(n => Math.min(n * 2, bytes.length & ~1)).sort((a, b) => a - b),
            bytes.length,
          ]
          let total = 0
          for (let i = 0; i + 1 < cuts.length; i++) total += sum(bytes, cuts[i]!, cuts[i + 1]! - cuts[i]!)
          assert.equal(finish(total), naiveChecksum(bytes))
        },
      ),
      { seed: 1624, numRuns: 500 },
    )
  })

  it('folds every sum to its remainder modulo 65535, and only zero to 0x0000', () => {
    assert.equal(fold(0), 0)
    for (const n of [
      1,
      0xfffe,
      0xffff,
      0x10000,
      0x1fffe,
      0x1ffff,
      2 ** 31,
      2 ** 32 - 1,
      2 ** 32,
      2 ** 33,
      2 ** 53 - 1,
    ]) {
      assert.equal(fold(n) % 65535, n % 65535, `${n}`)
      assert.ok(fold(n) > 0 && fold(n) <= 0xffff, `${n}`)
    }
    assert.equal(fold(0xffff), 0xffff)
    assert.equal(fold(0x1fffe), 0xffff)
  })

  it('knows both zeros: a sum of ones is sent as 0x0000 and verifies [RFC 1071 MUST-2]', () => {
    assert.equal(finish(0), 0xffff)
    assert.equal(finish(0xffff), 0)
    assert.ok(verifies(sum(Uint8Array.of(0xff, 0xff, 0, 0), 0, 4)))
    assert.ok(!verifies(sum(new Uint8Array(40), 0, 40)), 'all zeros have no checksum')
  })

  it('verifies what it finished, and notices every single flipped bit [RFC 1071]', () => {
    const data = counting(300)
    const whole = join(be16(finish(sum(data, 0, 300))), data)
    assert.ok(verifies(sum(whole, 0, 302)))
    for (let bit = 0; bit < 302 * 8; bit++) {
      whole[bit >> 3]! ^= 1 << (bit & 7)
      assert.ok(!verifies(sum(whole, 0, 302)), `bit ${bit}`)
      whole[bit >> 3]! ^= 1 << (bit & 7)
    }
  })
})
