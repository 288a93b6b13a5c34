import type { TestContext } from 'node:test'
import { openPair, type Pair, type PairOptions, type Version } from './kernel.js'
import { Python } from './kernel-python.js'
import { ssInfo, ssState } from './kernel-ss.js'
import { LinuxConnection, openedByEstab, openedByLinux } from './linux-connection.js'

/** A connection with this machine's own kernel. */
export class Connection extends LinuxConnection<Pair> {
  untilKernel(state: string, ms?: number): Promise<void> {
    return this.pair.untilKernel(this.kernelPort, this.estabPort, state, ms)
  }

  kernelState(): Promise<string> {
    return ssState(this.kernelPort, this.estabPort)
  }

  kernelInfo(): Promise<Record<string, string>> {
    return ssInfo(this.kernelPort, this.estabPort)
  }
}

type Options = PairOptions & { prepare?: string }

/** The kernel connects to estab: see `openedByLinux`. */
export async function fromKernel(
  t: TestContext,
  version: Version,
  options: Options = {},
): Promise<Connection> {
  const python = new Python(t)
  const pair = await openPair(t, options)
  return new Connection(...(await openedByLinux(pair, python, version, options.prepare)))
}

/** estab connects to the kernel: see `openedByEstab`. */
export async function fromEstab(
  t: TestContext,
  version: Version,
  options: Options = {},
): Promise<Connection> {
  const python = new Python(t)
  const pair = await openPair(t, options)
  return new Connection(...(await openedByEstab(pair, python, version, options.prepare)))
}
