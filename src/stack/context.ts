import type { Counters } from './counters.js'
import type { Environment } from './environment.js'
import type { StackObserver } from './observe.js'
import type { Secrets } from './secrets.js'
import type { TimerWheel } from './wheel.js'

/** What the parts of one stack share. */
export interface Context {
  readonly env: Environment
  readonly wheel: TimerWheel
  readonly counters: Counters
  readonly secrets: Secrets
  /** The time of the batch being processed, in ms. */
  now: number
  observer: StackObserver | null
}
