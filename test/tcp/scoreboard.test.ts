import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Scoreboard } from '../../src/tcp/scoreboard.js'
import type { SentSegment } from '../../src/tcp/sent-segment.js'

/** The scoreboard against a model that knows of each octet by itself. */

const MSS = 100

interface Octet {
  sacked: boolean
  lost: boolean
  resent: boolean
}

/** What is outstanding, octet by octet. */
class Model {
  octets: Octet[] = []
  una: number

  constructor(readonly start: number) {
    this.una = start
  }

  get nxt(): number {
    return (this.una + this.octets.length) | 0
  }

  range(seq: number, end: number): Octet[] {
    const from = Math.max(0, (seq - this.una) | 0)
    return this.octets.slice(from, Math.max(from, (end - this.una) | 0))
  }

  count(which: (octet: Octet) => boolean): number {
    return this.octets.filter(which).length
  }
}

const action = fc.oneof(
  fc.record({ what: fc.constant('send' as const), n: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ what: fc.constant('ack' as const), n: fc.integer({ min: 1, max: 700 }) }),
  fc.record({
    what: fc.constant('sack' as const),
    n: fc.integer({ min: 0, max: 20 }),
    m: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    what: fc.constant('lose' as const),
    n: fc.integer({ min: 0, max: 2000 }),
    m: fc.integer({ min: 1, max: 500 }),
  }),
  fc.record({ what: fc.constant('resend' as const), n: fc.integer({ min: 1, max: 250 }) }),
  fc.record({ what: fc.constant('late' as const) }),
  fc.record({ what: fc.constant('renege' as const) }),
)

/** The sums, the order of transmission, and every octet. */
function agree(board: Scoreboard, model: Model): void {
  assert.equal(board.outstanding, model.octets.length)
  assert.equal(
    board.sacked,
    model.count(o => o.sacked),
  )
  assert.equal(
    board.lost,
    model.count(o => o.lost),
  )
  assert.equal(
    board.resent,
    model.count(o => o.lost && o.resent),
  )
  assert.equal(
    board.pipe,
    model.count(o => !o.sacked && (!o.lost || o.resent)),
  )
  let at = 0
  board.forEach(segment => {
    assert.equal((segment.seq - model.una) | 0, at, 'no gap')
    for (const octet of model.range(segment.seq, segment.end)) {
      const { sacked, lost, resent } = octet
      assert.deepEqual(
        [segment.sacked, segment.lost, segment.lost && segment.resent],
        [sacked, lost, lost && resent],
      )
    }
    at += segment.length
  })
  assert.equal(at, model.octets.length)
  const inOrder: SentSegment[] = []
  for (let segment = board.oldest; segment; segment = segment.newer) inOrder.push(segment)
  assert.deepEqual(
    inOrder.map(s => s.sentAt),
    inOrder.map(s => s.sentAt).sort((a, b) => a - b),
  )
  assert.equal(
    inOrder.reduce((sum, s) => sum + s.length, 0),
    board.pipe,
  )
  const first = model.octets.findIndex(o => o.lost && !o.resent)
  const next = board.nextLost()
  assert.equal(next === undefined ? -1 : (next.seq - model.una) | 0, first)
}

describe('the scoreboard', () => {
  it('is what each octet by itself would be [RFC 2018]', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 0x7ffffe00 | 0, -500 | 0),
        fc.array(action, { minLength: 5, maxLength: 60 }),
        (start, actions) => {
          const board = new Scoreboard()
          const model = new Model(start)
          let now = 0
          let delivered = 0
          const arrived = (segment: SentSegment) => {
            delivered += segment.length
          }
          for (const a of actions) {
            now += 1
            const { una } = model
            switch (a.what) {
              case 'send':
                for (let i = 0; i < a.n; i++) {
                  board.append(model.nxt, (model.nxt + MSS) | 0, MSS, now)
                  for (let k = 0; k < MSS; k++)
                    model.octets.push({ sacked: false, lost: false, resent: false })
                }
                break
              case 'ack': {
                const n = Math.min(a.n, model.octets.length)
                delivered = 0
                board.acknowledge((una + n) | 0, arrived)
                const gone = model.octets.splice(0, n)
                assert.equal(delivered, gone.filter(o => !o.sacked).length)
                model.una = (una + n) | 0
                break
              }
              case 'sack': {
                // Whole segments, as they were sent.
                const from = (start + Math.ceil(((una - start) | 0) / MSS) * MSS + a.n * MSS) | 0
                const to = (from + a.m * MSS) | 0
                if (((to - model.nxt) | 0) > 0) break
                delivered = 0
                const before = model.range(from, to).filter(o => !o.sacked)
                const news = board.sack(from, to, 1, arrived)
                assert.equal(news, before.length)
                assert.equal(delivered, before.length)
                for (const o of before) Object.assign(o, { sacked: true, lost: false, resent: false })
                break
              }
              case 'lose': {
                const from = (una + a.n) | 0
                board.loseRange(from, (from + a.m) | 0)
                for (const o of model.range(from, (from + a.m) | 0))
                  if (!o.sacked) Object.assign(o, { lost: true, resent: false })
                break
              }
              case 'resend': {
                const next = board.nextLost()
                if (!next) break
                const end = board.lostRun(next, a.n)
                const { seq } = next
                board.sentAgain(seq, end, now)
                for (const o of model.range(seq, end)) {
                  assert.ok(o.lost && !o.resent)
                  o.resent = true
                }
                break
              }
              case 'late':
                board.forgetLosses()
                for (const o of model.octets) Object.assign(o, { lost: false, resent: false })
                break
              case 'renege':
                board.forgetReports()
                for (const o of model.octets)
                  if (o.sacked) Object.assign(o, { sacked: false, lost: true, resent: false })
                break
            }
            agree(board, model)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('cuts what was sent together only at whole segments [RFC 2018]', () => {
    const board = new Scoreboard()
    board.append(0, 10 * MSS, MSS, 0)
    assert.equal(
      board.sack(150, 990, MSS, () => {}),
      7 * MSS,
    )
    const pieces: [number, number, boolean][] = []
    board.forEach(s => {
      pieces.push([s.seq, s.end, s.sacked])
    })
    assert.deepEqual(pieces, [
      [0, 200, false],
      [200, 900, true],
      [900, 1000, false],
    ])
  })

  it('a report of everything, a hundred times, is one entry [RFC 2018]', () => {
    const board = new Scoreboard()
    for (let i = 0; i < 1000; i++) board.append(i * MSS, (i + 1) * MSS, MSS, i)
    for (let i = 2; i <= 1000; i++) board.sack(MSS, i * MSS, MSS, () => {})
    let entries = 0
    board.forEach(() => {
      entries++
    })
    assert.equal(entries, 2)
  })
})
