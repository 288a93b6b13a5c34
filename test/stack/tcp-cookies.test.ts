import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { SegmentView } from '../../src/wire/tcp.js'
import { be16, be32, read, rig, tcpPacket } from '../support/packets.js'
import { connect, listen, type PairOptions, PORT, pair, utf8 } from '../support/worlds-pair.js'

const SYN = 2
const ACK = 16
const RST = 4

const options = (mss: number, scale = -1, ts?: [number, number], sack = false): number[] => [
  ...[2, 4, ...be16(mss)],
  ...(sack ? [4, 2, 1, 1] : []),
  ...(ts ? [8, 10, ...be32(ts[0]), ...be32(ts[1]), 1, 1] : []),
  ...(scale >= 0 ? [3, 3, scale, 1] : []),
]

/** The segment that a stack answers with, if any. */
function answer(packets: Uint8Array[]): SegmentView | undefined {
  if (packets.length === 0) return undefined
  const seg = new SegmentView()
  assert.equal(seg.parse(read(packets[0]!).view), undefined)
  return seg
}

/** A stack that answers every SYN with a cookie. */
function flooded() {
  const r = rig()
  const listener = r.stack.listen({ port: PORT, synBacklog: 0 })
  return { ...r, listener }
}

/** Gets a cookie for a SYN; the SYN,ACK. */
const ask = (r: ReturnType<typeof flooded>, srcPort: number, opts: number[] = [], seq = 1000): SegmentView =>
  answer(r.link.give(tcpPacket({ srcPort, seq, flags: SYN, options: opts })))!

/** An established connection through a cookie, between two stacks. */
function throughCookie(setup: PairOptions = {}) {
  const p = pair(setup)
  const accepted = listen(p, { synBacklog: 0 })
  const client = connect(p)
  p.world.runSync(100)
  assert.equal(p.b.stack.counters.cookiesAccepted, 1)
  return { p, client, server: accepted[0]! }
}

describe('SYN cookies', () => {
  it('are sent only when too many handshakes are half open [RFC 4987]', () => {
    const r = rig()
    r.stack.listen({ port: PORT, synBacklog: 3 })
    for (let i = 0; i < 5; i++) r.link.give(tcpPacket({ srcPort: 1 + i, flags: SYN }))
    assert.deepEqual([r.stack.census.halfOpen, r.stack.counters.cookiesSent], [3, 2])
  })

  it('carry MSS, window scale and SACK where both speak timestamps', () => {
    for (const scale of [true, false])
      for (const sack of [true, false]) {
        const tcp = { windowScaling: scale, sack, receiveBuffer: 3_000_000 }
        const { client, server } = throughCookie({ a: { tcp } })
        const status = server.socket.status()
        assert.deepEqual(
          [status.timestamps, status.windowScaling, status.sack, status.sndWscale],
          [true, scale, sack, scale ? 6 : 0],
        )
        assert.equal(status.rcvWscale, client.socket.status().sndWscale)
        assert.equal(status.sndMss, 1460 - 12)
      }
  })

  it('without timestamps carry the MSS alone, and offer nothing that would be forgotten', () => {
    const { client, server } = throughCookie({ a: { tcp: { timestamps: false } } })
    for (const { socket } of [client, server]) {
      const { timestamps, windowScaling, sack, sndMss } = socket.status()
      assert.deepEqual([timestamps, windowScaling, sack, sndMss], [false, false, false, 1460])
    }
    const other = throughCookie({ b: { tcp: { timestamps: false } } })
    assert.deepEqual(other.client.socket.status().windowScaling, false)
  })

  it('round the MSS down to one of four', () => {
    for (const [announced, mss] of [
      [1460, 1460],
      [9000, 1460],
      [1450, 1440],
      [1439, 1300],
      [1200, 536],
      [536, 536],
    ]) {
      const r = flooded()
      const synAck = ask(r, 4000, options(announced!))
      r.link.give(tcpPacket({ srcPort: 4000, seq: 1001, ack: (synAck.seq + 1) >>> 0, flags: ACK }))
      assert.equal(r.listener.accept()!.status().sndMss, mss)
    }
  })

  it('open a connection that works like any other [RFC 4987]', () => {
    for (const timestamps of [true, false]) {
      const { p, client, server } = throughCookie({ a: { tcp: { timestamps } } })
      client.socket.send(new Uint8Array(100_000).fill(1))
      server.socket.send(new Uint8Array(100_000).fill(2))
      p.world.runSync(p.world.now + 20_000)
      assert.deepEqual(
        [server.socket.status().bytesReceived, client.socket.status().bytesReceived],
        [100_000, 100_000],
      )
      client.socket.close()
      server.socket.close()
      p.world.runSync()
      assert.deepEqual([client.told.at(-1), server.told.at(-1)], ['closed', 'closed'])
    }
  })

  it('come back with the first data if the ACK is lost', () => {
    const p = pair()
    const accepted = listen(p, { synBacklog: 0 })
    p.cable.forward.nth(1, packet => packet.has('ACK'), 'drop')
    const client = connect(p)
    p.world.at(500, () => client.socket.send(utf8('hello')))
    p.world.runSync(600)
    assert.equal(accepted[0]!.text, 'hello')
  })

  it('that are forged, stale, for another port or for another SYN are answered with RST', () => {
    const r = flooded()
    const good = ask(r, 4000).seq
    const reply = (fields: { srcPort?: number; seq?: number; ack: number }) =>
      answer(
        r.link.give(tcpPacket({ srcPort: 4000, seq: 1001, flags: ACK, ...fields, ack: fields.ack >>> 0 })),
      )!
    for (const wrong of [
      { ack: good },
      { ack: good + 2 ** 20 },
      { srcPort: 4001, ack: good + 1 },
      { seq: 1002, ack: good + 1 },
    ])
      assert.equal(reply(wrong).flags & RST, RST)
    for (let i = 0; i < 2000; i++) reply({ ack: Math.imul(i, 0x9e3779b1) })
    // One in some four million guesses is right: 24 bits of MAC, four sizes, two periods.
    assert.deepEqual([r.stack.census.sockets, r.stack.counters.cookiesRejected], [0, 2004])
    r.env.pass(129_000)
    assert.equal(reply({ ack: good + 1 }).flags & RST, RST, 'stale')
    const fresh = ask(r, 4000).seq
    r.env.pass(60_000)
    r.link.give(tcpPacket({ srcPort: 4000, seq: 1001, ack: (fresh + 1) >>> 0, flags: ACK }))
    assert.equal(r.listener.queue.length, 1, 'a minute old is fine')
  })

  it('are believed only after one was sent', () => {
    const r = flooded()
    const good = ask(r, 4000).seq
    // The same secrets, for they come from the same seed, but nobody was flooded here.
    const other = rig()
    const listener = other.stack.listen({ port: PORT })
    const out = other.link.give(tcpPacket({ srcPort: 4000, seq: 1001, ack: (good + 1) >>> 0, flags: ACK }))
    assert.equal(answer(out)!.flags & RST, RST)
    assert.deepEqual([listener.queue.length, other.stack.counters.cookiesRejected], [0, 0])
  })

  it('differ from host to host, port to port, SYN to SYN', () => {
    const r = flooded()
    const seen = new Set<number>()
    for (let i = 0; i < 200; i++)
      seen.add(ask(r, 4000 + i, [], 1000).seq).add(ask(r, 4000, [], 7 * i + 1).seq)
    assert.equal(seen.size, 400)
  })

  it('keep memory flat under 100,000 spoofed SYNs, and an honest client connects [RFC 4987]', () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const p = pair()
    const accepted = listen(p, { synBacklog: 256 })
    const { receiver } = p.cable.forward
    const flood = (from: number, n: number) => {
      for (let i = from; i < from + n; i++) {
        const src = `10.${1 + ((i >> 16) & 63)}.${(i >> 8) & 255}.${i & 255}`
        const bytes = tcpPacket({
          src,
          dst: '10.0.0.2',
          srcPort: 1024 + (i % 60_000),
          seq: i,
          flags: SYN,
          options: options(1460),
        })
        receiver!.packet(bytes, 0, bytes.length)
        receiver!.batchEnd()
      }
    }
    p.b.stack.addRoute('default', p.b.stack.interfaces[1]!)
    flood(0, 10_000)
    gc()
    const before = process.memoryUsage().heapUsed
    flood(10_000, 90_000)
    p.cable.forward.conditions = p.cable.backward.conditions = { delay: 10 }
    const client = connect(p)
    client.socket.send(utf8('honest'))
    p.world.runSync(p.world.now + 500)
    assert.deepEqual([accepted.length, accepted[0]!.text], [1, 'honest'])
    assert.equal(p.b.stack.census.halfOpen, 256)
    gc()
    const grown = process.memoryUsage().heapUsed - before
    assert(grown < 8e6, `${grown} bytes more`)
    p.world.runSync(p.world.now + 300_000)
    assert.equal(p.b.stack.census.halfOpen, 0)
  })
})
