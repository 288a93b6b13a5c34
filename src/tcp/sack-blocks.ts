import type { SegmentView } from '../wire/tcp.js'
import type { Delivered } from './scoreboard.js'
import { add, distance, ge, gt, le, lt } from './sequence.js'
import type { Tcb } from './tcb.js'

/** Further back than the largest window (RFC 7323 section 2.3) a number is from another life. */
const MAX_WINDOW = 1 << 30

/** What the SACK option of an acknowledgment said. */
export interface SackReport {
  /** Octets that were not reported before. */
  news: number
  /** Its first block is a D-SACK: these octets came twice. */
  duplicate: boolean
  duplicateStart: number
  duplicateEnd: number
}

/**
 * Reads the blocks into the scoreboard. What was never sent is not believed, nor what lies below SND.UNA, unless it is
 * a D-SACK (RFC 2883 section 4).
 */
export function readBlocks(tcb: Tcb, seg: SegmentView, report: SackReport, arrived: Delivered): void {
  report.news = 0
  report.duplicate = false
  const { sackEdges, sackCount } = seg
  if (sackCount === 0) return
  if (isDuplicate(tcb, seg)) {
    report.duplicate = true
    report.duplicateStart = sackEdges[0]!
    report.duplicateEnd = sackEdges[1]!
  }
  // From the lowest upwards: they come in the order of their arrival.
  let from = tcb.sndUna
  for (;;) {
    let next = -1
    for (let i = 0; i < sackCount; i++) {
      const start = sackEdges[2 * i]!
      const end = sackEdges[2 * i + 1]!
      if (lt(start, from) || !lt(start, end) || gt(end, tcb.sndNxt)) continue
      if (next < 0 || lt(start, sackEdges[next]!)) next = 2 * i
    }
    if (next < 0) return
    report.news += tcb.scoreboard.sack(sackEdges[next]!, sackEdges[next + 1]!, tcb.mss, arrived)
    from = add(sackEdges[next]!, 1)
  }
}

/** A first block that lies below the acknowledgment, or in the second block. */
function isDuplicate(tcb: Tcb, { ack, sackEdges, sackCount }: SegmentView): boolean {
  const start = sackEdges[0]!
  const end = sackEdges[1]!
  if (!lt(start, end) || gt(end, tcb.sndNxt)) return false
  if (lt(start, ack)) return le(end, ack) && distance(start, ack) <= Math.min(MAX_WINDOW, tcb.bytesAcked + 1)
  return sackCount > 1 && ge(start, sackEdges[2]!) && le(end, sackEdges[3]!)
}
