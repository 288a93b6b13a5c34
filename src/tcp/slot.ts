import { MAX_OPTIONS } from '../wire/tcp.js'

/**
 * One segment to be sent, as `transmit` describes it: the stack writes headers from it and copies the payload
 * straight from the send queue. Reused for every segment.
 */
export class TransmitSlot {
  seq = 0
  ack = 0
  flags = 0
  /** The window field, as it goes on the wire. */
  window = 0
  urgentPointer = 0
  readonly options = new Uint8Array(MAX_OPTIONS)
  optionsLength = 0
  /** Where the payload begins in the send queue, and its length in bytes. */
  payloadAt = 0
  payloadLength = 0
  /** The payload of each segment when the link cuts a super-segment up; 0 for a single one. */
  segmentSize = 0
  /** Set by the stack: the most payload the link takes at once, for links that segment; 0 for one MSS. */
  burst = 0
  retransmission = false
  /** The ECN field of the IP header (RFC 3168 section 5): 0, or 2 for ECT(0). */
  ecn = 0

  /** How many segments it will be on the wire. */
  get segments(): number {
    return this.segmentSize > 0 ? Math.ceil(this.payloadLength / this.segmentSize) : 1
  }
}
