import { distance, gt, min } from './sequence.js'
import type { Tcb } from './tcb.js'

/**
 * The receive window (RFC 9293 section 3.8.6). `rcvAdv`, the right edge promised so far, never moves left and moves
 * right only by steps worth a segment (receiver-side silly window avoidance, MUST-39).
 */

/** Where the right edge could be: what the buffer has room for. */
const possibleEdge = (tcb: Tcb): number => (tcb.rcvNxt + Math.max(0, freeSpace(tcb))) | 0

/** Bytes of the receive buffer that in-order data does not fill. */
export const freeSpace = (tcb: Tcb): number => tcb.receiveBuffer - tcb.receiveQueue.length

const smallestStep = (tcb: Tcb): number => Math.min(tcb.receiveBuffer >>> 1, tcb.announcedMss)

/**
 * The window field of the next segment; promises what it says. `scaled` is false for SYNs (RFC 7323 section 2.2).
 */
export function selectWindow(tcb: Tcb, scaled: boolean): number {
  const edge = possibleEdge(tcb)
  const window = Math.max(0, distance(tcb.rcvNxt, offeredEdge(tcb, edge)))
  const shift = scaled ? tcb.rcvScale : 0
  let field = Math.min(window >>> shift, 65535)
  if (tcb.config.windowRounding === 'up' && field << shift < window && field < 65535) field++
  if (gt(tcb.rcvAdv, (tcb.rcvNxt + (field << shift)) | 0) && field < 65535) {
    // Rounding down would take back what was promised (SHLD-14): round up, as long as the buffer is not overdrawn
    // by more than one unit of the scale. Past that somebody fills it octet by octet, and the edge we say falls back by
    // less than a unit (RFC 7323 section 2.4); `rcvAdv`, which decides what is accepted, does not.
    const unit = 2 ** shift
    if (window + unit <= freeSpace(tcb) + 2 * unit) field++
  }
  const promised = (tcb.rcvNxt + (field << shift)) | 0
  if (gt(promised, tcb.rcvAdv)) tcb.rcvAdv = promised
  return field
}

/** Where the right edge goes: never back, and not by silly steps. */
function offeredEdge(tcb: Tcb, edge: number): number {
  const step = smallestStep(tcb)
  const enough =
    tcb.config.windowAdvance === 'steps'
      ? distance(tcb.rcvAdv, edge) >= step
      : gt(edge, tcb.rcvAdv) && distance(tcb.rcvNxt, edge) >= step
  return enough ? edge : tcb.rcvAdv
}

/** True if the user has read enough that the peer, who may be waiting, ought to be told. */
export function windowUpdateIsDue(tcb: Tcb): boolean {
  // More than the header can say is nothing to tell.
  const most = (tcb.rcvNxt + 65535 * 2 ** tcb.rcvScale) | 0
  const gain = distance(tcb.rcvAdv, min(possibleEdge(tcb), most))
  const step = smallestStep(tcb)
  if (tcb.config.windowUpdate === 'doubled') return gain >= Math.max(step, tcb.rcvWnd)
  return gain >= 2 * step && gain >= tcb.receiveBuffer >>> 2
}
