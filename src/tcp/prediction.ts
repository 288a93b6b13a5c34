import type { SegmentView } from '../wire/tcp.js'
import type { Tcb } from './tcb.js'
import { urgTextAndFin } from './text.js'

/**
 * Header prediction (RFC 7323 section 5.6): what comes right behind a segment of text, with the same header, brings more
 * text and nothing else.
 */

/**
 * Whether that is so behind `seg`, which has just been taken: for a segment with the same header but for SEG.SEQ, which is
 * RCV.NXT, the first five steps of RFC 9293 section 3.10.7.4 come to nothing.
 */
export function predictsText(tcb: Tcb, seg: SegmentView): boolean {
  return (
    tcb.reaction === 'R24' &&
    tcb.state === 'ESTABLISHED' &&
    // Nothing is outstanding of which the same acknowledgment could say something once more.
    seg.ack === tcb.sndUna &&
    tcb.sndUna === tcb.sndNxt &&
    seg.sackCount === 0 &&
    // SND.WND is what this segment says.
    tcb.sndWl1 === seg.seq &&
    !tcb.finReceived &&
    (!tcb.reassembly || tcb.reassembly.isEmpty) &&
    // These look at every acknowledgment.
    !tcb.accurate &&
    !tcb.rate
  )
}

/** The rest of the steps for such a segment. It must be in the window. */
export function predictedArrives(tcb: Tcb, seg: SegmentView, now: number): void {
  tcb.segmentsIn++
  tcb.ackedRtt = -1
  tcb.sndWl1 = seg.seq
  urgTextAndFin(tcb, seg, now)
}
