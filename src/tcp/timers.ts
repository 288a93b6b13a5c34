import { isSynchronized } from './states.js'
import type { Tcb } from './tcb.js'

/** Arming and disarming of the retransmission, persist and keep-alive timers. */

/** RFC 6298 section 5.1: the timer runs while anything is outstanding. */
export function armRetransmit(tcb: Tcb, now: number): void {
  tcb.persisting = false
  tcb.retransmitAt = now + tcb.rto.rto
}

/**
 * Data, or a FIN, waits for a window that is closed or too small, and nothing in flight will bring an ACK. The first
 * probe comes after one RTO and the pause doubles (SHLD-29, SHLD-30); a window that is open but silly is overridden
 * sooner (section 3.8.6.2.1).
 */
export function armPersist(tcb: Tcb, now: number): void {
  if (tcb.persisting || (tcb.flight > 0 && tcb.retransmitAt !== Number.POSITIVE_INFINITY)) return
  tcb.persisting = true
  tcb.retransmitAt = now + persistInterval(tcb)
}

export function persistInterval(tcb: Tcb): number {
  if (tcb.sndWnd > 0) return tcb.config.swsOverride
  return Math.min(tcb.rto.rto * 2 ** tcb.persistBackoff, tcb.config.persistMax)
}

/** After an acknowledgment: RFC 6298 sections 5.2 and 5.3. */
export function rearmAfterAck(tcb: Tcb, now: number): void {
  if (tcb.flight > 0) armRetransmit(tcb, now)
  else {
    tcb.retransmitAt = tcb.lossTimerAt = Number.POSITIVE_INFINITY
    tcb.persisting = false
  }
  tcb.userTimeoutAt = tcb.flight > 0 ? now + tcb.userTimeout : Number.POSITIVE_INFINITY
}

export function startKeepAlive(tcb: Tcb, now: number): void {
  if (isSynchronized(tcb.state) && tcb.state !== 'TIME_WAIT')
    tcb.keepAliveAt = Math.max(now, tcb.lastReceivedAt) + tcb.keepAliveIdle
}
