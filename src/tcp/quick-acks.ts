import type { Tcb } from './tcb.js'

/**
 * Something is missing, or came again: the next segments are acknowledged one by one. RFC 9293 section 3.8.6.3 lets an ACK
 * wait; a sender that repairs a loss has a window of a segment or two, and would wait with it.
 */
export function acknowledgeQuickly(tcb: Tcb): void {
  tcb.quickAcks = Math.max(tcb.quickAcks, tcb.config.quickAcksAfterLoss)
}
