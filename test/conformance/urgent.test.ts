import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ACK, PSH, ScriptedPeer, URG } from '../support/scripted-peer.js'
import { open, pair, Witness } from '../support/worlds-pair.js'

/** Urgent data between two stacks, and by a socket's methods: RFC 9293 section 3.8.5. */

/** Reads as a user of urgent data does: hurriedly up to the mark, and counts. */
class Hurried extends Witness {
  urgents = 0
  hurried = 0
  calm = 0

  override readable(): void {
    for (;;) {
      const ahead = this.socket.status().urgentRemaining
      const bytes = this.socket.receive(ahead > 0 ? ahead : undefined)
      if (!bytes) return
      if (ahead > 0) this.hurried += bytes.length
      else this.calm += bytes.length
    }
  }

  urgent(): void {
    this.urgents++
  }
}

describe('urgent data between two hosts', () => {
  for (const length of [1, 2, 1460, 70_000, 1 << 20])
    it(`${length} octets of it arrive, are announced, and end where they should [MUST-30 MUST-31 MUST-32 MUST-33]`, () => {
      const p = pair({ conditions: { delay: 10, loss: 0.02 } })
      const { client, server } = open(p)
      const hurried = new Hurried()
      hurried.socket = server.socket
      server.socket.handler = hurried
      client.socket.send(new Uint8Array(5000).fill(1))
      p.world.runSync(p.world.now + 2000)
      client.socket.send(new Uint8Array(length).fill(2), { urgent: true })
      client.socket.send(new Uint8Array(3000).fill(3))
      p.world.runSync(p.world.now + 600_000)
      const { bytesReceived, urgentRemaining } = hurried.socket.status()
      assert.deepEqual([bytesReceived, urgentRemaining], [8000 + length, 0])
      assert.ok(hurried.urgents >= 1, 'announced')
      // The pointer names an octet no further ahead than 65535, and moves on as the data does.
      if (length <= 1460) assert.deepEqual([hurried.urgents, hurried.hurried], [1, length])
      if (length > 1_000_000) assert.ok(hurried.urgents > 1)
      assert.ok(hurried.hurried >= length)
      assert.equal(hurried.hurried + hurried.calm, 8000 + length)
    })

  it('both ways at once [MUST-30]', () => {
    const p = pair()
    const { client, server } = open(p)
    const ends = [client, server].map(({ socket }) => {
      const end = new Hurried()
      end.socket = socket
      socket.handler = end
      return end
    })
    client.socket.send(Uint8Array.of(1), { urgent: true })
    server.socket.send(Uint8Array.of(1, 2), { urgent: true })
    p.world.runSync(p.world.now + 1000)
    assert.deepEqual(
      ends.map(e => [e.urgents, e.hurried]),
      [
        [1, 2],
        [1, 1],
      ],
    )
  })
})

describe('the urgent pointer', () => {
  it('names the octet behind, on the wire in both directions [MUST-62 RFC 6093]', () => {
    const p = new ScriptedPeer().connected()
    p.socket.send(Uint8Array.of(1, 2, 3), { urgent: true })
    const [sent] = p.heard()
    assert.deepEqual([sent!.flags & URG, sent!.urgentPointer, sent!.payloadLength], [URG, 3, 3])
    p.say({ flags: ACK | PSH | URG, urgent: 3, payload: [1, 2, 3, 4] })
    assert.equal(p.socket.status().urgentRemaining, 3)
    p.socket.receive(3)
    assert.equal(p.socket.status().urgentRemaining, 0)
  })

  it('is told when it appears and when it moves on, and not when it is said again [MUST-32]', () => {
    const p = new ScriptedPeer().connected()
    const urgents = () => p.told.filter(what => what === 'urgent').length
    p.say({ flags: ACK | URG, urgent: 10 })
    assert.equal(urgents(), 1)
    for (let i = 0; i < 5; i++) p.say({ flags: ACK | URG, urgent: 10 })
    assert.equal(urgents(), 1)
    p.say({ flags: ACK | URG, urgent: 11 })
    assert.equal(urgents(), 2)
    p.text(4, { flags: ACK | URG, urgent: 8 })
    assert.equal(urgents(), 2, 'further back')
    p.text(4, { flags: ACK | URG, urgent: 8 })
    assert.equal(urgents(), 3)
  })
})
