import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { established, type Transcript } from '../support/transcript.js'

/** Silly windows, avoided on both sides: RFC 9293 section 3.8.6.2, with Fs = Fr = 1/2 (U-16). */

const MSS = 1460
const CLOSED = { config: { receiveBuffer: 8192 }, rtt: 100 }

describe('the sender (MUST-38)', () => {
  const waiting = (window: number): Transcript => {
    const t = established({ rtt: 100 })
    t.arrives({ window: 0 })
    t.send(10_000)
    return t.arrives({ window })
  }

  it('does not fill a window smaller than a segment [MUST-38]', () => {
    for (const window of [1, 100, MSS - 1]) waiting(window).sendsNothing()
    waiting(MSS).sends({ data: MSS })
  })

  it('sends half of the largest window ever offered, for peers with small buffers [MUST-38 U-16]', () => {
    const t = established({ syn: { window: 1000 } })
    t.send(10_000)
    t.sends({ data: 1000 })
    t.arrives({ window: 499 }).sendsNothing()
    t.arrives({ window: 500 }).sends({ data: 500 })
  })

  it('sends what is left, if the window takes all of it [MUST-38]', () => {
    const t = established({ rtt: 100 })
    t.arrives({ window: 0 })
    t.send('all')
    t.arrives({ window: 3 }).sends({ flags: 'PSH,ACK', data: 'all' })
  })

  it('waits 0.1 to 1 s, no longer (the override) [MUST-38 U-16]', () => {
    const t = waiting(100)
    t.sendsNothing()
    const wait = t.expire()
    assert.ok(wait >= 100 && wait <= 1000, `${wait} ms`)
    t.sends({ flags: 'ACK', seq: 1001, data: 100 })
    t.sendsNothing()
  })

  it('and what the override sent is retransmitted by the RTO, with backoff', () => {
    const t = waiting(100)
    t.sendsNothing().expire()
    t.sends({ data: 100 })
    for (const wait of [300, 600, 1200]) {
      assert.equal(t.expire(), wait)
      t.sends({ seq: 1001, data: 100 })
      t.sendsNothing()
    }
  })
})

describe('the receiver (MUST-39)', () => {
  /** A buffer of 8192, full. */
  const full = () => {
    const t = established(CLOSED)
    while (t.tcb.rcvWnd > 0) t.arrives({ data: Math.min(MSS, t.tcb.rcvWnd) }).drain()
    return t
  }

  it('opens a closed window by a segment or half the buffer, no less [MUST-39]', () => {
    const t = full()
    let read = 0
    while (t.sendsNothing() && read < MSS - 1) read += t.read(1).length
    t.read(1)
    t.sends({ flags: 'ACK', window: MSS })
    t.sendsNothing()
  })

  it('by half the buffer where that is less [MUST-39 U-16]', () => {
    const t = established({ config: { receiveBuffer: 2048 } })
    t.arrives({ data: MSS }).drain()
    t.arrives({ data: 588 }).drain()
    t.read(1023)
    t.sendsNothing().read(1)
    t.sends({ flags: 'ACK', window: 1024 })
  })

  it('also in the ACKs that are sent anyway [MUST-39 U-15]', () => {
    const t = full()
    t.read(500)
    t.arrives({ data: 1 }).sends({ flags: 'ACK', window: 0 })
  })

  it('reading an octet at a time moves the right edge in steps of a segment [MUST-39]', () => {
    const t = full()
    const edges: number[] = []
    for (let i = 0; i < 8192; i++) {
      t.read(1)
      for (const s of t.drain()) edges.push(s.ack + s.window)
    }
    assert.ok(edges.length >= 2)
    for (let i = 1; i < edges.length; i++) assert.ok(edges[i]! - edges[i - 1]! >= MSS)
  })
})
