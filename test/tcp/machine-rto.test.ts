import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tcpConfig } from '../../src/tcp/config.js'
import { RtoEstimator } from '../../src/tcp/rto.js'
import { established, inState, type Transcript } from '../support/transcript.js'

/** RFC 6298, and the limits R1, R2 and the user timeout of RFC 9293 sections 3.8.3 and 3.9.1.1. */

const estimator = (config = {}) => new RtoEstimator(tcpConfig({ minRto: 1, ...config }))
const forever = { config: { userTimeout: Number.POSITIVE_INFINITY } }

/** Lets the timer expire `n` times, each retransmission sent; the waits. */
function waits(t: Transcript, n: number): number[] {
  const all: number[] = []
  for (let i = 0; i < n; i++) {
    all.push(t.expire())
    t.drain()
  }
  return all
}

describe('the arithmetic (RFC 6298 section 2)', () => {
  it('is 1 s before any measurement [MUST-18 RFC 6298 RFC 8961]', () => assert.equal(estimator().rto, 1000))

  it('first R: SRTT = R, RTTVAR = R/2, RTO = SRTT + max(G, 4 RTTVAR) [MUST-18 RFC 6298]', () => {
    const e = estimator()
    e.sample(100)
    assert.deepEqual([e.srtt, e.rttvar, e.rto], [100, 50, 300])
  })

  it("next R': RTTVAR from the old SRTT, then SRTT, with gains 1/4 and 1/8 [MUST-18 RFC 6298]", () => {
    const e = estimator()
    e.sample(100)
    e.sample(200)
    assert.deepEqual([e.rttvar, e.srtt, e.rto], [62.5, 112.5, 362.5])
    e.sample(50)
    assert.deepEqual([e.rttvar, e.srtt], [0.75 * 62.5 + 0.25 * 62.5, 112.5 * 0.875 + 50 * 0.125])
  })

  it('G is the least that is added to SRTT [MUST-18 RFC 6298]', () => {
    const e = estimator({ clockGranularity: 10 })
    for (let i = 0; i < 100; i++) e.sample(100)
    assert.equal(e.rto, 110)
  })

  it('keeps between the bounds, backed off too [RFC 6298 RFC 8961]', () => {
    const e = estimator({ minRto: 200, maxRto: 3000 })
    e.sample(1)
    assert.equal(e.rto, 200)
    e.sample(100_000)
    assert.equal(e.rto, 3000)
    for (let i = 0; i < 50; i++) e.backOff()
    assert.equal(e.rto, 3000)
  })
})

describe('the timer (RFC 6298 section 5)', () => {
  it('measures the handshake', () => {
    const t = established({ rtt: 100 })
    assert.deepEqual([t.tcb.rto.srtt, t.tcb.rto.rto], [100, 300])
  })

  it('measures one segment at a time, when it is acknowledged [MUST-18 RFC 6298 RFC 8961]', () => {
    const t = established({ rtt: 100 })
    t.send(2920)
    t.drain()
    t.advance(200).arrives({ ack: 1001 + 1460 })
    assert.equal(t.tcb.rto.srtt, 112.5)
    t.advance(50).arrives({ ack: 1001 + 2920 })
    assert.equal(t.tcb.rto.srtt, 112.5, 'the second was not timed')
  })

  it('starts with the first data, restarts with each ACK of new data, stops when all is acknowledged [MUST-18 RFC 6298]', () => {
    const t = established({ rtt: 100 })
    assert.equal(t.tcb.deadline, Number.POSITIVE_INFINITY)
    t.send(2920)
    t.sends({ data: 1460 })
    assert.equal(t.tcb.retransmitAt, 400)
    t.advance(50).sends({ data: 1460 })
    assert.equal(t.tcb.retransmitAt, 400, 'the second segment leaves it alone')
    t.advance(50).arrives({ ack: 2461 })
    assert.equal(t.tcb.retransmitAt, 200 + t.tcb.rto.rto)
    t.arrives({ ack: 2461 })
    assert.equal(t.tcb.retransmitAt, 200 + t.tcb.rto.rto, 'a duplicate does not restart it')
    t.arrives({ ack: 3921 })
    assert.equal(t.tcb.retransmitAt, Number.POSITIVE_INFINITY)
  })

  it('sends the oldest segment again, and doubles, up to the limit [MUST-18 MUST-19 RFC 6298 RFC 8961]', () => {
    const t = established({ rtt: 100, ...forever })
    t.send(3000)
    t.drain()
    assert.equal(t.expire(), 300)
    t.sends({ flags: 'ACK', seq: 1001, data: 1460 })
    t.sendsNothing()
    assert.deepEqual(waits(t, 9), [600, 1200, 2400, 4800, 9600, 19_200, 38_400, 60_000, 60_000])
  })

  it('Karn: what was sent twice measures nothing, and the backed-off RTO stays until something else is acknowledged [MUST-18 U-14 RFC 6298]', () => {
    const t = established({ rtt: 100, ...forever })
    t.send(1000)
    t.drain()
    waits(t, 2)
    assert.equal(t.tcb.rto.rto, 1200)
    t.advance(10).arrives()
    assert.deepEqual([t.tcb.rto.srtt, t.tcb.rto.rto], [100, 1200])
    t.send(1000)
    t.drain()
    assert.equal(t.tcb.retransmitAt - t.now, 1200)
    t.advance(100).arrives()
    assert.ok(t.tcb.rto.rto < 300)
  })

  it('with timestamps also what was sent twice is measured [RFC 7323]', () => {
    const t = established({ rtt: 100, config: { timestamps: true }, syn: { ts: [1, 0] } })
    t.send(1000)
    t.drain()
    t.expire()
    t.sends({ data: 1000 })
    t.advance(60).arrives()
    assert.deepEqual([t.tcb.rto.latest, t.tcb.rto.backoff], [60, 0])
  })

  it('a SYN that was lost: data starts with 3 s (section 5.7) [RFC 6298]', () => {
    const t = inState('SYN_SENT')
    assert.deepEqual(waits(t, 2), [1000, 2000])
    t.advance(50).arrives({ flags: 'SYN,ACK', seq: 5000, mss: 1460 }).drain()
    assert.deepEqual([t.tcb.rto.srtt, t.tcb.rto.rto], [-1, 3000])
  })

  it('a SYN,ACK that was lost: the same', () => {
    const t = inState('SYN_RECEIVED')
    assert.deepEqual(waits(t, 1), [1000])
    t.arrives().is('ESTABLISHED')
    assert.equal(t.tcb.rto.rto, 3000)
  })
})

describe('giving up', () => {
  it('SYN: not before 3 minutes, with backoff [MUST-22 MUST-23]', () => {
    const t = inState('SYN_SENT', forever)
    const all = []
    while (t.tcb.state === 'SYN_SENT') all.push(...waits(t, 1))
    assert.deepEqual(all, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
    assert.ok(t.now >= 180_000, `${t.now}`)
    t.failedWith('ETIMEDOUT')
  })

  it('SYN: sooner if the user asks for it', () => {
    const t = inState('SYN_SENT', { config: { synR2: 5000 } })
    while (t.tcb.state === 'SYN_SENT') waits(t, 1)
    assert.ok(t.now < 10_000)
  })

  it('SYN: the end says what the network said', () => {
    const t = inState('SYN_SENT', forever)
    t.icmp({ kind: 'unreachable', cause: 'host', message: 'host unreachable' })
    while (t.tcb.state === 'SYN_SENT') waits(t, 1)
    t.failedWith('EHOSTUNREACH')
  })

  it('SYN,ACK: after five retransmissions [MUST-22]', () => {
    const t = inState('SYN_RECEIVED', forever)
    assert.deepEqual(waits(t, 6), [1000, 2000, 4000, 8000, 16_000, 32_000])
    t.is('CLOSED')
  })

  it('R1: a warning at the third retransmission, once [MUST-20 SHLD-9 SHLD-10]', () => {
    const t = established(forever)
    t.send('x')
    t.drain()
    waits(t, 2)
    t.tells()
    waits(t, 1)
    t.tells('SOFT_ERROR')
    waits(t, 3)
    t.tells()
  })

  it('R2: at least 100 s [MUST-20 SHLD-11]', () => {
    const t = established(forever)
    t.send('x')
    t.drain()
    while (t.tcb.state === 'ESTABLISHED') waits(t, 1)
    assert.ok(t.now >= 100_000)
    assert.equal(t.tcb.timeouts, 15)
    t.failedWith('ETIMEDOUT')
  })

  it('R2: as the user sets it for one connection, infinite too [MUST-21]', () => {
    const few = established(forever)
    few.tcb.r2 = 2
    few.send('x')
    few.drain()
    waits(few, 3)
    few.is('CLOSED')
    const never = established(forever)
    never.tcb.r2 = Number.POSITIVE_INFINITY
    never.send('x')
    never.drain()
    waits(never, 1000)
    never.is('ESTABLISHED')
  })

  it('user timeout: five minutes without any acknowledgment of what was sent [U-17]', () => {
    const t = established({ config: { r2: 1000 } })
    t.send('x')
    t.drain()
    while (t.tcb.state === 'ESTABLISHED') waits(t, 1)
    assert.equal(t.now, 300_000)
  })

  it('user timeout: begins again with each acknowledgment, and ends with the last [U-17]', () => {
    const t = established({ config: { userTimeout: 5000, r2: 1000 } })
    t.send(2920)
    t.drain()
    t.at(150).arrives({ ack: 2461 })
    assert.equal(t.tcb.userTimeoutAt, 5150)
    t.arrives({ ack: 3921 })
    assert.equal(t.tcb.userTimeoutAt, Number.POSITIVE_INFINITY)
  })
})
