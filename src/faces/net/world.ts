import type { Scheduled } from '../../sim/events.js'
import type { World } from '../../sim/world.js'
import type { NetOptions } from './options.js'

/**
 * Options for a `Net` of a host in a world: idle timeouts run in virtual time, and virtual time stands still while
 * programs are at work.
 *
 * ```ts
 * const net = createNet(host.stack, inWorld(world))
 * ```
 *
 * A world sees what programs do to its sockets, their promises and `setImmediate`. It cannot see real timers, files,
 * thread pools (`zlib`, asynchronous `crypto`): a program that waits for one of these is overtaken by virtual time.
 */
export function inWorld(world: World): Required<Pick<NetOptions, 'timers' | 'woke'>> {
  return {
    timers: {
      setTimeout: (callback, ms) =>
        world.at(world.now + ms, () => {
          world.woke()
          callback()
        }),
      clearTimeout(timer) {
        if (timer) (timer as Scheduled).cancelled = true
      },
    },
    woke: () => world.woke(),
  }
}
