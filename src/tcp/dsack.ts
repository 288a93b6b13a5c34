import type { SegmentView } from '../wire/tcp.js'
import { acknowledgeQuickly } from './quick-acks.js'
import { add, distance, lt, min } from './sequence.js'
import type { Tcb } from './tcb.js'

/** What SACK options say: out-of-order ranges (RFC 2018), after the latest duplicate (RFC 2883). */

/** The largest window there is, RFC 7323 section 2.3. */
const MAX_WINDOW = 1 << 30

/** Duplicates that wait to be reported, at most: others are forgotten. */
const MOST = 32

/** Octets that were received before have come again: they are reported once, each with an acknowledgment of its own. */
export function noteDuplicate(tcb: Tcb, seq: number, length: number): void {
  const end = min(add(seq, length), tcb.rcvNxt)
  // Only what was received: not what lies before the SYN, nor so far back that it would soon seem to be ahead.
  if (!lt(seq, end) || !inReach(tcb, seq)) return
  wait(tcb, seq, end)
  acknowledgeQuickly(tcb)
}

/** The same for a segment above RCV.NXT that repeats part of what waits for reassembly; one report for each segment. */
export function noteOverlap(tcb: Tcb, seg: SegmentView): void {
  if (seg.repeats) return
  const overlap = tcb.reassembly?.overlap(seg.seq, add(seg.seq, seg.payloadLength))
  if (!overlap) return
  tcb.duplicateIn++
  wait(tcb, overlap.start, overlap.end)
}

const inReach = (tcb: Tcb, seq: number): boolean => {
  const behind = distance(seq, tcb.rcvNxt)
  return behind > 0 && behind <= Math.min(MAX_WINDOW, tcb.bytesReceived + 1)
}

function wait(tcb: Tcb, start: number, end: number): void {
  if (!tcb.sack || !tcb.config.dsack) return
  tcb.duplicates ??= []
  if (tcb.duplicates.length < 2 * MOST) tcb.duplicates.push(start, end)
}

/** A duplicate waits to be reported. */
export const hasDuplicate = (tcb: Tcb): boolean => tcb.duplicates !== null

/** Fills `edges` with at most `max` ranges, the duplicate first; returns how many. */
export function sackRanges(tcb: Tcb, edges: Int32Array, max: number): number {
  const { reassembly } = tcb
  const { duplicates } = tcb
  const duplicate = duplicates ? 1 : 0
  // Text that came with a SYN waits at RCV.NXT for the connection to open: there is no gap before it to tell of.
  const gap = reassembly && reassembly.firstSeq(tcb.rcvNxt) !== tcb.rcvNxt
  const held = gap ? reassembly.ranges(edges, max - duplicate, tcb.duplicateAcksOwed) : 0
  if (!duplicates) return held
  edges.copyWithin(2, 0, 2 * held)
  edges[0] = duplicates[0]!
  edges[1] = duplicates[1]!
  return held + 1
}

/** A segment with those ranges goes out: its duplicate has been reported. */
export function duplicateReported(tcb: Tcb): void {
  tcb.duplicates!.splice(0, 2)
  if (tcb.duplicates!.length === 0) tcb.duplicates = null
}
