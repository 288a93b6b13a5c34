import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { established, type Transcript } from '../support/transcript.js'

/** What a path that is known to reorder does to the window. */

const MSS = 1460
const at = (n: number) => 1001 + n * MSS

/** Ten segments in flight, 0 .. 9, and more waiting; the peer sends SACK. */
function bulk(): Transcript {
  const t = established({
    rtt: 100,
    congestion: 'reno',
    config: { sack: true, windowScaling: true },
    syn: { windowScale: 6, sackPermitted: true },
  })
  t.send(1_000_000)
  assert.equal(t.drain().length, 10)
  return t.advance(100)
}

const cwnd = (t: Transcript): number => t.tcb.congestion.cwnd / MSS

describe('the window while something is missing', () => {
  it('stays until the path has been seen to reorder', () => {
    const t = bulk()
    t.arrives({ ack: at(0), sack: [[at(1), at(3)]] }).drain()
    assert.equal(cwnd(t), 10)
    assert.equal(t.tcb.recovery.state, 'disorder')
  })

  it('grows by what is reported once it has been: that arrived, and was only overtaken', () => {
    const t = bulk()
    t.arrives({ ack: at(0), sack: [[at(1), at(3)]] }).drain()
    t.arrives({ ack: at(3) }).drain()
    // The late one alone is news.
    assert.equal(cwnd(t), 11)
    t.arrives({ ack: at(3), sack: [[at(4), at(5)]] }).drain()
    assert.equal(cwnd(t), 12)
    t.arrives({ ack: at(3), sack: [[at(4), at(6)]] }).drain()
    assert.equal(cwnd(t), 13)
    // The same again is no news.
    t.arrives({ ack: at(3), sack: [[at(4), at(6)]] }).drain()
    assert.equal(cwnd(t), 13)
    t.arrives({ ack: at(6) }).drain()
    assert.equal(cwnd(t), 14, 'six segments have arrived, of which the first two did not count')
  })

  it('does not grow by reports in a recovery', () => {
    const t = bulk()
    t.arrives({ ack: at(0), sack: [[at(1), at(2)]] }).drain()
    t.arrives({ ack: at(2) }).drain()
    // Nothing comes for so long that the missing one is taken for lost.
    t.arrives({ ack: at(2), sack: [[at(3), at(6)]] }).drain()
    t.advance(60).drain()
    assert.equal(t.tcb.recovery.state, 'recovery')
    const { ssthresh } = t.tcb.congestion
    t.arrives({ ack: at(2), sack: [[at(3), at(8)]] }).drain()
    assert.equal(t.tcb.congestion.cwnd, ssthresh)
  })
})
