import { ECT0 } from '../wire/ip.js'
import { ACK, ECE, FIN, PSH, URG } from '../wire/tcp.js'
import { duplicateReported, hasDuplicate } from './dsack.js'
import { distance, gt } from './sequence.js'
import type { TransmitSlot } from './slot.js'
import { OWE, type Tcb } from './tcb.js'
import { selectWindow } from './window.js'

/** What stands in a segment: numbers, flags, window; every one of them acknowledges. */

export function fillAck(tcb: Tcb, slot: TransmitSlot, seq: number): void {
  slot.seq = seq
  slot.flags = ACK
  finishSegment(tcb, slot)
}

export function fillData(tcb: Tcb, slot: TransmitSlot, seq: number, length: number, fin: boolean): void {
  const end = (seq + length) | 0
  slot.seq = seq
  slot.payloadAt = distance(tcb.queueSeq, seq)
  slot.payloadLength = length
  // PSH on the segment that empties the queue (MUST-61), and on whatever the link cuts up: its last piece carries it,
  // so that whoever puts the pieces together again need not wait for more.
  const push =
    length > 0 &&
    ((end === tcb.queueEnd && end === tcb.pushedTo) || (slot.segmentSize > 0 && !slot.retransmission))
      ? PSH
      : 0
  slot.flags = ACK | push | (fin ? FIN : 0)
  if (tcb.urgentSending && gt(tcb.sndUp, seq)) {
    slot.flags |= URG
    // The pointer names the octet after the urgent data (MUST-62); further than it reaches it says 65535.
    slot.urgentPointer = Math.min(distance(seq, tcb.sndUp), 65535)
  }
  finishSegment(tcb, slot)
}

/** With its options written. From here on the segment goes out, and what it tells the peer has been told. */
function finishSegment(tcb: Tcb, slot: TransmitSlot): void {
  if (hasDuplicate(tcb)) duplicateReported(tcb)
  if (tcb.ecnEcho) slot.flags |= ECE
  if (tcb.accurate) {
    tcb.accurate.mark(slot, slot.flags === ACK && slot.payloadLength === 0)
    if (tcb.config.ecnOnAll && tcb.accurate.mayMark) slot.ecn = ECT0
  }
  slot.ack = tcb.rcvNxt
  slot.window = selectWindow(tcb, true)
  acknowledged(tcb)
}

/** Every segment carries an acknowledgment: none is owed any more. */
export function acknowledged(tcb: Tcb): void {
  tcb.owed &= ~OWE.ACK
  tcb.duplicateAcksOwed = 0
  tcb.unackedBytes = 0
  tcb.delayedAckAt = Number.POSITIVE_INFINITY
  tcb.lastAckSent = tcb.rcvNxt
}

/** Payload that fits beside this segment's options (MUST-16). */
export const payloadLimit = (tcb: Tcb, slot: TransmitSlot): number =>
  Math.max(1, Math.min(tcb.peerMss, tcb.maxSegment - 20, tcb.config.maxMss) - slot.optionsLength)
