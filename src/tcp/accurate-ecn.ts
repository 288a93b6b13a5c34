import { get24, set24 } from '../wire/bytes.js'
import { CE, ECT0, ECT1, NOT_ECT } from '../wire/ip.js'
import {
  AE,
  CWR,
  ECE,
  MAX_OPTIONS,
  OPTION_ACCURATE_ECN_REVERSED,
  OPTION_NOP,
  type SegmentView,
} from '../wire/tcp.js'
import type { TransmitSlot } from './slot.js'
import { OWE, type Tcb } from './tcb.js'

/**
 * Accurate ECN, RFC 9768: the receiver counts what arrives marked and says so on every segment, in a counter of three
 * bits (ACE, the flags AE, CWR and ECE) and, where there is room, octet by octet in an option.
 */

const ACE = AE | CWR | ECE
/** Where ACE's counter begins, so that a field that was wiped out does not look like a beginning (3.2.1). */
const FIRST_CEP = 5
/** Octet counters are told in 24 bits. */
const WRAP = 0x1000000

/** The ACE field as a number, and the flags that say one. */
const aceOf = (flags: number): number => (flags & AE ? 4 : 0) | (flags & CWR ? 2 : 0) | (flags & ECE ? 1 : 0)
const aceFlags = (ace: number): number => (ace & 4 ? AE : 0) | (ace & 2 ? CWR : 0) | (ace & 1 ? ECE : 0)

/** How the ECN field of a SYN or SYN,ACK is fed back (tables 2 and 3). */
const REFLECTED = [2, 3, 4, 6] as const

/** Octet counters by their place in the option of kind 174; that of kind 172 has them the other way round. */
const E1B = 0
const CEB = 1
const E0B = 2

/** CE-marked segments after which an acknowledgment goes out at once (3.2.2.5.1: two, six at most). */
const CE_PER_ACK = 2
/** Newly acknowledged segments in a usual acknowledgment, from which on they are being thinned out on the way. */
const THINNED = 4

/** What both sides of one connection know. */
export class AccurateEcn {
  // As a receiver
  /** r.cep: segments that came marked CE. Octets of text by their mark; both ECT begin at one (3.2.3). */
  private cep = FIRST_CEP
  private readonly octets = [1, 0, 1]
  /** What the last option that was sent said of them, and of ACE the last segment. */
  private readonly told = [1, 0, 1]
  /** Counters in the option of the segment at hand, which may yet not be sent. */
  private written = 0
  private toldCep = FIRST_CEP
  private lastMark = NOT_ECT
  /** The next bare acknowledgment answers a SYN,ACK: how it was marked (3.2.2.1); -1 when it does not. */
  private answers = -1

  // As a sender
  /** s.cep less where it began: our segments that arrived marked CE, as far as the peer has said. */
  deliveredCe = 0
  private readonly reported = [1, 0, 1]
  /** Marks survive on the way to the peer. Otherwise nothing is sent with one; what comes is still fed back. */
  mayMark = true
  /** The peer's option has come through: ours may. */
  optionSeen = false
  /** The peer's option has come with feedback: it will come again. */
  private peerTells = false
  /** What was reported since it last came, and `deliveredCe` then. */
  private segmentsSince = 0
  private octetsSince = 0
  private ceThen = 0
  /** Segments that an acknowledgment usually covers. */
  private usual = 0
  private missing = -1
  /** Whether the segment at hand says that more was marked. */
  congested = false

  constructor(
    /** The ECN field of the peer's SYN, which the SYN,ACK feeds back. */
    readonly synMark: number,
  ) {}

  /** A SYN,ACK came, marked so; its acknowledgment says how. */
  answer(mark: number): void {
    this.answers = mark
  }

  /** CE on a SYN,ACK counts, on a SYN it does not (3.2.2.1). */
  synAckArrived(mark: number): void {
    if (mark === CE) this.cep++
    this.toldCep = this.cep
    this.answer(mark)
  }

  /** Octets that the peer has reported as arrived with ECT(1), CE, ECT(0). */
  get reportedOctets(): { ect1: number; ce: number; ect0: number } {
    const [e1, ce, e0] = this.reported as [number, number, number]
    return { ect1: e1 - 1, ce, ect0: e0 - 1 }
  }

  /** Segments received marked CE. */
  get receivedCe(): number {
    return this.cep - FIRST_CEP
  }

  /**
   * Whether what goes in one piece says the same once it is cut up. A kernel that does not know of accurate ECN leaves CWR,
   * which is a bit of ACE, on the first piece alone.
   */
  get mayBeCut(): boolean {
    return (aceFlags(this.cep & 7) & CWR) === 0
  }

  // ---- as a receiver ----

  /** A segment that is not out of the blue; `length`: its text, untrimmed. Each that was put together counts (3.2.2). */
  markArrives(tcb: Tcb, { ecn: mark, segments }: SegmentView, length: number): void {
    if (mark === CE) this.cep += segments
    if (length > 0) {
      if (mark !== NOT_ECT) this.octets[mark === ECT1 ? E1B : mark === CE ? CEB : E0B]! += length
      // Where marks begin and end is told at once (3.2.2.5.1).
      if ((mark === CE) !== (this.lastMark === CE)) tcb.owed |= OWE.ACK
      this.lastMark = mark
    }
    if (this.cep - this.toldCep >= CE_PER_ACK) tcb.owed |= OWE.ACK
  }

  /** The ACE field of a segment that goes out, a bare acknowledgment or another, and its option has told what it says. */
  mark(slot: TransmitSlot, bare: boolean): void {
    const { answers } = this
    this.answers = -1
    slot.flags |= aceFlags(bare && answers >= 0 ? REFLECTED[answers as 0]! : this.cep & 7)
    this.toldCep = this.cep
    for (let i = 0; i < this.written; i++) this.told[i] = this.octets[i]!
    this.written = 0
  }

  /**
   * The option, as many counters of it as fit in `room` bytes, if those that have changed do; 0 if it is not sent now.
   * Returns its length with filling to whole words.
   */
  optionSize(tcb: Tcb, room: number): number {
    const { accurateEcnOption } = tcb.config
    this.written = 0
    if (!this.optionSeen || accurateEcnOption === 'never') return 0
    const needed = this.changed
    // Until something has come through both ways ours may not have been heard of (3.2.3.2).
    const isKnown = tcb.bytesAcked > 0 || tcb.bytesReceived > 0
    if (needed === 0 && isKnown && accurateEcnOption === 'changed') return 0
    for (let counters = 3; counters >= Math.max(1, needed); counters--) {
      const size = sizeOf(counters)
      if (size <= room) return size
    }
    return 0
  }

  /** Counters from the first up to the last one that has changed since they were told. */
  private get changed(): number {
    for (let i = E0B; i >= E1B; i--) if (this.octets[i] !== this.told[i]) return i + 1
    return 0
  }

  /** Writes an option of `optionSize` bytes, or on a SYN,ACK all of it. */
  writeOption(o: Uint8Array, at: number, size: number): number {
    const counters = Math.floor((size - 2) / 3)
    o[at++] = OPTION_ACCURATE_ECN_REVERSED
    o[at++] = 2 + 3 * counters
    for (let i = 0; i < counters; i++, at += 3) set24(o, at, this.octets[i]! % WRAP)
    this.written = counters
    while (at & 3) o[at++] = OPTION_NOP
    return at
  }

  // ---- as a sender ----

  /** Before an acknowledgment is looked at: octets that the peer has not reported to have; -1 if it says nothing of text. */
  begin(missing: number): void {
    this.missing = missing
    this.congested = false
  }

  /**
   * What it says of our segments: how many more were marked than were known of (3.2.2.5). `missing`: octets that are not
   * reported now. One that reports nothing new counts only if it is `newer`, by its timestamp. Sets `congested`.
   */
  feedbackArrives(tcb: Tcb, seg: SegmentView, missing: number, newer: boolean): void {
    if (this.missing < 0 || tcb.bytesSent === 0) return
    const octets = Math.max(0, this.missing - missing)
    const segments = Math.ceil(octets / Math.max(1, tcb.mss))
    if (segments === 0 && !newer) return
    if (seg.accurateEcnCount > 0) this.peerTells = true
    this.segmentsSince += segments
    this.octetsSince += octets
    const ace = (aceOf(seg.flags) - FIRST_CEP) & 7
    const total = this.peerTells ? this.byOctets(seg, ace, tcb.mss) : this.byCounter(ace, segments)
    this.usual = this.usual === 0 ? segments : (7 * this.usual + segments) / 8
    if (total <= this.deliveredCe) return
    this.deliveredCe = total
    this.congested = true
  }

  /**
   * ACE counts modulo eight: after an acknowledgment of more segments than that, which of the numbers that fit? The
   * largest, unless acknowledgments are being thinned out (appendix A.2).
   */
  private byCounter(ace: number, segments: number): number {
    const delta = (ace - this.deliveredCe) & 7
    const wary = segments > 7 && this.usual > 0 && this.usual <= THINNED
    return this.deliveredCe + (wary ? segments - ((segments - delta) & 7) : delta)
  }

  /** With octets told, now or soon, nobody need guess: the number that is nearest to what they say since they last came. */
  private byOctets(seg: SegmentView, ace: number, mss: number): number {
    const octets = this.readOption(seg)
    if (octets < 0) return this.deliveredCe + ((ace - this.deliveredCe) & 7)
    const { segmentsSince: segments, ceThen } = this
    const delta = (ace - ceThen) & 7
    const likely = octets / Math.max(1, Math.min(mss, this.octetsSince / Math.max(1, segments)))
    let best = delta
    for (let n = delta; n <= segments; n += 8) if (Math.abs(n - likely) < Math.abs(best - likely)) best = n
    this.segmentsSince = this.octetsSince = 0
    this.ceThen += best
    return this.ceThen
  }

  /** Takes the octet counters; returns how many more octets arrived marked CE, or -1 if that is not said. */
  private readOption(seg: SegmentView): number {
    if (seg.accurateEcnCount < 0) return -1
    this.optionSeen = true
    let marked = -1
    for (let i = 0; i < seg.accurateEcnCount; i++) {
      const counter = seg.accurateEcnReversed ? i : 2 - i
      const field = get24(seg.bytes, seg.accurateEcnOffset + 3 * i)
      const ahead = (field - (this.reported[counter]! % WRAP) + WRAP) % WRAP
      // Half way round and more is behind: an old one.
      const gain = ahead < WRAP / 2 ? ahead : 0
      this.reported[counter]! += gain
      if (counter === CEB) marked = gain
    }
    return marked
  }

  /** How our SYN,ACK, which was not ECN-capable, has arrived (table 3). */
  synAckReported(ace: number): void {
    if (ace === REFLECTED[CE]) this.deliveredCe = this.ceThen = 1
    // Wiped out, or marked where it must not be: the path is not to be trusted with marks (3.2.2.3, 3.2.2.4).
    if (ace === 0 || ace === REFLECTED[CE] || ace === REFLECTED[ECT0] || ace === REFLECTED[ECT1])
      this.mayMark = false
  }
}

/** The acknowledgment that ends a passive handshake (3.2.2.1). With text it counts already. */
export function thirdAckArrives(tcb: Tcb, accurate: AccurateEcn, seg: SegmentView): void {
  if (seg.accurateEcnCount >= 0) accurate.optionSeen = true
  if (seg.payloadLength > 0) return
  const ace = aceOf(seg.flags)
  // The SYN,ACK that it answers had given up on it.
  if (ace === 0 && tcb.retransmits >= 2) tcb.accurate = null
  else accurate.synAckReported(ace)
}

const sizeOf = (counters: number): number => (2 + 3 * counters + 3) & ~3

// ---- the handshake (3.1) ----

/** Flags of a SYN that asks for it. */
export const ASKS = ACE

/** True for a SYN whose sender speaks it, or something newer that will put up with it (3.1.3). */
export function isAsked(seg: SegmentView): boolean {
  const ace = aceOf(seg.flags)
  return ace !== 0 && ace !== 3
}

/** A SYN,ACK of something newer, which will put up with us (3.1.3). */
const RESERVED = 5

/** True for a SYN,ACK whose sender speaks it; those of RFC 3168 and broken ones do not. */
export function isAgreed(seg: SegmentView): boolean {
  const ace = aceOf(seg.flags)
  return ace === RESERVED || (REFLECTED as readonly number[]).includes(ace)
}

/** A client's, once the SYN,ACK is here. */
export function agreed(seg: SegmentView): AccurateEcn {
  const accurate = new AccurateEcn(NOT_ECT)
  accurate.optionSeen = seg.accurateEcnCount >= 0
  // Our SYN was not ECN-capable; if it arrived as if it were, somebody on the way is not to be trusted with marks.
  const ace = aceOf(seg.flags)
  if (ace !== REFLECTED[NOT_ECT] && ace !== RESERVED) accurate.mayMark = false
  accurate.synAckArrived(seg.ecn)
  return accurate
}

/** Flags of a SYN,ACK: how the SYN was marked; nothing when it was repeated once, perhaps for these flags (3.1.4.2). */
export const synAckFlags = (tcb: Tcb, accurate: AccurateEcn): number =>
  tcb.retransmits < 2 ? aceFlags(REFLECTED[accurate.synMark as 0]!) : 0

/** The option of the first SYN,ACK; returns where the next may go. */
export function writeSynAckOption(tcb: Tcb, o: Uint8Array, at: number): number {
  const { accurate, config } = tcb
  const size = sizeOf(3)
  if (!accurate || tcb.state === 'SYN_SENT' || tcb.synSent) return at
  if (config.accurateEcnOption === 'never' || at + size > MAX_OPTIONS) return at
  return accurate.writeOption(o, at, size)
}
