import { obtain, release, type SentSegment, sentAfter } from './sent-segment.js'
import { ge, gt, le, lt } from './sequence.js'

/** Told of each segment that is found to have arrived, before it is forgotten or marked. */
export type Delivered = (segment: SentSegment) => void

/**
 * What is outstanding, `SND.UNA .. SND.NXT`, segment by segment in the order of sequence numbers, and those that may
 * be on their way also in the order of their transmission. Reported runs are one entry however many segments they
 * were, so that finding a block and skipping it is a binary search.
 */
export class Scoreboard {
  private list: SentSegment[] = []
  private first = 0
  private oldestInFlight: SentSegment | null = null
  private newestInFlight: SentSegment | null = null
  /** Octets reported; taken to be lost, sent again or not; and sent again since. */
  sacked = 0
  lost = 0
  resent = 0
  /** Octets ever taken to be lost, each time they were sent. */
  everLost = 0
  /** No entry before this sequence number is lost and not sent again. */
  private lostFrom = 0

  /** The earliest transmission that may be on its way, and from it `newer` onwards. */
  get oldest(): SentSegment | null {
    return this.oldestInFlight
  }

  get isEmpty(): boolean {
    return this.first === this.list.length
  }

  get head(): SentSegment | undefined {
    return this.list[this.first]
  }

  get tail(): SentSegment | undefined {
    return this.isEmpty ? undefined : this.list[this.list.length - 1]
  }

  /** Octets outstanding, and those of them that fill the path now (RFC 6675's pipe). */
  get outstanding(): number {
    return this.isEmpty ? 0 : (this.tail!.end - this.head!.seq) | 0
  }

  get pipe(): number {
    return this.outstanding - this.sacked - this.lost + this.resent
  }

  /** Something is lost and not sent again yet. */
  get hasLost(): boolean {
    return this.lost > this.resent
  }

  /**
   * New octets behind all others were sent. What goes out at one moment is one entry as long as it is whole segments of
   * `grain` octets: it can be cut where they end.
   */
  append(seq: number, end: number, grain: number, now: number): SentSegment {
    const last = this.newestInFlight
    if (last && last.end === seq && last.sentAt === now && last.isWhole(grain)) {
      last.end = end
      return last
    }
    const segment = obtain()
    segment.seq = seq
    segment.end = end
    segment.grain = grain
    segment.sentAt = now
    if (this.isEmpty) this.lostFrom = seq
    this.list.push(segment)
    this.linkNewest(segment)
    return segment
  }

  /** Everything before `una` is acknowledged. */
  acknowledge(una: number, arrived: Delivered): void {
    while (this.first < this.list.length) {
      const segment = this.list[this.first]!
      if (ge(segment.seq, una)) break
      if (gt(segment.end, una)) this.split(this.first, una)
      if (!segment.sacked) arrived(segment)
      this.uncount(segment)
      this.unlink(segment)
      release(segment)
      this.first++
    }
    if (lt(this.lostFrom, una)) this.lostFrom = una
    if (this.isEmpty) this.list.length = this.first = 0
    else if (this.first >= 64 && this.first * 2 >= this.list.length) {
      this.list.splice(0, this.first)
      this.first = 0
    }
  }

  /**
   * The peer reports `start .. end`. Returns how many octets of it are news. What was sent together is cut only into the
   * pieces it went out in, or of `most` octets: smaller ones would cost us memory for nothing (CVE-2019-11478).
   */
  sack(start: number, end: number, most: number, arrived: Delivered): number {
    let i = this.cut(start, most)
    if (i < 0) return 0
    const from = i
    let news = 0
    while (i < this.list.length && lt(this.list[i]!.seq, end)) {
      const segment = this.list[i]!
      if (!segment.sacked) {
        if (gt(segment.end, end)) {
          const grain = Math.min(most, segment.grain)
          const whole = (segment.seq + grain * Math.floor(((end - segment.seq) | 0) / grain)) | 0
          if (whole === segment.seq) break
          this.split(i, whole)
        }
        arrived(segment)
        this.uncount(segment)
        this.unlink(segment)
        segment.sacked = true
        segment.lost = segment.resent = false
        news += segment.length
      }
      i++
    }
    this.sacked += news
    if (news > 0) this.joinRun(from, i)
    return news
  }

  /** What was reported is taken back: the peer may have thrown it away (RFC 2018 section 8). */
  forgetReports(): void {
    for (let i = this.first; i < this.list.length; i++) {
      const segment = this.list[i]!
      if (!segment.sacked) continue
      segment.sacked = false
      segment.lost = true
      this.lost += segment.length
      if (lt(segment.seq, this.lostFrom)) this.lostFrom = segment.seq
    }
    this.sacked = 0
  }

  /** `segment` is lost, and its last copy too if it was sent again. */
  lose(segment: SentSegment): void {
    if (segment.sacked) return
    if (segment.inFlight) this.everLost += segment.length
    this.uncount(segment)
    this.unlink(segment)
    segment.lost = true
    segment.resent = false
    this.lost += segment.length
    if (lt(segment.seq, this.lostFrom)) this.lostFrom = segment.seq
  }

  /** `start .. end` is lost, where it is not reported. */
  loseRange(start: number, end: number): void {
    let i = this.cut(start)
    if (i < 0) return
    for (; i < this.list.length && lt(this.list[i]!.seq, end); i++) {
      if (gt(this.list[i]!.end, end)) this.split(i, end)
      this.lose(this.list[i]!)
    }
  }

  /**
   * RFC 6675 section 4, IsLost: what was sent once is lost if above it `threshold` separate runs are reported, or more
   * octets than `threshold` - 1 segments of `mss` have.
   */
  loseBelowReports(threshold: number, mss: number): void {
    let octets = 0
    let runs = 0
    const enough = () => runs >= threshold || octets > (threshold - 1) * mss
    let i = this.list.length - 1
    for (; i >= this.first && !enough(); i--) {
      const { sacked, length } = this.list[i]!
      if (!sacked) continue
      runs++
      octets += length
    }
    if (!enough()) return
    const boundary = this.list[i + 1]!.seq
    for (let segment = this.oldestInFlight; segment; ) {
      const { newer } = segment
      if (!segment.repeated && lt(segment.seq, boundary)) this.lose(segment)
      segment = newer
    }
  }

  /** Takes back that anything is lost: it was late. */
  forgetLosses(): void {
    for (let i = this.first; i < this.list.length; i++) {
      const segment = this.list[i]!
      if (!segment.lost) continue
      const waits = !segment.resent
      this.uncount(segment)
      segment.lost = segment.resent = false
      if (waits) this.linkByTime(segment)
    }
  }

  /** The first octets that are lost and not sent again; undefined if there are none. */
  nextLost(): SentSegment | undefined {
    if (!this.hasLost) return undefined
    for (let i = this.find(this.lostFrom); i < this.list.length; i++) {
      const segment = this.list[i]!
      if (!segment.lost || segment.resent) continue
      this.lostFrom = segment.seq
      return segment
    }
    return undefined
  }

  /** Where the octets end that are lost, not sent again, and follow `segment` without a gap; at most `limit` of them. */
  lostRun(segment: SentSegment, limit: number): number {
    let { end } = segment
    for (let i = this.find(end); i < this.list.length && ((end - segment.seq) | 0) < limit; i++) {
      const next = this.list[i]!
      if (!next.lost || next.resent) break
      end = next.end
    }
    const most = (segment.seq + limit) | 0
    return gt(end, most) ? most : end
  }

  /** `seq .. end` was sent again, as one segment. Returns it. */
  sentAgain(seq: number, end: number, now: number): SentSegment {
    const i = this.cut(seq)
    const segment = this.list[i]!
    if (gt(segment.end, end)) this.split(i, end)
    this.uncount(segment)
    this.unlink(segment)
    let next = i + 1
    for (; next < this.list.length && lt(this.list[next]!.seq, end); next++) {
      if (gt(this.list[next]!.end, end)) this.split(next, end)
      const other = this.list[next]!
      this.uncount(other)
      this.unlink(other)
      segment.lost ||= other.lost
    }
    this.remove(i + 1, next)
    segment.end = end
    segment.sacked = false
    segment.resent = segment.repeated = true
    if (segment.lost) {
      this.lost += segment.length
      this.resent += segment.length
    } else segment.resent = false
    segment.sentAt = now
    this.linkNewest(segment)
    return segment
  }

  /** Calls `each` for all entries, in the order of sequence numbers. */
  forEach(each: (segment: SentSegment) => void): void {
    for (let i = this.first; i < this.list.length; i++) each(this.list[i]!)
  }

  clear(): void {
    this.remove(this.first, this.list.length)
    this.list.length = this.first = this.sacked = this.lost = this.resent = 0
    this.oldestInFlight = this.newestInFlight = null
  }

  /** The index of the entry that holds `seq`, or of the first behind it. */
  private find(seq: number): number {
    let low = this.first
    let high = this.list.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (le(this.list[middle]!.end, seq)) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The index of the entry that begins at `seq`, or a piece behind, made by a cut if need be; -1 if there is none. */
  private cut(seq: number, most = 1): number {
    if (this.isEmpty || !lt(seq, this.tail!.end)) return -1
    const i = this.find(seq)
    const segment = this.list[i]!
    if (!lt(segment.seq, seq)) return i
    // What is reported stays one entry: nobody cuts into it but an acknowledgment.
    if (segment.sacked) return i
    const grain = Math.min(most, segment.grain)
    const at = (segment.seq + grain * Math.ceil(((seq - segment.seq) | 0) / grain)) | 0
    if (lt(at, segment.end)) this.split(i, at)
    return i + 1
  }

  /** Cuts entry `i` in two at `seq`; both are as it was. */
  private split(i: number, seq: number): void {
    const segment = this.list[i]!
    const rest = Object.assign(obtain(), segment)
    rest.seq = seq
    rest.older = rest.newer = null
    segment.end = seq
    this.list.splice(i + 1, 0, rest)
    if (segment.inFlight) this.linkAfter(segment, rest)
  }

  /** Entries `from .. to` are reported: they, and reported neighbours, become one. */
  private joinRun(from: number, to: number): void {
    if (from > this.first && this.list[from - 1]!.sacked) from--
    if (to < this.list.length && this.list[to]!.sacked) to++
    if (to - from < 2) return
    this.list[from]!.end = this.list[to - 1]!.end
    this.remove(from + 1, to)
  }

  private remove(from: number, to: number): void {
    if (to <= from) return
    for (const segment of this.list.splice(from, to - from)) release(segment)
  }

  private uncount({ length, sacked, lost, resent }: SentSegment): void {
    if (sacked) this.sacked -= length
    if (!lost) return
    this.lost -= length
    if (resent) this.resent -= length
  }

  private linkNewest(segment: SentSegment): void {
    segment.older = this.newestInFlight
    segment.newer = null
    if (this.newestInFlight) this.newestInFlight.newer = segment
    else this.oldestInFlight = segment
    this.newestInFlight = segment
  }

  private linkAfter(segment: SentSegment, rest: SentSegment): void {
    rest.older = segment
    rest.newer = segment.newer
    if (segment.newer) segment.newer.older = rest
    else this.newestInFlight = rest
    segment.newer = rest
  }

  /** Back where it was before it was taken to be lost. */
  private linkByTime(segment: SentSegment): void {
    let after = this.newestInFlight
    while (after && sentAfter(after.sentAt, after.end, segment.sentAt, segment.end)) after = after.older
    if (after) {
      this.linkAfter(after, segment)
      return
    }
    segment.older = null
    segment.newer = this.oldestInFlight
    if (this.oldestInFlight) this.oldestInFlight.older = segment
    else this.newestInFlight = segment
    this.oldestInFlight = segment
  }

  private unlink(segment: SentSegment): void {
    const { older, newer } = segment
    if (older) older.newer = newer
    else if (this.oldestInFlight === segment) this.oldestInFlight = newer
    else return
    if (newer) newer.older = older
    else this.newestInFlight = older
    segment.older = segment.newer = null
  }
}
