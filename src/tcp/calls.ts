import { type ControllerChoice, makeController } from './controllers.js'
import { enter, fail } from './enter.js'
import { TcpError } from './errors.js'
import { isEarly } from './fast-open.js'
import { DeliveryRate } from './rate.js'
import { oweReset } from './reset.js'
import { add } from './sequence.js'
import { OWE, type Tcb } from './tcb.js'
import { passUrgentMark } from './urgent.js'
import { windowUpdateIsDue } from './window.js'

/**
 * The user's calls, RFC 9293 sections 3.10.1 to 3.10.6. Each throws a TcpError where the RFC says "error"; its
 * message is the RFC's.
 */

const exists = () => new TcpError('EISCONN', 'connection already exists')
const missing = () => new TcpError('ENOTCONN', 'connection does not exist')
const closing = () => new TcpError('EPIPE', 'connection closing')

/** Octets a send queue can hold. */
const MOST_QUEUED = 2 ** 30

/** Flags of SEND. */
export interface SendFlags {
  readonly urgent?: boolean
  readonly more?: boolean
}

const NOTHING_SAID: SendFlags = {}

/** OPEN, section 3.10.1. An active open gives up with ETIMEDOUT after R2 for SYN. */
export function open(tcb: Tcb, mode: 'active' | 'passive', now: number): void {
  switch (tcb.state) {
    case 'CLOSED':
      // A new incarnation has an ISS of its own (section 3.4.1).
      if (tcb.synSent) throw new TcpError('EINVAL', 'this connection is over: open another')
      tcb.passive = mode === 'passive'
      if (mode === 'passive') enter(tcb, 'T01', now)
      else beginActive(tcb, 'T02', now)
      return
    case 'LISTEN':
      if (mode === 'passive') throw exists()
      beginActive(tcb, 'T03', now)
      return
    default:
      tcb.reaction = 'R32'
      throw exists()
  }
}

function beginActive(tcb: Tcb, id: 'T02' | 'T03' | 'T04', now: number): void {
  // From here on it is an active connection: a RST closes it (MUST-11).
  tcb.passive = false
  tcb.owed |= OWE.SYN
  enter(tcb, id, now)
}

/**
 * SEND, section 3.10.2. `bytes` are held by reference until they are acknowledged and must not change. Returns
 * true while the send queue is below its limit; false means "taken, but wait for WRITABLE". `more` says that
 * there is more to come (MAY-15): no PUSH flag, and a short segment waits, at most for the next acknowledgment.
 */
export function send(
  tcb: Tcb,
  bytes: Uint8Array,
  now: number,
  { urgent = false, more = false } = NOTHING_SAID,
): boolean {
  switch (tcb.state) {
    case 'CLOSED':
      tcb.reaction = 'R31'
      throw missing()
    case 'LISTEN':
      // The remote socket is specified by whoever made this connection; sending opens it.
      beginActive(tcb, 'T04', now)
      break
    case 'SYN_SENT':
    case 'SYN_RECEIVED':
    case 'ESTABLISHED':
    case 'CLOSE_WAIT':
      break
    default:
      tcb.reaction = 'R30'
      throw closing()
  }
  if (tcb.finQueued) throw closing()
  // Sequence numbers could not tell what is ahead any more.
  if (tcb.sendQueue.length + bytes.length > MOST_QUEUED)
    throw new TcpError('ENOBUFS', 'insufficient resources: the send queue holds a gigabyte')
  tcb.sendQueue.push(bytes)
  tcb.moreComing = more
  if (!more) tcb.pushedTo = tcb.queueEnd
  if (urgent && bytes.length > 0) {
    // SND.UP: the octet after the urgent data (MUST-62).
    tcb.sndUp = tcb.queueEnd
    tcb.urgentSending = true
  }
  return tcb.sendQueue.length < tcb.sendLimit
}

/** Nothing comes after what was sent last, for now: it need not wait, and says PUSH. */
export function push(tcb: Tcb): void {
  tcb.moreComing = false
  tcb.pushedTo = tcb.queueEnd
}

/**
 * RECEIVE, section 3.10.3. Returns the oldest bytes on hand, at most `max`; undefined if there are none yet. Throws
 * "connection closing" once the peer's FIN is reached and everything is read.
 */
export function receive(tcb: Tcb, max?: number): Uint8Array | undefined {
  const bytes = tcb.receiveQueue.take(max)
  if (bytes) {
    haveRead(tcb)
    return bytes
  }
  switch (tcb.state) {
    case 'CLOSED':
      tcb.reaction = 'R31'
      throw tcb.error ?? missing()
    case 'CLOSE_WAIT':
    case 'CLOSING':
    case 'LAST_ACK':
    case 'TIME_WAIT':
      tcb.reaction = 'R30'
      throw closing()
    default:
      return undefined
  }
}

/** RECEIVE into the caller's bytes, as many as there are and fit. Returns how many; throws like `receive`. */
export function receiveInto(tcb: Tcb, into: Uint8Array): number {
  const at = tcb.receiveQueue.copyTo(into)
  if (at > 0) haveRead(tcb)
  else receive(tcb, 0)
  return at
}

/** Room was made: the peer is told if it is worth a segment (section 3.8.6.2.2). */
function haveRead(tcb: Tcb): void {
  passUrgentMark(tcb)
  if (tcb.state !== 'CLOSED' && tcb.state !== 'TIME_WAIT' && !atEnd(tcb) && windowUpdateIsDue(tcb))
    tcb.owed |= OWE.ACK
}

/** True once the peer's FIN is reached: nothing will be added to what is on hand. */
export const atEnd = (tcb: Tcb): boolean => tcb.finReceived && tcb.rcvNxt === add(tcb.finSeq, 1)

/**
 * CLOSE, section 3.10.4: "I have no more data to send." What is queued is still delivered, and data can still be
 * received; see `orphan` for a close that gives up both.
 */
export function close(tcb: Tcb, now: number): void {
  switch (tcb.state) {
    case 'CLOSED':
      tcb.reaction = 'R31'
      throw missing()
    case 'LISTEN':
      enter(tcb, 'T11', now)
      return
    case 'SYN_SENT':
      enter(tcb, 'T12', now)
      return
    case 'SYN_RECEIVED':
      if (tcb.finQueued) break
      tcb.finQueued = true
      // With data queued the FIN waits for ESTABLISHED (T13q), unless the data need not wait either.
      if (tcb.sendQueue.length === 0 || isEarly(tcb)) enter(tcb, 'T13', now)
      return
    case 'ESTABLISHED':
      tcb.finQueued = true
      enter(tcb, 'T14', now)
      return
    case 'CLOSE_WAIT':
      if (tcb.finQueued) break
      // LAST_ACK begins when the FIN is sent, after the data.
      tcb.finQueued = true
      return
    case 'FIN_WAIT_1':
    case 'FIN_WAIT_2':
      tcb.reaction = 'R29'
      throw closing()
    default:
      tcb.reaction = 'R30'
      throw closing()
  }
  tcb.reaction = 'R29'
  throw closing()
}

/**
 * The user will not read any more (the second half of a full close, section 3.6.1). Unread data, now or later, is
 * data lost, and the peer is told so by a RST (SHLD-3); FIN_WAIT_2 gets a limit.
 */
export function orphan(tcb: Tcb, now: number): void {
  if (tcb.orphaned) return
  tcb.orphaned = true
  const unread = tcb.receiveQueue.length > 0 && tcb.config.resetOnUnread
  tcb.receiveQueue.clear()
  switch (tcb.state) {
    // With Fast Open there can be something to read already.
    case 'SYN_RECEIVED':
    case 'ESTABLISHED':
    case 'FIN_WAIT_1':
    case 'FIN_WAIT_2':
    case 'CLOSE_WAIT':
      if (unread) {
        oweReset(tcb)
        fail(tcb, 'T37', 'ECONNRESET', 'closed with data unread', now)
      } else if (tcb.state === 'FIN_WAIT_2') tcb.lingerAt = now + tcb.config.finWait2Timeout
  }
}

/** ABORT, section 3.10.5: both queues are thrown away, the peer gets a RST. */
export function abort(tcb: Tcb, now: number): void {
  switch (tcb.state) {
    case 'CLOSED':
      tcb.reaction = 'R31'
      throw missing()
    case 'LISTEN':
    case 'SYN_SENT':
      fail(tcb, 'T26', 'ECONNABORTED', 'connection aborted', now)
      return
    case 'CLOSING':
    case 'LAST_ACK':
    case 'TIME_WAIT':
      enter(tcb, 'T28', now)
      return
    default:
      oweReset(tcb)
      fail(tcb, 'T27', 'ECONNABORTED', 'connection aborted', now)
  }
}

/** Another congestion controller from here on. Throws a RangeError if there is none of that name. */
export function setCongestionControl(tcb: Tcb, choice: ControllerChoice): void {
  const { cwnd, ssthresh } = tcb.congestion
  const next = makeController(choice, tcb.config)
  if (tcb.mss > 0) {
    next.onMss(tcb.mss)
    next.adopt?.(cwnd, ssthresh)
  }
  tcb.controller = choice
  tcb.congestion = next
  tcb.rate = next.onSample ? (tcb.rate ?? new DeliveryRate()) : null
  tcb.paceAt = -1
  tcb.paceTimerAt = Number.POSITIVE_INFINITY
  tcb.paceHolds = false
}

/** Nagle's algorithm on or off (MUST-17). */
export function setNoDelay(tcb: Tcb, on: boolean): void {
  tcb.nagle = !on
  if (on) tcb.moreComing = false
}

/** Clears and returns what has happened: bits of `EV`. */
export function takeEvents(tcb: Tcb): number {
  const { events } = tcb
  tcb.events = 0
  return events
}
