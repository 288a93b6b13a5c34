import { ACK, RST, type SegmentView } from '../wire/tcp.js'
import type { ReactionId } from './reactions.js'
import { add } from './sequence.js'
import type { TransmitSlot } from './slot.js'

/**
 * SEGMENT ARRIVES when there is no connection, RFC 9293 section 3.10.7.1. Describes the RST to answer with in
 * `slot`; the reaction says what was done, R01 meaning no answer.
 */
export function arrivesInClosed(
  seg: SegmentView,
  slot: TransmitSlot,
): Extract<ReactionId, 'R01' | 'R02' | 'R03'> {
  if (seg.flags & RST) return 'R01'
  slot.window = 0
  slot.urgentPointer = 0
  slot.optionsLength = 0
  slot.payloadLength = 0
  slot.segmentSize = 0
  slot.retransmission = false
  slot.ecn = 0
  if (seg.flags & ACK) {
    slot.seq = seg.ack
    slot.ack = 0
    slot.flags = RST
    return 'R03'
  }
  slot.seq = 0
  slot.ack = add(seg.seq, seg.length)
  slot.flags = RST | ACK
  return 'R02'
}
