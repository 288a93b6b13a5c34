import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { atEnd } from '../../src/tcp/calls.js'
import { IpAddress } from '../../src/wire/address.js'
import { ACK, RST, SYN } from '../../src/wire/tcp.js'
import {
  counting,
  drops,
  icmp4,
  icmp6,
  ipv4,
  ipv6,
  join,
  OWN6,
  PEER4,
  PEER6,
  readSegment,
  rig,
  tcpPacket,
} from '../support/packets.js'
import { established, simultaneousOpen } from '../support/transcript.js'

/** What fuzzing has found, each in as few steps as show it. */

describe('found by fuzzing', () => {
  it('text that came with a SYN is no gap: SACK says nothing of what begins at RCV.NXT', () => {
    const syn = { sackPermitted: true, data: 'early' }
    const t = simultaneousOpen({ config: { sack: true }, syn })
    t.arrives({ seq: 4000, data: 1 }).reacts('R17')
    assert.deepEqual(t.sends({ flags: 'ACK', ack: 5001 }).sack, [])
    // A real gap is told of as ever.
    t.arrives().is('ESTABLISHED').sends({ ack: 5006 })
    t.arrives({ seq: 5010, data: 2 }).sends({ ack: 5006, sack: [[5010, 5012]] })
  })

  it('a FIN that text goes on past was none: nobody is at the end because of it', () => {
    const t = established()
    t.arrives({ flags: 'FIN,ACK', seq: 5002 }).reacts('R25')
    t.arrives({ data: 2 }).is('ESTABLISHED')
    assert.equal(atEnd(t.tcb), false)
    // The FIN that is one, ahead of a gap, is noted in its place.
    t.arrives({ flags: 'FIN,ACK', seq: 5004 })
    t.arrives({ seq: 5003, data: 1 }).is('CLOSE_WAIT')
    assert.equal(atEnd(t.tcb), true)
  })

  it('a full accept queue lets nobody in, be it with an ACK or with a SYN,ACK', () => {
    const { stack, link } = rig()
    const listener = stack.listen({ port: 80, backlog: 1 })
    const open = (srcPort: number) =>
      readSegment(link.give(tcpPacket({ srcPort, flags: SYN, seq: 99 }))[0]!).seq + 1
    const [first, second] = [open(4001), open(4002)]
    link.give(tcpPacket({ srcPort: 4001, flags: ACK, seq: 100, ack: first }))
    link.give(tcpPacket({ srcPort: 4002, flags: SYN | ACK, seq: 99, ack: second }))
    assert.equal(listener.queue.length, 1)
    assert.equal(stack.census.halfOpen, 1)
    listener.accept()
    link.give(tcpPacket({ srcPort: 4002, flags: SYN | ACK, seq: 99, ack: second }))
    assert.equal(listener.accept()?.remotePort, 4002)
  })

  it('an ICMP error about a connection that a RST has ended in the same batch sets no timer', () => {
    const { stack, link } = rig()
    const socket = stack.connect({ remote: IpAddress.parse(PEER4), port: 4000, localPort: 80 })
    const seq = readSegment(link.take()[0]!).seq + 1
    link.give(tcpPacket({ flags: SYN | ACK, seq: 99, ack: seq }))
    socket.send(counting(100))
    const tooBig = icmp4(3, 4, 600, link.take()[0]!)
    link.give(tcpPacket({ flags: RST, seq: 100 }), ipv4({ protocol: 1 }, tooBig))
    assert.equal(socket.state, 'CLOSED')
    assert.equal(socket.tcb.deadline, Number.POSITIVE_INFINITY)
  })

  it('an ICMPv6 error is never answered with one, not even for the header in front of it', () => {
    const { stack, link } = rig()
    // A routing header with a segment left, which is refused with an error (RFC 8200 section 4.4), and what it leads to.
    const routed = (next: number, message: Uint8Array) =>
      ipv6({ next: 43 }, join([next, 0, 2, 1, 0, 0, 0, 0], message))
    const error = icmp6(1, 4, 0, tcpPacket({ src: OWN6, dst: PEER6 }))
    assert.equal(link.give(routed(58, error)).length, 0)
    const options = [58, 0, 1, 4, 0, 0, 0, 0]
    assert.equal(link.give(routed(60, join(options, error))).length, 0)
    // An echo request is no error.
    assert.equal(link.give(routed(58, icmp6(128, 0, 0))).length, 1)
    assert.equal(stack.counters.icmpErrorsOut, 1)
    assert.equal(drops(stack)['ipv6-routing-header'], 3)
  })

  it('closing a listener is a call like any other: the time is now, and its timers are minded', () => {
    const { stack, env, link } = rig({ kind: 'ethernet' })
    const listener = stack.listen({ port: 80 })
    link.give(Uint8Array.of(...link.hardwareAddress, 2, 0, 0, 0, 0, 2, 8, 0, ...tcpPacket()))
    env.pass(3500)
    assert.equal(stack.counters.neighbourUnreachable > 0, true)
    link.take()
    assert.equal(stack.census.halfOpen, 1)
    listener.close()
    // The RST waits for a neighbour who is asked for three times, a second apart, and then forgotten.
    const asked = () => link.take().filter(frame => frame[12] === 8 && frame[13] === 6).length
    assert.equal(asked(), 1)
    env.pass(999)
    assert.equal(asked(), 0)
    env.pass(2001)
    assert.equal(asked(), 2)
    assert.equal(stack.counters.segmentsOut > 0 && stack.counters.resetsOut === 1, true)
  })
})
