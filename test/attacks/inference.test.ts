import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EphemeralPorts } from '../../src/stack/ports.js'
import { Secrets } from '../../src/stack/secrets.js'
import type { Socket } from '../../src/stack/socket.js'
import { SipHash } from '../../src/tcp/siphash.js'
import { IpAddress } from '../../src/wire/address.js'
import { Remote, Target } from '../support/flood.js'
import {
  FakeEnvironment,
  icmp4,
  ipv4,
  OWN4,
  PEER4,
  read,
  rig,
  tcpPacket,
  udpPacket,
} from '../support/packets.js'

/** Part 1, what the stack gives away of itself: to somebody who can only send to it and look at what it sends to him. */

const ACK = 16
const SYN = 2
const RST = 4
const L = IpAddress.parse(OWN4)
const host = (i: number) => IpAddress.v4(0xc0000200 + i)

test("A04 challenge-ACK side channel: using up one connection's budget changes no other's answers", () => {
  const t = new Target()
  t.stack.listen({ port: 80 })
  const victim = new Remote(t, 0x0a000005, 1000)
  const own = new Remote(t, 0x0a000006, 2000)
  assert.ok(victim.open() && own.open())
  const probe = (remote: Remote) => remote.send(SYN, 65535, (remote.seq + 100) >>> 0)
  // What the attacker sees on his own connection, by whether he spoofs at the victim's and how he guesses.
  const seen = new Set<number>()
  for (const spoofed of [0, 1, 10, 100, 1000])
    for (const seqGuess of [victim.seq, (victim.seq + 1) >>> 0, 12345]) {
      t.env.pass(5000)
      for (let i = 0; i < spoofed; i++) victim.send(i & 1 ? SYN : RST, 65535, (seqGuess + 1) >>> 0)
      let answers = 0
      for (let i = 0; i < 500; i++) answers += probe(own)
      seen.add(answers)
    }
  assert.deepEqual([...seen], [10])
})

test('A04 challenge-ACK side channel: nor that of a half-open connection', () => {
  const t = new Target()
  t.stack.listen({ port: 80 })
  const [a, b] = [new Remote(t, 0x0a000005, 1), new Remote(t, 0x0a000006, 2)]
  for (const r of [a, b]) {
    r.send(SYN)
    r.seq++
    r.ack = (t.seen!.seq + 1) >>> 0
  }
  const challenge = (r: Remote) => r.send(ACK, 65535, (r.seq - 50_000) >>> 0)
  let spent = 0
  for (let i = 0; i < 100; i++) spent += challenge(a)
  assert.deepEqual([spent, challenge(b)], [10, 1])
})

test('A05 IPID side channel: whole packets carry 0, fragments a number that follows from no other', () => {
  const { stack, link } = rig()
  stack.listen({ port: 80 })
  const id = (p: Uint8Array) => (p[4]! << 8) | p[5]!
  const ids: number[] = []
  for (let i = 0; i < 50; i++)
    for (const p of link.give(tcpPacket({ src: i & 1 ? PEER4 : '10.0.0.9', srcPort: 1000 + i }))) {
      assert.ok((p[6]! & 0x40) !== 0, 'DF: atomic (RFC 6864)')
      ids.push(id(p))
    }
  assert.deepEqual([...new Set(ids)], [0])
  // Fragments, to two peers by turns.
  const port = stack.bindUdp(53, () => {})
  const first: number[] = []
  for (let i = 0; i < 200; i++) {
    port.send(new Uint8Array(4000), IpAddress.parse(i & 1 ? PEER4 : '10.0.0.9'), 7)
    const fragments = link.take()
    assert.ok(fragments.length > 1 && new Set(fragments.map(id)).size === 1)
    first.push(id(fragments[0]!))
  }
  const steps = first.slice(1).map((n, i) => (n - first[i]!) & 0xffff)
  assert.ok(new Set(steps).size > 190, 'no counter')
  assert.ok(steps.filter(s => s < 1024).length < 20, 'nothing near the last one')
})

test('A05 IPID side channel: an ICMP that asks for fragments moves no flow to identifications (CVE-2020-36516)', () => {
  const t = new Target()
  const sockets: Socket[] = []
  t.stack.listen({ port: 80, onConnection: socket => void sockets.push(socket) })
  const remote = new Remote(t, 0x0a000005, 1000)
  remote.open()
  let quoted!: Uint8Array
  t.onSend = bytes => {
    quoted = bytes.slice()
  }
  sockets[0]!.send(new Uint8Array(1400))
  const sent: { id: number; df: boolean; length: number }[] = []
  t.onSend = b => sent.push({ id: (b[4]! << 8) | b[5]!, df: (b[6]! & 0x40) !== 0, length: b.length })
  t.give(ipv4({ src: '10.0.0.5', protocol: 1 }, icmp4(3, 4, 68, quoted.subarray(0, 28))))
  assert.ok(sent.length >= 1, 'sent again')
  for (const { id, df, length } of sent) assert.ok(id === 0 && df && length <= 552)
})

test('A06 weak ISN: the best linear predictor spoofs no handshake in a million tries', () => {
  const secrets = new Secrets(new FakeEnvironment(6))
  // The attacker opens connections of his own, from as many ports as he likes, and extrapolates to the victim's tuple.
  const spoofed = host(200)
  let hits = 0
  let before = 0
  let last = 0
  for (let i = 0; i < 1_000_000; i++) {
    const now = i * 10
    const own = secrets.isn(L, 80, host(1), 1024 + (i & 0x7fff), now)
    const guess = (2 * own - last + ((own - before) >> 1)) | 0
    before = last
    last = own
    if (guess === secrets.isn(L, 80, spoofed, 4000 + (i & 1023), now + 10)) hits++
  }
  // Chance alone makes 1/4295 of one.
  assert.equal(hits, 0)
})

test('A06 weak ISN: one tuple seen again tells the clock and nothing of its neighbours', () => {
  const secrets = new Secrets(new FakeEnvironment(6))
  const isn = (port: number, now: number) => secrets.isn(L, 80, host(1), port, now)
  const differences = Array.from({ length: 4096 }, (_, i) => (isn(i + 1, 0) - isn(i, 0)) | 0)
  assert.equal(new Set(differences).size, 4096)
  assert.equal((isn(7, 1000) - isn(7, 0)) | 0, 250_000)
})

test('A07 weak or short hash secrets: 128 bits for each purpose, and one output says nothing of another', () => {
  const drawn: number[] = []
  const env = new FakeEnvironment(7)
  const fill = env.fillRandom.bind(env)
  env.fillRandom = bytes => {
    drawn.push(bytes.length)
    fill(bytes)
  }
  const secrets = new Secrets(env)
  assert.deepEqual(
    drawn,
    [16, 16, 16, 16, 16, 16],
    'bytes, for: ISN, timestamps, ports twice, cookies, table',
  )
  // Whoever knows an ISN and finds a 32-bit seed that gives it has found nothing: the key is not 32 bits long, and
  // each purpose has its own.
  const remote = host(9)
  const isn = secrets.isn(L, 80, remote, 1234, 0)
  let explained = 0
  const others = [
    secrets.timestampOffset(L, remote),
    secrets.cookie(L, 80, remote, 1234, 0, 0),
    secrets.portOffset(L, remote, 1234) | 0,
    secrets.portTableIndex(L, remote, 1234) | 0,
  ]
  for (let shift = 0; shift < 32; shift++)
    for (const other of others) {
      const rotated = (isn << shift) | (isn >>> ((32 - shift) % 32))
      if (rotated === other || (rotated ^ other) === 0 || ((rotated + other) | 0) === 0) explained++
    }
  assert.equal(explained, 0)
  // The function is SipHash-2-4, whose key one changed bit of a megabit of output does not give away: of 2^16 keys
  // that differ from the right one in two bytes none makes the same number.
  const key = new Uint8Array(16).fill(0x5a)
  const words = Int32Array.of(1, 2, 3)
  const right = new SipHash(key).hash(words, 3)
  let same = 0
  for (let i = 1; i < 65_536; i++) {
    const wrong = key.slice()
    wrong[3]! ^= i & 255
    wrong[12]! ^= i >> 8
    if (new SipHash(wrong).hash(words, 3) === right) same++
  }
  assert.ok(same <= 1, `${same} keys in 65,535`)
})

test('A08 source-port prediction: the next port to a host cannot be told from ports to others (CVE-2022-32296)', () => {
  const env = new FakeEnvironment(8)
  const ports = new EphemeralPorts(new Secrets(env), env)
  const free = () => true
  let near = 0
  let last = 0
  for (let i = 0; i < 20_000; i++) {
    // The attacker runs a server of his own that the victim connects to, between two of its connections elsewhere.
    const own = ports.pick(L, host(1), 443, free)
    const victims = ports.pick(L, IpAddress.v4(0x08080000 + i), 53, free)
    if (Math.abs(victims - own) <= 8 || Math.abs(victims - last) <= 8) near++
    last = victims
  }
  // 34 of 28,232 ports lie that near by chance.
  assert.ok(near < 60, `${near} of 20,000`)
})

test('A08 device tracking: the increments are 4,096 random words, not a few that all destinations share', () => {
  const env = new FakeEnvironment(8)
  const ports = new EphemeralPorts(new Secrets(env), env)
  const free = () => true
  // Two destinations that share a counter show it: using one advances the other. CVE-2022-32296 counted collisions
  // in a table of 256.
  const pairs = 3000
  const base = Array.from({ length: pairs }, (_, i) => ports.pick(L, IpAddress.v4(0x01000000 + i), 80, free))
  for (let i = 0; i < 64; i++) ports.pick(L, host(1), 80, free)
  const moved = base.filter((port, i) => {
    const next = ports.pick(L, IpAddress.v4(0x01000000 + i), 80, free)
    return (next - port + 28_232) % 28_232 > 30
  }).length
  assert.ok(moved <= 8, `${moved} of ${pairs} share the counter of one destination`)
  // Another boot, other ports to the same places.
  const again = new FakeEnvironment(9)
  const second = new EphemeralPorts(new Secrets(again), again)
  const sameAs = base.filter(
    (port, i) => second.pick(L, IpAddress.v4(0x01000000 + i), 80, free) === port,
  ).length
  assert.ok(sameAs < 5, `${sameAs} the same after a restart`)
})

test('A09 timestamp uptime and NAT counting: hosts see unrelated clocks, each of which only moves on', () => {
  const t = new Target()
  t.stack.listen({ port: 80 })
  const TS = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0]
  const tsOf = (src: string, srcPort: number): number => {
    let value = -1
    t.onSend = bytes => {
      // NOP, NOP, timestamps: as we sent no SACK-permitted and no scale, behind the MSS.
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      value = view.getUint32(20 + 20 + 4 + 4)
    }
    t.give(tcpPacket({ src, srcPort, options: TS }))
    return value
  }
  const offsets = new Set<number>()
  for (let i = 0; i < 200; i++) offsets.add((tsOf(`198.51.100.${i}`, 1000) - t.env.time) | 0)
  assert.equal(offsets.size, 200, 'nobody learns the uptime, or that two hosts speak to one')
  const first = tsOf('198.51.100.7', 2000)
  t.env.pass(500)
  const later = tsOf('198.51.100.7', 2001)
  assert.equal(later - first, 500, 'to one host they go on, so that RFC 6191 and PAWS work')
})

test('A12 SYN-cookie spoofing: eight of 2^32 acknowledgments are cookies, for two minutes after an overflow', () => {
  const t = new Target()
  t.stack.listen({ port: 80, synBacklog: 0 })
  const remote = new Remote(t, 0x0a000005, 1000)
  remote.send(SYN)
  const iss = t.seen!.seq
  const { counters } = t.stack
  const accepted = (ack: number) => {
    const before = counters.cookiesAccepted
    remote.send(ACK, 65535, 5001, ack >>> 0)
    const taken = counters.cookiesAccepted > before
    // An accepted one is a connection: reset it, so that the next guess meets the listener again.
    if (taken) remote.send(RST, 65535, 5001)
    return taken
  }
  // The four that stand for another MSS lie beside the right one, and nothing else within reach does.
  const near: number[] = []
  for (let i = -2000; i <= 2000; i++) if (accepted(iss + 1 + i)) near.push(i)
  assert.equal(near.length, 4, `${near}`)
  assert.ok(near.includes(0) && near.at(-1)! - near[0]! === 3)
  let guessed = 0
  for (let i = 0; i < 300_000; i++) if (accepted(Math.imul(i, 0x9e3779b1) + 12345)) guessed++
  assert.equal(guessed, 0, 'expected: 300,000 * 8/2^32')
  assert.ok(counters.cookiesRejected >= 303_000)
})

test('A12 SYN-cookie spoofing: stale, or without an overflow just before, an ACK gets a RST', () => {
  const t = new Target()
  t.stack.listen({ port: 80, synBacklog: 0 })
  const remote = new Remote(t, 0x0a000005, 1000)
  remote.send(SYN)
  const iss = t.seen!.seq
  t.env.pass(130_000)
  remote.send(ACK, 65535, 5001, (iss + 1) >>> 0)
  assert.ok(t.seen!.flags & RST, 'no overflow within two minutes')
  new Remote(t, 0x0a000006, 1).send(SYN)
  remote.send(ACK, 65535, 5001, (iss + 1) >>> 0)
  assert.ok(t.seen!.flags & RST, 'the cookie is too old')
  assert.deepEqual([t.stack.counters.cookiesAccepted, t.stack.counters.cookiesRejected], [0, 1])
})

test('A05 idle scan: what a closed port answers to one host is not to be read by another', () => {
  const { link } = rig()
  const ids = new Set<number>()
  for (let i = 0; i < 20; i++) {
    const [rst] = link.give(tcpPacket({ src: i % 3 ? PEER4 : '10.0.0.8', dstPort: 9, srcPort: 1 + i }))
    ids.add(read(rst!).view.fragmentId)
    link.give(udpPacket({ dstPort: 9, srcPort: 1 + i }, [1]))
  }
  assert.deepEqual([...ids], [0])
})
