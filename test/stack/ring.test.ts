// Several stacks that are one host, as `stack/ring.ts` has it: what comes to the wrong one.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LinkReceiver } from '../../src/stack/link.js'
import { IpAddress } from '../../src/wire/address.js'
import { MemoryRing } from '../support/memory-ring.js'
import {
  counting,
  drops,
  icmp4,
  ipv4,
  OWN4,
  PEER4,
  read,
  readSegment,
  tcp,
  tcpPacket,
  udpPacket,
} from '../support/packets.js'
import { ACK, PLAIN, RST, ScriptedPeer, SYN } from '../support/scripted-peer.js'

/** So many stacks in a ring, each with a link and secrets of its own. The peer of each is the same host. */
function table(count: number, options: { capacity?: number; six?: boolean } = {}) {
  const ring = new MemoryRing(count, options.capacity)
  const seats = ring.seats.map(
    (seat, i) => new ScriptedPeer({ seat, seed: i + 1, six: options.six ?? false, tcp: PLAIN }),
  )
  return { ring, seats }
}

/** What each has sent since the last time, as flags of segments. */
const sent = (seats: ScriptedPeer[]) => seats.map(seat => seat.heard().map(seg => seg.flags))

const counted = (seats: ScriptedPeer[], name: 'handedOn' | 'handedOver' | 'noListener' | 'cookiesRejected') =>
  seats.map(({ stack }) => stack.counters[name])

describe('a ring of stacks', () => {
  for (const six of [false, true])
    it(`brings a segment to the one that has its connection, IPv${six ? 6 : 4}`, () => {
      const { ring, seats } = table(3, { six })
      for (const { stack } of seats.slice(1)) stack.listen({ port: 80 })
      const mine = seats[0]!.accepted()
      seats[1]!.link.give(mine.packet({ payload: [1, 2, 3] }))
      assert.deepEqual(sent(seats), [[], [], []])
      ring.run()
      assert.deepEqual(mine.read(), [1, 2, 3])
      assert.deepEqual(ring.passed, [1, 2])
      mine.pass(1000)
      assert.equal(mine.socket.tcb.rcvNxt, mine.seq + 3)
      assert.deepEqual(
        [counted(seats, 'handedOn'), counted(seats, 'handedOver')],
        [
          [0, 1, 1],
          [1, 0, 1],
        ],
      )
    })

  it('answers a burst with as many acknowledgments as if it had come the right way', () => {
    const { ring, seats } = table(2)
    const mine = seats[0]!.accepted()
    const burst = Array.from({ length: 8 }, (_, i) =>
      mine.packet({ seq: mine.seq + 1460 * i, payload: counting(1460) }),
    )
    seats[1]!.link.give(...burst)
    ring.run()
    assert.deepEqual(sent(seats), [[ACK], []])
    assert.equal(mine.read().length, 8 * 1460)
  })

  for (const listening of [false, true])
    it(`resets what is nobody's only when all have seen it, ${listening ? 'listening' : 'closed'}`, () => {
      const { ring, seats } = table(3)
      if (listening) for (const { stack } of seats) stack.listen({ port: 80 })
      seats[1]!.link.give(tcpPacket({ seq: 1, ack: 77, flags: ACK }))
      assert.deepEqual(sent(seats), [[], [], []])
      ring.run()
      assert.deepEqual(ring.passed, [1, 2, 0], 'and back where it came in')
      const answers = seats.map(seat => seat.link.take())
      assert.deepEqual(
        answers.map(packets => packets.length),
        [0, 1, 0],
      )
      const rst = readSegment(answers[1]![0]!)
      assert.deepEqual([rst.flags, rst.seq], [RST, 77])
      assert.deepEqual(counted(seats, 'noListener'), listening ? [0, 0, 0] : [0, 1, 0])
    })

  it('answers no RST', () => {
    const { ring, seats } = table(2)
    seats[0]!.link.give(tcpPacket({ flags: RST }))
    ring.run()
    assert.deepEqual(sent(seats), [[], []])
  })

  it('accepts a connection where its SYN comes in', () => {
    const { ring, seats } = table(2)
    for (const { stack } of seats) stack.listen({ port: 80 })
    for (const seat of seats)
      assert.equal(seat.hears(seat.link.give(tcpPacket({ flags: SYN })))[0]?.flags, SYN | ACK)
    assert.ok(ring.isEmpty)
  })

  it('brings a SYN to the only one that listens', () => {
    const { ring, seats } = table(3)
    seats[2]!.stack.listen({ port: 80 })
    seats[0]!.link.give(tcpPacket({ flags: SYN }))
    ring.run()
    assert.deepEqual(sent(seats), [[], [], [SYN | ACK]])
  })

  it('brings an ICMP error to the one that has the connection it quotes', () => {
    const { ring, seats } = table(3)
    const syn = seats[0]!.connecting()
    const about = (quoted: Uint8Array) => ipv4({ protocol: 1 }, icmp4(3, 3, 0, quoted))
    seats[1]!.link.give(about(syn))
    ring.run()
    assert.deepEqual(seats[0]!.told, ['closed ECONNREFUSED'])
    assert.deepEqual(ring.passed.splice(0), [1, 2])
    // One about nobody's goes round once.
    seats[1]!.link.give(about(tcpPacket({ src: OWN4, dst: PEER4 })))
    ring.run()
    assert.deepEqual(ring.passed, [1, 2, 0])
    assert.deepEqual(sent(seats), [[], [], []])
  })

  it('brings the acknowledgment of a SYN cookie to the one that made it', () => {
    const { ring, seats } = table(2)
    const listeners = seats.map(({ stack }) => stack.listen({ port: 80, synBacklog: 0 }))
    const [synAck] = seats[0]!.link.give(tcpPacket({ seq: 1000, flags: SYN }))
    // The other believes in cookies at the time, too, but not in this one.
    seats[1]!.link.give(tcpPacket({ srcPort: 9, flags: SYN }))
    const ack = tcpPacket({ seq: 1001, ack: (readSegment(synAck!).seq + 1) >>> 0, flags: ACK })
    seats[1]!.link.give(ack)
    ring.run()
    assert.deepEqual(
      listeners.map(listener => listener.queue.length),
      [1, 0],
    )
    assert.deepEqual([ring.passed, counted(seats, 'cookiesRejected')], [[1], [0, 0]])
  })

  it('takes the acknowledgment of its own cookie at once, and refuses a forged one once', () => {
    const { ring, seats } = table(2)
    for (const { stack, link } of seats) {
      stack.listen({ port: 80, synBacklog: 0 })
      const [synAck] = link.give(tcpPacket({ seq: 1000, flags: SYN }))
      link.give(tcpPacket({ seq: 1001, ack: (readSegment(synAck!).seq + 1) >>> 0, flags: ACK }))
      assert.equal(stack.counters.cookiesAccepted, 1)
    }
    assert.ok(ring.isEmpty)
    seats[1]!.link.give(tcpPacket({ srcPort: 9, seq: 1001, ack: 4711, flags: ACK }))
    ring.run()
    assert.deepEqual(counted(seats, 'cookiesRejected'), [0, 1])
    assert.deepEqual(sent(seats), [[], [RST]])
  })

  it('gives Fast Open cookies that are good at any', () => {
    const { seats } = table(2)
    const cookies = seats.map(({ stack, link }) => {
      stack.listen({ port: 80, fastOpen: 1 })
      const [answer] = link.give(tcpPacket({ flags: SYN, options: [34, 2, 1, 1] }))
      const seg = readSegment(answer!)
      return seg.bytes.slice(seg.fastOpenOffset, seg.fastOpenOffset + seg.fastOpenLength)
    })
    assert.equal(cookies[0]!.length, 8)
    assert.deepEqual(cookies[0], cookies[1])
  })

  it('drops what has no room in the ring, answers nothing, and says so', () => {
    const { ring, seats } = table(2, { capacity: 2 })
    seats[0]!.link.give(...[1, 2, 3, 4, 5].map(srcPort => tcpPacket({ srcPort, flags: ACK })))
    assert.deepEqual(drops(seats[0]!.stack), { 'ring-full': 3 })
    ring.run()
    assert.deepEqual(sent(seats), [[RST, RST], []])
  })

  it('puts fragments together where they come in, and hands on the whole', () => {
    const { ring, seats } = table(2)
    const mine = seats[0]!.accepted()
    const text = tcp({
      ...{ srcPort: mine.port, dstPort: 80, seq: mine.seq, flags: ACK },
      ...{ ack: mine.socket.tcb.sndNxt >>> 0, payload: counting(44) },
    })
    const [first, rest] = [text.slice(0, 32), text.slice(32)]
    seats[1]!.link.give(
      ipv4({ protocol: 6, more: true, id: 7 }, first),
      ipv4({ protocol: 6, offset: 32, id: 7 }, rest),
    )
    ring.run()
    assert.deepEqual(mine.read(), [...counting(44)])
    assert.deepEqual(ring.passed, [1])
  })

  it('hands on that a checksum need not be looked at', () => {
    const { ring, seats } = table(2)
    const mine = seats[0]!.accepted()
    const packet = mine.packet({ payload: [5], checksum: 0 })
    const receiver = seats[1]!.link['receiver'] as Required<LinkReceiver>
    receiver.offer(packet, 0, packet.length, true, { takeBack() {} })
    receiver.batchEnd()
    ring.run()
    assert.deepEqual(mine.read(), [5])
    assert.deepEqual(drops(mine.stack), {})
  })

  it('brings a datagram to whoever is bound to its port; an error goes out if there is none', () => {
    const { ring, seats } = table(3)
    const came: number[][] = []
    seats[2]!.stack.bindUdp(53, ({ bytes }) => void came.push([...bytes]))
    seats[0]!.link.give(udpPacket({ dstPort: 53 }, [1, 2]))
    ring.run()
    assert.deepEqual(came, [[1, 2]])
    seats[0]!.link.give(udpPacket({ dstPort: 54 }, [1, 2]))
    assert.deepEqual(seats[0]!.link.take(), [])
    ring.run()
    const errors = seats.map(({ link }) => link.take().map(bytes => read(bytes).payload[0]))
    assert.deepEqual(errors, [[3], [], []])
    ring.passed.length = 0
    seats[0]!.link.give(udpPacket({ dstPort: 54, dst: '224.0.0.1' }, [1]))
    assert.deepEqual(ring.passed, [], 'a group has no one it belongs to')
  })

  it('answers an echo anywhere', () => {
    const { ring, seats } = table(2)
    for (const { link } of seats)
      assert.equal(link.give(ipv4({ protocol: 1 }, icmp4(8, 0, 1, [1]))).length, 1)
    assert.ok(ring.isEmpty)
  })

  it('shares the ephemeral ports, so that no two choose the same', () => {
    const { seats } = table(3)
    const remote = IpAddress.parse(PEER4)
    seats.forEach(({ stack }, index) => {
      const ports = Array.from({ length: 20 }, () => stack.connect({ remote, port: 7 }).localPort)
      ports.push(stack.listen({ port: 0 }).port)
      assert.ok(
        ports.every(port => port % 3 === index),
        `${ports}`,
      )
    })
  })

  it('keeps to itself what a stack sends to itself', () => {
    const { ring, seats } = table(2)
    const [one, other] = seats as [ScriptedPeer, ScriptedPeer]
    other.stack.listen({ port: 81 })
    one.stack.connect({ remote: IpAddress.parse(OWN4), port: 81, handler: one.handler })
    one.env.pass(10)
    assert.deepEqual([one.told, ring.isEmpty], [['closed ECONNREFUSED'], true])
  })

  it('of one stack is no ring', () => {
    const { ring, seats } = table(1)
    const [rst] = seats[0]!.hears(seats[0]!.link.give(tcpPacket({ flags: ACK })))
    assert.deepEqual([ring.isEmpty, rst!.flags], [true, RST])
  })

  it('drops what comes by an interface that this stack does not have', () => {
    const ring = new MemoryRing(2)
    const { stack } = new ScriptedPeer({ seat: ring.seats[0]! })
    const packet = tcpPacket({ flags: ACK })
    ring.seats[1]!.handOn(packet, 0, packet.length, { vouched: false, segmentSize: 0, iface: 5, hops: 1 })
    ring.run()
    assert.deepEqual(drops(stack), { 'ip-not-for-us': 1 })
  })

  it('is not for Ethernet, where what neighbours answer comes to one of them only', () => {
    const [seat] = new MemoryRing(2).seats
    assert.throws(() => new ScriptedPeer({ seat: seat!, kind: 'ethernet' }), /links of IP packets only/)
  })

  it('is left by a stack that is closed', () => {
    const { ring, seats } = table(2)
    seats[1]!.stack.close()
    seats[0]!.link.give(tcpPacket({ flags: ACK }))
    ring.run()
    assert.deepEqual([ring.passed, sent(seats)], [[0], [[], []]])
  })
})
