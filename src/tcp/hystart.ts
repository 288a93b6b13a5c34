import { ge } from './sequence.js'

const MIN_RTT_THRESH = 4
const MAX_RTT_THRESH = 16
const MIN_RTT_DIVISOR = 8
const N_RTT_SAMPLE = 8
const CSS_GROWTH_DIVISOR = 4
const CSS_ROUNDS = 5

/**
 * HyStart++, RFC 9406: slow start ends when the round trip grows, before the queue that makes it grow overflows.
 * Conservative slow start in between finds out whether that was the queue. Times in ms.
 */
export class HyStart {
  private windowEnd: number | null = null
  private lastMin = Number.POSITIVE_INFINITY
  private currentMin = Number.POSITIVE_INFINITY
  private samples = 0
  /** The round trip that conservative slow start began with; Infinity in slow start. */
  private baseline = Number.POSITIVE_INFINITY
  private rounds = 0

  get conservative(): boolean {
    return this.baseline !== Number.POSITIVE_INFINITY
  }

  /** What slow start's growth is divided by. */
  get divisor(): number {
    return this.conservative ? CSS_GROWTH_DIVISOR : 1
  }

  /** An acknowledgment in slow start. True if slow start is over. */
  onAck(rtt: number, sndUna: number, sndNxt: number): boolean {
    if (this.windowEnd === null || ge(sndUna, this.windowEnd)) {
      const counts = this.windowEnd !== null && this.conservative
      this.windowEnd = sndNxt
      this.lastMin = this.currentMin
      this.currentMin = Number.POSITIVE_INFINITY
      this.samples = 0
      if (counts && ++this.rounds >= CSS_ROUNDS) return true
    }
    if (rtt < 0) return false
    if (rtt < this.currentMin) this.currentMin = rtt
    this.samples++
    if (this.samples < N_RTT_SAMPLE) return false
    if (this.conservative) {
      // It was not the queue after all.
      if (this.currentMin < this.baseline) this.baseline = Number.POSITIVE_INFINITY
    } else if (this.lastMin !== Number.POSITIVE_INFINITY) {
      const threshold = Math.min(Math.max(MIN_RTT_THRESH, this.lastMin / MIN_RTT_DIVISOR), MAX_RTT_THRESH)
      if (this.currentMin >= this.lastMin + threshold) {
        this.baseline = this.currentMin
        this.rounds = 0
      }
    }
    return false
  }
}
