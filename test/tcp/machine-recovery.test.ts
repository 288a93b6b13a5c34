import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { established, type Setup, type Transcript } from '../support/transcript.js'

/** Fast retransmit and fast recovery: RFC 5681 section 3.2, RFC 6582 (NewReno), RFC 3042 (limited transmit). */

const MSS = 1460
const at = (n: number) => 1001 + n * MSS
const segments = (t: Transcript) => t.drain().map(s => (s.seq - 1001) / MSS)

/** Ten segments in flight, 0 .. 9, and more waiting. */
function bulk(setup: Setup = {}): Transcript {
  const t = established({ rtt: 100, config: { windowScaling: true }, syn: { windowScale: 6 }, ...setup })
  t.arrives()
  t.send(1_000_000)
  assert.equal(t.drain().length, 10)
  return t
}

const duplicate = (t: Transcript, n = 1) => {
  for (let i = 0; i < n; i++) t.arrives({ ack: t.tcb.sndUna })
  return t
}

describe('duplicate ACKs', () => {
  it('the first two send a new segment each (limited transmit) [RFC 3042]', () => {
    const t = bulk()
    assert.deepEqual(segments(duplicate(t)), [10])
    assert.deepEqual(segments(duplicate(t)), [11])
    assert.equal(t.tcb.congestion.cwnd, 10 * MSS, 'cwnd stays')
  })

  it('the third sends the missing one again, and halves [MUST-19 RFC 5681]', () => {
    const t = bulk()
    duplicate(t, 2).drain()
    assert.deepEqual(segments(duplicate(t)), [0])
    assert.equal(
      t.tcb.congestion.ssthresh,
      5 * MSS,
      'half of the ten in flight: limited transmit does not count',
    )
    assert.equal(t.tcb.congestion.cwnd, 5 * MSS)
    assert.equal(t.tcb.recovery.state, 'recovery')
  })

  it('further ones let a new segment go each, when the window has room again [RFC 5681]', () => {
    const t = bulk()
    duplicate(t, 3).drain()
    const sent = []
    for (let i = 0; i < 7; i++) sent.push(...segments(duplicate(t)))
    assert.deepEqual(sent, [10, 11, 12, 13, 14].slice(-sent.length))
    assert.equal(t.tcb.flight, 15 * MSS, 'five, and the ten that have left')
  })

  it('without end inflate no further than what was in flight (C02) [RFC 5681]', () => {
    const t = bulk()
    let octets = 0
    for (let i = 0; i < 1000; i++) for (const s of duplicate(t).drain()) octets += s.data.length
    assert.ok(octets <= 30 * MSS, `${octets / MSS} segments for a receiver that only says so`)
  })

  it('with data, with another window, or with nothing outstanding are none', () => {
    const t = bulk()
    for (let i = 0; i < 5; i++) t.arrives({ ack: 1001, data: 1 }).drain()
    for (let i = 0; i < 5; i++) t.arrives({ ack: 1001, window: 60_000 + i }).drain()
    assert.deepEqual([t.tcb.recovery.duplicates(t.tcb), t.tcb.recovery.state], [0, 'open'])
    const idle = duplicate(established(), 5)
    assert.equal(idle.tcb.recovery.duplicates(idle.tcb), 0)
  })

  it('that answer window probes are no loss: nothing is missing, and the probe is not congestion [RFC 5681]', () => {
    const t = established({ rtt: 100 })
    t.arrives({ window: 0 })
    t.send(20_000)
    t.sendsNothing()
    for (let i = 0; i < 5; i++) {
      t.expire()
      t.sends({ seq: 1001, data: 1 })
      t.arrives({ ack: 1001, window: 0 })
    }
    assert.deepEqual([t.tcb.recovery.state, t.tcb.congestion.cwnd], ['open', 10 * MSS])
  })
})

describe('NewReno', () => {
  /** Segments 0 and 3 are lost; three duplicates have come, and segment 0 went again. */
  const recovering = () => {
    const t = bulk()
    duplicate(t, 3).drain()
    return t
  }

  it('a full acknowledgment ends it, with cwnd at ssthresh or what is in flight and one [RFC 6582]', () => {
    const t = recovering()
    const recover = t.tcb.sndNxt
    t.arrives({ ack: recover })
    assert.notEqual(t.tcb.recovery.state, 'recovery')
    assert.equal(t.tcb.recovery.window(t.tcb), t.tcb.congestion.cwnd)
    assert.equal(t.tcb.congestion.cwnd, 2 * MSS, 'nothing was in flight: no burst')
  })

  it('a partial one sends the next hole at once, and recovery goes on [RFC 6582]', () => {
    const t = recovering()
    t.arrives({ ack: at(3) })
    assert.equal(segments(t)[0], 3)
    assert.equal(t.tcb.recovery.state, 'recovery')
    t.arrives({ ack: at(5) })
    assert.equal(segments(t)[0], 5)
    assert.equal(t.tcb.congestion.ssthresh, 5 * MSS, 'halved once')
  })

  it('losses of a window that is being recovered are not halved for twice [RFC 6582 RFC 5681]', () => {
    const t = recovering()
    const { cwnd } = t.tcb.congestion
    duplicate(t, 20)
    t.arrives({ ack: at(3) })
    duplicate(t, 5)
    assert.equal(t.tcb.congestion.cwnd, cwnd)
  })

  it('after a timeout duplicates of what was sent before it do not start it (RFC 6582 section 4) [RFC 6582]', () => {
    const t = bulk()
    t.expire()
    t.drain()
    duplicate(t, 5)
    assert.deepEqual([t.tcb.recovery.state, t.tcb.congestion.cwnd], ['loss', MSS])
  })

  it('a timeout ends it', () => {
    const t = recovering()
    t.expire()
    assert.deepEqual(
      [t.tcb.recovery.state, t.tcb.recovery.window(t.tcb), t.tcb.congestion.cwnd],
      ['loss', MSS, MSS],
    )
  })

  it('the FIN is recovered like data', () => {
    const t = established({ rtt: 100 })
    t.send(MSS)
    t.close().drain()
    t.arrives({ ack: at(1) }).is('FIN_WAIT_1')
    t.expire()
    t.sends({ flags: 'FIN,ACK', seq: at(1) })
  })
})
