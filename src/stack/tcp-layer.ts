import { segmentArrives } from '../tcp/arrives.js'
import * as calls from '../tcp/calls.js'
import { arrivesInClosed } from '../tcp/closed.js'
import type { TcpConfig } from '../tcp/config.js'
import type { CongestionControllerFactory } from '../tcp/congestion.js'
import { TcpError } from '../tcp/errors.js'
import { icmpArrives } from '../tcp/icmp.js'
import { updateMss } from '../tcp/options.js'
import {
  foldHalfOpen,
  foldTimeWait,
  type HalfOpenRecord,
  isFoldable,
  type TimeWaitRecord,
  unfoldHalfOpen,
  unfoldTimeWait,
} from '../tcp/records.js'
import { gt } from '../tcp/sequence.js'
import { TransmitSlot } from '../tcp/slot.js'
import { EV, Tcb, type TcbParameters } from '../tcp/tcb.js'
import { timeout } from '../tcp/timeouts.js'
import { transmit } from '../tcp/transmit.js'
import { IpAddress } from '../wire/address.js'
import { type IpView, PROTO_TCP } from '../wire/ip.js'
import { ACK, checksumTcp, RST, SegmentView, SYN, writeTcp } from '../wire/tcp.js'
import type { Context } from './context.js'
import { checkCookie, cookieIss, cookieTimestamp } from './cookies.js'
import type { Flow } from './flow.js'
import type { TcpIcmp } from './icmp-layer.js'
import type { IpLayer } from './ip-layer.js'
import { HalfOpen, Listener, type ListenOptions, TimeWait } from './listener.js'
import type { Path } from './path.js'
import { believableMtu } from './path-mtu.js'
import { EphemeralPorts } from './ports.js'
import { Socket, type SocketHandler, type SocketHost } from './socket.js'
import type { FlowTable } from './table.js'
import { watch } from './watch.js'

export interface ConnectOptions {
  remote: IpAddress
  port: number
  /** Local address and port; chosen if absent (MUST-43, MUST-44). */
  local?: IpAddress
  localPort?: number
  handler?: SocketHandler
  congestion?: CongestionControllerFactory
  /** How long to try, in ms, if less than R2 for SYN. */
  timeout?: number
  trafficClass?: number
  hopLimit?: number
  /** Called with the socket before its SYN leaves, to set options. */
  prepare?: (socket: Socket) => void
}

/** A cookie is believed for two of its periods after one was sent. */
const COOKIE_TIME = 128_000

/** Many connections: demultiplexing, listeners, half-open and TIME_WAIT records, and what leaves the stack. */
export class TcpLayer {
  readonly listeners = new Map<number, Listener[]>()
  private readonly segment = new SegmentView()
  private readonly slot = new TransmitSlot()
  private readonly ports: EphemeralPorts
  private readonly timeWaits = new Set<TimeWait>()
  private dirty: Socket[] = []
  private newborn: { listener: Listener; socket: Socket }[] = []
  /** The last flow a segment was for: bulk data comes in runs. */
  private recent: Flow | null = null

  constructor(
    private readonly context: Context,
    private readonly ip: IpLayer,
    private readonly host: SocketHost,
    readonly table: FlowTable,
    readonly config: TcpConfig,
    private readonly maxTimeWait: number,
  ) {
    this.ports = new EphemeralPorts(context.secrets, context.env)
  }

  // ---- the user's calls ----

  listen(options: ListenOptions): Listener {
    const { port, address } = options
    if (!Number.isInteger(port) || port < 0 || port > 65535)
      throw new RangeError(`port must be 0 .. 65535, not ${port}`)
    if (address && !address.isUnspecified && !this.ip.owns(address))
      throw new TcpError('EADDRNOTAVAIL', `${address} is not an address of this stack`)
    const chosen = port === 0 ? this.freeListeningPort() : port
    const listener = new Listener({ ...options, port: chosen }, closing => this.unlisten(closing))
    const others = this.listeners.get(chosen) ?? []
    if (others.some(other => overlaps(other.address, address)))
      throw new TcpError('EADDRINUSE', `port ${chosen} is in use`)
    others.push(listener)
    this.listeners.set(chosen, others)
    this.listenerState(listener, true)
    return listener
  }

  private listenerState(listener: Listener, open: boolean): void {
    const name = {
      local: listener.address?.toString() ?? '*',
      localPort: listener.port,
      remote: undefined,
      remotePort: undefined,
    }
    const { observer } = this.context
    if (open) observer?.state?.(name, 'CLOSED', 'LISTEN', 'T01', this.context.env.now())
    else observer?.state?.(name, 'LISTEN', 'CLOSED', 'T11', this.context.env.now())
  }

  private freeListeningPort(): number {
    return this.ports.pick(IpAddress.any4, IpAddress.any4, 0, port => !this.listeners.has(port))
  }

  /** The listener is gone: what is half open or not taken is reset (RFC 9293 section 3.10.4). */
  private unlisten(listener: Listener): void {
    const rest = (this.listeners.get(listener.port) ?? []).filter(other => other !== listener)
    if (rest.length > 0) this.listeners.set(listener.port, rest)
    else this.listeners.delete(listener.port)
    this.listenerState(listener, false)
    for (const flow of listener.halfOpen) {
      const tcb = this.unfold(flow)
      calls.abort(tcb, this.context.now)
      this.send(tcb, flow.path, flow, 0, 64)
      this.forgetHalfOpen(flow)
    }
    for (const socket of listener.queue.splice(0)) socket.abort()
  }

  connect(options: ConnectOptions): Socket {
    const { remote, port } = options
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw new RangeError(`port must be 1 .. 65535, not ${port}`)
    const { localPort } = options
    if (localPort !== undefined && (!Number.isInteger(localPort) || localPort < 0 || localPort > 65535))
      throw new RangeError(`local port must be 0 .. 65535, not ${localPort}`)
    // MUST-46: addresses that no connection can have.
    if (
      remote.isUnspecified ||
      remote.isMulticast ||
      remote.isBroadcast ||
      remote.isMapped ||
      this.isSubnetBroadcast(remote)
    )
      throw new TcpError('EADDRNOTAVAIL', `cannot connect to ${remote}`)
    const path = this.ip.path(remote, options.local)
    const chosen =
      localPort || this.ports.pick(path.local, remote, port, p => this.isFree(path.local, p, remote, port))
    const old = this.living(this.table.get(path.local, chosen, remote, port))
    const now = this.context.now
    const p = this.parameters(path, path.local, chosen, remote, port, options.congestion)
    if (old instanceof TimeWait) {
      // Our own old incarnation may be opened anew if timestamps set the two apart (RFC 6191).
      const { record } = old
      if (!this.config.rfc6191 || record.tsRecentAt < 0)
        throw new TcpError('EADDRINUSE', `${path.local} port ${chosen} is in TIME_WAIT`)
      if (!gt(p.iss, record.sndNxt)) p.iss = (record.sndNxt + 65536) | 0
      this.forgetTimeWait(old)
    } else if (old)
      throw new TcpError('EADDRINUSE', `${path.local} port ${chosen} to ${remote} port ${port} is in use`)
    const tcb = new Tcb(p)
    if (options.timeout !== undefined) {
      if (!(options.timeout > 0)) throw new RangeError(`timeout must be positive, not ${options.timeout}`)
      tcb.openTimeout = options.timeout
    }
    const socket = new Socket(this.host, tcb, path, path.local, chosen, remote, port)
    if (options.handler) socket.handler = options.handler
    socket.trafficClass = options.trafficClass ?? 0
    socket.hopLimit = options.hopLimit ?? 64
    tcb.observer = watch(this.context, socket)
    options.prepare?.(socket)
    this.table.add(socket)
    calls.open(tcb, 'active', now)
    this.markDirty(socket)
    return socket
  }

  private isFree(local: IpAddress, port: number, remote: IpAddress, remotePort: number): boolean {
    return !this.listeners.has(port) && this.living(this.table.get(local, port, remote, remotePort)) === null
  }

  private isSubnetBroadcast(address: IpAddress): boolean {
    return address.version === 4 && this.ip.interfaces.some(i => i.isSubnetBroadcast(address.w3))
  }

  private parameters(
    path: Path,
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    congestion?: CongestionControllerFactory,
  ): TcbParameters {
    const { secrets, now } = this.context
    return {
      config: this.config,
      iss: secrets.isn(local, localPort, remote, remotePort, now),
      tsOffset: secrets.timestampOffset(local, remote),
      maxSegment: path.maxSegment,
      announcedMss: path.iface.mtu - path.ipHeader - 20,
      defaultMss: local.version === 4 ? 536 : 1220,
      congestion,
    }
  }

  // ---- in ----

  /** One TCP segment, IP already checked. */
  receive(ip: IpView): void {
    const seg = this.segment
    const reason = seg.parse(ip)
    if (reason) return this.ip.drop(reason)
    if (seg.srcPort === 0 || seg.dstPort === 0) return this.ip.drop('tcp-bad-port')
    const { counters } = this.context
    counters.segmentsIn++
    if (seg.badOptions) counters.badTcpOptions++
    const flow = this.living(this.find(ip, seg))
    if (flow instanceof Socket) {
      segmentArrives(flow.tcb, seg, this.context.now)
      this.observeReaction(flow, flow.tcb)
      this.markDirty(flow)
    } else if (flow instanceof HalfOpen) this.arrivesHalfOpen(flow, seg)
    else if (flow instanceof TimeWait) this.arrivesTimeWait(flow, seg)
    else this.arrivesWithoutFlow(ip, seg)
  }

  /** A connection that was closed in this very batch is in nobody's way. */
  private living(flow: Flow | null): Flow | null {
    if (!(flow instanceof Socket) || flow.tcb.state !== 'CLOSED') return flow
    this.flush(flow)
    return null
  }

  private find(ip: IpView, seg: SegmentView): Flow | null {
    const { recent } = this
    if (
      recent !== null &&
      recent.localPort === seg.dstPort &&
      recent.remotePort === seg.srcPort &&
      recent.remote.w3 === ip.src3 &&
      recent.local.w3 === ip.dst3 &&
      recent.remote.w2 === ip.src2 &&
      recent.remote.w1 === ip.src1 &&
      recent.remote.w0 === ip.src0 &&
      recent.local.w2 === ip.dst2 &&
      recent.local.w1 === ip.dst1 &&
      recent.local.w0 === ip.dst0
    )
      return recent
    return (this.recent = this.table.find(
      ip.dst0,
      ip.dst1,
      ip.dst2,
      ip.dst3,
      ip.src0,
      ip.src1,
      ip.src2,
      ip.src3,
      seg.dstPort,
      seg.srcPort,
    ))
  }

  private observeReaction(flow: Flow | null, tcb: Tcb): void {
    const { observer } = this.context
    if (observer?.reaction && tcb.reaction !== '') observer.reaction(flow, tcb.reaction, this.context.now)
  }

  private arrivesWithoutFlow(ip: IpView, seg: SegmentView): void {
    const local = IpAddress.fromWords(ip.version, ip.dst0, ip.dst1, ip.dst2, ip.dst3)
    const remote = IpAddress.fromWords(ip.version, ip.src0, ip.src1, ip.src2, ip.src3)
    const listener = this.listenerFor(local, seg.dstPort)
    if (listener) return this.arrivesAtListener(listener, seg, local, remote)
    this.context.counters.noListener++
    const reaction = arrivesInClosed(seg, this.slot)
    this.context.observer?.reaction?.(null, reaction, this.context.now)
    if (reaction !== 'R01') this.replyTo(local, seg.dstPort, remote, seg.srcPort, this.slot)
  }

  private listenerFor(local: IpAddress, port: number): Listener | undefined {
    const candidates = this.listeners.get(port)
    if (!candidates) return undefined
    return candidates.find(l => l.address?.equals(local)) ?? candidates.find(l => l.matches(local))
  }

  /** Sends a segment that belongs to no connection. */
  private replyTo(
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    slot: TransmitSlot,
  ): void {
    try {
      const path = this.ip.path(remote, local)
      this.emit(null, path, slot, localPort, remotePort, 0, 64)
    } catch {
      // No way back: counted as `noRoute`.
    }
  }

  private arrivesAtListener(listener: Listener, seg: SegmentView, local: IpAddress, remote: IpAddress): void {
    const { counters, now, secrets } = this.context
    const { dstPort: localPort, srcPort: remotePort } = seg
    const path = this.pathBack(local, remote)
    if (!path) return
    const p = this.parameters(path, local, localPort, remote, remotePort)
    if ((seg.flags & (SYN | ACK | RST)) === SYN) {
      if (listener.isFull) {
        // No RST: the peer is to try again (RFC 9293 says nothing; every kernel does so).
        counters.listenOverflows++
        return
      }
      if (listener.halfOpen.size >= listener.synBacklog) {
        counters.listenOverflows++
        if (listener.synCookies) this.sendCookie(listener, seg, p, path, local, remote)
        return
      }
    } else if (seg.flags & ACK && now - listener.overflowedAt < COOKIE_TIME) {
      const scale = new Tcb(p).rcvScale
      const record = checkCookie(
        secrets,
        this.config,
        local,
        localPort,
        remote,
        remotePort,
        seg,
        p.tsOffset,
        scale,
        now,
      )
      if (record && listener.isFull) {
        counters.acceptQueueFull++
        return
      }
      if (record) {
        counters.cookiesAccepted++
        this.revive(listener, record, path, local, remote, seg)
        return
      }
      counters.cookiesRejected++
    }
    const flow = new HalfOpen(listener, path, local, localPort, remote, remotePort)
    const tcb = child(p)
    tcb.observer = flow.observer = watch(this.context, flow)
    segmentArrives(tcb, seg, now)
    this.observeReaction(null, tcb)
    if (tcb.state === 'SYN_RECEIVED') {
      this.table.add(flow)
      this.recent = null
      listener.halfOpen.add(flow)
      this.settleHalfOpen(flow, tcb)
    } else this.send(tcb, path, flow, 0, 64)
  }

  private pathBack(local: IpAddress, remote: IpAddress): Path | undefined {
    try {
      return this.ip.path(remote, local)
    } catch {
      return undefined
    }
  }

  // ---- SYN cookies ----

  private sendCookie(
    listener: Listener,
    seg: SegmentView,
    p: TcbParameters,
    path: Path,
    local: IpAddress,
    remote: IpAddress,
  ): void {
    const { counters, now, secrets } = this.context
    listener.overflowedAt = now
    counters.cookiesSent++
    const mss = seg.mss < 0 ? p.defaultMss : seg.mss
    const iss = cookieIss(secrets, local, seg.dstPort, remote, seg.srcPort, seg.seq, mss, now)
    const tcb = child({ ...p, iss })
    const sack = this.config.sack && seg.sackPermitted
    // Without timestamps there is no room to remember the scale in: it is not offered.
    if (!(this.config.timestamps && seg.hasTimestamps)) {
      seg.windowScale = -1
      seg.sackPermitted = false
    }
    segmentArrives(tcb, seg, now)
    if (tcb.timestamps) {
      const clock = (Math.floor(now) + p.tsOffset) | 0
      tcb.tsOffset =
        (tcb.tsOffset + cookieTimestamp(clock, tcb.windowScaling ? tcb.sndScale : -1, sack) - clock) | 0
    }
    const flow = new HalfOpen(listener, path, local, seg.dstPort, remote, seg.srcPort)
    this.send(tcb, path, flow, 0, 64)
  }

  /** A cookie came back: the half-open record it stands for is made, and the segment goes to it. */
  private revive(
    listener: Listener,
    record: HalfOpenRecord,
    path: Path,
    local: IpAddress,
    remote: IpAddress,
    seg: SegmentView,
  ): void {
    const flow = new HalfOpen(listener, path, local, seg.dstPort, remote, seg.srcPort)
    flow.record = record
    flow.observer = watch(this.context, flow)
    this.table.add(flow)
    this.recent = null
    listener.halfOpen.add(flow)
    this.arrivesHalfOpen(flow, seg)
  }

  // ---- half-open connections ----

  private unfold(flow: HalfOpen): Tcb {
    if (flow.tcb) return flow.tcb
    const p = this.parameters(flow.path, flow.local, flow.localPort, flow.remote, flow.remotePort)
    const tcb = unfoldHalfOpen(flow.record!, p)
    tcb.observer = flow.observer
    return tcb
  }

  private arrivesHalfOpen(flow: HalfOpen, seg: SegmentView): void {
    if (flow.listener.isFull && (seg.flags & (ACK | RST | SYN)) === ACK) {
      // Nobody has room for it: the peer will send again, or our SYN,ACK will be.
      this.context.counters.acceptQueueFull++
      return
    }
    const tcb = this.unfold(flow)
    segmentArrives(tcb, seg, this.context.now)
    this.observeReaction(flow, tcb)
    this.settleHalfOpen(flow, tcb)
  }

  /** After anything happened to it: folded again, grown up, back to TIME_WAIT, or gone. */
  private settleHalfOpen(flow: HalfOpen, tcb: Tcb): void {
    const { listener } = flow
    if (tcb.state === 'SYN_RECEIVED') {
      this.send(tcb, flow.path, flow, 0, 64)
      if (isFoldable(tcb)) {
        flow.record = foldHalfOpen(tcb)
        flow.tcb = null
      } else flow.tcb = tcb
      this.context.wheel.schedule(flow, tcb.deadline)
      return
    }
    this.context.wheel.cancel(flow)
    listener.halfOpen.delete(flow)
    if (tcb.state === 'LISTEN' || tcb.state === 'CLOSED') {
      this.send(tcb, flow.path, flow, 0, 64)
      // The handshake came to nothing: the wait it took the place of goes on (MAY-2 (2)).
      if (tcb.displaced && tcb.displaced.lingerAt > this.context.now)
        this.wait(flow, tcb.displaced, flow.path)
      else this.forgetHalfOpen(flow)
    } else if (tcb.state === 'TIME_WAIT') this.rest(flow, tcb, flow.path)
    else this.grow(flow, tcb)
  }

  private forgetHalfOpen(flow: HalfOpen): void {
    flow.listener.halfOpen.delete(flow)
    this.context.wheel.cancel(flow)
    this.remove(flow)
  }

  /** The handshake is done: a socket takes the record's place. */
  private grow(flow: HalfOpen, tcb: Tcb): void {
    const socket = new Socket(
      this.host,
      tcb,
      flow.path,
      flow.local,
      flow.localPort,
      flow.remote,
      flow.remotePort,
    )
    tcb.displaced = null
    tcb.observer = watch(this.context, socket)
    tcb.events &= ~EV.OPEN
    this.table.replace(flow, socket)
    this.recent = null
    flow.listener.newborn++
    this.newborn.push({ listener: flow.listener, socket })
    this.markDirty(socket)
  }

  // ---- TIME_WAIT ----

  /** Folds a connection in TIME_WAIT into a record, in the place of `flow`. */
  private rest(flow: Flow, tcb: Tcb, path: Path): TimeWait {
    return this.wait(flow, foldTimeWait(tcb), path)
  }

  private wait(flow: Flow, folded: TimeWaitRecord, path: Path): TimeWait {
    const record = new TimeWait(folded, path, flow.local, flow.localPort, flow.remote, flow.remotePort)
    record.observer = watch(this.context, record)
    this.table.replace(flow, record)
    this.recent = null
    this.timeWaits.add(record)
    this.context.wheel.schedule(record, folded.lingerAt)
    if (this.timeWaits.size > this.maxTimeWait) {
      this.context.counters.timeWaitEvicted++
      this.forgetTimeWait(this.timeWaits.values().next().value!)
    }
    return record
  }

  private forgetTimeWait(flow: TimeWait): void {
    flow.over = true
    this.timeWaits.delete(flow)
    this.context.wheel.cancel(flow)
    this.remove(flow)
  }

  private unfoldWait(flow: TimeWait): Tcb {
    const p = this.parameters(flow.path, flow.local, flow.localPort, flow.remote, flow.remotePort)
    const tcb = unfoldTimeWait(flow.record, p)
    tcb.observer = flow.observer
    return tcb
  }

  private arrivesTimeWait(flow: TimeWait, seg: SegmentView): void {
    const tcb = this.unfoldWait(flow)
    const listener = seg.flags & SYN ? this.listenerFor(flow.local, flow.localPort) : undefined
    if (listener && !listener.isFull && listener.halfOpen.size < listener.synBacklog) {
      const { local, localPort, remote, remotePort } = flow
      const iss = this.context.secrets.isn(local, localPort, remote, remotePort, this.context.now)
      // Larger than anything the old incarnation used (MAY-2 (1)).
      tcb.reopenIss = gt(iss, tcb.sndNxt) ? iss : (tcb.sndNxt + 65536) | 0
    }
    segmentArrives(tcb, seg, this.context.now)
    this.observeReaction(flow, tcb)
    if (tcb.state === 'SYN_RECEIVED' && listener) {
      this.context.counters.timeWaitReused++
      const halfOpen = new HalfOpen(
        listener,
        flow.path,
        flow.local,
        flow.localPort,
        flow.remote,
        flow.remotePort,
      )
      halfOpen.observer = tcb.observer
      flow.over = true
      this.timeWaits.delete(flow)
      this.context.wheel.cancel(flow)
      this.table.replace(flow, halfOpen)
      this.recent = null
      listener.halfOpen.add(halfOpen)
      this.settleHalfOpen(halfOpen, tcb)
      return
    }
    this.send(tcb, flow.path, flow, 0, 64)
    this.settleTimeWait(flow, tcb)
  }

  private settleTimeWait(flow: TimeWait, tcb: Tcb): void {
    if (tcb.state === 'CLOSED') {
      this.forgetTimeWait(flow)
      return
    }
    flow.record = foldTimeWait(tcb)
    this.context.wheel.schedule(flow, tcb.lingerAt)
  }

  private remove(flow: Flow): void {
    this.table.remove(flow)
    if (this.recent === flow) this.recent = null
  }

  // ---- ICMP ----

  /** An error about a segment of ours, for the connection it quotes (MUST-54). */
  icmp({ error, quoted: q, version }: TcpIcmp): void {
    const flow = this.table.find(
      q.src0,
      q.src1,
      q.src2,
      q.src3,
      q.dst0,
      q.dst1,
      q.dst2,
      q.dst3,
      q.srcPort,
      q.dstPort,
    )
    // A half-open handshake outlives any error, and TIME_WAIT has nothing in flight.
    if (!(flow instanceof Socket)) return
    const { tcb, path } = flow
    const { now } = this.context
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
  }

  /** Nobody answers for a next hop: what is trying to connect through it should know. */
  unreachable(nextHop: IpAddress): void {
    for (const flow of this.table) {
      if (!(flow instanceof Socket) || !flow.path.nextHop.equals(nextHop)) continue
      icmpArrives(
        flow.tcb,
        { kind: 'soft', code: 'EHOSTUNREACH', message: `no answer from ${nextHop}` },
        flow.tcb.sndUna,
        this.context.now,
      )
      this.markDirty(flow)
    }
  }

  // ---- timers ----

  timer(flow: Socket | HalfOpen | TimeWait): void {
    const { now, wheel } = this.context
    if (flow instanceof Socket) {
      if (flow.tcb.deadline <= now) timeout(flow.tcb, now)
      this.markDirty(flow)
    } else if (flow instanceof HalfOpen) {
      const due = flow.tcb
        ? flow.tcb.deadline
        : Math.min(flow.record!.retransmitAt, flow.record!.userTimeoutAt)
      if (due > now) return wheel.schedule(flow, due)
      const tcb = this.unfold(flow)
      timeout(tcb, now)
      this.settleHalfOpen(flow, tcb)
    } else {
      if (flow.record.lingerAt > now) return wheel.schedule(flow, flow.record.lingerAt)
      const tcb = this.unfoldWait(flow)
      timeout(tcb, now)
      this.settleTimeWait(flow, tcb)
    }
  }

  // ---- after each batch ----

  markDirty(socket: Socket): void {
    if (socket.dirty) return
    socket.dirty = true
    this.dirty.push(socket)
  }

  get isSettled(): boolean {
    return this.dirty.length === 0 && this.newborn.length === 0
  }

  /** Hands over new connections, tells owners what happened, and sends what is to be sent. */
  settle(deliver: (work: () => void) => void): void {
    for (const { listener, socket } of this.newborn.splice(0)) {
      listener.newborn--
      if (listener.closed) deliver(() => socket.abort())
      else if (listener.onConnection) deliver(() => listener.onConnection!(socket))
      else {
        listener.push(socket)
        deliver(() => listener.onQueued?.())
      }
    }
    const batch = this.dirty
    this.dirty = []
    // A connection that is over has left the table before its owner hears of it.
    for (const socket of batch) if (socket.tcb.state === 'CLOSED') this.flushGuarded(socket)
    for (const socket of batch) this.tell(socket, deliver)
    // What owners did in answer is sent in the same segments.
    for (const socket of batch) this.flushGuarded(socket)
  }

  /** A fault in one connection, or in whoever watches it, must not keep the others from being sent. */
  private flushGuarded(socket: Socket): void {
    try {
      this.flush(socket)
    } catch (error) {
      this.context.env.reportError(error)
    }
  }

  private tell(socket: Socket, deliver: (work: () => void) => void): void {
    // Nobody has taken it yet: what happens is told to whoever does.
    if (socket.waitingIn) return
    const { tcb } = socket
    const events = calls.takeEvents(tcb)
    if (events === 0 || socket.finished) return
    /** Each owner's answer may end the connection, or change who is to be told. */
    const tell = (bit: number, call: (handler: SocketHandler) => void) => {
      if (events & bit && !socket.finished && tcb.error === null) deliver(() => call(socket.handler))
    }
    tell(EV.OPEN, handler => handler.open?.())
    const { softError } = tcb
    if (softError) tell(EV.SOFT_ERROR, handler => handler.softError?.(softError))
    tell(EV.URGENT, handler => handler.urgent?.())
    if (socket.receiveQueued > 0) tell(EV.READABLE, handler => handler.readable?.())
    tell(EV.END, handler => handler.end?.())
    tell(EV.WRITABLE, handler => handler.writable?.())
    if (!(events & (EV.CLOSED | EV.TIME_WAIT)) || socket.finished) return
    socket.finished = true
    deliver(() => socket.handler.closed?.(tcb.error))
  }

  private flush(socket: Socket): void {
    const { tcb, path } = socket
    const { now, wheel } = this.context
    socket.dirty = false
    if (path.mtuExpires <= now) this.raisePathMtu(socket)
    this.send(tcb, path, socket, socket.trafficClass, socket.hopLimit)
    if (tcb.state === 'CLOSED') {
      wheel.cancel(socket)
      if (socket.timeWait) this.forgetTimeWait(socket.timeWait)
      else this.remove(socket)
      socket.waitingIn?.drop(socket)
    } else if (socket.timeWait === null && tcb.state === 'TIME_WAIT' && isFoldable(tcb)) {
      wheel.cancel(socket)
      socket.timeWait = this.rest(socket, tcb, path)
    } else if (socket.timeWait === null) wheel.schedule(socket, tcb.deadline)
    // Events that owners caused by their own calls are told in the next round.
    if (tcb.events !== 0 && !socket.finished && !socket.waitingIn) this.markDirty(socket)
  }

  /** Ten minutes after the path was found to be narrow it is tried again. */
  private raisePathMtu(socket: Socket): void {
    const { path, tcb } = socket
    path.mtu = path.iface.mtu
    path.mtuExpires = Number.POSITIVE_INFINITY
    tcb.maxSegment = path.maxSegment
    updateMss(tcb)
  }

  // ---- out ----

  private send(tcb: Tcb, path: Path, flow: Flow, trafficClass: number, hopLimit: number): void {
    const { slot } = this
    while (transmit(tcb, this.context.now, slot))
      this.emit(tcb, path, slot, flow.localPort, flow.remotePort, trafficClass, hopLimit)
  }

  /** Builds the segment in the interface's buffer: headers from the slot, payload straight from the send queue. */
  private emit(
    tcb: Tcb | null,
    path: Path,
    slot: TransmitSlot,
    localPort: number,
    remotePort: number,
    trafficClass: number,
    hopLimit: number,
  ): void {
    const { iface } = path
    const { buffer } = iface
    const at = iface.headroom + path.ipHeader
    const { counters } = this.context
    writeTcp(
      buffer,
      at,
      localPort,
      remotePort,
      slot.seq,
      slot.ack,
      slot.flags,
      slot.window,
      slot.urgentPointer,
      slot.optionsLength,
    )
    const { options, optionsLength } = slot
    for (let i = 0; i < optionsLength; i++) buffer[at + 20 + i] = options[i]!
    const header = 20 + optionsLength
    if (slot.payloadLength > 0) tcb!.sendQueue.copy(slot.payloadAt, slot.payloadLength, buffer, at + header)
    const length = header + slot.payloadLength
    checksumTcp(buffer, at, length, path.pseudo)
    counters.segmentsOut++
    if (slot.flags & RST) counters.resetsOut++
    this.ip.send(path, PROTO_TCP, length, trafficClass, hopLimit)
  }
}

/** A listener's child before its SYN: LISTEN stays with the parent (MUST-41). */
function child(p: TcbParameters): Tcb {
  const tcb = new Tcb(p)
  tcb.state = 'LISTEN'
  tcb.passive = true
  return tcb
}

function overlaps(a: IpAddress | undefined, b: IpAddress | undefined): boolean {
  if (!a || !b) return true
  if (a.version !== b.version) return false
  return a.isUnspecified || b.isUnspecified || a.equals(b)
}
