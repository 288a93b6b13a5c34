import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setNoDelay } from '../../src/tcp/calls.js'
import { established } from '../support/transcript.js'

/** Small segments: Nagle (RFC 9293 section 3.7.4) in Minshall's form (appendix A.3), cork, and PSH. */

const MSS = 1460

describe('Nagle', () => {
  it('a small write on an idle connection goes at once [SHLD-7 MUST-60]', () => {
    const t = established()
    t.send('a')
    t.sends({ flags: 'PSH,ACK', data: 'a' })
  })

  it('while a small segment is unacknowledged the next ones wait, and go together [SHLD-7 SHLD-27 MAY-16]', () => {
    const t = established()
    t.send('a')
    t.sends({ data: 'a' })
    for (const one of 'bcd') t.send(one)
    t.sendsNothing().arrives()
    t.sends({ flags: 'PSH,ACK', seq: 1002, data: 'bcd' })
  })

  it('a full segment never waits [SHLD-7]', () => {
    const t = established()
    t.send('a')
    t.sends({ data: 1 })
    t.send(MSS)
    t.sends({ flags: 'PSH,ACK', seq: 1002, data: MSS })
  })

  it('a FIN does not wait, and takes the rest with it [U-32]', () => {
    const t = established()
    t.send('a')
    t.sends({ data: 'a' })
    t.send('b')
    t.close().sends({ flags: 'FIN,PSH,ACK', data: 'b' })
  })

  it('Minshall: a short segment may follow full ones that are unacknowledged [SHLD-7]', () => {
    const t = established()
    t.send(2 * MSS + 10)
    for (const data of [MSS, MSS, 10]) t.sends({ data })
    t.send('more')
    t.sendsNothing()
      .arrives({ ack: 1001 + 2 * MSS })
      .sendsNothing()
    t.arrives().sends({ data: 'more' })
  })

  it('off for one connection, by the user [MUST-17]', () => {
    const [t, other] = [established(), established()]
    setNoDelay(t.tcb, true)
    for (const one of 'abc') {
      t.send(one)
      t.sends({ flags: 'PSH,ACK', data: one })
    }
    other.send('a')
    other.sends({ data: 'a' })
    other.send('b')
    other.sendsNothing()
  })

  it('turned off, what waits goes [MUST-17]', () => {
    const t = established()
    t.send('a')
    t.sends({ data: 'a' })
    t.send('b')
    t.sendsNothing()
    setNoDelay(t.tcb, true)
    t.sends({ data: 'b' })
  })
})

describe('cork', () => {
  const corked = () => {
    const t = established({ rtt: 100 })
    t.tcb.corked = true
    return t
  }

  it('holds back what does not fill a segment [MAY-16]', () => {
    const t = corked()
    t.send('a')
    t.sendsNothing().send(MSS)
    t.sends({ flags: 'ACK', seq: 1001, data: MSS })
    t.sendsNothing()
  })

  it('goes when it is taken off', () => {
    const t = corked()
    t.send('a')
    t.sendsNothing()
    t.tcb.corked = false
    t.sends({ flags: 'PSH,ACK', data: 'a' })
    assert.equal(t.tcb.retransmitAt - t.now, t.tcb.rto.rto)
  })

  it('goes after 200 ms at the latest [MUST-60 U-16]', () => {
    const t = corked()
    t.send('a')
    t.sendsNothing()
    assert.equal(t.expire(), 200)
    t.sends({ flags: 'PSH,ACK', seq: 1001, data: 'a' })
    t.sendsNothing()
  })

  it('and is then retransmitted after an RTO, with backoff, until R2 (RFC 6298)', () => {
    const t = corked()
    t.tcb.r2 = 3
    t.send('a')
    t.sendsNothing().expire()
    t.sends({ data: 'a' })
    for (const wait of [300, 600, 1200]) {
      assert.equal(t.expire(), wait)
      t.sends({ seq: 1001, data: 'a' })
      t.sendsNothing()
    }
    t.expire()
    t.is('CLOSED').failedWith('ETIMEDOUT')
  })

  it('a FIN goes through it [U-32]', () => {
    const t = corked()
    t.send('a')
    t.close().sends({ flags: 'FIN,PSH,ACK', data: 'a' })
  })
})

describe('PSH', () => {
  it('is on the segment that empties the queue, and on no other [MUST-61 SHLD-27]', () => {
    const t = established()
    for (const size of [1000, 1000, 1000]) t.send(size)
    t.sends({ flags: 'ACK', data: MSS })
    t.sends({ flags: 'ACK', data: MSS })
    t.sends({ flags: 'PSH,ACK', data: 80 })
  })
})
