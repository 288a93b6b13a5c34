import { segmentArrives } from '../tcp/arrives.js'
import { abort } from '../tcp/calls.js'
import { type FastOpen, hasCookie, isEarly, passiveFastOpen } from '../tcp/fast-open.js'
import { foldHalfOpen, isFoldable, unfoldHalfOpen } from '../tcp/records.js'
import { Tcb, type TcbParameters } from '../tcp/tcb.js'
import { timeout } from '../tcp/timeouts.js'
import { tsClock } from '../tcp/timestamps.js'
import type { IpView } from '../wire/ip.js'
import { ACK, AE, CWR, ECE, RST, type SegmentView, SYN } from '../wire/tcp.js'
import { checkCookie, cookieIss, cookieTimestamp } from './cookies.js'
import { HalfOpen, HalfOpens } from './half-open.js'
import type { Listener } from './listener.js'
import type { Path } from './path.js'
import type { TcpShared, Tuple } from './tcp-shared.js'
import type { TimeWait } from './time-wait.js'
import type { TimeWaits } from './time-waits.js'
import { watch } from './watch.js'

/** A cookie is believed for two of its periods after one was sent. */
const COOKIE_TIME = 128_000

/** Passive opens, from the SYN at a listener to the ACK that makes a connection of it. */
export class Handshakes {
  private readonly records: HalfOpens

  constructor(
    private readonly shared: TcpShared,
    private readonly timeWaits: TimeWaits,
    /** The handshake is done: a connection takes the place of `flow`. */
    private readonly grown: (flow: HalfOpen, tcb: Tcb, path: Path) => void,
  ) {
    this.records = new HalfOpens(shared.table, shared.context.wheel, flow => this.timer(flow))
  }

  get all(): Iterable<HalfOpen> {
    return this.records
  }

  get count(): number {
    return this.records.count
  }

  /** A segment for a listener that belongs to no connection and no handshake. */
  arrivesAtListener(listener: Listener, ip: IpView, seg: SegmentView, tuple: Tuple): void {
    const { context, output, ring, table } = this.shared
    const { counters, now } = context
    const path = this.shared.pathBack(tuple.local, tuple.remote)
    if (!path) return
    const p = this.shared.parameters(path, tuple, listener.config)
    if ((seg.flags & (SYN | ACK | RST)) === SYN) {
      if (listener.isFull) {
        // No RST: the peer is to try again (RFC 9293 says nothing; every kernel does so).
        counters.listenOverflows++
        return
      }
      if (!listener.hasRoom) {
        counters.listenOverflows++
        if (listener.synCookies) this.sendCookie(listener, seg, p, path, tuple)
        return
      }
    } else {
      const couldEndOne = (seg.flags & ACK) !== 0 && now - listener.overflowedAt < COOKIE_TIME
      if (couldEndOne && this.cookieReturns(listener, seg, p, tuple)) return
      // Another stack may have the connection, or have made the cookie.
      if (ring.handOn(ip)) return
      if (couldEndOne) counters.cookiesRejected++
    }
    const flow = makeFlow(listener, tuple)
    const tcb = child({ ...p, fastOpen: this.fastOpen(listener, seg, tuple) })
    tcb.observer = watch(context, flow)
    segmentArrives(tcb, seg, now)
    this.shared.observeReaction(null, tcb)
    if (tcb.state === 'SYN_RECEIVED') {
      const early = isEarly(tcb)
      if (!early) {
        flow.tcb = tcb
        this.records.allot(flow)
      }
      table.add(flow)
      if (early) this.grown(flow, tcb, path)
      else this.settle(flow, tcb, path)
    } else output.send(tcb, path, flow)
  }

  /** RFC 7413 section 4.2.2, server: what a SYN's cookie is good for, and what the answer offers. */
  private fastOpen(listener: Listener, seg: SegmentView, tuple: Tuple): FastOpen | null {
    const { context, fastOpenKeys } = this.shared
    const { early, fastOpenWithoutCookie } = listener
    const asks = seg.fastOpenLength === 0
    const excused = fastOpenWithoutCookie && (seg.payloadLength > 0 || seg.fastOpenLength >= 0)
    if (early.most === 0 || (seg.flags & (SYN | ACK | RST)) !== SYN || !(asks || excused || hasCookie(seg)))
      return null
    const { counters, now } = context
    const { local, remote } = tuple
    const shown = excused ? 'current' : fastOpenKeys.check(seg, local, remote, now)
    const wants = shown !== 'current'
    if (wants) counters.fastOpenCookiesSent++
    if (shown === 'bad' && !asks) counters.fastOpenBadCookies++
    if (shown !== 'bad' && !early.hasRoom(now)) {
      counters.fastOpenOverflows++
      return null
    }
    if (shown !== 'bad') counters.fastOpens++
    const offer = wants ? fastOpenKeys.cookie(local, remote, now) : null
    return passiveFastOpen(shown !== 'bad', offer, seg.fastOpenExperimental)
  }

  // ---- SYN cookies ----

  /** Answers a SYN and remembers nothing. */
  private sendCookie(listener: Listener, seg: SegmentView, p: TcbParameters, path: Path, tuple: Tuple): void {
    const { context, output } = this.shared
    const { config } = p
    const { counters, now, secrets } = context
    listener.overflowedAt = now
    counters.cookiesSent++
    const iss = cookieIss(secrets, tuple, seg.seq, seg.mss < 0 ? p.defaultMss : seg.mss, now)
    const tcb = child({ ...p, iss })
    const sack = config.sack && seg.sackPermitted
    // Without timestamps there is no room to remember scale and SACK in: they are not offered.
    if (!(config.timestamps && seg.hasTimestamps)) {
      seg.windowScale = -1
      seg.sackPermitted = false
    }
    // Nor is there for ECN of either kind.
    seg.flags &= ~(AE | ECE | CWR)
    segmentArrives(tcb, seg, now)
    if (tcb.timestamps) {
      const clock = tsClock(tcb, now)
      const value = cookieTimestamp(clock, tcb.windowScaling ? tcb.sndScale : -1, sack)
      tcb.tsOffset = (tcb.tsOffset + value - clock) | 0
    }
    output.send(tcb, path, makeFlow(listener, tuple))
  }

  /** True if the segment ended a stateless handshake: it goes to the half-open record its cookie stands for. */
  private cookieReturns(listener: Listener, seg: SegmentView, p: TcbParameters, tuple: Tuple): boolean {
    const { context, table } = this.shared
    const { counters, now, secrets } = context
    const record = checkCookie(secrets, p.config, tuple, seg, p.tsOffset, new Tcb(p).rcvScale, now)
    if (!record) return false
    if (listener.isFull) {
      counters.acceptQueueFull++
      return true
    }
    counters.cookiesAccepted++
    const flow = makeFlow(listener, tuple)
    flow.record = record
    this.records.allot(flow)
    table.add(flow)
    this.records.save(flow, flow.deadline)
    this.arrives(flow, seg)
    return true
  }

  // ---- half-open connections ----

  arrives(flow: HalfOpen, seg: SegmentView): void {
    const { context } = this.shared
    if (flow.listener.isFull && (seg.flags & (ACK | RST)) === ACK) {
      // Nobody has room for it, be it the ACK or the SYN,ACK of a simultaneous open: the peer will send again, or our
      // SYN,ACK will be.
      context.counters.acceptQueueFull++
      return
    }
    const path = this.shared.pathBack(flow.local, flow.remote)
    if (!path) return
    const tcb = this.unfold(flow, path)
    segmentArrives(tcb, seg, context.now)
    this.shared.observeReaction(flow, tcb)
    this.settle(flow, tcb, path)
  }

  private timer(flow: HalfOpen): void {
    const { context } = this.shared
    if (flow.deadline > context.now) {
      this.records.save(flow, flow.deadline)
      return
    }
    const path = this.shared.pathBack(flow.local, flow.remote)
    if (!path) return this.forget(flow)
    const tcb = this.unfold(flow, path)
    timeout(tcb, context.now)
    this.settle(flow, tcb, path)
  }

  /** A SYN has reopened a connection in TIME_WAIT: its handshake takes the record's place (T24). */
  adopt(listener: Listener, old: TimeWait, tcb: Tcb, path: Path): void {
    const flow = makeFlow(listener, old)
    flow.tcb = tcb
    this.records.allot(flow)
    this.shared.table.replace(old, flow)
    this.settle(flow, tcb, path)
  }

  /** The listener is gone: its handshakes are reset. */
  abandon(listener: Listener): void {
    if (listener.halfOpen === 0) return
    for (const flow of this.records) if (flow.listener === listener) this.abort(flow)
  }

  /** Ends a handshake; the peer gets a RST. */
  abort(flow: HalfOpen): void {
    const { context, output } = this.shared
    const path = this.shared.pathBack(flow.local, flow.remote)
    if (path) {
      const tcb = this.unfold(flow, path)
      abort(tcb, context.now)
      output.send(tcb, path, flow)
    }
    this.forget(flow)
  }

  private unfold(flow: HalfOpen, path: Path): Tcb {
    if (flow.tcb) return flow.tcb
    const tcb = unfoldHalfOpen(flow.record!, this.shared.parameters(path, flow, flow.listener.config))
    tcb.observer = watch(this.shared.context, flow)
    return tcb
  }

  /** After anything happened to it: folded again, grown up, back to TIME_WAIT, or gone. */
  private settle(flow: HalfOpen, tcb: Tcb, path: Path): void {
    const { context, output } = this.shared
    if (tcb.state === 'SYN_RECEIVED') {
      output.send(tcb, path, flow)
      const folds = isFoldable(tcb)
      flow.record = folds ? foldHalfOpen(tcb) : null
      flow.tcb = folds ? null : tcb
      this.records.save(flow, tcb.deadline)
      return
    }
    if (tcb.state === 'LISTEN' || tcb.state === 'CLOSED') {
      output.send(tcb, path, flow)
      // The handshake came to nothing: the wait it took the place of goes on (MAY-2 (2)).
      const { displaced } = tcb
      if (!displaced || displaced.lingerAt <= context.now) return this.forget(flow)
      this.timeWaits.wait(flow, displaced)
    } else if (tcb.state === 'TIME_WAIT') this.timeWaits.rest(flow, tcb)
    else this.grown(flow, tcb, path)
    this.records.free(flow)
  }

  private forget(flow: HalfOpen): void {
    this.shared.table.remove(flow)
    this.records.free(flow)
  }
}

const makeFlow = (listener: Listener, t: Tuple): HalfOpen =>
  new HalfOpen(listener, t.local, t.localPort, t.remote, t.remotePort)

/** A listener's child before its SYN: LISTEN stays with the parent (MUST-41). */
function child(p: TcbParameters): Tcb {
  const tcb = new Tcb(p)
  tcb.state = 'LISTEN'
  tcb.passive = true
  return tcb
}
