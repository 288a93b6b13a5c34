/** Two hosts on a cable, for tests that need no more. */

import type { Conditions } from '../../src/sim/wire.js'
import { type Cable, type CableOptions, type Host, type HostOptions, World } from '../../src/sim/world.js'
import type { ConnectOptions } from '../../src/stack/active-opens.js'
import type { ListenOptions } from '../../src/stack/listener.js'
import type { Socket, SocketHandler } from '../../src/stack/socket.js'
import { IpAddress } from '../../src/wire/address.js'

export const A = IpAddress.parse('10.0.0.1')
export const B = IpAddress.parse('10.0.0.2')
export const A6 = IpAddress.parse('fd00::1')
export const B6 = IpAddress.parse('fd00::2')
export const PORT = 80

export interface PairOptions {
  seed?: number
  start?: number
  conditions?: Conditions | [Conditions, Conditions]
  mtu?: number
  a?: HostOptions
  b?: HostOptions
}

export interface Pair {
  world: World
  a: Host
  b: Host
  cable: Cable
}

/** `a` is 10.0.0.1 and fd00::1, `b` 10.0.0.2 and fd00::2; 10 ms lie between them unless told otherwise. */
export function pair(options: PairOptions = {}): Pair {
  const { seed = 1, start = 0, conditions = { delay: 10 }, mtu } = options
  const world = new World({ seed, start })
  const a = world.host('a', options.a)
  const b = world.host('b', options.b)
  const cableOptions: CableOptions = {
    addresses: [
      ['10.0.0.1/24', 'fd00::1/64'],
      ['10.0.0.2/24', 'fd00::2/64'],
    ],
    conditions,
  }
  if (mtu !== undefined) cableOptions.mtu = mtu
  return { world, a, b, cable: world.connect(a, b, cableOptions) }
}

/** What a user saw, in the order in which he was told; data as its length. */
export class Witness implements SocketHandler {
  readonly told: string[] = []
  bytes: Uint8Array[] = []
  socket!: Socket

  constructor(private readonly reads = true) {}

  open(): void {
    this.told.push('open')
  }

  readable(): void {
    if (!this.reads) return
    for (let bytes = this.socket.receive(); bytes; bytes = this.socket.receive()) {
      this.bytes.push(bytes.slice())
      this.told.push(`read ${bytes.length}`)
    }
  }

  end(): void {
    this.told.push('end')
  }

  closed(error: { code: string } | null): void {
    this.told.push(error ? `closed ${error.code}` : 'closed')
  }

  get text(): string {
    return this.bytes.map(bytes => new TextDecoder().decode(bytes)).join('')
  }
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A connection of `a` to `b`'s port 80, or to another. */
export function connect(pair: Pair, options: Partial<ConnectOptions> = {}, reads = true): Witness {
  const witness = new Witness(reads)
  witness.socket = pair.a.stack.connect({ remote: B, port: PORT, handler: witness, ...options })
  return witness
}

/** Listens on `b`'s port 80; the witnesses of what comes, in order. */
export function listen(pair: Pair, options: Partial<ListenOptions> = {}, reads = true): Witness[] {
  const accepted: Witness[] = []
  pair.b.stack.listen({
    port: PORT,
    onConnection: socket => {
      const witness = new Witness(reads)
      witness.socket = socket
      socket.handler = witness
      accepted.push(witness)
    },
    ...options,
  })
  return accepted
}

/** A connection of `a` to `b`, open. */
export function open(
  pair: Pair,
  options: Partial<ConnectOptions> = {},
): { client: Witness; server: Witness } {
  const accepted = listen(pair)
  const client = connect(pair, options)
  pair.world.runSync(pair.world.now + 1000)
  return { client, server: accepted[0]! }
}
