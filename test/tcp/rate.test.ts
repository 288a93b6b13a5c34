import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AckSample, CongestionController } from '../../src/tcp/congestion.js'
import type { RateSample } from '../../src/tcp/rate.js'
import { timeout } from '../../src/tcp/timeouts.js'
import { established, type Transcript } from '../support/transcript.js'

/** What a controller is told of how fast data is delivered (draft-ietf-ccwg-bbr section 4.1), and pacing. */

const MSS = 1460

class Witness implements CongestionController {
  readonly name = 'witness'
  cwnd = 20 * MSS
  readonly ssthresh = Number.POSITIVE_INFINITY
  pacingRate = Number.POSITIVE_INFINITY
  readonly samples: RateSample[] = []
  onMss(): void {}
  onAck(_sample: AckSample): void {}
  onSample(sample: RateSample): void {
    this.samples.push({ ...sample })
  }
  onLoss(): void {}
  onRecovered(): void {}
  onTimeout(): void {}
  onSynLoss(): void {}
  onIdle(): void {}
}

/** A connection that has sent its initial window, which is not paced. */
function begun(): { t: Transcript; witness: Witness } {
  const opened = open()
  opened.t.send(10 * MSS)
  opened.t.drain()
  opened.t.arrives({ ack: opened.t.tcb.sndNxt })
  return opened
}

function open(witness = new Witness()): { t: Transcript; witness: Witness } {
  const t = established({
    rtt: 100,
    congestion: () => witness,
    config: { sack: true, windowScaling: true },
    syn: { windowScale: 6, sackPermitted: true },
  })
  // The handshake is no sample.
  witness.samples.length = 0
  return { t, witness }
}

describe('the delivery rate', () => {
  it('is what arrived since a segment was sent, by the time that took', () => {
    const { t, witness } = open()
    t.send(4 * MSS)
    t.drain()
    t.advance(100).arrives({ ack: 1001 + 2 * MSS })
    const [first] = witness.samples
    assert.deepEqual([first!.acked, first!.sample, first!.interval, first!.rtt], [2 * MSS, 2 * MSS, 100, 100])
    assert.equal(first!.rate, (2 * MSS) / 100)
    t.advance(10).arrives({ ack: 1001 + 4 * MSS })
    // All four since they were sent, 110 ms ago.
    assert.equal(witness.samples[1]!.rate, (4 * MSS) / 110)
  })

  it('counts what SACK reports when it is reported, and once', () => {
    const { t, witness } = open()
    t.send(4 * MSS)
    t.drain()
    t.advance(100).arrives({ ack: 1001, sack: [[1001 + MSS, 1001 + 3 * MSS]] })
    t.advance(1).arrives({ ack: 1001 + 4 * MSS })
    assert.deepEqual(
      witness.samples.map(s => s.acked),
      [2 * MSS, 2 * MSS],
    )
    assert.equal(witness.samples[1]!.delivered, 4 * MSS)
  })

  it('says that the user was the limit when there was nothing more to send', () => {
    const { t, witness } = open()
    t.send(MSS)
    t.drain()
    t.advance(100).arrives({ ack: t.tcb.sndNxt })
    t.send(2 * MSS)
    t.drain()
    t.advance(100).arrives({ ack: t.tcb.sndNxt })
    assert.equal(witness.samples[1]!.appLimited, true)
    assert.equal(witness.samples[1]!.limited, false)
  })

  it('tells what was lost, and what was in flight when it was sent', () => {
    const { t, witness } = open()
    t.send(10 * MSS)
    t.drain()
    t.advance(100).arrives({ ack: 1001, sack: [[1001 + MSS, 1001 + 5 * MSS]] })
    const [sample] = witness.samples
    assert.deepEqual([sample!.lost, sample!.lostSince, sample!.inFlight], [MSS, MSS, 5 * MSS])
    assert.ok(sample!.sentInFlight >= MSS && sample!.sentInFlight <= 10 * MSS)
  })
})

describe('pacing', () => {
  it('spreads out what cwnd would let go at once: two segments at first, and then one each time it is due', () => {
    const { t, witness } = begun()
    // A segment each 10 ms.
    witness.pacingRate = MSS / 10
    t.send(10 * MSS)
    const start = t.now
    const times: number[] = []
    for (let n = 0; n < 10; ) {
      const sent = t.drain().length
      for (let i = 0; i < sent; i++) times.push(t.now - start)
      n += sent
      if (n < 10) t.expire()
    }
    assert.equal(times.filter(at => at === 0).length, 2)
    // Ten segments take the time of ten, less what may go at once.
    assert.equal(times.at(-1), 80)
    for (let i = 2; i < 10; i++) assert.ok(times[i]! - times[i - 2]! >= 10, `${times}`)
  })

  it('a timer that fires late sends what has become due meanwhile, but for no more than 5 ms', () => {
    const { t, witness } = begun()
    // A segment each millisecond.
    witness.pacingRate = MSS
    witness.cwnd = 100 * MSS
    t.send(100 * MSS)
    t.drain()
    const { paceTimerAt } = t.tcb
    t.now = paceTimerAt + 3
    t.act(() => timeout(t.tcb, t.now))
    assert.equal(t.drain().length, 2 + 3)
    t.now = t.tcb.paceTimerAt + 50
    t.act(() => timeout(t.tcb, t.now))
    assert.equal(t.drain().length, 2 + 5)
  })

  it('time in which nothing waited is not made up for', () => {
    const { t, witness } = begun()
    witness.pacingRate = MSS
    t.send(MSS)
    t.drain()
    t.advance(10)
    t.send(10 * MSS)
    assert.equal(t.drain().length, 2)
  })

  it('of a window: in slow start twice in each round trip, and a fifth more than once later', () => {
    const paced = (ssthresh: number): number[] => {
      const witness = new Witness()
      Object.assign(witness, { pacingRate: undefined, ssthresh, cwnd: 40 * MSS })
      const t = established({
        rtt: 100,
        congestion: () => witness,
        config: { windowScaling: true, pacing: 'always' },
        syn: { windowScale: 6 },
      })
      t.send(10 * MSS)
      assert.equal(t.drain().length, 10, 'the initial window goes at once')
      t.advance(100).arrives({ ack: t.tcb.sndNxt })
      t.send(40 * MSS)
      const start = t.now
      const times: number[] = []
      for (let n = 0; n < 40; ) {
        const sent = t.drain().length
        for (let i = 0; i < sent; i++) times.push(t.now - start)
        n += sent
        if (n < 40) t.expire()
      }
      return times
    }
    const slow = paced(Number.POSITIVE_INFINITY)
    const later = paced(40 * MSS)
    // Two may go before their time.
    assert.ok(Math.abs(slow.at(-1)! - (100 / 2) * (38 / 40)) < 2, `${slow.at(-1)}`)
    assert.ok(Math.abs(later.at(-1)! - (100 / 1.2) * (38 / 40)) < 3, `${later.at(-1)}`)
    for (const times of [slow, later])
      for (let i = 3; i < 40; i++) assert.ok(times[i]! > times[i - 3]!, `${times}`)
  })

  it('holds back what is sent again as well', () => {
    const { t, witness } = begun()
    t.send(10 * MSS)
    t.drain()
    witness.pacingRate = MSS / 1000
    const first = t.tcb.sndUna
    t.advance(100).arrives({ ack: first, sack: [[first + 3 * MSS, first + 10 * MSS]] })
    assert.ok(t.drain().length <= 2)
  })
})
