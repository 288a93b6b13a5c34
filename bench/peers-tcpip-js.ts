// A client of the benchmark of peers on tcpip.js (npm's `tcpip`: lwIP in WebAssembly, with streams), with the commands and
// the output that peers/kernel.c has. Its packets go through the link that estab's do, without offload.
//
//   PACKAGE TUN OWN-CIDR ADDRESS PORT COMMAND…
//
//   rx SECONDS [STREAMS]   tx SECONDS [STREAMS]   rtt COUNT   cps SECONDS CONCURRENT
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { openTun, type TunLink } from '../src/links/tun.js'
import { check, count, Echoes, failed, PATTERN, PERIOD, say, up } from './peers-client.js'

/** Of the package, what is used here. */
interface Duplex {
  readable: ReadableStream<Uint8Array>
  writable: WritableStream<Uint8Array>
}
interface Connection extends Duplex {
  close(): Promise<void>
}
interface NetworkStack {
  createTunInterface(options: { ip: string }): Promise<Duplex>
  connectTcp(options: { host: string; port: number }): Promise<Connection>
}
interface Package {
  createStack(): Promise<NetworkStack>
}

/** One write: smaller than that of others, as it is counted when all of it has gone. It is no slower for that. */
const PIECE = 32 * 1024
const PIECES = Array.from({ length: PERIOD / PIECE }, (_, i) => PATTERN.subarray(i * PIECE, (i + 1) * PIECE))

/** Hands packets to and fro. What the link gives is gone after the call, so it is copied; what it is given is not kept. */
function connect(link: TunLink, tun: Duplex): void {
  const packets = tun.writable.getWriter()
  link.attach({
    packet: (bytes, offset, length) => void packets.write(bytes.slice(offset, offset + length)).catch(failed),
    batchEnd() {},
    failed,
  })
  void tun.readable
    .pipeTo(
      new WritableStream({
        write: packet => void link.send(packet, 0, packet.length),
      }),
    )
    .catch(failed)
}

const [folder, name, cidr, host, portText, command, amount, more] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string?,
]
const wanted = Number(more ?? 1)
const { createStack } = (await import(pathToFileURL(path.join(folder, 'dist/index.js')).href)) as Package
const link = openTun({ name, mtu: 1500, offload: false })
await up()
const stack = await createStack()
connect(link, await stack.createTunInterface({ ip: cidr }))

const open = (): Promise<Connection> => stack.connectTcp({ host, port: Number(portText) })
const byte = (text: string): Uint8Array => Uint8Array.of(text.charCodeAt(0))
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** All are open before the first begins: no handshake waits behind data. */
async function openAll(): Promise<Connection[]> {
  const opened: Connection[] = []
  while (opened.length < wanted) opened.push(await open())
  return opened
}

async function receive(seconds: number) {
  let bytes = 0
  const run = async ({ readable, writable }: Connection) => {
    void writable.getWriter().write(byte('s')).catch(failed)
    let position = 0
    const reader = readable.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) failed(new Error('the connection ended'))
      check(asBuffer(value), position)
      position += value.length
      bytes += value.length
    }
  }
  for (const connection of await openAll()) void run(connection).catch(failed)
  return count('bytes', seconds, () => bytes)
}

async function send(seconds: number) {
  let written = 0
  const run = async ({ writable }: Connection) => {
    const writer = writable.getWriter()
    await writer.write(byte('r'))
    for (let next = 0; ; next++) {
      // When it resolves all but the send buffer, four segments, has gone.
      await writer.write(PIECES[next % PIECES.length]!)
      written += PIECE
    }
  }
  for (const connection of await openAll()) void run(connection).catch(failed)
  return count('bytes', seconds, () => written)
}

async function echo(times: number) {
  const { readable, writable } = await open()
  const writer = writable.getWriter()
  const reader = readable.getReader()
  const write = (bytes: Uint8Array) => void writer.write(bytes).catch(failed)
  write(byte('e'))
  const echoes = new Echoes(times, one => write(Uint8Array.of(one)))
  // Nothing else would end it if one got lost for good.
  setTimeout(() => failed(new Error('gave up: the echoes did not end in time')), 60_000 + times)
  const run = async () => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) failed(new Error('the connection ended'))
      echoes.back(value.length, value[0]!)
    }
  }
  void run().catch(failed)
  echoes.next()
  return echoes.outcome
}

async function connections(seconds: number) {
  let done = 0
  const run = async () => {
    for (;;) {
      const connection = await open()
      void connection.writable.getWriter().write(byte('c')).catch(failed)
      let got = 0
      const reader = connection.readable.getReader()
      for (let piece = await reader.read(); !piece.done; piece = await reader.read())
        got += piece.value.length
      if (got !== 1) failed(new Error(`a connection brought ${got} bytes, not one`))
      await connection.close()
      done++
    }
  }
  for (let i = 0; i < wanted; i++) void run().catch(failed)
  return count('connections', seconds, () => done)
}

if (command === 'rx') say(await receive(Number(amount)))
else if (command === 'tx') say(await send(Number(amount)))
else if (command === 'rtt') say(await echo(Number(amount)))
else if (command === 'cps') say(await connections(Number(amount)))
else failed(new Error(`no command is called ${command}`))
process.exit(0)
