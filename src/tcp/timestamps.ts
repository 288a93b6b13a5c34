import type { SegmentView } from '../wire/tcp.js'
import { le, lt } from './sequence.js'
import type { Tcb } from './tcb.js'

/** RFC 7323: the timestamp clock, TS.Recent, and protection against wrapped sequence numbers. */

/** A TSval older than this says nothing: the peer's clock may have wrapped (section 5.5). */
const OUTDATED = 24 * 24 * 3600 * 1000

/** Our timestamp clock: one tick each millisecond, from an offset of the connection's own (section 5.4). */
export const tsClock = (tcb: Tcb, now: number): number => (Math.floor(now) + tcb.tsOffset) | 0

/** Section 5.3 R1: true if the segment carries a timestamp older than one already seen on this connection. */
export function isOldDuplicate(tcb: Tcb, seg: SegmentView, now: number): boolean {
  return (
    seg.hasTimestamps && tcb.tsRecentAt >= 0 && now - tcb.tsRecentAt < OUTDATED && lt(seg.tsVal, tcb.tsRecent)
  )
}

/**
 * Section 4.3: TS.Recent follows segments that begin at or before the last acknowledgment sent, so that a lost
 * ACK's echo measures from the first segment it covers. Called for acceptable segments only; `begins` is SEG.SEQ
 * before any trimming.
 */
export function updateTsRecent(tcb: Tcb, seg: SegmentView, begins: number, now: number): void {
  if (!seg.hasTimestamps || !le(begins, tcb.lastAckSent)) return
  if (tcb.tsRecentAt >= 0 && lt(seg.tsVal, tcb.tsRecent) && now - tcb.tsRecentAt < OUTDATED) return
  tcb.tsRecent = seg.tsVal
  tcb.tsRecentAt = now
}

/** When that was sent which TSecr echoes, in ms of our clock and no finer; -1 if it is not an echo of ours. */
export function echoedAt(tcb: Tcb, seg: SegmentView, now: number): number {
  const rtt = echoedRtt(tcb, seg, now)
  return rtt < 0 ? -1 : Math.floor(now) - rtt
}

/** The round trip that TSecr measures, in ms; -1 if it is not an echo of ours. */
export function echoedRtt(tcb: Tcb, seg: SegmentView, now: number): number {
  if (!seg.hasTimestamps || seg.tsEcr === 0) return -1
  const rtt = (tsClock(tcb, now) - seg.tsEcr) | 0
  return rtt < 0 ? -1 : rtt
}
