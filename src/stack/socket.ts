import * as calls from '../tcp/calls.js'
import { type TcpConfig, tcpConfig } from '../tcp/config.js'
import type { ControllerChoice } from '../tcp/controllers.js'
import type { TcpError } from '../tcp/errors.js'
import { isEarly } from '../tcp/fast-open.js'
import { type FoldedTcb, type TcbFolder, unfold } from '../tcp/fold.js'
import type { State } from '../tcp/states.js'
import { status, type TcpStatus } from '../tcp/status.js'
import type { Tcb } from '../tcp/tcb.js'
import { setKeepAlive } from '../tcp/timeouts.js'
import type { IpAddress } from '../wire/address.js'
import type { FastOpenQueue } from './fast-open-queue.js'
import { Flow } from './flow.js'
import type { Listener } from './listener.js'
import type { Path } from './path.js'
import type { Quota } from './quota.js'
import type { TimerNode } from './wheel.js'

/** What a connection tells its owner. Every method is optional; none is called from inside a call of the owner's. */
export interface SocketHandler {
  /** The connection is open. Not called for accepted connections, which are open when they are handed over. */
  open?(): void
  /** Data is waiting: call `receive`. */
  readable?(): void
  /** Sent data was acknowledged, and there is room for more: `sendQueued` is below `sendLimit`. */
  writable?(): void
  /** Sent data was acknowledged, whether or not that makes room. Told before `writable`. */
  acknowledged?(): void
  /** The peer has closed its side: after what is waiting nothing will come. */
  end?(): void
  /** Urgent data was announced, or there is more of it (legacy: RFC 6093 advises against using it). */
  urgent?(): void
  /** Something is wrong that does not end the connection (MUST-47). */
  softError?(error: TcpError): void
  /** The connection is over: in TIME_WAIT, or CLOSED; `error` says why if it was not a proper close. */
  closed?(error: TcpError | null): void
}

/** What a socket needs of its stack. */
export interface SocketHost {
  now(): number
  /** The time of the call, or of the batch, that is on its way. */
  readonly batchTime: number
  /** Tells the owner, a moment later, what happened before there was one. */
  tellLater(socket: Socket): void
  /** When 2MSL are over for a connection that is a record in TIME_WAIT, ms; -1 if they are. */
  waitsUntil(socket: Socket): number
  /** A call of the user's on a connection begins, and ends: then what it made ready is sent. */
  beginCall(): boolean
  endCall(socket: Socket, outermost: boolean): void
  /** The same for a call that is not about one connection. */
  batch<T>(work: () => T): T
}

/** A connection, as the stack's user holds it: the user calls of RFC 9293 section 3.10 on one 4-tuple. */
export class Socket extends Flow implements TimerNode {
  timerPrev: TimerNode | null = null
  timerNext: TimerNode | null = null
  timerDue = -1
  handler: SocketHandler = {}
  /** True while it waits to be looked at after a batch. */
  dirty = false
  /** `closed` was told. */
  finished = false
  /** The serial number of the record that stands for it, once it is in TIME_WAIT and read out; 0 before. */
  timeWait = 0
  /** The listener in whose queue it waits to be accepted. */
  waitingIn: Listener | null = null
  /** Where it is counted as long as only a Fast Open cookie vouches for its peer. */
  earlyIn: FastOpenQueue | null = null
  /** The limits that count it, if others have opened it. */
  quotas: readonly Quota[] | null = null
  /** DSCP and ECN of the last segment that came (MAY-9). */
  receivedTrafficClass = 0
  /** What the connection is while it is folded up; see `fold`. */
  private folded: FoldedTcb | null = null

  constructor(
    private readonly host: SocketHost,
    private machine: Tcb | null,
    readonly path: Path,
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
  ) {
    super(local, localPort, remote, remotePort)
  }

  /** The connection's state, unfolded: not to be held beyond the batch. */
  get tcb(): Tcb {
    if (this.machine !== null) return this.machine
    const tcb = unfold(this.folded!)
    this.folded = null
    return (this.machine = tcb)
  }

  get isFolded(): boolean {
    return this.folded !== null
  }

  /** Nothing is under way: until something is, a tenth of the memory will do. */
  fold(folder: TcbFolder): void {
    this.folded = folder.fold(this.tcb)
    this.machine = null
  }

  /** The listener's: somebody has accepted it, and hears of everything from now on. */
  taken(): void {
    this.waitingIn = null
    this.host.tellLater(this)
  }

  /** Nothing can be sent or received yet. False for those that Fast Open has handed over before their time. */
  get isOpening(): boolean {
    const { state } = this.tcb
    return state === 'SYN_SENT' || (state === 'SYN_RECEIVED' && !isEarly(this.tcb))
  }

  /** When 2MSL will be over, ms on the stack's clock; -1 if the connection is not in TIME_WAIT. */
  get timeWaitUntil(): number {
    if (this.timeWait !== 0) return this.host.waitsUntil(this)
    return this.tcb.state === 'TIME_WAIT' ? this.tcb.lingerAt : -1
  }

  get state(): State {
    if (this.isFolded) return 'ESTABLISHED'
    return this.timeWait !== 0 && this.host.waitsUntil(this) < 0 ? 'CLOSED' : this.tcb.state
  }

  /**
   * Sends bytes, which are held by reference until they are acknowledged and must not change before. False means
   * "enough for now": wait for `writable`. Throws a TcpError where RFC 9293 section 3.10.2 says so; ENOBUFS when more than
   * a gigabyte would be queued.
   * `urgent` makes them urgent data (legacy: RFC 6093 advises against using it, SHLD-13).
   */
  send(bytes: Uint8Array, flags?: calls.SendFlags): boolean {
    const outermost = this.host.beginCall()
    try {
      return calls.send(this.tcb, bytes, this.host.batchTime, flags)
    } finally {
      this.host.endCall(this, outermost)
    }
  }

  /** What was sent with `more` is all there is for now (PUSH, RFC 9293 section 3.9.1.2). */
  push(): void {
    this.act(() => calls.push(this.tcb))
  }

  /** Bytes sent and not yet acknowledged, or not yet sent. */
  get sendQueued(): number {
    return this.tcb.sendQueue.length
  }

  /** The limit that `send` goes by, in bytes. */
  get sendLimit(): number {
    return this.tcb.sendLimit
  }

  /** The oldest bytes received, at most `max`; undefined if there are none now. The caller may keep them. */
  receive(max?: number): Uint8Array | undefined {
    if (this.tcb.receiveQueue.length === 0) return undefined
    const outermost = this.host.beginCall()
    try {
      return calls.receive(this.tcb, max)
    } finally {
      this.host.endCall(this, outermost)
    }
  }

  /** Fills `into` with the oldest bytes received, as far as they go; returns how many. */
  receiveInto(into: Uint8Array): number {
    if (this.tcb.receiveQueue.length === 0) return 0
    const outermost = this.host.beginCall()
    try {
      return calls.receiveInto(this.tcb, into)
    } finally {
      this.host.endCall(this, outermost)
    }
  }

  /** Bytes waiting to be received. */
  get receiveQueued(): number {
    return this.tcb.receiveQueue.length
  }

  /** True once the peer's FIN is reached; what waits is the last. */
  get atEnd(): boolean {
    return calls.atEnd(this.tcb)
  }

  /** Half-close: no more will be sent; receiving goes on. */
  close(): void {
    this.act(now => calls.close(this.tcb, now))
  }

  /** Full close: nobody will read either; what is unread, or still comes, is answered with RST. */
  release(): void {
    this.act(now => {
      const { tcb } = this
      calls.orphan(tcb, now)
      if (!tcb.finQueued && tcb.state !== 'CLOSED' && tcb.state !== 'TIME_WAIT') calls.close(tcb, now)
    })
  }

  /** Throws the connection away; the peer gets a RST. */
  abort(): void {
    if (this.state === 'CLOSED') return
    this.act(now => calls.abort(this.tcb, now))
  }

  /** Nagle's algorithm off (true) or on. */
  setNoDelay(on: boolean): void {
    this.act(() => calls.setNoDelay(this.tcb, on))
  }

  /** While corked, only full segments go out (for 200 ms at most). */
  setCork(on: boolean): void {
    this.act(() => {
      this.tcb.corked = on
    })
  }

  /** Probes a silent connection after `idle` ms, every `interval` ms, `probes` times. */
  setKeepAlive(on: boolean, idle?: number, interval?: number, probes?: number): void {
    this.act(now => setKeepAlive(this.tcb, on, now, idle, interval, probes))
  }

  /** How long sent data may stay unacknowledged, in ms (RFC 9293 section 3.9.1.1; Infinity allowed). */
  setUserTimeout(ms: number): void {
    if (!(ms > 0)) throw new RangeError(`user timeout must be positive, not ${ms}`)
    this.act(now => {
      this.tcb.userTimeout = ms
      if (this.tcb.userTimeoutAt !== Number.POSITIVE_INFINITY) this.tcb.userTimeoutAt = now + ms
    })
  }

  /** Retransmissions after which the connection ends (R2, MUST-21; Infinity allowed). */
  setRetransmissionLimit(r2: number): void {
    if (!(r2 >= 1)) throw new RangeError(`R2 must be at least 1, not ${r2}`)
    this.tcb.r2 = r2
  }

  /** What the receive buffer holds at most, in bytes; the window follows, and it does not grow by itself any more. */
  setReceiveBuffer(bytes: number): void {
    if (!(bytes >= 2048 && bytes <= 2 ** 30))
      throw new RangeError(`receive buffer must be 2048 .. 2^30, not ${bytes}`)
    this.act(() => {
      this.tcb.receiveBuffer = this.tcb.mostReceiveBuffer = bytes
    })
  }

  /** The limit that `send` goes by, in bytes; it does not grow by itself any more. */
  setSendBuffer(bytes: number): void {
    if (!(bytes >= 1 && bytes <= 2 ** 30)) throw new RangeError(`send buffer must be 1 .. 2^30, not ${bytes}`)
    this.tcb.sendBuffer = this.tcb.mostSendBuffer = bytes
  }

  /** Changes choices of this connection alone. Those that speak of its opening have no effect any more. */
  configure(overrides: Partial<TcpConfig>): void {
    const config = tcpConfig(overrides, this.tcb.config)
    this.act(() => {
      this.tcb.config = config
    })
  }

  /** By name, or one of one's own. The new controller starts from the window of the old one. Throws a RangeError. */
  setCongestionControl(choice: ControllerChoice): void {
    this.act(() => calls.setCongestionControl(this.tcb, choice))
  }

  private act<T>(work: (now: number) => T): T {
    const outermost = this.host.beginCall()
    try {
      return work(this.host.batchTime)
    } finally {
      this.host.endCall(this, outermost)
    }
  }

  /** STATUS: what Linux's TCP_INFO tells. */
  status(): TcpStatus {
    return { ...status(this.tcb, this.host.now()), state: this.state }
  }
}
