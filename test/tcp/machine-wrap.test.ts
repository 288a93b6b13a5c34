import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { send } from '../../src/tcp/calls.js'
import { TransmitSlot } from '../../src/tcp/slot.js'
import { transmit } from '../../src/tcp/transmit.js'
import { established, type Transcript } from '../support/transcript.js'

/** Long lives: what happens after 2^31 and 2^32 octets, when sequence numbers come round (U-02, F08). */

const JUMBO = { syn: { mss: 65495 }, maxSegment: 65535, rtt: 1 }
const chunk = new Uint8Array(65495)
const slot = new TransmitSlot()

/** Sends `octets`, each segment full and acknowledged, as far as they go. */
function pour(t: Transcript, octets: number): void {
  for (let left = octets; left > 0; left -= chunk.length) {
    send(t.tcb, left >= chunk.length ? chunk : chunk.subarray(0, left), t.now)
    while (transmit(t.tcb, t.now, slot));
    t.arrives()
  }
}

describe('after 2^31 octets sent', () => {
  it('three duplicate ACKs are a loss [U-02]', () => {
    const t = established(JUMBO)
    pour(t, 2 ** 31 + 2 ** 20)
    for (let i = 0; i < 4; i++) t.send(1000)
    t.tcb.nagle = false
    t.drain()
    const una = t.tcb.sndUna
    for (let i = 0; i < 3; i++) t.arrives({ ack: una })
    assert.equal(t.tcb.recovery.state, 'recovery')
    t.sends({ seq: una, data: 4000 })
  })

  it('Nagle lets a short segment go on an idle connection [U-02]', () => {
    const t = established(JUMBO)
    pour(t, chunk.length * Math.ceil((2 ** 31 + 2 ** 20) / chunk.length))
    t.send('short')
    t.sends({ flags: 'PSH,ACK', data: 'short' })
  })
})

describe('when SND.UNA comes round to ISS', () => {
  const round = () => {
    const t = established(JUMBO)
    pour(t, 2 ** 32 - 1)
    assert.equal(t.tcb.sndUna, t.tcb.iss)
    return t
  }

  it('a last octet is sent, before the FIN [U-02]', () => {
    const t = round()
    t.send('!')
    t.close().sends({ flags: 'FIN,PSH,ACK', seq: t.tcb.iss, data: '!' })
  })

  it('the retransmission timer does not take data for a SYN [U-02]', () => {
    const t = round()
    t.send('data')
    t.drain()
    t.expire()
    t.sends({ flags: 'PSH,ACK', seq: t.tcb.iss, data: 'data' })
  })

  it('an ACK there is none of a SYN', () => {
    const t = round()
    t.tcb.synRetransmitted = true
    t.send(3000)
    const { cwnd } = t.tcb.congestion
    t.drain()
    t.arrives()
    assert.ok(t.tcb.congestion.cwnd >= cwnd)
  })

  it('a closed window is still probed [U-02]', () => {
    const t = round()
    t.arrives({ window: 0 })
    t.send('data')
    t.sendsNothing().expire()
    t.sends({ flags: 'ACK', seq: t.tcb.iss, data: 1 })
    t.arrives({ ack: t.tcb.iss, window: 0 })
    t.expire()
    t.sends({ flags: 'ACK', seq: t.tcb.iss, data: 1 })
  })
})

describe('everywhere on the circle', () => {
  for (const iss of [0, -1, -2, 0x7fffffff, 0x80000000 | 0, 0x7ffffffe])
    it(`a connection whose numbers begin at ${iss} opens, carries data and closes [U-02]`, () => {
      const t = established({ iss, irs: iss })
      t.send(100_000)
      let data = 0
      for (let sent = t.drain(); sent.length > 0; sent = t.drain()) {
        for (const s of sent) data += s.data.length
        t.arrives()
      }
      assert.equal(data, 100_000)
      t.arrives({ seq: t.tcb.rcvNxt + 5, data: 5 })
        .arrives({ data: 5 })
        .drain()
      assert.equal(t.tcb.receiveQueue.length, 10)
      t.close().sends({ flags: 'FIN,ACK' })
      t.arrives({ flags: 'FIN,ACK' }).is('TIME_WAIT')
    })
})
