import { type Conditions, World } from '../../src/sim/index.js'
import type { Socket } from '../../src/stack/index.js'
import type { ControllerName } from '../../src/tcp/controllers.js'
import { IpAddress } from '../../src/wire/address.js'

export interface Flow {
  socket: Socket
  received(): number
}

/** Flows that share one line, to the same server; `names` are their controllers. What changes `line` changes the line. */
export function shareLine(names: readonly ControllerName[], line: Conditions, seed = 1) {
  const world = new World({ seed })
  const [client, server] = [world.host('client'), world.host('server')]
  const { delay = 0 } = line
  world.connect(client, server, {
    addresses: [['10.0.0.1/24'], ['10.0.0.2/24']],
    conditions: [line, { delay }],
  })
  const got = new Map<number, number>()
  server.stack.listen({
    port: 80,
    onConnection: socket => {
      socket.handler = {
        readable: () => {
          for (let b = socket.receive(); b; b = socket.receive())
            got.set(socket.remotePort, (got.get(socket.remotePort) ?? 0) + b.length)
        },
      }
    },
  })
  const flows = names.map((congestion): Flow => {
    const fill = () => {
      while (socket.send(new Uint8Array(65_536)));
    }
    const handler = { open: () => fill(), writable: () => fill() }
    const socket: Socket = client.stack.connect({
      remote: IpAddress.parse('10.0.0.2'),
      port: 80,
      congestion,
      handler,
    })
    return { socket, received: () => got.get(socket.localPort) ?? 0 }
  })
  /** Mbit/s of each flow while `ms` pass. */
  const rates = (ms: number): number[] => {
    const before = flows.map(f => f.received())
    world.runSync(world.now + ms)
    return flows.map((f, i) => ((f.received() - before[i]!) * 8) / ms / 1000)
  }
  return { world, flows, rates }
}
