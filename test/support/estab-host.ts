import { realtime } from '../../src/links/realtime.js'
import type { ConnectOptions } from '../../src/stack/active-opens.js'
import type { ListenOptions } from '../../src/stack/listener.js'
import type { FlowName, StackObserver } from '../../src/stack/observe.js'
import { Stack } from '../../src/stack/stack.js'
import type { TcpConfig } from '../../src/tcp/config.js'
import type { TimerName } from '../../src/tcp/observe.js'
import type { ReactionId } from '../../src/tcp/reactions.js'
import type { State, TransitionId } from '../../src/tcp/states.js'
import { combine } from '../../src/trace/combine.js'
import { IpAddress } from '../../src/wire/address.js'
import { Capture } from './kernel-capture.js'
import { MiB } from './kernel-content.js'
import { End } from './kernel-end.js'
import type { Gate } from './kernel-gate.js'

export type Version = 4 | 6

/** An address of each version. */
export type Addresses = Record<Version, string>

export interface HostOptions {
  tcp?: Partial<TcpConfig>
  /** Done before the first packet. */
  gate?: (gate: Gate) => void
  /** Whether the peer is the stack's router to everywhere else. */
  routed?: boolean
  /** Bytes of packets captured from the beginning, and judged by tshark at the end. Default 4 MiB. */
  capture?: number
  /** Neither side sends again only because a machine is busy and an acknowledgment therefore late. */
  patient?: boolean
}

/** In ms: what a test that is patient waits for an acknowledgment, at least. */
export const PATIENCE = 10_000

/** One move of a connection of estab's. */
export interface Move {
  readonly flow: FlowName
  readonly from: State
  readonly to: State
  readonly id: TransitionId
  readonly now: number
}

/** estab's stack behind a gate, beyond which there is a Linux. */
export class EstabHost {
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
    readonly gate: Gate,
    private readonly name: string,
    readonly own: Addresses,
    readonly peer: Addresses,
    options: HostOptions,
  ) {
    const patience = options.patient ? { minRto: PATIENCE, tailLossProbe: false } : {}
    this.#tcp = { ...patience, ...options.tcp }
    this.#routed = options.routed ?? false
    this.#capture = new Capture(options.capture ?? 4 * MiB)
    options.gate?.(gate)
    this.boot()
  }

  get signal() {
    return this.gate.signal
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
    const addresses = [`${this.own[4]}/24`]
    if (this.gate.mtu >= 1280) addresses.push(`${this.own[6]}/64`)
    const gateways = this.#routed ? [this.peer[4], this.peer[6]] : []
    this.stack.addInterface(this.gate, { name: this.name, addresses, gateways })
  }

  connect(version: Version, port: number, options: Partial<ConnectOptions> = {}): End {
    const end = new End(this.signal)
    const remote = IpAddress.parse(this.peer[version])
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

  close(): void {
    this.stack.close()
    // That closed the link as well, unless the stack had crashed.
    this.gate.close()
    this.#capture.check()
  }
}
