// Accurate ECN (RFC 9768) over a queue that marks: what both ends count is what the queue has marked.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Conditions } from '../../src/sim/wire.js'
import type { TcpConfig } from '../../src/tcp/config.js'
import { connect, listen, pair } from '../support/worlds-pair.js'

const ASKING: Partial<TcpConfig> = { ecn: 'request', accurateEcn: 'request', congestion: 'reno' }
const SIZE = 4_000_000

/** One transfer from `a` to `b`. */
function transfer(conditions: [Conditions, Conditions], tcp: Partial<TcpConfig> = {}, seed = 1) {
  const p = pair({ conditions, seed, a: { tcp: { ...ASKING, ...tcp } }, b: { tcp } })
  const accepted = listen(p)
  const client = connect(p)
  p.world.runSync(500)
  client.socket.send(new Uint8Array(SIZE))
  p.world.runSync(60_000)
  const server = accepted[0]!.socket
  return { p, client: client.socket, server, sender: client.socket.status(), receiver: server.status() }
}

const marking: Conditions = {
  delay: 5,
  rate: 20e6,
  queue: 400_000,
  aqm: { kind: 'codel', ecn: true, target: 2, interval: 20 },
}

describe('accurate ECN over a queue that marks', () => {
  it('counts what was marked, to the packet and to the octet', () => {
    const { p, sender, receiver } = transfer([marking, { delay: 5 }])
    const { marked } = p.cable.forward
    assert.ok(marked > 5, String(marked))
    assert.equal(receiver.bytesReceived, SIZE)
    assert.equal(receiver.receivedCe, marked)
    assert.equal(sender.deliveredCe, marked)
    const { ce, ect0 } = sender.deliveredEcnOctets
    assert.equal(ce + ect0, SIZE)
    assert.equal(sender.segmentsRetransmitted, 0)
  })

  it('without the option the counter is enough', () => {
    const { p, sender, receiver } = transfer([marking, { delay: 5 }], { accurateEcnOption: 'never' })
    assert.ok(p.cable.forward.marked > 5)
    assert.equal(receiver.receivedCe, p.cable.forward.marked)
    assert.equal(sender.deliveredCe, p.cable.forward.marked)
    assert.deepEqual(sender.deliveredEcnOctets, { ect1: 0, ce: 0, ect0: 0 })
  })

  it('who does not speak it is left with RFC 3168', () => {
    const accurate = transfer([marking, { delay: 5 }])
    const classic = transfer([marking, { delay: 5 }], { accurateEcn: 'off' })
    assert.equal(classic.sender.accurateEcn, false)
    assert.equal(classic.sender.ecn, true)
    for (const { receiver } of [accurate, classic]) assert.equal(receiver.bytesReceived, SIZE)
  })

  it('acknowledgments are lost: later ones say all that they would have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.boolean(), (seed, sack) => {
        const { p, sender, receiver } = transfer([marking, { delay: 5, loss: 0.3 }], { sack }, seed)
        assert.equal(receiver.receivedCe, p.cable.forward.marked)
        // A SYN,ACK that had to be repeated brings no option, and then a sender must be wary.
        if (sender.deliveredEcnOctets.ect0 > 0) assert.equal(sender.deliveredCe, receiver.receivedCe)
        else assert.ok(sender.deliveredCe >= receiver.receivedCe)
      }),
      { numRuns: 10 },
    )
  })

  it('and without the option the sender is wary: it knows of no fewer than there were', () => {
    const { p, sender } = transfer([marking, { delay: 5, loss: 0.3 }], { accurateEcnOption: 'never' })
    assert.ok(sender.deliveredCe >= p.cable.forward.marked)
  })
})
