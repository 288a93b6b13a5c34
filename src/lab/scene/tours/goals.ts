import type { TimerName } from '../../../tcp/observe.js'
import type { ReactionId } from '../../../tcp/reactions.js'
import type { State, TransitionId } from '../../../tcp/states.js'
import type { StateEvent, TimerEvent } from '../../../trace/events.js'
import type { FlagName } from '../../../wire/tcp.js'
import type { Film, FilmSegment } from '../film.js'
import type { Side } from '../scene.js'

// What goals ask of a film.

/** The states a host of a film goes through, the first included. */
export function pathOf(film: Film, host: string): State[] {
  const path: State[] = []
  for (const event of film.events) {
    if (event.kind !== 'state' || event.host !== host) continue
    if (path[path.length - 1] !== event.from) path.push(event.from)
    path.push(event.to)
  }
  return path
}

/** Each time a host took a transition. */
export const moves = (film: Film, host: string, id: TransitionId): StateEvent[] =>
  film.events.filter((e): e is StateEvent => e.kind === 'state' && e.host === host && e.id === id)

/** The first time a host came to a state, ms; infinity if it never did. */
export const cameTo = (film: Film, host: string, state: State): number =>
  film.events.find(e => e.kind === 'state' && e.host === host && e.to === state)?.t ??
  Number.POSITIVE_INFINITY

/** What a host sent, or somebody in its name, copies left out; only with all of these flags if any are named. */
export const sent = (film: Film, host: string, ...flags: FlagName[]): FilmSegment[] =>
  film.segments.filter(
    ({ event }) =>
      event.from === host && event.fate !== 'duplicated' && flags.every(flag => event.flags.includes(flag)),
  )

/** The segments that were lost, of one host or of both. */
export const lost = (film: Film, host?: string): FilmSegment[] =>
  film.segments.filter(({ event }) => event.fate === 'lost' && (host === undefined || event.from === host))

/** What a host sent that the other dealt with in this way. */
export const metWith = (film: Film, host: string, reaction: ReactionId): FilmSegment[] =>
  film.segments.filter(({ event }) => event.from === host && event.reaction === reaction)

/** Each time a timer of a host expired. */
export const timers = (film: Film, host: string, ...names: TimerName[]): TimerEvent[] =>
  film.events.filter(
    (e): e is TimerEvent => e.kind === 'timer' && e.host === host && names.some(name => name === e.timer),
  )

/** The state of a host's newest connection when the film ends; undefined if it has none. */
export const stateAtEnd = (film: Film, side: Side): State | undefined =>
  film.moments[film.moments.length - 1]?.hosts[side]?.connection?.state
