import { execFileSync } from 'node:child_process'
import { it, type TestContext } from 'node:test'
import { configureKernelSide } from '../../src/links/kernel-side.js'
import { openTun, type TunLink } from '../../src/links/tun.js'
import { type Addresses, EstabHost, type HostOptions, PATIENCE, type Version } from './estab-host.js'
import { atEnd } from './kernel-cleanup.js'
import { Gate } from './kernel-gate.js'
import { needs } from './kernel-program.js'
import { kernelSockets, untilKernel } from './kernel-ss.js'
import { sysctl } from './kernel-sysctl.js'

export type { Version }

/** Why a test against the kernel is skipped; false where it is to run. */
export const kernelSkip =
  process.env.ESTAB_KERNEL === '1'
    ? needs('python3', 'ss', 'ip')
    : 'needs a network namespace of its own: ESTAB_KERNEL=1 unshare -Urn node --test …'

/** For suites. The time is against hangs only. */
export const kernelTest = { skip: kernelSkip, timeout: 240_000 } as const

// A suite that is skipped says nothing of itself; where the namespace is there and a program is not, this does.
if (kernelSkip && process.env.ESTAB_KERNEL === '1') it('against the kernel', { skip: kernelSkip }, () => {})

export interface PairOptions extends HostOptions {
  /** A TUN unless it is said. */
  mode?: 'tun' | 'tap'
  mtu?: number
  /** What the stack believes the MTU to be, if not the truth. */
  stackMtu?: number
  /** The link hands over and takes segments that are not cut up: then nothing can be done to packets. */
  offload?: boolean
}

/** estab's stack and the kernel's, alone with each other on a TUN. */
export class Pair extends EstabHost {
  constructor(
    readonly tun: TunLink,
    gate: Gate,
    subnet: number,
    options: PairOptions,
  ) {
    super(gate, tun.name, addresses(subnet, 2), addresses(subnet, 1), options)
  }

  /** Both sides' addresses. */
  hosts(version: Version): { kernel: string; estab: string } {
    return { kernel: this.peer[version], estab: this.own[version] }
  }

  /** Resolves once the kernel's end of a connection is in `state`, by the names of `ss`, or 'gone'. */
  untilKernel(kernelPort: number, estabPort: number, state: string, ms?: number): Promise<void> {
    return untilKernel(this.signal, kernelPort, estabPort, state, ms)
  }
}

let lastSubnet = 0

/**
 * Makes a pair for one test, on an interface and subnets that no other has. When the test ends it is closed, and
 * fails the test if tshark finds a packet of its that is malformed.
 */
export async function openPair(t: TestContext, options: PairOptions = {}): Promise<Pair> {
  // Tests that ran in this namespace before may have left TIME-WAITs behind.
  const used = await kernelSockets()
  do lastSubnet++
  while (
    used.some(s => s.local.startsWith(`10.50.${lastSubnet}.`) || s.local.startsWith(prefix6(lastSubnet)))
  )
  const subnet = lastSubnet
  const { mtu = 1500 } = options
  const tun = openTun({ name: `estab${subnet}`, mode: options.mode ?? 'tun', mtu })
  const pair = new Pair(
    tun,
    new Gate(tun, options.stackMtu, options.offload ?? process.env['ESTAB_OFFLOAD'] === '1'),
    subnet,
    options,
  )
  atEnd(t, () => pair.close())
  const kernels = [`${address(4, subnet, 1)}/24`]
  if (mtu >= 1280) kernels.push(`${address(6, subnet, 1)}/64`)
  await configureKernelSide(tun.name, { addresses: kernels })
  if (options.patient) {
    sysctl(t, 'ipv4/tcp_early_retrans', 0)
    // Not a sysctl: older kernels have none. A connection that is open already would not mind it.
    for (const version of mtu >= 1280 ? ([4, 6] as const) : ([4] as const)) {
      const to = [address(version, subnet, 2), 'dev', tun.name]
      execFileSync('ip', ['route', 'add', ...to, 'rto_min', `${PATIENCE}ms`])
    }
  }
  return pair
}

const prefix6 = (subnet: number) => `fd50:${subnet.toString(16)}::`
const address = (version: Version, subnet: number, host: number) =>
  version === 4 ? `10.50.${subnet}.${host}` : `${prefix6(subnet)}${host}`
const addresses = (subnet: number, host: number): Addresses => ({
  4: address(4, subnet, host),
  6: address(6, subnet, host),
})
