import type { SegmentView } from '../wire/tcp.js'
import { add, distance, lt, min } from './sequence.js'
import type { Tcb } from './tcb.js'

/** What SACK options say: out-of-order ranges (RFC 2018), after the latest duplicate (RFC 2883). */

/** The largest window there is, RFC 7323 section 2.3. */
const MAX_WINDOW = 1 << 30

/** Octets that were received before have come again: they are reported once, with the next acknowledgment. */
export function noteDuplicate(tcb: Tcb, seq: number, length: number): void {
  const end = min(add(seq, length), tcb.rcvNxt)
  // Only what was received: not what lies before the SYN, nor so far back that it would soon seem to be ahead.
  if (tcb.config.dsack && lt(seq, end) && inReach(tcb, seq)) setDuplicate(tcb, seq, end)
}

/** The same for a segment above RCV.NXT that repeats part of what waits for reassembly. */
export function noteOverlap(tcb: Tcb, seg: SegmentView): void {
  const { reassembly } = tcb
  if (!tcb.config.dsack || !reassembly) return
  const end = add(seg.seq, seg.payloadLength)
  const overlap = reassembly.overlap(seg.seq, end)
  if (overlap) setDuplicate(tcb, overlap.start, overlap.end)
}

const inReach = (tcb: Tcb, seq: number): boolean => {
  const behind = distance(seq, tcb.rcvNxt)
  return behind > 0 && behind <= Math.min(MAX_WINDOW, tcb.bytesReceived + 1)
}

function setDuplicate(tcb: Tcb, start: number, end: number): void {
  tcb.dsackStart = start
  tcb.dsackEnd = end
}

/** A duplicate waits to be reported. */
export const hasDuplicate = (tcb: Tcb): boolean => tcb.dsackStart !== tcb.dsackEnd

/** Fills `edges` with at most `max` ranges, the duplicate first; returns how many. */
export function sackRanges(tcb: Tcb, edges: Int32Array, max: number): number {
  const { reassembly } = tcb
  const duplicate = hasDuplicate(tcb) ? 1 : 0
  // Text that came with a SYN waits at RCV.NXT for the connection to open: there is no gap before it to tell of.
  const gap = reassembly && reassembly.firstSeq(tcb.rcvNxt) !== tcb.rcvNxt
  const held = gap ? reassembly.ranges(edges, max - duplicate) : 0
  if (duplicate === 0) return held
  edges.copyWithin(2, 0, 2 * held)
  edges[0] = tcb.dsackStart
  edges[1] = tcb.dsackEnd
  tcb.dsackStart = tcb.dsackEnd = 0
  return held + 1
}
