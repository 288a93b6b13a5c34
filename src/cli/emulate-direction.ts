import type { TunLink } from '../links/tun.js'
import type { Random } from '../sim/random.js'
import { type Clock, type Conditions, Wire } from '../sim/wire.js'
import { Overtaking } from './overtaking.js'

/** What became of the packets of one direction. */
export interface DirectionCounts {
  /** What its sender gave us. */
  packets: number
  bytes: number
  /** Bytes of the longest. */
  longest: number
  /** What we gave its receiver, copies too. */
  deliveredPackets: number
  deliveredBytes: number
  /** Lost at random. */
  lost: number
  /** Lost because too much was waiting for the line. */
  queueDrops: number
  /** Overtaken by a later packet (RFC 4737). */
  reordered: number
  duplicated: number
  corrupted: number
  /** Not taken by the receiving kernel: mostly headers that `corrupt` has made unreadable. */
  refused: number
  /** Dropped by the sending kernel because we did not read its packets fast enough. */
  notRead: number
}

/** One direction of the emulated path: what one TUN is read of goes through a wire and is written to the other. */
export class Direction {
  private readonly counts = {
    packets: 0,
    bytes: 0,
    longest: 0,
    duplicated: 0,
    corrupted: 0,
  }
  private readonly overtaking = new Overtaking()
  private readonly wire: Wire

  constructor(
    clock: Clock,
    random: Random,
    conditions: Conditions,
    private readonly to: TunLink,
  ) {
    this.wire = new Wire(clock, random, conditions)
    this.wire.receiver = {
      packet: (bytes, offset, length) => void to.send(bytes, offset, length),
      batchEnd: () => {},
      failed: () => {},
    }
    this.wire.tap = (_bytes, fate, sentAt, arrivesAt) => {
      if (fate === 'lost') return
      if (fate === 'duplicated') this.counts.duplicated++
      else this.overtaking.sent(sentAt, arrivesAt)
      if (fate === 'corrupted') this.counts.corrupted++
    }
  }

  /** Takes a packet, whose bytes are copied. */
  send(bytes: Uint8Array, offset: number, length: number): void {
    const { counts, wire } = this
    counts.packets++
    counts.bytes += length
    if (length > counts.longest) counts.longest = length
    wire.send(bytes.slice(offset, offset + length))
  }

  /** `notRead` is what the sending kernel counts. */
  summary(notRead: number): DirectionCounts {
    const { sent, sentBytes, sendDropped } = this.to.counters
    return {
      ...this.counts,
      lost: this.wire.lost - this.wire.dropped,
      queueDrops: this.wire.dropped,
      reordered: this.overtaking.count,
      deliveredPackets: sent,
      deliveredBytes: sentBytes,
      refused: sendDropped,
      notRead,
    }
  }
}
