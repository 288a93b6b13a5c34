import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IpAddress } from '../../src/wire/address.js'
import { icmp4, icmp6, OWN4, PEER4, packet, readSegment, tcpPacket } from '../support/packets.js'
import { ACK, FIN, ScriptedPeer, SYN, Told } from '../support/scripted-peer.js'

/** ICMP and TCP: RFC 9293 section 3.9.2.2, with RFC 5461, RFC 5927 and RFC 6633. */

type Error = readonly [type: number, code: number]
const SOFT4: Error[] = [
  [3, 0],
  [3, 1],
  [3, 5],
  [3, 6],
  [3, 7],
  [3, 11],
  [3, 12],
  [11, 0],
  [11, 1],
  [12, 0],
  [12, 1],
]
const SOFT6: Error[] = [
  [1, 0],
  [1, 2],
  [1, 3],
  [3, 0],
  [3, 1],
  [4, 0],
  [4, 1],
  [4, 2],
]
const HARD4: Error[] = [
  [3, 2],
  [3, 3],
  [3, 9],
  [3, 10],
  [3, 13],
]
const HARD6: Error[] = [
  [1, 1],
  [1, 4],
  [1, 5],
  [1, 6],
]

/** The network says this of a packet of ours. */
function error(p: ScriptedPeer, [type, code]: Error, quote: Uint8Array, rest = 0): void {
  const six = p.own.includes(':')
  const message = six ? icmp6(type, code, rest, quote) : icmp4(type, code, rest, quote)
  p.link.give(packet(p.peer, p.own, six ? 58 : 1, message))
}

/** A connection in `state` with something in flight, and the packet that is. */
function inFlight(six: boolean, state: string): { p: ScriptedPeer; quote: Uint8Array } {
  const p = new ScriptedPeer({ six }).connected()
  const fin = () => {
    p.say({ flags: FIN | ACK })
    p.seq++
  }
  if (state === 'CLOSE_WAIT' || state === 'LAST_ACK') fin()
  if (state === 'ESTABLISHED' || state === 'CLOSE_WAIT') p.socket.send(new Uint8Array(100))
  else p.socket.close()
  const [quote] = p.link.take()
  if (state === 'CLOSING') {
    p.say({ flags: FIN | ACK, ack: p.socket.tcb.sndUna >>> 0 })
    p.seq++
  }
  assert.equal(p.socket.state, state)
  p.told.length = 0
  return { p, quote: quote! }
}

const STATES = ['ESTABLISHED', 'FIN_WAIT_1', 'CLOSE_WAIT', 'CLOSING', 'LAST_ACK']

for (const six of [false, true])
  describe(`ICMP errors, IPv${six ? 6 : 4}`, () => {
    const soft = six ? SOFT6 : SOFT4
    const hard = six ? HARD6 : HARD4

    for (const state of STATES)
      it(`soft ones are told, and end nothing, in ${state} [MUST-56 SHLD-25 RFC 1122]`, () => {
        for (const each of soft) {
          const { p, quote } = inFlight(six, state)
          error(p, each, quote)
          assert.equal(p.socket.state, state, `${each}`)
          assert.match(p.told.join(), /^soft E/, `${each}`)
        }
      })

    it('hard ones are soft once a connection is open [SHLD-26 RFC 5461 RFC 5927]', () => {
      for (const state of STATES)
        for (const each of hard) {
          const { p, quote } = inFlight(six, state)
          error(p, each, quote)
          assert.deepEqual([p.socket.state, p.told.length], [state, 1], `${each}`)
        }
    })

    it('soft ones do not end a connection that is opening, hard ones do [MUST-56 SHLD-26]', () => {
      for (const each of [...soft, ...hard]) {
        const p = new ScriptedPeer({ six })
        const syn = p.connecting()
        error(p, each, syn)
        const isHard = hard.includes(each)
        assert.equal(p.socket.state, isHard ? 'CLOSED' : 'SYN_SENT', `${each}`)
        assert.match(p.told.join(), isHard ? /^closed E/ : /^soft E/)
      }
    })

    it('reach the connection they quote, and no other [MUST-54]', () => {
      const p = new ScriptedPeer({ six })
      const remote = IpAddress.parse(p.peer)
      const two = [new Told(), new Told()]
      const quotes = two.map(handler => {
        p.stack.connect({ remote, port: 80, handler })
        return p.link.take()[0]!
      })
      error(p, soft[0]!, quotes[1]!)
      assert.deepEqual([two[0]!.told.length, two[1]!.told.length], [0, 1])
      error(p, hard[0]!, quotes[0]!)
      assert.match(two[0]!.told.join(), /^closed/)
      assert.deepEqual([two[1]!.told.length, p.stack.census.sockets], [1, 1])
    })

    it('that quote what is not in flight mean nothing [MUST-54 RFC 5927]', () => {
      const { p, quote } = inFlight(six, 'ESTABLISHED')
      const at = (six ? 40 : 20) + 4
      for (const offset of [-1, 100, 0x40000000]) {
        const forged = quote.slice()
        const { sndUna } = p.socket.tcb
        new DataView(forged.buffer).setInt32(at, (sndUna + offset) | 0)
        error(p, soft[0]!, forged)
        error(p, six ? [2, 0] : [3, 4], forged, 1300)
      }
      assert.deepEqual([p.told, p.socket.status().sndMss], [[], 1460 - (six ? 20 : 0)])
      error(p, soft[0]!, quote)
      assert.equal(p.told.length, 1)
    })

    it('that say "too big" make segments smaller, and larger again after ten minutes [U-12 RFC 1191 RFC 8201]', () => {
      const { p, quote } = inFlight(six, 'ESTABLISHED')
      const largest = (mtu: number) => mtu - (six ? 60 : 40)
      error(p, six ? [2, 0] : [3, 4], quote, 1300)
      assert.equal(p.socket.status().sndMss, largest(1300))
      p.say({})
      const sizes = () => {
        p.socket.send(new Uint8Array(5000))
        const lengths = p.heard().map(s => s.payloadLength)
        p.say({})
        return Math.max(...lengths)
      }
      assert.equal(sizes(), largest(1300))
      for (const minutes of [9, 2]) {
        p.env.pass(minutes * 60_000)
        assert.equal(sizes() > largest(1300), minutes === 2)
      }
    })
  })

describe('Source Quench', () => {
  it('changes nothing: not cwnd, not the user, only a counter [MUST-55 RFC 6633]', () => {
    const { p, quote } = inFlight(false, 'ESTABLISHED')
    const { cwnd } = p.socket.status()
    for (let i = 0; i < 10; i++) error(p, [4, 0], quote)
    assert.deepEqual([p.socket.status().cwnd, p.told, p.socket.state], [cwnd, [], 'ESTABLISHED'])
    assert.equal(p.stack.counters.sourceQuenchIgnored, 10)
    p.say({})
    p.socket.send(new Uint8Array(20_000))
    assert.equal(p.heard().length, 10, 'the whole initial window')
  })

  it('is not answered and ends no handshake [MUST-55]', () => {
    const p = new ScriptedPeer()
    error(p, [4, 0], p.connecting())
    assert.deepEqual([p.socket.state, p.told], ['SYN_SENT', []])
    const other = new ScriptedPeer()
    other.stack.listen({ port: 80 })
    const [synAck] = other.link.give(tcpPacket({ flags: SYN }))
    other.link.give(packet(PEER4, OWN4, 1, icmp4(4, 0, 0, synAck!)))
    assert.equal(other.stack.census.halfOpen, 1)
    assert.equal(readSegment(synAck!).flags, SYN | ACK)
  })
})
