import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tcpConfig } from '../../src/tcp/config.js'
import { Reno } from '../../src/tcp/reno.js'
import { established, inState, type Setup, type Transcript } from '../support/transcript.js'

/** How much may be in flight: RFC 6928, 5681, 3465. What is done about losses is in machine-recovery. */

const MSS = 1460
const setup: Setup = { rtt: 100 }
const cwnd = (t: Transcript) => t.tcb.congestion.cwnd / t.tcb.mss

/** A connection that always has something to send. */
function bulk(more: Setup = {}): Transcript {
  const t = established({ ...setup, config: { windowScaling: true }, syn: { windowScale: 6 }, ...more })
  t.send(1_000_000)
  return t
}

/** Without F-RTO: what is done once a timeout is known to have been for a loss. */
const certain: Setup = { config: { windowScaling: true, frto: false } }

describe('the initial window (RFC 6928)', () => {
  for (const [mss, bytes] of [
    [9000, 18_000],
    [8000, 16_000],
    [7300, 14_600],
    [2000, 14_600],
    [1460, 14_600],
    [1220, 12_200],
    [536, 5360],
    [48, 480],
  ] as const)
    it(`MSS ${mss}: ${bytes} bytes`, () => {
      const reno = new Reno(tcpConfig())
      reno.onMss(mss)
      assert.equal(reno.cwnd, bytes)
    })

  it('is what goes out at once: ten segments [RFC 2525]', () => assert.equal(bulk().drain().length, 10))

  it('is one segment if the SYN was lost (RFC 5681 section 3.1) [RFC 5681]', () => {
    const t = inState('SYN_SENT')
    t.expire()
    t.drain()
    t.arrives({ flags: 'SYN,ACK', seq: 5000, mss: MSS })
    t.send(10_000)
    assert.equal(t.drain().length, 1)
  })
})

describe('slow start', () => {
  it('doubles in each round trip [MUST-19 RFC 5681 RFC 2525]', () => {
    const t = bulk()
    for (const segments of [10, 20, 40]) {
      assert.equal(cwnd(t), segments)
      t.drain()
      const end = t.tcb.sndNxt
      for (t.advance(100); t.tcb.sndUna !== end; t.drain()) t.arrives({ ack: t.tcb.sndUna + MSS })
    }
    assert.equal(cwnd(t), 80)
  })

  it('doubles too when the ACKs of a window come in one batch', () => {
    const t = bulk()
    const sent = t.drain()
    for (const { seq } of sent) t.arrives({ ack: seq + MSS })
    assert.equal(cwnd(t), 20)
  })

  it('an ACK counts for what it acknowledges, two segments at most (RFC 3465)', () => {
    const t = bulk()
    t.drain()
    t.arrives({ ack: 1001 + MSS })
    assert.equal(cwnd(t), 11)
    t.arrives({ ack: 1001 + 3 * MSS })
    assert.equal(cwnd(t), 13)
    t.arrives({ ack: 1001 + 10 * MSS })
    assert.equal(cwnd(t), 15)
  })

  it('1460 ACKs of an octet each are worth one segment (C01) [RFC 5681]', () => {
    const t = bulk()
    t.drain()
    for (let i = 1; i <= MSS; i++) t.arrives({ ack: 1001 + i })
    assert.equal(cwnd(t), 11)
  })

  it('does not grow while the application, not cwnd, is the limit', () => {
    const t = established(setup)
    for (let i = 0; i < 20; i++) {
      t.send(MSS)
      t.drain()
      t.arrives()
    }
    assert.equal(cwnd(t), 10)
  })

  it('never more in flight than cwnd [MUST-19 RFC 5681 RFC 2914]', () => {
    const t = bulk()
    for (let i = 0; i < 50; i++) {
      t.drain()
      assert.ok(t.tcb.flight <= t.tcb.congestion.cwnd)
      t.arrives({ ack: t.tcb.sndUna + MSS })
    }
  })
})

const NOTHING = {
  acked: 0,
  most: Number.POSITIVE_INFINITY,
  flight: 0,
  now: 0,
  rtt: -1,
  srtt: -1,
  sndUna: 0,
  sndNxt: 0,
}

describe('congestion avoidance', () => {
  it('one segment in each round trip [MUST-19 RFC 5681]', () => {
    const t = bulk()
    t.drain()
    const reno = t.tcb.congestion as Reno
    reno.ssthresh = reno.cwnd
    for (const segments of [11, 12, 13]) {
      t.arrives({ ack: t.tcb.sndNxt })
      t.drain()
      assert.equal(cwnd(t), segments)
    }
  })

  it('half a segment that a halving left is half of the way to the next [RFC 5681]', () => {
    const reno = new Reno(tcpConfig())
    reno.onMss(MSS)
    reno.onLoss(7 * MSS, 0)
    assert.equal(reno.cwnd, 3.5 * MSS)
    const acknowledged = (segments: number) => {
      reno.onAck({ ...NOTHING, acked: segments * MSS })
      return reno.cwnd / MSS
    }
    assert.equal(acknowledged(1), 3.5)
    assert.equal(acknowledged(0.5), 4, 'half of the three that can be in flight')
    assert.equal(acknowledged(3.5), 4)
    assert.equal(acknowledged(0.5), 5)
  })

  it('many small ACKs bring no more than one segment for a window (C01)', () => {
    const t = bulk()
    t.drain()
    const reno = t.tcb.congestion as Reno
    reno.ssthresh = reno.cwnd
    for (let i = 1; i <= 10 * MSS; i += 10) t.arrives({ ack: 1001 + i }).drain()
    t.arrives({ ack: 1001 + 10 * MSS })
    // What was in flight was an octet less than ten segments, and one more than that is what there can be.
    assert.ok(cwnd(t) > 10.99 && cwnd(t) <= 11)
  })
})

describe('the retransmission timer', () => {
  it('ssthresh = half of what is in flight, cwnd = one segment, and slow start [MUST-19 RFC 5681 RFC 8961 RFC 2525]', () => {
    const t = bulk(certain)
    t.drain()
    t.expire()
    assert.deepEqual([cwnd(t), t.tcb.congestion.ssthresh], [1, 5 * MSS])
    assert.deepEqual(
      t.drain().map(s => s.seq),
      [1001],
    )
    t.arrives({ ack: 1001 + MSS })
    assert.deepEqual(
      t.drain().map(s => s.seq),
      [1001 + MSS, 1001 + 2 * MSS],
    )
  })

  it('ssthresh is two segments at least, and stays while the same segment is backed off [RFC 5681]', () => {
    const t = established(setup)
    t.send(100)
    t.drain()
    t.expire()
    assert.equal(t.tcb.congestion.ssthresh, 2 * MSS)
    const other = bulk()
    other.drain()
    for (let i = 0; i < 4; i++) {
      other.expire()
      other.drain()
    }
    assert.equal(other.tcb.congestion.ssthresh, 5 * MSS)
  })

  it('goes back over everything, and nothing new before', () => {
    const t = bulk(certain)
    t.drain()
    const end = t.tcb.sndNxt
    t.expire()
    const again = new Set<number>()
    while (t.tcb.sndUna !== end) {
      for (const s of t.drain()) if (s.seq < end) again.add(s.seq)
      t.arrives({ ack: t.tcb.sndUna + MSS })
    }
    assert.equal(again.size, 10)
  })
})

describe('F-RTO without SACK (RFC 5682 section 2.1)', () => {
  /** Ten segments are out, the timer expired, the first has gone again and is acknowledged: two new ones go. */
  function asking(): Transcript {
    const t = bulk({ config: { windowScaling: true, congestion: 'reno' } })
    t.drain()
    t.expire()
    assert.deepEqual(
      t.drain().map(s => s.seq),
      [1001],
    )
    t.arrives({ ack: 1001 + MSS })
    assert.deepEqual(
      t.drain().map(s => s.seq),
      [1001 + 10 * MSS, 1001 + 11 * MSS],
    )
    return t
  }

  it('what was never sent again is acknowledged: the timeout was for nothing, and is taken back [RFC 5682]', () => {
    const t = asking()
    t.arrives({ ack: 1001 + 2 * MSS })
    assert.deepEqual([cwnd(t), t.tcb.congestion.ssthresh], [10, Number.POSITIVE_INFINITY])
    assert.equal(t.tcb.spuriousRecoveries, 1)
    for (const s of t.drain()) assert.ok(s.seq >= 1001 + 12 * MSS, 'nothing goes again')
  })

  it('a duplicate: it was for a loss, and the rest goes again [RFC 5682]', () => {
    const t = asking()
    t.arrives({ ack: t.tcb.sndUna })
    assert.deepEqual(
      t.drain().map(s => s.seq),
      [1001 + MSS],
    )
    assert.equal(t.tcb.spuriousRecoveries, 0)
  })

  it('with nothing new to ask with it is taken to be for a loss [RFC 5682]', () => {
    const t = established({ ...setup, config: { windowScaling: true }, syn: { windowScale: 6 } })
    t.send(5 * MSS)
    t.drain()
    t.expire()
    t.drain()
    t.arrives({ ack: 1001 + MSS })
    assert.deepEqual(
      t.drain().map(s => s.seq),
      [1001 + MSS, 1001 + 2 * MSS],
    )
  })
})

describe('after silence (RFC 5681 section 4.1)', () => {
  it('of more than an RTO cwnd is the initial window again [RFC 5681]', () => {
    const t = bulk()
    for (let i = 0; i < 3; i++) {
      t.drain()
      t.arrives()
    }
    t.tcb.sendQueue.clear()
    t.tcb.queueSeq = t.tcb.sndNxt
    assert.ok(cwnd(t) > 10)
    t.advance(60_000)
    t.send(100_000)
    assert.equal(t.drain().length, 10)
  })

  it('of less it is what it was', () => {
    const t = bulk()
    t.drain()
    t.arrives()
    const before = cwnd(t)
    t.tcb.sendQueue.clear()
    t.tcb.queueSeq = t.tcb.sndNxt
    t.advance(10)
    t.send(100_000)
    assert.equal(t.drain().length, before)
  })
})

describe('a narrower path (RFC 1191)', () => {
  it('makes segments smaller, at once, and leaves cwnd as it is, in segments (RFC 5681 section 3.1) [MUST-16 U-12 RFC 1191]', () => {
    const t = bulk()
    t.drain()
    t.icmp({ kind: 'too-big', maxSegment: 576 - 20 }, 1001)
    assert.deepEqual([t.tcb.mss, cwnd(t)], [536, 10])
    t.sends({ flags: 'ACK', seq: 1001, data: 536 })
  })

  it('after silence cwnd is the initial window of the segments there are now', () => {
    const t = bulk()
    t.drain()
    t.icmp({ kind: 'too-big', maxSegment: 576 - 20 }, 1001)
    while (t.tcb.sndUna !== t.tcb.sndNxt || t.tcb.congestion.cwnd < 20 * 536) {
      t.drain()
      t.arrives()
    }
    t.advance(60_000)
    assert.equal(t.drain().length, 10)
  })
})
