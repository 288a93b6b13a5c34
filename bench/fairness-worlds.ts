/** What a world is there to show. */
export type FairnessGroup = 'alone' | 'beside' | 'large' | 'late' | 'delay'

/** Some flows over one bottleneck, described as in a world file (docs/sim.md). */
export interface FairnessWorld {
  group: FairnessGroup
  rtt: string
  rate: string
  queue: string
  ecn: boolean
  flows: readonly string[]
  duration: string
  seed: number
}

export const CONTROLLER_NAMES = ['cubic', 'reno', 'bbr'] as const
/** Those that are set beside each other; of the first the share is told. */
export const PAIRS = [
  ['cubic', 'reno'],
  ['cubic', 'bbr'],
  ['reno', 'bbr'],
] as const
export const COUNTS = [2, 4, 8, 16] as const
export const QUEUES = ['0.5bdp', '1bdp', '2bdp', '8bdp'] as const
/** What keeps, or does not keep, the queue short: a controller, a queue, and whether it marks. */
export const DELAYS = [
  { controller: 'cubic', queue: '4bdp', ecn: false },
  { controller: 'bbr', queue: '4bdp', ecn: false },
  { controller: 'cubic', queue: 'codel', ecn: false },
  { controller: 'cubic', queue: 'codel', ecn: true },
] as const

const times = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value)

const LINE = { rtt: '40ms', rate: '50mbit', ecn: false }

/** Every world of the page, each from the seeds 1 to `seeds`. */
export function fairnessWorlds(seeds: number): FairnessWorld[] {
  const worlds: Omit<FairnessWorld, 'seed'>[] = []
  for (const name of CONTROLLER_NAMES)
    for (const n of COUNTS)
      worlds.push({ group: 'alone', ...LINE, queue: '1bdp', flows: times(n, name), duration: '60s' })
  for (const [a, b] of PAIRS)
    for (const queue of QUEUES)
      for (const n of [1, 2])
        worlds.push({
          group: 'beside',
          ...LINE,
          queue,
          flows: [...times(n, a), ...times(n, b)],
          duration: '120s',
        })
  worlds.push({
    group: 'large',
    ...LINE,
    rtt: '100ms',
    rate: '200mbit',
    queue: '1bdp',
    flows: ['cubic', 'reno'],
    duration: '120s',
  })
  for (const name of CONTROLLER_NAMES)
    for (const queue of ['1bdp', '4bdp'])
      worlds.push({ group: 'late', ...LINE, queue, flows: [name, `${name}@20s`], duration: '100s' })
  for (const { controller, queue, ecn } of DELAYS)
    for (const n of [1, 4])
      worlds.push({ group: 'delay', ...LINE, queue, ecn, flows: times(n, controller), duration: '60s' })
  return worlds.flatMap(world => Array.from({ length: seeds }, (_, i) => ({ ...world, seed: i + 1 })))
}
