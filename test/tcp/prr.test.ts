import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ProportionalRateReduction } from '../../src/tcp/prr.js'

/** Proportional rate reduction, RFC 9937: what it lets go on each acknowledgment, in segments. */

/**
 * A recovery: `flight` segments in flight, `lost` of them lost, all marked at its beginning. Each that is left arrives
 * and is reported; what goes out is counted. Segments sent meanwhile do not arrive within this round trip.
 */
function recovery(flight: number, lost: number, ssthresh: number, before = 1): number[] {
  const prr = new ProportionalRateReduction()
  let pipe = flight - lost - before
  prr.begin(flight, ssthresh)
  const sent: number[] = []
  const acknowledge = (delivered: number, safe: boolean) => {
    prr.onAck(delivered, pipe, ssthresh, 1, safe)
    const n = Math.max(0, Math.floor(prr.window - pipe))
    for (let i = 0; i < n; i++) prr.onSent(1)
    pipe += n
    sent.push(n)
  }
  acknowledge(before, false)
  for (let i = flight - lost - before; i > 0; i--) {
    pipe--
    acknowledge(1, false)
  }
  return sent
}

const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0)

describe('PRR', () => {
  it('one of twenty lost, half the window: one goes for every two that arrive [RFC 9937]', () => {
    const sent = recovery(20, 1, 10)
    assert.equal(sent[0], 1, 'the retransmission at once')
    assert.ok(
      sent.every(n => n <= 1),
      'never two',
    )
    // When the pipe has come down to ssthresh, each that arrives lets one go.
    assert.deepEqual(sent, [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1])
    assert.equal(sum(sent), 10)
  })

  it('the pipe at the end is ssthresh [RFC 9937]', () => {
    for (const [flight, ssthresh] of [
      [20, 10],
      [100, 70],
      [31, 15],
      [10, 7],
    ] as const)
      assert.equal(sum(recovery(flight, 1, ssthresh)), ssthresh)
  })

  it('most of twenty lost: no more goes than arrives, and one (the conservative bound) [RFC 9937]', () => {
    const sent = recovery(20, 15, 10)
    assert.ok(
      sent.every(n => n <= 1),
      `${sent}`,
    )
    assert.equal(sum(sent), 5)
  })

  it('most lost, and SND.UNA advances with nothing more lost: one more than arrives, up to ssthresh [RFC 9937]', () => {
    const prr = new ProportionalRateReduction()
    prr.begin(20, 10)
    prr.onAck(1, 4, 10, 1, true)
    assert.equal(prr.window, 6)
    prr.onSent(2)
    prr.onAck(1, 9, 10, 1, true)
    assert.equal(prr.window, 10, 'not past ssthresh')
  })

  it('an acknowledgment of much lets much go: what was not used is not lost [RFC 9937]', () => {
    const prr = new ProportionalRateReduction()
    prr.begin(20, 10)
    prr.onAck(1, 18, 10, 1, false)
    assert.equal(prr.window, 19)
    prr.onSent(1)
    prr.onAck(5, 14, 10, 1, false)
    assert.equal(prr.window, 14 + 2, 'six have arrived, three may go, one has')
  })
})
