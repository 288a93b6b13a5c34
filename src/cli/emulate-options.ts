import type { Command } from 'commander'
import type { Conditions } from '../sim/wire.js'
import { parseCidr } from '../wire/address.js'
import {
  duration,
  type EachWay,
  eachWay,
  percent,
  type QueueLength,
  queueLength,
  rate,
  showPercent,
  showRate,
} from './units.js'
import { UsageError } from './usage.js'

/** The options that say what a path does to packets; each may differ by direction. */
export interface PathFlags {
  rate?: EachWay<number>
  delay?: EachWay<number>
  jitter?: EachWay<number>
  queue?: EachWay<QueueLength>
  loss?: EachWay<number>
  reorder?: EachWay<number>
  reorderDelay?: EachWay<number>
  duplicate?: EachWay<number>
  corrupt?: EachWay<number>
}

/** Where nobody says how long the queue is, it has room for so many packets of the MTU at least. */
const SHORTEST_QUEUE = 32

export function addPathOptions(command: Command): Command {
  return command
    .option('--rate <rate>', 'what the line carries: 50mbit (none: without limit)', eachWay(rate))
    .option('--delay <time>', 'one-way delay: 25ms (none: 0)', eachWay(duration))
    .option('--jitter <time>', 'up to so much more delay, at random; the order is kept', eachWay(duration))
    .option(
      '--queue <length>',
      `what may wait for the line: 1bdp, 256kb, 100pkts (none: 1bdp, at least ${SHORTEST_QUEUE}pkts)`,
      eachWay(queueLength),
    )
    .option('--loss <share>', 'lost at random: 1%', eachWay(percent))
    .option('--reorder <share>', 'held back, so that later ones overtake: 1%', eachWay(percent))
    .option('--reorder-delay <time>', 'for how long (none: half the delay, at least 1ms)', eachWay(duration))
    .option('--duplicate <share>', 'delivered twice: 1%', eachWay(percent))
    .option('--corrupt <share>', 'delivered with one bit flipped: 1%', eachWay(percent))
}

/** The conditions of both directions. Throws a UsageError about options that do not go together. */
export function conditionsOf(flags: PathFlags, mtu: number): EachWay<Conditions> {
  const roundTrip = (flags.delay?.forward ?? 0) + (flags.delay?.back ?? 0)
  return {
    forward: oneWay(flags, 'forward', roundTrip, mtu),
    back: oneWay(flags, 'back', roundTrip, mtu),
  }
}

function oneWay(flags: PathFlags, way: 'forward' | 'back', roundTrip: number, mtu: number): Conditions {
  const conditions: Conditions = {}
  const keys = ['rate', 'delay', 'jitter', 'loss', 'reorder', 'reorderDelay', 'duplicate', 'corrupt'] as const
  for (const key of keys) {
    const value = flags[key]?.[way]
    if (value !== undefined) conditions[key] = value
  }
  const { rate: bits } = conditions
  if (bits === 0) throw new UsageError('a --rate of 0 lets nothing through')
  if (bits === undefined) {
    if (flags.queue) throw new UsageError('--queue needs a --rate: without one nothing ever waits')
    return conditions
  }
  const product = (bits * roundTrip) / 8000
  const queue = flags.queue?.[way]
  conditions.queue = Math.ceil(
    queue === undefined
      ? Math.max(product, SHORTEST_QUEUE * mtu)
      : queue.value * { bytes: 1, packets: mtu, bdp: product }[queue.unit],
  )
  return conditions
}

/** 'rate 50 Mbit/s, delay 25 ms, …': what a direction does, for people. */
export function describeConditions(c: Conditions): string {
  const parts: string[] = []
  parts.push(c.rate ? showRate(c.rate) : 'no limit of rate', `delay ${c.delay ?? 0} ms`)
  if (c.jitter) parts.push(`jitter ${c.jitter} ms`)
  if (c.queue !== undefined) parts.push(`queue ${c.queue} bytes`)
  for (const key of ['loss', 'reorder', 'duplicate', 'corrupt'] as const)
    if (c[key]) parts.push(`${key} ${showPercent(c[key])}`)
  return parts.join(', ')
}

/** The addresses that an end gets if none are given, with prefix lengths. */
export const DEFAULT_ADDRESSES = {
  a: ['10.77.0.1/30', 'fd77::1/64'],
  b: ['10.77.0.2/30', 'fd77::2/64'],
} as const

/** Throws a UsageError if the two ends cannot talk: no two addresses in one subnet, or the same address twice. */
export function checkAddresses(a: readonly string[], b: readonly string[], mtu: number): void {
  const [left, right] = [a.map(parseCidr), b.map(parseCidr)]
  for (const one of left)
    if (right.some(other => other.address.equals(one.address)))
      throw new UsageError(`${one.address.toString()} cannot be the address of both ends`)
  if (mtu < 1280 && [...left, ...right].some(one => one.address.version === 6))
    throw new UsageError(
      `--mtu ${mtu} is less than the 1280 that IPv6 needs: give --address-a and --address-b`,
    )
}
