import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SocketHandler } from '../../src/stack/socket.js'
import { IpAddress } from '../../src/wire/address.js'
import {
  arp,
  frame,
  icmp4,
  ndp,
  OWN_MAC,
  OWN4,
  OWN6,
  PEER_MAC,
  PEER4,
  PEER6,
  packet,
  type RigOptions,
  rig,
  tcpPacket,
} from '../support/packets.js'
import { ACK, ScriptedPeer, SYN, Told, URG } from '../support/scripted-peer.js'

/**
 * Peers that fall silent: R1 and R2, SYNs without an answer, the user timeout (RFC 9293 sections 3.8.3 and 3.9.1.1),
 * and what users hear of it (section 3.9.1.8). All through the socket that a program holds.
 */

const MINUTES = 60_000
const FOREVER = { userTimeout: Number.POSITIVE_INFINITY }

/** An open connection whose peer says nothing any more; one octet is on its way. */
function silent(options: { tcp?: object; handler?: SocketHandler } = {}): ScriptedPeer {
  const p = new ScriptedPeer({ ...options, tcp: { ...FOREVER, ...options.tcp } }).connected()
  p.socket.send(Uint8Array.of(1))
  assert.equal(p.heard().length, 1)
  if (!options.handler) p.told.length = 0
  return p
}

/** Retransmissions until the connection has ended or `limit` ms have passed. */
function wait(p: ScriptedPeer, limit: number): { sent: number; waited: number } {
  const start = p.env.time
  let sent = 0
  while (p.socket.state !== 'CLOSED' && p.env.time - start < limit) sent += p.pass(100).length
  return { sent, waited: p.env.time - start }
}

describe('a peer that falls silent', () => {
  it('after R1 retransmissions its user hears of it, once, and after R2 of the end [MUST-20 SHLD-9 SHLD-10 MUST-47]', () => {
    const p = silent()
    let sent = 0
    while (p.told.length === 0) sent += p.pass(100).length
    assert.equal(sent, 3, 'R1')
    assert.deepEqual([p.told, p.socket.state], [['soft ETIMEDOUT'], 'ESTABLISHED'])
    const rest = wait(p, 60 * MINUTES)
    assert.equal(sent + rest.sent, 15, 'R2')
    assert.deepEqual(p.told, ['soft ETIMEDOUT', 'closed ETIMEDOUT'])
  })

  it('is not given up before 100 s [SHLD-11]', () => {
    const { waited } = wait(silent(), 60 * MINUTES)
    assert.ok(waited >= 100_000, `${waited} ms`)
  })

  it('is given up after as many retransmissions as the user says, or never [MUST-21]', () => {
    const ends = [1, 4, undefined, Number.POSITIVE_INFINITY].map(r2 => {
      const p = silent()
      if (r2 !== undefined) p.socket.setRetransmissionLimit(r2)
      const { sent } = wait(p, 600 * MINUTES)
      return [p.socket.state, p.socket.state === 'CLOSED' ? sent : sent > 500]
    })
    assert.deepEqual(ends, [
      ['CLOSED', 1],
      ['CLOSED', 4],
      ['CLOSED', 15],
      ['ESTABLISHED', true],
    ])
    assert.throws(() => silent().socket.setRetransmissionLimit(0), RangeError)
  })

  it('is given up after five minutes by default, or after as long as the user says [U-17]', () => {
    for (const [ms, expected] of [
      [undefined, 5 * MINUTES],
      [7000, 7000],
      [20 * MINUTES, 20 * MINUTES],
    ] as const) {
      const p = silent({ tcp: { userTimeout: 5 * MINUTES, r2: 1000 } })
      if (ms !== undefined) p.socket.setUserTimeout(ms)
      const { waited } = wait(p, 60 * MINUTES)
      assert.ok(Math.abs(waited - expected) <= 100, `${waited}`)
      assert.equal(p.told.at(-1), 'closed ETIMEDOUT')
    }
  })
})

describe('at R1 IP is told that the next hop may be dead', () => {
  const ALL = [255, 255, 255, 255, 255, 255]
  const NONE = [0, 0, 0, 0, 0, 0]

  /** A connection over Ethernet, by way of a neighbour that is known. */
  function overEthernet(six: boolean, options: RigOptions = {}) {
    const r = rig({ kind: 'ethernet', tcp: { timestamps: false, ...FOREVER }, ...options })
    const handler = new Told()
    const [src, dst] = six ? [PEER6, OWN6] : [PEER4, OWN4]
    const socket = r.stack.connect({ remote: IpAddress.parse(src), port: 80, handler })
    const known = six
      ? frame(OWN_MAC, PEER_MAC, 0x86dd, ndp(136, PEER6, PEER_MAC, { flags: 0x60000000 }))
      : frame(OWN_MAC, PEER_MAC, 0x0806, arp(2, PEER_MAC, PEER4, OWN_MAC, OWN4))
    r.link.take()
    r.link.give(known)
    const synAck = tcpPacket({
      src,
      dst,
      srcPort: 80,
      dstPort: socket.localPort,
      seq: 9,
      ack: socket.tcb.sndNxt >>> 0,
      flags: SYN | ACK,
    })
    r.link.give(frame(OWN_MAC, PEER_MAC, six ? 0x86dd : 0x0800, synAck))
    assert.equal(socket.state, 'ESTABLISHED')
    socket.send(Uint8Array.of(1))
    r.link.take()
    return { ...r, socket, handler, known }
  }

  /** Frames that are no TCP segments. */
  const questions = (frames: Uint8Array[], six: boolean) =>
    frames.filter(f => (six ? f[20] === 58 : f[12] === 0x08 && f[13] === 0x06))

  for (const six of [false, true]) {
    it(`and asks whether it is there, IPv${six ? 6 : 4} [MUST-20]`, () => {
      const { link, env, socket, known } = overEthernet(six)
      const asked: Uint8Array[] = []
      const until = (count: number) => {
        while (socket.status().retransmits < count) {
          env.pass(10)
          asked.push(...questions(link.take(), six))
        }
      }
      until(2)
      assert.equal(asked.length, 0, 'the answer is young, and there is no reason to doubt')
      until(3)
      assert.equal(asked.length, 1, 'R1')
      if (!six) assert.deepEqual(asked[0], frame(ALL, OWN_MAC, 0x0806, arp(1, OWN_MAC, OWN4, NONE, PEER4)))
      link.give(known)
      env.pass(2000)
      assert.equal(questions(link.take(), six).length, 0, 'it has answered')
      assert.equal(socket.state, 'ESTABLISHED')
    })

    it(`and if it is not, the user hears why, IPv${six ? 6 : 4} [MUST-20 MUST-47]`, () => {
      const { env, handler } = overEthernet(six)
      env.pass(10_000)
      assert.deepEqual(handler.told.slice(0, 3), ['open', 'soft ETIMEDOUT', 'soft EHOSTUNREACH'])
    })
  }
})

describe('a SYN without an answer', () => {
  it('is sent again with growing pauses, reported, and given up after three minutes [MUST-22 MUST-23]', () => {
    const p = new ScriptedPeer()
    p.connecting()
    const start = p.env.time
    const times: number[] = []
    while (p.socket.state !== 'CLOSED') for (const _ of p.pass(100)) times.push(p.env.time - start)
    const waited = p.env.time - start
    const pauses = times.map((t, i) => t - (times[i - 1] ?? 0))
    assert.deepEqual(pauses.slice(0, 6), [1000, 2000, 4000, 8000, 16_000, 32_000])
    assert.ok(waited >= 180_000, `${waited} ms`)
    assert.deepEqual(p.told, ['soft ETIMEDOUT', 'closed ETIMEDOUT'])
  })

  it('is given up sooner if the user asks for it [MUST-23]', () => {
    const p = new ScriptedPeer({ connect: { timeout: 5000 } })
    p.connecting()
    assert.equal(wait(p, MINUTES).waited, 5000)
  })
})

describe('reports of what does not end a connection', () => {
  const unreachable = (p: ScriptedPeer, quote: Uint8Array) =>
    p.link.give(packet(PEER4, OWN4, 1, icmp4(3, 1, 0, quote)))

  it('are made for ICMP errors, for retransmissions, and for urgent data [MUST-47 SHLD-25]', () => {
    const p = new ScriptedPeer({ tcp: FOREVER }).connected()
    p.told.length = 0
    p.say({ flags: ACK | URG, urgent: 5 })
    assert.deepEqual(p.told.splice(0), ['urgent'])
    p.socket.send(Uint8Array.of(1))
    unreachable(p, p.link.take()[0]!)
    assert.deepEqual(p.told.splice(0), ['soft EHOSTUNREACH'])
    p.env.pass(10_000)
    assert.deepEqual(p.told, ['soft ETIMEDOUT'])
  })

  it('are not made to a user who does not want them, and nothing else changes [SHLD-20]', () => {
    const closed: (string | undefined)[] = []
    const handler: SocketHandler = { closed: e => void closed.push(e?.code) }
    const p = new ScriptedPeer({ tcp: FOREVER, handler }).connected()
    p.say({ flags: ACK | URG, urgent: 5 })
    p.socket.send(Uint8Array.of(1))
    unreachable(p, p.link.take()[0]!)
    p.env.pass(10_000)
    assert.deepEqual([p.socket.state, closed, p.env.errors], ['ESTABLISHED', [], []])
    p.env.pass(60 * MINUTES)
    assert.deepEqual(closed, ['EHOSTUNREACH'], 'the end is told')
  })

  it('can be turned off, and on again, while the connection lives [SHLD-20]', () => {
    const handler = new Told()
    const report = handler.softError
    const p = new ScriptedPeer({ tcp: FOREVER, handler }).connected()
    handler.told.length = 0
    const trouble = () => {
      p.socket.send(Uint8Array.of(1))
      unreachable(p, p.link.take()[0]!)
      p.say({})
      return handler.told.splice(0).filter(what => what.startsWith('soft')).length
    }
    assert.equal(trouble(), 1)
    p.socket.handler = { ...handler, softError: undefined } as unknown as SocketHandler
    assert.equal(trouble(), 0)
    p.socket.handler = { softError: report }
    assert.equal(trouble(), 1)
  })
})
