import { execFileSync } from 'node:child_process'
import { it, type TestContext } from 'node:test'
import { configureKernelSide } from '../../src/links/kernel-side.js'
import { realtime } from '../../src/links/realtime.js'
import { openTun, type TunLink } from '../../src/links/tun.js'
import type { ListenOptions } from '../../src/stack/listener.js'
import type { FlowName, StackObserver } from '../../src/stack/observe.js'
import { Stack } from '../../src/stack/stack.js'
import type { ConnectOptions } from '../../src/stack/tcp-layer.js'
import type { TcpConfig } from '../../src/tcp/config.js'
import type { TimerName } from '../../src/tcp/observe.js'
import type { ReactionId } from '../../src/tcp/reactions.js'
import type { State, TransitionId } from '../../src/tcp/states.js'
import { combine } from '../../src/trace/combine.js'
import { IpAddress } from '../../src/wire/address.js'
import { Capture } from './kernel-capture.js'
import { atEnd } from './kernel-cleanup.js'
import { MiB } from './kernel-content.js'
import { End } from './kernel-end.js'
import { Gate } from './kernel-gate.js'
import { needs } from './kernel-program.js'
import { kernelSockets, untilKernel } from './kernel-ss.js'
import { sysctl } from './kernel-sysctl.js'

export type Version = 4 | 6

/** Why a test against the kernel is skipped; false where it is to run. */
export const kernelSkip =
  process.env.ESTAB_KERNEL === '1'
    ? needs('python3', 'ss', 'ip')
    : 'needs a network namespace of its own: ESTAB_KERNEL=1 unshare -Urn node --test …'

/** For suites. The time is against hangs only. */
export const kernelTest = { skip: kernelSkip, timeout: 240_000 } as const

// A suite that is skipped says nothing of itself; where the namespace is there and a program is not, this does.
if (kernelSkip && process.env.ESTAB_KERNEL === '1') it('against the kernel', { skip: kernelSkip }, () => {})

export interface PairOptions {
  /** A TUN unless it is said. */
  mode?: 'tun' | 'tap'
  mtu?: number
  /** What the stack believes the MTU to be, if not the truth. */
  stackMtu?: number
  tcp?: Partial<TcpConfig>
  /** Whether the kernel is the stack's router to everywhere else. */
  routed?: boolean
  /** Bytes of packets captured from the beginning, and judged by tshark at the end. Default 4 MiB. */
  capture?: number
  /** The link hands over and takes segments that are not cut up: then nothing can be done to packets. */
  offload?: boolean
  /** Neither side sends again only because a machine is busy and an acknowledgment therefore late. */
  patient?: boolean
}

/** In ms: what a test that is patient waits for an acknowledgment, at least. */
const PATIENCE = 10_000

/** One move of a connection of estab's. */
export interface Move {
  readonly flow: FlowName
  readonly from: State
  readonly to: State
  readonly id: TransitionId
  readonly now: number
}

/** estab's stack and the kernel's, alone with each other on a TUN. */
export class Pair {
  readonly moves: Move[] = []
  readonly reactions: ReactionId[] = []
  /** When each was last seen, on the stack's clock. */
  readonly reactedAt = new Map<ReactionId, number>()
  /** The timers that expired. */
  readonly timers: TimerName[] = []
  stack!: Stack
  readonly #tcp: Partial<TcpConfig>
  readonly #routed: boolean
  #capture: Capture

  constructor(
    readonly tun: TunLink,
    readonly gate: Gate,
    private readonly subnet: number,
    options: PairOptions,
  ) {
    const patience = options.patient ? { minRto: PATIENCE, tailLossProbe: false } : {}
    this.#tcp = { ...patience, ...options.tcp }
    this.#routed = options.routed ?? false
    this.#capture = new Capture(options.capture ?? 4 * MiB)
    this.boot()
  }

  get signal() {
    return this.gate.signal
  }

  /** Both sides' addresses. */
  hosts(version: Version): { kernel: string; estab: string } {
    return { kernel: address(version, this.subnet, 1), estab: address(version, this.subnet, 2) }
  }

  /** A stack on the link, in the place of any that was there. */
  boot(): void {
    const observer: StackObserver = {
      state: (flow, from, to, id, now) => {
        this.moves.push({ flow, from, to, id, now })
        this.signal.notify()
      },
      reaction: (_flow, reaction, now) => {
        this.reactions.push(reaction)
        this.reactedAt.set(reaction, now)
      },
      timer: (_flow, name) => {
        this.timers.push(name)
        this.signal.notify()
      },
    }
    this.stack = new Stack({
      env: realtime(),
      tcp: this.#tcp,
      observer: combine(observer, this.#capture.observer),
    })
    const addresses = [`${this.hosts(4).estab}/24`]
    if (this.gate.mtu >= 1280) addresses.push(`${this.hosts(6).estab}/64`)
    const gateways = this.#routed ? [this.hosts(4).kernel, this.hosts(6).kernel] : []
    this.stack.addInterface(this.gate, { name: this.tun.name, addresses, gateways })
  }

  connect(version: Version, port: number, options: Partial<ConnectOptions> = {}): End {
    const end = new End(this.signal)
    const remote = IpAddress.parse(this.hosts(version).kernel)
    end.take(this.stack.connect({ remote, port, handler: end, ...options }))
    return end
  }

  /** Listens at any port, or at `port`; each connection is taken by `next`, in their order. */
  listen(port = 0, options: Partial<ListenOptions> = {}): { port: number; next(): Promise<End> } {
    const ends: End[] = []
    const listener = this.stack.listen({
      ...options,
      port,
      onConnection: socket => {
        ends.push(new End(this.signal).take(socket))
        this.signal.notify()
      },
    })
    return {
      port: listener.port,
      next: async () => {
        await this.signal.until(() => ends.length > 0, 'a connection')
        return ends.shift() as End
      },
    }
  }

  /** The states a connection of estab's went through, by the ports of its two ends. */
  path(localPort: number, remotePort: number): State[] {
    const moves = this.moves.filter(m => m.flow.localPort === localPort && m.flow.remotePort === remotePort)
    return moves.length === 0 ? [] : [moves[0].from, ...moves.map(m => m.to)]
  }

  /** Resolves once a connection of estab's has come to `state`: also when no socket is left to ask. */
  async untilMove(localPort: number, remotePort: number, state: State): Promise<void> {
    await this.signal.until(
      () => this.path(localPort, remotePort).at(-1) === state,
      () => `${state} after ${this.path(localPort, remotePort)}`,
    )
  }

  /** Resolves once the kernel's end of a connection is in `state`, by the names of `ss`, or 'gone'. */
  untilKernel(kernelPort: number, estabPort: number, state: string, ms?: number): Promise<void> {
    return untilKernel(this.signal, kernelPort, estabPort, state, ms)
  }

  close(): void {
    this.stack.close()
    // That closed the link as well, unless the stack had crashed.
    this.gate.close()
    this.#capture.check()
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
  const addresses = [`${address(4, subnet, 1)}/24`]
  if (mtu >= 1280) addresses.push(`${address(6, subnet, 1)}/64`)
  await configureKernelSide(tun.name, { addresses })
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
