import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SipHash } from '../../src/tcp/siphash.js'

/** SipHash-2-4 (Aumasson, Bernstein 2012), for messages of whole 32-bit words. */

const KEY = Uint8Array.from({ length: 16 }, (_, i) => i)
const M = (1n << 64n) - 1n
const rotl = (x: bigint, n: bigint) => ((x << n) | (x >> (64n - n))) & M

const word64 = (b: Uint8Array, at: number) => {
  let w = 0n
  for (let i = 7; i >= 0; i--) w = (w << 8n) | BigInt(b[at + i] ?? 0)
  return w
}

/** The paper's definition, word for word, for messages of any length. */
function reference(key: Uint8Array, message: Uint8Array): bigint {
  const [k0, k1] = [word64(key, 0), word64(key, 8)]
  let v0 = k0 ^ 0x736f6d6570736575n
  let v1 = k1 ^ 0x646f72616e646f6dn
  let v2 = k0 ^ 0x6c7967656e657261n
  let v3 = k1 ^ 0x7465646279746573n
  const round = () => {
    v0 = (v0 + v1) & M
    v1 = rotl(v1, 13n) ^ v0
    v0 = rotl(v0, 32n)
    v2 = (v2 + v3) & M
    v3 = rotl(v3, 16n) ^ v2
    v0 = (v0 + v3) & M
    v3 = rotl(v3, 21n) ^ v0
    v2 = (v2 + v1) & M
    v1 = rotl(v1, 17n) ^ v2
    v2 = rotl(v2, 32n)
  }
  const padded = new Uint8Array((Math.floor(message.length / 8) + 1) * 8)
  padded.set(message)
  padded[padded.length - 1] = message.length
  for (let at = 0; at < padded.length; at += 8) {
    const m = word64(padded, at)
    v3 ^= m
    round()
    round()
    v0 ^= m
  }
  v2 ^= 0xffn
  for (let i = 0; i < 4; i++) round()
  return v0 ^ v1 ^ v2 ^ v3
}

/** Both halves of our hash, as one number. */
function ours(key: Uint8Array, message: Uint8Array): bigint {
  const words = new Int32Array(message.length / 4)
  for (let i = 0; i < words.length; i++) words[i] = Number(BigInt.asIntN(32, word64(message, 4 * i)))
  const hash = new SipHash(key)
  const low = hash.hash(words)
  return (BigInt.asUintN(32, BigInt(hash.high)) << 32n) | BigInt.asUintN(32, BigInt(low))
}

describe('SipHash-2-4', () => {
  it('the reference gives the example of the paper, 15 octets', () => {
    assert.equal(reference(KEY, KEY.subarray(0, 15)), 0xa129ca6149be45e5n)
  })

  // From the authors' table for messages 00 01 02 …, those of whole words.
  for (const [length, expected] of [
    [0, 0x726fdb47dd0e0e31n],
    [4, 0xcf2794e0277187b7n],
    [8, 0x93f5f5799a932462n],
    [12, 0x751e8fbc860ee5fbn],
  ] as const)
    it(`the authors' vector of ${length} octets`, () => {
      const message = Uint8Array.from({ length }, (_, i) => i)
      assert.equal(ours(KEY, message), expected)
      assert.equal(reference(KEY, message), expected)
    })

  it('agrees with the reference for any key and any message of words', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    fc.assert(
      fc.property(
        bytes(16),
        fc.integer({ min: 0, max: 12 }).chain(n => bytes(4 * n)),
        (key, message) => {
          assert.equal(ours(key, message), reference(key, message))
        },
      ),
    )
  })

  it('reads as many words as it is told', () => {
    const hash = new SipHash(KEY)
    assert.equal(hash.hash(Int32Array.of(1, 2, 3, 4), 2), new SipHash(KEY).hash(Int32Array.of(1, 2)))
  })

  it('takes no key of another length', () => {
    for (const length of [0, 8, 15, 17, 32])
      assert.throws(() => new SipHash(new Uint8Array(length)), RangeError)
  })
})
