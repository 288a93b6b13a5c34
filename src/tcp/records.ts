import { AccurateEcn } from './accurate-ecn.js'
import { updateMss } from './options.js'
import { Tcb, type TcbParameters } from './tcb.js'

/**
 * The two states in which a connection holds no data, and of which there may be very many, are kept as small
 * records. A record is a connection folded up, not a second implementation: a segment or a timer unfolds it, the
 * one machine acts, and what is left is folded again.
 */

/** A connection in SYN_RECEIVED, opened passively, with no text on its SYN. */
export interface HalfOpenRecord {
  iss: number
  irs: number
  tsOffset: number
  tsRecent: number
  tsRecentAt: number
  peerMss: number
  /** SND.WND of the SYN, unscaled. */
  window: number
  rcvAdv: number
  /** sndScale, rcvScale and the three option bits. */
  options: number
  retransmits: number
  backoff: number
  retransmitAt: number
  timedAt: number
  userTimeoutAt: number
  challengeWindowAt: number
  challengesSent: number
  displaced: TimeWaitRecord | null
}

const SCALING = 1 << 8
const TIMESTAMPS = 1 << 9
const SACK = 1 << 10
const ECN = 1 << 11
const ACCURATE_ECN = 1 << 12
/** How the peer's SYN was marked, which a SYN,ACK tells. */
const SYN_MARK = 13

export const foldHalfOpen = (tcb: Tcb): HalfOpenRecord => ({
  iss: tcb.iss,
  irs: tcb.irs,
  tsOffset: tcb.tsOffset,
  tsRecent: tcb.tsRecent,
  tsRecentAt: tcb.tsRecentAt,
  peerMss: tcb.peerMss,
  window: tcb.sndWnd,
  rcvAdv: tcb.rcvAdv,
  options: foldOptions(tcb),
  retransmits: tcb.retransmits,
  backoff: tcb.rto.backoff,
  retransmitAt: tcb.retransmitAt,
  timedAt: tcb.timedAt,
  userTimeoutAt: tcb.userTimeoutAt,
  challengeWindowAt: tcb.challengeWindowAt,
  challengesSent: tcb.challengesSent,
  displaced: tcb.displaced,
})

const foldOptions = (tcb: Tcb): number =>
  (tcb.sndScale << 4) |
  tcb.rcvScale |
  (tcb.windowScaling ? SCALING : 0) |
  (tcb.timestamps ? TIMESTAMPS : 0) |
  (tcb.sack ? SACK : 0) |
  (tcb.ecn ? ECN : 0) |
  (tcb.accurate ? ACCURATE_ECN | (tcb.accurate.synMark << SYN_MARK) : 0)

function unfoldOptions(tcb: Tcb, options: number): void {
  tcb.sndScale = (options >> 4) & 15
  tcb.rcvScale = options & 15
  tcb.windowScaling = (options & SCALING) !== 0
  tcb.timestamps = (options & TIMESTAMPS) !== 0
  tcb.sack = (options & SACK) !== 0
  tcb.ecn = (options & ECN) !== 0
  tcb.accurate = options & ACCURATE_ECN ? new AccurateEcn((options >> SYN_MARK) & 3) : null
}

/** `p.iss` and `p.tsOffset` are the record's. */
export function unfoldHalfOpen(record: HalfOpenRecord, p: TcbParameters): Tcb {
  const tcb = new Tcb({ ...p, iss: record.iss, tsOffset: record.tsOffset })
  tcb.state = 'SYN_RECEIVED'
  tcb.passive = true
  tcb.irs = record.irs
  tcb.rcvNxt = tcb.lastAckSent = tcb.rcvUp = (record.irs + 1) | 0
  tcb.rcvAdv = record.rcvAdv
  tcb.synSent = true
  tcb.sndNxt = (record.iss + 1) | 0
  tcb.sndWnd = tcb.maxSndWnd = record.window
  tcb.sndWl1 = record.irs
  tcb.peerMss = record.peerMss
  unfoldOptions(tcb, record.options)
  tcb.tsRecent = record.tsRecent
  tcb.tsRecentAt = record.tsRecentAt
  tcb.retransmits = record.retransmits
  tcb.synRetransmitted = record.retransmits > 0
  tcb.rto.backoff = record.backoff
  tcb.retransmitAt = record.retransmitAt
  tcb.userTimeoutAt = record.userTimeoutAt
  tcb.timedSeq = tcb.sndNxt
  tcb.timedAt = record.timedAt
  tcb.challengeWindowAt = record.challengeWindowAt
  tcb.challengesSent = record.challengesSent
  tcb.displaced = record.displaced
  updateMss(tcb)
  return tcb
}

/** A connection in TIME_WAIT whose user has read everything. */
export interface TimeWaitRecord {
  sndNxt: number
  rcvNxt: number
  rcvAdv: number
  maxSndWnd: number
  tsOffset: number
  tsRecent: number
  tsRecentAt: number
  options: number
  lingerAt: number
  challengeWindowAt: number
  challengesSent: number
}

export const foldTimeWait = (tcb: Tcb): TimeWaitRecord => ({
  sndNxt: tcb.sndNxt,
  rcvNxt: tcb.rcvNxt,
  rcvAdv: tcb.rcvAdv,
  maxSndWnd: tcb.maxSndWnd,
  tsOffset: tcb.tsOffset,
  tsRecent: tcb.tsRecent,
  tsRecentAt: tcb.tsRecentAt,
  options: foldOptions(tcb),
  lingerAt: tcb.lingerAt,
  challengeWindowAt: tcb.challengeWindowAt,
  challengesSent: tcb.challengesSent,
})

export function unfoldTimeWait(record: TimeWaitRecord, p: TcbParameters): Tcb {
  const tcb = new Tcb({ ...p, tsOffset: record.tsOffset })
  tcb.state = 'TIME_WAIT'
  restoreTimeWait(tcb, record)
  return tcb
}

/** Makes `tcb` what it was in TIME_WAIT; its state and 2MSL are the caller's. */
export function restoreTimeWait(tcb: Tcb, record: TimeWaitRecord): void {
  tcb.sndUna = tcb.sndNxt = tcb.queueSeq = record.sndNxt
  tcb.iss = (record.sndNxt - 1) | 0
  tcb.synSent = tcb.synAcked = true
  tcb.finQueued = tcb.finSent = tcb.finReceived = true
  tcb.rcvNxt = tcb.lastAckSent = record.rcvNxt
  tcb.finSeq = (record.rcvNxt - 1) | 0
  tcb.rcvAdv = record.rcvAdv
  tcb.maxSndWnd = record.maxSndWnd
  unfoldOptions(tcb, record.options)
  // What was counted is forgotten, and of no use to a peer that has sent its FIN.
  tcb.accurate = null
  tcb.tsRecent = record.tsRecent
  tcb.tsRecentAt = record.tsRecentAt
  tcb.lingerAt = record.lingerAt
  tcb.challengeWindowAt = record.challengeWindowAt
  tcb.challengesSent = record.challengesSent
  tcb.owed = 0
  tcb.events = 0
}

/** True if SYN_RECEIVED can be folded: nothing was queued on it. */
export const isFoldable = (tcb: Tcb): boolean =>
  tcb.state === 'SYN_RECEIVED'
    ? tcb.passive && !tcb.finQueued && (tcb.reassembly === null || tcb.reassembly.isEmpty)
    : tcb.state === 'TIME_WAIT' && tcb.receiveQueue.length === 0
