import type { SegmentView } from '../wire/tcp.js'
import { add, ge } from './sequence.js'
import type { Tcb } from './tcb.js'
import { echoedRtt } from './timestamps.js'

/** How long the shortest round trip counts, in ms. */
const LATE = 10_000

/**
 * Dynamic right-sizing: the receive buffer follows what the user takes out of it in a round trip, so that a long fat
 * path fills without anyone setting a buffer, and who reads slowly is not sent more than it reads. Sizes in bytes.
 */
export class RightSizing {
  /**
   * The shortest round trip of late as a receiver sees it, in ms; -1 before the first sample. A longer one is a queue's,
   * and a larger buffer would only lengthen that.
   */
  private rtt = -1
  private rttAt = 0
  private epochAt = -1
  /** What the user had taken when this round trip began, and how much it took in the one before. */
  private takenBefore = 0
  private last = 0
  /** Without timestamps: when what was offered at `offeredAt` will have come, one round trip has passed. */
  private mark = 0
  private offeredAt = -1

  /** In-order data has come. Returns what the buffer should hold now; 0 if that is not to change. */
  arrived(tcb: Tcb, seg: SegmentView, now: number): number {
    this.measure(tcb, seg, now)
    const taken = tcb.bytesReceived - tcb.receiveQueue.length
    if (this.epochAt < 0) {
      this.epochAt = now
      this.takenBefore = taken
      this.last = tcb.receiveBuffer >>> 2
      return 0
    }
    // The clock tells no less than a millisecond; what a buffer holds to begin with is enough for that.
    if (this.rtt <= 1 || now - this.epochAt < this.rtt) return 0
    // Segments come in bursts: what was taken is scaled to one round trip.
    const copied = ((taken - this.takenBefore) * this.rtt) / (now - this.epochAt)
    this.epochAt = now
    this.takenBefore = taken
    if (copied <= this.last) return 0
    // A sender in slow start will have doubled when this reaches it, and doubled again when that shows.
    const growth = (copied - this.last) / Math.max(1, this.last)
    this.last = copied
    return Math.ceil((2 * copied + 16 * tcb.announcedMss) * (1 + 2 * Math.min(1, growth)))
  }

  private measure(tcb: Tcb, seg: SegmentView, now: number): void {
    if (tcb.timestamps) {
      // Only what fills segments was sent when the echo came: an answer may have been thought about.
      const sample = seg.payloadLength >= tcb.rcvMss ? echoedRtt(tcb, seg, now) : -1
      if (sample >= 0) this.sample(Math.max(1, sample), now)
      return
    }
    if (tcb.rto.srtt >= 0) {
      // The handshake's, or that of what we sent: as good as any.
      this.sample(tcb.rto.srtt, now)
      return
    }
    if (this.offeredAt < 0 || ge(tcb.rcvNxt, this.mark)) {
      if (this.offeredAt >= 0) this.sample(now - this.offeredAt, now)
      this.mark = add(tcb.rcvNxt, tcb.rcvWnd)
      this.offeredAt = now
    }
  }

  private sample(rtt: number, now: number): void {
    if (this.rtt >= 0 && rtt > this.rtt && now - this.rttAt < LATE) return
    this.rtt = rtt
    this.rttAt = now
  }
}
