import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Socket as NetSocket } from '../../src/faces/net/index.js'
import { createWeb } from '../../src/faces/web/index.js'
import { realtime } from '../../src/links/realtime.js'
import type { Link, LinkReceiver } from '../../src/stack/link.js'
import type { Socket } from '../../src/stack/socket.js'
import { Stack } from '../../src/stack/stack.js'
import * as sequence from '../../src/tcp/sequence.js'
import { IpAddress } from '../../src/wire/address.js'
import { counting, FakeEnvironment, OWN4, readSegment, tcpPacket } from '../support/packets.js'
import { established, inState, type Sent } from '../support/transcript.js'
import { SERVER, worldNets } from '../support/world-net.js'
import { connect, listen, open, PORT, pair, utf8, Witness } from '../support/worlds-pair.js'

/** Part 6, where JavaScript is the trap: buffers that are shared, numbers that are signed, timers, callbacks that throw. */

const ACK = 16
const SYN = 2

test('F06 retransmit aliasing: what a user changes after write is not what is sent again (node face)', async () => {
  const { world, client, server, forward } = worldNets()
  const listener = server.createServer().listen(80)
  const here: NetSocket = client.connect({ port: 80, host: SERVER })
  const [[there]] = (await world.settle(
    Promise.all([once(listener, 'connection'), once(here, 'connect')]),
    86_400_000,
  )) as unknown as [[NetSocket]]
  const got: Buffer[] = []
  there.on('data', part => got.push(part))
  // The first transmission of everything is lost.
  let lost = 0
  const stop = forward.intercept(packet => (packet.payloadLength > 0 && lost++ >= 0 ? 'drop' : 'pass'))
  const chunk = Buffer.from('attack at dawn')
  here.write(chunk, () => chunk.fill(0))
  await world.run(world.now + 100)
  assert.ok(lost > 0 && chunk[0] === 0)
  stop()
  await world.run(world.now + 10_000)
  assert.equal(Buffer.concat(got).toString(), 'attack at dawn')
})

test('F06 retransmit aliasing: nor with WHATWG streams, once the write is done (web face)', async () => {
  const p = pair()
  const accepted = listen(p)
  const connection = createWeb(p.a.stack).connect(`10.0.0.2:${PORT}`)
  await p.world.settle(connection.opened, 10_000)
  let lost = 0
  const stop = p.cable.forward.intercept(packet =>
    packet.payloadLength > 0 && lost++ >= 0 ? 'drop' : 'pass',
  )
  const chunk = utf8('attack at dawn')
  const writer = connection.writable.getWriter()
  await p.world.settle(writer.write(chunk), 1000)
  chunk.fill(0)
  await p.world.run(p.world.now + 100)
  assert.ok(lost > 0)
  stop()
  await p.world.run(p.world.now + 10_000)
  assert.equal(accepted[0]!.text, 'attack at dawn')
})

/** A link that fills the stack's buffer with `poison` before and after each packet, and keeps what was sent. */
class PoisonedLink implements Link {
  readonly kind = 'ip'
  readonly mtu = 1500
  readonly sent: Uint8Array[] = []
  receiver!: LinkReceiver
  constructor(private readonly poison: number) {}
  attach(receiver: LinkReceiver): void {
    this.receiver = receiver
  }
  send(bytes: Uint8Array, offset: number, length: number): boolean {
    this.sent.push(bytes.slice(offset, offset + length))
    bytes.fill(this.poison)
    return true
  }
  close(): void {}
}

/** Everything a stack says in a life full of kinds of packets, with its buffers poisoned. */
function saidWith(poison: number): Uint8Array[] {
  const env = new FakeEnvironment(3)
  const stack = new Stack({ env })
  const link = new PoisonedLink(poison)
  const iface = stack.addInterface(link, { addresses: [`${OWN4}/24`, 'fd00::1/64'] })
  iface.buffer.fill(poison)
  const give = (bytes: Uint8Array) => {
    link.receiver.packet(bytes, 0, bytes.length)
    link.receiver.batchEnd()
  }
  const sockets: Socket[] = []
  stack.listen({ port: 80, synBacklog: 2, onConnection: socket => void sockets.push(socket) })
  const offers = [
    [2, 4, 5, 180],
    [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7],
    [3, 3, 7, 0],
    [4, 2, 1, 1],
  ]
  for (const [i, options] of offers.entries()) {
    give(tcpPacket({ srcPort: 100 + i, seq: 10, options }))
    const ack = (readSegment(link.sent.at(-1)!).seq + 1) >>> 0
    const ts = options.includes(8) ? [1, 1, 8, 10, 0, 0, 0, 2, 0, 0, 0, 0] : []
    give(tcpPacket({ srcPort: 100 + i, seq: 11, ack, flags: ACK, options: ts }))
    for (const gap of [20, 40, 61])
      give(tcpPacket({ srcPort: 100 + i, seq: gap, ack, flags: ACK, options: ts, payload: [1, 2, 3] }))
    sockets[i]?.send(counting(1 + i * 777), { urgent: true })
    sockets[i]?.send(counting(5000))
    env.pass(50)
  }
  give(tcpPacket({ dstPort: 9, seq: 1 }))
  give(tcpPacket({ dstPort: 9, flags: ACK, ack: 7 }))
  give(tcpPacket({ srcPort: 900, flags: SYN, seq: 1 }))
  for (const socket of sockets) socket.close()
  env.pass(5000)
  stack.bindUdp(7, () => {}).send(counting(4000), IpAddress.parse('10.0.0.2'), 7)
  env.pass(500_000)
  return link.sent
}

test('F07 uninitialized memory: no octet of any packet is what happened to lie in the buffer (MUST-69)', () => {
  const [a, b] = [saidWith(0xaa), saidWith(0x55)]
  assert.ok(a.length > 40)
  // Nor what happened to be in the segment before: no pointer without URG, no acknowledgment without ACK.
  for (const bytes of a) {
    if (bytes[9] !== 6) continue
    const { flags, urgentPointer, ack } = readSegment(bytes)
    assert.ok((flags & 32 || urgentPointer === 0) && (flags & ACK || ack === 0))
  }
  assert.deepEqual(a, b)
})

test('F08 signed pitfalls: comparisons are right at every boundary, also where JavaScript’s own are not', () => {
  const edges = [0, 1, -1, 2, 0x7fffffff, -0x80000000, 0x7ffffffe, -0x7fffffff, 0x3fffffff, 0x40000000]
  for (const a of edges)
    for (const b of edges) {
      // By the text of RFC 9293 section 3.4: modulo 2^32, with half a circle ahead being ahead.
      const ahead = Number((BigInt(b) - BigInt(a)) & 0xffffffffn)
      // Exactly half a circle apart neither is ahead: no window is that large.
      if (ahead === 2 ** 31) continue
      assert.equal(sequence.lt(a, b), ahead > 0 && ahead < 2 ** 31, `${a} < ${b}`)
      assert.equal(sequence.le(a, b), ahead < 2 ** 31)
      assert.equal(sequence.gt(b, a), sequence.distance(a, b) > 0)
      assert.equal(sequence.add(a, b) >>> 0, (a + b) >>> 0)
    }
})

/** A life with everything in it, told relative to both initial numbers. */
function toldFrom(iss: number, irs: number): string[] {
  const config = { timestamps: true, sack: true, windowScaling: true, receiveBuffer: 1 << 20 }
  const syn = { ts: [7, 0] as const, sackPermitted: true, windowScale: 7, window: 65_535 }
  const t = established({ iss, irs, config, syn })
  const lines: string[] = []
  const note = (sent: Sent[]) => {
    for (const s of sent) {
      const sack = s.sack.map(([l, r]) => `${(l - irs) >>> 0}-${(r - irs) >>> 0}`)
      const ack = (s.ack - irs) >>> 0
      lines.push(
        `${s.flags} ${(s.seq - iss) >>> 0} ${ack} ${s.window} ${s.data.length} ${sack} ${s.retransmission}`,
      )
    }
  }
  const at = (n: number) => (irs + 1 + n) | 0
  t.send(100_000)
  note(t.drain())
  for (const n of [3000, 6000, 1460, 0]) {
    t.arrives({ seq: at(n), data: 1460, ack: t.tcb.sndUna + 1460 })
    note(t.drain())
  }
  for (let i = 0; i < 4; i++) {
    t.arrives({ ack: t.tcb.sndUna })
    note(t.drain())
  }
  t.advance(1000)
  note(t.drain())
  t.arrives({ flags: 'RST', seq: at(900_000) })
  t.arrives({ flags: 'ACK,URG', urgent: 20, data: 30 })
  t.arrives({ ack: t.tcb.sndNxt + 5 })
  t.arrives({ ack: t.tcb.sndNxt, window: 0 })
  note(t.drain())
  t.advance(5000)
  note(t.drain())
  t.arrives({ window: 65_535 })
  note(t.drain())
  while (t.tcb.receiveQueue.length > 0) lines.push(`read ${t.read(777).length}`)
  t.close()
  for (let i = 0; i < 30 && t.tcb.state === 'FIN_WAIT_1'; i++) {
    t.arrives({ ack: t.tcb.sndNxt })
    note(t.drain())
  }
  t.arrives({ flags: 'FIN,ACK' })
  note(t.drain())
  lines.push(t.tcb.state)
  return lines
}

test('F08 signed pitfalls: a whole life is the same wherever its sequence numbers begin', () => {
  const reference = toldFrom(1000, 5000)
  assert.ok(reference.length > 60 && reference.at(-1) === 'TIME_WAIT')
  for (const iss of [0, -1, 0x7fffffff, -0x80000000, 0x7fffffff - 1461, -1461, 0x7fff0000, -70_000])
    for (const irs of [0, -1, 0x7fffffff, -0x80000000, 0x7fffffff - 3000, -6000])
      assert.deepEqual(toldFrom(iss, irs), reference, `iss ${iss}, irs ${irs}`)
})

test('F09 timer overflow: timers of 25 days fire on their day, and no platform timer is set for longer than it can be', () => {
  let asked = 0
  let now = 0
  let pending: { at: number; callback: () => void } | undefined
  const env = realtime({
    host: {
      now: () => now,
      setTimeout: (callback, delay) => {
        assert.ok(delay >= 0 && delay <= 2 ** 31 - 1, `${delay}`)
        asked = Math.max(asked, delay)
        pending = { at: now + delay, callback }
        return 1
      },
      clearTimeout: () => {
        pending = undefined
      },
      getRandomValues: bytes => void bytes.fill(1),
    },
  })
  const days = 60 * 86_400_000
  let fired = -1
  env.wakeAt(days, () => {
    fired = now
  })
  for (let i = 0; i < 10 && pending; i++) {
    const { at, callback } = pending
    pending = undefined
    now = at
    callback()
  }
  assert.deepEqual([fired, asked], [days, 2 ** 31 - 1])
})

test('F09 timer overflow: a connection idle for 25, 50 and 500 days, and a clock that jumps as after a suspend', () => {
  const p = pair()
  const { client, server } = open(p)
  client.socket.setKeepAlive(true, 30 * 86_400_000, 75_000, 9)
  for (const days of [25, 50, 500]) {
    p.world.runSync(days * 86_400_000)
    client.socket.send(utf8(`day ${days} `))
    p.world.runSync(p.world.now + 1000)
  }
  assert.equal(server.text, 'day 25 day 50 day 500 ')
  assert.ok(p.cable.forward.sent < 100)
  // Time leaps by a month between two events: every timer is late, none is lost, nothing is sent in a burst.
  const t = inState('FIN_WAIT_1')
  t.now += 30 * 86_400_000
  let steps = 0
  while (t.tcb.deadline <= t.now && t.tcb.state !== 'CLOSED') {
    t.expire()
    t.drain()
    assert.ok(++steps < 30)
  }
  t.is('CLOSED').failedWith('ETIMEDOUT')
})

test('F09 timer overflow: PAWS after more than 24 days of silence does not lock an honest peer out', () => {
  const t = established({ config: { timestamps: true }, syn: { ts: [0x7ffffff0, 0] } })
  t.advance(25 * 86_400_000)
  // The peer's clock has wrapped meanwhile.
  t.arrives({ data: 'still me', ts: [(0x7ffffff0 + 25 * 86_400_000) | 0, 0] }).reads('still me')
})

test('F10 re-entrancy: a throw, an abort, a close or a release from any callback breaks nothing for anybody', () => {
  const acts: Record<string, (socket: Socket) => void> = {
    throw: () => {
      throw new Error('mine')
    },
    abort: socket => socket.abort(),
    release: socket => socket.release(),
    close: socket => void (socket.state === 'ESTABLISHED' && socket.close()),
    'write a lot': socket => void (socket.state === 'ESTABLISHED' && socket.send(new Uint8Array(300_000))),
    'abort and throw': socket => {
      socket.abort()
      throw new Error('mine')
    },
  }
  for (const [name, act] of Object.entries(acts))
    for (const event of ['open', 'readable', 'writable', 'end', 'closed', 'onConnection'] as const)
      for (const side of ['client', 'server'] as const) {
        const p = pair()
        const errors = p.world.errors
        const servers: Witness[] = []
        const arm = (witness: Witness) => {
          const usual = (witness as unknown as Record<string, unknown>)[event]
          Object.assign(witness, {
            [event]: (...args: unknown[]) => {
              if (typeof usual === 'function') usual.apply(witness, args)
              act(witness.socket)
            },
          })
        }
        p.b.stack.listen({
          port: PORT,
          onConnection: socket => {
            const witness = new Witness()
            witness.socket = socket
            socket.handler = witness
            servers.push(witness)
            if (side === 'server') arm(witness)
            socket.send(new Uint8Array(20_000))
            if (event === 'onConnection' && side === 'server') act(socket)
          },
        })
        const bystander = connect(p)
        const client = connect(p, { localPort: 4000 })
        if (side === 'client') arm(client)
        p.world.at(100, () => {
          for (const w of [client, bystander])
            if (w.socket.state === 'ESTABLISHED') w.socket.send(utf8('question'))
        })
        p.world.at(2000, () => {
          for (const w of [client, bystander, ...servers])
            if (/ESTABLISHED|CLOSE_WAIT/.test(w.socket.state) && !w.socket.tcb.finQueued) w.socket.close()
        })
        while (p.world.step());
        const what = `${name} in ${event} of the ${side}`
        for (const error of errors) assert.equal((error as Error).message, 'mine', `${what}: ${error}`)
        for (const stack of [p.a.stack, p.b.stack])
          assert.deepEqual(
            [stack.census.sockets, stack.census.halfOpen, stack.census.timeWait],
            [0, 0, 0],
            what,
          )
        if (side === 'client') {
          const got = bystander.bytes.reduce((n, b) => n + b.length, 0)
          assert.equal(got, 20_000, `${what}: the bystander got ${got}`)
        }
      }
})

test('F10 re-entrancy: the innocent next to a thrower are told and sent to in the same batch', () => {
  const p = pair()
  const accepted = listen(p)
  const [first, second] = [connect(p), connect(p)]
  p.world.runSync(500)
  const [one, two] = accepted
  one!.readable = () => {
    throw new Error('mine')
  }
  first.socket.send(utf8('a'))
  second.socket.send(utf8('b'))
  while (p.world.step() && p.world.now < 2000);
  assert.deepEqual([two!.text, p.world.errors.length], ['b', 1])
})
