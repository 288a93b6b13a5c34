import type { Tcb } from './tcb.js'

/** Pacing: what goes out is spread over time, where the controller gives a rate, or where it is asked for. */

/** In ms: what a timer that fires late may have sent at once, for the time that passed. A browser's are 4 ms apart. */
const LATENESS = 5

/**
 * The rate at which a window goes out within a round trip, in bytes per ms: the double in slow start, which doubles it in
 * that time, and a fifth more later, so that it is not the rate that limits the window. 0 before a round trip is known.
 */
export function windowRate(tcb: Tcb): number {
  const { srtt } = tcb.rto
  const { cwnd, ssthresh } = tcb.congestion
  return srtt > 0 ? ((cwnd < ssthresh / 2 ? 2 : 1.2) * cwnd) / srtt : 0
}

/**
 * In bytes per ms; Infinity without pacing. The initial window of a connection goes at once, as it does without (RFC 6928):
 * nothing is known of the path yet by which to spread it.
 */
function pacingRate(tcb: Tcb): number {
  if (tcb.bytesSent < tcb.config.initialWindow * tcb.mss) return Number.POSITIVE_INFINITY
  if (tcb.congestion.pacingRate !== undefined) return tcb.congestion.pacingRate
  return (tcb.config.pacing === 'always' && windowRate(tcb)) || Number.POSITIVE_INFINITY
}

/**
 * Whether pacing lets a segment go now. A millisecond's worth goes at once, two segments at least: timers are no finer.
 */
export function mayGo(tcb: Tcb, now: number): boolean {
  const rate = pacingRate(tcb)
  if (rate === Number.POSITIVE_INFINITY || tcb.paceAt < now + Math.max(1, (2 * tcb.mss) / rate)) return true
  tcb.paceTimerAt = tcb.paceAt
  tcb.paceHolds = true
  return false
}

/**
 * `length` octets went: the next may go when they have had their time. Time in which nothing was held back is lost; if
 * something was, the timer was late, and a rate is kept only if what could have gone goes now.
 */
export function pace(tcb: Tcb, length: number, now: number): void {
  const rate = pacingRate(tcb)
  if (rate === Number.POSITIVE_INFINITY) return
  tcb.paceAt = Math.max(tcb.paceAt, tcb.paceHolds ? now - LATENESS : now) + length / rate
  if (tcb.paceAt >= now) tcb.paceHolds = false
}
