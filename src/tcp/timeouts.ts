import { noteReduction } from './ecn.js'
import { enter, fail } from './enter.js'
import { TcpError } from './errors.js'
import { suspectBlackHole } from './path-probe.js'
import { oweReset } from './reset.js'
import { EV, OWE, type Tcb, UNTIMED } from './tcb.js'
import { armRetransmit, persistInterval, startKeepAlive } from './timers.js'

/**
 * Timers, RFC 9293 section 3.10.8 and those it refers to. Called at or after `tcb.deadline`; a timer that is not due
 * does nothing.
 */
export function timeout(tcb: Tcb, now: number): void {
  if (now >= tcb.userTimeoutAt) return userTimeout(tcb, now)
  if (now >= tcb.lingerAt) return linger(tcb, now)
  if (now >= tcb.delayedAckAt) {
    tcb.observer?.timer('delayed-ack', now)
    tcb.delayedAckAt = Number.POSITIVE_INFINITY
    tcb.owed |= OWE.ACK
  }
  if (now >= tcb.paceTimerAt) tcb.paceTimerAt = Number.POSITIVE_INFINITY
  if (now >= tcb.lossTimerAt) tcb.recovery.onTimer(tcb, now)
  if (now >= tcb.retransmitAt) {
    // What is beyond the right edge cannot be lost by the network; the window is probed instead (SHLD-17, MUST-35).
    if (tcb.persisting || (tcb.sndWnd === 0 && tcb.synAcked)) persist(tcb, now)
    else retransmission(tcb, now)
  }
  if (now >= tcb.keepAliveAt) keepAlive(tcb, now)
}

function userTimeout(tcb: Tcb, now: number): void {
  tcb.observer?.timer('user', now)
  fail(tcb, 'T38', 'ETIMEDOUT', 'connection aborted due to user timeout', now)
}

function linger(tcb: Tcb, now: number): void {
  if (tcb.state === 'TIME_WAIT') {
    tcb.observer?.timer('time-wait', now)
    enter(tcb, 'T23', now)
  } else {
    tcb.observer?.timer('fin-wait-2', now)
    enter(tcb, 'T42', now)
  }
}

/** RFC 6298 sections 5.4 to 5.7, RFC 9293 section 3.8.3. */
function retransmission(tcb: Tcb, now: number): void {
  tcb.observer?.timer('retransmit', now)
  const synOutstanding = !tcb.synAcked
  if (tcb.retransmits === 0) tcb.firstSentAt = now - tcb.rto.rto
  if (givesUp(tcb, synOutstanding, now)) return
  tcb.retransmits++
  tcb.timeouts++
  if (tcb.retransmits === tcb.config.r1) warn(tcb)
  const { synLinearTimeouts } = tcb.config
  if (tcb.state !== 'SYN_SENT' || tcb.retransmits > synLinearTimeouts) tcb.rto.backOff()
  tcb.timedAt = UNTIMED
  if (synOutstanding) {
    tcb.synRetransmitted = true
    tcb.owed |= OWE.SYN
    // Once our SYN is acknowledged, a FIN behind it (T13) is sent again by its own timer.
    armRetransmit(tcb, now)
    return
  }
  suspectBlackHole(tcb, now)
  tcb.recovery.onTimeout(tcb, now)
  noteReduction(tcb)
  tcb.observer?.congestion(tcb.congestion.cwnd, tcb.congestion.ssthresh, 'retransmission timeout', now)
  armRetransmit(tcb, now)
}

/** R2 (MUST-20, MUST-23): by number of retransmissions for data and SYN,ACK, by time for SYN. */
function givesUp(tcb: Tcb, synOutstanding: boolean, now: number): boolean {
  let over: boolean
  if (tcb.state === 'SYN_SENT') {
    const { synLinearTimeouts, initialRto } = tcb.config
    over = now - tcb.firstSentAt >= tcb.synR2 + synLinearTimeouts * initialRto
  } else if (synOutstanding && tcb.state === 'SYN_RECEIVED')
    over = tcb.retransmits >= tcb.config.synAckRetries
  else over = tcb.retransmits >= tcb.r2
  // What the network said in the meantime explains more than the silence does (RFC 1122 section 4.2.3.9).
  const code = tcb.icmpError?.code ?? 'ETIMEDOUT'
  const detail = tcb.icmpError ? ` (${tcb.icmpError.message})` : ''
  if (over) fail(tcb, 'T39', code, `connection timed out: no answer to retransmissions${detail}`, now)
  return over
}

/** R1 (SHLD-9): the user and IP may want to know that the path looks broken. */
function warn(tcb: Tcb): void {
  tcb.softError = new TcpError('ETIMEDOUT', 'excessive retransmissions (R1)')
  tcb.events |= EV.SOFT_ERROR
}

/** A probe, and a longer pause. The connection stays open as long as probes are answered (MUST-37). */
function persist(tcb: Tcb, now: number): void {
  tcb.observer?.timer(tcb.sndWnd === 0 ? 'persist' : 'override', now)
  tcb.persisting = true
  if (tcb.sndWnd === 0) {
    if (tcb.probes >= tcb.r2) {
      fail(tcb, 'T39', 'ETIMEDOUT', 'connection timed out: no answer to window probes', now)
      return
    }
    tcb.probes++
    if (persistInterval(tcb) < tcb.config.persistMax) tcb.persistBackoff++
  }
  tcb.owed |= OWE.PROBE
  tcb.retransmitAt = now + persistInterval(tcb)
}

/** Section 3.8.4. Answers that came in the meantime are looked at here, not at each segment. */
function keepAlive(tcb: Tcb, now: number): void {
  const quietSince = Math.max(tcb.lastReceivedAt, 0)
  const due = tcb.keepAlivesSent === 0 ? quietSince + tcb.keepAliveIdle : now
  const busy = tcb.flight > 0 || tcb.persisting
  if (now < due || busy) {
    // Only a silent connection is probed; one with data outstanding has a better timer (MUST-26).
    tcb.keepAliveAt = busy ? now + tcb.keepAliveInterval : due
    return
  }
  tcb.observer?.timer('keep-alive', now)
  if (tcb.keepAlivesSent >= tcb.keepAliveProbes) {
    oweReset(tcb)
    fail(tcb, 'T41', 'ETIMEDOUT', 'connection timed out: keep-alive probes were not answered', now)
    return
  }
  tcb.keepAlivesSent++
  tcb.owed |= OWE.KEEP_ALIVE
  tcb.keepAliveAt = now + tcb.keepAliveInterval
}

/** Turns keep-alive on or off (MUST-24); times in ms. */
export function setKeepAlive(
  tcb: Tcb,
  on: boolean,
  now: number,
  idle = tcb.keepAliveIdle,
  interval = tcb.keepAliveInterval,
  probes = tcb.keepAliveProbes,
): void {
  tcb.keepAlive = on
  tcb.keepAliveIdle = idle
  tcb.keepAliveInterval = interval
  tcb.keepAliveProbes = probes
  tcb.keepAlivesSent = 0
  tcb.keepAliveAt = Number.POSITIVE_INFINITY
  if (on) startKeepAlive(tcb, now)
}
