import type { TimerName } from '../tcp/observe.js'
import type { ReactionId } from '../tcp/reactions.js'
import type { State, TransitionId } from '../tcp/states.js'
import type { FlagName } from '../wire/tcp.js'

/** What became of a segment on its way. */
export type Fate = 'delivered' | 'lost' | 'duplicated' | 'corrupted'

/** The options of a segment that are present. */
export interface TracedOptions {
  mss?: number
  wscale?: number
  sackOK?: true
  ts?: { val: number; ecr: number }
  /** Relative, like `ack`. */
  sack?: [number, number][]
}

/** A connection moved from one state to another. Times are ms from the beginning of the trace. */
export interface StateEvent {
  t: number
  kind: 'state'
  host: string
  from: State
  to: State
  cause: string
  id: TransitionId
  /** The connection, as `local:port remote:port`; a listener has no remote end. */
  flow: string
}

/** A segment was sent; `seq` and `ack` count from each side's initial sequence number. */
export interface SegmentEvent {
  t: number
  kind: 'segment'
  from: string
  to: string
  flags: FlagName[]
  seq: number
  ack: number
  len: number
  /** The window in bytes, scaled if scaling was agreed on. */
  win: number
  options: TracedOptions
  fate: Fate
  /** When it arrives; absent for a lost one. */
  arrives?: number
  /** What the receiver did with it, if that was not a change of state. */
  reaction?: ReactionId
}

export interface TimerEvent {
  t: number
  kind: 'timer'
  host: string
  timer: TimerName
}

export interface CongestionEvent {
  t: number
  kind: 'congestion'
  host: string
  cwnd: number
  ssthresh: number
  cause: string
}

/** A remark of the story's own: a call of a user, a pulled plug. */
export interface NoteEvent {
  t: number
  kind: 'note'
  host: string
  text: { en: string; zh: string }
}

export type TraceEvent = StateEvent | SegmentEvent | TimerEvent | CongestionEvent | NoteEvent
