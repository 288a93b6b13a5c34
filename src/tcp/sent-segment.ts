import { gt } from './sequence.js'

/** Octets in one entry, at most, and entries kept for later. */
const MOST = 65_536
const MOST_SPARE = 4096

/** Octets that were sent together and are not acknowledged: `seq .. end`, with what is known of them. */
export class SentSegment {
  seq = 0
  end = 0
  /** They went out in pieces of so many octets, the last of which may be shorter. */
  grain = 1
  /** When they were last sent, in ms. */
  sentAt = 0
  /** The peer reports them (RFC 2018): they have arrived, but are not ours to forget before SND.UNA passes them. */
  sacked = false
  /** They are taken to be lost. */
  lost = false
  /** They were sent again since they were last taken to be lost, and may be on their way. */
  resent = false
  /** They were sent more than once: what arrives may be any of the copies. */
  repeated = false
  /** Neighbours in the order of transmission, of those that may be on their way. */
  older: SentSegment | null = null
  newer: SentSegment | null = null
  /** What had been delivered, and lost, when they were sent, for the delivery rate; and what was in flight with them. */
  delivered = 0
  lostBefore = 0
  sentInFlight = 0
  deliveredAt = 0
  firstSentAt = 0
  appLimited = false

  get length(): number {
    return (this.end - this.seq) | 0
  }

  /** Sent once, of whole segments of `grain` octets, and not too many. */
  isWhole(grain: number): boolean {
    const { length } = this
    return !this.repeated && !this.lost && length < MOST && this.grain === grain && length % grain === 0
  }

  /** May be on its way: neither reported, nor lost without having been sent again. */
  get inFlight(): boolean {
    return !this.sacked && (!this.lost || this.resent)
  }
}

/** Entries that nobody uses: bulk transfers need thousands a second. */
const spare: SentSegment[] = []

/** One that nobody uses, for octets that were just sent. */
export function obtain(): SentSegment {
  const segment = spare.pop()
  if (!segment) return new SentSegment()
  segment.sacked = segment.lost = segment.resent = segment.repeated = segment.appLimited = false
  return segment
}

/** It is used no more, and not linked. */
export function release(segment: SentSegment): void {
  segment.older = segment.newer = null
  if (spare.length < MOST_SPARE) spare.push(segment)
}

/** Which was sent later; among those sent at one time the higher sequence number (RFC 8985 section 6.2). */
export const sentAfter = (at: number, end: number, otherAt: number, otherEnd: number): boolean =>
  at > otherAt || (at === otherAt && gt(end, otherEnd))
