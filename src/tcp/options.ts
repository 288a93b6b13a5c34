import { set16, set32 } from '../wire/bytes.js'
import {
  MAX_OPTIONS,
  OPTION_END,
  OPTION_MSS,
  OPTION_NOP,
  OPTION_SACK,
  OPTION_SACK_PERMITTED,
  OPTION_TIMESTAMPS,
  OPTION_WINDOW_SCALE,
  type SegmentView,
} from '../wire/tcp.js'
import { writeSynAckOption } from './accurate-ecn.js'
import type { SynOption } from './config.js'
import { sackRanges } from './dsack.js'
import { readCookie, writeFastOpen } from './fast-open.js'
import type { TransmitSlot } from './slot.js'
import type { Tcb } from './tcb.js'
import { tsClock } from './timestamps.js'

/** What both SYNs say (RFC 9293 section 3.2, RFC 7323, RFC 2018). */

const sackEdges = new Int32Array(8)

/** Options of a SYN: everything we would like, or in a SYN,ACK what the peer also offered. */
export function writeSynOptions(tcb: Tcb, slot: TransmitSlot, now: number): void {
  const { config } = tcb
  const o = slot.options
  if (config.noOptions) {
    slot.optionsLength = 0
    return
  }
  o[0] = OPTION_MSS
  o[1] = 4
  // IPv6 is told by its default MSS.
  const byPath =
    config.announcePathMss === 'always' || (config.announcePathMss === 'ipv6' && tcb.defaultMss > 536)
  set16(o, 2, byPath ? Math.min(tcb.announcedMss, tcb.maxSegment - 20) : tcb.announcedMss)
  let at = 4
  const plain = tcb.state === 'SYN_SENT' && tcb.retransmits >= config.plainSynAfter
  // What is told of marks fits whole words in front of all, or behind timestamps.
  if (!offers(tcb, 'timestamps')) at = writeSynAckOption(tcb, o, at)
  for (const name of config.synOptions) {
    if (plain || !offers(tcb, name)) continue
    at = writeSynOption(tcb, o, at, name, now)
    if (name === 'timestamps') at = writeSynAckOption(tcb, o, at)
  }
  if (tcb.fastOpen) at = writeFastOpen(tcb, o, at)
  while (at & 3) o[at++] = OPTION_END
  slot.optionsLength = at
}

/** In a SYN what we would like, in a SYN,ACK what the peer would like too. */
function offers(tcb: Tcb, name: SynOption): boolean {
  const asking = tcb.state === 'SYN_SENT'
  switch (name) {
    case 'sack':
      return asking ? tcb.config.sack : tcb.sack
    case 'timestamps':
      return asking ? tcb.config.timestamps : tcb.timestamps
    case 'scale':
      return asking ? tcb.config.windowScaling : tcb.windowScaling
  }
}

/**
 * One option at `at`; returns where the next may go. Filling in front makes each end on a word, SACK-permitted and
 * timestamps together; filling behind only puts fields where they can be read as they are.
 */
function writeSynOption(tcb: Tcb, o: Uint8Array, at: number, name: SynOption, now: number): number {
  const front = tcb.config.synOptionFill === 'front'
  switch (name) {
    case 'sack': {
      const together = tcb.config.synOptions[tcb.config.synOptions.indexOf('sack') + 1] === 'timestamps'
      if (front && !(together && offers(tcb, 'timestamps'))) at = fill(o, at, 2)
      o[at] = OPTION_SACK_PERMITTED
      o[at + 1] = 2
      return at + 2
    }
    case 'timestamps':
      return writeTimestamps(tcb, o, fill(o, at, 2), now)
    case 'scale':
      at = fill(o, at, front ? 1 : at | 1)
      o[at] = OPTION_WINDOW_SCALE
      o[at + 1] = 3
      o[at + 2] = tcb.rcvScale
      return at + 3
  }
}

/** NOPs until `at` leaves `remainder` when divided by a word. */
function fill(o: Uint8Array, at: number, remainder: number): number {
  while ((at & 3) !== (remainder & 3)) o[at++] = OPTION_NOP
  return at
}

/** Options of every other segment: timestamps once agreed on, and SACK blocks while data is out of order. */
export function writeOptions(tcb: Tcb, slot: TransmitSlot, now: number): void {
  const o = slot.options
  let at = 0
  if (tcb.timestamps) {
    o[at++] = OPTION_NOP
    o[at++] = OPTION_NOP
    at = writeTimestamps(tcb, o, at, now)
  }
  let n = tcb.sack ? sackRanges(tcb, sackEdges, (MAX_OPTIONS - at - 4) >>> 3) : 0
  if (tcb.accurate) {
    let size = tcb.accurate.optionSize(tcb, roomBeside(n, at))
    // What is told of marks is worth all blocks but two.
    for (let fewer = n - 1; size === 0 && fewer >= 2; fewer--)
      if ((size = tcb.accurate.optionSize(tcb, roomBeside(fewer, at))) > 0) n = fewer
    if (size > 0) at = tcb.accurate.writeOption(o, at, size)
  }
  if (n > 0) {
    o[at++] = OPTION_NOP
    o[at++] = OPTION_NOP
    o[at++] = OPTION_SACK
    o[at++] = 2 + 8 * n
    for (let i = 0; i < 2 * n; i++, at += 4) set32(o, at, sackEdges[i]!)
  }
  slot.optionsLength = at
}

/** What SACK blocks leave, behind the `at` octets that are written. */
const roomBeside = (blocks: number, at: number): number =>
  MAX_OPTIONS - at - (blocks > 0 ? 4 + 8 * blocks : 0)

function writeTimestamps(tcb: Tcb, o: Uint8Array, at: number, now: number): number {
  o[at] = OPTION_TIMESTAMPS
  o[at + 1] = 10
  set32(o, at + 2, tsClock(tcb, now))
  set32(o, at + 6, tcb.tsRecent)
  return at + 10
}

/** Takes what the peer's SYN offers; an option is in force only if both SYNs carry it. */
export function readSynOptions(tcb: Tcb, seg: SegmentView, now: number): void {
  const { config } = tcb
  if (config.noOptions) {
    tcb.peerMss = tcb.defaultMss
    tcb.rcvScale = 0
    updateMss(tcb)
    if (config.wholeSegmentBuffer && !tcb.passive) roundBuffer(tcb)
    return
  }
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
  if (tcb.fastOpen && tcb.state === 'SYN_SENT' && seg.hasAck) readCookie(tcb, seg)
  tcb.sack = config.sack && seg.sackPermitted
  tcb.sackIsDecided()
  updateMss(tcb)
  if (config.wholeSegmentBuffer && !tcb.passive) roundBuffer(tcb)
}

/** The receive buffer holds whole segments of this connection's. */
export function roundBuffer(tcb: Tcb): void {
  const mss = Math.max(1, Math.min(tcb.peerMss, tcb.maxSegment - 20, tcb.config.maxMss))
  tcb.receiveBuffer = Math.ceil(tcb.receiveBuffer / mss) * mss
}

/**
 * The effective send MSS (section 3.7.1, MUST-16): min(SendMSS + 20, MMS_S) - 20 - options.
 */
export function updateMss(tcb: Tcb): void {
  const { maxMss } = tcb.config
  tcb.mss = Math.max(1, Math.min(tcb.peerMss, tcb.maxSegment - 20, maxMss) - (tcb.timestamps ? 12 : 0))
  tcb.congestion.onMss(tcb.mss)
}
