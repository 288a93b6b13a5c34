import type { State } from '../../src/tcp/states.js'
import type { EstabHost, Version } from './estab-host.js'
import type { End } from './kernel-end.js'
import type { Agent } from './kernel-python.js'

/** A connection between Python's socket `c` on a Linux and estab's `end`. */
export abstract class LinuxConnection<Host extends EstabHost = EstabHost> {
  constructor(
    readonly pair: Host,
    readonly python: Agent,
    readonly end: End,
    readonly kernelPort: number,
    readonly estabPort: number,
  ) {}

  /** The states estab's end went through. */
  get path(): State[] {
    return this.pair.path(this.estabPort, this.kernelPort)
  }

  /** What `ss -tino` tells of the connection, by name. */
  abstract kernelInfo(): Promise<Record<string, string>>

  untilEstab(state: State): Promise<void> {
    return this.pair.untilMove(this.estabPort, this.kernelPort, state)
  }
}

/** What a connection is made of. */
type Parts<Host extends EstabHost> = [
  host: Host,
  python: Agent,
  end: End,
  kernelPort: number,
  estabPort: number,
]

/** Linux connects to estab: Python's socket `c`, made by the statements of `prepare` if there are any. */
export async function openedByLinux<Host extends EstabHost>(
  host: Host,
  python: Agent,
  version: Version,
  prepare?: string,
): Promise<Parts<Host>> {
  const { port, next } = host.listen()
  await python.run(`c = new(${version})`)
  if (prepare) await python.run(prepare)
  await python.run(`c.connect(('${host.own[version]}', ${port}))`)
  const kernelPort = await python.run<number>('c.getsockname()[1]')
  return [host, python, await next(), kernelPort, port]
}

/** estab connects to Linux: Python accepts `c` from its listener `l`. */
export async function openedByEstab<Host extends EstabHost>(
  host: Host,
  python: Agent,
  version: Version,
  prepare?: string,
): Promise<Parts<Host>> {
  await python.run(`l = served(${version}, '${host.peer[version]}')`)
  if (prepare) await python.run(prepare)
  const kernelPort = await python.run<number>('l.getsockname()[1]')
  const end = host.connect(version, kernelPort)
  await end.untilOpen()
  await python.run('c = l.accept()[0]')
  return [host, python, end, kernelPort, end.socket.localPort]
}
