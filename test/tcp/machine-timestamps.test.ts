import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { established, inState, type Setup } from '../support/transcript.js'

/** Timestamps and PAWS: RFC 7323 sections 3 to 5. The peer's clock is at 1000 when its SYN arrives. */

const DAY = 24 * 3_600_000
const on: Setup = { config: { timestamps: true }, syn: { ts: [1000, 0] }, tsOffset: 777 }
const open = () => established(on)

describe('timestamps', () => {
  it('are in force only if both SYNs carry them [RFC 7323]', () => {
    const t = inState('CLOSED', on).connect()
    t.sends({ flags: 'SYN', ts: [777, 0] })
    t.arrives({ flags: 'SYN,ACK', seq: 5000, ts: null }).sends({ flags: 'ACK', ts: null })
    const server = inState('LISTEN', on)
    server.arrives({ flags: 'SYN', seq: 5000, ts: [1000, 0] }).sends({ flags: 'SYN,ACK', ts: [777, 1000] })
    inState('LISTEN', on).arrives({ flags: 'SYN', seq: 5000 }).sends({ flags: 'SYN,ACK', ts: null })
  })

  it('are then on every segment but a RST, each ms a tick, from an offset of their own [RFC 7323]', () => {
    const t = open()
    t.at(50).send('data')
    t.sends({ data: 'data', ts: [827, 1000] })
    t.close().sends({ flags: 'FIN,ACK', ts: [827, 1000] })
    t.abort().sends({ flags: 'RST' })
  })

  it('cost 12 octets of each segment [MUST-16 RFC 6691]', () => {
    const t = open()
    t.send(3000)
    t.sends({ data: 1448 })
  })

  it('without one a segment is dropped, silently (section 3.2)', () => {
    open().arrives({ ts: null, data: 'lost' }).reacts('NOTS').sendsNothing().reads('')
  })

  it('a RST needs none [RFC 7323]', () => void open().arrives({ flags: 'RST', ts: null }).is('CLOSED'))
})

describe('TS.Recent (section 4.3)', () => {
  it('follows segments in order', () => {
    const t = open()
    t.arrives({ data: 'a', ts: [1100, 0] }).arrives({ data: 'b', ts: [1200, 0] })
    t.sends({ ts: [777, 1100] })
    assert.equal(t.tcb.tsRecent, 1100, 'of the first that the ACK covers')
  })

  it('not those that leave a gap, so that the echo measures from the one that is missing [RFC 7323]', () => {
    const t = open()
    t.arrives({ seq: 5011, data: 'later', ts: [1200, 0] }).sends({ ts: [777, 1000] })
    t.arrives({ data: 10, ts: [1150, 0] }).sends({ ack: 5016, ts: [777, 1150] })
  })

  it('not those whose sequence or acknowledgment is forged (CVE-2005-0356) [RFC 7323]', () => {
    const t = open()
    t.arrives({ seq: 4000, ts: [2_000_000, 0] })
    t.arrives({ seq: 5001 + 100_000, ts: [2_000_000, 0] })
    t.arrives({ ack: t.tcb.sndNxt + 1, ts: [2_000_000, 0] })
    t.arrives({ ack: t.tcb.sndUna - 70_000, ts: [2_000_000, 0] })
    assert.equal(t.tcb.tsRecent, 1000)
    t.drain()
    t.arrives({ data: 'honest', ts: [1001, 0] }).reads('honest')
  })

  it('goes round 2^32', () => {
    const t = established({ ...on, syn: { ts: [-1, 0] } })
    t.arrives({ data: 'a', ts: [0, 0] })
      .arrives({ data: 'b', ts: [1, 0] })
      .reads('ab')
  })
})

describe('PAWS (section 5)', () => {
  it('an older timestamp is an old duplicate: dropped and answered [RFC 7323]', () => {
    const t = open()
    t.arrives({ data: 'new', ts: [1100, 0] })
    t.arrives({ data: 'old', ts: [1099, 0] })
      .reacts('PAWS')
      .reads('new')
    t.sends({ flags: 'ACK', ack: 5004 })
  })

  it('an equal one is none', () => {
    const t = open()
    t.arrives({ data: 'a', ts: [1100, 0] })
      .arrives({ data: 'b', ts: [1100, 0] })
      .reads('ab')
  })

  it('a RST is not asked', () =>
    void open()
      .arrives({ flags: 'RST', ts: [1, 0] })
      .is('CLOSED'))

  it('after 24 days of silence anything is believed again (section 5.5) [RFC 7323]', () => {
    const t = open()
    t.at(24 * DAY - 1)
      .arrives({ data: 'old', ts: [999, 0] })
      .reacts('PAWS')
    t.drain()
    t.at(24 * DAY)
      .arrives({ data: 'new', ts: [999, 0] })
      .reads('new')
    assert.equal(t.tcb.tsRecent, 999)
  })

  it('in TIME_WAIT too, but for a SYN (RFC 6191)', () => {
    const t = inState('TIME_WAIT', on)
    t.arrives({ flags: 'FIN,ACK', seq: 5001, ts: [999, 0] })
      .reacts('PAWS')
      .sends({ flags: 'ACK' })
    assert.equal(t.tcb.deadline, 60_000)
  })
})

describe('round trips (RFC 7323 section 4)', () => {
  it('are measured by the echo where no segment is timed [RFC 7323]', () => {
    const t = open()
    t.send('data')
    t.drain()
    t.expire()
    const { ts } = t.sends({ data: 'data' })
    t.advance(70).arrives({ ts: [1300, ts![0]] })
    assert.equal(t.tcb.rto.latest, 70)
  })

  it('an echo from the future, or of nothing, measures nothing', () => {
    for (const echo of [0, 777 + 10_000_000]) {
      const t = open()
      t.send('data')
      t.drain()
      t.expire()
      t.drain()
      const { latest } = t.tcb.rto
      t.arrives({ ts: [1300, echo] })
      assert.equal(t.tcb.rto.latest, latest)
    }
  })
})
