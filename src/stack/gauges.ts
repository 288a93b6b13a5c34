import { STATE_NAMES, type State } from '../tcp/states.js'
import type { Flow } from './flow.js'
import { HalfOpen } from './half-open.js'
import { Socket } from './socket.js'

/** What a stack holds at the moment. Counted when asked for: the cost is a look at every connection not in TIME_WAIT. */
export interface Gauges {
  /** Connections in each state, half-open ones and TIME_WAIT records included; listeners in LISTEN. */
  states: Record<State, number>
  /** Released connections that still have data or a FIN to deliver, or wait for the peer's. */
  orphans: number
  /** Bytes queued to be sent or acknowledged, received and not read, and received out of order. */
  sendQueued: number
  receiveQueued: number
  outOfOrder: number
}

/** `flows`: all but the `timeWaits` records of connections in TIME_WAIT. */
export function gaugesOf(flows: Iterable<Flow>, timeWaits: number, listeners: number): Gauges {
  const states = Object.fromEntries(STATE_NAMES.map(state => [state, 0])) as Record<State, number>
  const gauges: Gauges = { states, orphans: 0, sendQueued: 0, receiveQueued: 0, outOfOrder: 0 }
  states.LISTEN += listeners
  states.TIME_WAIT += timeWaits
  for (const flow of flows) {
    if (flow instanceof HalfOpen) states.SYN_RECEIVED++
    if (flow instanceof Socket && flow.isFolded) {
      // Open, and holding nothing.
      states.ESTABLISHED++
      continue
    }
    const tcb = flow instanceof Socket ? flow.tcb : flow instanceof HalfOpen ? flow.tcb : null
    if (!tcb) continue
    if (flow instanceof Socket) {
      states[tcb.state]++
      if (tcb.orphaned) gauges.orphans++
    }
    gauges.sendQueued += tcb.sendQueue.length
    gauges.receiveQueued += tcb.receiveQueue.length
    gauges.outOfOrder += tcb.reassembly?.bytes ?? 0
  }
  return gauges
}
