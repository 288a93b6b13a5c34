/** What a random world is made of: drawn from its seed, before anything happens, so that it can be printed. */
import { Random } from '../../src/sim/random.js'
import type { Conditions } from '../../src/sim/wire.js'
import type { TcpConfig } from '../../src/tcp/config.js'

/** What one user of a connection does with it. Times in ms. */
export interface UserPlan {
  /** Sent in chunks of these sizes; after `burst` bytes comes a pause. */
  bytes: number
  chunk: [number, number]
  burst: number
  pause: number
  /** Most bytes of one read, and the pause before each; 0 reads whatever is there at once. */
  readMost: number
  readPause: number
  /** Stops reading for `stallFor` once it has read `stallAt` bytes. */
  stallAt: number
  stallFor: number
  /** How it ends: a half-close when all is sent, one when the peer's end is reached too, a full close, or ABORT. */
  ending: 'close' | 'close-last' | 'release' | 'abort'
  /** Idle time between the last byte and the close; or when ABORT comes. */
  linger: number
  keepAlive: [idle: number, interval: number, probes: number] | null
  noDelay: boolean
  urgent: boolean
}

export interface ConnectionPlan {
  /** Which host opens; both do so at once in a simultaneous open. */
  opener: 0 | 1
  simultaneous: boolean
  startsAt: number
  localPort: number
  users: [opener: UserPlan, other: UserPlan]
  /** Whether the same 4-tuple is used again, and how long after the opener's end. */
  again: number | null
}

export interface WorldPlan {
  seed: number
  version: 4 | 6
  mtu: number
  conditions: [Conditions, Conditions]
  /** Probability that a copy of a packet turns up again, at most this much later: less than MSL. */
  wandering: number
  wanderFor: number
  tcp: [Partial<TcpConfig>, Partial<TcpConfig>]
  maxTimeWait: number
  backlog: number
  synBacklog: number
  /** Takes connections off the accept queue this often; 0: as they come. */
  acceptEvery: number
  connections: ConnectionPlan[]
  outage: { at: number; for: number } | null
  reboot: { host: 0 | 1; at: number } | null
  /** The ISN the first connection begins with: of the opener (0) or the other (1); null for chance. */
  isn: { side: 0 | 1; value: number } | null
}

/** A number between `low` and `high` whose logarithm is uniform: small ones as often as large ones. */
const scaled = (r: Random, low: number, high: number): number => Math.floor(low * (high / low) ** r.next())

const often = <T>(r: Random, p: number, make: () => T, otherwise: T): T => (r.chance(p) ? make() : otherwise)

function conditions(r: Random): Conditions {
  const delay = r.pick([0, 1, 5, 20, 20, 50, 150, 300])
  const c: Conditions = { delay }
  if (r.chance(0.3)) c.jitter = r.pick([0.5, 3, 20, 100])
  if (r.chance(0.4)) {
    c.rate = r.pick([64e3, 256e3, 1e6, 10e6, 100e6])
    if (r.chance(0.7)) c.queue = scaled(r, 3000, 100_000)
  }
  if (r.chance(0.65)) c.loss = r.pick([0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3])
  if (r.chance(0.3)) {
    c.reorder = r.pick([0.01, 0.1, 0.3])
    c.reorderDelay = r.pick([1, 10, 100])
  }
  if (r.chance(0.3)) c.duplicate = r.pick([0.01, 0.1, 0.3])
  if (r.chance(0.3)) c.corrupt = r.pick([0.001, 0.01, 0.05])
  return c
}

function config(r: Random): Partial<TcpConfig> {
  return {
    receiveBuffer: r.chance(0.4) ? scaled(r, 2048, 16_384) : scaled(r, 16_384, 1 << 21),
    sendBuffer: r.chance(0.4) ? scaled(r, 1, 8192) : scaled(r, 8192, 1 << 20),
    timestamps: r.chance(0.7),
    windowScaling: r.chance(0.7),
    sack: r.chance(0.7),
    minRto: r.pick([1, 20, 200, 200, 1000]),
    clockGranularity: r.pick([0, 1, 10]),
    delayedAck: r.pick([0, 10, 40, 200, 499]),
    swsOverride: r.pick([100, 200, 1000]),
    initialWindow: r.pick([1, 2, 10, 10, 40]),
    duplicateAckThreshold: r.pick([3, 3, 3, 2, 10]),
    reassemblyBlocks: r.pick([1, 2, 16, 1024]),
    msl: r.pick([500, 5000, 30_000]),
    persistMax: r.pick([1000, 60_000]),
    rfc1337: r.chance(0.8),
    rfc6191: r.chance(0.8),
    strictReset: r.chance(0.9),
    strictSyn: r.chance(0.9),
    strictAck: r.chance(0.9),
  }
}

function user(r: Random, lossy: number, last: boolean): UserPlan {
  const most = lossy > 0.1 ? 30_000 : 300_000
  const bytes = r.chance(0.15) ? 0 : scaled(r, 1, most)
  const small = bytes > 20_000 ? 200 : 1
  const low = scaled(r, small, Math.max(small, bytes))
  return {
    bytes,
    chunk: [low, Math.max(low, scaled(r, low, 70_000))],
    burst: r.chance(0.4) ? scaled(r, Math.max(1, bytes >> 4), bytes + 1) : Number.POSITIVE_INFINITY,
    pause: scaled(r, 1, 5000),
    readMost: r.chance(0.3) ? scaled(r, Math.max(1, most >> 8), 65_536) : 65_536,
    readPause: r.chance(0.3) ? scaled(r, 1, 300) : 0,
    stallAt: r.chance(0.25) ? Math.floor(r.next() * most) >> r.integer(0, 8) : Number.POSITIVE_INFINITY,
    stallFor: scaled(r, 10, 200_000),
    ending: r.chance(0.06)
      ? 'abort'
      : r.chance(0.1)
        ? 'release'
        : last && r.chance(0.6)
          ? 'close-last'
          : 'close',
    linger: r.chance(0.3) ? scaled(r, 1, 100_000) : 0,
    keepAlive: often(r, 0.4, () => [scaled(r, 500, 60_000), scaled(r, 100, 10_000), r.integer(1, 5)], null),
    noDelay: r.chance(0.3),
    urgent: r.chance(0.05),
  }
}

const AROUND = [0, -0x80000000]

/** The world of a seed. */
/** Choices that came later, from dice of their own, so that the worlds from before are what they were. */
function later(seed: number, side: 0 | 1, tcp: Partial<TcpConfig>): Partial<TcpConfig> {
  const r = new Random(2 * seed + side + 0x5eed)
  if (r.chance(0.5)) return tcp
  const chosen: Partial<TcpConfig> = {
    ...tcp,
    ecn: r.pick(['accept', 'request']),
    accurateEcn: r.pick(['off', 'accept', 'request']),
    accurateEcnOption: r.pick(['never', 'changed', 'always']),
    unusedWindow: r.pick(['restart', 'halve', 'keep']),
    shareState: r.chance(0.5),
    congestion: r.pick(['cubic', 'reno', 'bbr']),
  }
  return chosen.congestion === 'bbr' && r.chance(0.5) ? { ...chosen, congestion: 'bbr1' } : chosen
}

export function planOf(seed: number): WorldPlan {
  const r = new Random(seed)
  const version = r.chance(0.7) ? 4 : 6
  const there = conditions(r)
  const back = r.chance(0.5) ? conditions(r) : there
  const lossy = Math.max(there.loss ?? 0, back.loss ?? 0, there.corrupt ?? 0, back.corrupt ?? 0)
  const first = config(r)
  const second = r.chance(0.7) ? config(r) : first
  const msl = Math.min(first.msl!, second.msl!)
  const wanders = r.chance(0.2)
  const connections: ConnectionPlan[] = []
  for (let i = r.pick([1, 1, 1, 2, 3, 5]); i > 0; i--) {
    const simultaneous = r.chance(0.12)
    connections.push({
      opener: r.chance(0.7) ? 0 : 1,
      simultaneous,
      startsAt: r.chance(0.5) ? 0 : Math.floor(r.next() * 3000),
      localPort: 40_000 + connections.length,
      users: [user(r, lossy, false), user(r, lossy, true)],
      again: often(r, 0.3, () => r.pick([0, 1, 10, 400, 3000]), null),
    })
  }
  return {
    seed,
    version,
    mtu: version === 4 ? r.pick([576, 1006, 1500, 1500, 9000]) : r.pick([1280, 1500, 9000]),
    conditions: [there, back],
    wandering: wanders ? r.pick([0.01, 0.1]) : 0,
    wanderFor: wanders ? r.next() * msl * 0.9 : 0,
    tcp: [later(seed, 0, first), later(seed, 1, second)],
    maxTimeWait: r.pick([1, 4, 65_536, 65_536]),
    backlog: r.pick([1, 2, 511]),
    synBacklog: r.pick([0, 1, 2, 1024, 1024, 1024]),
    acceptEvery: r.chance(0.2) ? scaled(r, 10, 2000) : 0,
    connections,
    outage: often(r, 0.08, () => ({ at: r.integer(0, 5000), for: scaled(r, 100, 400_000) }), null),
    reboot: often(r, 0.05, () => ({ host: r.integer(0, 1) as 0 | 1, at: r.integer(10, 5000) }), null),
    isn: often(
      r,
      0.5,
      () => ({ side: r.integer(0, 1) as 0 | 1, value: (r.pick(AROUND) - scaled(r, 1, 40_000)) | 0 }),
      null,
    ),
  }
}
