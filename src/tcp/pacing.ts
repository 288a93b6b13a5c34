import type { Tcb } from './tcb.js'

/** Pacing, for controllers that give a rate: what goes out is spread over time. */

/** In ms: what a timer that fires late may have sent at once, for the time that passed. A browser's are 4 ms apart. */
const LATENESS = 5

/**
 * Whether pacing lets a segment go now. A millisecond's worth goes at once, two segments at least: timers are no finer.
 */
export function mayGo(tcb: Tcb, now: number): boolean {
  const { pacingRate = Number.POSITIVE_INFINITY } = tcb.congestion
  if (pacingRate === Number.POSITIVE_INFINITY || tcb.paceAt < now + Math.max(1, (2 * tcb.mss) / pacingRate))
    return true
  tcb.paceTimerAt = tcb.paceAt
  tcb.paceHolds = true
  return false
}

/**
 * `length` octets went: the next may go when they have had their time. Time in which nothing was held back is lost; if
 * something was, the timer was late, and a rate is kept only if what could have gone goes now.
 */
export function pace(tcb: Tcb, length: number, now: number): void {
  const { pacingRate = Number.POSITIVE_INFINITY } = tcb.congestion
  if (pacingRate === Number.POSITIVE_INFINITY) return
  tcb.paceAt = Math.max(tcb.paceAt, tcb.paceHolds ? now - LATENESS : now) + length / pacingRate
  if (tcb.paceAt >= now) tcb.paceHolds = false
}
