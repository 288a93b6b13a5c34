import { IpAddress } from '../wire/address.js'
import type { Conditions } from './conditions.js'
import type { Router } from './router.js'
import type { Cable, Host, HostOptions, World } from './world.js'

/** One set of conditions for both directions, or one for each. */
export type BothWays = Conditions | [Conditions, Conditions]

/** A sender and a receiver to be hung on a chain of routers. */
export interface PathOptions {
  readonly name: string
  /** The routers they hang on, counted from 0; the ends of the chain if absent. */
  readonly from?: number
  readonly to?: number
  /** Conditions of the sender's cable; the receiver's has none. */
  readonly access?: BothWays
  readonly sender?: HostOptions
  readonly receiver?: HostOptions
}

export interface Path {
  readonly name: string
  readonly sender: Host
  readonly receiver: Host
  /** The receiver's address. */
  readonly address: IpAddress
  /** The hops it goes over, as indices. */
  readonly hops: readonly number[]
}

export interface Topology {
  readonly routers: readonly Router[]
  /** What joins each router to the next. */
  readonly hops: readonly Cable[]
  readonly paths: readonly Path[]
}

export interface ChainOptions {
  /** Conditions of each hop, first direction from the first router towards the last. */
  readonly hops: readonly BothWays[]
  readonly paths: readonly PathOptions[]
  readonly mtu?: number
}

/**
 * Routers in a row, and pairs of hosts that speak over some of them. Hosts at router k have addresses in 10.k/16, each
 * on a /30 of its own.
 */
export function chain(world: World, { hops, paths, mtu = 1500 }: ChainOptions): Topology {
  if (hops.length > 200) throw new RangeError(`a chain has at most 200 hops, not ${hops.length}`)
  const routers = Array.from({ length: hops.length + 1 }, (_, k) => world.router(`r${k + 1}`))
  const cables = hops.map((conditions, k) =>
    world.connect(routers[k]!, routers[k + 1]!, {
      addresses: [[`192.168.${k}.1/30`], [`192.168.${k}.2/30`]],
      conditions,
      mtu,
    }),
  )
  for (const [k, router] of routers.entries())
    for (let other = 0; other < routers.length; other++)
      if (other !== k) router.addRoute(`10.${other}.0.0/16`, towards(router, k, other))
  const used = routers.map(() => 0)
  /** Hangs a host on router `k`; returns its address. */
  const hang = (host: Host, k: number, conditions: BothWays, hostFirst: boolean): string => {
    const place = used[k]!++
    if (place >= 1 << 14) throw new RangeError(`router ${k + 1} has no room for another host`)
    const subnet = `10.${k}.${place >> 6}.`
    const low = (place & 63) * 4
    const [router, own] = [`${subnet}${low + 1}`, `${subnet}${low + 2}`]
    const ends = [host, routers[k]!] as const
    const addresses = [[`${own}/30`], [`${router}/30`]] as const
    const gateways = [[router], []] as const
    const [i, j] = hostFirst ? [0, 1] : [1, 0]
    world.connect(ends[i]!, ends[j]!, {
      addresses: [[...addresses[i]!], [...addresses[j]!]],
      gateways: [[...gateways[i]!], [...gateways[j]!]],
      conditions,
      mtu,
    })
    return own
  }
  return {
    routers,
    hops: cables,
    paths: paths.map(({ name, from = 0, to = hops.length, access = {}, ...options }) => {
      if (!(from >= 0 && from < to && to <= hops.length))
        throw new RangeError(`${name} cannot go from router ${from} to router ${to}`)
      const sender = world.host(`${name}-sender`, options.sender)
      const receiver = world.host(`${name}-receiver`, options.receiver)
      hang(sender, from, access, true)
      const address = IpAddress.parse(hang(receiver, to, {}, false))
      return {
        name,
        sender,
        receiver,
        address,
        hops: Array.from({ length: to - from }, (_, i) => from + i),
      }
    }),
  }
}

/** The interface of router `k` on the way to router `other`: its first cable leads back, except for router 0. */
function towards(router: Router, k: number, other: number) {
  return router.interfaces[other < k || k === 0 ? 0 : 1]!
}

export interface DumbbellOptions {
  readonly bottleneck: BothWays
  /** How many pairs of hosts there are, or what each is like. */
  readonly pairs: number | readonly Omit<PathOptions, 'from' | 'to'>[]
  readonly mtu?: number
}

/** Pairs of hosts on both sides of one bottleneck. */
export function dumbbell(world: World, { bottleneck, pairs, mtu = 1500 }: DumbbellOptions): Topology {
  const paths =
    typeof pairs === 'number' ? Array.from({ length: pairs }, (_, i) => ({ name: `pair${i + 1}` })) : pairs
  return chain(world, { hops: [bottleneck], paths, mtu })
}

export interface ParkingLotOptions {
  readonly hop: BothWays
  readonly hops: number
  /** Pairs that speak over all hops, and pairs at each hop that speak over that one alone. */
  readonly long?: number
  readonly short?: number
  readonly mtu?: number
}

/** Several bottlenecks in a row: those who cross all of them meet others at each. */
export function parkingLot(world: World, options: ParkingLotOptions): Topology {
  const { hop, hops, long = 1, short = 1, mtu = 1500 } = options
  const paths: PathOptions[] = Array.from({ length: long }, (_, i) => ({ name: `long${i + 1}` }))
  for (let k = 0; k < hops; k++)
    for (let i = 0; i < short; i++) paths.push({ name: `hop${k + 1}-${i + 1}`, from: k, to: k + 1 })
  return chain(world, { hops: Array.from({ length: hops }, () => hop), paths, mtu })
}
