import type { TimerName } from '../tcp/observe.js'
import type { ReactionId } from '../tcp/reactions.js'
import type { State, TransitionId } from '../tcp/states.js'
import type { DropReason } from '../wire/drops.js'
import type { Flow } from './flow.js'
import type { Interface } from './interface.js'

/** The tuple of a connection or listener; a listener's remote end is undefined. */
export interface FlowName {
  readonly local: string
  readonly localPort: number
  readonly remote: string | undefined
  readonly remotePort: number | undefined
}

/** Who watches a stack. Nothing is computed for it while there is none. Times in ms on the stack's clock. */
export interface StackObserver {
  /** A packet, IP header first, as it came in or went out. The bytes die with the call. */
  packet?(
    direction: 'in' | 'out',
    iface: Interface,
    bytes: Uint8Array,
    offset: number,
    length: number,
    now: number,
  ): void
  /** What became of the last packet that came in. */
  dropped?(reason: DropReason, now: number): void
  reaction?(flow: Flow | null, reaction: ReactionId, now: number): void
  state?(flow: FlowName, from: State, to: State, id: TransitionId, now: number): void
  timer?(flow: FlowName, name: TimerName, now: number): void
  congestion?(flow: FlowName, cwnd: number, ssthresh: number, why: string, now: number): void
}
