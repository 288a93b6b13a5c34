import { set16, set32 } from '../wire/bytes.js'
import {
  MAX_OPTIONS,
  OPTION_MSS,
  OPTION_NOP,
  OPTION_SACK,
  OPTION_SACK_PERMITTED,
  OPTION_TIMESTAMPS,
  OPTION_WINDOW_SCALE,
  type SegmentView,
} from '../wire/tcp.js'
import type { TransmitSlot } from './slot.js'
import type { Tcb } from './tcb.js'
import { tsClock } from './timestamps.js'

/** What both SYNs say (RFC 9293 section 3.2, RFC 7323, RFC 2018). */

const sackEdges = new Int32Array(8)

/**
 * Options of a SYN: everything we would like, or in a SYN,ACK what the peer also offered. In the order MSS, SACK,
 * timestamps, scale, which fills words without waste.
 */
export function writeSynOptions(tcb: Tcb, slot: TransmitSlot, now: number): void {
  const o = slot.options
  const answering = tcb.state !== 'SYN_SENT'
  o[0] = OPTION_MSS
  o[1] = 4
  set16(o, 2, tcb.announcedMss)
  let at = 4
  const sack = answering ? tcb.sack : tcb.config.sack
  const timestamps = answering ? tcb.timestamps : tcb.config.timestamps
  if (sack) {
    o[at++] = OPTION_SACK_PERMITTED
    o[at++] = 2
  }
  if (timestamps) {
    if (!sack) {
      o[at++] = OPTION_NOP
      o[at++] = OPTION_NOP
    }
    at = writeTimestamps(tcb, slot, at, now)
  } else if (sack) {
    o[at++] = OPTION_NOP
    o[at++] = OPTION_NOP
  }
  if (answering ? tcb.windowScaling : tcb.config.windowScaling) {
    o[at++] = OPTION_NOP
    o[at++] = OPTION_WINDOW_SCALE
    o[at++] = 3
    o[at++] = tcb.rcvScale
  }
  slot.optionsLength = at
}

/** Options of every other segment: timestamps once agreed on, and SACK blocks while data is out of order. */
export function writeOptions(tcb: Tcb, slot: TransmitSlot, now: number): void {
  const o = slot.options
  let at = 0
  if (tcb.timestamps) {
    o[at++] = OPTION_NOP
    o[at++] = OPTION_NOP
    at = writeTimestamps(tcb, slot, at, now)
  }
  // Text that came with a SYN waits at RCV.NXT for the connection to open: there is no gap before it to tell of.
  if (tcb.sack && tcb.reassembly && tcb.reassembly.firstSeq(tcb.rcvNxt) !== tcb.rcvNxt) {
    const n = tcb.reassembly.ranges(sackEdges, (MAX_OPTIONS - at - 4) >>> 3)
    o[at++] = OPTION_NOP
    o[at++] = OPTION_NOP
    o[at++] = OPTION_SACK
    o[at++] = 2 + 8 * n
    for (let i = 0; i < 2 * n; i++, at += 4) set32(o, at, sackEdges[i]!)
  }
  slot.optionsLength = at
}

function writeTimestamps(tcb: Tcb, slot: TransmitSlot, at: number, now: number): number {
  const o = slot.options
  o[at] = OPTION_TIMESTAMPS
  o[at + 1] = 10
  set32(o, at + 2, tsClock(tcb, now))
  set32(o, at + 6, tcb.tsRecent)
  return at + 10
}

/** Takes what the peer's SYN offers; an option is in force only if both SYNs carry it. */
export function readSynOptions(tcb: Tcb, seg: SegmentView, now: number): void {
  const { config } = tcb
  // No MSS option means the default (MUST-15); a very small one would multiply our cost.
  tcb.peerMss = seg.mss < 0 ? tcb.defaultMss : Math.max(seg.mss, config.minMss)
  tcb.windowScaling = config.windowScaling && seg.windowScale >= 0
  // RFC 7323 section 2.3: more than 14 is used as 14.
  tcb.sndScale = tcb.windowScaling ? Math.min(seg.windowScale, 14) : 0
  if (!tcb.windowScaling) tcb.rcvScale = 0
  tcb.timestamps = config.timestamps && seg.hasTimestamps
  if (tcb.timestamps) {
    tcb.tsRecent = seg.tsVal
    tcb.tsRecentAt = now
  }
  tcb.sack = config.sack && seg.sackPermitted
  updateMss(tcb)
}

/**
 * The effective send MSS (section 3.7.1, MUST-16): min(SendMSS + 20, MMS_S) - 20 - options.
 */
export function updateMss(tcb: Tcb): void {
  tcb.mss = Math.max(1, Math.min(tcb.peerMss, tcb.maxSegment - 20) - (tcb.timestamps ? 12 : 0))
  tcb.congestion.onMss(tcb.mss)
}
