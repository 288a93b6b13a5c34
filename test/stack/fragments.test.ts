import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Datagram, Fragments } from '../../src/stack/fragments.js'
import { IpView, parseIp } from '../../src/wire/ip.js'
import {
  counting,
  fragmentHeader,
  type Ipv4Fields,
  type Ipv6Fields,
  ipv4,
  ipv6,
  join,
} from '../support/packets.js'

const view = new IpView()

/** A queue with its timers in sight. */
function queue() {
  const fragments = new Fragments()
  const timers = new Set<Datagram>()
  const add = (bytes: Uint8Array) => {
    assert.equal(parseIp(view, bytes, 0, bytes.length), undefined)
    return fragments.add(
      view,
      datagram => timers.add(datagram),
      datagram => timers.delete(datagram),
    )
  }
  return { fragments, timers, add }
}

type Piece = [start: number, end: number, more: boolean]
const body = counting(256)
const v4 = ([start, end, more]: Piece, fields: Ipv4Fields = {}) =>
  ipv4({ protocol: 17, id: 7, more, offset: start, ...fields }, body.slice(start, end))
const v6 = ([start, end, more]: Piece, fields: Ipv6Fields = {}, id = 7) =>
  ipv6({ next: 44, ...fields }, join(fragmentHeader(17, start, more, id), body.slice(start, end)))

const permutations = <T>(items: T[]): T[][] =>
  items.length < 2
    ? [items]
    : items.flatMap((x, i) => permutations(items.toSpliced(i, 1)).map(rest => [x, ...rest]))

const PIECES: Piece[] = [
  [0, 64, true],
  [64, 128, true],
  [128, 192, true],
  [192, 250, false],
]

describe('reassembly', () => {
  it('puts pieces together in whatever order they come [RFC 815]', () => {
    for (const make of [v4, v6])
      for (const order of permutations(PIECES)) {
        const { add, timers } = queue()
        const results = order.map(piece => add(make(piece)))
        assert.deepEqual(results.slice(0, 3), [undefined, undefined, undefined])
        const whole = results[3] as Uint8Array
        assert.deepEqual(
          whole,
          make === v4
            ? ipv4({ protocol: 17, id: 7 }, body.slice(0, 250))
            : ipv6({ next: 17 }, body.slice(0, 250)),
        )
        assert.equal(timers.size, 0)
      }
  })

  it('keeps the headers of the first fragment, options and extension headers included', () => {
    const { add } = queue()
    add(v4([64, 100, false], { ttl: 9 }))
    const options = [148, 4, 0, 0]
    const whole = add(v4([0, 64, true], { options, ttl: 33, tos: 4 })) as Uint8Array
    assert.deepEqual(whole, ipv4({ protocol: 17, id: 7, options, ttl: 33, tos: 4 }, body.slice(0, 100)))
    const before = [44, 0, 1, 4, 0, 0, 0, 0]
    const part = (start: number, end: number, more: boolean) =>
      ipv6({ next: 60 }, join(before, fragmentHeader(17, start, more, 1), body.slice(start, end)))
    add(part(64, 100, false))
    assert.deepEqual(
      add(part(0, 64, true)),
      ipv6({ next: 60 }, join([17, ...before.slice(1)], body.slice(0, 100))),
    )
    const two = join([60, 0, 1, 4, 0, 0, 0, 0], before)
    add(ipv6({ next: 0 }, join(two, fragmentHeader(17, 0, true, 2), body.slice(0, 64))))
    const deep = add(ipv6({ next: 0 }, join(two, fragmentHeader(17, 64, false, 2), body.slice(64, 100))))
    assert.deepEqual(
      deep,
      ipv6({ next: 0 }, join(two.slice(0, 8), [17, ...before.slice(1)], body.slice(0, 100))),
    )
  })

  it('ignores a fragment that comes twice', () => {
    for (const make of [v4, v6]) {
      const { add } = queue()
      for (const piece of PIECES.slice(1)) {
        assert.equal(add(make(piece)), undefined)
        assert.equal(add(make(piece)), undefined)
      }
      assert.ok(add(make(PIECES[0]!)) instanceof Uint8Array)
    }
  })

  it('keeps datagrams apart by source, destination, number and (IPv4) protocol', () => {
    const { add, timers } = queue()
    const first: Piece = [0, 64, true]
    const variants4: Ipv4Fields[] = [
      {},
      { src: '10.0.0.3' },
      { dst: '10.0.0.9' },
      { id: 8 },
      { protocol: 200 },
    ]
    for (const fields of variants4) assert.equal(add(v4(first, fields)), undefined)
    const variants6: Ipv6Fields[] = [
      {},
      { src: 'fd00:1::2' },
      { dst: 'fd00:1::1' },
      { dst: 'fd00:0:0:1::1' },
      { dst: 'fd00::1:0:1' },
    ]
    for (const fields of variants6) assert.equal(add(v6(first, fields)), undefined)
    assert.equal(add(v6(first, {}, 8)), undefined)
    assert.equal(timers.size, variants4.length + variants6.length + 1)
  })

  it('throws a datagram away whose fragments overlap, and the rest of it [RFC 5722]', () => {
    const overlaps: Piece[][] = [
      [
        [0, 64, true],
        [56, 128, true],
      ],
      [
        [64, 128, true],
        [0, 72, true],
      ],
      [
        [0, 128, true],
        [32, 64, true],
      ],
      [
        [32, 64, true],
        [0, 128, true],
      ],
      [
        [0, 64, true],
        [0, 72, true],
      ],
      [
        [0, 64, true],
        [8, 64, true],
      ],
      [
        [64, 128, false],
        [64, 120, false],
      ],
      [
        [64, 128, false],
        [120, 136, false],
      ],
      [
        [128, 192, true],
        [64, 100, false],
      ],
      [
        [128, 192, false],
        [192, 200, false],
      ],
    ]
    for (const make of [v4, v6])
      for (const [first, second] of overlaps) {
        const { add, timers } = queue()
        assert.equal(add(make(first!)), undefined)
        assert.equal(add(make(second!)), 'fragment-overlap', `${first} ${second}`)
        for (const piece of PIECES)
          assert.equal(add(make(piece)), 'fragment-overlap', 'also what comes later')
        const [datagram] = timers
        assert.ok(datagram!.poisoned && datagram!.pieces.length === 0)
      }
  })

  it('refuses pieces that cannot be', () => {
    const { add, timers } = queue()
    assert.equal(add(v4([0, 0, true])), 'fragment-malformed')
    assert.equal(add(v4([64, 64, false])), 'fragment-malformed')
    assert.equal(add(v4([0, 60, true])), 'fragment-malformed', 'only the last may have an odd length')
    assert.equal(add(v6([0, 63, true])), 'fragment-malformed')
    assert.equal(timers.size, 0)
  })

  it('refuses TCP headers in pieces [RFC 1858 RFC 3128]', () => {
    const { add, timers } = queue()
    const tcp = { protocol: 6 }
    assert.equal(add(v4([0, 16, true], tcp)), 'fragment-tiny')
    assert.equal(add(v4([8, 64, false], tcp)), 'fragment-tiny')
    assert.equal(add(v4([16, 64, true], tcp)), 'fragment-tiny')
    assert.equal(timers.size, 0)
    assert.equal(add(v4([0, 24, true], tcp)), undefined)
    assert.ok(add(v4([24, 64, false], tcp)) instanceof Uint8Array)
  })

  it('refuses what is too big for its length field: the ping of death', () => {
    const big = (start: number, length: number, more: boolean, fields: Ipv4Fields = {}) =>
      ipv4({ protocol: 1, more, offset: start, ...fields }, new Uint8Array(length))
    const { add } = queue()
    assert.equal(add(big(65528, 100, false)), 'fragment-too-big')
    const fill = (last: number, options: number[] = []) => {
      const q = queue()
      for (let at = 0; at < 64000; at += 3200)
        assert.equal(q.add(big(at, 3200, true, at === 0 ? { options } : {})), undefined)
      const result = q.add(big(64000, last, false))
      assert.equal(q.timers.size, 0)
      return result
    }
    assert.equal((fill(1515) as Uint8Array).length, 65535)
    assert.equal(fill(1516), 'fragment-too-big', 'with its header it would be 65536 bytes')
    assert.equal(fill(1515, [1, 1, 1, 0]), 'fragment-too-big', 'options count')
    const six = queue()
    const part = (at: number, length: number, more: boolean) =>
      six.add(
        ipv6(
          { next: 60 },
          join([44, 0, 1, 4, 0, 0, 0, 0], fragmentHeader(17, at, more, 1), new Uint8Array(length)),
        ),
      )
    for (let at = 0; at < 64000; at += 3200) assert.equal(part(at, 3200, true), undefined)
    assert.equal(part(64000, 1528, false), 'fragment-too-big', 'extension headers count')
  })

  it('is bounded in datagrams, pieces and bytes (FragmentSmack)', () => {
    const { add, timers, fragments } = queue()
    for (let id = 0; id < 64; id++) assert.equal(add(v4([0, 64, true], { id })), undefined)
    assert.equal(add(v4([0, 64, true], { id: 64 })), 'fragment-limit')
    assert.equal(timers.size, 64)
    for (const datagram of timers) fragments.drop(datagram)
    assert.equal(add(v4([0, 64, true], { id: 64 })), undefined, 'room again')

    const pieces = queue()
    for (let i = 0; i < 64; i++)
      assert.equal(pieces.add(ipv4({ id: 1, offset: i * 16, more: true }, counting(8))), undefined)
    assert.equal(pieces.add(ipv4({ id: 1, offset: 64 * 16, more: true }, counting(8))), 'fragment-limit')
    assert.equal(pieces.timers.size, 0, 'all of it is gone')

    const bytes = queue()
    const chunk = new Uint8Array(32_768)
    for (let id = 0; id < 32; id++)
      assert.equal(bytes.add(ipv4({ id, offset: 8, more: true }, chunk)), undefined)
    assert.equal(
      bytes.add(ipv4({ id: 99, offset: 8, more: true }, chunk)),
      'fragment-limit',
      '1 MB is the most',
    )
    assert.equal(bytes.add(ipv4({ id: 1, offset: 65528, more: false }, [1])), 'fragment-limit')
    assert.equal(
      bytes.add(ipv4({ id: 98, offset: 8, more: true }, chunk)),
      undefined,
      'what that one held is free',
    )
  })

  it('copies: the link may use its buffer again', () => {
    const { add } = queue()
    const first = v4([0, 64, true])
    add(first)
    first.fill(0)
    assert.deepEqual(add(v4([64, 128, false])), ipv4({ protocol: 17, id: 7 }, body.slice(0, 128)))
  })

  it('gives back what was cut up, or nothing, however it was [RFC 815 RFC 791]', () => {
    const cut = fc.array(fc.integer({ min: 1, max: 31 }), { maxLength: 12 })
    fc.assert(
      fc.property(
        cut,
        fc.integer({ min: 1, max: 256 }),
        fc.infiniteStream(fc.nat(1000)),
        fc.boolean(),
        (cuts, total, shuffle, six) => {
          const edges = [...new Set([0, ...cuts.map(c => c * 8).filter(c => c < total), total])].sort(
            (a, b) => a - b,
          )
          const pieces = edges.slice(1).map((end, i): Piece => [edges[i]!, end, end < total])
          if (pieces.length < 2) return
          const order = pieces
            .map(piece => ({ piece, key: shuffle.next().value as number }))
            .sort((a, b) => a.key - b.key)
          const { add, timers } = queue()
          const results = order.map(({ piece }) => add(six ? v6(piece) : v4(piece)))
          assert.ok(results.slice(0, -1).every(result => result === undefined))
          const whole = results.at(-1) as Uint8Array
          assert.deepEqual(whole.slice(six ? 40 : 20), body.slice(0, total))
          assert.equal(timers.size, 0)
        },
      ),
      { seed: 815, numRuns: 500 },
    )
  })

  it('never throws, never exceeds its bounds, on any pieces at all', () => {
    const piece = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 80 }), fc.boolean(), fc.nat(3))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 120 }), pieces => {
        const { add, timers } = queue()
        for (const [start, length, more, id] of pieces) {
          const result = add(
            ipv4({ id, offset: start * 8, more: more || start === 0 }, body.slice(0, length)),
          )
          if (result instanceof Uint8Array) assert.equal(parseIp(view, result, 0, result.length), undefined)
          for (const { pieces: held, bytes } of timers) {
            assert.ok(held.length <= 64)
            assert.equal(
              bytes,
              held.reduce((sum, p) => sum + p.end - p.start, 0),
            )
            for (let i = 1; i < held.length; i++) assert.ok(held[i - 1]!.end <= held[i]!.start)
          }
        }
      }),
      { seed: 5391, numRuns: 500 },
    )
  })
})
