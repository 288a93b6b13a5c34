// A client of the benchmark of peers on `net.Socket`s, with the commands and the output that peers/kernel.c has: of the
// kernel's sockets (node:net), or of estab's on a TUN.
//
//   node-net ADDRESS PORT COMMAND…
//   estab TUN OWN-CIDR ADDRESS PORT COMMAND…     (NO_OFFLOAD=1: whole packets; READINESS=loop; QUEUES=2: so many threads,
//                                                 which share the streams of rx and tx)
//
//   rx SECONDS [STREAMS]   tx SECONDS [STREAMS]   rtt COUNT   cps SECONDS CONCURRENT
import { once } from 'node:events'
import nodeNet from 'node:net'
import type { Duplex } from 'node:stream'
import { createNet } from '../src/faces/net/index.js'
import type { OnRead } from '../src/faces/net/socket-options.js'
import { realtime } from '../src/links/realtime.js'
import { takeSeat } from '../src/links/ring.js'
import { openTun } from '../src/links/tun.js'
import { Stack } from '../src/stack/index.js'
import type { NetLike } from './measure.js'
import { handIn, inThreads, meet, ticket } from './peers-threads.js'

const WARM_UP = 500
const WARM_UP_ECHOES = 1000
const PIECE = 128 * 1024

interface Server {
  net: NetLike
  host: string
  port: number
}

/** Seconds of processor time, of this process and of the kernel's for it. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
const after = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
const say = (what: object): void => (ticket ? handIn(what) : console.log(JSON.stringify(what)))
/** Resolves when all threads have come so far. */
const together = async (): Promise<void> => {
  if (ticket) await meet()
}

function failed(error: Error): never {
  console.error(error.message)
  process.exit(1)
}

function open({ net, host, port }: Server, wish = '', onread?: OnRead): Duplex {
  const socket = net.connect({ host, port, noDelay: true, byReference: true, ...(onread && { onread }) })
  socket.on('error', failed)
  if (wish !== '') socket.write(wish)
  return socket
}

/** One that is open. All streams are before the first begins: no handshake waits behind data. */
async function opened(server: Server, onread?: OnRead): Promise<Duplex> {
  const socket = open(server, '', onread)
  await once(socket, 'connect')
  return socket
}

/** What travels: 0, 1, 2, … in eight bytes each, from the beginning again after a mebibyte. */
const PERIOD = 1 << 20
const PATTERN = Buffer.alloc(PERIOD)
for (let at = 0; at < PERIOD; at += 8) PATTERN.writeUInt32LE(at / 8, at)
const PIECES = Array.from({ length: PERIOD / PIECE }, (_, i) => PATTERN.subarray(i * PIECE, (i + 1) * PIECE))

/** Checks the first and the last whole integer of a chunk of it. */
function check(chunk: Buffer, position: number): void {
  // Not by bits: streams are longer than 32 of them can count.
  const end = position + chunk.length
  const first = (8 - (position % 8)) % 8
  const last = end - (end % 8)
  for (const at of [first, last - 8 - position]) {
    if (at < 0 || at + 8 > chunk.length) continue
    const due = ((position + at) % PERIOD) / 8
    if (chunk.readUInt32LE(at) !== due || chunk.readUInt32LE(at + 4) !== 0)
      failed(new Error(`corrupt at ${position + at}`))
  }
}

/** Counts what `total` grows by in `seconds`, after the warm-up. */
async function count(what: string, seconds: number, total: () => number): Promise<void> {
  await after(WARM_UP)
  const [before, from, used] = [total(), performance.now(), cpu()]
  await after(seconds * 1000)
  const took = (performance.now() - from) / 1000
  say({ [what]: total() - before, seconds: took, cpu: cpu() - used })
}

async function receive(server: Server, seconds: number, streams: number): Promise<void> {
  let bytes = 0
  const sockets: Duplex[] = []
  for (let i = 0; i < streams; i++) {
    let position = 0
    const taken = (chunk: Buffer) => {
      check(chunk, position)
      position += chunk.length
      bytes += chunk.length
    }
    // What node:net offers whoever wants no memory for each piece; without it: EVENTS=1.
    const buffer = Buffer.allocUnsafeSlow(1 << 17)
    const callback = (length: number) => {
      taken(length === buffer.length ? buffer : buffer.subarray(0, length))
      return true
    }
    const socket = await opened(server, process.env['EVENTS'] === '1' ? undefined : { buffer, callback })
    if (process.env['EVENTS'] === '1') socket.on('data', taken)
    sockets.push(socket)
  }
  await together()
  for (const socket of sockets) socket.write('s')
  await count('bytes', seconds, () => bytes)
}

async function send(server: Server, seconds: number, streams: number): Promise<void> {
  let written = 0
  const sockets: Duplex[] = []
  for (let i = 0; i < streams; i++) sockets.push(await opened(server))
  await together()
  for (const socket of sockets) {
    socket.write('r')
    let next = 0
    const pump = () => {
      let more = true
      while (more) {
        more = socket.write(PIECES[next++ % PIECES.length])
        written += PIECE
      }
    }
    socket.on('drain', pump)
    pump()
  }
  await count('bytes', seconds, () => sockets.reduce((sum, s) => sum - s.writableLength, written))
}

async function echo(server: Server, times: number): Promise<void> {
  const socket = open(server, 'e')
  const took = new Float64Array(times)
  let [n, at, from, used] = [-WARM_UP_ECHOES, 0, 0, 0]
  const next = () => {
    if (n === 0) [from, used] = [performance.now(), cpu()]
    at = performance.now()
    socket.write(Buffer.of(n & 255))
  }
  await new Promise<void>(resolve => {
    socket.on('data', (chunk: Buffer) => {
      if (chunk.length !== 1 || chunk[0] !== (n & 255)) failed(new Error('the echo is not what was sent'))
      if (n >= 0) took[n] = (performance.now() - at) * 1000
      if (++n === times) resolve()
      else next()
    })
    next()
  })
  const seconds = (performance.now() - from) / 1000
  took.sort()
  const percentile = (p: number) => took[Math.min(times - 1, Math.floor(times * p))]
  say({ p50: percentile(0.5), p99: percentile(0.99), perSecond: times / seconds, cpu: cpu() - used })
}

async function connections(server: Server, seconds: number, concurrent: number): Promise<void> {
  let done = 0
  const begin = () => {
    const socket = open(server, 'c')
    let got = 0
    socket.on('data', (chunk: Buffer) => {
      got += chunk.length
    })
    socket.on('end', () => {
      if (got !== 1) failed(new Error(`a connection brought ${got} bytes, not one`))
      socket.end()
      done++
      begin()
    })
  }
  for (let i = 0; i < concurrent; i++) begin()
  await count('connections', seconds, () => done)
}

/** The driver configures the kernel's side of the TUN. */
async function up(): Promise<void> {
  console.log('up')
  await once(process.stdin, 'data')
}

async function estab(tun: string, cidr: string): Promise<NetLike> {
  const link = openTun({
    name: tun,
    mtu: 1500,
    offload: process.env['NO_OFFLOAD'] !== '1',
    readiness: process.env['READINESS'] === 'loop' ? 'loop' : 'pool',
    multiQueue: ticket !== undefined,
  })
  await (ticket ? meet() : up())
  const stack = new Stack({ env: realtime(), ...(ticket ? { seat: takeSeat(ticket) } : {}) })
  stack.addInterface(link, { addresses: [cidr] })
  return createNet(stack)
}

const [who, ...args] = process.argv.slice(2)
const queues = Number(process.env['QUEUES'] ?? 1)
if (queues > 1 && !ticket) {
  say(await inThreads(new URL(import.meta.url), queues, up))
  process.exit(0)
}
const net = who === 'estab' ? await estab(args.shift()!, args.shift()!) : (nodeNet as NetLike)
const [host, port, command, amount, more] = args as [string, string, string, string, string?]
const server: Server = { net, host, port: Number(port) }
const streams = Number(more ?? 1)
/** Of the streams, this thread's. */
const share = ticket ? Math.floor((streams + ticket.index) / ticket.count) : streams
if (command === 'rx') await receive(server, Number(amount), share)
else if (command === 'tx') await send(server, Number(amount), share)
else if (command === 'rtt') await echo(server, Number(amount))
else if (command === 'cps') await connections(server, Number(amount), Number(more))
else failed(new Error(`no command is called ${command}`))
// The first thread that is done would end it for all.
if (!ticket) process.exit(0)
