import type { StackObserver } from '../stack/observe.js'

/** One observer that passes everything on to several. */
export function combine(...observers: StackObserver[]): StackObserver {
  return {
    packet: (...args) => {
      for (const o of observers) o.packet?.(...args)
    },
    dropped: (...args) => {
      for (const o of observers) o.dropped?.(...args)
    },
    reaction: (...args) => {
      for (const o of observers) o.reaction?.(...args)
    },
    state: (...args) => {
      for (const o of observers) o.state?.(...args)
    },
    timer: (...args) => {
      for (const o of observers) o.timer?.(...args)
    },
    congestion: (...args) => {
      for (const o of observers) o.congestion?.(...args)
    },
  }
}
