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
import { check, count, Echoes, failed, PATTERN, PERIOD, say, up } from './peers-client.js'
import type { Outcome } from './peers-list.js'
import { inThreads, meet, ticket } from './peers-threads.js'

/** One write. */
const PIECE = 128 * 1024
const PIECES = Array.from({ length: PERIOD / PIECE }, (_, i) => PATTERN.subarray(i * PIECE, (i + 1) * PIECE))

interface Server {
  net: NetLike
  host: string
  port: number
}

/** Resolves when all threads have come so far. */
const together = async (): Promise<void> => {
  if (ticket) await meet()
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

async function receive(server: Server, seconds: number, streams: number): Promise<Outcome> {
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
  return count('bytes', seconds, () => bytes)
}

async function send(server: Server, seconds: number, streams: number): Promise<Outcome> {
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
  return count('bytes', seconds, () => sockets.reduce((sum, s) => sum - s.writableLength, written))
}

async function echo(server: Server, times: number): Promise<Outcome> {
  const socket = open(server, 'e')
  const echoes = new Echoes(times, byte => socket.write(Buffer.of(byte)))
  socket.on('data', (chunk: Buffer) => echoes.back(chunk.length, chunk[0]!))
  echoes.next()
  return echoes.outcome
}

async function connections(server: Server, seconds: number, concurrent: number): Promise<Outcome> {
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
  return count('connections', seconds, () => done)
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
if (command === 'rx') say(await receive(server, Number(amount), share))
else if (command === 'tx') say(await send(server, Number(amount), share))
else if (command === 'rtt') say(await echo(server, Number(amount)))
else if (command === 'cps') say(await connections(server, Number(amount), Number(more)))
else failed(new Error(`no command is called ${command}`))
// The first thread that is done would end it for all.
if (!ticket) process.exit(0)
