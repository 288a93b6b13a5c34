/**
 * The place of a stack among several that are one host together, each in a thread of its own: they have the same interfaces
 * and addresses, and each gets some of the packets. The seats are in a ring: what a stack can do nothing with it hands on to
 * the next (`stack/ring.ts`). `links/ring` makes them.
 */
export interface Seat {
  /** Which of them it is, from 0, and how many there are. */
  readonly index: number
  readonly count: number
  /** 16 bytes that all of them have: Fast Open cookies (RFC 7413) that one gives are good at any. */
  readonly fastOpenKey: Uint8Array
  /** Lets the packets of the seat before come in. Called once, by the stack. */
  attach(receiver: SeatReceiver): void
  /**
   * Gives the next seat a copy of a whole IP packet, `bytes[offset .. offset + length)`, whose bytes die when this returns, and
   * how it came. Returns false if too much that was handed on still waits there.
   */
  handOn(bytes: Uint8Array, offset: number, length: number, arrival: Arrival): boolean
  /** Stops delivery. What is handed on later is lost. Idempotent. */
  close(): void
}

/** How a packet came that is handed on. */
export interface Arrival {
  /** Its checksum need not be looked at, and may not be complete. */
  readonly vouched: boolean
  /** The payload of each segment that was put together to this one, in bytes; 0 if it is one (see `LinkReceiver.offer`). */
  readonly segmentSize: number
  /** The index of the interface it came by. */
  readonly iface: number
  /** How often it was handed on. */
  readonly hops: number
}

/** The stack's side of a seat. */
export interface SeatReceiver {
  /** A packet that the seat before had no use for, and how it came. `bytes` is the receiver's to keep. */
  packet(bytes: Uint8Array, arrival: Arrival): void
  /** The batch is over, as a link's is. */
  batchEnd(): void
}
