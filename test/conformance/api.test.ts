import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AckSample, CongestionController } from '../../src/tcp/congestion.js'
import { ACK, FIN, PSH, RST, ScriptedPeer } from '../support/scripted-peer.js'

/** What a program sees of a connection through its socket: RFC 9293 sections 3.6, 3.8.2, 3.8.4, 3.9.1. */

describe('the end of a connection', () => {
  it('by FIN and by RST are two things, also one after the other [MUST-12]', () => {
    const fin = new ScriptedPeer().accepted()
    fin.say({ flags: FIN | ACK })
    assert.deepEqual(fin.told, ['end'])
    const rst = new ScriptedPeer().accepted()
    rst.say({ flags: RST, ack: 0 })
    assert.deepEqual(rst.told, ['closed ECONNRESET'])
    const both = new ScriptedPeer().accepted()
    both.say({ flags: FIN | ACK })
    both.seq++
    both.say({ flags: RST, ack: 0 })
    assert.deepEqual(both.told, ['end', 'closed ECONNRESET'])
  })

  it('is told to a user who has asked for nothing [U-11]', () => {
    const p = new ScriptedPeer().accepted()
    p.text(10, { flags: FIN | ACK | PSH })
    assert.deepEqual(p.told, ['readable', 'end'])
    assert.equal(p.socket.receiveQueued, 10, 'nothing was read')
  })

  it('leaves what came before it to be read, and then RECEIVE has no more [U-28]', () => {
    const p = new ScriptedPeer().accepted()
    p.text(10, { flags: FIN | ACK | PSH })
    assert.deepEqual([p.socket.state, p.socket.atEnd], ['CLOSE_WAIT', true])
    assert.equal(p.socket.receive(4)!.length, 4)
    assert.equal(p.socket.receive()!.length, 6)
    assert.equal(p.socket.receive(), undefined)
  })

  it('of one direction leaves the other open; of both answers what still comes with RST [MAY-1 SHLD-3]', () => {
    const half = new ScriptedPeer().accepted()
    half.socket.close()
    half.say({})
    assert.deepEqual(half.text(5), [])
    assert.deepEqual([half.socket.state, half.socket.receiveQueued], ['FIN_WAIT_2', 5])
    const full = new ScriptedPeer().accepted()
    full.socket.release()
    full.heard()
    const [answer] = full.text(5)
    assert.deepEqual([answer!.flags & RST, full.socket.state], [RST, 'CLOSED'])
  })

  it('is asked for once: a second CLOSE, and a SEND, fail, and no second FIN goes out [U-26 U-27]', () => {
    const p = new ScriptedPeer().accepted()
    p.socket.close()
    assert.equal(p.heard()[0]!.flags & FIN, FIN)
    assert.throws(() => p.socket.close(), /connection closing/)
    assert.throws(() => p.socket.send(Uint8Array.of(1)), /connection closing/)
    assert.deepEqual(p.heard(), [])
    p.say({})
    assert.equal(p.socket.state, 'FIN_WAIT_2')
    assert.throws(() => p.socket.close(), /connection closing/)
    assert.throws(() => p.socket.send(Uint8Array.of(1)), /connection closing/)
    assert.deepEqual(p.heard(), [])
  })

  it('pushes what is left, corked or not [U-32 MUST-61]', () => {
    const p = new ScriptedPeer().accepted()
    p.socket.setCork(true)
    p.socket.send(new Uint8Array(10))
    assert.deepEqual(p.heard(), [])
    p.socket.close()
    const [last] = p.heard()
    assert.deepEqual([last!.flags, last!.payloadLength], [FIN | PSH | ACK, 10])
  })
})

describe('keep-alive of a socket', () => {
  it('is switched on and off while the connection lives [MUST-24 MUST-25 MUST-27]', () => {
    const p = new ScriptedPeer().accepted()
    p.env.pass(24 * 3_600_000)
    assert.deepEqual(p.heard(), [], 'off until it is turned on')
    p.socket.setKeepAlive(true, 10_000, 1000, 5)
    const [probe, ...more] = p.pass(10_000)
    assert.deepEqual([probe!.seq, probe!.payloadLength, more.length], [p.socket.tcb.sndNxt - 1, 0, 0])
    p.say({})
    p.socket.setKeepAlive(false)
    assert.deepEqual(p.pass(24 * 3_600_000), [])
    p.socket.setKeepAlive(true)
    assert.equal(p.pass(10_000).length, 1, 'with the times that it had')
  })

  it('of one leaves the others alone, and waits two hours if nobody says how long [MUST-24 MUST-28]', () => {
    const [one, other] = [new ScriptedPeer().accepted(), new ScriptedPeer().accepted()]
    one.socket.setKeepAlive(true)
    assert.deepEqual([one.pass(7_199_999).length, other.pass(7_199_999).length], [0, 0])
    assert.deepEqual([one.pass(1).length, other.pass(1).length], [1, 0])
  })

  it('does not end a connection that answers one probe of many [MUST-29]', () => {
    const p = new ScriptedPeer().accepted()
    p.socket.setKeepAlive(true, 1000, 1000, 4)
    for (let round = 0; round < 20; round++) {
      for (let lost = 0; lost < 3; lost++) assert.equal(p.pass(1000).length, 1)
      p.say({})
    }
    assert.equal(p.socket.state, 'ESTABLISHED')
    p.pass(10_000)
    assert.equal(p.told.at(-1), 'closed ETIMEDOUT')
  })
})

describe('what a program writes', () => {
  it('without Nagle goes at once, on that connection alone [MUST-17]', () => {
    const [one, other] = [new ScriptedPeer().accepted(), new ScriptedPeer().accepted()]
    one.socket.setNoDelay(true)
    for (const p of [one, other]) for (let i = 0; i < 3; i++) p.socket.send(Uint8Array.of(i))
    assert.deepEqual([one.heard().length, other.heard().length], [3, 1])
  })

  it('leaves by itself, and the last of it is pushed [MUST-60 MUST-61]', () => {
    const p = new ScriptedPeer().accepted()
    p.socket.send(Uint8Array.of(1))
    assert.deepEqual(
      p.heard().map(s => s.flags),
      [ACK | PSH],
    )
    p.socket.send(Uint8Array.of(2))
    p.socket.send(Uint8Array.of(3))
    assert.deepEqual(p.heard(), [], 'the first is not acknowledged')
    const [rest] = p.say({})
    assert.deepEqual([rest!.flags, rest!.payloadLength], [ACK | PSH, 2])
  })
})

describe('another congestion control', () => {
  it('of the user decides how much may fly [MAY-18]', () => {
    const samples: AckSample[] = []
    class Two implements CongestionController {
      readonly name = 'two'
      cwnd = 0
      readonly ssthresh = Number.POSITIVE_INFINITY
      onMss(mss: number): void {
        this.cwnd = 2 * mss
      }
      onAck(sample: AckSample): void {
        samples.push({ ...sample })
      }
      onLoss(): void {}
      onRecovered(): void {}
      onTimeout(): void {}
      onSynLoss(): void {}
      onIdle(): void {}
    }
    const p = new ScriptedPeer({ connect: { congestion: () => new Two() } }).connected()
    assert.equal(p.socket.status().congestionControl, 'two')
    p.socket.send(new Uint8Array(10 * 1460))
    assert.equal(p.heard().length, 2)
    for (let round = 0; round < 4; round++) assert.equal(p.say({}).length, 2)
    assert.deepEqual(
      samples.map(s => s.acked),
      [2920, 2920, 2920, 2920],
    )
  })
})
