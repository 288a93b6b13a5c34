import type { State } from '../../tcp/states.js'
import type { TcpStatus } from '../../tcp/status.js'
import type { CongestionEvent, NoteEvent, SegmentEvent, StateEvent, TimerEvent } from '../../trace/events.js'
import type { DropReason } from '../../wire/drops.js'

/**
 * What a live stack tells a page, one JSON object to each message of the stream at `/live` (docs/lab-live.md). Times in
 * ms on the stack's clock, sizes in bytes. Nothing goes the other way.
 */
export type LiveMessage = LiveHello | LiveBatch | LiveStatus | LiveEnd

export const LIVE_VERSION = 1

/** The first message; again after a stream that broke was opened anew, and then all that came before is void. */
export interface LiveHello {
  type: 'hello'
  version: typeof LIVE_VERSION
  /** The stack's name: `host` of its events, `from` or `to` of its segments. */
  host: string
  now: number
  /** What to add to a time to get wall time, in ms since 1970. */
  epoch: number
  /** The stack's own, without prefix lengths; loopback left out. */
  addresses: string[]
}

/** What happened since the batch before, in order. The first tells what is remembered of the time before the hello. */
export interface LiveBatch {
  type: 'batch'
  now: number
  events: LiveEvent[]
  /** Segments left out since the batch before: sampled, or because this viewer reads too slowly. */
  left: number
  /** The same for everything else. */
  leftStates: number
}

export interface LiveStatus {
  type: 'status'
  now: number
  /** The newest first. */
  connections: LiveConnection[]
  /** Connections that there was no room for; half-open ones and those in TIME_WAIT are only in `states`. */
  more: number
  /** How many there are in each state; those with none are not named. */
  states: Partial<Record<State, number>>
}

/** The stack, or the lab, was closed: there is no use in coming back. */
export interface LiveEnd {
  type: 'end'
  now: number
}

export type LiveEvent =
  | StateEvent
  | LiveSegment
  | (TimerEvent & { flow: string })
  | LiveCongestion
  | NoteEvent

/**
 * A segment that the stack sent or received. Of one that came in `arrives` is when; of one that went out nobody here
 * knows its fate, which is 'delivered' then. `len` may be many segments' worth where the link cuts them up.
 */
export interface LiveSegment extends SegmentEvent {
  /** `local:port remote:port`, seen from the stack. */
  flow: string
  direction: 'in' | 'out'
  /** The IP and TCP headers, base64: at most 120 bytes. */
  header: string
  /** Why the stack did not take it. */
  dropped?: DropReason
}

/** `ssthresh` is null where it is infinite. Growth with each ACK is told once for each connection and batch. */
export interface LiveCongestion extends Omit<CongestionEvent, 'ssthresh'> {
  flow: string
  ssthresh: number | null
}

/** `ssthresh` is null where it is infinite. */
export interface LiveConnection {
  flow: string
  state: State
  status: Omit<Pick<TcpStatus, LiveStatusField>, 'ssthresh'> & { ssthresh: number | null }
}

export const LIVE_STATUS_FIELDS = [
  'cwnd',
  'ssthresh',
  'rtt',
  'rttvar',
  'rto',
  'flight',
  'sndWnd',
  'rcvWnd',
  'bytesSent',
  'bytesAcked',
  'bytesReceived',
  'segmentsRetransmitted',
  'deliveryRate',
  'congestionControl',
  'congestionState',
] as const satisfies readonly (keyof TcpStatus)[]

export type LiveStatusField = (typeof LIVE_STATUS_FIELDS)[number]
