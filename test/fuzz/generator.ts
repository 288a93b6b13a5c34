import { Random } from '../../src/sim/random.js'
import type { Flow } from '../../src/stack/flow.js'
import type { Action, CallName, Packet } from './actions.js'
import { mend } from './bytes.js'
import { flood } from './floods.js'
import { flipOneBit, mutate } from './mutate.js'
import { answer, fragments, icmp, introductions, noise, oddAddresses, udp, withExtras } from './others.js'
import { HOSTS, LISTENERS, UDP_PORTS } from './places.js'
import { opening, segmentFor, stray } from './segments.js'
import type { User } from './user.js'
import type { FuzzWorld } from './world.js'

const PASSES = [0, 1, 1, 10, 39, 40, 41, 200, 1000, 3000]
/** More connections than this are too many to get far with any. */
const ENOUGH = 14

/** What a world begins with. */
export function prologue(): Action[] {
  return [
    ...LISTENERS.map(([on, ...args]): Action => ({ type: 'call', name: 'listen', on, args })),
    ...UDP_PORTS.map((port): Action => ({ type: 'call', name: 'udp-bind', on: '*', args: [port] })),
    { type: 'in', packets: introductions() },
  ]
}

/** Thinks of the next action in a world, from a seed for each, so that one that is left out does not change the rest. */
export class Generator {
  private readonly hostile: boolean
  /** Pieces of packets that come later. */
  private stash: Packet[] = []

  constructor(
    private readonly world: FuzzWorld,
    /** Packets that have been interesting before. */
    private readonly pool: readonly Packet[],
  ) {
    this.hostile = world.options.mode === 'hostile'
  }

  next(step: number): Action {
    const random = new Random(this.world.options.seed * 1_000_003 + step)
    const dice = random.next()
    if (dice < 0.1) return this.call(random)
    if (dice < 0.19) return this.pass(random)
    if (dice < 0.191) return { type: 'in', packets: flood(random, this.world.options.kind) }
    const packets = [this.packet(random)]
    while (packets.length < 8 && random.chance(0.25)) packets.push(this.packet(random))
    for (let i = packets.length; i > 0 && this.stash.length > 0; i--) packets.push(this.stash.shift()!)
    return { type: 'in', packets }
  }

  private pass(random: Random): Action {
    const dice = random.next()
    const ms =
      dice < 0.9
        ? random.pick(PASSES)
        : dice < 0.99
          ? random.integer(1, 70_000)
          : random.pick([125_000, 601_000, 8_000_000, 2_200_000_000])
    return { type: 'pass', ms }
  }

  // ---- packets ----

  /** Any flow there is, each as likely as the other. */
  private flow(random: Random): Flow | undefined {
    const table = this.world.stack['table']
    const places = table['places']
    const from = random.integer(0, places.length / 2 - 1)
    for (let i = 0; i < places.length; i += 2) {
      const ref = places[(2 * from + i) % places.length]!
      if (ref !== 0) return table['shown'](ref)
    }
    return undefined
  }

  private packet(random: Random): Packet {
    const { world } = this
    const dice = random.next()
    const crowded = world.stack['table'].size > ENOUGH
    if (dice < 0.55) {
      const flow = this.flow(random)
      if (flow) return this.dress(random, segmentFor(world, random, flow))
    }
    if (dice < (crowded ? 0.56 : 0.68)) return this.dress(random, opening(world, random))
    if (dice < 0.72) return this.dress(random, stray(random))
    if (dice < 0.79)
      return this.dress(random, icmp(random, random.chance(0.8) ? this.flow(random) : undefined))
    if (dice < 0.83) return this.dress(random, udp(random))
    if (dice < 0.88) return answer(world, random)
    if (dice < 0.94 && this.hostile && this.pool.length > 0) return this.remembered(random)
    if (dice < 0.96) return noise(random)
    return this.cut(random)
  }

  /** Checksums, and what else may be put on a packet or be wrong with it. */
  private dress(random: Random, packet: Uint8Array): Packet {
    let bytes = packet
    const dice = random.next()
    if (dice < 0.8) return { bytes: mend(bytes), frame: false }
    if (dice < 0.86) bytes = withExtras(random, bytes)
    else if (dice < 0.88) bytes = oddAddresses(random, bytes)
    mend(bytes)
    if (dice < 0.88) return { bytes, frame: false }
    // One bit is what every checksum finds; more could make, of consistent text, other text.
    if (!this.hostile) return { bytes: flipOneBit(random, bytes), frame: false }
    bytes = mutate(random, bytes)
    return { bytes: random.chance(0.75) ? mend(bytes) : bytes, frame: false }
  }

  /** Fragments; those of one packet come together, or some of them later. */
  private cut(random: Random): Packet {
    const flow = random.chance(0.6) ? this.flow(random) : undefined
    const whole = flow
      ? segmentFor(this.world, random, flow)
      : random.chance(0.5)
        ? udp(random)
        : icmp(random, undefined)
    const mayLie = this.hostile || !flow
    const pieces = fragments(random, mend(whole), random.integer(1, 6), mayLie).map(
      (bytes): Packet => ({ bytes, frame: false }),
    )
    const [first = { bytes: whole, frame: false }, ...rest] = pieces
    if (this.stash.length < 16) this.stash.push(...rest)
    return first
  }

  private remembered(random: Random): Packet {
    const { bytes, frame, offsets } = random.pick(this.pool)
    const changed = random.chance(0.5) ? mutate(random, bytes.slice()) : bytes
    const mended = !frame && changed !== bytes && random.chance(0.75) ? mend(changed) : changed
    return { bytes: mended, frame, ...(offsets ? { offsets } : {}) }
  }

  // ---- calls ----

  private call(random: Random): Action {
    const { world } = this
    const users = [...world.byName.values()]
    const user = users.length > 0 ? random.pick(users) : undefined
    const dice = random.next()
    if (user && dice < 0.7) return this.onSocket(random, user)
    if (dice < 0.85 && world.stack['table'].size <= ENOUGH) {
      const host = random.pick(HOSTS)
      const timeout = random.chance(0.1) ? random.integer(1, 60_000) : 0
      return {
        type: 'call',
        name: 'connect',
        on: host.text,
        args: [random.integer(4000, 4001), random.integer(1000, 1003), random.pick([0, 0, 0xb8]), timeout],
      }
    }
    return this.onStack(random)
  }

  private onStack(random: Random): Action {
    const listener = random.pick(LISTENERS)
    const port = listener[1]!
    const dice = random.next()
    const host = random.pick(HOSTS)
    if (dice < 0.55) return { type: 'call', name: 'accept', on: '*', args: [port] }
    if (dice < 0.6) return { type: 'call', name: 'unlisten', on: '*', args: [port] }
    if (dice < 0.75) {
      const [on, ...args] = listener
      return { type: 'call', name: 'listen', on, args }
    }
    if (dice < 0.95) {
      const length = random.pick([0, 1, 100, 1400, 3000])
      return { type: 'call', name: 'udp-send', on: host.text, args: [random.pick(UDP_PORTS), length, 4000] }
    }
    const name: CallName = random.chance(0.5) ? 'udp-close' : 'udp-bind'
    return { type: 'call', name, on: '*', args: [random.pick(UDP_PORTS)] }
  }

  private onSocket(random: Random, { name: on, socket }: User): Action {
    const make = (name: CallName, ...args: number[]): Action => ({ type: 'call', name, on, args })
    const dice = random.next()
    const full = socket.sendQueued > 60_000
    if (dice < 0.35 && !full) return make('send', random.pick([1, 10, 100, 1460, 5000, 40_000]))
    if (dice < 0.38) return make('urgent', random.pick([1, 100, 3000]))
    if (dice < 0.63) return make('receive', random.pick([1, 100, 5000, 1 << 20]))
    if (dice < 0.74) return make('close')
    if (dice < 0.79) return make('release')
    if (dice < 0.82) return make('abort')
    switch (random.integer(0, 5)) {
      case 0:
        return make('no-delay', random.integer(0, 1))
      case 1:
        return make('cork', random.integer(0, 1))
      case 2:
        return make(
          'keep-alive',
          random.pick([0, 50, 1000, 60_000]),
          random.integer(50, 5000),
          random.integer(1, 5),
        )
      case 3:
        return make('user-timeout', random.integer(1, 100_000))
      case 4:
        return make('r2', random.integer(1, 6))
      default:
        return make('status')
    }
  }
}
