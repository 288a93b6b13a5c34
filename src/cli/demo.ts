import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type Cable, World } from '../sim/index.js'
import type { Socket } from '../stack/socket.js'
import { drawLadder, Recorder, type TraceEvent } from '../trace/index.js'
import { IpAddress } from '../wire/address.js'
import { kernelDemo } from './demo-kernel.js'
import { localeLanguage } from './output.js'
import { Progress } from './progress.js'
import { wantsColour } from './usage.js'

/**
 * `npm start`: two hosts on a bad line carry 8 MiB each way in virtual time, every byte checked; with `--kernel`,
 * a conversation with the Linux kernel over a TUN.
 */
const SIZE = 8 * 1024 * 1024
const LINE = {
  delay: 20,
  loss: 0.05,
  reorder: 0.02,
  reorderDelay: 8,
  duplicate: 0.01,
  rate: 100e6,
  queue: 500_000,
}

interface Side {
  name: string
  /** Hash of what it sends, and of what it has received. */
  sends: string
  received: number
  hash: ReturnType<typeof createHash>
  socket: Socket | undefined
  error: string | undefined
}

const side = (name: string): Side => ({
  name,
  sends: '',
  received: 0,
  hash: createHash('sha256'),
  socket: undefined,
  error: undefined,
})

/** Bytes that only the seed and the side decide. */
function payload(world: World, of: Side): Uint8Array {
  const bytes = new Uint8Array(SIZE)
  world.random.fork().fill(bytes)
  of.sends = createHash('sha256').update(bytes).digest('hex')
  return bytes
}

/**
 * Sends everything as fast as the send queue takes it and hashes what comes. The client closes when all is sent; the
 * server then, or when the client has closed, whichever is later.
 */
function converse(socket: Socket, own: Side, bytes: Uint8Array): void {
  let sent = 0
  own.socket = socket
  const closeIfDone = () => {
    if (sent === bytes.length && (own.name === 'client' || socket.atEnd)) socket.close()
  }
  const pump = () => {
    while (sent < bytes.length && socket.sendQueued < socket.sendLimit) {
      const chunk = bytes.subarray(sent, sent + 65536)
      sent += chunk.length
      socket.send(chunk)
      closeIfDone()
    }
  }
  socket.handler = {
    open: pump,
    writable: pump,
    readable: () => {
      for (let chunk = socket.receive(); chunk; chunk = socket.receive()) {
        own.hash.update(chunk)
        own.received += chunk.length
      }
    },
    end: closeIfDone,
    closed: error => {
      own.error = error?.message
    },
  }
  if (socket.state === 'ESTABLISHED') pump()
}

function loopbackDemo(seed: number): boolean {
  const language = localeLanguage()
  const colour = wantsColour()
  const world = new World({ seed })
  const recorder = new Recorder({ timers: false })
  const client = world.host('client', { observer: recorder.observer('client') })
  const server = world.host('server', { observer: recorder.observer('server') })
  const cable = world.connect(client, server, {
    addresses: [['10.0.0.1/24'], ['10.0.0.2/24']],
    conditions: LINE,
  })
  watchWire(cable, recorder)
  const left = side('client')
  const right = side('server')
  const [up, down] = [payload(world, left), payload(world, right)]
  console.log(
    `Two hosts, one bad line: 5 % loss, 40 ms round trip, reordering and duplication, 100 Mbit/s (seed ${seed}).\n` +
      `8 MiB each way at once, in virtual time, through RFC 9293 as written.\n`,
  )
  const started = performance.now()
  server.stack.listen({ port: 80, onConnection: socket => converse(socket, right, down) })
  converse(client.stack.connect({ remote: IpAddress.parse('10.0.0.2'), port: 80 }), left, up)
  const progress = new Progress('both ways', 2 * SIZE)
  let steps = 0
  while (world.step()) if (++steps % 4096 === 0) progress.update(left.received + right.received)
  progress.done(left.received + right.received)
  const events = recorder.events
  const opened = events.findIndex(e => e.kind === 'state' && e.host === 'server' && e.to === 'ESTABLISHED')
  const closing = events.findIndex(
    e => e.kind === 'state' && (e.to === 'FIN_WAIT_1' || e.to === 'CLOSE_WAIT'),
  )
  const draw = (part: TraceEvent[]) => drawLadder(part, { hosts: ['client', 'server'], language, colour })
  console.log(`\nThe handshake:\n${draw(events.slice(0, opened + 1))}`)
  console.log(`\nThe close:\n${draw(teardown(events.slice(closing)))}`)
  const ok = report(left, right) && report(right, left)
  const lost = cable.forward.lost + cable.backward.lost
  const packets = cable.forward.sent + cable.backward.sent
  const last = Math.max(...events.filter(e => e.kind === 'segment' && e.len > 0).map(e => e.t))
  console.log(
    `\n${packets} packets, ${lost} lost on the line; virtual time ${(last / 1000).toFixed(1)} s, real time ${((performance.now() - started) / 1000).toFixed(1)} s`,
  )
  for (const { name, socket } of [left, right]) {
    const s = socket!.status()
    console.log(
      `${name}: ${s.segmentsRetransmitted} segments (${s.bytesRetransmitted} bytes) sent again, ${s.timeouts} timeouts, ` +
        `srtt ${s.rtt.toFixed(1)} ms, ${((s.bytesAcked * 8) / last / 1000).toFixed(2)} Mbit/s (virtual)`,
    )
  }
  console.log(ok ? '\nEvery byte arrived once and in order.' : '\nFAILED: the bytes differ.')
  console.log(`
Try next:
  npx estab lab --open                  the lab: all of it in your browser, to watch, step, rewind and break
  npx estab trace close                 the four-way close, step by step (--lang zh, --pcap FILE)
  npx estab trace --list                twenty-two stories from the life of TCP
  npx estab states                      the eleven states and every transition
  npm start -- --kernel                 the same TCP against the Linux kernel, over a TUN
  npm start -- --seed 7                 another world`)
  return ok
}

/** Segments go to the recorder only while the ladder will be shown: at the beginning and around the close. */
function watchWire(cable: Cable, recorder: Recorder): void {
  cable.forward.tap = (bytes, fate, t, arrives) =>
    recorder.segment('client', 'server', bytes, fate, t, arrives)
  cable.backward.tap = (bytes, fate, t, arrives) =>
    recorder.segment('server', 'client', bytes, fate, t, arrives)
}

/** Of the end only what closes: changes of state, FINs, and what carries no data. */
function teardown(events: TraceEvent[]): TraceEvent[] {
  const firstFin = events.findIndex(e => e.kind === 'segment' && e.flags.includes('FIN'))
  return events.filter(
    (e, i) =>
      e.kind === 'state' ||
      (e.kind === 'segment' && (e.flags.includes('FIN') || (i > firstFin && e.len === 0 && near(events, i)))),
  )
}

/** True for a bare ACK next to a change of state or a FIN: the others acknowledge data and would fill the page. */
function near(events: TraceEvent[], i: number): boolean {
  return events
    .slice(Math.max(0, i - 1), i + 2)
    .some(e => e.kind === 'state' || (e.kind === 'segment' && e.flags.includes('FIN')))
}

function report(receiver: Side, sender: Side): boolean {
  const hash = receiver.hash.copy().digest('hex')
  const same = hash === sender.sends && receiver.received === SIZE && receiver.error === undefined
  console.log(
    `${sender.name} → ${receiver.name}: ${receiver.received} bytes, SHA-256 ${hash.slice(0, 16)}… ${same ? '✓ as sent' : '✗ NOT as sent'}${receiver.error ? ` (${receiver.error})` : ''}`,
  )
  return same
}

/** The command line: `--kernel` and `--seed N`; undefined if it makes no sense, which has been said. */
function commandLine(): { kernel: boolean; inside: boolean; seed: number } | undefined {
  try {
    const { values } = parseArgs({
      options: { kernel: { type: 'boolean' }, seed: { type: 'string' }, inside: { type: 'boolean' } },
    })
    const seed = Number(values.seed ?? 1)
    if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed must be a non-negative integer')
    return { kernel: values.kernel === true, inside: values.inside === true, seed }
  } catch (error) {
    console.error(`npm start: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    return undefined
  }
}

const given = commandLine()
if (!given) process.exitCode = 2
else if (given.kernel) process.exitCode = await kernelDemo(given.inside)
else process.exitCode = loopbackDemo(given.seed) ? 0 : 1
