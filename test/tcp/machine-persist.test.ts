import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { established, inState, type Transcript } from '../support/transcript.js'

/** A closed window, and one that shrinks: RFC 9293 section 3.8.6 and 3.8.6.1. */

const MSS = 1460
const forever = { rtt: 100, config: { userTimeout: Number.POSITIVE_INFINITY } }

const closed = (): Transcript => {
  const t = established(forever)
  t.arrives({ window: 0 })
  t.send(5000)
  return t.sendsNothing()
}

describe('a closed window', () => {
  it('is probed with an octet after one RTO, and the pause doubles [MUST-36 SHLD-29 SHLD-30]', () => {
    const t = closed()
    for (const wait of [300, 600, 1200, 2400]) {
      assert.equal(t.expire(), wait)
      t.sends({ flags: 'ACK', seq: 1001, data: 1 })
      t.sendsNothing()
    }
  })

  it('no pause is longer than a minute [SHLD-30]', () => {
    const t = closed()
    for (let i = 0; i < 50; i++) {
      assert.ok(t.expire() <= 60_000)
      t.drain()
      t.arrives({ ack: 1001, window: 0 })
    }
    t.tcb.r2 = 100
    for (let i = 0; i < 50; i++) {
      assert.ok(t.expire() <= 60_000)
      t.drain()
    }
  })

  it('stays open as long as probes are answered: for a week [MUST-37 RFC 6429]', () => {
    const t = established({ rtt: 100 })
    t.arrives({ window: 0 })
    t.send(5000)
    t.sendsNothing()
    while (t.now < 7 * 24 * 3_600_000) {
      t.expire()
      t.sends({ data: 1 })
      t.arrives({ ack: 1001, window: 0 }).is('ESTABLISHED').sendsNothing()
    }
  })

  it('is given up when probes are not answered (R2)', () => {
    const t = closed()
    while (t.tcb.state === 'ESTABLISHED') {
      t.expire()
      t.drain()
    }
    assert.ok(t.now >= 100_000)
    t.failedWith('ETIMEDOUT')
  })

  it('that opens lets everything go at once, the probe first [MUST-36]', () => {
    const t = closed()
    t.expire()
    t.sends({ data: 1 })
    t.arrives({ ack: 1001, window: 8000 })
    assert.equal(t.sends({ seq: 1001, data: 1 }).retransmission, true)
    for (const seq of [1002, 2462, 3922]) t.sends({ seq, data: MSS })
    t.sends({ seq: 5382, data: 619 })
    t.sendsNothing()
  })

  it('that opens and takes the probe: the rest follows it', () => {
    const t = closed()
    t.expire()
    t.sends({ data: 1 })
    t.arrives({ ack: 1002, window: 8000 }).sends({ seq: 1002, data: MSS })
  })

  it('that takes the probe and stays closed: the next octet is the next probe', () => {
    const t = closed()
    t.expire()
    t.sends({ seq: 1001, data: 1 })
    t.arrives({ ack: 1002, window: 0 }).sendsNothing()
    assert.equal(t.expire(), 600, 'the pause grows as long as the window is closed')
    t.sends({ seq: 1002, data: 1 })
  })

  it('the window update is lost: the probe finds out [MUST-36]', () => {
    const t = closed()
    t.expire()
    t.sends({ data: 1 })
    t.arrives({ ack: 1002, window: 65535 })
    assert.equal(
      t.drain().reduce((n, s) => n + s.data.length, 0),
      4999,
    )
  })

  it('a FIN behind it: probed with in FIN_WAIT_1, CLOSING and LAST_ACK, until it is taken [MUST-36 SHLD-29 SHLD-30]', () => {
    for (const [state, setup] of [
      ['FIN_WAIT_1', 'ESTABLISHED'],
      ['CLOSING', 'ESTABLISHED'],
      ['LAST_ACK', 'CLOSE_WAIT'],
    ] as const) {
      const t = inState(setup, forever)
      t.arrives({ window: 0 }).close().sendsNothing()
      if (state === 'CLOSING') t.arrives({ flags: 'FIN,ACK', ack: 1001, window: 0 }).drain()
      for (const wait of [300, 600, 1200]) {
        assert.equal(t.expire(), wait)
        t.sends({ flags: 'FIN,ACK', seq: 1001 })
        t.is(state)
      }
      t.arrives({ ack: 1002, window: 0 }).is(
        state === 'FIN_WAIT_1' ? 'FIN_WAIT_2' : state === 'CLOSING' ? 'TIME_WAIT' : 'CLOSED',
      )
    }
  })

  it('does not make keep-alive end a connection that is closing', () => {
    const t = established(forever)
    t.arrives({ window: 0 }).keepAlive(10, 10, 2)
    t.send('data')
    t.close().sendsNothing()
    t.at(200).is('FIN_WAIT_1')
    t.at(10_000).is('FIN_WAIT_1')
  })
})

describe('a window that shrinks (MUST-34)', () => {
  const shrunk = (window: number) => {
    const t = established(forever)
    t.send(20_000)
    assert.equal(t.drain().length, 10)
    return t.arrives({ ack: 1001 + MSS, window })
  }

  it('no new data goes, and nothing is reset [SHLD-15 MUST-34]', () => {
    for (const window of [0, 1, MSS, 5 * MSS]) shrunk(window).sendsNothing().is('ESTABLISHED')
  })

  it('old data goes again only inside it [SHLD-16 MAY-7 MUST-34]', () => {
    const t = shrunk(2 * MSS)
    t.expire()
    t.sends({ seq: 1001 + MSS, data: MSS })
    t.arrives({ ack: 1001 + 2 * MSS, window: MSS }).sends({ seq: 1001 + 2 * MSS, data: MSS })
    t.sendsNothing()
  })

  it('to nothing: it is probed, and what lies beyond does not time out [MUST-34 MUST-35 SHLD-17]', () => {
    const t = shrunk(0)
    while (t.now < 3_600_000) {
      t.expire()
      t.sends({ data: 1, seq: 1001 + MSS })
      t.arrives({ ack: 1001 + MSS, window: 0 }).sendsNothing()
    }
    t.is('ESTABLISHED').arrives({ ack: 1001 + MSS, window: 65535 })
    t.sends({ seq: 1001 + MSS, data: MSS })
  })
})
