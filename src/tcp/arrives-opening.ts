import { ACK, FIN, RST, type SegmentView, SYN } from '../wire/tcp.js'
import { trim } from './acceptability.js'
import { ackArrives } from './acknowledgment.js'
import { readSynEcn } from './ecn.js'
import { enter, fail } from './enter.js'
import { isEarly } from './fast-open.js'
import { readSynOptions } from './options.js'
import { add, distance, gt, le } from './sequence.js'
import { EV, OWE, type Tcb } from './tcb.js'
import { scheduleAck, urgTextAndFin } from './text.js'

/** SEGMENT ARRIVES before there is a connection: RFC 9293 sections 3.10.7.2 and 3.10.7.3. */

/** A RST at the number the other side said it expects: <SEQ=SEG.ACK><CTL=RST>. */
export function resetAtAck(tcb: Tcb, seg: SegmentView): void {
  tcb.resetSeq = seg.ack
  tcb.resetAcks = false
  tcb.owed |= OWE.RESET
}

// ---- 3.10.7.2 LISTEN STATE ----

export function arrivesInListen(tcb: Tcb, seg: SegmentView, now: number): void {
  // First, check for a RST: nothing was sent that it could be in answer to.
  if (seg.flags & RST) {
    tcb.reaction = 'R04'
    return
  }
  // Second, check for an ACK: any acknowledgment is bad in LISTEN.
  if (seg.flags & ACK) {
    tcb.reaction = 'R05'
    if (!(seg.flags & SYN) || tcb.config.synAckInListen === 'reset') resetAtAck(tcb, seg)
    return
  }
  // Third, check for a SYN.
  if (seg.flags & SYN && !(seg.flags & FIN && tcb.config.dropSynFin !== 'nowhere')) {
    tcb.passive = true
    acceptSyn(tcb, seg, now)
    enter(tcb, 'T05', now)
    keepText(tcb, seg, now)
    if (isEarly(tcb)) {
      tcb.fastOpen!.taken = seg.payloadLength > 0
      deliverKeptText(tcb, seg, now)
    }
    return
  }
  // Fourth, other data or control.
  tcb.reaction = 'R06'
}

/** What LISTEN, SYN_SENT and a reopened TIME_WAIT take from a SYN: IRS, RCV.NXT, the window, the options. */
export function acceptSyn(tcb: Tcb, seg: SegmentView, now: number): void {
  tcb.irs = seg.seq
  tcb.rcvNxt = tcb.rcvAdv = tcb.lastAckSent = tcb.rcvUp = add(seg.seq, 1)
  readSynOptions(tcb, seg, now)
  readSynEcn(tcb, seg)
  // The window of a SYN is never scaled (RFC 7323 section 2.2).
  setSendWindow(tcb, seg, seg.window)
  tcb.owed |= OWE.SYN
  tcb.lastReceivedAt = now
}

export function setSendWindow(tcb: Tcb, seg: SegmentView, window: number): void {
  tcb.sndWnd = window
  tcb.maxSndWnd = Math.max(tcb.maxSndWnd, window)
  tcb.sndWl1 = seg.seq
  tcb.sndWl2 = seg.ack
}

/**
 * "Any other incoming control or data (combined with SYN) will be processed in the SYN-RECEIVED state": text is
 * kept, and delivered only when the connection is open (U-04); a FIN is left for its retransmission.
 */
export function keepText(tcb: Tcb, seg: SegmentView, now: number): void {
  if (seg.payloadLength === 0 || !(tcb.config.keepSynData || isEarly(tcb))) return
  // A segment's worth: a SYN in fragments could bring 64 KiB, from anybody.
  const room = Math.min(seg.payloadLength, tcb.announcedMss, tcb.receiveBuffer)
  tcb.ensureReassembly().insert(tcb.rcvNxt, seg.bytes, seg.payloadOffset, room)
  tcb.lastDataReceivedAt = now
}

/** The connection is open: text that rode on the SYN is delivered, and cut off what repeats it. */
export function deliverKeptText(tcb: Tcb, seg: SegmentView, now: number): void {
  const kept = tcb.reassembly
  if (!kept || kept.isEmpty) return
  const before = tcb.rcvNxt
  tcb.rcvNxt = kept.drain(before, (b, offset, length) => tcb.receiveQueue.append(b, offset, length))
  tcb.bytesReceived += distance(before, tcb.rcvNxt)
  if (gt(tcb.rcvNxt, tcb.rcvAdv)) tcb.rcvAdv = tcb.rcvNxt
  tcb.unackedBytes += distance(before, tcb.rcvNxt)
  tcb.events |= EV.READABLE
  scheduleAck(tcb, now)
  trim(tcb, seg)
}

/** A half-open connection is over, and its listener is as before (T30, T35). */
export function returnToListen(tcb: Tcb, id: 'T30' | 'T35', now: number): void {
  enter(tcb, id, now)
  tcb.restart(tcb.iss)
  tcb.events |= EV.RETURNED
}

// ---- 3.10.7.3 SYN-SENT STATE ----

export function arrivesInSynSent(tcb: Tcb, seg: SegmentView, now: number): void {
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
    if (hasAck) openNow(tcb, seg, now)
    else {
      enter(tcb, 'T07', now)
      // The SYN,ACK has its own count of retransmissions.
      tcb.retransmits = 0
      keepText(tcb, seg, now)
    }
    return
  }
  // Fifth, neither SYN nor RST.
  tcb.reaction = hasAck ? 'R11' : 'R12'
}

/** Our SYN is acknowledged and the peer's is here; the rest of the segment goes on at the sixth step. */
function openNow(tcb: Tcb, seg: SegmentView, now: number): void {
  tcb.owed &= ~OWE.SYN
  // What our SYN promised.
  tcb.rcvAdv = add(tcb.rcvNxt, Math.min(tcb.receiveBuffer, 65535))
  enter(tcb, 'T06', now)
  ackArrives(tcb, seg, now)
  tcb.owed |= OWE.ACK
  seg.seq = tcb.rcvNxt
  seg.flags &= ~SYN
  trim(tcb, seg)
  urgTextAndFin(tcb, seg, now)
}
