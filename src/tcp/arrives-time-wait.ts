import { ACK, FIN, RST, type SegmentView, SYN } from '../wire/tcp.js'
import { ackInRange, answerUnacceptable, isAcceptable } from './acceptability.js'
import { acceptSyn, keepText } from './arrives-opening.js'
import { challengeAck } from './challenge.js'
import { enter, startTimeWait } from './enter.js'
import { foldTimeWait, restoreTimeWait, type TimeWaitRecord } from './records.js'
import { oweReset } from './reset.js'
import { add, gt } from './sequence.js'
import { OWE, type Tcb } from './tcb.js'

/** What the steps of RFC 9293 section 3.10.7.4 say of TIME-WAIT, together, with RFC 1337 and RFC 6191. */
export function arrivesInTimeWait(tcb: Tcb, seg: SegmentView, now: number): void {
  if (seg.flags & RST) {
    if (tcb.config.rfc1337) tcb.reaction = 'TW_RST'
    else if (seg.seq === tcb.rcvNxt) enter(tcb, 'T34', now)
    else if (isAcceptable(tcb, seg)) {
      tcb.reaction = 'R19'
      challengeAck(tcb, now)
    } else tcb.reaction = 'R18'
    return
  }
  if (tcb.config.timeWait === 'terse') return arrivesTersely(tcb, seg, now)
  if (seg.flags & SYN) return synInTimeWait(tcb, seg, now)
  if (seg.flags & FIN && add(seg.seq, seg.length) === tcb.rcvNxt) {
    // The last acknowledgment was lost: again, and 2MSL from now. (Read literally the RFC never gets here: the FIN
    // is below RCV.NXT. It is the FIN, not any stray segment, that restarts the wait.)
    tcb.reaction = 'R28'
    startTimeWait(tcb, now)
    tcb.owed |= OWE.ACK
    return
  }
  if (!isAcceptable(tcb, seg)) {
    tcb.reaction = 'R17'
    answerUnacceptable(tcb, seg, now)
    return
  }
  if (ackInRange(tcb, seg, now)) tcb.reaction = seg.payloadLength > 0 ? 'R26' : 'R23'
}

/** What BSDs do in place of the RFC's steps. */
function arrivesTersely(tcb: Tcb, seg: SegmentView, now: number): void {
  if (!(seg.flags & ACK)) {
    // Only a SYN that begins behind all of the old incarnation opens a new one.
    if (seg.flags & SYN && gt(seg.seq, tcb.rcvNxt)) synInTimeWait(tcb, seg, now)
    else tcb.reaction = 'R35'
    return
  }
  if (seg.flags & FIN && add(seg.seq, seg.length) === tcb.rcvNxt) startTimeWait(tcb, now)
  if (seg.flags === ACK && seg.length === 0 && seg.seq === tcb.rcvNxt && seg.ack === tcb.sndNxt) {
    tcb.reaction = 'R23'
    return
  }
  tcb.reaction = 'R17'
  tcb.owed |= OWE.ACK
}

function synInTimeWait(tcb: Tcb, seg: SegmentView, now: number): void {
  const isNew = reopens(tcb, seg)
  if (isNew && tcb.reopenIss !== null) return reopen(tcb, seg, tcb.reopenIss, now)
  if (!isNew && tcb.config.rfc6191 && !(seg.flags & ACK)) {
    tcb.reaction = 'TW_DROP'
    return
  }
  if (!tcb.config.strictSyn && isAcceptable(tcb, seg)) {
    oweReset(tcb)
    enter(tcb, 'T36', now)
    return
  }
  tcb.reaction = 'R20'
  challengeAck(tcb, now)
}

/**
 * Whether a SYN in TIME_WAIT cannot be an old duplicate, so that it may open a new incarnation (RFC 6191 section 2;
 * without timestamps this is RFC 9293's MAY-2). "Last" sequence number is that of the peer's FIN.
 */
export function reopens(tcb: Tcb, seg: SegmentView): boolean {
  if ((seg.flags & (SYN | ACK)) !== SYN || !tcb.config.rfc6191) return false
  const seqIsNew = gt(seg.seq, (tcb.rcvNxt - 1) | 0)
  if (tcb.timestamps && seg.hasTimestamps) {
    if (seg.tsVal === tcb.tsRecent) return seqIsNew
    return gt(seg.tsVal, tcb.tsRecent)
  }
  // The old incarnation had none: its segments cannot carry a timestamp like this one's.
  if (seg.hasTimestamps) return true
  return seqIsNew
}

/** T24: a new incarnation in place of the old one. */
function reopen(tcb: Tcb, seg: SegmentView, iss: number, now: number): void {
  const displaced = foldTimeWait(tcb)
  tcb.restart(iss)
  tcb.displaced = displaced
  tcb.passive = true
  acceptSyn(tcb, seg, now)
  enter(tcb, 'T24', now)
  keepText(tcb, seg, now)
}

/** The reset SYN,ACK answered an old duplicate: the wait goes on where it was (MAY-2 (2), T25). */
export function returnToTimeWait(tcb: Tcb, record: TimeWaitRecord, now: number): void {
  enter(tcb, 'T25', now)
  restoreTimeWait(tcb, record)
  tcb.displaced = null
  tcb.lingerAt = record.lingerAt
}
