import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Signal } from './kernel-signal.js'

const run = promisify(execFile)

/** A row of `ss -tan`. */
export interface KernelSocket {
  state: string
  receiveQueue: number
  sendQueue: number
  /** An address and a port, without brackets, and IPv4 always as IPv4. */
  local: string
  localPort: number
  peer: string
  peerPort: number
  /** What `-i` and `-o` add. */
  rest: string
}

/** The kernel's TCP sockets, as `ss` shows them. */
export async function kernelSockets(...flags: string[]): Promise<KernelSocket[]> {
  const { stdout } = await run('ss', ['-HtanO', ...flags])
  return parseSockets(stdout)
}

/** Reads what `ss -HtanO` says. */
export function parseSockets(said: string): KernelSocket[] {
  return said
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [state, receiveQueue, sendQueue, local, peer, ...rest] = line.trim().split(/\s+/)
      const [localHost, localPort] = endpoint(local)
      const [peerHost, peerPort] = endpoint(peer)
      return {
        state,
        receiveQueue: Number(receiveQueue),
        sendQueue: Number(sendQueue),
        local: localHost,
        localPort,
        peer: peerHost,
        peerPort,
        rest: rest.join(' '),
      }
    })
}

function endpoint(text: string): [string, number] {
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, colon).replace(/^\[|\]$|%\w+/g, '')
  return [host.replace(/^::ffff:(?=\d+\.)/, ''), Number(text.slice(colon + 1))]
}

/** The state the kernel gives to the connection between two of its ports; 'gone' if there is none. */
export async function ssState(localPort: number, peerPort: number): Promise<string> {
  return (await find(localPort, peerPort))?.state ?? 'gone'
}

const find = async (localPort: number, peerPort: number, ...flags: string[]) =>
  among(await kernelSockets(...flags), localPort, peerPort)

/** The connection between two ports. */
export function among(all: KernelSocket[], localPort: number, peerPort: number): KernelSocket | undefined {
  // A connection may live beside the TIME_WAIT of one that had the same ports at other addresses.
  return all.findLast(s => s.localPort === localPort && s.peerPort === peerPort)
}

/** What `ss -tino` tells of a connection, by name: `mss`, `pmtu`, `wscale` ('7,7'), `timer`; a bare word is 'yes'. */
export async function ssInfo(localPort: number, peerPort: number): Promise<Record<string, string>> {
  return infoOf(await find(localPort, peerPort, '-i', '-o'))
}

/** The same, of a row that `ss` gave with these flags. */
export function infoOf(socket: KernelSocket | undefined): Record<string, string> {
  const words = socket?.rest.split(' ') ?? []
  return Object.fromEntries(
    words.map((word): [string, string] => {
      const [, name, value] = /^([^:(]+):?(.*)$/.exec(word) ?? ['', word, '']
      return [name, value || 'yes']
    }),
  )
}

/**
 * Resolves once the kernel's state is `wanted`. The kernel has a clock and threads of its own and tells nobody when
 * a socket changes its state, so this is the one place where something is asked for again and again: at each packet,
 * and in between every few milliseconds, at most until `ms` are over. Mostly the first answer is the right one, as
 * a TUN hands a packet to the kernel's TCP before its write returns.
 */
export async function untilKernel(
  signal: Signal,
  localPort: number,
  peerPort: number,
  wanted: string,
  ms = 5000,
): Promise<void> {
  const deadline = performance.now() + ms
  const seen: string[] = []
  for (;;) {
    const state = await ssState(localPort, peerPort)
    if (state === wanted) return
    if (seen.at(-1) !== state) seen.push(state)
    if (performance.now() > deadline)
      throw new Error(`the kernel's socket did not come to ${wanted} in ${ms} ms; it was ${seen.join(', ')}`)
    await signal.next(5)
  }
}
