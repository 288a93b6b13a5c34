import type { FlagName } from '../../wire/tcp.js'

/** One of the two hosts of a scene: 0 stands on the left. */
export type Side = 0 | 1

/** What a host's user can do. */
export const CALLS = [
  'listen',
  'connect',
  'send',
  'read',
  'hold',
  'resume',
  'half-close',
  'close',
  'abort',
  'reboot',
  'unplug',
  'plug',
] as const
export type Call = (typeof CALLS)[number]

/** A user's call; `bytes` is how many `send` sends. */
export interface CallAction {
  readonly kind: 'call'
  readonly at: number
  readonly side: Side
  readonly call: Call
  readonly bytes?: number
}

/** What can be changed of the line between the hosts, both ways. */
export interface Line {
  /** One way, ms. */
  readonly delay: number
  /** Bits per second; 0 is no limit. */
  readonly rate: number
  /** Bytes that may wait for the line; 0 is no limit. */
  readonly queue: number
  /** Probabilities. */
  readonly loss: number
  readonly reorder: number
}

export interface LineAction {
  readonly kind: 'line'
  readonly at: number
  readonly line: Partial<Line>
}

/** Fields of a segment as somebody wants them; what is absent stays. Sequence numbers absolute and unsigned. */
export interface Edit {
  readonly seq?: number
  readonly ack?: number
  readonly flags?: readonly FlagName[]
  readonly window?: number
}

export type SegmentFate =
  | { readonly what: 'drop' }
  /** Arrives, or a copy of it does, this many ms later. */
  | { readonly what: 'delay'; readonly ms: number }
  | { readonly what: 'duplicate'; readonly ms: number }
  | { readonly what: 'corrupt' }
  | { readonly what: 'edit'; readonly edit: Edit }

/**
 * Decides what becomes of the `nth` packet (from 0) that `side` sends, whenever that is; `at` is when it was decided. The
 * past is as it was: whatever befalls a packet, the others are sent, and arrive or do not, as they would have.
 */
export interface FateAction {
  readonly kind: 'fate'
  readonly at: number
  readonly side: Side
  readonly nth: number
  readonly fate: SegmentFate
}

/** A segment that no TCP sent: as the `nth` that `side` sent, edited, put on the line now. */
export interface ForgeAction {
  readonly kind: 'forge'
  readonly at: number
  readonly side: Side
  readonly nth: number
  readonly edit: Edit
}

/** Something done to a scene, at a time of it in ms. */
export type Action = CallAction | LineAction | FateAction | ForgeAction

/** A story, and what was done in it: all that is needed to play it again, event for event. */
export interface Scene {
  /** Its name in `stories/`, or `free`. */
  readonly story: string
  readonly seed: number
  /** One-way delay of the line as the scene begins, ms. */
  readonly delay: number
  /** In order of time. */
  readonly actions: readonly Action[]
}

export const newScene = (story: string): Scene => ({ story, seed: 1, delay: 20, actions: [] })

/** The scene in which `action` was taken: what had been done later than that is another history. */
export const withAction = (scene: Scene, action: Action): Scene => ({
  ...scene,
  actions: [...scene.actions.filter(other => other.at <= action.at), action],
})
