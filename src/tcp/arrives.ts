import { ACK, FIN, RST, type SegmentView, SYN, URG } from '../wire/tcp.js'
import { ackInRange, answerUnacceptable, isAcceptable, trim } from './acceptability.js'
import { thirdAckArrives } from './accurate-ecn.js'
import { ackArrives, scaledWindow } from './acknowledgment.js'
import {
  arrivesInListen,
  arrivesInSynSent,
  deliverKeptText,
  resetAtAck,
  returnToListen,
  setSendWindow,
} from './arrives-opening.js'
import { arrivesInTimeWait, returnToTimeWait } from './arrives-time-wait.js'
import { challengeAck } from './challenge.js'
import { noteDuplicate } from './dsack.js'
import { marksArrive } from './ecn.js'
import { enter, fail } from './enter.js'
import { isEarly } from './fast-open.js'
import { roundBuffer } from './options.js'
import { oweReset } from './reset.js'
import { add, gt, lt } from './sequence.js'
import { isSynchronized } from './states.js'
import { OWE, type Tcb } from './tcb.js'
import { urgTextAndFin } from './text.js'
import { isOldDuplicate, updateTsRecent } from './timestamps.js'
import { urgentArrives } from './urgent.js'

/**
 * SEGMENT ARRIVES, RFC 9293 section 3.10.7: one function for each of its steps, in its order. Each step returns
 * true when the RFC says "return": the segment is done with. Section 3.10.7.1, no connection, is `closed.ts`; 3.10.7.2
 * and 3.10.7.3, LISTEN and SYN-SENT, are `arrives-opening.ts`.
 */
export function segmentArrives(tcb: Tcb, seg: SegmentView, now: number): void {
  tcb.segmentsIn += seg.segments
  if (seg.badOptions) tcb.badOptions++
  tcb.reaction = ''
  if (tcb.config.dropSynFin === 'everywhere' && (seg.flags & (SYN | FIN)) === (SYN | FIN)) {
    tcb.reaction = 'SYNFIN'
    return
  }
  switch (tcb.state) {
    case 'CLOSED':
      return
    case 'LISTEN':
      return arrivesInListen(tcb, seg, now)
    case 'SYN_SENT':
      return arrivesInSynSent(tcb, seg, now)
    default:
      return arrivesOtherwise(tcb, seg, now)
  }
}

// ---- 3.10.7.4 OTHER STATES ----

function arrivesOtherwise(tcb: Tcb, seg: SegmentView, now: number): void {
  tcb.lastReceivedAt = now
  if (tcb.keepAlivesSent > 0) {
    // Alive: the wait for silence begins anew, however long the pause between probes is.
    tcb.keepAlivesSent = 0
    tcb.keepAliveAt = now + tcb.keepAliveIdle
  }
  const begins = seg.seq
  const length = seg.payloadLength
  if (checkSequence(tcb, seg, now)) return
  if (checkReset(tcb, seg, now)) return
  if (checkSyn(tcb, seg, now)) return
  if (checkAck(tcb, seg, now)) return
  // Only now is it known not to be forged blindly: a poisoned TS.Recent would stall the connection (CVE-2005-0356).
  if (tcb.timestamps) updateTsRecent(tcb, seg, begins, now)
  if (tcb.ecn) marksArrive(tcb, seg)
  tcb.accurate?.markArrives(tcb, seg, length)
  urgTextAndFin(tcb, seg, now)
}

/** First, check the sequence number; before it, RFC 7323's timestamps (section 5.3 R1). */
function checkSequence(tcb: Tcb, seg: SegmentView, now: number): boolean {
  const rst = (seg.flags & RST) !== 0
  if (tcb.timestamps && !rst) {
    if (!seg.hasTimestamps && !(seg.flags & SYN) && !tcb.config.tolerateMissingTimestamps) {
      tcb.reaction = 'NOTS'
      return true
    }
    if (isOldDuplicate(tcb, seg, now) && !(tcb.state === 'TIME_WAIT' && seg.flags & SYN)) {
      tcb.reaction = 'PAWS'
      // As a rule it is a copy that was long under way.
      if (lt(seg.seq, tcb.rcvNxt)) noteDuplicate(tcb, seg.seq, seg.payloadLength)
      if (seg.length > 0) tcb.duplicateIn += seg.segments
      answerUnacceptable(tcb, seg, now)
      return true
    }
  }
  if (tcb.state === 'TIME_WAIT') {
    arrivesInTimeWait(tcb, seg, now)
    return true
  }
  if (tcb.state === 'SYN_RECEIVED' && seg.flags & SYN && seg.seq === tcb.irs && !rst)
    return repeatedSyn(tcb, seg)
  if (!isAcceptable(tcb, seg)) return unacceptable(tcb, seg, now)
  trim(tcb, seg)
  return false
}

function unacceptable(tcb: Tcb, seg: SegmentView, now: number): boolean {
  if (seg.flags & RST) {
    tcb.reaction = 'R18'
    return true
  }
  if (seg.flags & SYN && isSynchronized(tcb.state) && tcb.config.strictSyn) {
    // A SYN is challenged wherever it lies (RFC 5961 section 4).
    tcb.reaction = 'R20'
    challengeSyn(tcb, seg, now)
    return true
  }
  const repeatedFin = (seg.flags & FIN) !== 0 && tcb.finReceived && add(seg.seq, seg.length) === tcb.rcvNxt
  tcb.reaction = repeatedFin ? 'R27' : tcb.rcvWnd === 0 && seg.seq === tcb.rcvNxt ? 'R33' : 'R17'
  if (seg.length > 0) {
    tcb.duplicateIn += seg.segments
    noteDuplicate(tcb, seg.seq, seg.payloadLength)
    tcb.accurate?.markArrives(tcb, seg, seg.payloadLength)
  }
  answerUnacceptable(tcb, seg, now)
  const probe = seg.seq === add(tcb.rcvNxt, -1) && seg.length <= 1
  const beyondClosedWindow = tcb.rcvWnd === 0 && seg.seq === tcb.rcvNxt
  // Whoever repeats its last octet, or probes a closed window, still acknowledges (appendix A.2, MUST-66).
  if ((probe || beyondClosedWindow) && seg.flags & ACK && !(seg.flags & SYN)) {
    // Its text and FIN are not taken.
    seg.flags &= ~FIN
    if (checkAck(tcb, seg, now)) return true
    if (seg.flags & URG && beyondClosedWindow) urgentArrives(tcb, seg)
  }
  return true
}

/**
 * SYN_RECEIVED and the SYN we have already, again. Without ACK: our SYN,ACK was lost. With it: the other half of a
 * simultaneous open, whose SYN,ACK begins at IRS (Figure 7); read strictly it would be refused, appendix A.2.
 */
function repeatedSyn(tcb: Tcb, seg: SegmentView): boolean {
  if (!(seg.flags & ACK)) {
    tcb.reaction = 'R13'
    tcb.owed |= OWE.SYN
    return true
  }
  seg.flags &= ~SYN
  seg.seq = tcb.rcvNxt
  trim(tcb, seg)
  return false
}

/** Second, check the RST bit (with RFC 5961 section 3's three cases). */
function checkReset(tcb: Tcb, seg: SegmentView, now: number): boolean {
  if (!(seg.flags & RST)) return false
  if (tcb.config.strictReset && seg.seq !== tcb.rcvNxt) {
    tcb.reaction = 'R19'
    challengeAck(tcb, now)
    return true
  }
  switch (tcb.state) {
    case 'SYN_RECEIVED':
      if (tcb.displaced) returnToTimeWait(tcb, tcb.displaced, now)
      else if (isEarly(tcb)) fail(tcb, 'T31', 'ECONNRESET', 'connection reset', now)
      else if (tcb.passive) returnToListen(tcb, 'T30', now)
      else fail(tcb, 'T31', 'ECONNREFUSED', 'connection refused', now)
      return true
    case 'CLOSING':
    case 'LAST_ACK':
      // Only if nothing but the acknowledgment of the FIN was missing is this a proper end.
      if (tcb.sendQueue.length > 0 || tcb.config.lateResetIsError)
        fail(tcb, 'T33', 'ECONNRESET', 'connection reset', now)
      else enter(tcb, 'T33', now)
      return true
    default:
      fail(tcb, 'T32', 'ECONNRESET', 'connection reset', now)
      return true
  }
}

/** Fourth, check the SYN bit: one in the window. */
function checkSyn(tcb: Tcb, seg: SegmentView, now: number): boolean {
  if (!(seg.flags & SYN)) return false
  if (tcb.state === 'SYN_RECEIVED' && tcb.passive && !isEarly(tcb)) {
    returnToListen(tcb, 'T35', now)
    return true
  }
  if (tcb.config.strictSyn) {
    tcb.reaction = tcb.state === 'SYN_RECEIVED' ? 'R16' : 'R20'
    challengeSyn(tcb, seg, now)
    return true
  }
  oweReset(tcb)
  fail(tcb, 'T36', 'ECONNRESET', 'connection reset by a SYN in the window', now)
  return true
}

/** A SYN,ACK that comes again is acknowledged as the first was (RFC 9768 section 3.2.2.1). */
function challengeSyn(tcb: Tcb, seg: SegmentView, now: number): void {
  if (seg.hasAck) tcb.accurate?.answer(seg.ecn)
  challengeAck(tcb, now)
}

/** Fifth, check the ACK field. */
function checkAck(tcb: Tcb, seg: SegmentView, now: number): boolean {
  if (tcb.state === 'SYN_RECEIVED') {
    if (!(seg.flags & ACK)) {
      tcb.reaction = 'R15'
      return true
    }
    if (!gt(seg.ack, tcb.sndUna) || gt(seg.ack, tcb.sndNxt)) {
      tcb.reaction = 'R14'
      resetAtAck(tcb, seg)
      return true
    }
    if (tcb.accurate && tcb.passive) thirdAckArrives(tcb, tcb.accurate, seg)
    enter(tcb, 'T08', now)
    if (tcb.config.wholeSegmentBuffer && tcb.passive) roundBuffer(tcb)
    setSendWindow(tcb, seg, scaledWindow(tcb, seg))
    deliverKeptText(tcb, seg, now)
    // Closed while data was queued: the FIN waited for this moment (T13q).
    if (tcb.finQueued) enter(tcb, 'T14', now)
  }
  if (!ackInRange(tcb, seg, now)) return true
  ackArrives(tcb, seg, now)
  // "FIN-WAIT-1: if our FIN is now acknowledged, enter FIN-WAIT-2", and its like. The FIN must have been sent.
  if (tcb.finSent && tcb.sndUna === add(tcb.queueEnd, 1)) return finAcknowledged(tcb, seg, now)
  return false
}

function finAcknowledged(tcb: Tcb, seg: SegmentView, now: number): boolean {
  switch (tcb.state) {
    case 'FIN_WAIT_1':
      // With the peer's FIN in the same segment, in order, the eighth step goes straight to TIME_WAIT (T18).
      if (seg.flags & FIN && seg.seq === tcb.rcvNxt) return false
      enter(tcb, 'T16', now)
      if (tcb.orphaned) tcb.lingerAt = now + tcb.config.finWait2Timeout
      return false
    case 'CLOSING':
      // On to TS.Recent, which RFC 6191 will ask for.
      enter(tcb, 'T20', now)
      return false
    case 'LAST_ACK':
      enter(tcb, 'T22', now)
      return true
    default:
      return false
  }
}
