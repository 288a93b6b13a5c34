import type { Socket } from '../../stack/socket.js'
import type { Stack } from '../../stack/stack.js'
import type { State } from '../../tcp/states.js'
import { textOf } from '../../trace/fields.js'
import {
  LIVE_STATUS_FIELDS,
  type LiveConnection,
  type LiveStatus,
  type LiveStatusField,
} from '../scene/live-messages.js'
import { finite, rounded } from './watcher.js'

/** How a stack's connections are now, at most `most` of them. The cost is a look at each, more for each that is told. */
export function connectionsOf(stack: Stack, most: number): LiveStatus {
  const { sockets } = stack
  const states: Partial<Record<State, number>> = {}
  for (const [state, count] of Object.entries(stack.gauges.states))
    if (count > 0) states[state as State] = count
  // A connection that has not been opened yet is newer than all that have.
  const opened = ({ tcb }: Socket) => (tcb.openedAt < 0 ? Number.POSITIVE_INFINITY : tcb.openedAt)
  const newest = (a: Socket, b: Socket) => (opened(a) === opened(b) ? 0 : opened(b) - opened(a))
  return {
    type: 'status',
    now: rounded(stack.now),
    connections: sockets.sort(newest).slice(0, most).map(connectionOf),
    more: Math.max(0, sockets.length - most),
    states,
  }
}

function connectionOf(socket: Socket): LiveConnection {
  const { local, localPort, remote, remotePort } = socket
  const flow = textOf({ local: local.toString(), localPort, remote: remote.toString(), remotePort })
  const all = socket.status()
  const status = Object.fromEntries(LIVE_STATUS_FIELDS.map(field => [field, all[field]])) as Pick<
    typeof all,
    LiveStatusField
  >
  return { flow, state: all.state, status: { ...status, ssthresh: finite(status.ssthresh) } }
}
