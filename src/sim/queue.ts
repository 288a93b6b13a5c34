import { type CodelOptions, CodelQueue } from './codel.js'
import { DropTailQueue } from './droptail.js'
import type { Fifo, Waiting } from './fifo.js'
import type { Random } from './random.js'
import { type RedOptions, RedQueue } from './red.js'

/** What decides which of the packets that wait for a line are dropped, or marked. Times in ms. */
export interface Queue {
  /** Takes a packet; false if it is dropped. */
  enqueue(packet: Waiting, now: number): boolean
  /** The next packet for the line; undefined if there is none. What is dropped on the way is told to `QueueEvents`. */
  dequeue(now: number): Waiting | undefined
}

/** Told what a queue does to packets besides keeping them. */
export interface QueueEvents {
  /** A packet that had been taken is dropped after all. */
  dropped(packet: Waiting): void
  /** A packet carries "congestion experienced" now. */
  marked(packet: Waiting): void
}

/** Active queue management: how a queue says that there is too much before it is full. */
export type Aqm = ({ readonly kind: 'codel' } & CodelOptions) | ({ readonly kind: 'red' } & RedOptions)

/**
 * A queue of at most `limit` bytes (Infinity allowed) over the packets in `fifo`, which may be waiting already. `rate`
 * is that of the line, in bits per second.
 */
export function makeQueue(
  aqm: Aqm | undefined,
  fifo: Fifo,
  limit: number,
  rate: number,
  random: Random,
  events: QueueEvents,
): Queue {
  if (aqm?.kind === 'codel') return new CodelQueue(fifo, limit, aqm, events)
  if (aqm?.kind === 'red') return new RedQueue(fifo, limit, rate, random, aqm, events)
  return new DropTailQueue(fifo, limit)
}
