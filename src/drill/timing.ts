import type { VirtualClock } from './clock.js'
import { DrillFailure } from './outcome.js'
import type { ScriptEvent } from './script.js'
import type { Settings } from './settings.js'

/** When events are to happen, and whether they did; microseconds of virtual time. */
export class Timing {
  /** The time of the event at hand, and the end of its range. */
  at = 0
  end = 0
  private event: ScriptEvent | undefined
  private previousAt: number | undefined
  /** What its relative times count from. */
  private base = 0

  constructor(
    private readonly settings: Settings,
    private readonly clock: VirtualClock,
  ) {}

  begin(event: ScriptEvent): void {
    const last = this.event
    this.previousAt = last ? this.at : undefined
    // Inbound packets that follow each other are apart as the script says, whatever else has taken time.
    this.base = last && isInbound(last) && isInbound(event) ? this.at : this.clock.time
    this.event = event
    const { time } = event
    switch (time.kind) {
      case 'any':
        this.at = this.end = this.clock.time
        return
      case 'absolute':
        this.at = this.end = time.at
        return
      case 'absolute-range':
        this.at = time.at
        this.end = time.end
        return
      case 'relative':
        this.at = this.end = this.base + time.at
        return
      case 'relative-range':
        this.at = this.base + time.at
        this.end = this.base + time.end
        return
    }
  }

  /** When a blocking call returns: its end is by the same clock as its beginning. */
  endOf(event: ScriptEvent, returns: number): number {
    return event.time.kind === 'relative' ? this.base + returns : returns
  }

  private get tolerance(): number {
    const { tolerance, tolerancePercent } = this.settings
    const since = this.previousAt === undefined ? 0 : this.at - this.previousAt
    return Math.max(tolerance, (tolerancePercent / 100) * since)
  }

  /** For TSvals, whose errors add up from the beginning. */
  get cumulativeTolerance(): number {
    const { tolerance, tolerancePercent } = this.settings
    return Math.max(tolerance, (tolerancePercent / 100) * this.at)
  }

  /** What is wrong with an event that happened at `actual`; undefined if nothing is. */
  late(actual: number, what: string): string | undefined {
    if (this.event?.time.kind === 'any') return undefined
    const { tolerance } = this
    if (actual >= this.at - tolerance && actual <= this.end + tolerance) return undefined
    const range = this.end > this.at ? `${seconds(this.at)} to ${seconds(this.end)}` : seconds(this.at)
    return `timing error: expected the ${what} at ${range} s, it came at ${seconds(actual)} s (tolerance ${seconds(tolerance)} s)`
  }

  check(actual: number, what: string): void {
    const error = this.late(actual, what)
    if (error !== undefined) throw new DrillFailure(error)
  }

  checkEnd(actual: number, due: number, what: string): void {
    const { tolerance } = this.settings
    if (Math.abs(actual - due) <= Math.max(tolerance, this.tolerance)) return
    throw new DrillFailure(
      `timing error: expected ${what} at ${seconds(due)} s, it came at ${seconds(actual)} s (tolerance ${seconds(tolerance)} s)`,
    )
  }
}

const isInbound = (event: ScriptEvent): boolean => event.action.kind === 'packet' && event.action.inbound

const seconds = (us: number): string => (us / 1e6).toFixed(6)
