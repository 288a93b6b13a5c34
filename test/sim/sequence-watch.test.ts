import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SequenceWatch } from '../../src/sim/sequence-watch.js'
import type { Interface } from '../../src/stack/interface.js'
import { IpAddress } from '../../src/wire/address.js'
import { PROTO_TCP } from '../../src/wire/ip.js'
import { writeIpv4 } from '../../src/wire/ipv4.js'
import { ACK, SYN, writeTcp } from '../../src/wire/tcp.js'
import { A, B, B6, PORT, pair, Witness } from '../support/worlds-pair.js'

const iface = {} as Interface

/** A segment from port 1000 to port 80, or back. */
function segment(out: boolean, seq: number, ack: number, flags: number, length: number): Uint8Array {
  const bytes = new Uint8Array(40 + length)
  writeIpv4(bytes, 0, bytes.length, PROTO_TCP, out ? A : B, out ? B : A, 0, 64, true)
  writeTcp(bytes, 20, out ? 1000 : 80, out ? 80 : 1000, seq, ack, flags, 1000, 0, 0)
  return bytes
}

describe('SequenceWatch', () => {
  /** Sees what goes out or comes in at the sender. */
  function watch(from?: number, to?: number) {
    const seen = new SequenceWatch(80, from, to)
    const see = (out: boolean, bytes: Uint8Array, now: number) =>
      seen.sender.packet!(out ? 'out' : 'in', iface, bytes, 0, bytes.length, now)
    return {
      seen,
      sends: (seq: number, length: number, now: number, flags = ACK) =>
        see(true, segment(true, seq | 0, 0, flags, length), now),
      hears: (ack: number, now: number) => see(false, segment(false, 0, ack | 0, ACK, 0), now),
    }
  }

  it('counts bytes from the beginning, past the end of sequence space', () => {
    const iss = 2 ** 32 - 1500
    const { seen, sends, hears } = watch()
    sends(iss, 0, 0, SYN)
    for (let i = 0; i < 4; i++) sends(iss + 1 + i * 1000, 1000, i)
    hears(iss + 1 + 4000, 50)
    assert.deepEqual(seen.points.sent.y, [1000, 2000, 3000, 4000])
    assert.deepEqual(seen.points.acked.y, [4000])
    assert.deepEqual([seen.rtts.length, seen.rtts.at(0)], [1, 47])
    assert.equal(seen.retransmissions, 0)
  })

  it('does not time what was sent twice, nor what is acknowledged with it', () => {
    const { seen, sends, hears } = watch()
    sends(0, 0, 0, SYN)
    for (let i = 0; i < 4; i++) sends(1 + i * 1000, 1000, i)
    hears(1001, 40)
    sends(1001, 1000, 45)
    assert.deepEqual([seen.retransmissions, seen.retransmittedBytes], [1, 1000])
    hears(4001, 90)
    sends(4001, 1000, 100)
    hears(5001, 140)
    assert.deepEqual([seen.rtts.length, seen.rtts.at(0), seen.rtts.at(1)], [2, 40, 40])
    assert.deepEqual(seen.points.retransmitted.y, [2000])
    hears(999_999, 150)
    assert.equal(seen.points.acked.y.at(-1), 5000, 'what was never sent is not acknowledged')
  })

  it('keeps the points of its window only, and counts everything', () => {
    const { seen, sends, hears } = watch(100, 200)
    sends(0, 0, 0, SYN)
    for (let i = 0; i < 30; i++) {
      sends(1 + i * 10, 10, i * 10)
      hears(1 + i * 10, i * 10 + 5)
    }
    assert.deepEqual([seen.points.sent.t[0], seen.points.sent.t.at(-1)], [100, 200])
    assert.equal(seen.rtts.length, 29)
  })

  for (const [name, remote] of [
    ['IPv4', B],
    ['IPv6', B6],
  ] as [string, IpAddress][])
    it(`agrees with the stack about what was sent again, over ${name}`, () => {
      const p = pair({ seed: 3, conditions: { delay: 15, rate: 8e6, loss: 0.05 } })
      const seen = new SequenceWatch(PORT)
      p.a.stack.observer = seen.sender
      p.b.stack.observer = seen.receiver
      p.b.stack.listen({
        port: PORT,
        onConnection: socket => {
          const witness = new Witness()
          witness.socket = socket
          socket.handler = witness
        },
      })
      const socket = p.a.stack.connect({ remote, port: PORT })
      socket.handler = { open: () => void socket.send(new Uint8Array(500_000)) }
      p.world.runSync(120_000)
      const status = socket.status()
      assert.equal(status.bytesAcked, 500_000)
      assert(seen.retransmissions > 5, `${seen.retransmissions}`)
      assert.equal(seen.retransmissions, status.segmentsRetransmitted)
      assert.equal(seen.retransmittedBytes, status.bytesRetransmitted)
      assert.equal(seen.points.sent.y.at(-1), 500_000)
      assert.equal(seen.points.acked.y.at(-1), 500_000)
      assert.equal(Math.max(...seen.points.received.y), 500_000)
      const times = seen.rtts.sorted()
      assert(times[0]! >= status.minRtt && times[0]! < 32, `${times[0]} and ${status.minRtt}`)
    })

  it('does not mind what is no TCP', () => {
    const { seen } = watch()
    const bytes = new Uint8Array(28)
    writeIpv4(bytes, 0, 28, 17, A, IpAddress.parse('10.0.0.9'), 0, 64, true)
    seen.sender.packet!('out', iface, bytes, 0, 28, 0)
    seen.receiver.packet!('in', iface, bytes, 0, 28, 0)
    assert.equal(seen.points.sent.t.length, 0)
  })
})
