// A client of the benchmark of peers on lwIP in WebAssembly (peers/wasm/lwip.c), with the commands and the output that
// peers/kernel.c has. Its packets go through the link that estab's do, without offload; its data is checked where it lies
// in the module's memory, and what is sent is copied there. Nothing else is in between: no streams, no promises.
//
//   MODULE TUN OWN-CIDR ADDRESS PORT COMMAND…
//
//   rx SECONDS [STREAMS]   tx SECONDS [STREAMS]   rtt COUNT   cps SECONDS CONCURRENT
import { readFileSync } from 'node:fs'
import { openTun, type TunLink } from '../src/links/tun.js'
import { check, count, Echoes, failed, PATTERN, PERIOD, say, up } from './peers-client.js'

/** Addresses in the module's memory. */
type Pointer = number

interface Exports {
  memory: WebAssembly.Memory
  _initialize(): void
  packet_room(): Pointer
  packet_in(length: number): void
  text_room(): Pointer
  start(prefix: number, mtu: number, seed: number): number
  timeouts(): void
  connection_open(id: number, port: number): Pointer
  data_room(): Pointer
  send_buffer(): number
  connection_room(connection: Pointer): number
  connection_pending(connection: Pointer): number
  connection_write(connection: Pointer, bytes: Pointer, length: number): number
  connection_output(connection: Pointer): void
  connection_close(connection: Pointer): number
  connection_abort(connection: Pointer): void
}

/** The longest packet that there is room for. */
const PACKET = 2048
/** Milliseconds; lwIP's timers are of 250. */
const TICK = 50

/** What happens on a connection. `from` and `length` are a place in `memory`, until the call returns. */
interface Events {
  connected(connection: Connection): void
  received?(connection: Connection, from: Pointer, length: number): void
  ended?(connection: Connection): void
  acknowledged?(connection: Connection): void
}

interface Connection {
  id: number
  at: Pointer
  /** Bytes received, or written. */
  position: number
}

class LwIp {
  /** The module's, all of it: it has as much as it will ever have. */
  readonly memory: Buffer
  readonly #exports: Exports
  readonly #link: TunLink
  readonly #connections: Connection[] = []
  readonly #data: Pointer
  #events!: Events
  /** What the link has read, which is mostly in one place and as long as the last. */
  #bytes: Uint8Array | undefined
  #offset = 0
  #packet: Uint8Array = new Uint8Array()

  constructor(module: WebAssembly.Module, link: TunLink, cidr: string) {
    this.#link = link
    const host = {
      now: () => performance.now(),
      packet: (at: Pointer, length: number) => (this.#link.send(this.memory, at, length) ? 1 : 0),
      connected: (id: number) => this.#events.connected(this.#connections[id]!),
      received: (id: number, from: Pointer, length: number) => {
        const connection = this.#connections[id]!
        if (length > 0) return this.#events.received?.(connection, from, length)
        if (!this.#events.ended) failed(new Error('the connection ended'))
        this.#events.ended(connection)
      },
      acknowledged: (id: number) => this.#events.acknowledged?.(this.#connections[id]!),
      failed: (_id: number, error: number) => failed(new Error(`the connection ended: lwIP error ${error}`)),
      broken: (what: Pointer) =>
        failed(new Error(`lwIP: ${this.memory.subarray(what, this.memory.indexOf(0, what))}`)),
    }
    const { exports } = new WebAssembly.Instance(module, { host })
    this.#exports = exports as unknown as Exports
    this.memory = Buffer.from(this.#exports.memory.buffer)
    this.#exports._initialize()
    this.#data = this.#exports.data_room()
    const [address, prefix] = cidr.split('/') as [string, string]
    this.#text(address)
    if (!this.#exports.start(Number(prefix), link.mtu, (Math.random() * 2 ** 32) >>> 0))
      failed(new Error(`cannot take ${cidr}`))
    link.attach({
      packet: (bytes, offset, length) => this.#in(bytes, offset, length),
      batchEnd() {},
      failed,
    })
    setInterval(() => this.#exports.timeouts(), TICK)
  }

  #text(text: string): void {
    this.memory.write(`${text}\0`, this.#exports.text_room(), 'latin1')
  }

  #in(bytes: Uint8Array, offset: number, length: number): void {
    if (length > PACKET) failed(new Error(`a packet of ${length} bytes`))
    if (bytes !== this.#bytes || offset !== this.#offset || length !== this.#packet.length) {
      this.#bytes = bytes
      this.#offset = offset
      this.#packet = bytes.subarray(offset, offset + length)
    }
    const room = this.#exports.packet_room()
    if (room === 0) failed(new Error('no memory'))
    this.memory.set(this.#packet, room)
    this.#exports.packet_in(length)
  }

  /** Opens connection `id`, which may have been another one that is closed. */
  open(id: number, host: string, port: number, events: Events): void {
    this.#events = events
    this.#text(host)
    const at = this.#exports.connection_open(id, port)
    if (at === 0) failed(new Error('cannot connect'))
    this.#connections[id] = { id, at, position: 0 }
  }

  /** A byte, at once. */
  say(connection: Connection, byte: number): void {
    this.memory[this.#data] = byte
    if (!this.#exports.connection_write(connection.at, this.#data, 1)) failed(new Error('cannot send'))
    this.#exports.connection_output(connection.at)
  }

  /** As much of the pattern as the send buffer takes. Returns how much that was. */
  fill(connection: Connection): number {
    let written = 0
    for (;;) {
      const from = connection.position % PERIOD
      const length = Math.min(this.#exports.connection_room(connection.at), PERIOD - from)
      if (length === 0) return written
      this.memory.set(PATTERN.subarray(from, from + length), this.#data)
      if (!this.#exports.connection_write(connection.at, this.#data, length)) return written
      connection.position += length
      written += length
    }
  }

  /** Bytes written that are not acknowledged. */
  pending(): number {
    return this.#connections.reduce((sum, { at }) => sum + this.#exports.connection_pending(at), 0)
  }

  close(connection: Connection): void {
    if (!this.#exports.connection_close(connection.at)) failed(new Error('cannot close'))
  }

  /** Resets, so that the server does not go on sending to an interface that is gone. */
  abort(): void {
    for (const { at } of this.#connections) this.#exports.connection_abort(at)
  }
}

const [file, tun, cidr, host, portText, command, amount, more] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string?,
]
const port = Number(portText)
const wanted = Number(more ?? 1)

/** Opens them one after the other, and begins when all are open: no handshake waits behind data. */
function openAll(wish: string, events: Omit<Events, 'connected'>): void {
  const opened: Connection[] = []
  const all: Events = {
    ...events,
    connected: connection => {
      if (opened.push(connection) < wanted) return lwip.open(opened.length, host, port, all)
      for (const each of opened) {
        lwip.say(each, wish.charCodeAt(0))
        events.acknowledged?.(each)
      }
    },
  }
  lwip.open(0, host, port, all)
}

function receive(seconds: number) {
  let bytes = 0
  openAll('s', {
    received: (connection, from, length) => {
      check(lwip.memory, connection.position, from, length)
      connection.position += length
      bytes += length
    },
  })
  return count('bytes', seconds, () => bytes)
}

function send(seconds: number) {
  let written = 0
  openAll('r', {
    acknowledged: connection => {
      written += lwip.fill(connection)
    },
  })
  return count('bytes', seconds, () => written - lwip.pending())
}

function echo(times: number) {
  let one: Connection
  const echoes = new Echoes(times, byte => lwip.say(one, byte))
  // Nothing else would end it if one got lost for good.
  setTimeout(() => failed(new Error('gave up: the echoes did not end in time')), 60_000 + times)
  lwip.open(0, host, port, {
    connected: connection => {
      one = connection
      lwip.say(one, 'e'.charCodeAt(0))
      echoes.next()
    },
    received: (_connection, from, length) => echoes.back(length, lwip.memory[from]!),
  })
  return echoes.outcome
}

function connections(seconds: number) {
  let done = 0
  const events: Events = {
    connected: connection => lwip.say(connection, 'c'.charCodeAt(0)),
    received: (connection, _from, length) => {
      connection.position += length
    },
    ended: connection => {
      if (connection.position !== 1)
        failed(new Error(`a connection brought ${connection.position} bytes, not one`))
      lwip.close(connection)
      done++
      lwip.open(connection.id, host, port, events)
    },
  }
  for (let id = 0; id < wanted; id++) lwip.open(id, host, port, events)
  return count('connections', seconds, () => done)
}

const link = openTun({ name: tun, mtu: 1500, offload: false })
await up()
const lwip = new LwIp(new WebAssembly.Module(readFileSync(file)), link, cidr)
if (command === 'rx') say(await receive(Number(amount)))
else if (command === 'tx') say(await send(Number(amount)))
else if (command === 'rtt') say(await echo(Number(amount)))
else if (command === 'cps') say(await connections(Number(amount)))
else failed(new Error(`no command is called ${command}`))
lwip.abort()
process.exit(0)
