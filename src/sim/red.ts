import { hasRoom } from './droptail.js'
import { markedCopy } from './ecn.js'
import type { Fifo, Waiting } from './fifo.js'
import type { Queue, QueueEvents } from './queue.js'
import type { Random } from './random.js'

export interface RedOptions {
  /** Below `min` bytes of average queue nothing is dropped; at `max` the probability is `maxP`. */
  readonly min?: number
  readonly max?: number
  readonly maxP?: number
  /** Weight of each arrival in the average. */
  readonly weight?: number
  /** Packets of those who understand it are marked instead of dropped, up to twice `max`. */
  readonly ecn?: boolean
}

/** A queue without a limit is managed as if it had this, in bytes. */
const ASSUMED_LIMIT = 150_000
const TYPICAL_PACKET = 1500

/**
 * Random early detection (Floyd and Jacobson 1993), in its gentle form: drops with a probability that grows with the
 * average queue, from 0 at `min` to `maxP` at `max`, and from there to 1 at twice `max`. Without thresholds the whole
 * range is that of the queue: `max` is half the limit and `min` a third of `max`.
 */
export class RedQueue implements Queue {
  readonly min: number
  readonly max: number
  private readonly maxP: number
  private readonly weight: number
  private readonly ecn: boolean
  /** The average queue, in bytes. */
  average = 0
  /** Arrivals since the last that was dropped or marked; -1 while the average is below `min`. */
  private count = -1
  /** When the queue ran empty. */
  private idleSince = 0
  /** The time an idle line would have needed for a packet, in ms. */
  private readonly packetTime: number

  constructor(
    private readonly fifo: Fifo,
    private readonly limit: number,
    rate: number,
    private readonly random: Random,
    options: RedOptions,
    private readonly events: QueueEvents,
  ) {
    this.max = options.max ?? (Number.isFinite(limit) ? limit : ASSUMED_LIMIT) / 2
    this.min = options.min ?? this.max / 3
    this.maxP = options.maxP ?? 0.1
    this.weight = options.weight ?? 0.002
    this.ecn = options.ecn ?? false
    this.packetTime = (TYPICAL_PACKET * 8000) / rate
  }

  enqueue(packet: Waiting, now: number): boolean {
    const { fifo } = this
    if (fifo.length > 0) this.average += this.weight * (fifo.bytes - this.average)
    else {
      // As many small packets as the line could have sent found the queue empty.
      const missed = Math.max(0, now - this.idleSince) / this.packetTime
      this.average *= (1 - this.weight) ** Math.max(1, missed)
    }
    if (!hasRoom(fifo.bytes, packet.bytes.length, this.limit)) {
      this.count = 0
      return false
    }
    const p = this.probability(this.average)
    if (p === 0) this.count = -1
    else if (this.isChosen(p)) {
      this.count = 0
      if (p >= 1 || !this.mark(packet)) return false
    }
    fifo.push(packet)
    return true
  }

  dequeue(now: number): Waiting | undefined {
    const packet = this.fifo.shift()
    if (this.fifo.length === 0) this.idleSince = now
    return packet
  }

  /** `p_b`: the probability before it is spread evenly over the arrivals, for an average queue in bytes. */
  probability(average: number): number {
    const { min, max, maxP } = this
    if (average < min) return 0
    if (average < max) return (maxP * (average - min)) / (max - min)
    return Math.min(1, maxP + ((1 - maxP) * (average - max)) / max)
  }

  /** `p_a` makes the number of arrivals between two drops uniform, not geometric. */
  private isChosen(p: number): boolean {
    this.count++
    const spread = this.count * p
    return spread >= 1 || this.random.chance(p / (1 - spread))
  }

  private mark(packet: Waiting): boolean {
    const marked = this.ecn ? markedCopy(packet.bytes) : undefined
    if (!marked) return false
    packet.bytes = marked
    this.events.marked(packet)
    return true
  }
}
