import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { established } from '../support/transcript.js'

const SACK = { config: { sack: true, delayedAck: 0 }, syn: { sackPermitted: true } }
const STAMPED = {
  config: { ...SACK.config, timestamps: true },
  syn: { sackPermitted: true, ts: [1, 0] as const },
}

/** What a receiver says of segments that come in one batch: nothing less than if each had come alone. */
describe('duplicates and gaps of one batch', () => {
  it('each copy is reported by an acknowledgment of its own [RFC 2883]', () => {
    const t = established(SACK)
    t.arrives({ seq: 5001, data: 300 }).at(1).sends({ ack: 5301 })
    for (const seq of [5001, 5101, 5201]) t.arrives({ seq, data: 100 })
    for (const seq of [5001, 5101, 5201]) t.sends({ ack: 5301, sack: [[seq, seq + 100]] })
    t.sendsNothing()
    assert.equal(t.tcb.duplicateIn, 3)
  })

  it('copies of what waits for reassembly are reported and counted too [RFC 2883]', () => {
    const t = established(SACK)
    t.arrives({ seq: 5101, data: 100 }).sends({ ack: 5001, sack: [[5101, 5201]] })
    t.arrives({ seq: 5101, data: 100 })
    t.sends({
      ack: 5001,
      sack: [
        [5101, 5201],
        [5101, 5201],
      ],
    })
    assert.equal(t.tcb.duplicateIn, 1)
  })

  it('an old copy that PAWS refuses is a duplicate like others [RFC 2883 RFC 7323]', () => {
    const t = established(STAMPED)
    t.arrives({ seq: 5001, data: 100, ts: [1000, 0] })
      .at(50)
      .sends({ ack: 5101 })
    t.arrives({ seq: 5101, data: 100, ts: [1100, 0] }).at(100)
    t.sends({ ack: 5201 })
    t.arrives({ seq: 5001, data: 100, ts: [1000, 0] })
    assert.equal(t.tcb.reaction, 'PAWS')
    t.sends({ ack: 5201, sack: [[5001, 5101]] })
    assert.equal(t.tcb.duplicateIn, 1)
  })

  it('text that Nagle holds back takes no report with it', () => {
    const t = established(SACK)
    t.arrives({ seq: 5001, data: 100 }).at(1).sends({ ack: 5101 })
    t.send('first')
    t.sends({ data: 'first' })
    t.send('held')
    t.sendsNothing()
    t.arrives({ seq: 5001, data: 100 })
    t.sends({ data: '', ack: 5101, sack: [[5001, 5101]] })
    t.sendsNothing()
  })

  it('nothing is noted for a peer that does not permit SACK', () => {
    const t = established()
    t.arrives({ seq: 5001, data: 100 }).arrives({ seq: 5001, data: 100 })
    assert.deepEqual(t.sends({ ack: 5101 }).sack, [])
    t.sendsNothing()
  })

  it('of a flood of copies no more than thirty-two are remembered', () => {
    const t = established(SACK)
    t.arrives({ seq: 5001, data: 100 }).at(1).sends({ ack: 5101 })
    for (let i = 0; i < 1000; i++) t.arrives({ seq: 5001, data: 100 })
    for (let i = 0; i < 32; i++) t.sends({ ack: 5101 })
    t.sendsNothing()
  })

  it('more gaps than an option has room for: among them the acknowledgments speak of every run [RFC 2018]', () => {
    const t = established(SACK)
    const starts = Array.from({ length: 12 }, (_, i) => 5101 + 200 * i)
    for (const seq of starts) t.arrives({ seq, data: 100 })
    const told = new Set<number>()
    for (let i = 0; i < starts.length; i++) {
      const { sack } = t.sends({ ack: 5001 })
      // The last speaks of the newest first.
      if (i === starts.length - 1) assert.equal(sack[0]![0], starts.at(-1))
      for (const [start] of sack) told.add(start)
    }
    t.sendsNothing()
    assert.deepEqual(
      [...told].sort((a, b) => a - b),
      starts,
    )
  })
})
