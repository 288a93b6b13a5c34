import { ge, gt, lt, max } from '../tcp/sequence.js'
import { ACK, FIN, RST, SYN } from '../wire/tcp.js'
import { CAPTURE_WORDS as say } from './capture-words.js'
import type { NoteEvent } from './events.js'
import { covers, type SeenSegment } from './seen-segment.js'

/** How late a segment may be and still be taken for one that was overtaken, in ms, where no round trip is known. */
const REORDERING = 3
/** Gaps kept in mind; more are taken for filled, oldest first. */
const MOST_GAPS = 64

interface Gap {
  from: number
  to: number
  readonly t: number
}

/** What was seen of one direction. */
class Direction {
  /** After the last octet that was seen; undefined until there was one. */
  next: number | undefined
  synAt: number | undefined
  isn: number | undefined
  /** It has sent a SYN,ACK, which is more than its SYN again. */
  answered = false
  lastAck: number | undefined
  window: number | undefined
  duplicates = 0
  probed = false
  missed = false
  gaps: Gap[] = []
}

/**
 * Says of segments what Wireshark's analysis says: sent again, out of order, duplicate acknowledgments, closed windows,
 * keep-alives, and what the capture lost. Only what an engineer would look for, once each.
 */
export class Remarks {
  private readonly directions = [new Direction(), new Direction()] as const
  /** From the SYN to the acknowledgment of its answer, in ms: a round trip, wherever the capture was taken. */
  private roundTrip: number | undefined

  /** `beginning`: the SYN was seen, so that all is known. `alone`: both sides are the same. */
  constructor(
    private readonly beginning: boolean,
    private readonly alone: boolean,
  ) {}

  of(segment: SeenSegment): NoteEvent['text'][] {
    if (segment.flags & RST) return []
    const texts: NoteEvent['text'][] = []
    const own = this.directions[segment.from]
    const other = this.alone ? own : this.directions[segment.from === 0 ? 1 : 0]
    this.numbers(segment, own, other, texts)
    if (segment.flags & ACK) this.acknowledgment(segment, own, other, texts)
    this.window(segment, own, texts)
    return texts
  }

  private numbers(segment: SeenSegment, own: Direction, other: Direction, texts: NoteEvent['text'][]): void {
    const { seq, len, flags, recorded } = segment
    const t = recorded.event.t
    const control = (flags & (SYN | FIN)) !== 0
    const length = len + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0)
    const end = (seq + length) | 0
    if (flags & SYN && seq !== own.isn) {
      own.isn = seq
      own.next = undefined
      own.gaps = []
      own.synAt = t
      own.answered = false
    }
    const answers = (flags & SYN) !== 0 && (flags & ACK) !== 0 && !own.answered
    if (answers) own.answered = true
    const next = own.next
    own.probed = false
    if (next === undefined) {
      own.next = end
      return
    }
    if (!control && len <= 1 && seq === ((next - 1) | 0) && (len === 0 || other.lastAck === next)) {
      own.probed = true
      texts.push(other.window === 0 ? say.windowProbe() : say.keepAlive())
      return
    }
    if (!control && len === 1 && seq === next && other.window === 0) {
      own.probed = true
      texts.push(say.windowProbe())
      return
    }
    if (gt(seq, next)) {
      if (!covers(seq, next)) return
      if (own.gaps.length === MOST_GAPS) own.gaps.shift()
      own.gaps.push({ from: next, to: seq, t })
    } else if (length > 0 && lt(seq, next) && !answers) texts.push(this.again(segment, seq, end, own, other))
    own.next = max(next, end)
  }

  /** Octets that had been seen, or that fill a gap. */
  private again(segment: SeenSegment, seq: number, end: number, own: Direction, other: Direction) {
    const { flags, len, recorded } = segment
    const { event } = recorded
    const what =
      flags & SYN ? event.flags.join(',') : flags & FIN && len === 0 ? 'FIN' : octets(event.seq, len)
    const gap = own.gaps.find(g => lt(seq, g.to) && gt(end, g.from))
    const asked = other.duplicates >= 2 && other.lastAck === seq
    if (gap) {
      own.gaps = own.gaps.flatMap(g => without(g, seq, end))
      const limit = Math.max(REORDERING, (this.roundTrip ?? 0) * 0.9)
      if (event.t - gap.t < limit && !asked) return say.outOfOrder(what)
      return say.again(what, 'unseen')
    }
    const needless = other.lastAck !== undefined && ge(other.lastAck, end)
    return say.again(what, needless ? 'needless' : asked ? 'fast' : 'plain')
  }

  private acknowledgment(
    segment: SeenSegment,
    own: Direction,
    other: Direction,
    texts: NoteEvent['text'][],
  ): void {
    const { ack, flags, seq, len, recorded } = segment
    const { win, t } = recorded.event
    if (!(flags & SYN)) {
      if (this.roundTrip === undefined && own.synAt !== undefined && other.synAt !== undefined)
        this.roundTrip = t - Math.min(own.synAt, other.synAt)
      this.unseen(ack, other, texts)
    }
    const bare = len === 0 && !(flags & (SYN | FIN)) && seq === own.next && win > 0
    const waits = other.next !== undefined && gt(other.next, ack)
    if (ack !== own.lastAck) own.duplicates = 0
    else if (bare && waits && win === own.window && !other.probed && ++own.duplicates === 3)
      texts.push(say.duplicateAcks(recorded.event.ack))
    own.lastAck = own.lastAck === undefined || flags & SYN ? ack : max(own.lastAck, ack)
  }

  /** What is acknowledged was sent: if the capture does not have it, the capture lost it. */
  private unseen(ack: number, other: Direction, texts: NoteEvent['text'][]): void {
    if (other.next === undefined) {
      if (this.beginning && !other.missed) texts.push(say.unseenSide())
      other.missed = true
      return
    }
    let lost = 0
    for (const gap of other.gaps)
      if (lt(gap.from, ack)) lost += ((gt(gap.to, ack) ? ack : gap.to) - gap.from) | 0
    if (lost > 0) other.gaps = other.gaps.flatMap(g => (gt(g.to, ack) ? without(g, g.from, ack) : []))
    if (gt(ack, other.next) && covers(ack, other.next)) {
      lost += (ack - other.next) | 0
      other.next = ack
    }
    if (lost > 0) texts.push(say.unseen(lost))
  }

  private window({ flags, recorded }: SeenSegment, own: Direction, texts: NoteEvent['text'][]): void {
    const { win } = recorded.event
    if (!(flags & (SYN | FIN))) {
      if (win === 0 && own.window !== 0) texts.push(say.zeroWindow())
      if (win > 0 && own.window === 0) texts.push(say.windowOpens())
    }
    own.window = win
  }
}

const octets = (seq: number, len: number): string => `${seq}..${seq + len}`

/** What is left of a gap when `seq .. end` is there. */
function without(gap: Gap, seq: number, end: number): Gap[] {
  if (!(lt(seq, gap.to) && gt(end, gap.from))) return [gap]
  const left: Gap[] = []
  if (gt(seq, gap.from)) left.push({ ...gap, to: seq })
  if (lt(end, gap.to)) left.push({ ...gap, from: end })
  return left
}
