import { TcpError, type TcpErrorCode } from './errors.js'
import { isEarly } from './fast-open.js'
import { mayTake, TRANSITIONS, type TransitionId } from './states.js'
import { EV, OWE, type Tcb } from './tcb.js'
import { startKeepAlive } from './timers.js'

/**
 * The only place where a connection's state changes. A move that the table does not have is a bug of ours, never of
 * the peer's: it throws.
 */
export function enter(tcb: Tcb, id: TransitionId, now: number): void {
  const from = tcb.state
  if (!mayTake(id, from)) throw new Error(`estab: illegal transition ${id} from ${from}`)
  const { to } = TRANSITIONS[id]
  tcb.state = to
  tcb.observer?.state(from, to, id, now)
  switch (to) {
    case 'ESTABLISHED':
      // Its user has it already.
      if (!isEarly(tcb)) tcb.events |= EV.OPEN
      tcb.openedAt = now
      if (tcb.keepAlive) startKeepAlive(tcb, now)
      break
    case 'CLOSED':
      shutDown(tcb)
      break
    case 'TIME_WAIT':
      startTimeWait(tcb, now)
      tcb.events |= EV.TIME_WAIT
      break
  }
}

/** Starts the 2MSL wait, or starts it again; every other timer stops. */
export function startTimeWait(tcb: Tcb, now: number): void {
  stopTimers(tcb)
  tcb.lingerAt = now + 2 * tcb.config.msl
}

export function stopTimers(tcb: Tcb): void {
  tcb.retransmitAt = Number.POSITIVE_INFINITY
  tcb.lossTimerAt = Number.POSITIVE_INFINITY
  tcb.paceTimerAt = Number.POSITIVE_INFINITY
  tcb.delayedAckAt = Number.POSITIVE_INFINITY
  tcb.keepAliveAt = Number.POSITIVE_INFINITY
  tcb.lingerAt = Number.POSITIVE_INFINITY
  tcb.userTimeoutAt = Number.POSITIVE_INFINITY
  tcb.persisting = false
}

/** Ends the connection with an error for the user. */
export function fail(tcb: Tcb, id: TransitionId, code: TcpErrorCode, message: string, now: number): void {
  tcb.error = new TcpError(code, message)
  enter(tcb, id, now)
}

/** CLOSED: nothing is left but a RST that may be owed, and data that the user has not read after a proper close. */
function shutDown(tcb: Tcb): void {
  stopTimers(tcb)
  tcb.owed &= OWE.RESET
  tcb.duplicateAcksOwed = 0
  tcb.scoreboard.clear()
  tcb.sendQueue.clear()
  tcb.reassembly = null
  // What was received before a RST can still be read; who aborts does not want it.
  if (tcb.error?.code === 'ECONNABORTED') tcb.receiveQueue.clear()
  tcb.events |= EV.CLOSED
}
