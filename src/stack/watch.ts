import type { TcpObserver } from '../tcp/observe.js'
import type { Context } from './context.js'
import type { Flow } from './flow.js'
import type { FlowName } from './observe.js'

/** The name of a flow as observers see it. */
export const flowName = (flow: Flow): FlowName => ({
  local: flow.local.toString(),
  localPort: flow.localPort,
  remote: flow.remote.toString(),
  remotePort: flow.remotePort,
})

/** An observer for one connection that passes on to the stack's; null while nobody watches. */
export function watch(context: Context, flow: Flow): TcpObserver | null {
  const { observer } = context
  if (!observer) return null
  const name = flowName(flow)
  return {
    state: (from, to, id, now) => observer.state?.(name, from, to, id, now),
    timer: (timer, now) => observer.timer?.(name, timer, now),
    congestion: (cwnd, ssthresh, why, now) => observer.congestion?.(name, cwnd, ssthresh, why, now),
  }
}
