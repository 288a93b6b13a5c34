// Segments that come late and are not lost: what a sender makes of a path that reorders.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connect, listen, pair } from '../support/worlds-pair.js'

/** A minute over 50 Mbit/s and 50 ms, on which one packet in a hundred is a quarter of the round trip late. */
function minute(seed: number) {
  const late = { delay: 25, rate: 50e6, queue: 312_500, reorder: 0.01, reorderDelay: 12.5 }
  const p = pair({ seed, conditions: late, a: { tcp: { congestion: 'reno' } } })
  const accepted = listen(p)
  const { socket } = connect(p)
  const chunk = new Uint8Array(1 << 16)
  const fill = () => {
    while (socket.send(chunk));
  }
  socket.handler = { open: fill, writable: fill }
  p.world.runSync(60_000)
  return { status: socket.status(), received: accepted[0]!.socket.status().bytesReceived }
}

describe('a path that reorders', () => {
  it('is learnt also from segments that had all gone again when they came: hardly anything is sent twice [RFC 8985]', () => {
    for (const seed of [1, 2, 3]) {
      const { status, received } = minute(seed)
      assert.ok(status.duplicatesReported < 20, `seed ${seed}: ${status.duplicatesReported} for nothing`)
      assert.equal(status.timeouts, 0)
      assert.ok((received * 8) / 60 > 0.9 * 50e6, `seed ${seed}: ${(received * 8) / 60}`)
    }
  })
})
