import type { TcpConfig } from '../tcp/config.js'
import type { HalfOpenRecord } from '../tcp/records.js'
import { ACK, RST, type SegmentView, SYN } from '../wire/tcp.js'
import type { Secrets } from './secrets.js'
import type { Tuple } from './tcp-shared.js'

/**
 * SYN cookies (RFC 4987 section 3.6): when too many handshakes are half open, the SYN,ACK itself carries what would
 * have been remembered. The sequence number is IRS + a MAC, a 64-second counter in its upper bits and an index of
 * the MSS; window scale and SACK ride in the low bits of our timestamp, if the peer speaks timestamps.
 */
const MSS_TABLE_4 = [536, 1300, 1440, 1460]
const MSS_TABLE_6 = [1220, 1280, 1420, 1440]
const PERIOD = 64_000
/** How many periods a cookie is good for: the current and the last. */
const MAX_AGE = 2

/** The low bits of a cookie's TSval: four of window scale (15: none offered), one of SACK. */
const TS_BITS = 5

const period = (now: number): number => Math.floor(now / PERIOD)

export function cookieIss(secrets: Secrets, tuple: Tuple, irs: number, mss: number, now: number): number {
  const { local, localPort, remote, remotePort } = tuple
  const table = local.version === 4 ? MSS_TABLE_4 : MSS_TABLE_6
  let index = table.length - 1
  while (index > 0 && table[index]! > mss) index--
  const t = period(now)
  const base = secrets.cookie(local, localPort, remote, remotePort, 0, 0)
  const mac = secrets.cookie(local, localPort, remote, remotePort, irs, t)
  return (base + irs + (t << 24) + ((mac + index) & 0xffffff)) | 0
}

/** TSval of the SYN,ACK: at most the present, with the options in its low bits. */
export function cookieTimestamp(clock: number, windowScale: number, sack: boolean): number {
  const bits = ((windowScale < 0 ? 15 : Math.min(windowScale, 14)) << 1) | (sack ? 1 : 0)
  const value = ((clock >> TS_BITS) << TS_BITS) | bits
  return value - clock > 0 ? (value - (1 << TS_BITS)) | 0 : value
}

/** Checks the acknowledgment that ends a stateless handshake; the half-open record it stands for, or undefined. */
export function checkCookie(
  secrets: Secrets,
  config: TcpConfig,
  tuple: Tuple,
  seg: SegmentView,
  tsOffset: number,
  rcvScale: number,
  now: number,
): HalfOpenRecord | undefined {
  if ((seg.flags & (ACK | SYN | RST)) !== ACK) return undefined
  const { local, localPort, remote, remotePort } = tuple
  const iss = (seg.ack - 1) | 0
  const irs = (seg.seq - 1) | 0
  const rest = (iss - secrets.cookie(local, localPort, remote, remotePort, 0, 0) - irs) | 0
  const age = (period(now) - (rest >>> 24)) & 0xff
  if (age >= MAX_AGE) return undefined
  const mac = secrets.cookie(local, localPort, remote, remotePort, irs, period(now) - age)
  const index = (rest - mac) & 0xffffff
  const table = local.version === 4 ? MSS_TABLE_4 : MSS_TABLE_6
  if (index >= table.length) return undefined
  const timestamps = config.timestamps && seg.hasTimestamps
  const bits = timestamps ? seg.tsEcr & 31 : 30
  const windowScale = bits >> 1
  const scaling = timestamps && windowScale < 15 && config.windowScaling
  return {
    iss,
    irs,
    tsOffset,
    tsRecent: timestamps ? seg.tsVal : 0,
    tsRecentAt: timestamps ? now : -1,
    peerMss: table[index]!,
    window: seg.window,
    rcvAdv: (irs + 1 + Math.min(config.receiveBuffer, 65535)) | 0,
    options:
      (scaling ? (windowScale << 4) | rcvScale | (1 << 8) : 0) |
      (timestamps ? 1 << 9 : 0) |
      (config.sack && bits & 1 ? 1 << 10 : 0),
    retransmits: 0,
    backoff: 0,
    retransmitAt: Number.POSITIVE_INFINITY,
    timedAt: -1,
    userTimeoutAt: Number.POSITIVE_INFINITY,
    challengeWindowAt: Number.NEGATIVE_INFINITY,
    challengesSent: 0,
    displaced: null,
  }
}
