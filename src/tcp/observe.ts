import type { State, TransitionId } from './states.js'

export type TimerName =
  | 'retransmit'
  | 'loss-probe'
  | 'reordering'
  | 'persist'
  | 'override'
  | 'delayed-ack'
  | 'keep-alive'
  | 'time-wait'
  | 'fin-wait-2'
  | 'user'

/** Who watches one connection. Nothing is computed for it, and nothing is called, while nobody does. */
export interface TcpObserver {
  state(from: State, to: State, id: TransitionId, now: number): void
  /** A timer expired. */
  timer(name: TimerName, now: number): void
  /** cwnd or ssthresh changed (bytes), and why. */
  congestion(cwnd: number, ssthresh: number, why: string, now: number): void
}
