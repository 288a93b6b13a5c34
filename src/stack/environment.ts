/**
 * What the stack takes from the world it runs in. `links/realtime.ts` gives it a real clock; the simulator gives
 * it a virtual one, and then the same inputs always have the same outputs.
 */
export interface Environment {
  /** Monotonic time in milliseconds, with a fraction. Its zero means nothing. */
  now(): number
  /** Fills `bytes`, of any length, with unpredictable bytes. */
  fillRandom(bytes: Uint8Array): void
  /** Calls back once at or after `at` (ms on the clock of now()); replaces an earlier request. */
  wakeAt(at: number, callback: () => void): void
  /** Cancels the pending wake. */
  cancelWake(): void
  /** An error thrown by user code, to be reported, not swallowed. */
  reportError(error: unknown): void
}
