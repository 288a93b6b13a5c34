import type { DeliveryTrace } from './delivery-trace.js'
import type { GilbertElliottOptions } from './loss.js'
import type { Aqm } from './queue.js'

/** What a path does to packets in one direction. Times in ms, rate in bits per second, probabilities 0 .. 1. */
export interface Conditions {
  /** One-way propagation delay. */
  delay?: number
  /** Uniform extra delay, 0 .. jitter; keeps the order unless `reorder` says otherwise. */
  jitter?: number
  rate?: number
  /** In place of `rate`: the line sends when the trace says so, which begins when the wire is laid. */
  trace?: DeliveryTrace
  /** Bytes that may wait for the line; more is lost (drop-tail). */
  queue?: number
  /** Drops or marks before the queue is full; drop-tail alone if absent. */
  aqm?: Aqm
  loss?: number
  /** Loss in bursts, besides `loss`. */
  bursts?: GilbertElliottOptions
  /** Probability that a packet is held back by `reorderDelay`, so that later ones overtake it. */
  reorder?: number
  reorderDelay?: number
  duplicate?: number
  /** Probability that one bit is flipped. */
  corrupt?: number
}
