import type { StackObserver } from '../stack/observe.js'
import type { ReactionId } from '../tcp/reactions.js'
import { type State, TRANSITIONS } from '../tcp/states.js'
import { IpView, PROTO_TCP, parseIp } from '../wire/ip.js'
import { SegmentView, SYN } from '../wire/tcp.js'
import type { Fate, SegmentEvent, StateEvent, TraceEvent } from './events.js'
import { textOf } from './fields.js'
import { type Origin, segmentEvent } from './segment-event.js'

/** A segment as it was on the wire, with everything it brought about. */
export interface RecordedSegment {
  readonly event: SegmentEvent
  readonly bytes: Uint8Array
  /** Changes of state that sent it, and that it caused where it arrived. */
  readonly before: StateEvent[]
  readonly after: StateEvent[]
}

/**
 * Collects what happens on the hosts of a world, or on one live stack, as typed events in order of time. Feed it
 * with `observer(host)` and, for what travels between hosts, with `segment`.
 */
export class Recorder {
  readonly events: TraceEvent[] = []
  readonly segments: RecordedSegment[] = []
  private readonly ip = new IpView()
  private readonly seg = new SegmentView()
  /** ISN and window scale (-1 if not offered) of each direction, by its tuple. */
  private readonly directions = new Map<string, Origin>()
  /** On their way to each host. */
  private readonly inFlight = new Map<string, RecordedSegment[]>()
  /** The segment each host is dealing with, and changes of state not yet tied to one it sends. */
  private readonly current = new Map<string, RecordedSegment>()
  private readonly pending = new Map<string, StateEvent[]>()
  /** Told about each event as it happens. */
  onEvent: ((event: TraceEvent) => void) | undefined

  constructor(private readonly options: { congestion?: boolean; timers?: boolean } = {}) {}

  private add(event: TraceEvent): void {
    this.events.push(event)
    this.onEvent?.(event)
  }

  note(t: number, host: string, text: { en: string; zh: string }): void {
    this.add({ t, kind: 'note', host, text })
  }

  /** What to give a host's stack as its observer. */
  observer(host: string): StackObserver {
    return {
      packet: (direction, iface, bytes, offset, length, now) => {
        if (direction === 'in') this.arrived(host, bytes, offset, length, now)
        else if (iface.isLoopback)
          this.segment(host, host, bytes.slice(offset, offset + length), 'delivered', now, now)
      },
      reaction: (_flow, reaction, now) => this.reacted(host, reaction, now),
      state: (flow, from, to, id, now) => {
        const cause = TRANSITIONS[id].cause
        const event: StateEvent = { t: now, kind: 'state', host, from, to, cause, id, flow: textOf(flow) }
        this.add(event)
        const current = this.current.get(host)
        if (current && current.event.arrives === now && TRANSITIONS[id].kind === 'segment')
          current.after.push(event)
        else this.pendingOf(host).push(event)
      },
      timer: (_flow, timer, now) => {
        if (this.options.timers !== false) this.add({ t: now, kind: 'timer', host, timer })
      },
      congestion: (_flow, cwnd, ssthresh, cause, now) => {
        if (this.options.congestion) this.add({ t: now, kind: 'congestion', host, cwnd, ssthresh, cause })
      },
    }
  }

  /** A packet was sent; anything but a TCP segment is ignored. `arrives` is NaN for a lost one. */
  segment(from: string, to: string, bytes: Uint8Array, fate: Fate, t: number, arrives: number): void {
    const { ip, seg } = this
    if (
      parseIp(ip, bytes, 0, bytes.length) ||
      ip.protocol !== PROTO_TCP ||
      ip.isFragment ||
      seg.parse(ip, true)
    )
      return
    const there = `${from}:${seg.srcPort}>${to}:${seg.dstPort}`
    const back = `${to}:${seg.dstPort}>${from}:${seg.srcPort}`
    if (seg.flags & SYN) this.directions.set(there, { isn: seg.seq, scale: seg.windowScale })
    const own = this.directions.get(there)
    const other = this.directions.get(back)
    const event = segmentEvent(seg, from, to, own, other, fate, t)
    if (!Number.isNaN(arrives)) event.arrives = arrives
    const recorded: RecordedSegment = { event, bytes, before: this.pendingOf(from).splice(0), after: [] }
    this.segments.push(recorded)
    if (!Number.isNaN(arrives)) {
      const queue = this.inFlight.get(to)
      if (queue) queue.push(recorded)
      else this.inFlight.set(to, [recorded])
    }
    this.add(event)
  }

  private arrived(host: string, bytes: Uint8Array, offset: number, length: number, now: number): void {
    const queue = this.inFlight.get(host)
    if (!queue) return
    const i = queue.findIndex(s => s.event.arrives === now && equal(s.bytes, bytes, offset, length))
    if (i >= 0) this.current.set(host, queue.splice(i, 1)[0]!)
    this.pendingOf(host).length = 0
  }

  private reacted(host: string, reaction: ReactionId, now: number): void {
    const current = this.current.get(host)
    if (current?.event.arrives === now) current.event.reaction = reaction
  }

  private pendingOf(host: string): StateEvent[] {
    let list = this.pending.get(host)
    if (!list) this.pending.set(host, (list = []))
    return list
  }

  /** The states a host went through, in order, the first included. */
  path(host: string): State[] {
    const path: State[] = []
    for (const event of this.events) {
      if (event.kind !== 'state' || event.host !== host) continue
      if (path[path.length - 1] !== event.from) path.push(event.from)
      path.push(event.to)
    }
    return path
  }
}

function equal(a: Uint8Array, b: Uint8Array, offset: number, length: number): boolean {
  if (a.length !== length) return false
  for (let i = 0; i < length; i++) if (a[i] !== b[offset + i]) return false
  return true
}
