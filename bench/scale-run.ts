// One measurement of bench:scale, in a process of its own: prints a line of JSON. Needs --expose-gc.
import type { Socket } from '../src/stack/socket.js'
import { TimerNode, TimerWheel } from '../src/stack/wheel.js'
import { ACK, FIN, PSH, SYN } from '../src/wire/tcp.js'
import { Peers } from '../test/support/many-peers.js'

const gc = (globalThis as { gc?: () => void }).gc
if (!gc) throw new Error('run with --expose-gc')
const [what, text] = process.argv.slice(2)
const count = Number(text)
const say = (result: object): void => console.log(JSON.stringify(result))

interface Memory {
  heap: number
  rss: number
}

function memory(): Memory {
  gc!()
  gc!()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}

/** What the process grew by for each of `count`. */
function grown(before: Memory): Memory {
  const after = memory()
  return { heap: (after.heap - before.heap) / count, rss: (after.rss - before.rss) / count }
}

/** Everything is compiled, and what is made once is there. */
function warm(act: (peers: Peers, i: number) => void, listen: boolean): void {
  const peers = new Peers(2000)
  if (listen) peers.stack.listen({ port: 80, synBacklog: 4000, onConnection: () => {} })
  for (let i = 0; i < 2000; i++) act(peers, i)
}

/** Connections that were opened, all at once. */
function open(act: (peers: Peers, i: number) => void, listen: boolean): void {
  warm(act, listen)
  const peers = new Peers(count)
  if (listen) peers.stack.listen({ port: 80, onConnection: () => {} })
  const before = memory()
  for (let i = 0; i < count; i++) act(peers, i)
  const each = grown(before)
  const { sockets } = peers.stack.census
  if (sockets !== count) throw new Error(`${sockets} connections of ${count}`)
  say(each)
}

/** Connections that come at a thousand a second, and then are quiet until all of them are folded up. */
function idle(act: (peers: Peers, i: number) => void, listen: boolean): void {
  warm(act, listen)
  const peers = new Peers(count)
  if (listen) peers.stack.listen({ port: 80, onConnection: () => {} })
  const before = memory()
  for (let i = 0; i < count; i++) {
    act(peers, i)
    if (i % 50 === 0) pass(peers, 50)
  }
  for (let i = 0; i < 60_000; i += 50) pass(peers, 50)
  const each = grown(before)
  const folded = peers.stack.sockets.filter(socket => socket.isFolded).length
  if (folded !== count) throw new Error(`${folded} connections folded of ${count}`)
  if (!listen) return say(each)
  const from = performance.now()
  for (let i = 0; i < count; i++) {
    peers.data(i, 100)
    peers.endBatch()
  }
  say({ ...each, unfoldMicros: ((performance.now() - from) * 1000) / count })
}

function pass(peers: Peers, ms: number): void {
  peers.env.time += ms
  peers.env.wake?.()
}

function halfOpen(): void {
  const act = (peers: Peers, i: number) => {
    peers.give(i, SYN)
    peers.endBatch()
  }
  warm(act, true)
  const peers = new Peers(count)
  peers.stack.listen({ port: 80, synBacklog: count + 1, onConnection: () => {} })
  const before = memory()
  for (let i = 0; i < count; i++) act(peers, i)
  const each = grown(before)
  if (peers.stack.census.halfOpen !== count) throw new Error(`${peers.stack.census.halfOpen} half open`)
  say(each)
}

/** We close first, and so we wait. */
function timeWait(): void {
  const act = (peers: Peers, i: number) => {
    peers.open(i)
    peers.give(i, ACK)
    peers.endBatch()
    peers.give(i, ACK | FIN)
    peers.endBatch()
  }
  const closing = (most: number): Peers => {
    const peers = new Peers(most)
    peers.stack.listen({ port: 80, onConnection: socket => socket.close() })
    return peers
  }
  const once = closing(2000)
  for (let i = 0; i < 2000; i++) act(once, i)
  const peers = closing(count)
  const before = memory()
  const from = performance.now()
  for (let i = 0; i < count; i++) act(peers, i)
  const took = performance.now() - from
  const each = grown(before)
  if (peers.stack.census.timeWait !== count) throw new Error(`${peers.stack.census.timeWait} in TIME_WAIT`)
  // All of them end at the same moment, which is as bad as it can be.
  peers.env.time += 60_001
  const end = performance.now()
  while (peers.stack.census.timeWait > 0 && peers.env.wake) peers.env.wake()
  say({ ...each, micros: (took * 1000) / count, endMicros: ((performance.now() - end) * 1000) / count })
}

/** The least of several runs, in ns: what others do on the machine only adds to it. */
function least(runs: number, times: number, act: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs; run++) {
    const from = performance.now()
    act()
    best = Math.min(best, ((performance.now() - from) * 1e6) / times)
  }
  return best
}

/** 100 bytes for a connection that nobody can foresee; they are read, and every segment is acknowledged. */
function segments(): void {
  const TIMES = 51_200
  const peers = new Peers(Math.max(count, 2))
  const bytes = new Uint8Array(3200)
  peers.stack.listen({
    port: 80,
    onConnection: socket => {
      socket.handler = { readable: () => void socket.receiveInto(bytes) }
    },
  })
  for (let i = 0; i < count; i++) peers.open(i)
  let dice = 1
  const pick = () => {
    dice = (Math.imul(dice, 1103515245) + 12345) & 0x7fffffff
    return Math.floor((dice / 0x80000000) * count)
  }
  const batch = (size: number) => () => {
    for (let n = 0; n < TIMES; n += size) {
      for (let k = 0; k < size; k++) peers.data(pick(), 100)
      peers.endBatch()
    }
  }
  for (const size of [1, 32]) batch(size)()
  const { segmentsIn } = peers.stack.counters
  const [alone, together] = [least(5, TIMES, batch(1)), least(5, TIMES, batch(32))]
  if (peers.stack.counters.segmentsIn - segmentsIn !== 10 * TIMES) throw new Error('segments were lost')
  // What the peers themselves take for it.
  const own = least(5, TIMES, () => {
    for (let n = 0; n < TIMES; n++) peers.build(pick(), ACK | PSH, 100)
  })
  say({ alone: alone - own, together: together - own })
}

/** A lookup of a tuple that nobody can foresee, and a timer that is set, put off and taken back among others. */
function parts(): void {
  const TIMES = 200_000
  const peers = new Peers(Math.max(count, 2))
  peers.stack.listen({ port: 80, onConnection: () => {} })
  for (let i = 0; i < count; i++) peers.open(i)
  const names = peers.stack.sockets.map(({ local, localPort, remote, remotePort }) => ({
    local,
    localPort,
    remote,
    remotePort,
  }))
  const table = peers.stack['table']
  let at = 0
  const lookup = least(5, TIMES, () => {
    for (let n = 0; n < TIMES; n++) {
      at = (at + 7919) % names.length
      const { local, localPort, remote, remotePort } = names[at]!
      if (!table.get(local, localPort, remote, remotePort)) throw new Error('lost')
    }
  })
  const wheel = new TimerWheel(0)
  const others = Array.from({ length: count }, () => new TimerNode())
  for (const [i, node] of others.entries()) wheel.schedule(node, 1 + ((i * 7919) % 600_000))
  const nodes = Array.from({ length: 1000 }, () => new TimerNode())
  const timer = least(5, TIMES, () => {
    for (let n = 0; n < TIMES; n++) {
      const node = nodes[n % 1000]!
      wheel.schedule(node, 200 + (n % 5000))
      wheel.cancel(node)
    }
  })
  say({ lookup, timer })
}

/**
 * The least that a segment could take, however little the machine did: its connection is looked up, and each object that it
 * needs is looked at once.
 */
function touch(): void {
  const TIMES = 200_000
  const peers = new Peers(Math.max(count, 2))
  peers.stack.listen({ port: 80, onConnection: () => {} })
  for (let i = 0; i < count; i++) peers.open(i)
  const table = peers.stack['table']
  const { sockets } = peers.stack
  const { w0, w1, w2, w3 } = sockets[0]!.local
  const remotes = sockets.map(socket => socket.remote)
  const ports = Int32Array.from(sockets, socket => socket.remotePort)
  let dice = 1
  let seen = 0
  const each = least(5, TIMES, () => {
    for (let n = 0; n < TIMES; n++) {
      dice = (Math.imul(dice, 1103515245) + 12345) & 0x7fffffff
      const i = Math.floor((dice / 0x80000000) * count)
      const r = remotes[i]!
      const socket = table.find(w0, w1, w2, w3, r.w0, r.w1, r.w2, r.w3, 80, ports[i]!) as Socket
      const { tcb } = socket
      seen += tcb.rcvNxt + tcb.receiveQueue.length + tcb.congestion.cwnd + tcb.rto.backoff
      seen += tcb.scoreboard.lost + tcb.sendQueue.length + tcb.lastReceivedAt + tcb.segmentsIn
      if (tcb.chrono.current !== 'idle') seen++
    }
  })
  if (Number.isNaN(seen)) throw new Error('nothing was seen')
  say({ each })
}

switch (what) {
  case 'touch':
    touch()
    break

  case 'accepted-idle':
    idle((peers, i) => peers.open(i), true)
    break
  case 'connected-idle':
    idle((peers, i) => peers.connect(i), false)
    break
  case 'accepted':
    open((peers, i) => peers.open(i), true)
    break
  case 'connected':
    open((peers, i) => peers.connect(i), false)
    break
  case 'half-open':
    halfOpen()
    break
  case 'time-wait':
    timeWait()
    break
  case 'segments':
    segments()
    break
  case 'parts':
    parts()
    break
  default:
    throw new Error(`what is ${what}?`)
}
