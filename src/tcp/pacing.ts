import type { Tcb } from './tcb.js'

/** Pacing, for controllers that give a rate: what goes out is spread over time. */

/**
 * Whether pacing lets a segment go now. A millisecond's worth goes at once, two segments at least: timers are no finer.
 */
export function mayGo(tcb: Tcb, now: number): boolean {
  const { pacingRate = Number.POSITIVE_INFINITY } = tcb.congestion
  if (pacingRate === Number.POSITIVE_INFINITY || tcb.paceAt < now + Math.max(1, (2 * tcb.mss) / pacingRate))
    return true
  tcb.paceTimerAt = tcb.paceAt
  return false
}

/** `length` octets went: the next may go when they have had their time. */
export function pace(tcb: Tcb, length: number, now: number): void {
  const { pacingRate = Number.POSITIVE_INFINITY } = tcb.congestion
  if (pacingRate !== Number.POSITIVE_INFINITY) tcb.paceAt = Math.max(tcb.paceAt, now) + length / pacingRate
}
