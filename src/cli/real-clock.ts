import { Alarm } from '../links/tun-alarm.js'
import { EventQueue } from '../sim/events.js'
import type { Clock } from '../sim/wire.js'
import { Lateness } from './lateness.js'

/** Real time for wires: the clock is `performance.now()`, in ms. Nothing happens before its time. */
export class RealClock implements Clock {
  readonly lateness = new Lateness()
  private readonly events = new EventQueue()
  private readonly alarm = new Alarm(() => this.run())

  now(): number {
    return performance.now()
  }

  at(time: number, run: () => void): void {
    this.events.add(time, run)
    if (time < this.alarm.at) this.alarm.set(time)
  }

  /** Does all that is due. */
  run(): void {
    for (;;) {
      const next = this.events.next
      const late = performance.now() - next
      if (!(late >= 0)) {
        this.alarm.set(next)
        return
      }
      this.lateness.add(late)
      this.events.take()!.run()
    }
  }

  /** What has not happened never will. */
  close(): void {
    this.alarm.close()
  }
}
