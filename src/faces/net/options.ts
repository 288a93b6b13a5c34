import type { LookupFunction } from 'node:net'
import type { Stack } from '../../stack/stack.js'
import { lookupError } from './errors.js'

/** The clock of idle timeouts. */
export interface Timers {
  /** Calls back once, after `ms`. If what it returns has a method `refresh` that starts it anew, that is used. */
  setTimeout(callback: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

/** How a `Net` fits into its surroundings. */
export interface NetOptions {
  /** Finds the addresses of names, as `dns.lookup` does. Default: knows `localhost`, and nothing else. */
  lookup?: LookupFunction | undefined
  /** Default: the global `setTimeout`, not keeping the process alive. A world in virtual time has its own. */
  timers?: Timers | undefined
  /** Called whenever user code may have been woken: what a world in virtual time must know. */
  woke?: (() => void) | undefined
}

/** What sockets and servers need of the `Net` they belong to. */
export interface Host {
  readonly stack: Stack
  readonly lookup: LookupFunction
  readonly timers: Timers
  readonly woke: () => void
}

export const toHost = (stack: Stack, options: NetOptions): Host => ({
  stack,
  lookup: options.lookup ?? localhostOnly,
  timers: options.timers ?? realTimers,
  woke: options.woke ?? (() => {}),
})

const realTimers: Timers = {
  setTimeout(callback, ms) {
    const timer = setTimeout(callback, ms)
    // As in Node: an idle timeout alone does not keep the process alive.
    timer.unref()
    return timer
  },
  clearTimeout: timer => clearTimeout(timer as NodeJS.Timeout),
}

/** The only name a stack knows by itself is its own. */
const localhostOnly: LookupFunction = (hostname, options, callback) => {
  const family = options.family === 6 || options.family === 'IPv6' ? 6 : 4
  const known = hostname.toLowerCase() === 'localhost'
  process.nextTick(() => {
    if (known) callback(null, family === 6 ? '::1' : '127.0.0.1', family)
    else callback(lookupError(hostname), '', 0)
  })
}
