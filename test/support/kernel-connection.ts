import type { TestContext } from 'node:test'
import type { State } from '../../src/tcp/states.js'
import { openPair, type Pair, type PairOptions, type Version } from './kernel.js'
import type { End } from './kernel-end.js'
import { Python } from './kernel-python.js'
import { ssInfo, ssState } from './kernel-ss.js'

/** A connection between Python's socket `c` and estab's `end`. */
export class Connection {
  constructor(
    readonly pair: Pair,
    readonly python: Python,
    readonly end: End,
    readonly kernelPort: number,
    readonly estabPort: number,
  ) {}

  /** The states estab's end went through. */
  get path(): State[] {
    return this.pair.path(this.estabPort, this.kernelPort)
  }

  untilKernel(state: string, ms?: number): Promise<void> {
    return this.pair.untilKernel(this.kernelPort, this.estabPort, state, ms)
  }

  untilEstab(state: State): Promise<void> {
    return this.pair.untilMove(this.estabPort, this.kernelPort, state)
  }

  kernelState(): Promise<string> {
    return ssState(this.kernelPort, this.estabPort)
  }

  kernelInfo(): Promise<Record<string, string>> {
    return ssInfo(this.kernelPort, this.estabPort)
  }
}

/** The kernel connects to estab: Python's socket `c`, made by the statements of `prepare` if there are any. */
export async function fromKernel(
  t: TestContext,
  version: Version,
  options: PairOptions & { prepare?: string } = {},
): Promise<Connection> {
  const python = new Python(t)
  const pair = await openPair(t, options)
  const { port, next } = pair.listen()
  await python.run(`c = new(${version})`)
  if (options.prepare) await python.run(options.prepare)
  await python.run(`c.connect(('${pair.hosts(version).estab}', ${port}))`)
  const kernelPort = await python.run<number>('c.getsockname()[1]')
  return new Connection(pair, python, await next(), kernelPort, port)
}

/** estab connects to the kernel: Python accepts `c` from its listener `l`. */
export async function fromEstab(
  t: TestContext,
  version: Version,
  options: PairOptions & { prepare?: string } = {},
): Promise<Connection> {
  const python = new Python(t)
  const pair = await openPair(t, options)
  await python.run(`l = served(${version}, '${pair.hosts(version).kernel}')`)
  if (options.prepare) await python.run(options.prepare)
  const kernelPort = await python.run<number>('l.getsockname()[1]')
  const end = pair.connect(version, kernelPort)
  await end.untilOpen()
  await python.run('c = l.accept()[0]')
  return new Connection(pair, python, end, kernelPort, end.socket.localPort)
}
