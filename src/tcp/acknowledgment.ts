import { ECE, FIN, type SegmentView, SYN } from '../wire/tcp.js'
import type { AccurateEcn } from './accurate-ecn.js'
import type { AckSample } from './congestion.js'
import { echoArrives } from './ecn.js'
import { synWasAcked } from './fast-open.js'
import { distance, ge, gt, le, lt } from './sequence.js'
import { EV, type Tcb, UNTIMED } from './tcb.js'
import { armRetransmit, rearmAfterAck } from './timers.js'
import { echoedRtt } from './timestamps.js'

const sample: AckSample = { acked: 0, most: 0, flight: 0, now: 0, rtt: -1, srtt: -1, sndUna: 0, sndNxt: 0 }

/**
 * The fifth step for an acknowledgment that is in range, in ESTABLISHED and after (section 3.10.7.4): SND.UNA, the
 * send window, the round-trip time, and what they mean to recovery and congestion control.
 */
export function ackArrives(tcb: Tcb, seg: SegmentView, now: number): void {
  const advances = gt(seg.ack, tcb.sndUna)
  tcb.moreComing = false
  tcb.ackedRtt = -1
  tcb.rate?.begin(tcb.scoreboard.everLost)
  if (tcb.ecn && seg.flags & ECE) echoArrives(tcb, seg, now)
  const { accurate } = tcb
  // What ends a handshake says how the SYN arrived, and nothing of text.
  if (accurate) accurate.begin(tcb.synAcked ? missing(tcb) : -1)
  if (advances) advance(tcb, seg, now)
  else {
    if (tcb.reaction === '') tcb.reaction = 'R23'
    // One that was overtaken may still report something.
    const reports = (tcb.flight > 0 && seg.ack === tcb.sndUna) || seg.sackCount > 0
    const credit = reports ? tcb.recovery.onAck(tcb, seg, 0, isDuplicate(tcb, seg), now) : 0
    if (accurate) feedbackArrives(tcb, accurate, seg, now)
    if (credit > 0) raiseWindow(tcb, seg, credit, tcb.flight, now)
    // The peer answers our probes: it lives, whatever its window says (MUST-37).
    tcb.probes = 0
    if (tcb.persisting && tcb.flight > 0) tcb.userTimeoutAt = now + tcb.userTimeout
  }
  if (tcb.rate) {
    const limited = tcb.flightAtSend + tcb.mss >= tcb.congestion.cwnd
    tcb.congestion.onSample!(tcb.rate.end(tcb, limited, now))
  }
  updateWindow(tcb, seg, advances, now)
}

function advance(tcb: Tcb, seg: SegmentView, now: number): void {
  const flight = tcb.flight
  const acked = distance(tcb.sndUna, seg.ack)
  const synAcked = !tcb.synAcked
  tcb.synAcked = true
  tcb.sndUna = seg.ack
  if (tcb.reaction === '') tcb.reaction = 'ACKED'
  releaseAcked(tcb)
  if (tcb.urgentSending && ge(tcb.sndUna, tcb.sndUp)) tcb.urgentSending = false
  measure(tcb, seg, now)
  if (synAcked && tcb.synRetransmitted) {
    tcb.rto.restartAfterSynLoss()
    tcb.congestion.onSynLoss()
  }
  // New data acknowledged: the backed-off RTO may go only with a valid sample (RFC 6298 section 5, Karn).
  tcb.retransmits = 0
  tcb.probes = 0
  tcb.icmpError = null
  if (lt(tcb.sndSml, tcb.sndUna)) tcb.sndSml = tcb.sndUna
  rearmAfterAck(tcb, now)
  // A SYN is not recovered, but repeated.
  const text = synAcked ? acked - 1 : acked
  const credit = tcb.scoreboard.isEmpty ? 0 : tcb.recovery.onAck(tcb, seg, text, false, now)
  if (synAcked) synWasAcked(tcb)
  tcb.pathProbe?.acknowledged(tcb, now)
  if (tcb.accurate) feedbackArrives(tcb, tcb.accurate, seg, now)
  raiseWindow(tcb, seg, credit, flight, now)
}

/**
 * Tells the controller of `credit` octets that have arrived. Only a window that was used may grow: to twice what was in
 * flight in slow start, later to a segment more than that (draft-ietf-ccwg-ratelimited-increase). `flight` is FlightSize
 * before the acknowledgment.
 */
function raiseWindow(tcb: Tcb, seg: SegmentView, credit: number, flight: number, now: number): void {
  const { cwnd, ssthresh } = tcb.congestion
  const used = Math.max(tcb.flightAtSend, tcb.scoreboard.pipe)
  const most = cwnd < ssthresh ? 2 * used : used + tcb.mss
  if (2 * used >= cwnd) tcb.validatedAt = now
  // What echoes congestion lets nothing grow (RFC 3168 section 6.1.2).
  const congested = tcb.accurate?.congested ?? (tcb.ecn && (seg.flags & ECE) !== 0)
  if (credit === 0 || cwnd >= most || congested) return
  sample.acked = credit
  sample.most = tcb.config.capIncrease ? most : Number.POSITIVE_INFINITY
  sample.flight = flight
  sample.now = now
  sample.rtt = tcb.ackedRtt
  sample.srtt = tcb.rto.srtt
  sample.sndUna = tcb.sndUna
  sample.sndNxt = tcb.sndNxt
  tcb.congestion.onAck(sample)
  tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'acknowledgment', now)
}

/** Octets outstanding that the peer has not reported to have. */
const missing = (tcb: Tcb): number => tcb.flight - tcb.scoreboard.sacked

/** RFC 9768: the marks that our segments had when they arrived, which is answered as an echo of RFC 3168 is. */
function feedbackArrives(tcb: Tcb, accurate: AccurateEcn, seg: SegmentView, now: number): void {
  const newer = tcb.timestamps && seg.hasTimestamps && lt(tcb.tsRecent, seg.tsVal)
  accurate.feedbackArrives(tcb, seg, missing(tcb), newer)
  if (accurate.congested) echoArrives(tcb, seg, now)
}

/** Drops acknowledged octets from the send queue; SYN and FIN are not in it. */
function releaseAcked(tcb: Tcb): void {
  const n = Math.min(distance(tcb.queueSeq, tcb.sndUna), tcb.sendQueue.length)
  if (n <= 0) return
  tcb.sendQueue.release(n)
  tcb.queueSeq = (tcb.queueSeq + n) | 0
  tcb.bytesAcked += n
  tcb.events |= tcb.sendQueue.length < tcb.sendLimit ? EV.ACKNOWLEDGED | EV.WRITABLE : EV.ACKNOWLEDGED
}

/**
 * RFC 6298 section 3: one segment in each round trip is timed, with our fine clock. If it had to be sent again, the
 * echoed timestamp measures in its place (RFC 7323 section 4), in whole milliseconds.
 */
function measure(tcb: Tcb, seg: SegmentView, now: number): void {
  if (tcb.timedAt >= 0 && ge(tcb.sndUna, tcb.timedSeq)) {
    const rtt = now - tcb.timedAt
    tcb.timedAt = -1
    if (rtt > 0 && !tcb.rate) tcb.deliveryRate = ((tcb.bytesAcked - tcb.timedAcked) / rtt) * 1000
    tcb.rto.sample(rtt)
    return
  }
  if (!tcb.timestamps || tcb.timedAt !== UNTIMED) return
  const rtt = echoedRtt(tcb, seg, now)
  tcb.timedAt = -1
  if (rtt >= 0) tcb.rto.sample(rtt, 0.5)
}

/** RFC 5681 section 2: data outstanding, no data in it, no SYN or FIN, SND.UNA again, the window unchanged. */
function isDuplicate(tcb: Tcb, seg: SegmentView): boolean {
  return (
    seg.ack === tcb.sndUna &&
    tcb.flight > 0 &&
    // Answers to probes of a closed window say nothing about losses.
    tcb.sndWnd > 0 &&
    !tcb.persisting &&
    seg.payloadLength === 0 &&
    (seg.flags & (SYN | FIN)) === 0 &&
    scaledWindow(tcb, seg) === tcb.sndWnd
  )
}

/** SEG.WND in bytes; that of a SYN is never scaled (RFC 7323 section 2.2). */
export const scaledWindow = (tcb: Tcb, seg: SegmentView): number =>
  seg.isSyn ? seg.window : seg.window << tcb.sndScale

/** SND.WND, unless the segment is older than the one it was last taken from. */
function updateWindow(tcb: Tcb, seg: SegmentView, advances: boolean, now: number): void {
  // What acknowledges more is newer, though it ride on a retransmission: with SND.UNA moved and SND.WND as it was, the
  // right edge would move to where nobody promised it.
  const newer = advances || lt(tcb.sndWl1, seg.seq) || (tcb.sndWl1 === seg.seq && le(tcb.sndWl2, seg.ack))
  if (!newer || lt(seg.ack, tcb.sndUna)) return
  const window = scaledWindow(tcb, seg)
  const opened = tcb.sndWnd === 0 && window > 0
  tcb.sndWnd = window
  if (window > tcb.maxSndWnd) tcb.maxSndWnd = window
  tcb.sndWl1 = seg.seq
  tcb.sndWl2 = seg.ack
  if (!opened) return
  tcb.persistBackoff = 0
  if (tcb.persisting && tcb.flight > 0) {
    // What was sent into the closed window was only a probe: send it again, with what belongs behind it.
    tcb.recovery.resend(tcb, tcb.sndUna)
    armRetransmit(tcb, now)
  } else if (tcb.persisting) {
    tcb.persisting = false
    tcb.retransmitAt = Number.POSITIVE_INFINITY
  }
}
