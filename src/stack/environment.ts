/**
 * What a stack needs of the world around it: a clock, randomness and one alarm. `links/realtime` gives it real time,
 * `sim` virtual time; nothing below asks for either by itself.
 */
export interface Environment {
  /** Monotonic time in ms, fractions allowed. */
  now(): number
  /** Fills `bytes` from a cryptographically strong source (in a simulation: from the seed). */
  fillRandom(bytes: Uint8Array): void
  /**
   * Calls back once at or after `at` (ms on the clock of now()); replaces an earlier request. Nothing but TIME_WAIT
   * waits for it if `essential` is false: a process that has nothing else to do may end before.
   */
  wakeAt(at: number, callback: () => void, essential?: boolean): void
  /** Cancels the pending wake. */
  cancelWake(): void
  /** An error thrown by user code, to be reported, not swallowed. */
  reportError(error: unknown): void
  /** Told after user code was called, so that virtual time can wait for what that code has set going. */
  userCodeRan?(): void
}
