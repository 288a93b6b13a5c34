import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { urgentRemaining } from '../../src/tcp/urgent.js'
import { established, inState } from '../support/transcript.js'

/** Urgent data: RFC 9293 section 3.8.5, RFC 6093. It stays in line; the user learns that it is there and how far. */

describe('sending urgent data', () => {
  it('the pointer names the octet after it [MUST-62 MUST-30 RFC 6093]', () => {
    const t = established()
    t.send('abc', true)
    t.sends({ flags: 'URG,PSH,ACK', seq: 1001, urgent: 3, data: 'abc' })
  })

  it('counts from each segment, and is gone when it is passed [MUST-62 MUST-30]', () => {
    const t = established()
    t.send(1460)
    t.send('urgent', true)
    t.send(1460)
    t.sends({ flags: 'URG,ACK', seq: 1001, urgent: 1466, data: 1460 })
    t.sends({ flags: 'URG,ACK', seq: 2461, urgent: 6, data: 1460 })
    t.sends({ flags: 'PSH,ACK', seq: 3921, urgent: 0, data: 6 })
  })

  it('a later one takes the place of an earlier', () => {
    const t = established()
    t.send('a', true)
    t.send('b', true)
    t.sends({ flags: 'URG,PSH,ACK', urgent: 2, data: 'ab' })
  })

  it('of any length, the pointer no further than it reaches [MUST-31]', () => {
    const t = established({ config: { windowScaling: true }, syn: { windowScale: 7 } })
    t.arrives()
    t.send(200_000, true)
    const end = 201_001
    for (let sent = t.next(); sent || t.tcb.sndUna !== end; sent = t.next()) {
      if (!sent) {
        t.arrives()
        continue
      }
      assert.equal(sent.urgent, Math.min(end - sent.seq, 65535))
    }
  })

  it('is there again when it is sent again, and not after it was acknowledged', () => {
    const t = established()
    t.send('abc', true)
    t.drain()
    t.expire()
    t.sends({ flags: 'URG,PSH,ACK', urgent: 3, data: 'abc' })
    t.arrives()
    t.send('def')
    t.sends({ flags: 'PSH,ACK', urgent: 0, data: 'def' })
  })
})

describe('receiving urgent data', () => {
  it('is told once when it appears, and whenever it goes on, not for repeats [MUST-32]', () => {
    const t = established()
    t.arrives({ flags: 'URG,ACK', urgent: 10, data: 5 }).tells('READABLE', 'URGENT')
    t.arrives({ flags: 'URG,ACK', urgent: 5, data: 5 }).tells('READABLE')
    t.arrives({ flags: 'URG,ACK', urgent: 1, data: 5 }).tells('READABLE', 'URGENT')
  })

  it('how much is left falls to nothing where the mark is [MUST-33 MUST-62]', () => {
    const t = established()
    t.arrives({ flags: 'URG,ACK', urgent: 7, data: 'urgent!and not' })
    assert.equal(urgentRemaining(t.tcb), 7)
    t.read(3)
    assert.equal(urgentRemaining(t.tcb), 4)
    t.read(4)
    assert.deepEqual([urgentRemaining(t.tcb), t.tcb.urgentReceiving], [0, false])
    t.reads('and not')
  })

  it('may be announced before it is here, without text [MUST-32 MUST-33]', () => {
    const t = established()
    t.arrives({ flags: 'URG,ACK', urgent: 1000 }).tells('URGENT')
    assert.equal(urgentRemaining(t.tcb), 1000)
    t.arrives({ data: 400 }).read()
    assert.equal(urgentRemaining(t.tcb), 600)
  })

  it('a pointer that goes back is ignored [U-29]', () => {
    const t = established()
    t.arrives({ flags: 'URG,ACK', urgent: 1000 }).tells('URGENT')
    t.arrives({ flags: 'URG,ACK', urgent: 10 }).tells()
    assert.equal(urgentRemaining(t.tcb), 1000)
  })

  it('a pointer of nothing, or behind what was read, announces nothing (CVE-2019-12255) [U-29]', () => {
    const t = established()
    t.arrives({ flags: 'URG,ACK', urgent: 0 }).tells()
    t.arrives({ flags: 'URG,ACK', seq: 5001, urgent: 0, data: 'x' }).read()
    t.arrives({ flags: 'URG,ACK', seq: 5001, urgent: 1, data: 'x' })
    assert.equal(urgentRemaining(t.tcb), 0)
  })

  it('counts from SEG.SEQ as it was sent, though the beginning of the segment is old', () => {
    const t = established()
    t.arrives({ data: 'hello' }).read()
    t.arrives({ flags: 'URG,ACK', seq: 5001, urgent: 10, data: 'helloworld' }).reads('world')
    assert.equal(urgentRemaining(t.tcb), 0)
    const other = established()
    other.arrives({ data: 'hello' }).read()
    other.arrives({ flags: 'URG,ACK', seq: 5001, urgent: 10, data: 'helloworld' })
    assert.equal(urgentRemaining(other.tcb), 5)
  })

  it('on a SYN,ACK counts from the SYN', () => {
    const t = inState('SYN_SENT')
    t.arrives({ flags: 'SYN,URG,ACK', seq: 5000, urgent: 6, data: 'hello!' })
    assert.equal(urgentRemaining(t.tcb), 5)
  })

  it('is delivered in line, whole [MUST-30 RFC 6093]', () => {
    const t = established()
    t.arrives({ data: 'be' })
      .arrives({ flags: 'URG,ACK', urgent: 2, data: 'fo' })
      .arrives({ data: 're' })
      .reads('before')
  })

  it('every pointer beside every length is survived (CVE-2020-17437) [U-29]', () => {
    for (const urgent of [0, 1, 2, 7, 8, 9, 65535])
      for (const data of [0, 1, 7, 8]) {
        const t = established()
        t.arrives({ flags: 'URG,ACK', urgent, data })
        assert.ok(urgentRemaining(t.tcb) <= 65535)
        t.read()
        t.arrives({ flags: 'FIN,URG,ACK', urgent })
        assert.ok(urgentRemaining(t.tcb) >= 0)
      }
  })
})
