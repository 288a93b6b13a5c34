import { FIN, type SegmentView } from '../wire/tcp.js'
import { enter } from './enter.js'
import { oweReset } from './reset.js'
import { add, distance, gt } from './sequence.js'
import { EV, OWE, type Tcb } from './tcb.js'

/** The seventh and eighth steps of section 3.10.7.4: the segment text and the FIN. The segment is trimmed. */
export function textArrives(tcb: Tcb, seg: SegmentView, now: number): void {
  switch (tcb.state) {
    case 'ESTABLISHED':
    case 'FIN_WAIT_1':
    case 'FIN_WAIT_2':
      break
    default:
      // The peer has said that no more would come.
      tcb.reaction = 'R26'
      return
  }
  const length = seg.payloadLength
  if (length > 0) {
    tcb.dataSegmentsIn++
    tcb.lastDataReceivedAt = now
    if (length > tcb.rcvMss) tcb.rcvMss = length
    if (tcb.orphaned) {
      // Nobody will read it: the peer must learn that its data is lost (SHLD-3).
      oweReset(tcb)
      enter(tcb, 'T37', now)
      return
    }
  }
  if (seg.seq !== tcb.rcvNxt) {
    outOfOrder(tcb, seg)
    return
  }
  if (length > 0) inOrder(tcb, seg, now)
  if (seg.flags & FIN) {
    // One that is in order is the FIN, whatever one from further on may have claimed.
    tcb.finReceived = true
    tcb.finSeq = add(seg.seq, length)
  }
}

/** Eighth, check the FIN bit: once everything before it is here. */
export function takeFin(tcb: Tcb, now: number): void {
  if (tcb.finReceived && tcb.finSeq === tcb.rcvNxt) finArrives(tcb, now)
}

function inOrder(tcb: Tcb, seg: SegmentView, now: number): void {
  const length = seg.payloadLength
  tcb.reaction = 'R24'
  tcb.receiveQueue.append(seg.bytes, seg.payloadOffset, length)
  tcb.bytesReceived += length
  tcb.unackedBytes += length
  tcb.rcvNxt = add(tcb.rcvNxt, length)
  tcb.events |= EV.READABLE
  // Nothing follows a FIN: what claims to is not taken.
  if (tcb.reassembly && !tcb.reassembly.isEmpty && !(seg.flags & FIN)) {
    const before = tcb.rcvNxt
    tcb.rcvNxt = tcb.reassembly.drain(before, (b, offset, n) => tcb.receiveQueue.append(b, offset, n))
    tcb.bytesReceived += distance(before, tcb.rcvNxt)
    // All or part of a gap is filled: the sender, in recovery, is told at once (RFC 5681 section 4.2), and once.
    tcb.duplicateAcksOwed = 0
    tcb.owed |= OWE.ACK
    return
  }
  // At least every second full segment, and never later than the delay (SHLD-18, SHLD-19, MUST-40).
  if (tcb.unackedBytes >= 2 * tcb.rcvMss) tcb.owed |= OWE.ACK
  else if (tcb.delayedAckAt === Number.POSITIVE_INFINITY) tcb.delayedAckAt = now + tcb.config.delayedAck
}

function outOfOrder(tcb: Tcb, seg: SegmentView): void {
  tcb.reaction = 'R25'
  if (seg.payloadLength > 0) {
    tcb.outOfOrderIn++
    tcb.ensureReassembly().insert(seg.seq, seg.bytes, seg.payloadOffset, seg.payloadLength)
  }
  if (seg.flags & FIN) noteFin(tcb, add(seg.seq, seg.payloadLength))
  // An immediate duplicate ACK for each, so that the sender can count three (RFC 5681 section 4.2).
  tcb.duplicateAcksOwed++
}

/** Where the peer's FIN stands. The first word counts: a FIN cannot move. */
function noteFin(tcb: Tcb, seq: number): void {
  if (tcb.finReceived) return
  tcb.finReceived = true
  tcb.finSeq = seq
}

/** Eighth: everything before the FIN is here. */
function finArrives(tcb: Tcb, now: number): void {
  tcb.rcvNxt = add(tcb.finSeq, 1)
  if (gt(tcb.rcvNxt, tcb.rcvAdv)) tcb.rcvAdv = tcb.rcvNxt
  tcb.owed |= OWE.ACK
  tcb.events |= EV.END
  tcb.reassembly = null
  switch (tcb.state) {
    case 'ESTABLISHED':
      enter(tcb, 'T15', now)
      return
    case 'FIN_WAIT_1':
      if (tcb.finSent && tcb.sndUna === add(tcb.queueEnd, 1)) enter(tcb, 'T18', now)
      else enter(tcb, 'T17', now)
      return
    case 'FIN_WAIT_2':
      enter(tcb, 'T19', now)
      return
  }
}
