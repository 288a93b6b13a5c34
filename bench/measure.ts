import type { Duplex } from 'node:stream'
import type { OnRead } from '../src/faces/net/socket-options.js'

/** As much of `node:net` as a benchmark needs; estab's `createNet` has the same shape. */
export interface NetLike {
  connect(options: {
    port: number
    host: string
    noDelay?: boolean
    byReference?: boolean
    onread?: OnRead
  }): Duplex
}

/**
 * The benchmark's own little protocol, so that every stack runs the same code: one byte says what the server does
 * with the connection.
 */
export const COMMAND = { SINK: 1, SOURCE: 2, ECHO: 3, CLOSE: 4 } as const

const CHUNK = Buffer.alloc(131072, 0x5a)

/** What a server does with a connection. */
export function serve(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.once('data', (first: Buffer) => {
    const rest = first.subarray(1)
    switch (first[0]) {
      case COMMAND.SINK: {
        let got = rest.length
        socket.on('data', (chunk: Buffer) => {
          got += chunk.length
        })
        socket.on('end', () => socket.end(String(got)))
        return
      }
      case COMMAND.SOURCE: {
        let left = first.readDoubleBE(1)
        const pump = () => {
          while (left > 0) {
            const n = Math.min(left, CHUNK.length)
            left -= n
            if (!socket.write(n === CHUNK.length ? CHUNK : CHUNK.subarray(0, n))) {
              socket.once('drain', pump)
              return
            }
          }
          socket.end()
        }
        pump()
        return
      }
      case COMMAND.ECHO:
        if (rest.length > 0) socket.write(rest)
        socket.on('data', (chunk: Buffer) => socket.write(chunk))
        socket.on('end', () => socket.end())
        return
      default:
        socket.end()
    }
  })
}

const done = (socket: Duplex): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => resolve())
  })

/** Bytes per second from the server to us; the count is checked. */
export async function download(net: NetLike, host: string, port: number, bytes: number): Promise<number> {
  const socket = net.connect({ host, port })
  const command = Buffer.alloc(9)
  command[0] = COMMAND.SOURCE
  command.writeDoubleBE(bytes, 1)
  socket.write(command)
  let got = 0
  const started = performance.now()
  socket.on('data', (chunk: Buffer) => {
    got += chunk.length
  })
  socket.on('end', () => socket.end())
  await done(socket)
  if (got !== bytes) throw new Error(`received ${got} bytes of ${bytes}`)
  return (bytes / (performance.now() - started)) * 1000
}

/** Bytes per second from us to the server; the server's count is checked. */
export async function upload(net: NetLike, host: string, port: number, bytes: number): Promise<number> {
  const socket = net.connect({ host, port })
  socket.write(Buffer.of(COMMAND.SINK))
  const started = performance.now()
  let answer = ''
  socket.on('data', (chunk: Buffer) => {
    answer += String(chunk)
  })
  let left = bytes
  const pump = () => {
    while (left > 0) {
      const n = Math.min(left, CHUNK.length)
      left -= n
      if (!socket.write(n === CHUNK.length ? CHUNK : CHUNK.subarray(0, n))) {
        socket.once('drain', pump)
        return
      }
    }
    socket.end()
  }
  pump()
  await done(socket)
  if (Number(answer) !== bytes) throw new Error(`the server counted ${answer} bytes of ${bytes}`)
  return (bytes / (performance.now() - started)) * 1000
}

/** Round trips of one byte each second, and their median in microseconds. */
export async function roundTrips(
  net: NetLike,
  host: string,
  port: number,
  count: number,
): Promise<{ perSecond: number; p50: number }> {
  const socket = net.connect({ host, port, noDelay: true })
  const times: number[] = []
  let sentAt = performance.now()
  const started = sentAt
  const byte = Buffer.of(7)
  socket.write(Buffer.of(COMMAND.ECHO, 7))
  socket.on('data', () => {
    const now = performance.now()
    times.push(now - sentAt)
    sentAt = now
    if (times.length < count) socket.write(byte)
    else socket.end()
  })
  await done(socket)
  times.sort((a, b) => a - b)
  return {
    perSecond: (times.length / (performance.now() - started)) * 1000,
    p50: times[times.length >> 1]! * 1000,
  }
}

/** Connections opened, used for one byte and closed, each second, `parallel` at a time. */
export async function connects(
  net: NetLike,
  host: string,
  port: number,
  count: number,
  parallel = 8,
): Promise<number> {
  let left = count
  const started = performance.now()
  const worker = async () => {
    while (left-- > 0) {
      const socket = net.connect({ host, port })
      socket.write(Buffer.of(COMMAND.CLOSE))
      socket.on('end', () => socket.end())
      socket.resume()
      await done(socket)
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return (count / (performance.now() - started)) * 1000
}

export const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
