import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tcpConfig } from '../../src/tcp/config.js'
import { established } from '../support/transcript.js'

/** Delayed acknowledgments: RFC 9293 section 3.8.6.3, RFC 5681 section 4.2. */

const MSS = 1460

describe('delayed ACK', () => {
  it('a single segment is acknowledged before half a second [MUST-40 SHLD-18]', () => {
    const t = established()
    t.arrives({ data: 'one' }).sendsNothing()
    const wait = t.expire()
    assert.ok(wait > 0 && wait < 500)
    t.sends({ flags: 'ACK', ack: 5004 })
    t.sendsNothing()
  })

  it('cannot be configured to half a second [MUST-40]', () => {
    assert.throws(() => tcpConfig({ delayedAck: 500 }), RangeError)
  })

  it('the wait is counted from the first octet, not from the last [MUST-40 SHLD-18]', () => {
    const t = established()
    t.arrives({ data: MSS }).drain()
    t.expire()
    t.drain()
    const start = t.now
    for (let i = 0; i < 3; i++) t.arrives({ data: 10 }).advance(10).sendsNothing()
    t.expire()
    assert.equal(t.now - start, 40)
    t.sends({ ack: 5001 + MSS + 30 })
  })

  it('every second full segment at least [SHLD-19 RFC 2525]', () => {
    const t = established({
      config: { receiveBuffer: 1 << 20, windowScaling: true },
      syn: { windowScale: 0 },
    })
    // The first window is another matter: see below.
    for (let i = 0; i < 20; i++) t.arrives({ data: MSS }).drain()
    let acks = 0
    for (let i = 0; i < 100; i++) acks += t.arrives({ data: MSS }).drain().length
    assert.equal(acks, 50)
  })

  it('a short segment behind a full one does not wait [SHLD-19]', () => {
    const t = established()
    t.arrives({ data: MSS }).sendsNothing()
    t.arrives({ data: 1 }).sends({ flags: 'ACK', ack: 5002 + MSS })
  })

  it('sixteen of the segments that follow two full ones, while the connection is new', () => {
    const t = established()
    t.arrives({ data: 100 }).sendsNothing()
    for (let i = 2; i <= 18; i++) t.arrives({ data: 100 }).sends({ flags: 'ACK', ack: 5001 + 100 * i })
    t.arrives({ data: 100 }).sendsNothing()
    t.arrives({ data: 100 }).sends({ ack: 5001 + 2000 })
    t.arrives({ data: 100 }).sendsNothing()
  })

  it('and after a pause, but not for a peer that is past its first window', () => {
    const t = established()
    for (let i = 0; i < 30; i++) t.arrives({ data: 100 }).drain()
    t.arrives({ data: 100 }).sendsNothing()
    t.arrives({ data: 100 }).drain()
    t.arrives({ data: 100 }).sendsNothing()
    t.arrives({ data: 100 }).drain()
    t.advance(200.5)
    t.arrives({ data: 100 }).sendsNothing()
    for (let i = 0; i < 17; i++) t.arrives({ data: 100 }).sends({ flags: 'ACK' })
    t.arrives({ data: 100 }).sendsNothing()
  })

  it('or none of them, if one is configured so', () => {
    const t = established({ config: { quickAcksInSlowStart: 0 } })
    for (let i = 0; i < 10; i++)
      t.arrives({ data: 100 }).sendsNothing().arrives({ data: 100 }).sends({ flags: 'ACK' })
  })

  it('one that answers with data is a question and an answer: its ACKs wait for company', () => {
    const t = established()
    for (let i = 0; i < 2; i++) t.arrives({ data: 100 })
    t.drain()
    t.send('answer')
    t.sends({ data: 'answer' })
    t.arrives({ data: 100 }).sendsNothing()
  })

  it('a batch is acknowledged once [MUST-58]', () => {
    const t = established()
    for (let i = 0; i < 10; i++) t.arrives({ data: MSS })
    t.sends({ flags: 'ACK', ack: 5001 + 10 * MSS })
    t.sendsNothing()
  })

  it('a batch that fills a hole is acknowledged once, at its highest point [MUST-58 MUST-59]', () => {
    const t = established()
    t.arrives({ seq: 5011, data: 10 }).sends({ ack: 5001 })
    t.arrives({ seq: 5021, data: 10 }).arrives({ seq: 5001, data: 10 })
    t.sends({ flags: 'ACK', ack: 5031 })
    t.sendsNothing()
  })

  it('rides on data [SHLD-18 MUST-58]', () => {
    const t = established()
    t.arrives({ data: 'ping' })
    t.send('pong')
    t.sends({ flags: 'PSH,ACK', ack: 5005, data: 'pong' })
    t.sendsNothing()
    assert.equal(t.tcb.delayedAckAt, Number.POSITIVE_INFINITY)
  })

  it('out of order, filling a gap, a FIN: at once [MAY-13 RFC 5681]', () => {
    const t = established()
    t.arrives({ seq: 5006, data: 'later' }).sends({ ack: 5001 })
    t.arrives({ data: 'first' }).sends({ ack: 5011 })
    t.arrives({ flags: 'FIN,ACK' }).sends({ ack: 5012 })
  })

  it('a segment that came before: at once', () => {
    const t = established()
    t.arrives({ data: 'once' }).expire()
    t.drain()
    t.arrives({ seq: 5001, data: 'once' }).sends({ flags: 'ACK', ack: 5005 })
  })

  it('after a gap the next segments are acknowledged one by one, sixteen of them', () => {
    const t = established()
    t.arrives({ seq: 5011, data: 10 }).sends({ ack: 5001 })
    t.arrives({ seq: 5001, data: 10 }).sends({ ack: 5021 })
    for (let i = 0; i < 16; i++) t.arrives({ data: 10 }).sends({ flags: 'ACK', ack: 5031 + 10 * i })
    t.arrives({ data: 10 }).sendsNothing()
  })

  it('so they are after a segment that came again', () => {
    const t = established({ syn: { sackPermitted: true } })
    t.arrives({ data: 10 }).expire()
    t.drain()
    t.arrives({ seq: 5001, data: 10 }).drain()
    t.arrives({ data: 10 }).sends({ flags: 'ACK', ack: 5021 })
  })

  it('unless one is configured otherwise', () => {
    const t = established({ config: { quickAcksAfterLoss: 0 } })
    t.arrives({ seq: 5011, data: 10 }).sends({ ack: 5001 })
    t.arrives({ seq: 5001, data: 10 }).sends({ ack: 5021 })
    t.arrives({ data: 10 }).sendsNothing()
  })
})
