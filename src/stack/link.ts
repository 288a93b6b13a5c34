import type { Gathered } from '../wire/gathered.js'
import type { Lender } from '../wire/lender.js'

/**
 * Where packets go. A link carries whole IP packets (`ip`, layer 3: TUN, in-memory) or Ethernet frames
 * (`ethernet`: TAP, QEMU). The stack owns the bytes on both sides of every call: what it is given and what it
 * gives dies when the call returns, so a link that queues copies.
 */
export interface Link {
  readonly kind: 'ip' | 'ethernet'
  /** Largest IP packet the link carries, in bytes (without any Ethernet header). */
  readonly mtu: number
  /** The station address of an Ethernet link, 6 bytes. */
  readonly hardwareAddress?: Uint8Array
  /** Bytes the link wants free in front of each packet, for a header of its own. At most 64. */
  readonly headroom?: number
  /**
   * The most bytes of TCP payload the link takes in one packet, to cut up into segments itself; absent if it cannot.
   * Such a packet may be longer than the MTU, and its checksum field holds the sum of the pseudo-header alone.
   */
  readonly segmentation?: number
  /** Starts delivery. Called once, by `stack.addInterface`. */
  attach(receiver: LinkReceiver): void
  /**
   * Sends one packet or frame: `bytes[offset .. offset + length)`. `bytes[offset - headroom .. offset)` is the
   * link's to write. Returns false if the link had no room; the stack counts the loss and TCP recovers from it.
   * `segmentSize` is the payload of each segment when there are several in the packet, else 0.
   */
  send(bytes: Uint8Array, offset: number, length: number, segmentSize?: number): boolean
  /**
   * The same for a packet whose payload need not be copied behind its headers: `bytes` holds `length` bytes of headers only,
   * the payload is where `payload` says. Only for `ip` links; absent if the link cannot do it, or gains nothing by it.
   */
  sendGathered?(
    bytes: Uint8Array,
    offset: number,
    length: number,
    payload: Gathered,
    segmentSize: number,
  ): boolean
  /**
   * Delivers at once what has arrived and waits to be read, as if its batch had come just now. Called before timers run:
   * where the program was held up, a timer is due whose acknowledgment came in time. Absent if nothing ever waits.
   */
  collect?(): void
  /** Stops delivery and frees what the link holds. Idempotent. */
  close(): void
}

/** The stack's side of a link. Not to be called from inside `send`: what it would overwrite is still being read. */
export interface LinkReceiver {
  /** One packet or frame arrived. `bytes` is only read during the call. */
  packet(bytes: Uint8Array, offset: number, length: number): void
  /**
   * The same, of a link that does more (a receiver without this gets whole packets): the packet may be put together from
   * several segments, longer than the MTU and with a checksum that is not complete, if the link vouches for it
   * (`vouched`: it is right, or never left memory); and `bytes` may be kept, all of them, instead of copying what they
   * carry. Returns whether they are; `lender` has them back if nobody but the receiver has come to see them.
   * `segmentSize` is the payload of each segment, but for the last, when there are several in the packet, else 0.
   */
  offer?(
    bytes: Uint8Array,
    offset: number,
    length: number,
    vouched: boolean,
    lender: Lender,
    segmentSize?: number,
  ): boolean
  /** The batch is over: the stack delivers events, acknowledges once and sends what it can. */
  batchEnd(): void
  /** The link failed for good, for example because its device went away. */
  failed(error: Error): void
}
