import { type TcpConfig, tcpConfig } from '../tcp/config.js'
import type { State } from '../tcp/states.js'
import { IpAddress, parseCidr } from '../wire/address.js'
import { ICMP4, ICMP6 } from '../wire/icmp.js'
import type { Lender } from '../wire/lender.js'
import type { ConnectOptions } from './active-opens.js'
import type { Context } from './context.js'
import { Counters } from './counters.js'
import type { Environment } from './environment.js'
import { Datagram } from './fragments.js'
import { type Gauges, gaugesOf } from './gauges.js'
import { HalfOpen } from './half-open.js'
import { IcmpLayer } from './icmp-layer.js'
import { type IdleOptions, IdleWalk, idleOptions } from './idle.js'
import type { Interface } from './interface.js'
import { IpLayer } from './ip-layer.js'
import { type Limits, limitsOf } from './limits.js'
import type { Link, LinkReceiver } from './link.js'
import type { Listener, ListenOptions } from './listener.js'
import { Neighbour } from './neighbours.js'
import type { StackObserver } from './observe.js'
import { Bucket } from './record-timers.js'
import { Ring } from './ring.js'
import type { Arrival, Seat } from './seat.js'
import { Secrets } from './secrets.js'
import { Socket } from './socket.js'
import { FlowTable } from './table.js'
import { TcpLayer } from './tcp-layer.js'
import type { PacketChoices } from './tcp-output.js'
import { UdpLayer, type UdpMessage, type UdpPort } from './udp-layer.js'
import { watch } from './watch.js'
import { type TimerNode, TimerWheel } from './wheel.js'

export interface StackOptions {
  env: Environment
  tcp?: Partial<TcpConfig>
  /** TIME_WAIT records kept at most; the oldest goes first. */
  maxTimeWait?: number
  /** How many connections others may open, and what is done when there are too many. */
  limits?: Partial<Limits>
  /** When connections on which nothing happens are folded up, to take less memory. */
  foldIdle?: Partial<IdleOptions>
  observer?: StackObserver
  /** One of several stacks that are one host, each in a thread of its own (docs/workers.md). It is closed with the stack. */
  seat?: Seat
}

/** A line of the table of connections. */
export interface ConnectionEntry {
  readonly local: IpAddress
  readonly localPort: number
  readonly remote: IpAddress
  readonly remotePort: number
  readonly state: State
}

export interface InterfaceOptions {
  name?: string
  /** With prefix lengths: `10.0.0.1/24`, `fd00::1/64`. */
  addresses: string[]
  /** Default gateways, at most one of each version. */
  gateways?: string[]
  /**
   * Whether runs of segments are taken by header prediction (RFC 7323 section 5.6), which makes no difference but in
   * speed. Default true.
   */
  headerPrediction?: boolean
}

/** Of bytes that may be kept, and that nobody wants back. */
const NOBODY: Lender = { takeBack: () => {} }

/** After this many rounds of its own traffic the stack lets others run before it goes on. */
const MAX_ROUNDS = 64

/**
 * A host's network stack: interfaces on links, and TCP, UDP and ICMP over IPv4 and IPv6 above them. It does nothing
 * by itself: links bring packets, users make calls, and the environment's alarm tells it when a timer is due; each
 * of these is a batch, after which events are told and everything ready is sent.
 */
export class Stack {
  readonly counters = new Counters()
  private readonly context: Context
  private readonly ip: IpLayer
  private readonly seat: Seat | undefined
  private readonly ring: Ring
  private readonly icmp: IcmpLayer
  private readonly tcp: TcpLayer
  private readonly udp: UdpLayer
  private readonly table: FlowTable
  private depth = 0
  private wokenAt = Number.POSITIVE_INFINITY
  private wokenEssential = true
  private calls: (() => void)[] = []
  private closed = false
  private closing = false

  constructor(options: StackOptions) {
    const { env, seat } = options
    const secrets = new Secrets(env)
    this.context = {
      env,
      secrets,
      counters: this.counters,
      wheel: new TimerWheel(env.now()),
      now: env.now(),
      observer: options.observer ?? null,
    }
    this.ip = new IpLayer(this.context)
    this.seat = seat
    this.ring = new Ring(seat, this.context, this.ip)
    this.icmp = new IcmpLayer(this.context, this.ip, this.ring)
    this.table = new FlowTable(secrets)
    const { context } = this
    this.tcp = new TcpLayer(
      context,
      this.ip,
      {
        now: () => env.now(),
        get batchTime() {
          return context.now
        },
        beginCall: () => this.beginCall(),
        endCall: (socket, outermost) => {
          this.tcp.markDirty(socket)
          this.endCall(outermost)
        },
        batch: work => this.batch(work),
        tellLater: socket => this.tellLater(socket),
        waitsUntil: socket => this.tcp.waitsUntil(socket),
      },
      this.table,
      tcpConfig(options.tcp),
      options.maxTimeWait ?? 1 << 18,
      limitsOf(options.limits),
      new IdleWalk(context, this.table, idleOptions(options.foldIdle)),
      this.ring,
      seat,
    )
    this.udp = new UdpLayer(
      this.ip,
      this.ring,
      work => this.batch(work),
      work => this.deliver(work),
    )
    this.ip.upper = {
      tcp: view => this.tcp.receive(view),
      udp: (view, multicast) => {
        if (!this.udp.receive(view, multicast) && !multicast)
          this.icmp.sendError(view, ICMP4.UNREACHABLE, 3, ICMP6.UNREACHABLE, 4)
      },
      icmp: (view, iface, multicast) => this.icmp.receive(view, iface, multicast),
      unknownProtocol: view =>
        this.icmp.sendError(view, ICMP4.UNREACHABLE, 2, ICMP6.PARAMETER_PROBLEM, 1, view.protocolField),
      problem: (view, code) =>
        this.icmp.sendError(
          view,
          ICMP4.PARAMETER_PROBLEM,
          0,
          ICMP6.PARAMETER_PROBLEM,
          code,
          view.problemPointer,
        ),
      fragmentTimeout: view => this.icmp.sendError(view, ICMP4.TIME_EXCEEDED, 1, ICMP6.TIME_EXCEEDED, 1),
    }
    this.icmp.onTcpError = error => this.tcp.icmp(error)
    this.ip.resolver.onUnreachable = address => this.tcp.unreachable(address)
    this.ip.loopback.attach(this.receiver(this.ip.interfaces[0]!))
    seat?.attach({ packet: (...packet) => this.handedOver(...packet), batchEnd: this.batchEnd })
  }

  /** The configuration every connection starts with. */
  get config(): TcpConfig {
    return this.tcp.config
  }

  /** Changes what connections made from now on start with. Throws a RangeError that names a value out of range. */
  configure(overrides: Partial<TcpConfig>): void {
    this.tcp.config = tcpConfig(overrides, this.tcp.config)
  }

  get now(): number {
    return this.context.env.now()
  }

  /** Whoever watches, from now on: connections that are there already, too. Null for nobody. */
  set observer(observer: StackObserver | null) {
    this.context.observer = observer
    for (const flow of this.tcp.busy())
      if ((flow instanceof Socket || flow instanceof HalfOpen) && flow.tcb)
        flow.tcb.observer = watch(this.context, flow)
  }

  get observer(): StackObserver | null {
    return this.context.observer
  }

  get interfaces(): readonly Interface[] {
    return this.ip.interfaces
  }

  /**
   * Attaches a link. Throws a TypeError for addresses that are none, and for an Ethernet link of a stack that has a seat; a
   * RangeError for an MTU too small.
   */
  addInterface(link: Link, options: InterfaceOptions): Interface {
    // What neighbours answer would come to one of the stacks, and each needs it.
    if (this.seat && link.kind === 'ethernet')
      throw new TypeError('a stack with a seat in a ring takes links of IP packets only')
    const name = options.name ?? `if${this.ip.interfaces.length}`
    const iface = this.ip.add(name, link, options.addresses.map(parseCidr))
    iface.headerPrediction = options.headerPrediction ?? true
    for (const gateway of options.gateways ?? [])
      this.ip.addRoute(IpAddress.parse(gateway).version === 4 ? '0.0.0.0/0' : '::/0', iface, gateway)
    link.attach(this.receiver(iface))
    return iface
  }

  /** Adds a route: `addRoute('10.1.0.0/16', iface, '10.0.0.254')`; without `via` its hosts are on the link. */
  addRoute(destination: string, iface: Interface, via?: string): void {
    this.ip.addRoute(destination, iface, via)
  }

  /** Opens passively. Throws a TcpError with EADDRINUSE or EADDRNOTAVAIL. */
  listen(options: ListenOptions): Listener {
    return this.batch(() => this.tcp.listeners.listen(options))
  }

  /** Opens actively; the handler's `open` or `closed` tells what came of it. Throws a TcpError if it cannot begin. */
  connect(options: ConnectOptions): Socket {
    return this.batch(() => this.tcp.activeOpens.connect(options))
  }

  /**
   * The key that Fast Open cookies are made with (RFC 7413), 16 bytes, and the one before, whose cookies are believed
   * too: for servers behind one address. Without it the stack has a key of its own, which it changes every twelve hours.
   * Throws a RangeError for keys of another length.
   */
  setFastOpenKeys(key: Uint8Array, last?: Uint8Array): void {
    this.tcp.fastOpenKeys.set(key, last)
  }

  /**
   * How many bytes would ride on the SYN of a connection opened with `fastOpen` now: 0 where it would ask for a cookie,
   * undefined where it would not be tried, because that has lately failed. Throws a TcpError if there is no route.
   */
  fastOpenRoom(options: Pick<ConnectOptions, 'remote' | 'port' | 'local' | 'tcp'>): number | undefined {
    return this.tcp.activeOpens.fastOpenAttempt(options, this.ip.path(options.remote, options.local))?.room
  }

  /** Forgets the cookies that servers have given us, and who did not answer to Fast Open. */
  forgetFastOpen(): void {
    this.tcp.fastOpenCache.clear()
  }

  /**
   * Keeps a port from being chosen for any other connection, without listening on it (what bind() does). RSTs from it
   * carry the DSCP and TTL given. What is returned gives it back. Throws a TcpError with EADDRINUSE.
   */
  reserve(port: number, choices: PacketChoices = {}): () => void {
    return this.tcp.listeners.reserve(port, choices)
  }

  /** Takes UDP datagrams to a port. */
  bindUdp(port: number, receive: (message: UdpMessage, port: UdpPort) => void): UdpPort {
    return this.udp.bind(port, receive)
  }

  /** The connections that are open, opening or closing. */
  get sockets(): Socket[] {
    return [...this.table.connections()].filter(flow => flow instanceof Socket)
  }

  /** Every connection there is, half-open ones and those in TIME_WAIT too, as `ss` lists them. */
  *connections(): IterableIterator<ConnectionEntry> {
    for (const flow of this.table) {
      const { local, localPort, remote, remotePort } = flow
      const state =
        flow instanceof Socket ? flow.state : flow instanceof HalfOpen ? 'SYN_RECEIVED' : 'TIME_WAIT'
      yield { local, localPort, remote, remotePort, state }
    }
  }

  /** Ends connections as an administrator does; those that are open are reset. Returns how many there were. */
  drop(which: (connection: ConnectionEntry) => boolean): number {
    const doomed = new Set<string>()
    const name = (c: Omit<ConnectionEntry, 'state'>) =>
      `${c.local} ${c.localPort} ${c.remote} ${c.remotePort}`
    for (const entry of this.connections()) if (which(entry)) doomed.add(name(entry))
    return this.batch(() => this.tcp.drop(flow => doomed.has(name(flow))))
  }

  /** How many of each kind there are. */
  get census(): { sockets: number; halfOpen: number; timeWait: number; listeners: number } {
    return { ...this.tcp.census, listeners: this.tcp.listeners.count }
  }

  /** Connections in each state, and the bytes they hold. */
  get gauges(): Gauges {
    return gaugesOf(this.tcp.busy(), this.tcp.census.timeWait, this.tcp.listeners.count)
  }

  /** Resets every connection and closes every link. Idempotent. */
  close(): void {
    if (this.closed || this.closing) return
    this.batch(() => {
      for (const listener of [...this.tcp.listeners]) listener.close()
      for (const socket of this.sockets) socket.abort()
      // The resets leave when the batch ends, and then the links are closed.
      this.closing = true
    })
  }

  /** Forgets everything without a word to anybody, as a host does that loses its power. */
  crash(): void {
    this.closed = true
    this.seat?.close()
    this.context.env.cancelWake()
  }

  private receiver(iface: Interface): LinkReceiver {
    return {
      packet: (bytes, offset, length) => void this.receive(iface, bytes, offset, length, false, null, 0, 0),
      offer: (bytes, offset, length, vouched, lender, segmentSize = 0) =>
        this.receive(iface, bytes, offset, length, vouched, lender, segmentSize, 0),
      batchEnd: this.batchEnd,
      failed: error => this.context.env.reportError(error),
    }
  }

  private readonly batchEnd = (): void => {
    if (this.depth === 1 && !this.closed) this.finish()
  }

  /** A packet from the seat before ours; as if it had come by the same interface here. */
  private handedOver(bytes: Uint8Array, { vouched, segmentSize, iface: index, hops }: Arrival): void {
    this.counters.handedOver++
    const iface = this.ip.interfaces[index]
    if (iface) this.receive(iface, bytes, 0, bytes.length, vouched, NOBODY, segmentSize, hops)
    else this.ip.drop('ip-not-for-us')
  }

  /** Returns whether the bytes, if there is a `lender`, are kept. */
  private receive(
    iface: Interface,
    bytes: Uint8Array,
    offset: number,
    length: number,
    vouched: boolean,
    lender: Lender | null,
    segmentSize: number,
    hops: number,
  ): boolean {
    if (this.closed) return false
    if (this.depth === 0) {
      // The first packet of a batch; `batchEnd` ends it.
      this.depth = 1
      this.context.now = this.context.env.now()
      this.tcp.prediction.forget()
    }
    this.ring.arrives(iface, hops)
    try {
      // What a link offers is large as a rule, or has no checksum to be looked at.
      if (lender) this.tcp.prediction.forget()
      else if (this.tcp.prediction.takes(iface, bytes, offset, length)) return false
      return this.ip.receive(iface, bytes, offset, length, vouched, lender, segmentSize)
    } catch (error) {
      this.context.env.reportError(error)
      return lender !== null
    }
  }

  /**
   * A call of the user's begins, after which `endCall` sends what it made ready. What there is to tell, and what the stack
   * has sent to itself, waits for the next moment: no owner is called from inside a call of its own. Returns whether it is
   * the outermost.
   */
  private beginCall(): boolean {
    this.tcp.prediction.forget()
    if (this.depth > 0) return false
    this.depth = 1
    this.context.now = this.context.env.now()
    return true
  }

  private endCall(outermost: boolean): void {
    if (!outermost) return
    try {
      this.tcp.flushDirty()
    } finally {
      this.end(!this.isQuiet)
    }
  }

  private batch<T>(work: () => T): T {
    const outermost = this.beginCall()
    try {
      return work()
    } finally {
      this.endCall(outermost)
    }
  }

  /** User code, later: what it throws is reported and harms nobody else. */
  private deliver(work: () => void): void {
    this.calls.push(work)
  }

  private runCalls(): void {
    if (this.calls.length === 0) return
    for (const call of this.calls.splice(0)) this.run(call, undefined)
  }

  /** User code, now. */
  private readonly run = <T>(call: (argument: T) => void, argument: T): void => {
    const { env } = this.context
    try {
      call(argument)
    } catch (error) {
      env.reportError(error)
    }
    env.userCodeRan?.()
  }

  /** Ends a batch of packets or timers: tells, sends, and goes round again while that makes more to tell. */
  private finish(): void {
    let rounds = 0
    try {
      while (!this.isQuiet && ++rounds <= MAX_ROUNDS) this.round()
    } finally {
      this.end(rounds > MAX_ROUNDS)
    }
  }

  /** `soon`: there is more to do, in a moment. */
  private end(soon: boolean): void {
    this.depth = 0
    if (this.closing) this.shut()
    else this.rearm(soon)
  }

  private get isQuiet(): boolean {
    return this.tcp.isSettled && this.ip.loopback.isEmpty && this.calls.length === 0
  }

  private round(): void {
    this.tcp.prediction.forget()
    this.runCalls()
    this.tcp.settle(this.run)
    if (!this.ip.loopback.isEmpty) this.ip.loopback.deliver()
  }

  private shut(): void {
    this.closed = true
    const { env, now } = this.context
    for (const iface of this.ip.interfaces) iface.link.close()
    this.seat?.close()
    if (this.isQuiet) env.cancelWake()
    else env.wakeAt(now, () => this.tellTheRest())
  }

  /** Nothing is sent any more, but owners hear of the end. */
  private tellTheRest(): void {
    for (let rounds = 0; !this.isQuiet && rounds < MAX_ROUNDS; rounds++) this.round()
  }

  /** Not now: whoever accepts a connection first sets its handler. */
  private tellLater(socket: Socket): void {
    this.tcp.markDirty(socket)
    if (this.depth === 0) this.rearm(true)
  }

  private rearm(soon: boolean): void {
    if (this.closed) return
    const { env, wheel, now } = this.context
    const next = soon ? now : wheel.next()
    const essential = soon || !this.tcp.onlyWaits
    if (next === this.wokenAt && essential === this.wokenEssential) return
    this.wokenAt = next
    this.wokenEssential = essential
    if (next === Number.POSITIVE_INFINITY) env.cancelWake()
    else env.wakeAt(next, this.wake, essential)
  }

  private readonly wake = (): void => {
    this.wokenAt = Number.POSITIVE_INFINITY
    this.collect()
    if (this.closed) return
    this.depth = 1
    this.context.now = this.context.env.now()
    try {
      this.context.wheel.advance(this.context.now, this.fire)
    } catch (error) {
      this.context.env.reportError(error)
    }
    this.finish()
  }

  /** What waits unread in the links comes before timers that are due. */
  private collect(): void {
    const { env, wheel } = this.context
    if (this.closed || wheel.next() > env.now()) return
    for (const { link } of this.ip.interfaces)
      try {
        link.collect?.()
      } catch (error) {
        env.reportError(error)
      }
  }

  private readonly fire = (node: TimerNode): void => {
    if (node instanceof Neighbour) this.ip.resolver.timer(node)
    else if (node instanceof Datagram) this.ip.fragmentTimer(node)
    else if (node instanceof Bucket) node.fire()
    else if (node instanceof IdleWalk) node.step()
    else this.tcp.timer(node as Socket)
  }
}
