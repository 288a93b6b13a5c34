/**
 * What happens in a fuzzed world, one action after the other, as data and as text. A corpus entry and the report of a
 * failure are the same thing: a world and its actions, a line each.
 */
import type { TcpConfig } from '../../src/tcp/config.js'

/**
 * `hostile`: anything may come. `consistent`: anything, but bytes that arrive twice are the same bytes, so that what is
 * delivered can be checked. `scripted`: the peers are proper TCPs on a bad path, and nobody else can touch them.
 */
export type Mode = 'hostile' | 'consistent' | 'scripted'

export interface WorldOptions {
  seed: number
  mode: Mode
  kind: 'ip' | 'ethernet'
  mtu: number
  /** Owners read whatever comes, when they are told of it. */
  eager: boolean
  /** Initial sequence numbers begin here, if given. */
  isn?: number
  maxTimeWait: number
  tcp: Partial<TcpConfig>
}

/**
 * Where the numbers of a segment lie, relative to its connection: sequence number to RCV.NXT, acknowledgment to SND.NXT,
 * timestamps to TS.Recent and to our clock; of a segment that is quoted, to SND.UNA.
 */
export interface Offsets {
  seq: number
  ack: number
  ts: number
  echo: number
  quoted: boolean
}

export interface Packet {
  bytes: Uint8Array
  /** A whole frame, to be given as it is; otherwise an IP packet, which gets an Ethernet header where there is one. */
  frame: boolean
  /** Put in place of its own numbers when it is played, if the connection is there. */
  offsets?: Offsets
}

export type CallName =
  | 'connect'
  | 'listen'
  | 'unlisten'
  | 'accept'
  | 'udp-bind'
  | 'udp-send'
  | 'udp-close'
  | 'send'
  | 'urgent'
  | 'receive'
  | 'close'
  | 'release'
  | 'abort'
  | 'no-delay'
  | 'cork'
  | 'keep-alive'
  | 'user-timeout'
  | 'r2'
  | 'status'

export type Action =
  | { type: 'in'; packets: Packet[] }
  | { type: 'pass'; ms: number }
  /** `on` is a socket's name (`remote/remotePort/localPort`), an address, or `*`. */
  | { type: 'call'; name: CallName; on: string; args: number[] }

const offsetsText = (o: Offsets): string =>
  o.quoted ? ` quoted=${o.seq}` : ` seq=${o.seq} ack=${o.ack} ts=${o.ts} echo=${o.echo}`

export function actionText(action: Action): string {
  switch (action.type) {
    case 'pass':
      return `pass ${action.ms}`
    case 'call':
      return ['call', action.name, action.on, ...action.args].join(' ')
    case 'in':
      return action.packets
        .map(
          ({ bytes, frame, offsets }, i) =>
            `${i === 0 ? '' : '& '}${frame ? 'frame' : 'ip'} ${Buffer.from(bytes).toString('hex') || '-'}` +
            (offsets ? offsetsText(offsets) : ''),
        )
        .join('\n')
  }
}

export const worldText = (options: WorldOptions, actions: readonly Action[]): string =>
  `world ${JSON.stringify(options)}\n${actions.map(action => `${actionText(action)}\n`).join('')}`

function packetOf(words: string[]): Packet {
  const [kind, hex, ...rest] = words
  const bytes = new Uint8Array(Buffer.from(hex === '-' ? '' : hex!, 'hex'))
  const packet: Packet = { bytes, frame: kind === 'frame' }
  if (rest.length === 0) return packet
  const of = new Map(rest.map(word => word.split('=') as [string, string]))
  const number = (name: string) => Number(of.get(name) ?? 0)
  const quoted = of.has('quoted')
  packet.offsets = {
    seq: number(quoted ? 'quoted' : 'seq'),
    ack: number('ack'),
    ts: number('ts'),
    echo: number('echo'),
    quoted,
  }
  return packet
}

/** Reads what `worldText` wrote; lines that begin with `#` say what it is for. Throws an Error on anything else. */
export function parseWorld(text: string): { options: WorldOptions; actions: Action[] } {
  let options: WorldOptions | undefined
  const actions: Action[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const words = line.split(' ')
    const last = actions.at(-1)
    if (words[0] === 'world') options = JSON.parse(line.slice(6)) as WorldOptions
    else if (words[0] === 'pass') actions.push({ type: 'pass', ms: Number(words[1]) })
    else if (words[0] === 'call')
      actions.push({
        type: 'call',
        name: words[1] as CallName,
        on: words[2]!,
        args: words.slice(3).map(Number),
      })
    else if (words[0] === '&' && last?.type === 'in') last.packets.push(packetOf(words.slice(1)))
    else if (words[0] === 'ip' || words[0] === 'frame')
      actions.push({ type: 'in', packets: [packetOf(words)] })
    else throw new Error(`not an action: ${line}`)
  }
  if (!options) throw new Error('no line says what world it is')
  return { options, actions }
}
