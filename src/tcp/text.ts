import { FIN, type SegmentView, URG } from '../wire/tcp.js'
import { hasDuplicate, noteOverlap } from './dsack.js'
import { enter, fail } from './enter.js'
import { acknowledgeQuickly, noteBulk, noteBurst } from './quick-acks.js'
import type { Reassembly } from './reassembly.js'
import { oweAnswer } from './reset.js'
import { RightSizing } from './right-sizing.js'
import { add, distance, gt, lt, min } from './sequence.js'
import { EV, OWE, type Tcb } from './tcb.js'
import { urgentArrives } from './urgent.js'

/** The sixth to eighth steps of RFC 9293 section 3.10.7.4: URG, the segment text, the FIN. The segment is trimmed. */
export function urgTextAndFin(tcb: Tcb, seg: SegmentView, now: number): void {
  if (seg.flags & URG) urgentArrives(tcb, seg)
  if (seg.payloadLength > 0 || seg.flags & FIN) textArrives(tcb, seg, now)
  // Eighth, check the FIN bit: once everything before it is here.
  if (tcb.finReceived && tcb.finSeq === tcb.rcvNxt) finArrives(tcb, now)
}

/** Seventh, process the segment text. */
function textArrives(tcb: Tcb, seg: SegmentView, now: number): void {
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
    tcb.dataSegmentsIn += seg.segments
    noteBurst(tcb, now)
    tcb.lastDataReceivedAt = now
    // What a link put together without saying so is longer than any segment.
    if (seg.segmentSize > tcb.rcvMss) tcb.rcvMss = Math.min(seg.segmentSize, tcb.announcedMss)
    if (tcb.orphaned) {
      // Nobody will read it: the peer must learn that its data is lost (SHLD-3).
      oweAnswer(tcb, seg.ack)
      fail(tcb, 'T37', 'ECONNRESET', 'data arrived that nobody will read', now)
      return
    }
  }
  if (seg.seq !== tcb.rcvNxt) {
    outOfOrder(tcb, seg)
    return
  }
  if (length > 0) inOrder(tcb, seg, now)
  // Text that goes on past where a FIN was said to stand refutes it: nobody is at the end because of it.
  if (tcb.finReceived && gt(tcb.rcvNxt, tcb.finSeq)) tcb.finReceived = false
  if (seg.flags & FIN) {
    // One that is in order is the FIN, whatever one from further on may have claimed.
    tcb.finReceived = true
    tcb.finSeq = add(seg.seq, length)
  }
}

function inOrder(tcb: Tcb, seg: SegmentView, now: number): void {
  const length = seg.payloadLength
  tcb.reaction = 'R24'
  tcb.unackedBytes += length
  tcb.events |= EV.READABLE
  const before = tcb.rcvNxt
  const { reassembly } = tcb
  if (reassembly && !reassembly.isEmpty) {
    noteOverlap(tcb, seg)
    fillGap(tcb, reassembly, seg)
    tcb.bytesReceived += distance(before, tcb.rcvNxt)
    // All or part of a gap is filled: the sender, in recovery, is told at once (RFC 5681 section 4.2), and once.
    tcb.duplicateAcksOwed = 0
    tcb.owed |= OWE.ACK
    return
  }
  // No more than twice what is read is held for it.
  if (seg.lender && 2 * length >= seg.bytes.length) {
    tcb.receiveQueue.adopt(seg.bytes.subarray(seg.payloadOffset, seg.payloadOffset + length), seg.lender)
    seg.lender = null
  } else tcb.receiveQueue.append(seg.bytes, seg.payloadOffset, length)
  tcb.bytesReceived += length
  tcb.rcvNxt = add(before, length)
  if (tcb.receiveBuffer < tcb.mostReceiveBuffer) growBuffer(tcb, seg, now)
  scheduleAck(tcb, now, seg.segments)
}

/** The buffer never shrinks: what it holds was promised. */
function growBuffer(tcb: Tcb, seg: SegmentView, now: number): void {
  tcb.rightSizing ??= new RightSizing()
  const wanted = Math.min(tcb.rightSizing.arrived(tcb, seg, now), tcb.mostReceiveBuffer)
  if (wanted > tcb.receiveBuffer) tcb.receiveBuffer = wanted
}

/**
 * More than a full segment's worth is acknowledged at once: every second full segment, and a short one behind a full one.
 * Nothing waits longer than the delay (SHLD-18, SHLD-19, MUST-40).
 */
export function scheduleAck(tcb: Tcb, now: number, segments = 1): void {
  const waiting = tcb.delayedAckAt !== Number.POSITIVE_INFINITY
  // What came again is reported at once (RFC 2883 section 4).
  if (tcb.sack && hasDuplicate(tcb)) tcb.owed |= OWE.ACK
  const enough = tcb.config.ackSecondSegment ? waiting || segments > 1 : tcb.unackedBytes > tcb.rcvMss
  if (enough || tcb.quickAcks > 0) {
    if (tcb.quickAcks > 0) tcb.quickAcks = Math.max(0, tcb.quickAcks - segments)
    else noteBulk(tcb)
    tcb.owed |= OWE.ACK
  } else if (!waiting) tcb.delayedAckAt = now + tcb.config.delayedAck
}

/** Takes from the segment what is not here yet, between the blocks that are: their bytes came first, and stay. */
function fillGap(tcb: Tcb, reassembly: Reassembly, seg: SegmentView): void {
  const { receiveQueue } = tcb
  const end = add(seg.seq, seg.payloadLength)
  // Nothing follows a FIN: what claims to is not taken.
  const last = (seg.flags & FIN) !== 0
  const deliver = (b: Uint8Array, offset: number, length: number) => receiveQueue.append(b, offset, length)
  for (;;) {
    const stop = min(end, reassembly.firstSeq(end))
    const n = distance(tcb.rcvNxt, stop)
    if (n > 0) {
      receiveQueue.append(seg.bytes, seg.payloadOffset + distance(seg.seq, tcb.rcvNxt), n)
      tcb.rcvNxt = stop
    }
    if (last && tcb.rcvNxt === end) return
    tcb.rcvNxt = reassembly.drain(tcb.rcvNxt, deliver, last ? end : null)
    if (!lt(tcb.rcvNxt, end)) return
  }
}

function outOfOrder(tcb: Tcb, seg: SegmentView): void {
  tcb.reaction = 'R25'
  if (seg.payloadLength > 0) {
    tcb.outOfOrderIn += seg.segments
    noteOverlap(tcb, seg)
    const { bytes, payloadOffset, payloadLength } = seg
    tcb.refusedIn += tcb.ensureReassembly().insert(seg.seq, bytes, payloadOffset, payloadLength)
  }
  if (seg.flags & FIN) noteFin(tcb, add(seg.seq, seg.payloadLength))
  // An immediate duplicate ACK for each, so that the sender can count three (RFC 5681 section 4.2). SACK says it at once.
  tcb.duplicateAcksOwed += tcb.sack ? 1 : seg.segments
  acknowledgeQuickly(tcb)
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
      else {
        enter(tcb, 'T17', now)
        if (tcb.config.repeatFinInClosing) repeatFin(tcb)
      }
      return
    case 'FIN_WAIT_2':
      enter(tcb, 'T19', now)
      return
  }
}

/** The FIN goes out once more, and acknowledges the peer's, if nothing but it is outstanding. */
function repeatFin(tcb: Tcb): void {
  if (!tcb.finSent || tcb.sndUna !== tcb.queueEnd) return
  tcb.scoreboard.loseRange(tcb.sndUna, tcb.sndNxt)
}
