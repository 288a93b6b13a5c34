import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { icmp4, ipv4, OWN4, rig, tcpPacket } from '../support/packets.js'
import { inState } from '../support/transcript.js'
import { connect, listen, type Pair, PORT, pair, utf8 } from '../support/worlds-pair.js'

/** Part 1, old segments and forged errors. */

test('A13 TIME-WAIT assassination: none of the hazards of RFC 1337 ends the wait before 2MSL', () => {
  // H1 old data accepted, H2 desynchronization into an ACK loop, H3 the new connection killed: each begins with an
  // old segment that draws an answer, or with the RST that this answer draws from a peer that has gone.
  for (const timestamps of [true, false])
    for (let at = 500; at < 60_000; at += 4973) {
      const t = inState('TIME_WAIT', { config: { timestamps }, syn: timestamps ? { ts: [1, 0] } : {} })
      const { rcvNxt, sndNxt } = t.tcb
      t.at(at)
      t.arrives({ seq: rcvNxt - 50, data: 10, ack: sndNxt })
      for (const answer of t.drain()) t.arrives({ flags: 'RST', seq: answer.ack, ack: 0 })
      t.arrives({ seq: rcvNxt, data: 10, ack: sndNxt })
      for (const answer of t.drain()) t.arrives({ flags: 'RST', seq: answer.ack, ack: 0 })
      t.arrives({ flags: 'RST', seq: rcvNxt })
      t.is('TIME_WAIT').at(59_999).is('TIME_WAIT').at(60_000).is('CLOSED').failedWith(undefined)
    }
})

/** One connection from a fixed port that says `text` and is closed by the client, with everything it sent. */
function life(p: Pair, text: string, port: number): Uint8Array[] {
  const captured: Uint8Array[] = []
  p.cable.forward.tap = bytes => void captured.push(bytes.slice())
  const client = connect(p, { localPort: port })
  client.socket.send(utf8(text))
  p.world.runSync(p.world.now + 500)
  client.socket.close()
  p.world.runSync(p.world.now + 500)
  p.cable.forward.tap = undefined
  return captured
}

describe('A14 TIME-WAIT reuse corruption', () => {
  for (const timestamps of [true, false])
    test(`A14 old segments replayed into the new incarnation change nothing, timestamps ${timestamps}`, () => {
      const tcp = { timestamps }
      const p = pair({ a: { tcp }, b: { tcp } })
      const accepted = listen(p)
      const old = life(p, 'the old connection said this', 4000)
      accepted[0]!.socket.close()
      p.world.runSync(p.world.now + 500)
      assert.equal(p.a.stack.census.timeWait, 1)
      // The client's TIME_WAIT is over before the old segments have left the network.
      p.world.runSync(p.world.now + 61_000)
      const client = connect(p, { localPort: 4000 })
      client.socket.send(utf8('new '))
      p.world.runSync(p.world.now + 100)
      const replay = () => {
        for (const bytes of old) {
          p.cable.forward.receiver!.packet(bytes, 0, bytes.length)
          p.cable.forward.receiver!.batchEnd()
        }
      }
      replay()
      client.socket.send(utf8('and '))
      replay()
      p.world.runSync(p.world.now + 100)
      client.socket.send(utf8('only'))
      p.world.runSync(p.world.now + 2000)
      assert.deepEqual([client.socket.state, accepted[1]!.text], ['ESTABLISHED', 'new and only'])
    })

  test('A14 a SYN that reopens TIME_WAIT gets an ISS above everything the old one used', () => {
    const p = pair()
    const accepted = listen(p)
    const client = connect(p, { localPort: 4000 })
    p.world.runSync(500)
    // The server closes first, so it is the one that waits.
    accepted[0]!.socket.close()
    p.world.runSync(600)
    const captured: Uint8Array[] = []
    p.cable.forward.tap = bytes => void captured.push(bytes.slice())
    client.socket.close()
    p.world.runSync(700)
    assert.equal(p.b.stack.census.timeWait, 1)
    const before = accepted[0]!.socket.tcb.sndNxt
    connect(p, { localPort: 4000 })
    p.world.runSync(1500)
    assert.equal(accepted.length, 2)
    assert.ok(((accepted[1]!.socket.tcb.iss - before) | 0) > 0, 'the ISS is above')
    assert.equal(p.b.stack.counters.timeWaitReused, 1)
    const syn = tcpPacket({
      src: '10.0.0.1',
      dst: '10.0.0.2',
      srcPort: 4000,
      dstPort: PORT,
      seq: 1,
      flags: 2,
    })
    p.cable.forward.receiver!.packet(syn, 0, syn.length)
    p.cable.forward.receiver!.batchEnd()
    p.world.runSync(1600)
    assert.equal(accepted[1]!.socket.state, 'ESTABLISHED')
  })
})

test('A11 blind ICMP: types and codes against quoted numbers in and out of flight', () => {
  const hard = [
    [3, 2],
    [3, 3],
    [3, 9],
    [3, 10],
    [3, 13],
  ]
  const soft = [
    [3, 0],
    [3, 1],
    [3, 5],
    [3, 11],
    [3, 12],
    [11, 0],
    [11, 1],
    [12, 0],
  ]
  const ignored = [
    [4, 0],
    [5, 1],
    [8, 0],
  ]
  for (const [type, code] of [...hard, ...soft, ...ignored, [3, 4]] as [number, number][])
    for (const where of ['in flight', 'before', 'behind'] as const) {
      const told: string[] = []
      const r = rig()
      const listener = r.stack.listen({ port: 80 })
      r.link.give(tcpPacket({ seq: 5000, options: [2, 4, 5, 180] }))
      const socket = (() => {
        const half = [...r.stack['table']][0]!
        const { iss } = (half as unknown as { record: { iss: number } }).record
        r.link.give(tcpPacket({ seq: 5001, ack: (iss + 1) >>> 0, flags: 16 }))
        return listener.accept()!
      })()
      socket.handler = { softError: e => told.push(e.code), closed: e => told.push(`closed ${e?.code}`) }
      socket.send(new Uint8Array(1000))
      r.link.take()
      const { tcb } = socket
      const cwnd = tcb.congestion.cwnd
      const seq = { 'in flight': tcb.sndUna + 10, before: tcb.sndUna - 1, behind: tcb.sndNxt }[where]
      const quoted = tcpPacket({
        src: OWN4,
        dst: '10.0.0.2',
        srcPort: 80,
        dstPort: 4000,
        seq: seq >>> 0,
        flags: 16,
      })
      const before = { mss: tcb.mss, segment: tcb.maxSegment }
      r.link.give(ipv4({ protocol: 1 }, icmp4(type, code, type === 3 && code === 4 ? 100 : 0, quoted)))
      r.env.pass(1)
      const name = `${type}/${code} ${where}`
      assert.equal(socket.state, 'ESTABLISHED', name)
      assert.equal(tcb.congestion.cwnd >= Math.min(cwnd, 2 * tcb.mss), true, 'never slower: RFC 6633')
      const believed = where === 'in flight'
      const isError = [...hard, ...soft].some(([t, c]) => t === type && c === code)
      assert.equal(told.length, believed && isError ? 1 : 0, `${name}: ${told}`)
      if (type === 3 && code === 4 && believed)
        assert.deepEqual([tcb.maxSegment, tcb.mss], [532, 512], 'not below the floor of 552')
      else assert.deepEqual({ mss: tcb.mss, segment: tcb.maxSegment }, before, name)
    }
})

test('A11 blind ICMP: a hard error ends only what is still opening, and only with the SYN it quotes', () => {
  for (const off of [-1, 1, 1000, 0x40000000])
    inState('SYN_SENT')
      .icmp({ kind: 'unreachable', cause: 'port', message: '' }, 1000 + off)
      .is('SYN_SENT')
  inState('SYN_SENT').icmp({ kind: 'unreachable', cause: 'port', message: '' }, 1000).is('CLOSED')
  // A half-open handshake of a listener outlives any error.
  const r = rig()
  r.stack.listen({ port: 80 })
  const [synAck] = r.link.give(tcpPacket({ seq: 5000 }))
  for (const code of [2, 3, 13])
    r.link.give(ipv4({ protocol: 1 }, icmp4(3, code, 0, synAck!.subarray(0, 28))))
  assert.equal(r.stack.census.halfOpen, 1)
})
