import type { Environment } from '../stack/environment.js'
import { SipHash } from '../tcp/siphash.js'

/** What the stack's clock says when a script begins, in ms: timestamps and ISNs begin somewhere, not at zero. */
export const CLOCK_START = 1_000_000

/**
 * Virtual time for one stack, in microseconds, and the randomness of one seed. Nothing happens but what the stack has
 * asked to be woken for.
 */
export class VirtualClock implements Environment {
  /** Microseconds since the script's beginning. */
  time = 0
  /** Errors that user code, which is ours here, has thrown. */
  readonly errors: unknown[] = []
  private alarm: { at: number; callback: () => void } | undefined
  private readonly random = new SipHash(new Uint8Array(16))
  private drawn = 0

  constructor(private readonly seed: number) {}

  now(): number {
    return CLOCK_START + this.time / 1000
  }

  fillRandom(bytes: Uint8Array): void {
    const words = new Int32Array(2)
    for (let i = 0; i < bytes.length; i++) {
      if ((i & 3) === 0) {
        words[0] = this.seed
        words[1] = this.drawn++
        words[0] = this.random.hash(words, 2)
      }
      bytes[i] = words[0]! >>> ((i & 3) * 8)
    }
  }

  wakeAt(at: number, callback: () => void): void {
    this.alarm = { at: Math.max(this.time, Math.ceil((at - CLOCK_START) * 1000 - 1e-6)), callback }
  }

  cancelWake(): void {
    this.alarm = undefined
  }

  reportError(error: unknown): void {
    this.errors.push(error)
  }

  /** When something will happen by itself; Infinity if nothing will. */
  get next(): number {
    return this.alarm?.at ?? Number.POSITIVE_INFINITY
  }

  /** Lets the next thing happen, at its time. False if there is none until `until`. */
  step(until: number): boolean {
    const { alarm } = this
    if (!alarm || alarm.at > until) return false
    this.time = Math.max(this.time, alarm.at)
    this.alarm = undefined
    alarm.callback()
    return true
  }
}
