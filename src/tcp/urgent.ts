import type { SegmentView } from '../wire/tcp.js'
import { distance, gt } from './sequence.js'
import { EV, type Tcb } from './tcb.js'

/**
 * Sixth, check the URG bit (section 3.10.7.4, section 3.8.5). Urgent data is delivered in line; the user is told
 * that there is some, and how far it goes. The pointer is kept as a sequence number and believed for what it is: it
 * may point beyond what was received, and one that goes back is ignored (U-29).
 */
export function urgentArrives(tcb: Tcb, seg: SegmentView): void {
  switch (tcb.state) {
    case 'ESTABLISHED':
    case 'FIN_WAIT_1':
    case 'FIN_WAIT_2':
      break
    default:
      return
  }
  const up = seg.urgentSeq
  if (tcb.urgentReceiving ? !gt(up, tcb.rcvUp) : !gt(up, readPosition(tcb))) return
  tcb.rcvUp = up
  tcb.urgentReceiving = true
  tcb.events |= EV.URGENT
}

/** Sequence number of the next octet the user will read. */
const readPosition = (tcb: Tcb): number => (tcb.rcvNxt - tcb.receiveQueue.length) | 0

/** Urgent octets the user has not read yet, received or announced (MUST-33). */
export function urgentRemaining(tcb: Tcb): number {
  if (!tcb.urgentReceiving) return 0
  // A FIN that was received counts in RCV.NXT but not in the queue; it ends any urgency.
  return Math.max(0, distance(readPosition(tcb), tcb.rcvUp))
}

/** After a read: out of urgent mode once the mark is passed. */
export function passUrgentMark(tcb: Tcb): void {
  if (tcb.urgentReceiving && urgentRemaining(tcb) === 0) tcb.urgentReceiving = false
}
