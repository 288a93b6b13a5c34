import { ACK, PSH, RST, SYN } from '../wire/tcp.js'
import { limitOf } from './chrono.js'
import { hasDuplicate } from './dsack.js'
import { markNewData, synEcn } from './ecn.js'
import { enter } from './enter.js'
import { isEarly, putDataOnSyn } from './fast-open.js'
import { writeOptions, writeSynOptions } from './options.js'
import { mayGo, pace, windowRate } from './pacing.js'
import type { PathProbe } from './path-probe.js'
import { acceptableSeq } from './reset.js'
import { acknowledged, fillAck, fillData, payloadLimit } from './segment.js'
import { distance, gt, le, lt, max } from './sequence.js'
import type { TransmitSlot } from './slot.js'
import { isSynchronized } from './states.js'
import { OWE, type Tcb, UNTIMED } from './tcb.js'
import { armPersist, armRetransmit, startKeepAlive } from './timers.js'
import { mindUnusedWindow, UNUSED_PERIOD } from './unused-window.js'
import { freeSpace, selectWindow } from './window.js'

/**
 * Describes the next segment this connection has to send in `slot`, and takes it as sent. False when there is
 * nothing (more) to send now. Called by the stack after each batch of input, until it says no.
 */
export function transmit(tcb: Tcb, now: number, slot: TransmitSlot): boolean {
  slot.retransmission = false
  slot.segmentSize = 0
  slot.payloadLength = 0
  slot.urgentPointer = 0
  slot.ecn = 0
  if (tcb.owed & OWE.RESET) return sendReset(tcb, now, slot)
  switch (tcb.state) {
    case 'CLOSED':
    case 'LISTEN':
      return false
    case 'SYN_SENT':
      return (tcb.owed & OWE.SYN) !== 0 && sendSyn(tcb, now, slot)
    case 'TIME_WAIT':
      return sendAckIfOwed(tcb, now, slot)
  }
  if (tcb.owed & OWE.SYN) return sendSyn(tcb, now, slot)
  // Data waits for ESTABLISHED (section 3.10.2), unless a cookie has vouched for the peer (RFC 7413 section 4.2.2).
  if (tcb.state === 'SYN_RECEIVED' && !isEarly(tcb)) return sendAckIfOwed(tcb, now, slot)
  return (
    sendLossProbe(tcb, now, slot) ||
    retransmit(tcb, now, slot) ||
    sendNew(tcb, now, slot) ||
    sendProbe(tcb, now, slot) ||
    sendKeepAlive(tcb, now, slot) ||
    sendAckIfOwed(tcb, now, slot) ||
    rest(tcb, now)
  )
}

/** Nothing more can be sent for now. */
function rest(tcb: Tcb, now: number): false {
  tcb.chrono.note(limitOf(tcb), now)
  return false
}

function sendReset(tcb: Tcb, now: number, slot: TransmitSlot): boolean {
  tcb.owed &= ~OWE.RESET
  slot.seq = tcb.resetSeq
  slot.ack = 0
  slot.flags = RST
  slot.window = 0
  slot.optionsLength = 0
  if (tcb.resetAcks) {
    slot.flags |= ACK
    slot.ack = tcb.rcvNxt
    writeOptions(tcb, slot, now)
  }
  tcb.segmentsOut++
  tcb.lastSentAt = now
  return true
}

/** SYN in SYN_SENT, SYN,ACK once the peer's SYN is here; the first time or again. */
function sendSyn(tcb: Tcb, now: number, slot: TransmitSlot): boolean {
  tcb.owed &= ~OWE.SYN
  const answering = tcb.state !== 'SYN_SENT'
  slot.seq = tcb.iss
  slot.ack = answering ? tcb.rcvNxt : 0
  slot.flags = (answering ? SYN | ACK : SYN) | synEcn(tcb)
  slot.window = answering ? selectWindow(tcb, false) : Math.min(freeSpace(tcb), 65535)
  writeSynOptions(tcb, slot, now)
  slot.retransmission = tcb.synSent
  let text = 0
  if (slot.retransmission) {
    tcb.segmentsRetransmitted++
    tcb.timedAt = UNTIMED
  } else {
    tcb.synSent = true
    tcb.sndNxt = (tcb.iss + 1) | 0
    time(tcb, tcb.sndNxt, now)
    if (!answering) text = putDataOnSyn(tcb, slot, now)
  }
  if (answering) acknowledged(tcb)
  sent(tcb, now, text)
  // A SYN,ACK repeated because the SYN was does not put its own timer off.
  if (tcb.retransmitAt === Number.POSITIVE_INFINITY) armRetransmit(tcb, now)
  return true
}

/** What is taken to be lost, a segment at a time, or more where the link cuts it up. */
function retransmit(tcb: Tcb, now: number, slot: TransmitSlot): boolean {
  const { scoreboard } = tcb
  if (!scoreboard.hasLost) return false
  const { recovery } = tcb
  if (recovery.prefersNew) return false
  const lost = scoreboard.nextLost()
  if (!lost || !mayGo(tcb, now)) return false
  const { seq } = lost
  if (tcb.pathProbe?.wasLost(seq, now) && scoreboard.lost === lost.length) recovery.forgive(tcb, now)
  // Old data is sent again only inside the window the peer offers now (SHLD-16).
  const room = distance(seq, (tcb.sndUna + tcb.sndWnd) | 0)
  if (room <= 0) {
    if (seq === tcb.sndUna) armPersist(tcb, now)
    return false
  }
  writeOptions(tcb, slot, now)
  const mss = payloadLimit(tcb, slot)
  const congestionRoom = recovery.window(tcb) - scoreboard.pipe
  let limit = Math.min(mss, room)
  if (congestionRoom < Math.min(limit, lost.length) && !(seq === tcb.sndUna && recovery.urgesFirst))
    return false
  if (slot.burst > mss) {
    const most = Math.min(room, congestionRoom, burstSize(tcb, slot.burst, mss))
    if (most >= 2 * mss) limit = most - (most % mss)
  }
  // The FIN takes a number, but no room.
  const end = scoreboard.lostRun(lost, limit + 1)
  const length = Math.min(distance(seq, end), Math.max(0, distance(seq, tcb.queueEnd)), limit)
  const fin = tcb.finSent && length < room && ((seq + length) | 0) === tcb.queueEnd && end === tcb.sndNxt
  slot.segmentSize = length > mss ? mss : 0
  sendAgain(tcb, now, slot, seq, length, fin)
  armRetransmit(tcb, now)
  return true
}

/** Old data, and the FIN if it is among it. */
function sendAgain(
  tcb: Tcb,
  now: number,
  slot: TransmitSlot,
  seq: number,
  length: number,
  fin: boolean,
): void {
  slot.retransmission = true
  fillData(tcb, slot, seq, length, fin)
  const segment = tcb.scoreboard.sentAgain(seq, (seq + length + (fin ? 1 : 0)) | 0, now)
  tcb.rate?.onSent(segment, tcb.scoreboard, now)
  tcb.segmentsRetransmitted += slot.segments
  tcb.bytesRetransmitted += length
  // Karn: a segment that was sent twice measures nothing.
  if (tcb.timedAt >= 0 && lt(seq, tcb.timedSeq)) tcb.timedAt = UNTIMED
  sent(tcb, now, length, slot.segments)
  tcb.recovery.onSent(tcb, length, true, now)
}

/** New data and the FIN, as far as window, cwnd, Nagle and silly-window avoidance allow. */
function sendNew(tcb: Tcb, now: number, slot: TransmitSlot): boolean {
  const unsent = tcb.unsent
  const finDue = tcb.finQueued && !tcb.finSent
  if (unsent <= 0) tcb.rate?.noteLimited(tcb.scoreboard.pipe)
  if (unsent === 0 && !finDue) return false
  if (tcb.scoreboard.hasLost && !tcb.recovery.prefersNew) return false
  const seq = tcb.sndNxt
  // The window of a SYN counts from the octet after ours (Fast Open).
  const begins = tcb.synAcked || !isEarly(tcb) ? tcb.sndUna : (tcb.iss + 1) | 0
  const windowRoom = distance(seq, (begins + tcb.sndWnd) | 0)
  if (windowRoom <= 0) {
    armPersist(tcb, now)
    return false
  }
  if (tcb.flight === 0 || now - tcb.validatedAt >= UNUSED_PERIOD) mindUnusedWindow(tcb, now)
  // A FIN without data fills no path.
  const congestionRoom = unsent === 0 ? 1 : tcb.recovery.window(tcb) - tcb.scoreboard.pipe
  const room = Math.min(windowRoom, congestionRoom)
  if (room <= 0 || !mayGo(tcb, now)) return false
  writeOptions(tcb, slot, now)
  const mss = payloadLimit(tcb, slot)
  if (tcb.pathProbe && sendPathProbe(tcb, tcb.pathProbe, now, slot, Math.min(unsent, room), mss)) return true
  let length = Math.min(unsent, room, mss)
  if (slot.burst > mss && Math.min(unsent, room) > mss) {
    length = Math.min(unsent, room, burstSize(tcb, slot.burst, mss))
    // A short tail goes by itself, by the rules for short segments.
    if (length % mss !== 0) length -= length % mss
    slot.segmentSize = length > mss ? mss : 0
  }
  const last = length === unsent
  const fin = finDue && last && (length < windowRoom || length === 0)
  if (length < mss && !fin && !mayBeShort(tcb, length, last, now)) return false
  sendText(tcb, now, slot, length, fin, mss)
  if (tcb.retransmitAt === Number.POSITIVE_INFINITY || tcb.persisting) armRetransmit(tcb, now)
  tcb.recovery.onSent(tcb, length, false, now)
  return true
}

/** New data in a segment that is larger than others, with others behind it that will show whether it was lost (RFC 4821). */
function sendPathProbe(
  tcb: Tcb,
  probe: PathProbe,
  now: number,
  slot: TransmitSlot,
  room: number,
  mss: number,
): boolean {
  const size = probe.due(tcb, now)
  const length = size - 20 - slot.optionsLength
  if (length <= mss || room < length + tcb.config.duplicateAckThreshold * mss) return false
  const seq = tcb.sndNxt
  sendText(tcb, now, slot, length, false, length)
  probe.sent(seq, tcb.sndNxt, size)
  if (tcb.retransmitAt === Number.POSITIVE_INFINITY) armRetransmit(tcb, now)
  tcb.recovery.onSent(tcb, length, false, now)
  return true
}

/** `length` octets from SND.NXT on, and the FIN behind them if it is due, for the first time. */
function sendText(
  tcb: Tcb,
  now: number,
  slot: TransmitSlot,
  length: number,
  fin: boolean,
  mss: number,
): void {
  const seq = tcb.sndNxt
  fillData(tcb, slot, seq, length, fin)
  if ((tcb.ecn || tcb.accurate) && length > 0) markNewData(tcb, slot)
  tcb.sndNxt = (seq + length + (fin ? 1 : 0)) | 0
  const segment = tcb.scoreboard.append(seq, tcb.sndNxt, mss, now)
  // One that was made longer is as it was.
  if (segment.seq === seq) tcb.rate?.onSent(segment, tcb.scoreboard, now)
  if (length < mss && length > 0) tcb.sndSml = tcb.sndNxt
  if (fin) noteFinSent(tcb, now)
  if (tcb.timedAt < 0) time(tcb, tcb.sndNxt, now)
  tcb.bytesSent += length
  sent(tcb, now, length, slot.segments)
}

/**
 * How much goes to the link at once: what takes about a millisecond at the rate cwnd and the round trip allow, so that
 * bursts stay short on slow paths; but two segments at least, and all the link takes where the round trip is short.
 */
function burstSize(tcb: Tcb, most: number, mss: number): number {
  const { srtt, min } = tcb.rto
  // Two bursts at least are in flight, so that acknowledgments keep coming.
  const half = Math.min(most, Math.max(mss, tcb.congestion.cwnd >>> 1))
  if (srtt <= 0) return half
  // Each half millisecond of round trip halves what goes beyond that.
  const nearby = most / 2 ** Math.min(16, Math.floor(min / 0.5))
  return Math.min(half, Math.max(tcb.config.minBurst * mss, windowRate(tcb) + nearby))
}

/**
 * Whether a segment shorter than the MSS may go now: section 3.8.6.2.1 (2), (3), (4), with Minshall's form of
 * Nagle's rule, which lets one short segment follow full ones.
 */
function mayBeShort(tcb: Tcb, length: number, last: boolean, now: number): boolean {
  const nagleAllows = !tcb.nagle || le(tcb.sndSml, tcb.sndUna)
  if (last && nagleAllows && !tcb.corked && !tcb.moreComing) return true
  // Fs = 1/2: half of what the peer ever offered fills a small buffer as well as can be.
  if (!last && length * 2 >= tcb.maxSndWnd) return true
  // Nothing in flight will bring an ACK that changes this: the override timer will.
  if (tcb.flight === 0) armPersist(tcb, now)
  return false
}

/** The persist timer expired: one octet past the window, or what is outstanding, or the FIN (MUST-36). */
function sendProbe(tcb: Tcb, now: number, slot: TransmitSlot): boolean {
  if (!(tcb.owed & OWE.PROBE)) return false
  tcb.owed &= ~OWE.PROBE
  writeOptions(tcb, slot, now)
  if (tcb.sndWnd === 0 && tcb.config.windowProbe === 'empty') {
    // A number the peer has acknowledged: it must answer, and there is nothing to take.
    fillAck(tcb, slot, (tcb.sndUna - 1) | 0)
    sent(tcb, now, 0)
    return true
  }
  const again = tcb.flight > 0
  const seq = again ? tcb.sndUna : tcb.sndNxt
  const available = distance(seq, tcb.queueEnd)
  const room = Math.max(1, distance(seq, (tcb.sndUna + tcb.sndWnd) | 0))
  const length = Math.max(0, Math.min(available, room, payloadLimit(tcb, slot)))
  const fin = length === 0 && tcb.finQueued
  if (length === 0 && !fin) return false
  slot.retransmission = again
  fillData(tcb, slot, seq, length, fin)
  const end = (seq + length + (fin ? 1 : 0)) | 0
  if (tcb.sndWnd > 0 && end === tcb.queueEnd) slot.flags |= PSH
  if (gt(end, tcb.sndNxt)) {
    tcb.bytesSent += length
    tcb.scoreboard.append(tcb.sndNxt, end, tcb.mss, now)
    tcb.sndNxt = end
    // The octet of a probe is no small segment that the user wrote: the rest of the data need not wait for it.
    if (tcb.sndWnd > 0) tcb.sndSml = end
    if (fin) noteFinSent(tcb, now)
  } else {
    tcb.scoreboard.sentAgain(seq, end, now)
    tcb.segmentsRetransmitted++
    tcb.bytesRetransmitted += length
  }
  tcb.timedAt = UNTIMED
  sent(tcb, now, length)
  // Into an open window it is a segment like any other, with a timer that backs off (RFC 6298 section 5.5).
  if (tcb.sndWnd > 0) armRetransmit(tcb, now)
  return true
}

/** RFC 8985 section 7.3: new data if there is any, whatever cwnd says, or the last segment again. */
function sendLossProbe(tcb: Tcb, now: number, slot: TransmitSlot): boolean {
  if (!(tcb.owed & OWE.LOSS_PROBE)) return false
  tcb.owed &= ~OWE.LOSS_PROBE
  const last = tcb.scoreboard.tail
  if (!last || tcb.sndWnd === 0) return false
  writeOptions(tcb, slot, now)
  const mss = payloadLimit(tcb, slot)
  const room = distance(tcb.sndNxt, (tcb.sndUna + tcb.sndWnd) | 0)
  const length = Math.min(tcb.unsent, room, mss)
  if (length > 0) {
    const fin = tcb.finQueued && length === tcb.unsent && length < room
    sendText(tcb, now, slot, length, fin, mss)
    tcb.recovery.onProbe(tcb, false, now)
    return true
  }
  const fin = tcb.finSent
  const end = fin ? tcb.queueEnd : tcb.sndNxt
  // Inside the window the peer offers now (SHLD-16).
  if (gt(tcb.sndNxt, (tcb.sndUna + tcb.sndWnd) | 0)) return false
  const seq = max(max(last.seq, tcb.sndUna), (end - mss) | 0)
  sendAgain(tcb, now, slot, seq, Math.max(0, distance(seq, end)), fin)
  tcb.recovery.onProbe(tcb, true, now)
  return true
}

/** CLOSE-WAIT is left when the FIN is really sent (RFC 1122 section 4.2.2.20 (a)). */
function noteFinSent(tcb: Tcb, now: number): void {
  tcb.finSent = true
  if (tcb.state === 'CLOSE_WAIT') enter(tcb, 'T21', now)
}

/** RFC 9293 section 3.8.4: no data, one octet before what the peer expects, so that it must answer (SHLD-12). */
function sendKeepAlive(tcb: Tcb, now: number, slot: TransmitSlot): boolean {
  if (!(tcb.owed & OWE.KEEP_ALIVE)) return false
  tcb.owed &= ~OWE.KEEP_ALIVE
  writeOptions(tcb, slot, now)
  fillAck(tcb, slot, (tcb.sndNxt - 1) | 0)
  sent(tcb, now, 0)
  return true
}

function sendAckIfOwed(tcb: Tcb, now: number, slot: TransmitSlot): boolean {
  if (tcb.duplicateAcksOwed > 0) tcb.duplicateAcksOwed--
  // Each duplicate is reported by an acknowledgment of its own (RFC 2883 section 4).
  else if (!(tcb.owed & OWE.ACK) && !hasDuplicate(tcb)) return false
  const more = tcb.duplicateAcksOwed
  writeOptions(tcb, slot, now)
  fillAck(tcb, slot, acceptableSeq(tcb))
  tcb.duplicateAcksOwed = more
  sent(tcb, now, 0)
  return true
}

function time(tcb: Tcb, end: number, now: number): void {
  tcb.timedSeq = end
  tcb.timedAt = now
  tcb.timedAcked = tcb.bytesAcked
}

function sent(tcb: Tcb, now: number, length: number, segments = 1): void {
  tcb.segmentsOut += segments
  tcb.lastSentAt = now
  if (length > 0) {
    tcb.dataSegmentsOut += segments
    pace(tcb, length, now)
    tcb.flightAtSend = tcb.scoreboard.pipe
    // Question and answer: what comes next will be answered with data too.
    const since = tcb.lastDataReceivedAt < 0 ? Number.POSITIVE_INFINITY : now - tcb.lastDataReceivedAt
    if (since < tcb.config.delayedAck) tcb.quickAcks = 0
    tcb.lastDataSentAt = now
  }
  if (tcb.flight > 0 && tcb.userTimeoutAt === Number.POSITIVE_INFINITY)
    tcb.userTimeoutAt =
      now + (isSynchronized(tcb.state) ? tcb.userTimeout : Math.min(tcb.userTimeout, tcb.openTimeout))
  if (tcb.keepAlive && tcb.keepAliveAt === Number.POSITIVE_INFINITY) startKeepAlive(tcb, now)
}
