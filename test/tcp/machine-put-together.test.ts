import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { status } from '../../src/tcp/status.js'
import { CE } from '../../src/wire/ip.js'
import { established, type Fields, inState, type Setup, type Transcript } from '../support/transcript.js'

/** Segments that were put together on the way (TSO, GRO): what counts segments counts each of them. */

const MSS = 1460
const ROOMY: Setup = { config: { receiveBuffer: 1 << 20, windowScaling: true }, syn: { windowScale: 0 } }
const roomy = (): Transcript => established(ROOMY)
/** A connection to a peer that speaks accurate ECN, and says that our SYN came without a mark. */
function accurate(): Transcript {
  const t = inState('CLOSED', { config: { ...ROOMY.config, ecn: 'request', accurateEcn: 'request' } })
  t.connect().drain()
  t.arrives({ flags: 'SYN,ACK,CWR', seq: t.irs, windowScale: 0, mss: MSS }).drain()
  return t.is('ESTABLISHED')
}

const counts = ({ tcb, now }: Transcript) => {
  const s = status(tcb, now)
  return {
    segmentsIn: s.segmentsIn,
    dataSegmentsIn: s.dataSegmentsIn,
    outOfOrderIn: s.outOfOrderIn,
    duplicateIn: s.duplicateIn,
    receivedCe: s.receivedCe,
    rcvMss: s.rcvMss,
    bytesReceived: s.bytesReceived,
  }
}

/** The same octets, one by one and in one piece. */
function bothWays(open: () => Transcript, lengths: readonly number[], fields: Fields = {}) {
  const singly = open()
  const together = open()
  const { rcvNxt } = singly.tcb
  const begin = fields.seq ?? rcvNxt
  let seq = begin
  for (const data of lengths) {
    singly.arrives({ ...fields, seq, data })
    seq += data
  }
  together.arrives({ ...fields, seq: begin, data: seq - begin, segmentSize: lengths[0]! })
  return { singly, together }
}

describe('segments that come in one piece', () => {
  it('are counted as they were on the wire, and the short last one too', () => {
    const { singly, together } = bothWays(roomy, [MSS, MSS, MSS, 100])
    assert.deepEqual(counts(together), counts(singly))
    assert.equal(counts(together).dataSegmentsIn, 4)
  })

  it('that come out of order, or a second time', () => {
    const ahead = bothWays(roomy, [MSS, MSS, MSS], { seq: 50_001 })
    assert.deepEqual(counts(ahead.together), counts(ahead.singly))
    assert.equal(counts(ahead.together).outOfOrderIn, 3)
    const again = bothWays(roomy, [1000, 1000], { seq: 3001 })
    assert.deepEqual(counts(again.together), counts(again.singly))
    assert.equal(counts(again.together).duplicateIn, 2)
  })

  it('show how long the segments of the peer are, though they be shorter than our MSS', () => {
    const t = established(ROOMY)
    const before = t.tcb.rcvMss
    t.arrives({ data: 10 * 700, segmentSize: 700 })
    assert.equal(t.tcb.rcvMss, Math.max(before, 700))
    assert.ok(t.tcb.rcvMss < MSS)
  })

  it('are two at least, and so are acknowledged at once', () => {
    const every = { ...ROOMY, config: { ...ROOMY.config, ackSecondSegment: true } }
    established(every).arrives({ data: 200, segmentSize: 100 }).sends({ flags: 'ACK', ack: 5201 })
  })

  it('that leave a gap bring a duplicate acknowledgment each, so that a sender without SACK can count three', () => {
    const { singly, together } = bothWays(roomy, [MSS, MSS, MSS], { seq: 50_001 })
    assert.equal(together.drain().length, 3)
    assert.equal(singly.drain().length, 3)
    const sack: Setup = {
      config: { ...ROOMY.config, sack: true },
      syn: { windowScale: 0, sackPermitted: true },
    }
    const t = established(sack).arrives({ seq: 50_001, data: 3 * MSS, segmentSize: MSS })
    t.sends({ ack: 5001, sack: [[50_001, 50_001 + 3 * MSS]] })
    t.sendsNothing()
  })

  it('each have the mark that they have together: r.cep counts them all (RFC 9768 section 3.2.2)', () => {
    const { singly, together } = bothWays(accurate, [MSS, MSS, MSS, MSS, 7], { mark: CE })
    assert.deepEqual(counts(together), counts(singly))
    assert.equal(counts(together).receivedCe, 5)
    // FIRST_CEP is five: five more is two modulo eight, which is CWR alone.
    const [once, other] = [together.sends(), singly.sends()]
    assert.equal(once.flags, other.flags)
    assert.deepEqual(new Set(once.flags.split(',')), new Set(['ACK', 'CWR']))
  })
})

describe('segments that go in one piece', () => {
  it('are counted as they will be on the wire', () => {
    const t = established({ config: { initialWindow: 20 }, syn: { mss: 1000 } })
    const before = t.tcb.segmentsOut
    t.send(5400)
    const sizes: number[] = []
    for (let sent = t.next(65_536); sent; sent = t.next(65_536)) sizes.push(sent.data.length)
    const segments = sizes.reduce((n, size) => n + Math.ceil(size / 1000), 0)
    assert.ok(sizes.length < segments, String(sizes))
    assert.deepEqual([t.tcb.segmentsOut - before, t.tcb.dataSegmentsOut], [segments, segments])
  })

  it('not while ACE has CWR in it, which whoever cuts them up clears in all but the first', () => {
    const t = accurate()
    assert.equal(t.tcb.accurate!.mayBeCut, true)
    const mays = [6, 7, 8, 9].map(() => t.arrives({ data: 1, mark: CE }).tcb.accurate!.mayBeCut)
    assert.deepEqual(mays, [false, false, true, true])
  })

  it('and as they are when they go again', () => {
    const t = established({ syn: { mss: 1000 } })
    t.send(4000)
    while (t.next(65_536));
    t.expire()
    t.arrives()
    while (t.next(65_536));
    const { bytesRetransmitted, segmentsRetransmitted } = t.tcb
    assert.equal(segmentsRetransmitted, Math.ceil(bytesRetransmitted / 1000))
  })
})
