import { DROP_REASONS, type DropReason } from '../wire/drops.js'

/** What the stack counts. Every packet that is not processed shows up here under its own name. */
export class Counters {
  packetsIn = 0
  packetsOut = 0
  segmentsIn = 0
  segmentsOut = 0
  /** Of those that came in, the ones that were as predicted from the one before (TcpExtTCPHPHits). */
  segmentsPredicted = 0
  resetsOut = 0
  /** Segments to ports nobody listens on. */
  noListener = 0
  /** SYNs dropped because the accept queue, or the half-open queue without cookies, was full. */
  listenOverflows = 0
  cookiesSent = 0
  cookiesAccepted = 0
  cookiesRejected = 0
  acceptQueueFull = 0
  /** RFC 7413: connections opened by a good cookie, cookies that were not, good ones for which there was no room, cookies given. */
  fastOpens = 0
  fastOpenBadCookies = 0
  fastOpenOverflows = 0
  fastOpenCookiesSent = 0
  /** Complete handshakes reset because a limit on connections was reached and nothing could be reclaimed. */
  connectionsRefused = 0
  /** Stalled connections reset so that a new one could have their place. */
  connectionsReclaimed = 0
  /** Released connections reset because there were too many. */
  orphansReclaimed = 0
  /** Idle connections folded up to take less memory; each time anew. */
  connectionsFolded = 0
  timeWaitEvicted = 0
  timeWaitReused = 0
  echoReplies = 0
  icmpErrorsIn = 0
  icmpErrorsOut = 0
  icmpErrorsLimited = 0
  sourceQuenchIgnored = 0
  noRoute = 0
  neighbourUnreachable = 0
  neighbourQueueFull = 0
  linkFull = 0
  badTcpOptions = 0
  /** Packets given to the next stack in the ring, and those that the one before gave us; see `Seat`. */
  handedOn = 0
  handedOver = 0
  readonly drops: Record<DropReason, number> = Object.fromEntries(
    DROP_REASONS.map(reason => [reason, 0]),
  ) as Record<DropReason, number>
}
