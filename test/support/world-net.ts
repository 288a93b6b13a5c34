import { createNet, inWorld, type Net } from '../../src/faces/net/index.js'
import { memoryPair } from '../../src/links/memory.js'
import { realtime } from '../../src/links/realtime.js'
import type { Conditions, Wire } from '../../src/sim/wire.js'
import { World } from '../../src/sim/world.js'
import { Stack } from '../../src/stack/stack.js'
import type { TcpConfig } from '../../src/tcp/config.js'

export const CLIENT = '10.0.0.1'
export const SERVER = '10.0.0.2'

export interface NetPair {
  readonly client: Net
  readonly server: Net
  /** Where the server's side is to be reached. */
  readonly host: string
  /** Runs a program that uses both; the world, if there is one, goes on until it is done. */
  run<T>(program: () => Promise<T>): Promise<T>
}

export interface WorldPair extends NetPair {
  readonly world: World
  /** What the client sends, and what the server sends. */
  readonly forward: Wire
  readonly backward: Wire
}

export interface PairOptions {
  conditions?: Conditions
  tcp?: Partial<TcpConfig>
  seed?: number
  mtu?: number
}

/** Two hosts in virtual time, with node:net's face each. */
export function worldNets({
  conditions = { delay: 5 },
  tcp = {},
  seed = 1,
  mtu = 1500,
}: PairOptions = {}): WorldPair {
  const world = new World({ seed })
  const [a, b] = [world.host('client', { tcp }), world.host('server', { tcp })]
  const wires = world.connect(a, b, {
    mtu,
    addresses: [
      [`${CLIENT}/24`, 'fd00::1/64'],
      [`${SERVER}/24`, 'fd00::2/64'],
    ],
    conditions,
  })
  return {
    world,
    ...wires,
    client: createNet(a.stack, inWorld(world)),
    server: createNet(b.stack, inWorld(world)),
    host: SERVER,
    // A day is more than any test takes; without a limit a world that never rests would never return.
    run: program => world.settle(program, 86_400_000),
  }
}

/** Two stacks in real time, joined in memory; closed when the program is done. */
export function memoryNets({ tcp = {}, mtu = 1500 }: PairOptions = {}): NetPair {
  const links = memoryPair({ mtu })
  const [a, b] = links.map((link, i) => {
    const stack = new Stack({ env: realtime(), tcp })
    stack.addInterface(link, { addresses: [`10.0.0.${i + 1}/24`, `fd00::${i + 1}/64`] })
    return stack
  })
  return { client: createNet(a), server: createNet(b), host: SERVER, run: closing(a, b) }
}

/** One stack that speaks to itself. */
export function loopbackNet(): NetPair {
  const stack = new Stack({ env: realtime() })
  const net = createNet(stack)
  return { client: net, server: net, host: '127.0.0.1', run: closing(stack) }
}

/** What TIME_WAIT waits for would keep the process alive for a minute. */
const closing =
  (...stacks: Stack[]): NetPair['run'] =>
  async program => {
    try {
      return await program()
    } finally {
      for (const stack of stacks) stack.close()
    }
  }
