import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setKeepAlive } from '../../src/tcp/timeouts.js'
import { established, inState } from '../support/transcript.js'

/** Keep-alive: RFC 9293 section 3.8.4. */

const HOUR = 3_600_000
const probe = { flags: 'ACK', seq: 1000, ack: 5001 }

describe('keep-alive', () => {
  it('is off unless the user turns it on: a day without a segment [MUST-25]', () => {
    const t = established()
    assert.equal(t.tcb.deadline, Number.POSITIVE_INFINITY)
    t.at(24 * HOUR).sendsNothing()
  })

  it('first after two hours, unless the user says otherwise [MUST-28]', () => {
    const t = established()
    setKeepAlive(t.tcb, true, 0)
    assert.equal(t.expire(), 2 * HOUR)
    t.sends(probe)
  })

  it('as often as the user says, without data, one octet early [MUST-27 SHLD-12 MAY-5]', () => {
    const t = established().keepAlive(10_000, 2000, 5)
    assert.equal(t.expire(), 10_000)
    t.sends(probe)
    t.sendsNothing()
    assert.equal(t.expire(), 2000)
    t.sends(probe)
  })

  it('can be turned off again [MUST-24]', () => {
    const t = established().keepAlive(10_000, 2000, 5)
    t.expire()
    t.drain()
    setKeepAlive(t.tcb, false, t.now)
    assert.equal(t.tcb.deadline, Number.POSITIVE_INFINITY)
  })

  it('only in silence: what arrives puts it off [MUST-26]', () => {
    const t = established().keepAlive(10_000, 2000, 5)
    t.at(9999).arrives().at(19_998).sendsNothing()
    t.at(19_999).sends(probe)
  })

  it('not while anything is unacknowledged [MUST-26]', () => {
    const t = established({ config: { userTimeout: Number.POSITIVE_INFINITY } }).keepAlive(1000, 1000, 2)
    t.send('data')
    t.drain()
    while (t.now < 30_000) {
      t.expire()
      for (const s of t.drain()) assert.equal(s.seq, 1001)
    }
    t.is('ESTABLISHED')
  })

  it('one answer is enough, and the count begins again [MUST-29]', () => {
    const t = established().keepAlive(10_000, 1000, 3)
    for (let quiet = 0; quiet < 200_000; quiet = t.now) {
      t.at(quiet + 9999).sendsNothing()
      for (const after of [10_000, 11_000, 12_000]) t.at(quiet + after).sends(probe)
      t.arrives()
    }
    t.is('ESTABLISHED')
  })

  it('dead is who answers none of them [MAY-5 RFC 2525]', () => {
    const t = established().keepAlive(10_000, 1000, 3)
    while (t.tcb.state === 'ESTABLISHED') {
      t.expire()
      t.drain()
    }
    assert.equal(t.now, 13_000)
    t.failedWith('ETIMEDOUT')
  })

  it('asked for before the connection is open, it begins when it is, on both sides', () => {
    const client = inState('SYN_SENT').keepAlive(10_000, 1000, 3)
    client.arrives({ flags: 'SYN,ACK', seq: 5000 }).drain()
    assert.equal(client.tcb.keepAliveAt, 10_000)
    const server = inState('SYN_RECEIVED').keepAlive(10_000, 1000, 3)
    server.arrives().is('ESTABLISHED').drain()
    assert.equal(server.tcb.keepAliveAt, 10_000)
  })

  it('a probe of the peer is answered [MAY-6]', () => {
    established().arrives({ seq: 5000 }).sends({ flags: 'ACK', seq: 1001, ack: 5001 })
    established().arrives({ seq: 5000, data: 1 }).sends({ flags: 'ACK', seq: 1001, ack: 5001 })
  })
})
