import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ACK, FIN, PSH, RST, ScriptedPeer } from '../support/scripted-peer.js'
import { connect, listen, pair } from '../support/worlds-pair.js'

/** Segment sizes and windows as a whole stack has them: RFC 9293 sections 3.7 and 3.8.6. */

const lengths = (segments: { payloadLength: number }[]) => segments.map(s => s.payloadLength)

describe('the segment size', () => {
  it('of a peer that names none is 536 over IPv4, 1220 over IPv6 [MUST-15]', () => {
    for (const [six, size] of [
      [false, 536],
      [true, 1220],
    ] as const)
      for (const way of ['connected', 'accepted'] as const) {
        const p = new ScriptedPeer({ six, synOptions: [] })[way]()
        p.socket.send(new Uint8Array(5000))
        assert.equal(Math.max(...lengths(p.heard())), size)
      }
  })

  it('of a peer that says 65535 is what the path takes [U-13]', () => {
    for (const [mtu, six, size] of [
      [1500, false, 1460],
      [9000, true, 8940],
      [65_535, false, 65_495],
    ] as const) {
      const p = new ScriptedPeer({ mtu, six, synOptions: [2, 4, 255, 255] }).connected()
      p.socket.send(new Uint8Array(60_000))
      assert.equal(lengths(p.heard())[0], Math.min(size, 60_000))
    }
  })
})

describe('a window of the peer', () => {
  it('is used up to 65535, and never taken for a negative number [MUST-1]', () => {
    for (const window of [0x7fff, 0x8000, 0xffff]) {
      const p = new ScriptedPeer({ tcp: { initialWindow: 100 }, window }).connected()
      p.socket.send(new Uint8Array(100_000))
      const sent = lengths(p.heard()).reduce((a, b) => a + b, 0)
      assert.ok(sent <= window && sent > window - 1460, `${sent} of ${window}`)
    }
  })

  it('scaled by 14 is a gigabyte, and still none too large [MUST-1 REC-1 RFC 7323]', () => {
    const p = new ScriptedPeer({
      tcp: { windowScaling: true, initialWindow: 1000 },
      synOptions: [2, 4, 5, 0xb4, 1, 3, 3, 14],
    }).connected()
    p.say({ window: 65535 })
    assert.equal(p.socket.status().sndWnd, 65535 * 2 ** 14)
    p.socket.send(new Uint8Array(1_400_000))
    assert.equal(
      lengths(p.heard()).reduce((a, b) => a + b, 0),
      1_400_000,
    )
  })
})

describe('a window of ours that nobody reads from', () => {
  const full = (): ScriptedPeer => {
    const p = new ScriptedPeer({ tcp: { receiveBuffer: 4096 } }).connected()
    for (const length of [1460, 1460, 1176]) p.text(length)
    p.env.pass(100)
    p.link.take()
    return p
  }

  it('stays closed as long as the user likes, and probes are answered with it [MAY-8 U-15]', () => {
    const p = full()
    for (let hour = 0; hour < 24 * 7; hour++) {
      p.env.pass(3_600_000)
      const [answer, ...more] = p.say({ flags: ACK | PSH, payload: [1] })
      assert.deepEqual([answer!.flags, answer!.ack >>> 0, answer!.window, more.length], [ACK, p.seq, 0, 0])
    }
    assert.deepEqual([p.socket.state, p.socket.receiveQueued], ['ESTABLISHED', 4096])
    p.read()
    assert.ok(p.heard()[0]!.window >= 1460, 'read at last, it opens')
  })

  it('still hears acknowledgments, and RST [MUST-66]', () => {
    const p = full()
    p.socket.send(new Uint8Array(10))
    assert.equal(p.heard().length, 1)
    p.say({ payload: [1] })
    assert.equal(p.socket.sendQueued, 0)
    p.say({ flags: RST, ack: 0 })
    assert.equal(p.socket.state, 'CLOSED')
  })

  it('takes a FIN, which needs no room', () => {
    const p = full()
    p.say({ flags: FIN | ACK })
    assert.equal(p.socket.state, 'CLOSE_WAIT')
  })
})

describe('between two hosts', () => {
  it('what comes in the opposite order is put in order, and nothing is sent twice [SHLD-31]', () => {
    const p = pair({ a: { tcp: { duplicateAckThreshold: 100 } } })
    const accepted = listen(p)
    const client = connect(p)
    p.world.runSync(1000)
    let held = 8
    p.cable.forward.intercept(packet =>
      packet.payloadLength > 0 && held > 0 ? { hold: 5 * held-- } : 'pass',
    )
    const bytes = Uint8Array.from({ length: 8 * 1448 }, (_, i) => i >> 6)
    client.socket.send(bytes)
    p.world.runSync(5000)
    const server = accepted[0]!
    assert.deepEqual(Buffer.concat(server.bytes), Buffer.from(bytes))
    assert.ok(server.socket.status().outOfOrderIn >= 6)
    assert.equal(client.socket.status().segmentsRetransmitted, 0)
  })

  it('all that was sent before the close arrives, though much is lost, and then the end [U-10 U-32]', () => {
    for (const seed of [1, 2, 3]) {
      const p = pair({ seed, conditions: { delay: 10, loss: 0.1, reorder: 0.1, reorderDelay: 30 } })
      const accepted = listen(p)
      const client = connect(p)
      const bytes = Uint8Array.from({ length: 100_001 }, (_, i) => (i * 7) ^ (i >> 8))
      client.socket.send(bytes)
      p.world.runSync(p.world.now + 3000)
      assert.equal(client.socket.state, 'ESTABLISHED')
      client.socket.close()
      p.world.runSync(p.world.now + 600_000)
      const server = accepted[0]!
      assert.deepEqual(Buffer.concat(server.bytes), Buffer.from(bytes))
      assert.equal(server.told.at(-1), 'end')
    }
  })
})
