import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holder, Remote, server, Target } from '../support/flood.js'
import { OWN6, readSegment, rig, tcpPacket } from '../support/packets.js'

/** Part 2, peers that complete the handshake and then hold what they have got: policy, not protocol, ends them. */

const ACK = 16
const FIN = 1
const RST = 4
const WEEK = 7 * 24 * 3_600_000

test('B04 sockstress: ten thousand zero-window peers fill the cap, and new peers are still served', () => {
  const t = new Target({ limits: { connections: 10_000 } })
  const { sockets, ends } = server(t, 50_000)
  const early = new Remote(t, 0x0a000005, 1)
  early.open(65_535)
  sockets[0]!.handler = {}
  for (let i = 0; i < 9999; i++) holder(t, i)
  assert.equal(t.stack.gauges.states.ESTABLISHED, 10_000)
  // Too early: somebody who has just connected is not yet known to hold anything.
  const refused = new Remote(t, 0x0a000006, 1)
  refused.open()
  assert.deepEqual([t.seen!.flags & RST, t.stack.counters.connectionsRefused], [RST, 1])
  // Every peer answers every probe: RFC 9293 alone would keep them all (MUST-37). The early one reads on.
  for (let at = 0; at < 40; at++) {
    t.env.pass(1000)
    early.send(ACK, 65_535, early.seq, (early.ack + sockets[0]!.tcb.bytesSent) >>> 0)
  }
  assert.equal(ends.length, 0, 'no limit is exceeded: nobody is touched')
  let served = 0
  for (let i = 0; i < 500; i++) {
    const honest = new Remote(t, 0x0c000000 + i, 1)
    honest.open(65_535)
    if (t.seen && t.seen.length > 0) served++
  }
  assert.equal(served, 500)
  assert.equal(t.stack.counters.connectionsReclaimed, 500)
  assert.equal(t.stack.census.sockets, 10_000)
  t.env.pass(1)
  assert.equal(ends.length, 500)
  assert.match(ends[0]!, /^ECONNABORTED .*no progress/)
  const gone = sockets.filter(s => s.state === 'CLOSED')
  assert.ok(gone.length >= 500 && gone.every(s => s.sendQueued === 0), 'and what they held is let go')
  assert.equal(sockets[0]!.state, 'ESTABLISHED', 'an established flow that makes progress is not hurt')
  early.send(ACK, 65_535, early.seq, (early.ack + 50_000) >>> 0)
  assert.equal(sockets[0]!.tcb.bytesAcked, 50_000)
})

test('B04 Naptha: no host can take more than its share, however it holds it', () => {
  const t = new Target({ limits: { connections: 400 } })
  server(t, 10)
  for (let i = 0; i < 300; i++) new Remote(t, 0x0b000001, 1000 + i).open()
  assert.deepEqual([t.stack.census.sockets, t.stack.counters.connectionsRefused], [100, 200])
  assert.ok(new Remote(t, 0x0b000002, 1).open())
  assert.equal(t.stack.census.sockets, 101)
})

test('B04 Naptha: an IPv6 host has a whole /64 to connect from, and one share', () => {
  const { stack, link } = rig({ limits: { connectionsPerPeer: 3 } })
  stack.listen({ port: 80, onConnection: () => {} })
  const opens = (src: string) => {
    const [synAck] = link.give(tcpPacket({ src, dst: OWN6, seq: 1 }))
    const ack = (readSegment(synAck!).seq + 1) >>> 0
    const [answer] = link.give(tcpPacket({ src, dst: OWN6, seq: 2, ack, flags: ACK }))
    return answer === undefined
  }
  const same = [1, 2, 3, 4, 5].map(i => opens(`fd00::1:${i}`))
  assert.deepEqual(same, [true, true, true, false, false])
  stack.addRoute('fd01::/16', stack.interfaces[1]!, undefined)
  assert.ok(opens('fd01::1'))
})

test('B04 Netkill: a host whose places are used up can connect again, in the place of what it stalls', () => {
  const t = new Target({ limits: { connectionsPerPeer: 5 } })
  const { sockets } = server(t, 50_000)
  const same = (port: number, window: number) => new Remote(t, 0x0b000001, port).open(window)
  for (let port = 1; port <= 5; port++) same(port, 0)
  t.env.pass(31_000)
  same(6, 65_535)
  // Of five that are worth the same the oldest.
  assert.deepEqual(
    sockets.slice(0, 5).map(s => s.state === 'CLOSED'),
    [true, false, false, false, false],
  )
  assert.deepEqual([sockets[5]!.state, t.stack.counters.connectionsReclaimed], ['ESTABLISHED', 1])
})

test('B04 who makes progress stays, however full it is: then it is the new ones that are refused', () => {
  const t = new Target({ limits: { connections: 10 } })
  const { sockets } = server(t, 200_000)
  const remotes = Array.from({ length: 10 }, (_, i) => holder(t, i, 500))
  // 500 bytes of window, opened again each second: five times the rate below which one counts as stalled.
  for (let second = 0; second < 60; second++) {
    t.env.pass(1000)
    for (const [i, r] of remotes.entries()) r.send(ACK, 500, r.seq, sockets[i]!.tcb.sndNxt >>> 0)
  }
  for (let i = 0; i < 20; i++) new Remote(t, 0x0c000000 + i, 1).open()
  const { connectionsRefused, connectionsReclaimed } = t.stack.counters
  assert.deepEqual([connectionsRefused, connectionsReclaimed], [20, 0])
  assert.ok(sockets.every(s => s.state === 'ESTABLISHED' || s.tcb.error?.code === 'ECONNABORTED'))
  assert.equal(t.stack.gauges.states.ESTABLISHED, 10)
})

test('B04 a listener may have a limit of its own, and what happens there is nothing to the others', () => {
  const t = new Target()
  t.stack.listen({ port: 81, maxConnections: 3, onConnection: () => {} })
  server(t, 10)
  for (let i = 0; i < 5; i++) new Remote(t, 0x0b000000 + i, 1, 81).open()
  for (let i = 0; i < 5; i++) new Remote(t, 0x0b000000 + i, 1, 80).open()
  assert.deepEqual([t.stack.census.sockets, t.stack.counters.connectionsRefused], [8, 2])
})

test('B04 below every limit a peer that answers probes is kept open for a week (MUST-37)', () => {
  const t = new Target()
  const { sockets } = server(t, 50_000)
  const remote = holder(t, 1)
  // It acknowledges the probe's octet never, and answers each probe.
  let answered = 0
  for (let at = 0; at < WEEK; at += 60_000) {
    const before = t.packetsOut
    t.env.pass(60_000)
    if (t.packetsOut > before) answered += remote.send(ACK, 0) >= 0 ? 1 : 0
  }
  assert.equal(sockets[0]!.state, 'ESTABLISHED')
  assert.ok(answered > 9000)
})

test('B04 who fills the cap costs the stack a search each second at most, not one for each handshake', () => {
  const t = new Target({ limits: { connections: 1000 } })
  server(t, 50_000)
  for (let i = 0; i < 1000; i++) holder(t, i)
  const all = t.stack['tcp'].limiter['all']
  let sweeps = 0
  const sweep = all['sweep'].bind(all)
  Object.assign(all, {
    sweep: (now: number) => {
      sweeps++
      sweep(now)
    },
  })
  for (let i = 0; i < 300; i++) holder(t, 5000 + i)
  assert.deepEqual([sweeps, t.stack.counters.connectionsRefused], [1, 300])
  t.env.pass(31_000)
  for (let i = 0; i < 300; i++) holder(t, 6000 + i)
  assert.deepEqual([sweeps, t.stack.counters.connectionsReclaimed], [2, 300])
})

test('B05 slow read: who takes an octet at a time loses his place before who takes more', () => {
  const t = new Target({ limits: { connections: 20 } })
  const { sockets } = server(t, 200_000)
  const remotes: Remote[] = []
  for (let i = 0; i < 20; i++) remotes.push(holder(t, i, i < 10 ? 1 : 65_535))
  for (let second = 0; second < 40; second++) {
    t.env.pass(1000)
    for (const [i, remote] of remotes.entries()) {
      const { tcb } = sockets[i]!
      remote.send(ACK, i < 10 ? 1 : 4000, remote.seq, tcb.sndNxt >>> 0)
    }
  }
  const slow = sockets.slice(0, 10).map(s => s.tcb.bytesAcked)
  assert.ok(Math.max(...slow) < 3000, `${slow}`)
  for (let i = 0; i < 10; i++) new Remote(t, 0x0c000000 + i, 1).open()
  const ended = (from: number) => sockets.slice(from, from + 10).filter(s => s.state === 'CLOSED').length
  assert.deepEqual([ended(0), ended(10), ended(20)], [10, 0, 0])
})

test('B05 slow read: what one peer can make the stack hold is the send buffer, if its user heeds it', () => {
  const t = new Target({ tcp: { sendBuffer: 64 << 10 } })
  let taken = 0
  t.stack.listen({
    port: 80,
    onConnection: socket => {
      const more = () => {
        while (socket.sendQueued < socket.sendLimit) {
          socket.send(new Uint8Array(1000))
          taken += 1000
        }
      }
      socket.handler = { writable: more }
      more()
    },
  })
  const remote = holder(t, 1, 1)
  for (let i = 0; i < 2000; i++) {
    t.env.pass(250)
    remote.send(ACK, 1, remote.seq, (remote.ack + t.stack.sockets[0]!.tcb.bytesSent) >>> 0)
  }
  assert.ok(taken > 64_000)
  assert.ok(t.stack.gauges.sendQueued <= (64 << 10) + 1000, `${t.stack.gauges.sendQueued}`)
})

test('B06 half-closed peers: what was released is gone within minutes, whatever the peer does not do', () => {
  const t = new Target()
  server(t, 100, socket => socket.release())
  const n = 200
  const remotes = Array.from({ length: n }, (_, i) => holder(t, i, 65_535))
  // A third acknowledges our FIN and never sends its own; a third is silent; a third closes and never acknowledges.
  for (const [i, remote] of remotes.entries()) {
    if (i % 3 === 0) remote.send(ACK, 65_535, remote.seq, (remote.ack + 101) >>> 0)
    if (i % 3 === 1) remote.send(FIN | ACK, 65_535)
  }
  const { gauges } = t.stack
  assert.deepEqual([gauges.states.FIN_WAIT_2, gauges.states.CLOSING, gauges.states.FIN_WAIT_1], [67, 67, 66])
  assert.equal(gauges.orphans, n)
  t.env.pass(61_000)
  assert.equal(t.stack.gauges.states.FIN_WAIT_2, 0, 'after a minute')
  t.env.pass(WEEK - 61_000)
  assert.deepEqual(t.stack.census, { sockets: 0, halfOpen: 0, timeWait: 0, listeners: 1 })
})

test('B06 FIN-WAIT-2: a half-close lasts as long as its user reads, and a minute once it is released', () => {
  const t = new Target()
  const { sockets } = server(t, 100, socket => socket.close())
  const remote = holder(t, 1, 65_535)
  remote.send(ACK, 65_535, remote.seq, (remote.ack + 101) >>> 0)
  t.env.pass(WEEK)
  assert.equal(sockets[0]!.state, 'FIN_WAIT_2')
  sockets[0]!.release()
  t.env.pass(59_999)
  assert.equal(sockets[0]!.state, 'FIN_WAIT_2')
  t.env.pass(2)
  assert.equal(sockets[0]!.state, 'CLOSED')
})

test('B06 LAST-ACK: a peer that closed and is gone is given up after R2 or the user timeout', () => {
  const t = new Target()
  const { sockets } = server(t, 100)
  for (let i = 0; i < 50; i++) {
    const remote = holder(t, i, 65_535)
    remote.send(FIN | ACK, 65_535, remote.seq, (remote.ack + 100) >>> 0)
    sockets[i]!.close()
  }
  assert.equal(t.stack.gauges.states.LAST_ACK, 50)
  t.env.pass(300_001)
  assert.equal(t.stack.census.sockets, 0)
})

test('B06 CLOSE-WAIT: a connection whose user forgets to close is the user’s leak, and the gauges show it', () => {
  const t = new Target()
  const { sockets } = server(t, 0)
  for (let i = 0; i < 30; i++) holder(t, i, 65_535).send(FIN | ACK)
  t.env.pass(WEEK)
  assert.equal(t.stack.gauges.states.CLOSE_WAIT, 30)
  for (const socket of sockets) {
    assert.ok(socket.atEnd)
    socket.close()
  }
  t.env.pass(WEEK)
  assert.equal(t.stack.census.sockets, 0)
})

test('B06 orphans that peers hold with closed windows are kept within the memory for them, the worst first', () => {
  const t = new Target({ limits: { orphanMemory: 2 << 20 } })
  // Released with 50,000 bytes unsent, and every probe will be answered with a window of nothing.
  server(t, 50_000, socket => socket.release())
  for (let i = 0; i < 2000; i++) {
    holder(t, i)
    if (i % 100 === 0) t.env.pass(1500)
  }
  const { orphans, sendQueued } = t.stack.gauges
  assert.ok(orphans <= (2 << 20) / 54_096 && orphans > 30, `${orphans} orphans`)
  assert.ok(sendQueued <= 2 << 20)
  assert.equal(t.stack.counters.orphansReclaimed, 2000 - orphans)
  // One that takes its data finishes, though all the others do not.
  const honest = holder(t, 5000, 65_535)
  const socket = t.stack.sockets.find(({ remote }) => remote.w3 === honest.address)!
  for (let round = 0; socket.state !== 'FIN_WAIT_2' && round < 20; round++) {
    holder(t, 6000 + round)
    t.env.pass(1000)
    honest.send(ACK, 65_535, honest.seq, socket.tcb.sndNxt >>> 0)
  }
  assert.deepEqual([socket.state, socket.tcb.bytesAcked], ['FIN_WAIT_2', 50_000])
})
