import { Random } from '../../src/sim/random.js'
import type { TcpConfig } from '../../src/tcp/config.js'
import type { Action, Mode, Packet, WorldOptions } from './actions.js'
import type { Coverage } from './coverage.js'
import { Generator, prologue } from './generator.js'
import { Script } from './script.js'
import { FuzzWorld } from './world.js'

/** Actions of one world, after the prologue. */
export const STEPS = 400

const rfc5961 = (on: boolean) => ({ strictReset: on, strictSyn: on, strictAck: on })

/** What world a seed means. */
export function worldOf(seed: number, wanted: { mode?: Mode; kind?: 'ip' | 'ethernet' } = {}): WorldOptions {
  const random = new Random(seed)
  const often = (p: number) => random.chance(p)
  const mode: Mode = often(0.5) ? 'hostile' : often(0.65) ? 'consistent' : 'scripted'
  const kind = often(0.6) ? 'ip' : 'ethernet'
  const tcp: Partial<TcpConfig> = {
    windowScaling: often(0.8),
    timestamps: often(0.7),
    sack: often(0.8),
    ...rfc5961(often(0.8)),
    rfc1337: often(0.7),
    rfc6191: often(0.8),
    nagle: often(0.8),
    receiveBuffer: random.pick([2048, 5000, 65_535, 1 << 17, 1 << 20]),
    sendBuffer: 1 << 16,
    delayedAck: random.pick([0, 40, 499]),
    msl: random.pick([1000, 30_000]),
    reassemblyBlocks: random.pick([4, 1024]),
    challengeAckLimit: random.pick([1, 10]),
    ecn: random.pick(['off', 'accept', 'request']),
    accurateEcn: seed % 3 === 0 ? 'off' : seed % 3 === 1 ? 'accept' : 'request',
    dsack: often(0.7),
  }
  const isn = often(0.5) ? random.pick([-1, -70_000, 0x7fffff00, -400_000]) : undefined
  return {
    seed,
    mode: wanted.mode ?? mode,
    kind: wanted.kind ?? kind,
    mtu: random.pick([576, 1280, 1500, 1500, 9000]),
    eager: often(0.5),
    ...(isn === undefined ? {} : { isn }),
    maxTimeWait: random.pick([1, 64]),
    tcp,
  }
}

/** A world in which a promise was broken. */
export class Failure extends Error {
  constructor(
    readonly options: WorldOptions,
    /** The step that broke it, counted from 0; the number of steps if it was the end. */
    readonly step: number,
    override readonly cause: unknown,
    /** What happened up to then, if it was noted. */
    readonly record: Action[] | undefined,
  ) {
    super(`seed ${options.seed}, step ${step}: ${cause instanceof Error ? cause.message : cause}`)
  }
}

export interface PlayOptions {
  steps?: number
  /** Packets that were interesting before. */
  pool?: readonly Packet[]
  /** Notes what happens, so that it can be played again. */
  record?: boolean
  /** Told after each action; true ends the world there, with nothing more looked at. */
  stop?: (world: FuzzWorld) => boolean
  /** Told before the world ends, which is nothing that can be played again in part. */
  beforeEnd?: () => void
}

/** Plays a world of the generator's, or of a script; returns it. Throws a Failure. */
export function play(options: WorldOptions, coverage: Coverage, how: PlayOptions = {}): FuzzWorld {
  const { steps = STEPS, pool = [], record = false, stop, beforeEnd } = how
  const world = new FuzzWorld(options, coverage)
  if (record) world.record = []
  let step = 0
  try {
    for (const action of prologue()) world.perform(action)
    const script = options.mode === 'scripted' ? new Script(world) : undefined
    const generator = script ?? new Generator(world, pool)
    for (; step < steps; step++) {
      world.perform(generator.next(step))
      script?.note()
      if (stop?.(world)) return world
    }
    script?.finale()
    beforeEnd?.()
    world.finish()
  } catch (error) {
    throw new Failure(options, step, error, world.record)
  }
  return world
}

/** Plays actions, as a corpus entry or a report has them. Throws whatever broke. */
export function replay(options: WorldOptions, actions: readonly Action[], coverage: Coverage): FuzzWorld {
  const world = new FuzzWorld(options, coverage)
  world.deepEvery = 1
  for (const action of actions) world.perform(action)
  return world
}
