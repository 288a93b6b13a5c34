// Segments that are lost and never late: nothing that a sender does about them is ever found to have been needless.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connect, listen, pair } from '../support/worlds-pair.js'

/** Ten seconds over 50 Mbit/s and 50 ms that lose three segments in a hundred, and no acknowledgment. */
function tenSeconds(seed: number, congestion: 'reno' | 'cubic' | 'bbr', timestamps: boolean) {
  const conditions = { delay: 25, rate: 50e6, queue: 312_500 }
  const p = pair({
    seed,
    conditions: [{ ...conditions, loss: 0.03 }, conditions],
    a: { tcp: { congestion, timestamps } },
  })
  listen(p)
  const { socket } = connect(p)
  const chunk = new Uint8Array(1 << 16)
  const fill = () => {
    while (socket.send(chunk));
  }
  socket.handler = { open: fill, writable: fill }
  p.world.runSync(10_000)
  return socket.status()
}

describe('a path that loses and does not reorder', () => {
  for (const congestion of ['reno', 'cubic', 'bbr'] as const)
    for (const timestamps of [true, false])
      it(`no recovery is taken back, ${congestion}, ${timestamps ? '' : 'no '}timestamps [RFC 3522 RFC 4015 RFC 3708]`, () => {
        // Copies of one recovery are on their way when the next begins: their echoes are older than its own.
        for (let seed = 1; seed <= 8; seed++) {
          const { segmentsRetransmitted, spuriousRecoveries } = tenSeconds(seed, congestion, timestamps)
          assert.ok(segmentsRetransmitted > 20, `seed ${seed}: ${segmentsRetransmitted}`)
          assert.equal(spuriousRecoveries, 0, `seed ${seed}`)
        }
      })
})
