import type { Tcb } from './tcb.js'

/**
 * When the next segments are acknowledged one by one. RFC 9293 section 3.8.6.3 lets an ACK wait for company; where the
 * peer's window is small, the peer waits with it.
 */

/** Something is missing, or came again: a sender that repairs a loss has a window of a segment or two. */
export function acknowledgeQuickly(tcb: Tcb): void {
  tcb.quickAcks = Math.max(tcb.quickAcks, tcb.config.quickAcksAfterLoss)
}

/** Data arrives: after an idle time the peer's window is as small as at first (RFC 5681 section 4.1). */
export function noteBurst(tcb: Tcb, now: number): void {
  if (now - tcb.lastDataReceivedAt > tcb.config.minRto) tcb.burstFrom = tcb.bytesReceived
}

/** Full segments arrive one after the other: if they are of a first window, its sender is in slow start. */
export function noteBulk(tcb: Tcb): void {
  const { initialWindow, quickAcksInSlowStart } = tcb.config
  if (tcb.bytesReceived - tcb.burstFrom <= initialWindow * tcb.rcvMss) tcb.quickAcks = quickAcksInSlowStart
}
