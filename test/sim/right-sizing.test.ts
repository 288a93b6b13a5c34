import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type HostOptions, World } from '../../src/sim/index.js'
import type { Socket } from '../../src/stack/index.js'
import { IpAddress } from '../../src/wire/address.js'

/** Buffers that follow the path (right-sizing.ts), in virtual time. */

const RATE = 400e6
const RTT = 100

/** One connection that sends as much as it may; `reads` octets of what arrives are read each ms, all if not given. */
function transfer(client: HostOptions, server: HostOptions, ms: number, reads = Number.POSITIVE_INFINITY) {
  const world = new World({ seed: 3 })
  const [a, b] = [world.host('a', client), world.host('b', server)]
  const line = { rate: RATE, delay: RTT / 2, queue: (RATE * RTT) / 8000 }
  world.connect(a, b, { addresses: [['10.0.0.1/24'], ['10.0.0.2/24']], conditions: line })
  let received = 0
  let peer: Socket | undefined
  const read = (most: number) => {
    for (let n = 0; n < most; ) {
      const bytes = peer!.receive(Math.min(most - n, 1 << 30))
      if (!bytes) return
      n += bytes.length
      received += bytes.length
    }
  }
  b.stack.listen({
    port: 80,
    onConnection: socket => {
      peer = socket
      if (reads === Number.POSITIVE_INFINITY) socket.handler = { readable: () => read(reads) }
    },
  })
  const fill = () => {
    while (sender.send(new Uint8Array(65_536)));
  }
  const sender = a.stack.connect({
    remote: IpAddress.parse('10.0.0.2'),
    port: 80,
    handler: { open: () => fill(), writable: () => fill() },
  })
  for (let t = 1; t <= ms; t++) {
    world.runSync(t)
    if (peer && reads !== Number.POSITIVE_INFINITY) read(reads)
  }
  return { received: () => received, peer: peer!, sender, world }
}

describe('buffers grow with the path', () => {
  it('400 Mbit/s and 100 ms are filled though nobody set a buffer', () => {
    const t = transfer({}, {}, 2000)
    const before = t.received()
    t.world.runSync(3000)
    const rate = (t.received() - before) * 8
    assert.ok(rate > 0.95 * RATE, `${rate / 1e6} Mbit/s`)
    assert.ok(t.peer.status().rcvSpace > (RATE * RTT) / 8000)
    assert.ok(t.peer.status().rcvSpace <= 65_535 << 8)
    assert.ok(t.sender.sendLimit > (RATE * RTT) / 8000)
  })

  it('without timestamps as well', () => {
    const t = transfer({}, { tcp: { timestamps: false } }, 3000)
    const before = t.received()
    t.world.runSync(4000)
    assert.ok((t.received() - before) * 8 > 0.9 * RATE, `${((t.received() - before) * 8) / 1e6} Mbit/s`)
  })

  it('one that was set stays, and so limits what a round trip carries', () => {
    const t = transfer({}, { tcp: { receiveBuffer: 500_000 } }, 3000)
    assert.equal(t.peer.status().rcvSpace, 500_000)
    const before = t.received()
    t.world.runSync(4000)
    const perRoundTrip = (t.received() - before) / 10
    assert.ok(perRoundTrip > 400_000 && perRoundTrip <= 510_000, `${perRoundTrip}`)
    const fixed = transfer({ tcp: { sendBuffer: 300_000 } }, {}, 3000)
    assert.equal(fixed.sender.sendLimit, 300_000)
  })

  it('a slow reader is not sent more than before', () => {
    // 8 Mbit/s.
    const t = transfer({}, {}, 3000, 1000)
    assert.equal(t.peer.status().rcvSpace, 1 << 20)
    assert.ok(t.peer.receiveQueued <= (1 << 20) + (2 << 8))
  })

  it('setReceiveBuffer and setSendBuffer end it', () => {
    const t = transfer({}, {}, 300)
    t.peer.setReceiveBuffer(2 << 20)
    t.sender.setSendBuffer(400_000)
    t.world.runSync(3000)
    assert.equal(t.peer.status().rcvSpace, 2 << 20)
    assert.equal(t.sender.sendLimit, 400_000)
  })
})

describe('another controller in the middle of a connection', () => {
  it('goes on with the window of the old one', () => {
    const t = transfer({}, {}, 1000)
    const { cwnd } = t.sender.status()
    t.sender.setCongestionControl('reno')
    assert.deepEqual([t.sender.status().congestionControl, t.sender.status().cwnd], ['reno', cwnd])
    const before = t.received()
    t.world.runSync(2000)
    assert.ok((t.received() - before) * 8 > 0.5 * RATE)
  })

  it('of a name that nobody has is a RangeError with those there are', () => {
    const t = transfer({}, {}, 200)
    assert.throws(
      () => t.sender.setCongestionControl('vegas' as 'reno'),
      /RangeError: .*vegas.*cubic, bbr, bbr1, reno/,
    )
    assert.throws(() => new World().host('x', { tcp: { congestion: 'vegas' as 'reno' } }), RangeError)
    assert.equal(t.sender.status().congestionControl, 'cubic')
  })
})
