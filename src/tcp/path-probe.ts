import { updateMss } from './options.js'
import { ge } from './sequence.js'
import type { Tcb } from './tcb.js'

/**
 * Packetization layer path MTU discovery, RFC 4821: where no router says that packets are too big (RFC 2923), a
 * connection finds out by itself. Sizes are those of TCP segments, header included, in bytes.
 */

/** What is tried when large segments seem to vanish: 1024 bytes of text, then what every path takes. */
const STEPS_4 = [1044, 556]
const STEPS_6 = [1240]

/** The search ends when so little is left to be gained. */
const ENOUGH = 16

/** Pauses after a probe that was too big, and before the search begins anew, in ms. */
const AFTER_FAILURE = 1000
const AFTER_SEARCH = 600_000

/** A search between what gets through and what might. */
export class PathProbe {
  /** The probe that is under way. */
  private seq = 0
  private end = 0
  /** Its size; 0 if there is none. */
  private size = 0
  private nextAt: number
  private high: number

  constructor(
    private low: number,
    /** Where the search began: above it nothing is tried. */
    private readonly most: number,
    now: number,
  ) {
    this.high = most
    this.nextAt = now + AFTER_FAILURE
  }

  /** The size of the probe that is to be sent now; 0 if none is. */
  due(tcb: Tcb, now: number): number {
    if (this.size > 0 || now < this.nextAt || tcb.scoreboard.hasLost || tcb.retransmits > 0) return 0
    if (this.high - this.low < ENOUGH) this.high = this.most
    return Math.min(Math.ceil((this.low + this.high) / 2), tcb.peerMss + 20)
  }

  sent(seq: number, end: number, size: number): void {
    this.seq = seq
    this.end = end
    this.size = size
  }

  /** Everything before SND.UNA has arrived. */
  acknowledged(tcb: Tcb, now: number): void {
    if (this.size === 0 || !ge(tcb.sndUna, this.end)) return
    this.low = tcb.maxSegment = this.size
    this.size = 0
    this.nextAt = this.high - this.low < ENOUGH ? now + AFTER_SEARCH : now
    updateMss(tcb)
  }

  /** True if what is lost from `seq` on is the probe: it was too big, which is no congestion (section 7.7). */
  wasLost(seq: number, now: number): boolean {
    if (this.size === 0 || seq !== this.seq) return false
    this.failed(now)
    return true
  }

  /** Also when a timeout leaves it open what was lost. */
  failed(now: number): void {
    if (this.size === 0) return
    this.high = this.size - 1
    this.size = 0
    this.nextAt = now + (this.high - this.low < ENOUGH ? AFTER_SEARCH : AFTER_FAILURE)
  }
}

/** Timeouts in a row, of segments that are not small: perhaps the path loses what is larger (section 7.7). */
export function suspectBlackHole(tcb: Tcb, now: number): void {
  const { config, maxSegment } = tcb
  tcb.pathProbe?.failed(now)
  if (!config.pathMtuProbing || tcb.retransmits < config.r1 || (tcb.retransmits - config.r1) % 2 !== 0) return
  // IPv6 is told by its default MSS.
  const steps = tcb.defaultMss > 536 ? STEPS_6 : STEPS_4
  const next = steps.find(size => size < maxSegment)
  if (next === undefined || Math.min(tcb.flight, tcb.mss) <= next - 32) return
  tcb.pathProbe = new PathProbe(next, maxSegment - 1, now)
  tcb.maxSegment = next
  updateMss(tcb)
}
