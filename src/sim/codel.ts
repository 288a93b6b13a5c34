import { hasRoom } from './droptail.js'
import { markedCopy } from './ecn.js'
import type { Fifo, Waiting } from './fifo.js'
import type { Queue, QueueEvents } from './queue.js'

export interface CodelOptions {
  /** The standing delay that is acceptable, in ms. 5 if absent. */
  readonly target?: number
  /** Within which the delay must fall below the target: a round trip of most connections, in ms. 100 if absent. */
  readonly interval?: number
  /** Packets of those who understand it are marked instead of dropped. */
  readonly ecn?: boolean
}

/** An interval after which CoDel, dropping again, does not remember how often it had to. In intervals. */
const MEMORY = 16

/**
 * Controlled delay (RFC 8289): when packets have waited longer than `target` for a whole `interval`, it drops one,
 * and then one after another at times that lie closer and closer together, as 1/√count, until the delay is below the
 * target. The names are those of section 5.
 */
export class CodelQueue implements Queue {
  private readonly target: number
  private readonly interval: number
  private readonly ecn: boolean
  private firstAboveTime = 0
  private dropNext = 0
  private count = 0
  private lastCount = 0
  private dropping = false
  /** The largest packet seen: with no more than that in the queue the line would run dry. */
  private maxPacket = 0
  /** What `next` says besides the packet. */
  private okToDrop = false

  constructor(
    private readonly fifo: Fifo,
    private readonly limit: number,
    options: CodelOptions,
    private readonly events: QueueEvents,
  ) {
    this.target = options.target ?? 5
    this.interval = options.interval ?? 100
    this.ecn = options.ecn ?? false
  }

  enqueue(packet: Waiting): boolean {
    const { length } = packet.bytes
    if (!hasRoom(this.fifo.bytes, length, this.limit)) return false
    if (length > this.maxPacket) this.maxPacket = length
    this.fifo.push(packet)
    return true
  }

  dequeue(now: number): Waiting | undefined {
    let packet = this.next(now)
    if (this.dropping) {
      if (!this.okToDrop) this.dropping = false
      while (this.dropping && now >= this.dropNext) {
        this.count++
        if (this.mark(packet!)) {
          this.dropNext = this.controlLaw(this.dropNext)
          break
        }
        this.events.dropped(packet!)
        packet = this.next(now)
        if (!this.okToDrop) this.dropping = false
        else this.dropNext = this.controlLaw(this.dropNext)
      }
    } else if (this.okToDrop) {
      if (!this.mark(packet!)) {
        this.events.dropped(packet!)
        packet = this.next(now)
      }
      this.dropping = true
      // Close to the last time, the rate at which it had to drop then is a good one to begin with.
      const delta = this.count - this.lastCount
      this.count = delta > 1 && now - this.dropNext < MEMORY * this.interval ? delta : 1
      this.dropNext = this.controlLaw(now)
      this.lastCount = this.count
    }
    return packet
  }

  /** `dodequeue`: the next packet, and whether the delay has been too long for an interval. */
  private next(now: number): Waiting | undefined {
    this.okToDrop = false
    const packet = this.fifo.shift()
    if (!packet || now - packet.at < this.target || this.fifo.bytes <= this.maxPacket) this.firstAboveTime = 0
    else if (this.firstAboveTime === 0) this.firstAboveTime = now + this.interval
    else this.okToDrop = now >= this.firstAboveTime
    return packet
  }

  private controlLaw(t: number): number {
    return t + this.interval / Math.sqrt(this.count)
  }

  private mark(packet: Waiting): boolean {
    const marked = this.ecn ? markedCopy(packet.bytes) : undefined
    if (!marked) return false
    packet.bytes = marked
    this.events.marked(packet)
    return true
  }
}
