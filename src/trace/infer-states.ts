import { mayTake, type State, TRANSITIONS, type TransitionId } from '../tcp/states.js'
import { ACK, FIN, RST, SYN } from '../wire/tcp.js'
import { CAPTURE_WORDS } from './capture-words.js'
import type { NoteEvent, StateEvent } from './events.js'
import { type Arrival, Evidence } from './evidence.js'
import { covers, type SeenSegment, type Side } from './seen-segment.js'

/** For how long after a RST its receiver may still send because the two crossed, in ms: no less than a round trip. */
const CROSSING = 1000

/** One side of a conversation, as far as it can be known. */
interface End {
  readonly side: Side
  readonly name: string
  state: State
  /** Its initial sequence number, and what acknowledges its FIN. */
  isn: number | undefined
  finEnd: number | undefined
  /** It was opened by a SYN that came. */
  passive: boolean
  /** An acknowledgment of its SYN was on its way before it sent that, as when both open at once. */
  acknowledged: boolean
  /** Bytes of text on its SYN (Fast Open). */
  early: number
  /** States in which something that does not fit was remarked on. */
  readonly remarked: Set<State>
}

export type Inferred = StateEvent | NoteEvent

/**
 * Walks through a conversation and tells the states in which each side must have been. What a side sends shows what it
 * had done; that a SYN or FIN arrived, only the acknowledgment shows, so the move stands at the last copy before that.
 * Bare acknowledgments and RSTs are taken to have arrived unless their receiver then acts as if they had not.
 *
 * Of causes that look alike from outside the plainest is named: a RST is an ABORT. The end of TIME_WAIT is not told.
 * `before(i)` and `after(i)` are to be called for each segment in turn.
 */
export class StateInference {
  private readonly ends: readonly [End, End]
  private readonly evidence: Evidence
  private readonly resets = new Map<number, Side>()
  private out: Inferred[] = []
  private now = 0

  /** `names` are the sides', the same twice for a host that speaks to itself; both begin in `initial`. */
  constructor(
    private readonly segments: readonly SeenSegment[],
    names: readonly [string, string],
    initial: State,
  ) {
    const alone = names[0] === names[1]
    this.evidence = new Evidence(segments, alone)
    const client = end(0, names[0], initial)
    this.ends = [client, alone ? client : end(1, names[1], initial)]
  }

  private other(x: End): End {
    return x === this.ends[0] ? this.ends[1] : this.ends[0]
  }

  private move(x: End, id: TransitionId): void {
    if (!mayTake(id, x.state)) return
    const { to, cause } = TRANSITIONS[id]
    const flow = `${x.name} ${this.other(x).name}`
    this.out.push({ t: this.now, kind: 'state', host: x.name, from: x.state, to, cause, id, flow })
    x.state = to
  }

  private note(x: End, text: NoteEvent['text']): void {
    this.out.push({ t: this.now, kind: 'note', host: x.name, text })
  }

  private doesNotFit(x: End, { recorded }: SeenSegment): void {
    if (x.remarked.has(x.state)) return
    x.remarked.add(x.state)
    this.note(x, CAPTURE_WORDS.doesNotFit(recorded.event.flags, x.state))
  }

  private take(): Inferred[] {
    return this.out.splice(0)
  }

  /** What must have happened before segment `i` was sent. */
  before(i: number): Inferred[] {
    const segment = this.segments[i]!
    this.now = segment.recorded.event.t
    for (const arrival of this.evidence.before.get(i) ?? []) this.arrive(arrival)
    const x = this.ends[segment.from]!
    if (segment.flags & RST) this.sendsReset(x, i)
    else if (segment.flags & SYN) this.sendsSyn(x, segment)
    else this.sends(x, segment)
    this.listening(i)
    return this.take()
  }

  /** What segment `i` brought about. */
  after(i: number): Inferred[] {
    const segment = this.segments[i]!
    const { from, flags } = segment
    const arrivals = this.evidence.after.get(i) ?? []
    for (const arrival of arrivals) if (arrival.kind === 'SYN') this.arrive(arrival)
    const y = this.other(this.ends[from])
    if (flags & RST) this.reset(y, segment, i)
    else {
      if (flags & ACK) this.acknowledgesSyn(y, segment, i)
      if (flags & SYN) this.acknowledgedBefore(this.ends[from], i)
      for (const arrival of arrivals) if (arrival.kind === 'FIN') this.arrive(arrival)
      if (flags & ACK) this.acknowledgesFin(y, segment, i)
    }
    const late = this.resets.get(i)
    if (late !== undefined) this.move(this.ends[late]!, resetOf(this.ends[late]!))
    return this.take()
  }

  /** Whoever takes this SYN passively was listening when it came. */
  private listening(i: number): void {
    for (const arrival of this.evidence.after.get(i) ?? []) {
      const y = this.ends[arrival.to]!
      if (arrival.kind === 'SYN' && arrival.copy === i && !(this.segments[i]!.flags & ACK))
        this.move(y, 'T01')
    }
  }

  private arrive({ kind, to, copy }: Arrival): void {
    const y = this.ends[to]!
    const { flags, ack } = this.segments[copy]!
    if (kind === 'SYN') {
      if (!(flags & ACK)) {
        this.move(y, 'T01')
        if (y.state === 'LISTEN') y.passive = true
        this.move(y, y.state === 'SYN_SENT' ? 'T07' : 'T05')
      } else if (y.isn !== undefined && covers(ack, y.isn + 1)) this.move(y, 'T06')
      return
    }
    this.move(y, 'T08')
    if (y.state === 'FIN_WAIT_1')
      this.move(y, y.finEnd !== undefined && covers(ack, y.finEnd) ? 'T18' : 'T17')
    else this.move(y, y.state === 'FIN_WAIT_2' ? 'T19' : 'T15')
  }

  private sendsSyn(x: End, segment: SeenSegment): void {
    const { seq, ack, flags, len } = segment
    const y = this.other(x)
    if (flags & ACK) {
      if (x.state === 'CLOSED' || x.state === 'LISTEN') {
        // The SYN that it answers was not captured.
        if (y.state === 'CLOSED') {
          this.move(y, 'T02')
          y.isn = (ack - 1) | 0
        }
        this.move(x, 'T01')
        this.move(x, 'T05')
        x.passive = true
      } else if (x.state === 'SYN_SENT') this.move(x, 'T07')
      else if (x.state !== 'SYN_RECEIVED' && seq !== x.isn) return this.doesNotFit(x, segment)
      x.isn = seq
      return
    }
    if (seq === x.isn && x.state !== 'CLOSED') return
    if (x.state === 'ESTABLISHED') return this.note(x, CAPTURE_WORDS.synOnOpen())
    if (x.state === 'SYN_SENT') {
      this.note(x, CAPTURE_WORDS.gaveUp())
      this.move(x, 'T12')
    } else if (x.state !== 'CLOSED' && x.state !== 'LISTEN') return this.doesNotFit(x, segment)
    this.move(x, x.state === 'LISTEN' ? 'T03' : 'T02')
    x.isn = seq
    x.early = len
    x.acknowledged = false
    x.finEnd = undefined
  }

  /** A segment without SYN and RST. */
  private sends(x: End, segment: SeenSegment): void {
    const { flags, seq, ack, len } = segment
    const y = this.other(x)
    if (x.state === 'SYN_SENT' && flags & ACK && this.evidence.synAcks[y.side].size === 0) {
      // It has had a SYN,ACK, or could not send this.
      this.note(x, CAPTURE_WORDS.handshakeUnseen())
      if (y.state === 'CLOSED') this.move(y, 'T01')
      if (y.state === 'LISTEN') y.passive = true
      this.move(y, 'T05')
      y.isn ??= (ack - 1) | 0
      this.move(x, 'T06')
    }
    if (x.state === 'SYN_RECEIVED' && y.isn !== undefined && y.early === 0) {
      // Text of its own, or an acknowledgment of text: the handshake was over.
      const heard = ((ack - y.isn - 1) | 0) > 0 && flags & ACK
      if (len > 0 || heard) {
        this.move(y, 'T06')
        this.move(x, 'T08')
      }
    }
    const last = (seq + len) | 0
    if (x.state === 'CLOSED' || x.state === 'LISTEN' || x.state === 'SYN_SENT') {
      // What comes from before its FIN was late, or was copied on the way.
      const old = x.finEnd !== undefined && covers(x.finEnd, last)
      if (!old) this.doesNotFit(x, segment)
      return
    }
    if (x.finEnd !== undefined && len > 0 && ((last - x.finEnd) | 0) >= 0) return this.doesNotFit(x, segment)
    if (!(flags & FIN)) return
    this.move(x, x.state === 'SYN_RECEIVED' ? 'T13' : x.state === 'CLOSE_WAIT' ? 'T21' : 'T14')
    x.finEnd ??= (last + 1) | 0
  }

  private sendsReset(x: End, i: number): void {
    const goesOn = this.evidence.lastAlive[x.side] > i
    if (goesOn) {
      // In SYN_SENT that answers somebody else's SYN,ACK (RFC 9293 section 3.10.7.3).
      if (x.state === 'ESTABLISHED' || x.state === 'CLOSE_WAIT') this.note(x, CAPTURE_WORDS.resetInVain())
      return
    }
    const ids = ['T26', 'T27', 'T28'] as const
    if (x.state === 'LISTEN') return
    const id = ids.find(one => mayTake(one, x.state))
    if (id) this.move(x, id)
  }

  /** A RST was sent to `y`. */
  private reset(y: End, { from, flags, ack, recorded }: SeenSegment, i: number): void {
    const { lastAlive, lastRst, syns, synAcks } = this.evidence
    const isn = y.isn ?? 0
    if (y.state === 'SYN_SENT') {
      const ours = flags & ACK && ((ack - isn - 1) | 0) >= 0 && ((ack - isn - 1) | 0) <= y.early
      if (ours && (syns[y.side].get(isn)?.last ?? -1) < i) this.move(y, 'T29')
      return
    }
    if (y.state === 'SYN_RECEIVED') {
      if ((synAcks[y.side].get(isn)?.last ?? -1) < i) this.move(y, resetOf(y))
      return
    }
    if (lastAlive[from] > i) return
    const spoke = lastAlive[y.side]
    if (spoke < i) return this.move(y, resetOf(y))
    // It spoke afterwards: another RST will answer that, or the two crossed.
    if (lastRst[from] > i) return
    if (this.segments[spoke]!.recorded.event.t - recorded.event.t <= CROSSING) this.resets.set(spoke, y.side)
  }

  private acknowledgesSyn(y: End, { ack }: SeenSegment, i: number): void {
    if (y.state !== 'SYN_RECEIVED' || y.isn === undefined || !covers(ack, y.isn + 1)) return
    const span = this.evidence.synAcks[y.side].get(y.isn)
    if (!span || span.last <= i) this.move(y, 'T08')
    else if (span.first > i) y.acknowledged = true
  }

  /** Both opened at once, and an acknowledgment of this SYN,ACK's SYN crossed it. */
  private acknowledgedBefore(x: End, i: number): void {
    const span = this.evidence.synAcks[x.side].get(x.isn ?? 0)
    if (x.acknowledged && x.state === 'SYN_RECEIVED' && span && span.last <= i) this.move(x, 'T08')
  }

  private acknowledgesFin(y: End, { ack }: SeenSegment, i: number): void {
    // Sent again later, the FIN was not known to be acknowledged.
    if (y.finEnd === undefined || !covers(ack, y.finEnd) || this.evidence.lastFin[y.side] > i) return
    const ids = ['T16', 'T20', 'T22'] as const
    const id = ids.find(one => mayTake(one, y.state))
    if (id) this.move(y, id)
  }
}

const end = (side: Side, name: string, state: State): End => ({
  side,
  name,
  state,
  isn: undefined,
  finEnd: undefined,
  passive: false,
  acknowledged: false,
  early: 0,
  remarked: new Set(),
})

/** What a RST does in this state; it leaves TIME_WAIT alone, where RFC 1337 is followed. */
function resetOf({ state, passive }: End): TransitionId {
  if (state === 'SYN_RECEIVED') return passive ? 'T30' : 'T31'
  if (state === 'CLOSING' || state === 'LAST_ACK') return 'T33'
  return 'T32'
}
