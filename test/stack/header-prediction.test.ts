// Header prediction: what it takes, what it leaves to the long way, and that nobody can tell the difference.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CE } from '../../src/wire/ip.js'
import {
  arp,
  drops,
  frame,
  type Ipv4Fields,
  OWN_MAC,
  OWN4,
  PEER_MAC,
  PEER4,
  readSegment,
  rig,
  type TcpFields,
  tcpPacket,
  udpPacket,
} from '../support/packets.js'
import {
  ACK,
  FIN,
  type PeerOptions,
  PSH,
  RST,
  ScriptedPeer,
  SYN,
  Told,
  URG,
} from '../support/scripted-peer.js'

const LENGTH = 100
const BROADCAST = [255, 255, 255, 255, 255, 255]
const text = (length: number, from: number) => Uint8Array.from({ length }, (_, i) => ((from + i) * 7) & 255)

/** All that a connection and its stack are made of, as far as it is numbers and words. */
function snapshot({ stack, socket, env }: ScriptedPeer) {
  const { segmentsPredicted: _, ...counters } = stack.counters
  const tcb = Object.entries(socket.tcb).filter(([, value]) => typeof value !== 'object')
  const { received, sent } = stack.interfaces.at(-1)!
  return { tcb, counters, received, sent, waits: socket.receiveQueued, errors: [...env.errors] }
}

/** The same connection to two stacks, one of which predicts nothing. */
class Twins {
  readonly predicting: ScriptedPeer
  readonly plain: ScriptedPeer

  constructor(options: PeerOptions = {}) {
    const peer = (headerPrediction: boolean) =>
      new ScriptedPeer({ ...options, handler: new Told(), interface: { headerPrediction } }).accepted()
    this.predicting = peer(true)
    this.plain = peer(false)
  }

  get seq(): number {
    return this.plain.seq
  }

  both(act: (peer: ScriptedPeer) => void): void {
    act(this.predicting)
    act(this.plain)
    this.agree()
  }

  /** The n-th segment of a run, of 0 and more, or one that differs from it. */
  segment(n: number, fields: TcpFields = {}, ip: Ipv4Fields = {}): Uint8Array {
    const from = n * LENGTH
    return this.plain.packet(
      { seq: this.seq + from, payload: text(LENGTH, from), ...fields },
      { id: n, ...ip },
    )
  }

  run(count: number): Uint8Array[] {
    return Array.from({ length: count }, (_, n) => this.segment(n))
  }

  /** Gives both the same batch; returns how many of it were as predicted. */
  batch(...packets: Uint8Array[]): number {
    const { segmentsPredicted: before } = this.predicting.stack.counters
    const answers = this.predicting.link.give(...packets)
    assert.deepEqual(this.plain.link.give(...packets), answers)
    this.agree()
    return this.predicting.stack.counters.segmentsPredicted - before
  }

  agree(): void {
    assert.deepEqual(snapshot(this.predicting), snapshot(this.plain))
    assert.deepEqual(this.predicting.told, this.plain.told)
    assert.equal(this.plain.stack.counters.segmentsPredicted, 0)
  }

  /** Both users read what has come: the same, and so many segments in order. */
  reads(segments: number): void {
    const all = this.plain.read()
    assert.deepEqual(this.predicting.read(), all)
    assert.deepEqual(all, [...text(segments * LENGTH, 0)])
  }
}

const TIMES = (value: number) => [1, 1, 8, 10, 0, 0, 0, value, 0, 0, 0, 0]
const WITH_TIMES: PeerOptions = {
  tcp: { timestamps: true, tolerateMissingTimestamps: true },
  synOptions: [2, 4, 5, 0xb4, ...TIMES(1)],
}

describe('header prediction', () => {
  it('takes what goes on behind two segments of text', () => {
    const t = new Twins()
    assert.equal(t.batch(...t.run(5)), 3)
    t.reads(5)
  })

  it('whether it has PSH or not, and however long it is', () => {
    const t = new Twins()
    const push = { flags: ACK | PSH }
    const last = t.segment(3, { payload: text(7, 3 * LENGTH), ...push })
    assert.equal(t.batch(t.segment(0), t.segment(1), t.segment(2, push), last), 2)
    assert.equal(t.plain.read().length, 3 * LENGTH + 7)
  })

  it('of IPv6, and with timestamps', () => {
    const six = new Twins({ six: true })
    assert.equal(six.batch(...six.run(4)), 2)
    six.reads(4)
    const timed = new Twins(WITH_TIMES)
    const run = [0, 1, 2, 3].map(n => timed.segment(n, { options: TIMES(9) }))
    assert.equal(timed.batch(...run), 2)
    timed.reads(4)
  })

  const others: [what: string, change: TcpFields, ip?: Ipv4Fields][] = [
    ['the window', { window: 5000 }],
    ['the acknowledgment', { ack: 1 }],
    ['an option', { options: [1, 1, 1, 1] }],
    ['FIN', { flags: ACK | FIN }],
    ['URG', { flags: ACK | URG, urgent: 3 }],
    ['an urgent pointer, though there is no URG', { urgent: 3 }],
    ['SYN', { flags: ACK | SYN }],
    ['RST', { flags: ACK | RST }],
    ['no ACK', { flags: PSH }],
    ['CWR', { flags: ACK | 0x80 }],
    ['a port', { srcPort: 4001 }],
    ['its number: there is a gap', { seq: 9000 }],
    ['its number: it came before', { seq: 5001 }],
    ['no text', { payload: [] }],
    ['a checksum that is wrong', { checksum: 0x1234 }],
    ['a mark', {}, { tos: CE }],
    ['a hop limit', {}, { ttl: 63 }],
    ['an address', {}, { src: '10.0.0.77' }],
    ['a checksum of IP that is wrong', {}, { checksum: 0x1234 }],
    ['it is a fragment', {}, { more: true }],
    ['options of IP', {}, { options: [1, 1, 1, 1] }],
    ['it says that it is longer than it is', {}, { totalLength: 900 }],
  ]
  for (const [what, change, ip] of others)
    it(`goes the long way if it differs in more: ${what}`, () => {
      const t = new Twins()
      assert.equal(t.batch(t.segment(0), t.segment(1), t.segment(2, change, ip)), 0)
      // Whatever has become of it, what follows is as the machine says.
      t.batch(t.segment(2), t.segment(3), t.segment(4))
    })

  it('and with other timestamps', () => {
    const t = new Twins(WITH_TIMES)
    const at = (n: number, time: number) => t.segment(n, { options: TIMES(time) })
    assert.equal(t.batch(at(0, 9), at(1, 9), at(2, 10), at(3, 10)), 1)
    t.reads(4)
  })

  it('not beyond the window', () => {
    const t = new Twins({ tcp: { receiveBuffer: 2048 } })
    assert.equal(t.batch(...t.run(22)), 18)
    assert.deepEqual(t.predicting.read(), [...text(2048, 0)])
  })

  it('what the link has behind the packet is no text', () => {
    const t = new Twins()
    const padded = t.run(3).map(packet => Uint8Array.from([...packet, 1, 2, 3]))
    assert.equal(t.batch(...padded), 1)
    t.reads(3)
  })

  it('if nothing else comes between', () => {
    const udp = udpPacket({}, [1, 2, 3])
    const t = new Twins()
    assert.equal(t.batch(t.segment(0), t.segment(1), udp, t.segment(2)), 0)
    t.both(peer => void peer.stack.listen({ port: 81 }))
    const other = t.segment(0, { dstPort: 81, flags: SYN, ack: 0, payload: [] })
    assert.equal(t.batch(t.segment(3), t.segment(4), other, t.segment(5)), 0)
    t.reads(6)
  })

  it('in the same batch: the next begins anew', () => {
    const t = new Twins()
    t.batch(t.segment(0), t.segment(1))
    assert.equal(t.batch(t.segment(2), t.segment(3)), 0)
    assert.equal(t.batch(t.segment(4), t.segment(5), t.segment(6)), 1)
    t.reads(7)
  })

  it('if the user does nothing meanwhile', () => {
    const t = new Twins()
    t.both(({ link, socket }) => {
      const receiver = link['receiver']!
      const give = (n: number) => receiver.packet(t.segment(n), 0, 40 + LENGTH)
      give(0)
      give(1)
      socket.close()
      give(2)
      receiver.batchEnd()
    })
    assert.equal(t.predicting.stack.counters.segmentsPredicted, 0)
  })

  it('if nothing is outstanding: every acknowledgment counts then', () => {
    const t = new Twins()
    const before = t.plain.socket.tcb.sndNxt >>> 0
    t.both(({ socket }) => void socket.send(text(10, 0)))
    const old = [0, 1, 2].map(n => t.segment(n, { ack: before }))
    assert.equal(t.batch(...old), 0)
    const fresh = [3, 4, 5].map(n => t.segment(n))
    assert.equal(t.batch(...fresh), 1)
    t.reads(6)
  })

  it('if nothing waits behind a gap', () => {
    const t = new Twins()
    t.batch(t.segment(3))
    const rest = [0, 1, 2, 4, 5, 6].map(n => t.segment(n))
    assert.equal(t.batch(...rest), 2)
    t.reads(7)
  })

  it('on Ethernet, in frames for this station alone', () => {
    const { stack, link } = rig({ kind: 'ethernet', interface: { headerPrediction: true } })
    const listener = stack.listen({ port: 80 })
    const framed = (fields: TcpFields, to: readonly number[] = OWN_MAC, type = 0x0800) =>
      frame(to, PEER_MAC, type, tcpPacket({ flags: ACK, ...fields }))
    link.give(frame(OWN_MAC, PEER_MAC, 0x0806, arp(1, PEER_MAC, PEER4, OWN_MAC, OWN4)))
    const [synAck] = link.give(framed({ flags: SYN, seq: 999 }))
    const ack = (readSegment(synAck!.subarray(14)).seq + 1) >>> 0
    link.give(framed({ seq: 1000, ack }))
    const at = (n: number, to?: readonly number[], type?: number) =>
      framed({ seq: 1000 + n * LENGTH, ack, payload: text(LENGTH, n * LENGTH) }, to, type)
    const batch = (...frames: Uint8Array[]) => {
      const { segmentsPredicted } = stack.counters
      link.give(...frames)
      return stack.counters.segmentsPredicted - segmentsPredicted
    }
    assert.equal(batch(at(0), at(1), at(2), at(3)), 2)
    assert.equal(batch(at(4), at(5), at(6, BROADCAST)), 0)
    assert.equal(batch(at(6), at(7), at(8, PEER_MAC)), 0)
    assert.equal(batch(at(8), at(9), at(10, OWN_MAC, 0x86dd)), 0)
    // IP looks at its own version, not at the frame's.
    const read = new Uint8Array(2000)
    assert.equal(listener.accept()!.receiveInto(read), 11 * LENGTH)
    assert.deepEqual(read.subarray(0, 11 * LENGTH), text(11 * LENGTH, 0))
    assert.equal(drops(stack)['tcp-not-unicast'], 1)
  })

  it('whoever watches sees every packet, and what became of it', () => {
    const t = new Twins()
    const seen: string[][] = [t.predicting, t.plain].map(({ stack }) => {
      const lines: string[] = []
      stack.observer = {
        packet: (direction, { name }, bytes, offset, length) =>
          void lines.push(`${direction} ${name} ${bytes.subarray(offset, offset + length)}`),
        reaction: (_flow, reaction) => void lines.push(reaction),
        dropped: reason => void lines.push(reason),
      }
      return lines
    })
    assert.equal(t.batch(...t.run(5), t.segment(5, { checksum: 1 })), 3)
    assert.deepEqual(seen[0], seen[1])
    assert.equal(seen[0]!.filter(line => line === 'R24').length, 5)
  })

  it('nobody can tell it, whatever comes and however it was damaged', () => {
    const piece = fc.record({
      n: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.integer({ min: -1, max: 2 })),
      fields: fc.oneof(
        { weight: 9, arbitrary: fc.constant({}) },
        fc.record({
          flags: fc.constantFrom(ACK, ACK | PSH, ACK | FIN, ACK | RST, ACK | SYN),
          window: fc.constantFrom(65_535, 100, 0),
          payload: fc.constantFrom(text(1, 0), text(LENGTH, 0), text(300, 0), []),
        }),
      ),
      flip: fc.oneof({ weight: 9, arbitrary: fc.constant(-1) }, fc.nat(8 * 140 - 1)),
      ends: fc.nat(7),
    })
    let predicted = 0
    fc.assert(
      fc.property(fc.array(piece, { minLength: 5, maxLength: 30 }), fc.boolean(), (pieces, six) => {
        const t = new Twins({ six })
        let batch: Uint8Array[] = []
        let n = -1
        for (const { n: step, fields, flip, ends } of pieces) {
          n = Math.max(0, n + step)
          const packet = t.segment(n, fields)
          if (flip >= 0) packet[(flip >>> 3) % packet.length]! ^= 1 << (flip & 7)
          batch.push(packet)
          if (ends > 0) continue
          predicted += t.batch(...batch)
          batch = []
        }
        assert.deepEqual(t.predicting.read(), t.plain.read())
      }),
      { numRuns: 300 },
    )
    assert.ok(predicted > 100, String(predicted))
  })
})
