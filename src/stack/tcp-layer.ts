import { segmentArrives } from '../tcp/arrives.js'
import { abort } from '../tcp/calls.js'
import { arrivesInClosed } from '../tcp/closed.js'
import type { TcpConfig } from '../tcp/config.js'
import { isEarly } from '../tcp/fast-open.js'
import { icmpArrives } from '../tcp/icmp.js'
import { updateMss } from '../tcp/options.js'
import { isFoldable } from '../tcp/records.js'
import { TransmitSlot } from '../tcp/slot.js'
import { EV, type Tcb } from '../tcp/tcb.js'
import { timeout } from '../tcp/timeouts.js'
import { IpAddress } from '../wire/address.js'
import type { IpView } from '../wire/ip.js'
import { SegmentView } from '../wire/tcp.js'
import { ActiveOpens, type Others } from './active-opens.js'
import type { Context } from './context.js'
import type { FastOpenCache } from './fast-open-cache.js'
import type { FastOpenKeys } from './fast-open-keys.js'
import type { Flow } from './flow.js'
import { HalfOpen } from './half-open.js'
import { Handshakes } from './handshakes.js'
import { HeaderPrediction } from './header-prediction.js'
import type { TcpIcmp } from './icmp-layer.js'
import type { IdleWalk } from './idle.js'
import type { IpLayer } from './ip-layer.js'
import { Limiter, type Limits } from './limits.js'
import type { Listener } from './listener.js'
import { Listeners } from './listeners.js'
import type { Path } from './path.js'
import { believableMtu } from './path-mtu.js'
import { EphemeralPorts } from './ports.js'
import type { Ring } from './ring.js'
import type { Seat } from './seat.js'
import { Socket, type SocketHost } from './socket.js'
import type { FlowTable } from './table.js'
import { TcpOutput } from './tcp-output.js'
import { TcpShared } from './tcp-shared.js'
import { type Run, tell } from './tell.js'
import { TimeWait } from './time-wait.js'
import { TimeWaits } from './time-waits.js'
import { watch } from './watch.js'
import { Worklist } from './worklist.js'

/**
 * Many connections: who a segment is for, what owners are told after each batch, and when everybody sends. Active opens,
 * listeners, handshakes and TIME_WAIT have files of their own.
 */
export class TcpLayer implements Others {
  readonly listeners: Listeners
  readonly activeOpens: ActiveOpens
  private readonly segment = new SegmentView()
  private readonly slot = new TransmitSlot()
  private readonly shared: TcpShared
  private readonly handshakes: Handshakes
  private readonly timeWaits: TimeWaits
  readonly limiter: Limiter
  readonly prediction: HeaderPrediction
  private readonly dirty = new Worklist<Socket>()
  private newborn: { listener: Listener; socket: Socket }[] = []

  constructor(
    context: Context,
    private readonly ip: IpLayer,
    private readonly host: SocketHost,
    private readonly table: FlowTable,
    config: TcpConfig,
    maxTimeWait: number,
    limits: Limits,
    private readonly idle: IdleWalk,
    private readonly ring: Ring,
    seat: Seat | undefined,
  ) {
    const ports = new EphemeralPorts(context.secrets, context.env, undefined, undefined, seat)
    this.shared = new TcpShared(context, ip, table, config, new TcpOutput(context, ip, this.slot), ring)
    if (seat) this.fastOpenKeys.set(seat.fastOpenKey)
    this.prediction = new HeaderPrediction(this.shared, this.segment)
    this.timeWaits = new TimeWaits(this.shared, maxTimeWait, (...reopened) =>
      this.handshakes.adopt(...reopened),
    )
    this.limiter = new Limiter(limits, context, socket => this.markDirty(socket))
    this.handshakes = new Handshakes(this.shared, this.timeWaits, (...grown) => this.grow(...grown))
    this.listeners = new Listeners(this.shared, ports, host, listener => this.abandon(listener))
    this.activeOpens = new ActiveOpens(this.shared, host, ports, this.listeners, this.timeWaits, idle, this)
  }

  /** What connections start with from now on. */
  get config(): TcpConfig {
    return this.shared.config
  }

  set config(config: TcpConfig) {
    this.shared.config = config
  }

  // ---- in ----

  /** One TCP segment, IP already checked. */
  receive(ip: IpView): void {
    const seg = this.segment
    const reason = seg.parse(ip)
    if (reason) return this.ip.drop(reason)
    if (seg.srcPort === 0 || seg.dstPort === 0) return this.ip.drop('tcp-bad-port')
    const { counters } = this.shared.context
    counters.segmentsIn += seg.segments
    if (seg.badOptions) counters.badTcpOptions++
    const flow = this.living(this.lookup(ip, seg))
    if (flow instanceof Socket) {
      flow.receivedTrafficClass = ip.trafficClass
      segmentArrives(flow.tcb, seg, this.shared.context.now)
      this.shared.observeReaction(flow, flow.tcb)
      this.markDirty(flow)
      this.prediction.expect(flow, ip)
    } else if (flow instanceof HalfOpen) this.handshakes.arrives(flow, seg)
    else if (flow instanceof TimeWait)
      this.timeWaits.arrives(flow, seg, this.listeners.find(flow.local, flow.localPort))
    else this.arrivesWithoutFlow(ip, seg)
    ip.lender = seg.lender
  }

  /** A connection that was closed in this very batch is in nobody's way. */
  living(flow: Flow | null): Flow | null {
    if (!(flow instanceof Socket) || flow.tcb.state !== 'CLOSED') return flow
    this.flush(flow)
    return null
  }

  private lookup(ip: IpView, seg: SegmentView): Flow | null {
    const { dst0, dst1, dst2, dst3, src0, src1, src2, src3 } = ip
    return this.table.find(dst0, dst1, dst2, dst3, src0, src1, src2, src3, seg.dstPort, seg.srcPort)
  }

  private arrivesWithoutFlow(ip: IpView, seg: SegmentView): void {
    const { context, output } = this.shared
    const local = this.ip.destination(ip)
    const remote = IpAddress.fromWords(ip.version, ip.src0, ip.src1, ip.src2, ip.src3)
    const { dstPort: localPort, srcPort: remotePort } = seg
    const listener = this.listeners.find(local, localPort)
    if (listener) {
      this.handshakes.arrivesAtListener(listener, ip, seg, { local, localPort, remote, remotePort })
      return
    }
    if (this.ring.handOn(ip)) return
    context.counters.noListener++
    const reaction = arrivesInClosed(seg, this.slot)
    context.observer?.reaction?.(null, reaction, context.now)
    if (reaction === 'R01' || this.config.closedPort === 'ignore') return
    const path = this.shared.pathBack(local, remote)
    if (path) output.reply(path, this.slot, localPort, remotePort, this.listeners.choicesFor(localPort))
  }

  /** A listener is gone: what is half open or not taken is reset (RFC 9293 section 3.10.4). */
  private abandon(listener: Listener): void {
    this.handshakes.abandon(listener)
    for (const socket of listener.queue.splice(0)) socket.abort()
  }

  /** Ends connections without asking their owners, as an administrator does; returns how many there were. */
  drop(which: (flow: Socket | HalfOpen | TimeWait) => boolean): number {
    let dropped = 0
    for (const flow of [...this.table] as (Socket | HalfOpen | TimeWait)[]) {
      if (!which(flow)) continue
      dropped++
      if (flow instanceof Socket) flow.abort()
      else if (flow instanceof HalfOpen) this.handshakes.abort(flow)
      else this.timeWaits.forget(flow)
    }
    return dropped
  }

  /** The handshake is done: a connection takes the record's place. */
  private grow(flow: HalfOpen, tcb: Tcb, path: Path): void {
    const { local, localPort, remote, remotePort, listener } = flow
    const socket = new Socket(this.host, tcb, path, local, localPort, remote, remotePort)
    socket.trafficClass = flow.trafficClass
    socket.hopLimit = flow.hopLimit
    tcb.displaced = null
    this.shared.hostCache.begin(socket, this.shared.context.now)
    tcb.observer = watch(this.shared.context, socket)
    tcb.events &= ~EV.OPEN
    this.table.replace(flow, socket)
    this.idle.joined()
    this.markDirty(socket)
    if (isEarly(tcb)) {
      socket.earlyIn = listener.early
      listener.early.join(socket)
    }
    if (!this.limiter.admit(socket, listener)) return abort(tcb, this.shared.context.now)
    listener.newborn++
    this.newborn.push({ listener, socket })
  }

  // ---- ICMP ----

  /** An error about a segment of ours, for the connection it quotes (MUST-54). False if there is none. */
  icmp({ error, quoted: q, version }: TcpIcmp): boolean {
    const { src0, src1, src2, src3, dst0, dst1, dst2, dst3, srcPort, dstPort } = q
    const flow = this.living(
      this.table.find(src0, src1, src2, src3, dst0, dst1, dst2, dst3, srcPort, dstPort),
    )
    // A half-open handshake outlives any error, and TIME_WAIT has nothing in flight.
    if (!(flow instanceof Socket)) return flow !== null
    const { tcb, path } = flow
    const { now } = this.shared.context
    if (error.kind !== 'too-big') {
      icmpArrives(tcb, error, q.seq, now)
    } else {
      const mtu = believableMtu(version, error.mtu, path.mtu)
      const before = tcb.maxSegment
      icmpArrives(tcb, { kind: 'too-big', maxSegment: mtu - path.ipHeader }, q.seq, now)
      if (tcb.maxSegment < before) {
        path.mtu = mtu
        path.mtuExpires = this.ip.pathMtu.set(flow.remote, mtu, now)
      }
    }
    this.markDirty(flow)
    return true
  }

  /** Nobody answers for a next hop: what is trying to connect through it should know. */
  unreachable(nextHop: IpAddress): void {
    for (const flow of this.table.connections()) {
      if (!(flow instanceof Socket) || !flow.path.nextHop.equals(nextHop)) continue
      icmpArrives(
        flow.tcb,
        { kind: 'unreachable', cause: 'host', message: `no answer from ${nextHop}` },
        flow.tcb.sndUna,
        this.shared.context.now,
      )
      this.markDirty(flow)
    }
  }

  // ---- timers ----

  timer(socket: Socket): void {
    const { now } = this.shared.context
    if (socket.tcb.deadline <= now) this.expire(socket, now)
    this.markDirty(socket)
  }

  /** At R1 IP hears that the next hop may be dead (RFC 9293 section 3.8.3, MUST-20). */
  private expire({ tcb, path }: Socket, now: number): void {
    const before = tcb.retransmits
    timeout(tcb, now)
    const { r1 } = tcb.config
    if (before < r1 && tcb.retransmits >= r1) this.ip.resolver.doubt(path.iface, path.nextHop)
  }

  // ---- after each batch ----

  markDirty(socket: Socket): void {
    if (socket.dirty) return
    socket.dirty = true
    this.dirty.push(socket)
  }

  /** When 2MSL are over for a connection that is a record in TIME_WAIT, ms; -1 if they are. */
  waitsUntil(socket: Socket): number {
    return this.timeWaits.find(socket, socket.timeWait)?.deadline ?? -1
  }

  /** All but those in TIME_WAIT, of which there may be very many. */
  *busy(): Generator<Flow> {
    yield* this.table.connections()
    yield* this.handshakes.all
  }

  /** How many connections of each kind there are. */
  get census(): { sockets: number; halfOpen: number; timeWait: number } {
    const halfOpen = this.handshakes.count
    const timeWait = this.timeWaits.count
    return { sockets: this.table.size - halfOpen - timeWait, halfOpen, timeWait }
  }

  /** True if every connection there is, is in TIME_WAIT. */
  get onlyWaits(): boolean {
    return this.table.size === this.timeWaits.count
  }

  get isSettled(): boolean {
    return this.dirty.size === 0 && this.newborn.length === 0
  }

  /** Hands over new connections, tells owners what happened, and sends what is to be sent. */
  settle(run: Run): void {
    if (this.newborn.length > 0) this.handOver(run)
    const { dirty } = this
    const count = dirty.begin()
    // A connection that is over has left the table before its owner hears of it.
    for (let i = 0; i < count; i++) {
      const socket = dirty.at(i)
      if (socket.tcb.state === 'CLOSED') this.flushGuarded(socket)
    }
    for (let i = 0; i < count; i++) tell(dirty.at(i), run)
    // What owners did in answer is sent in the same segments.
    for (let i = 0; i < count; i++) this.flushGuarded(dirty.at(i))
    dirty.end()
  }

  private handOver(run: Run): void {
    for (const { listener, socket } of this.newborn.splice(0)) {
      listener.newborn--
      if (listener.closed) run(() => socket.abort(), socket)
      else if (listener.onConnection) run(() => listener.onConnection!(socket), socket)
      else {
        listener.push(socket)
        run(() => listener.onQueued?.(), socket)
      }
    }
  }

  /** Sends what is ready and tells nobody anything: the end of an owner's own call. */
  flushDirty(): void {
    const { dirty } = this
    const count = dirty.begin()
    for (let i = 0; i < count; i++) this.flushGuarded(dirty.at(i))
    dirty.end()
  }

  /** A fault in one connection, or in whoever watches it, must not keep the others from being sent. */
  private flushGuarded(socket: Socket): void {
    try {
      this.flush(socket)
    } catch (error) {
      this.shared.context.env.reportError(error)
    }
  }

  private flush(socket: Socket): void {
    const { tcb, path } = socket
    const { now, wheel } = this.shared.context
    socket.dirty = false
    if (path.mtuExpires <= now) this.raisePathMtu(socket)
    if (tcb.orphaned) this.limiter.orphaned(socket)
    this.shared.output.send(tcb, path, socket)
    if (tcb.fastOpen) this.settleFastOpen(socket)
    if (tcb.state === 'CLOSED') {
      wheel.cancel(socket)
      this.limiter.left(socket)
      if (socket.timeWait === 0) {
        this.shared.hostCache.end(socket, now)
        this.table.remove(socket)
      } else {
        const record = this.timeWaits.find(socket, socket.timeWait)
        if (record) this.timeWaits.forget(record)
      }
      if (!tcb.config.keepResetInQueue) socket.waitingIn?.drop(socket)
    } else if (socket.timeWait === 0 && tcb.state === 'TIME_WAIT' && isFoldable(tcb)) {
      wheel.cancel(socket)
      this.limiter.left(socket)
      this.shared.hostCache.end(socket, now)
      socket.timeWait = this.timeWaits.rest(socket, tcb)
    } else if (socket.timeWait === 0) wheel.schedule(socket, tcb.deadline)
    // Events that owners caused by their own calls are told in the next round.
    if (tcb.events !== 0 && !socket.finished && !socket.waitingIn) this.markDirty(socket)
  }

  /** Once the handshake is over, or will not be, it is clear what Fast Open has brought. */
  private settleFastOpen(socket: Socket): void {
    const { tcb, earlyIn, remote, remotePort } = socket
    if (!tcb.synAcked && tcb.state !== 'CLOSED') return
    const { fastOpenCache, context } = this.shared
    if (!tcb.passive) fastOpenCache.learn(remote, remotePort, tcb, context.now)
    if (tcb.fastOpen) tcb.fastOpen.offer = null
    earlyIn?.leave(socket, context.now)
    socket.earlyIn = null
  }

  /** Keys for Fast Open cookies; see `Stack.setFastOpenKeys`. */
  get fastOpenKeys(): FastOpenKeys {
    return this.shared.fastOpenKeys
  }

  get fastOpenCache(): FastOpenCache {
    return this.shared.fastOpenCache
  }

  /** Ten minutes after the path was found to be narrow it is tried again. */
  private raisePathMtu(socket: Socket): void {
    const { path, tcb } = socket
    // Unless another connection has heard of it since.
    const known = this.ip.pathMtu.get(socket.remote, this.shared.context.now)
    path.mtu = known?.mtu ?? path.iface.mtu
    path.mtuExpires = known?.expires ?? Number.POSITIVE_INFINITY
    tcb.maxSegment = path.maxSegment
    updateMss(tcb)
  }
}
