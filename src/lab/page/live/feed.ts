import { signal } from '@preact/signals'
import type { State } from '../../../tcp/states.js'
import type {
  LiveBatch,
  LiveConnection,
  LiveEvent,
  LiveHello,
  LiveMessage,
  LiveSegment,
  LiveStatus,
} from '../../scene/live-messages.js'

/** One connection as it was seen: its latest events, and how it did. */
export interface LiveFlow {
  readonly name: string
  /** The other end, as `from` and `to` of segments say it. */
  peer: string
  state: State
  /** The latest, in order; older ones are forgotten. */
  events: LiveEvent[]
  forgotten: number
  segments: number
  /** Octets of sequence space that each side has acknowledged, as far as segments were seen: of the stack's, of the peer's. */
  acknowledged: number
  received: number
  /** Its SYN was seen. */
  counted: boolean
  status: LiveConnection['status'] | undefined
  /** Of the latest statuses: time in s, cwnd, RTT in ms, and what was acknowledged. */
  readonly times: number[]
  readonly cwnd: number[]
  readonly rtt: number[]
}

export type Feed = 'connecting' | 'open' | 'lost' | 'refused' | 'ended' | 'nonsense'

/** Events of one connection, connections, and statuses of one, at most. */
const MOST_EVENTS = 1500
const MOST_FLOWS = 400
const MOST_STATUSES = 800
/** What is shown changes so often, ms: what comes in between is taken together. */
const PAUSE = 150

/** Everything that a stream has told, bounded; `version` counts the times at which there is something new to show. */
export class LiveFeed {
  readonly state = signal<Feed>('connecting')
  readonly version = signal(0)
  readonly flows = new Map<string, LiveFlow>()
  hello: LiveHello | undefined
  latest: LiveStatus | undefined
  left = 0
  /** Segments in the last second. */
  rate = 0
  private readonly recent: { at: number; n: number }[] = []
  private source: EventSource | undefined
  private due: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly url: string) {}

  open(): void {
    const source = new EventSource(this.url)
    this.source = source
    source.onopen = () => {
      this.state.value = 'open'
    }
    // The browser tries again by itself, unless it was told that there is no use.
    source.onerror = () => {
      this.state.value = source.readyState === EventSource.CLOSED ? 'refused' : 'lost'
    }
    source.onmessage = event => this.take(String(event.data))
  }

  close(): void {
    this.source?.close()
    clearTimeout(this.due)
  }

  private take(data: string): void {
    let message: LiveMessage
    try {
      message = JSON.parse(data) as LiveMessage
    } catch {
      this.state.value = 'nonsense'
      return
    }
    if (message.type === 'hello') {
      this.hello = message
      this.flows.clear()
      this.left = 0
    } else if (message.type === 'batch') this.batch(message)
    else if (message.type === 'status') this.status(message)
    else if (message.type === 'end') {
      this.state.value = 'ended'
      this.source?.close()
    }
    this.due ??= setTimeout(() => {
      this.due = undefined
      this.version.value++
    }, PAUSE)
  }

  private batch({ events, left, leftStates, now }: LiveBatch): void {
    this.left += left + leftStates
    let segments = left
    for (const event of events) {
      if (event.kind === 'note') continue
      const flow = this.flowOf(event.flow)
      if (event.kind === 'state') flow.state = event.to
      if (event.kind === 'segment') {
        segments++
        flow.segments++
        flow.peer = event.direction === 'in' ? event.from : event.to
        // Without a SYN the numbers are absolute, and count nothing.
        if (event.flags.includes('SYN')) flow.counted = true
        if (event.direction === 'in') flow.acknowledged = Math.max(flow.acknowledged, event.ack - 1)
        else flow.received = Math.max(flow.received, event.ack - 1)
      }
      if (event.kind === 'congestion') continue
      flow.events.push(event)
    }
    for (const flow of this.flows.values()) {
      const over = flow.events.length - MOST_EVENTS
      if (over <= 0) continue
      flow.events.splice(0, over)
      flow.forgotten += over
    }
    this.recent.push({ at: now, n: segments })
    this.measure(now)
  }

  private measure(now: number): void {
    while (this.recent.length > 0 && this.recent[0]!.at < now - 1000) this.recent.shift()
    this.rate = this.recent.reduce((sum, { n }) => sum + n, 0)
  }

  private status(message: LiveStatus): void {
    this.latest = message
    this.measure(message.now)
    for (const { flow: name, state, status } of message.connections) {
      const flow = this.flowOf(name)
      flow.state = state
      flow.status = status
      flow.times.push(message.now / 1000)
      flow.cwnd.push(status.cwnd)
      flow.rtt.push(Math.max(0, status.rtt))
      if (flow.times.length > MOST_STATUSES)
        for (const list of [flow.times, flow.cwnd, flow.rtt]) list.shift()
    }
  }

  private flowOf(name: string): LiveFlow {
    let flow = this.flows.get(name)
    if (!flow) {
      if (this.flows.size >= MOST_FLOWS) this.flows.delete(this.flows.keys().next().value!)
      const peer = name.split(' ')[1] ?? ''
      flow = {
        name,
        peer,
        state: 'CLOSED',
        events: [],
        forgotten: 0,
        segments: 0,
        counted: false,
        acknowledged: 0,
        received: 0,
        status: undefined,
        times: [],
        cwnd: [],
        rtt: [],
      }
      this.flows.set(name, flow)
    }
    return flow
  }
}

/** The octets of a segment's headers. */
export function headerOf(segment: LiveSegment): Uint8Array {
  const text = atob(segment.header)
  return Uint8Array.from(text, c => c.charCodeAt(0))
}
