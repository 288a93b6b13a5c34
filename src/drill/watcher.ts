import type { Socket } from '../stack/socket.js'
import type { Outcome } from './outcome.js'
import type { ScriptEvent } from './script.js'

/** The connection that a script is about at some moment. */
export interface Subject {
  /** 0 where the stack, or the script, has not chosen one yet. */
  readonly localPort: number
  readonly remotePort: number
  /** Undefined until it is connected or accepted, and after it was closed by its descriptor. */
  readonly socket: Socket | undefined
}

/** Who watches the events of a run as they go by. Times in ms on the stack's clock, as for a StackObserver. */
export interface DrillWatcher {
  /** A line of the trace, at once when it is written. */
  tells?(event: ScriptEvent, text: string, at: number): void
  /** A call has returned, as it should or not. Where it blocks that is after later events have been run. */
  returned?(event: ScriptEvent, outcome: Outcome, at: number): void
  /** It came otherwise than the script says, which the script calls non-fatal. */
  warned?(event: ScriptEvent, message: string): void
  /** An event has been run, and the next one follows. */
  ran?(event: ScriptEvent, now: number, subject: Subject | undefined): void
  /** The run ends at this event; the result says why. */
  stopped?(event: ScriptEvent, now: number, subject: Subject | undefined): void
}
