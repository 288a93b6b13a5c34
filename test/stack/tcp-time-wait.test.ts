import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PacketInfo } from '../../src/sim/packet.js'
import { TcpError } from '../../src/tcp/errors.js'
import { Recorder } from '../../src/trace/recorder.js'
import { be32, tcpPacket } from '../support/packets.js'
import {
  B,
  connect,
  listen,
  open,
  type Pair,
  type PairOptions,
  PORT,
  pair,
  type Witness,
} from '../support/worlds-pair.js'

const LOCAL = 4000

/** A connection in TIME_WAIT at the server (or the client), just begun; its client came from port 4000. */
function resting(options: PairOptions = {}, closesFirst: 'server' | 'client' = 'server') {
  const p = pair(options)
  const { client, server } = open(p, { localPort: LOCAL })
  const [first, second] = closesFirst === 'server' ? [server, client] : [client, server]
  first.socket.close()
  p.world.runSync(p.world.now + 100)
  second.socket.close()
  p.world.runSync(p.world.now + 100)
  assert.equal(first.socket.state, 'TIME_WAIT')
  return { p, client, server, first, since: p.world.now - 90 }
}

/** A segment from 10.0.0.1 port 4000, at once. Returns what the server answers. */
function inject(
  p: Pair,
  fields: { flags: number; seq: number; ack?: number; ts?: [number, number] },
): PacketInfo[] {
  const seen: PacketInfo[] = []
  const stop = p.cable.backward.intercept(packet => {
    seen.push(packet)
    return 'drop'
  })
  const { ts, ...rest } = fields
  const bytes = tcpPacket({
    src: '10.0.0.1',
    dst: '10.0.0.2',
    srcPort: LOCAL,
    ...rest,
    seq: fields.seq >>> 0,
    ack: (fields.ack ?? 0) >>> 0,
    options: ts ? [1, 1, 8, 10, ...be32(ts[0]), ...be32(ts[1])] : [],
  })
  p.cable.forward.receiver!.packet(bytes, 0, bytes.length)
  p.cable.forward.receiver!.batchEnd()
  stop()
  return seen
}

const FIN_ACK = 0x11
const RST = 4
const SYN = 2

/** The peer of a server's socket: what it would say next. */
const peer = ({ socket: { tcb } }: Witness, after = 0) => ({
  seq: tcb.rcvNxt,
  ack: tcb.sndNxt,
  ts: [tcb.tsRecent + after, 0] as [number, number],
})

describe('TIME_WAIT', () => {
  it('lasts 2MSL, as a record, and is forgotten [MUST-13]', () => {
    const { p, first, since } = resting({ b: { tcp: { msl: 5000 } } })
    assert.deepEqual(p.b.stack.census, { sockets: 0, halfOpen: 0, timeWait: 1, listeners: 1 })
    assert.equal(first.told.at(-1), 'closed')
    p.world.runSync(since + 9999)
    assert.equal(p.b.stack.census.timeWait, 1)
    p.world.runSync(since + 10_002)
    assert.deepEqual([p.b.stack.census.timeWait, first.socket.state], [0, 'CLOSED'])
    assert.equal(p.world.next, Number.POSITIVE_INFINITY)
  })

  it('keeps what its user has not read, and waits with folding until he has', () => {
    const p = pair()
    const { client } = open(p)
    const server = p.b.stack.sockets[0]!
    server.handler = {}
    client.socket.send(new Uint8Array(100))
    p.world.runSync(p.world.now + 100)
    server.close()
    client.socket.close()
    p.world.runSync(p.world.now + 100)
    assert.equal(server.state, 'TIME_WAIT')
    assert.deepEqual([p.b.stack.census.sockets, p.b.stack.census.timeWait], [1, 0])
    assert.equal(server.receive()!.length, 100)
    assert.deepEqual([p.b.stack.census.sockets, p.b.stack.census.timeWait], [0, 1])
  })

  it('answers the FIN that comes again, and begins anew [MUST-13]', () => {
    const { p, server, since } = resting()
    p.world.runSync(since + 30_000)
    const { seq, ack, ts } = peer(server, 30_000)
    const [reply] = inject(p, { flags: FIN_ACK, seq: seq - 1, ack, ts })
    assert(reply!.has('ACK') && reply!.ack === seq >>> 0)
    p.world.runSync(since + 89_000)
    assert.equal(p.b.stack.census.timeWait, 1)
    p.world.runSync(since + 91_000)
    assert.equal(p.b.stack.census.timeWait, 0)
  })

  it('ignores a RST (RFC 1337), unless told not to [RFC 1337]', () => {
    const { p, server } = resting()
    assert.deepEqual(inject(p, { flags: RST, ...peer(server) }), [])
    assert.equal(p.b.stack.census.timeWait, 1)
    const naive = resting({ b: { tcp: { rfc1337: false } } })
    inject(naive.p, { flags: RST, ...peer(naive.server), seq: peer(naive.server).seq + 1 })
    assert.equal(naive.p.b.stack.census.timeWait, 1, 'not at RCV.NXT')
    inject(naive.p, { flags: RST, ...peer(naive.server) })
    assert.equal(naive.p.b.stack.census.timeWait, 0)
  })

  it('is evicted, oldest first, when there are too many', () => {
    const p = pair({ b: { maxTimeWait: 3 } })
    const accepted = listen(p)
    for (let i = 0; i < 5; i++) {
      const client = connect(p, { localPort: LOCAL + i })
      p.world.runSync(p.world.now + 100)
      accepted.at(-1)!.socket.close()
      p.world.runSync(p.world.now + 100)
      client.socket.close()
      p.world.runSync(p.world.now + 100)
    }
    assert.deepEqual([p.b.stack.census.timeWait, p.b.stack.counters.timeWaitEvicted], [3, 2])
    assert.deepEqual(
      accepted.map(w => w.socket.state),
      ['CLOSED', 'CLOSED', 'TIME_WAIT', 'TIME_WAIT', 'TIME_WAIT'],
    )
    p.world.runSync()
    assert.equal(p.b.stack.census.timeWait, 0)
  })
})

describe('a SYN in TIME_WAIT (RFC 6191)', () => {
  const cases: [string, boolean, { seq: number; ts?: number }, 'opens' | 'dropped'][] = [
    ['a newer timestamp opens', true, { seq: -1000, ts: 1 }, 'opens'],
    ['the same timestamp and a higher number open', true, { seq: 1, ts: 0 }, 'opens'],
    ['the same timestamp and a lower number do not', true, { seq: -1000, ts: 0 }, 'dropped'],
    ['an older timestamp does not', true, { seq: 1000, ts: -1 }, 'dropped'],
    ['no timestamp and a higher number open', true, { seq: 1 }, 'opens'],
    ['no timestamp and a lower number do not', true, { seq: -1000 }, 'dropped'],
    ['without timestamps before, one now opens', false, { seq: -1000, ts: 5 }, 'opens'],
    ['without timestamps a higher number opens', false, { seq: 1 }, 'opens'],
    ['without timestamps a lower one does not', false, { seq: -1000 }, 'dropped'],
  ]
  for (const [what, timestamps, syn, outcome] of cases)
    it(`${what} [SHLD-4 MAY-2 RFC 6191]`, () => {
      const { p, server } = resting({ a: { tcp: { timestamps } } })
      const { seq, ts } = peer(server)
      const out = inject(p, {
        flags: SYN,
        seq: seq + syn.seq,
        ...(syn.ts === undefined ? {} : { ts: [ts[0] + syn.ts, 0] as [number, number] }),
      })
      const { census, counters } = p.b.stack
      if (outcome === 'opens') {
        assert.deepEqual([census.halfOpen, census.timeWait, counters.timeWaitReused], [1, 0, 1])
        assert(out[0]!.has('SYN', 'ACK') && out[0]!.ack === (seq + syn.seq + 1) >>> 0)
        const beyond = (out[0]!.seq - server.socket.tcb.sndNxt) | 0
        assert(beyond > 0, 'a number larger than any of the old incarnation (MAY-2 (1))')
      } else {
        assert.deepEqual([census.halfOpen, census.timeWait, out], [0, 1, []])
      }
    })

  it('does not open where nobody listens, and not where it is forbidden', () => {
    const off = resting({ b: { tcp: { rfc6191: false } } })
    const next = peer(off.server)
    const out = inject(off.p, { flags: SYN, seq: next.seq + 1000, ts: [next.ts[0] + 1000, 0] })
    assert.equal(off.p.b.stack.census.timeWait, 1)
    assert(out.every(packet => !packet.has('SYN')))
    const { p, client } = resting({}, 'client')
    // The client holds TIME_WAIT and listens to nobody.
    const bytes = tcpPacket({
      src: '10.0.0.2',
      dst: '10.0.0.1',
      srcPort: PORT,
      dstPort: LOCAL,
      seq: (client.socket.tcb.rcvNxt + 9) >>> 0,
      flags: SYN,
    })
    p.cable.backward.receiver!.packet(bytes, 0, bytes.length)
    p.cable.backward.receiver!.batchEnd()
    assert.equal(p.a.stack.census.timeWait, 1)
  })

  it('that was an old duplicate after all is taken back [MAY-2]', () => {
    const recorder = new Recorder()
    const { p, server, since } = resting({ b: { observer: recorder.observer('b') } })
    const { seq, ts } = peer(server)
    const [synAck] = inject(p, { flags: SYN, seq: seq + 1000, ts: [ts[0] + 1000, 0] })
    assert.equal(p.b.stack.census.halfOpen, 1)
    inject(p, { flags: RST, seq: seq + 1001 })
    assert.deepEqual([p.b.stack.census.halfOpen, p.b.stack.census.timeWait], [0, 1])
    assert.deepEqual(recorder.path('b').slice(-3), ['TIME_WAIT', 'SYN_RECEIVED', 'TIME_WAIT'])
    assert(synAck)
    p.world.runSync(since + 61_000)
    assert.equal(p.b.stack.census.timeWait, 0, '2MSL go on from where they were')
  })

  it('that leads to nothing leaves the rest of the wait', () => {
    const { p, server, since } = resting({ b: { tcp: { synAckRetries: 1, msl: 60_000 } } })
    const { seq, ts } = peer(server)
    inject(p, { flags: SYN, seq: seq + 1000, ts: [ts[0] + 1000, 0] })
    p.cable.forward.connected = false
    p.world.runSync(since + 20_000)
    assert.deepEqual([p.b.stack.census.halfOpen, p.b.stack.census.timeWait], [0, 1])
    p.world.runSync()
    assert.equal(p.b.stack.census.timeWait, 0)
  })

  it('opens a whole new connection, in which nothing of the old one counts [SHLD-4 RFC 6191]', () => {
    const { p, server } = resting()
    const again = connect(p, { localPort: LOCAL })
    again.socket.send(new Uint8Array(10))
    p.world.runSync(p.world.now + 500)
    assert.deepEqual(again.told, ['open'])
    assert.deepEqual([server.socket.state, server.socket.timeWait > 0], ['CLOSED', true])
    const socket = p.b.stack.sockets[0]!
    assert.equal(socket.status().bytesReceived, 10)
    p.world.runSync(p.world.now + 120_000)
    assert.equal(socket.state, 'ESTABLISHED')
  })
})

describe('connecting from a port in TIME_WAIT of our own', () => {
  it('works if timestamps tell the two apart, with a larger ISN', () => {
    const { p, client } = resting({}, 'client')
    const before = client.socket.tcb.sndNxt
    const again = connect(p, { localPort: LOCAL })
    assert(((again.socket.tcb.iss - before) | 0) > 0)
    assert.equal(p.a.stack.census.timeWait, 0)
    p.world.runSync(p.world.now + 100)
    assert.deepEqual(again.told, ['open'])
    assert.equal(client.socket.state, 'CLOSED')
  })

  it('fails with EADDRINUSE otherwise', () => {
    for (const tcp of [{ timestamps: false }, { rfc6191: false }]) {
      const { p } = resting({ a: { tcp } }, 'client')
      assert.throws(
        () => p.a.stack.connect({ remote: B, port: PORT, localPort: LOCAL }),
        (error: unknown) => error instanceof TcpError && error.code === 'EADDRINUSE',
      )
      assert.equal(p.a.stack.census.timeWait, 1)
    }
  })

  it('leaves the wait alone if the call was wrong', () => {
    const { p } = resting({}, 'client')
    assert.throws(
      () => p.a.stack.connect({ remote: B, port: PORT, localPort: LOCAL, timeout: -1 }),
      RangeError,
    )
    assert.equal(p.a.stack.census.timeWait, 1)
  })
})
