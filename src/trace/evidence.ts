import { ACK, FIN, RST, SYN } from '../wire/tcp.js'
import { covers, type SeenSegment, type Side } from './seen-segment.js'

/** A SYN or FIN that must have arrived, since it was acknowledged. */
export interface Arrival {
  readonly kind: 'SYN' | 'FIN'
  readonly to: Side
  /** The last copy before that; the index of a segment. */
  readonly copy: number
}

interface Awaited {
  readonly kind: 'SYN' | 'FIN'
  /** What an acknowledgment has to reach, and for a SYN without ACK how far it may go. */
  readonly end: number
  readonly most: number
  /** It is answered by a SYN,ACK only. */
  readonly bySyn: boolean
  copy: number
}

/** First and last segment that carried something, by index. */
interface Span {
  readonly first: number
  last: number
}

/** SYNs of one side that wait for an answer: more than a few are a scan, or nonsense. */
const MOST_AWAITED = 8

/**
 * What can be known of a conversation only with hindsight, found in one walk over its segments: a capture shows that a
 * segment was sent, and only what its receiver then sends shows that it arrived.
 */
export class Evidence {
  /** Arrivals to be told right after a segment, or right before one that was sent knowing of them. */
  readonly after = new Map<number, Arrival[]>()
  readonly before = new Map<number, Arrival[]>()
  /** Of each side: SYNs and SYN,ACKs by their number. */
  readonly syns: readonly [Map<number, Span>, Map<number, Span>] = [new Map(), new Map()]
  readonly synAcks: readonly [Map<number, Span>, Map<number, Span>] = [new Map(), new Map()]
  /** Of each side: the last FIN, the last RST, the last of anything else; -1 for none. */
  readonly lastFin: [number, number] = [-1, -1]
  readonly lastRst: [number, number] = [-1, -1]
  readonly lastAlive: [number, number] = [-1, -1]
  /** Of each side: the last SYN without ACK. */
  private readonly lastBare: [number, number] = [-1, -1]
  private readonly awaited: readonly [Awaited[], Awaited[]] = [[], []]

  /** `alone`: the client and the server are one and the same. */
  constructor(segments: readonly SeenSegment[], alone: boolean) {
    const finished: [boolean, boolean] = [false, false]
    segments.forEach((segment, i) => {
      const { from, flags, seq, len } = segment
      const other: Side = alone ? from : from === 0 ? 1 : 0
      if (flags & RST) {
        this.lastRst[from] = i
        return
      }
      // Before `lastAlive`: what it said last, it said without knowing.
      if (flags & ACK) this.acknowledged(segment, i, other, finished)
      this.lastAlive[from] = i
      if (flags & SYN) this.syn(segment, i)
      else if (flags & FIN) {
        this.lastFin[from] = i
        if (!finished[from]) this.await(from, 'FIN', (seq + len + 1) | 0, 2 ** 30, false, i)
      } else if (len > 0) {
        // Text behind a FIN fills a gap before it: only then could the FIN be taken.
        const fin = this.awaited[from].find(a => a.kind === 'FIN')
        if (fin) fin.copy = i
      }
    })
  }

  private syn({ from, flags, seq, len }: SeenSegment, i: number): void {
    const spans = (flags & ACK ? this.synAcks : this.syns)[from]
    const span = spans.get(seq)
    if (span) span.last = i
    else spans.set(seq, { first: i, last: i })
    if (!(flags & ACK)) this.lastBare[from] = i
    if (flags & ACK) this.await(from, 'SYN', (seq + 1) | 0, 2 ** 30, false, i)
    else this.await(from, 'SYN', (seq + 1) | 0, len, true, i)
  }

  private await(
    from: Side,
    kind: Awaited['kind'],
    end: number,
    most: number,
    bySyn: boolean,
    i: number,
  ): void {
    const list = this.awaited[from]
    const same = list.find(a => a.kind === kind && a.end === end && a.bySyn === bySyn)
    if (same) {
      same.copy = i
      return
    }
    // One FIN at most: of two that differ the later is more likely to be true.
    const stale = kind === 'FIN' ? list.findIndex(a => a.kind === 'FIN') : list.length < MOST_AWAITED ? -1 : 0
    if (stale >= 0) list.splice(stale, 1)
    list.push({ kind, end, most, bySyn, copy: i })
  }

  private acknowledged(segment: SeenSegment, i: number, other: Side, finished: [boolean, boolean]): void {
    const list = this.awaited[other]
    for (let k = 0; k < list.length; k++) {
      const { kind, end, most, bySyn, copy } = list[k]!
      const isSyn = (segment.flags & SYN) !== 0
      if (!covers(segment.ack, end) || ((segment.ack - end) | 0) > most || bySyn !== isSyn) continue
      list.splice(k--, 1)
      if (kind === 'FIN') finished[other] = true
      const arrival: Arrival = { kind, to: segment.from, copy }
      const spoke = this.lastAlive[segment.from]
      if (spoke <= copy) add(this.after, copy, arrival)
      // It crossed what its receiver had sent: a FIN another FIN, a SYN another SYN.
      else if (kind === 'FIN' || this.lastBare[segment.from] === spoke) add(this.after, spoke, arrival)
      else add(this.before, i, arrival)
    }
  }
}

function add(map: Map<number, Arrival[]>, i: number, arrival: Arrival): void {
  const list = map.get(i)
  if (list) list.push(arrival)
  else map.set(i, [arrival])
}
