import type { Text } from '../../../stories/index.js'
import type { TimerName } from '../../../tcp/observe.js'
import type { State } from '../../../tcp/states.js'
import type { FlagName } from '../../../wire/tcp.js'
import type { Film } from '../film.js'
import type { Action } from '../scene.js'

/**
 * When a step of a tour is told: at the beginning; when a host sends the `nth` segment (from 1) that has these flags and
 * no others besides ACK and PSH, or when that arrives; when a host comes to a state; when a timer expires; when the story
 * remarks something of a host, as what its user does.
 */
export type Cue =
  | { readonly on: 'start' }
  | {
      readonly on: 'sent' | 'arrives'
      readonly from: string
      readonly flags?: readonly FlagName[]
      /** Only segments that carry data, or only those that carry none. */
      readonly data?: boolean
      readonly nth?: number
    }
  | { readonly on: 'state'; readonly host: string; readonly to: State; readonly nth?: number }
  | { readonly on: 'timer'; readonly host: string; readonly timer: TimerName; readonly nth?: number }
  | { readonly on: 'note'; readonly host: string; readonly nth?: number }

export interface Step {
  readonly cue: Cue
  readonly text: Text
}

/** Something that the reader is to bring about in the scene. */
export interface Question {
  readonly ask: Text
  readonly hint: Text
  /** Said when it is done: what that shows. */
  readonly done: Text
  /** Whether a film shows it. False for the story as it is. */
  readonly goal: (film: Film) => boolean
  /** One way to do it; a test does it. */
  readonly solution: readonly Action[]
}

/** A walk through a story: what happens and why, what would go wrong without it, and something to do. */
export interface Tour {
  readonly story: string
  readonly steps: readonly Step[]
  /** What would go wrong without it. */
  readonly without: Text
  readonly question: Question
}

/** When a step is told in a film, ms; undefined if what it waits for does not happen there. */
export function timeOf(cue: Cue, film: Film): number | undefined {
  if (cue.on === 'start') return 0
  let left = cue.nth ?? 1
  for (const event of film.events) {
    if (cue.on === 'state') {
      if (event.kind !== 'state' || event.host !== cue.host || event.to !== cue.to) continue
    } else if (cue.on === 'timer') {
      if (event.kind !== 'timer' || event.host !== cue.host || event.timer !== cue.timer) continue
    } else if (cue.on === 'note') {
      if (event.kind !== 'note' || event.host !== cue.host) continue
    } else {
      if (event.kind !== 'segment' || event.from !== cue.from || event.fate === 'duplicated') continue
      if (cue.data !== undefined && cue.data !== event.len > 0) continue
      if (cue.flags && !sameFlags(event.flags, cue.flags)) continue
    }
    if (--left > 0) continue
    return cue.on === 'arrives' && event.kind === 'segment' ? event.arrives : event.t
  }
  return undefined
}

/** ACK and PSH are nearly everywhere: they count only where they are asked for. */
function sameFlags(has: readonly FlagName[], wants: readonly FlagName[]): boolean {
  const telling = (flag: FlagName) => flag !== 'ACK' && flag !== 'PSH'
  return wants.every(flag => has.includes(flag)) && has.filter(telling).every(flag => wants.includes(flag))
}
