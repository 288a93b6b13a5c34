import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Reassembly } from '../../src/tcp/reassembly.js'
import { established, text } from '../support/transcript.js'

/** Out-of-order data against a model: an array of octets in which the first copy of each stays. */

const SIZE = 200

interface Piece {
  at: number
  length: number
  value: number
}

const piece = fc.record({
  at: fc.integer({ min: 0, max: SIZE - 1 }),
  length: fc.integer({ min: 1, max: 60 }),
  value: fc.integer({ min: 1, max: 255 }),
})
/** Also where sequence numbers wrap, and where they change their sign. */
const base = fc.constantFrom(5000, -100, 0x7fffffff - 100, 0x80000000 | 0)
const pieces = fc.array(piece, { maxLength: 30 })

function model(all: Piece[]): (number | undefined)[] {
  const octets: (number | undefined)[] = []
  for (const { at, length, value } of all) for (let i = at; i < at + length; i++) octets[i] ??= value
  return octets
}

const fill = (r: Reassembly, from: number, all: Piece[]) => {
  for (const { at, length, value } of all)
    r.insert((from + at) | 0, new Uint8Array(length + 3).fill(value), 3, length)
}

describe('reassembly', () => {
  it('holds what the model holds, the first copy of each octet [SHLD-31]', () => {
    fc.assert(
      fc.property(pieces, base, (all, from) => {
        const r = new Reassembly(1000)
        fill(r, from, all)
        const octets = model(all)
        assert.equal(r.bytes, octets.filter(o => o !== undefined).length)
        // A gap at a time is stepped over, as if it had been filled.
        const held: (number | undefined)[] = []
        for (let at = 0; at < SIZE + 60; at++) {
          const before = at
          const next = r.drain((from + at) | 0, (bytes, offset, length) => {
            for (let i = 0; i < length; i++) held[at + i] = bytes[offset + i]
            at += length
          })
          assert.equal(next, (from + at) | 0)
          if (at > before) at--
        }
        assert.deepEqual(Array.from(held), Array.from(octets))
        assert.deepEqual([r.bytes, r.count, r.isEmpty], [0, 0, true])
      }),
    )
  })

  it('reports ranges of the model, none twice, the newest first [RFC 2018]', () => {
    fc.assert(
      fc.property(pieces, base, (all, from) => {
        const r = new Reassembly(1000)
        fill(r, from, all)
        const edges = new Int32Array(200)
        const n = r.ranges(edges, 100)
        const octets = model(all)
        const covered = new Set<number>()
        for (let i = 0; i < n; i++) {
          const [left, right] = [(edges[2 * i]! - from) | 0, (edges[2 * i + 1]! - from) | 0]
          for (let at = left; at < right; at++) {
            assert.ok(octets[at] !== undefined && !covered.has(at))
            covered.add(at)
          }
          assert.ok(octets[left - 1] === undefined && octets[right] === undefined, 'as long as can be')
        }
        const last = all.at(-1)
        if (!last) return
        const [left, right] = [(edges[0]! - from) | 0, (edges[1]! - from) | 0]
        assert.ok(left <= last.at && right >= last.at + last.length, 'the newest first')
      }),
    )
  })

  it('never holds more blocks than it may, and never loses what it took', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 5 }), (all, limit) => {
        const r = new Reassembly(limit)
        let bytes = 0
        for (const one of all) {
          fill(r, 5000, [one])
          assert.ok(r.count <= limit)
          assert.ok(r.bytes >= bytes)
          bytes = r.bytes
        }
      }),
    )
  })

  it('keeps a copy: what the caller does with his bytes afterwards does not matter', () => {
    const r = new Reassembly(10)
    const bytes = Uint8Array.of(1, 2, 3)
    r.insert(10, bytes, 0, 3)
    bytes.fill(9)
    r.drain(10, (b, offset, length) => assert.deepEqual([...b.subarray(offset, offset + length)], [1, 2, 3]))
  })

  it('says how much it had to refuse: from the first piece for which there was no block, to the end', () => {
    const r = new Reassembly(2)
    const bytes = new Uint8Array(100)
    assert.equal(r.insert(10, bytes, 0, 5), 0)
    assert.equal(r.insert(30, bytes, 0, 5), 0)
    assert.equal(r.insert(50, bytes, 0, 5), 5)
    assert.equal(r.insert(5, bytes, 0, 5), 0)
    assert.equal(r.insert(20, bytes, 0, 30), 0)
    assert.equal(r.insert(12, bytes, 0, 2), 0)
    assert.equal(r.insert(60, bytes, 0, 20), 20)
    assert.equal(r.bytes, 40)
  })

  it('tiny pieces in any order stay few blocks once they join (CVE-2018-5390)', () => {
    const r = new Reassembly(1024)
    for (let i = 1; i < 1000; i += 2) r.insert(i, Uint8Array.of(i), 0, 1)
    assert.equal(r.count, 500)
    for (let i = 2000; i > 1000; i--) r.insert(i, Uint8Array.of(i), 0, 1)
    assert.equal(r.count, 501)
  })
})

describe('a connection', () => {
  it('delivers any order of overlapping segments as they were first [SHLD-31 U-22 RFC 2525]', () => {
    fc.assert(
      fc.property(pieces, base, (all, from) => {
        const t = established({ irs: (from - 1) | 0 })
        const octets: (number | undefined)[] = []
        for (const { at, length, value } of all) {
          t.arrives({ seq: (from + at) | 0, data: String.fromCharCode(1 + (value % 100)).repeat(length) })
          for (let i = at; i < at + length; i++) octets[i] ??= 1 + (value % 100)
          t.drain()
        }
        const end = Array.from(octets).indexOf(undefined)
        const expected = Array.from(octets.slice(0, end < 0 ? octets.length : end))
        let delivered = ''
        while (t.tcb.receiveQueue.length > 0) delivered += text(t.read())
        assert.deepEqual(
          Array.from(delivered, c => c.charCodeAt(0)),
          expected,
        )
      }),
    )
  })

  it('what is held cannot be changed by a segment that fills the gap before it (F01) [U-22]', () => {
    const t = established()
    t.arrives({ seq: 5006, data: 'world' }).sends({ ack: 5001 })
    t.arrives({ seq: 5001, data: 'helloWORLD' }).reads('helloworld')
  })
})
