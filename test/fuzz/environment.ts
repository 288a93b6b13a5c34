import { Random } from '../../src/sim/random.js'
import type { Environment } from '../../src/stack/environment.js'
import { must } from './violation.js'

/** More wakes than this without time going on are a loop that does not end. */
const MOST_AT_ONCE = 200

/** Virtual time, in which every error is a failure and too many alarms are one too. */
export class FuzzEnvironment implements Environment {
  time = 1000
  /** When the stack wants to be woken; Infinity for never. */
  alarmAt = Number.POSITIVE_INFINITY
  /** Wakes in this world. */
  wakes = 0
  /** The first error that the stack reported. */
  error: unknown
  private callback: (() => void) | undefined
  private readonly random: Random

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  now(): number {
    return this.time
  }

  fillRandom(bytes: Uint8Array): void {
    this.random.fill(bytes)
  }

  wakeAt(at: number, callback: () => void): void {
    must(!Number.isNaN(at), 'a wake at no time')
    this.alarmAt = at
    this.callback = callback
  }

  cancelWake(): void {
    this.alarmAt = Number.POSITIVE_INFINITY
    this.callback = undefined
  }

  reportError(error: unknown): void {
    this.error ??= error
  }

  /** Lets `ms` pass; `woken` is called after each alarm. At most `most` of them, or the stack is running in circles. */
  pass(ms: number, most: number, woken: () => void): void {
    const end = this.time + ms
    let wakes = 0
    let atOnce = 0
    while (this.callback && this.alarmAt <= end) {
      const { callback } = this
      if (this.alarmAt > this.time) atOnce = 0
      this.time = Math.max(this.time, this.alarmAt)
      this.alarmAt = Number.POSITIVE_INFINITY
      this.callback = undefined
      callback()
      woken()
      must(++atOnce <= MOST_AT_ONCE, () => `${atOnce} wakes at ${this.time} ms`)
      must(++wakes <= most, () => `${wakes} wakes in ${ms} ms`)
    }
    this.wakes += wakes
    this.time = end
  }
}
