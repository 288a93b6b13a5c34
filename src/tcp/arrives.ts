import { ACK, FIN, RST, type SegmentView, SYN, URG } from '../wire/tcp.js'
import { ackArrives, scaledWindow } from './acknowledgment.js'
import { challengeAck } from './challenge.js'
import { enter, fail, startTimeWait } from './enter.js'
import { readSynOptions } from './options.js'
import { foldTimeWait, restoreTimeWait, type TimeWaitRecord } from './records.js'
import { oweReset } from './reset.js'
import { add, distance, ge, gt, le, lt } from './sequence.js'
import { isSynchronized } from './states.js'
import { EV, OWE, scaleFor, type Tcb } from './tcb.js'
import { takeFin, textArrives } from './text.js'
import { reopens } from './time-wait-reuse.js'
import { isOldDuplicate, updateTsRecent } from './timestamps.js'
import { urgentArrives } from './urgent.js'

/**
 * SEGMENT ARRIVES, RFC 9293 section 3.10.7: one function for each of its steps, in its order. Each step returns
 * true when the RFC says "return": the segment is done with. (Section 3.10.7.1, no connection, is `closed.ts`.)
 */
export function segmentArrives(tcb: Tcb, seg: SegmentView, now: number): void {
  tcb.segmentsIn++
  if (seg.badOptions) tcb.badOptions++
  tcb.reaction = ''
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

/** A RST at the number the other side said it expects: <SEQ=SEG.ACK><CTL=RST>. */
function resetAtAck(tcb: Tcb, seg: SegmentView): void {
  tcb.resetSeq = seg.ack
  tcb.owed |= OWE.RESET
}

// ---- 3.10.7.2 LISTEN STATE ----

function arrivesInListen(tcb: Tcb, seg: SegmentView, now: number): void {
  // First, check for a RST: nothing was sent that it could be in answer to.
  if (seg.flags & RST) {
    tcb.reaction = 'R04'
    return
  }
  // Second, check for an ACK: any acknowledgment is bad in LISTEN.
  if (seg.flags & ACK) {
    tcb.reaction = 'R05'
    resetAtAck(tcb, seg)
    return
  }
  // Third, check for a SYN.
  if (seg.flags & SYN) {
    acceptSyn(tcb, seg, now)
    enter(tcb, 'T05', now)
    afterSyn(tcb, seg, now)
    return
  }
  // Fourth, other data or control.
  tcb.reaction = 'R06'
}

/** What LISTEN, SYN_SENT and a reopened TIME_WAIT take from a SYN: IRS, RCV.NXT, the window, the options. */
function acceptSyn(tcb: Tcb, seg: SegmentView, now: number): void {
  tcb.passive = tcb.state !== 'SYN_SENT'
  tcb.irs = seg.seq
  tcb.rcvNxt = tcb.rcvAdv = tcb.lastAckSent = tcb.rcvUp = add(seg.seq, 1)
  readSynOptions(tcb, seg, now)
  setSendWindow(tcb, seg, seg.window)
  tcb.owed |= OWE.SYN
  tcb.lastReceivedAt = now
}

function setSendWindow(tcb: Tcb, seg: SegmentView, window: number): void {
  tcb.sndWnd = window
  tcb.maxSndWnd = Math.max(tcb.maxSndWnd, window)
  tcb.sndWl1 = seg.seq
  tcb.sndWl2 = seg.ack
}

/**
 * "Any other incoming control or data (combined with SYN) will be processed in the SYN-RECEIVED state": text is
 * kept, and delivered only when the connection is open (U-04); a FIN is left for its retransmission.
 */
function afterSyn(tcb: Tcb, seg: SegmentView, now: number): void {
  if (seg.payloadLength === 0) return
  const room = Math.min(seg.payloadLength, 65535, tcb.config.receiveBuffer)
  tcb.ensureReassembly().insert(tcb.rcvNxt, seg.bytes, seg.payloadOffset, room)
  tcb.lastDataReceivedAt = now
}

// ---- 3.10.7.3 SYN-SENT STATE ----

function arrivesInSynSent(tcb: Tcb, seg: SegmentView, now: number): void {
  // First, check the ACK bit: ISS < SEG.ACK <= SND.NXT, or it is not for our SYN.
  const hasAck = (seg.flags & ACK) !== 0
  if (hasAck && (le(seg.ack, tcb.iss) || gt(seg.ack, tcb.sndNxt))) {
    if (seg.flags & RST) tcb.reaction = 'R09'
    else {
      tcb.reaction = 'R08'
      resetAtAck(tcb, seg)
    }
    return
  }
  // Second, check the RST bit. (The RCV.NXT test of RFC 5961 printed here is deleted by erratum 8167.)
  if (seg.flags & RST) {
    if (hasAck) fail(tcb, 'T29', 'ECONNREFUSED', 'connection refused', now)
    else tcb.reaction = 'R10'
    return
  }
  // Third, check the security: not offered (appendix A.1.2).
  // Fourth, check the SYN bit.
  if (seg.flags & SYN) {
    acceptSyn(tcb, seg, now)
    if (hasAck) {
      // Our SYN is acknowledged: open. The window of the SYN,ACK is not scaled (RFC 7323 section 2.2).
      tcb.owed &= ~OWE.SYN
      tcb.rcvAdv = add(tcb.rcvNxt, Math.min(tcb.config.receiveBuffer, 65535))
      enter(tcb, 'T06', now)
      ackArrives(tcb, seg, now)
      tcb.owed |= OWE.ACK
      seg.seq = tcb.rcvNxt
      seg.flags &= ~SYN
      trim(tcb, seg)
      continueAtUrg(tcb, seg, now)
      return
    }
    enter(tcb, 'T07', now)
    tcb.retransmits = 0
    afterSyn(tcb, seg, now)
    return
  }
  // Fifth, neither SYN nor RST.
  tcb.reaction = hasAck ? 'R11' : 'R12'
}

// ---- 3.10.7.4 OTHER STATES ----

function arrivesOtherwise(tcb: Tcb, seg: SegmentView, now: number): void {
  tcb.lastReceivedAt = now
  tcb.keepAlivesSent = 0
  const begins = seg.seq
  if (checkSequence(tcb, seg, now)) return
  if (checkReset(tcb, seg, now)) return
  if (checkSyn(tcb, seg, now)) return
  if (checkAck(tcb, seg, now)) return
  // Only now is it known not to be forged blindly: a poisoned TS.Recent would stall the connection (CVE-2005-0356).
  if (tcb.timestamps) updateTsRecent(tcb, seg, begins, now)
  continueAtUrg(tcb, seg, now)
}

/** The sixth to eighth steps, also the rest of a SYN,ACK that opened the connection. */
function continueAtUrg(tcb: Tcb, seg: SegmentView, now: number): void {
  if (seg.flags & URG) urgentArrives(tcb, seg)
  const length = seg.payloadLength
  if (length > 0 || seg.flags & FIN) textArrives(tcb, seg, now)
  takeFin(tcb, now)
}

/** The connection is open: text that rode on the SYN is delivered, and cut off what repeats it. */
function deliverEarlyText(tcb: Tcb, seg: SegmentView): void {
  const early = tcb.reassembly
  if (!early || early.isEmpty) return
  const before = tcb.rcvNxt
  tcb.rcvNxt = early.drain(before, (b, offset, length) => tcb.receiveQueue.append(b, offset, length))
  tcb.bytesReceived += distance(before, tcb.rcvNxt)
  if (gt(tcb.rcvNxt, tcb.rcvAdv)) tcb.rcvAdv = tcb.rcvNxt
  tcb.events |= EV.READABLE
  tcb.owed |= OWE.ACK
  trim(tcb, seg)
}

/** First, check the sequence number; before it, RFC 7323's timestamps (section 5.3 R1). */
function checkSequence(tcb: Tcb, seg: SegmentView, now: number): boolean {
  const rst = (seg.flags & RST) !== 0
  if (tcb.timestamps && !rst) {
    if (!seg.hasTimestamps && !(seg.flags & SYN)) {
      tcb.reaction = 'NOTS'
      return true
    }
    if (isOldDuplicate(tcb, seg, now) && !(tcb.state === 'TIME_WAIT' && seg.flags & SYN)) {
      tcb.reaction = 'PAWS'
      answerUnacceptable(tcb, seg, now)
      return true
    }
  }
  if (tcb.state === 'TIME_WAIT') return arrivesInTimeWait(tcb, seg, now)
  if (tcb.state === 'SYN_RECEIVED' && seg.flags & SYN && seg.seq === tcb.irs && !rst)
    return repeatedSyn(tcb, seg)
  if (!isAcceptable(tcb, seg)) return unacceptable(tcb, seg, now)
  trim(tcb, seg)
  return false
}

/** The four cases of section 3.4, with a FIN at the very edge of the window taken: it needs no buffer. */
function isAcceptable(tcb: Tcb, seg: SegmentView): boolean {
  const { rcvNxt, rcvWnd } = tcb
  const length = seg.payloadLength + (seg.flags & SYN ? 1 : 0)
  const fin = seg.flags & FIN ? 1 : 0
  if (length + fin === 0) {
    if (rcvWnd === 0) return seg.seq === rcvNxt
    // Whoever has filled the window sends his ACKs from its edge; while its beginning is missing they must count.
    const atEdge = seg.seq === tcb.rcvAdv && (seg.flags & RST) === 0
    return atEdge || (ge(seg.seq, rcvNxt) && lt(seg.seq, tcb.rcvAdv))
  }
  if (rcvWnd === 0) return length === 0 && seg.seq === rcvNxt
  if (fin === 1 && length === 0 && seg.seq === tcb.rcvAdv) return true
  // Begins before the right edge and ends after the left one: covers the RFC's two cases and the segment that is
  // larger than the window.
  return lt(seg.seq, tcb.rcvAdv) && gt((seg.seq + length + fin) | 0, rcvNxt)
}

function unacceptable(tcb: Tcb, seg: SegmentView, now: number): boolean {
  if (seg.flags & RST) {
    tcb.reaction = 'R18'
    return true
  }
  if (seg.flags & SYN && isSynchronized(tcb.state) && tcb.config.rfc5961) {
    // A SYN is challenged wherever it lies (RFC 5961 section 4).
    tcb.reaction = 'R20'
    challengeAck(tcb, now)
    return true
  }
  const repeatedFin = (seg.flags & FIN) !== 0 && tcb.finReceived && add(seg.seq, seg.length) === tcb.rcvNxt
  tcb.reaction = repeatedFin ? 'R27' : tcb.rcvWnd === 0 && seg.seq === tcb.rcvNxt ? 'R33' : 'R17'
  if (seg.length > 0) tcb.duplicateIn++
  answerUnacceptable(tcb, seg, now)
  const probe = seg.seq === add(tcb.rcvNxt, -1) && seg.length <= 1
  const beyondClosedWindow = tcb.rcvWnd === 0 && seg.seq === tcb.rcvNxt
  // Whoever repeats its last octet, or probes a closed window, still acknowledges (appendix A.2, MUST-66).
  if ((probe || beyondClosedWindow) && seg.flags & ACK && !(seg.flags & SYN)) {
    if (checkAck(tcb, seg, now)) return true
    if (seg.flags & URG && beyondClosedWindow) urgentArrives(tcb, seg)
  }
  return true
}

/** Segments that occupy sequence space are always answered; empty ones are rationed, or two ends could loop (D01). */
function answerUnacceptable(tcb: Tcb, seg: SegmentView, now: number): void {
  if (seg.length > 0) tcb.owed |= OWE.ACK
  else challengeAck(tcb, now)
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
  return false
}

/** Cuts off what was received before and what lies beyond the window; what is left begins at or after RCV.NXT. */
function trim(tcb: Tcb, seg: SegmentView): void {
  const early = distance(seg.seq, tcb.rcvNxt)
  // A SYN in the window is dealt with in the fourth step, whole.
  if (seg.flags & SYN) return
  if (early > 0) {
    const cut = Math.min(early, seg.payloadLength)
    seg.payloadOffset += cut
    seg.payloadLength -= cut
    seg.seq = add(seg.seq, cut)
    if (cut < early) {
      seg.flags &= ~FIN
      seg.seq = tcb.rcvNxt
    }
    if (cut > 0) tcb.duplicateIn++
  }
  const over = distance(tcb.rcvAdv, add(seg.seq, seg.payloadLength))
  if (over > 0) {
    seg.payloadLength = Math.max(0, seg.payloadLength - over)
    seg.flags &= ~FIN
  }
}

/** Second, check the RST bit (with RFC 5961 section 3's three cases). */
function checkReset(tcb: Tcb, seg: SegmentView, now: number): boolean {
  if (!(seg.flags & RST)) return false
  if (tcb.config.rfc5961 && seg.seq !== tcb.rcvNxt) {
    tcb.reaction = 'R19'
    challengeAck(tcb, now)
    return true
  }
  switch (tcb.state) {
    case 'SYN_RECEIVED':
      if (tcb.displaced) returnToTimeWait(tcb, tcb.displaced, now)
      else if (tcb.passive) returnToListen(tcb, 'T30', now)
      else fail(tcb, 'T31', 'ECONNREFUSED', 'connection refused', now)
      return true
    case 'CLOSING':
    case 'LAST_ACK':
      enter(tcb, 'T33', now)
      return true
    default:
      fail(tcb, 'T32', 'ECONNRESET', 'connection reset', now)
      return true
  }
}

/** A half-open connection is over and its listener is as before. */
function returnToListen(tcb: Tcb, id: 'T30' | 'T35', now: number): void {
  enter(tcb, id, now)
  tcb.owed = 0
  tcb.retransmitAt = tcb.userTimeoutAt = tcb.delayedAckAt = Number.POSITIVE_INFINITY
  tcb.reassembly = null
  tcb.sndUna = tcb.sndNxt = tcb.rtxNxt = tcb.rtxEnd = tcb.iss
  tcb.events |= EV.RETURNED
}

/** The reset SYN,ACK answered an old duplicate: the wait goes on where it was (MAY-2 (2), T25). */
function returnToTimeWait(tcb: Tcb, record: TimeWaitRecord, now: number): void {
  enter(tcb, 'T25', now)
  restoreTimeWait(tcb, record)
  tcb.displaced = null
  tcb.lingerAt = record.lingerAt
}

/** Fourth, check the SYN bit: one in the window. */
function checkSyn(tcb: Tcb, seg: SegmentView, now: number): boolean {
  if (!(seg.flags & SYN)) return false
  if (tcb.state === 'SYN_RECEIVED' && tcb.passive) {
    returnToListen(tcb, 'T35', now)
    return true
  }
  if (tcb.config.rfc5961) {
    tcb.reaction = tcb.state === 'SYN_RECEIVED' ? 'R16' : 'R20'
    challengeAck(tcb, now)
    return true
  }
  oweReset(tcb)
  fail(tcb, 'T36', 'ECONNRESET', 'connection reset by a SYN in the window', now)
  return true
}

/** Fifth, check the ACK field. */
function checkAck(tcb: Tcb, seg: SegmentView, now: number): boolean {
  if (!(seg.flags & ACK)) {
    tcb.reaction = tcb.state === 'SYN_RECEIVED' ? 'R15' : 'R35'
    return true
  }
  if (tcb.state === 'SYN_RECEIVED') {
    if (!gt(seg.ack, tcb.sndUna) || gt(seg.ack, tcb.sndNxt)) {
      tcb.reaction = 'R14'
      resetAtAck(tcb, seg)
      return true
    }
    enter(tcb, 'T08', now)
    setSendWindow(tcb, seg, scaledWindow(tcb, seg))
    deliverEarlyText(tcb, seg)
    // Closed while data was queued: the FIN waited for this moment (T13q).
    if (tcb.finQueued) enter(tcb, 'T14', now)
  }
  // RFC 5961 section 5: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT.
  if (gt(seg.ack, tcb.sndNxt)) {
    tcb.reaction = 'R21'
    challengeAck(tcb, now)
    return true
  }
  if (tcb.config.rfc5961 && lt(seg.ack, (tcb.sndUna - tcb.maxSndWnd) | 0)) {
    tcb.reaction = 'R22'
    challengeAck(tcb, now)
    return true
  }
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
      enter(tcb, 'T20', now)
      return true
    case 'LAST_ACK':
      enter(tcb, 'T22', now)
      return true
    default:
      return false
  }
}

// ---- TIME-WAIT: what the steps say of it, together ----

function arrivesInTimeWait(tcb: Tcb, seg: SegmentView, now: number): boolean {
  if (seg.flags & RST) {
    if (tcb.config.rfc1337) tcb.reaction = 'TW_RST'
    else if (seg.seq === tcb.rcvNxt) enter(tcb, 'T34', now)
    else tcb.reaction = 'R18'
    return true
  }
  if (seg.flags & SYN) {
    if (reopens(tcb, seg)) {
      if (tcb.reopenIss !== null) {
        reopen(tcb, seg, tcb.reopenIss, now)
        return true
      }
      tcb.reaction = 'R20'
      challengeAck(tcb, now)
    } else if (tcb.config.rfc6191 && !(seg.flags & ACK)) tcb.reaction = 'TW_DROP'
    else {
      tcb.reaction = 'R20'
      challengeAck(tcb, now)
    }
    return true
  }
  if (seg.flags & FIN && add(seg.seq, seg.length) === tcb.rcvNxt) {
    // The last acknowledgment was lost: again, and 2MSL from now. (Read literally the RFC never gets here: the FIN
    // is below RCV.NXT. It is the FIN, not any stray segment, that restarts the wait.)
    tcb.reaction = 'R28'
    startTimeWait(tcb, now)
    tcb.owed |= OWE.ACK
    return true
  }
  if (!isAcceptable(tcb, seg)) {
    tcb.reaction = 'R17'
    answerUnacceptable(tcb, seg, now)
    return true
  }
  tcb.reaction = seg.payloadLength > 0 ? 'R26' : 'R23'
  return true
}

/** T24: a new incarnation in place of the old one. */
function reopen(tcb: Tcb, seg: SegmentView, iss: number, now: number): void {
  tcb.displaced = foldTimeWait(tcb)
  tcb.iss = iss
  tcb.sndUna = tcb.sndNxt = tcb.rtxNxt = tcb.rtxEnd = tcb.sndSml = iss
  tcb.queueSeq = add(iss, 1)
  tcb.finQueued = tcb.finSent = tcb.finReceived = tcb.orphaned = false
  tcb.maxSndWnd = 0
  tcb.tsRecentAt = -1
  tcb.rcvScale = tcb.config.windowScaling ? scaleFor(tcb.config.receiveBuffer) : 0
  tcb.lingerAt = Number.POSITIVE_INFINITY
  tcb.events = 0
  acceptSyn(tcb, seg, now)
  enter(tcb, 'T24', now)
  afterSyn(tcb, seg, now)
}
