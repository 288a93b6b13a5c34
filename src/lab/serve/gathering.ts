import type { LiveCongestion, LiveEvent, LiveSegment } from '../scene/live-messages.js'
import { Thinner } from './thinner.js'

/** An event in its place among all. A segment's headers are written out only when it is sent. */
export interface Placed<E extends LiveEvent = LiveEvent> {
  readonly order: number
  readonly event: E
  readonly header?: Uint8Array
  /** Not one of the many segments that only carry or acknowledge data. */
  readonly rare: boolean
}

/** What has gathered, in order, and how much of it there was no room for. */
export interface Gathered {
  readonly events: Placed[]
  readonly left: number
  readonly leftStates: number
}

/**
 * What happens between two batches. Of segments `mostSegments` are kept: SYN, FIN and RST first, of the rest some that lie
 * evenly; of everything else the first `mostStates`.
 */
export class Gathering {
  private order = 0
  private readonly bounds: Thinner<Placed<LiveSegment>>
  private readonly ordinary: Thinner<Placed<LiveSegment>>
  private states: Placed[] = []
  private leftStates = 0
  /** Growth that each ACK brings: the last of each connection. */
  private readonly growth = new Map<string, Placed<LiveCongestion>>()

  constructor(
    private readonly mostSegments: number,
    private readonly mostStates: number,
  ) {
    this.bounds = new Thinner(mostSegments)
    this.ordinary = new Thinner(mostSegments)
  }

  /** A segment, made only if it may be kept. `bounds`: it begins or ends a connection. Returns what was made. */
  segment(bounds: boolean, make: () => { event: LiveSegment; header: Uint8Array }): LiveSegment | undefined {
    const row = bounds ? this.bounds : this.ordinary
    const order = this.order++
    if (!row.next()) return undefined
    const made = make()
    row.keep({ ...made, order, rare: bounds })
    return made.event
  }

  add(event: LiveEvent): void {
    const order = this.order++
    // Of delayed ACKs there may be as many as of segments.
    if (this.hasRoom) this.states.push({ order, event, rare: event.kind !== 'timer' })
    else this.leftStates++
  }

  grew(event: LiveCongestion): void {
    const order = this.order++
    if (!this.growth.delete(event.flow) && !this.hasRoom) this.leftStates++
    else this.growth.set(event.flow, { order, event, rare: false })
  }

  private get hasRoom(): boolean {
    return this.states.length + this.growth.size < this.mostStates
  }

  /** Everything; begins anew. */
  take(): Gathered {
    const { states, growth, leftStates } = this
    const total = this.bounds.total + this.ordinary.total
    const bounds = this.bounds.take(this.mostSegments)
    const ordinary = this.ordinary.take(this.mostSegments - bounds.length)
    const events = [...states, ...growth.values(), ...bounds, ...ordinary].sort((a, b) => a.order - b.order)
    this.states = []
    this.leftStates = 0
    growth.clear()
    return { events, left: total - bounds.length - ordinary.length, leftStates }
  }
}
