import { set16 } from '../wire/bytes.js'
import {
  FAST_OPEN_MAGIC,
  MAX_OPTIONS,
  OPTION_END,
  OPTION_EXPERIMENT,
  OPTION_FAST_OPEN,
  OPTION_NOP,
  type SegmentView,
} from '../wire/tcp.js'
import type { TransmitSlot } from './slot.js'
import type { Tcb } from './tcb.js'

/**
 * TCP Fast Open, RFC 7413: data on the SYN, for whoever shows a cookie that the server gave it before. Here is what one
 * connection does with it; who gets which cookie, and which are good, the stack knows.
 */

/** Cookies are 4 to 16 bytes, and of an even number (section 4.1.1). */
export const COOKIE_MIN = 4
export const COOKIE_MAX = 16

/** The cookie that asks for one. */
export const NO_COOKIE = new Uint8Array(0)

/** One attempt, of either side, and what has come of it. */
export interface FastOpen {
  /** What the first SYN or SYN,ACK carries; without octets it asks for a cookie. Null: no option. */
  offer: Uint8Array | null
  /** The option is the one of before IANA had given it a number (RFC 6994). */
  experimental: boolean
  /** A listener's: the cookie was good. Data flows before the handshake is over. */
  readonly early: boolean
  /** Octets of data that may ride on the SYN, and those that did. */
  readonly room: number
  sent: number
  /** All data on the SYN was taken with it. */
  taken: boolean
  /** The cookie in the answer. */
  cookie: Uint8Array | null
}

/** A client's attempt with `cookie`, or one to get a cookie. */
export const activeFastOpen = (cookie: Uint8Array, experimental: boolean, room: number): FastOpen => ({
  offer: cookie,
  experimental,
  early: false,
  room: cookie.length > 0 ? room : 0,
  sent: 0,
  taken: false,
  cookie: null,
})

/** A server's answer: `offer` is a cookie for the peer to come back with. */
export const passiveFastOpen = (
  early: boolean,
  offer: Uint8Array | null,
  experimental: boolean,
): FastOpen => ({ offer, experimental, early, room: 0, sent: 0, taken: false, cookie: null })

/** The connection is its user's already, though the handshake is not over. */
export const isEarly = (tcb: Tcb): boolean => tcb.fastOpen?.early === true

/**
 * The option, where there is room for all of it, behind the others; returns where the next may go. Only the first SYN
 * carries it: what is repeated was perhaps lost because of it (section 4.2.2).
 */
export function writeFastOpen(tcb: Tcb, o: Uint8Array, at: number): number {
  const { fastOpen } = tcb
  if (!fastOpen?.offer || tcb.synSent) return at
  const { offer, experimental } = fastOpen
  const size = (experimental ? 4 : 2) + offer.length
  if (((at + size + 3) & ~3) > MAX_OPTIONS) {
    fastOpen.offer = null
    return at
  }
  o[at++] = experimental ? OPTION_EXPERIMENT : OPTION_FAST_OPEN
  o[at++] = size
  if (experimental) {
    set16(o, at, FAST_OPEN_MAGIC)
    at += 2
  }
  o.set(offer, at)
  at += offer.length
  const filling = tcb.config.synOptionFill === 'front' ? OPTION_NOP : OPTION_END
  while (at & 3) o[at++] = filling
  return at
}

/** Section 4.2.2, client: what is queued rides on the SYN, if we have a cookie. Returns how many octets. */
export function putDataOnSyn(tcb: Tcb, slot: TransmitSlot, now: number): number {
  const { fastOpen } = tcb
  if (!fastOpen?.offer) return 0
  const length = Math.min(fastOpen.room, tcb.sendQueue.length)
  if (length <= 0) return 0
  const begins = tcb.sndNxt
  slot.payloadAt = 0
  slot.payloadLength = fastOpen.sent = length
  tcb.sndNxt = (begins + length) | 0
  tcb.scoreboard.append(begins, tcb.sndNxt, length, now)
  tcb.bytesSent += length
  return length
}

/** The peer's SYN,ACK: its cookie, if it is one (section 4.1.1 has others ignored). */
export function readCookie(tcb: Tcb, seg: SegmentView): void {
  const { fastOpen } = tcb
  if (!fastOpen || !hasCookie(seg)) return
  fastOpen.cookie = cookieOf(seg)
  fastOpen.experimental = seg.fastOpenExperimental
}

/** A cookie of a length that may be; 0 would ask for one. */
export const hasCookie = (seg: SegmentView): boolean =>
  seg.fastOpenLength >= COOKIE_MIN && seg.fastOpenLength <= COOKIE_MAX && (seg.fastOpenLength & 1) === 0

/** A copy: the view dies. */
export const cookieOf = (seg: SegmentView): Uint8Array =>
  seg.bytes.slice(seg.fastOpenOffset, seg.fastOpenOffset + seg.fastOpenLength)

/** Our SYN is acknowledged: what rode on it and was not taken goes again at once, and nothing was lost by that. */
export function synWasAcked(tcb: Tcb): void {
  const { fastOpen } = tcb
  if (!fastOpen || fastOpen.early || fastOpen.sent === 0) return
  fastOpen.taken = tcb.scoreboard.isEmpty
  if (!fastOpen.taken) tcb.recovery.resend(tcb, tcb.sndUna)
}
