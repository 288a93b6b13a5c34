import type { CongestionControllerFactory } from '../tcp/congestion.js'
import type { IpAddress } from '../wire/address.js'
import type { Random } from './random.js'
import type { Path } from './topology.js'
import type { Host, World } from './world.js'

/**
 * Traffic that is there so that others have to live with it: `cbr` sends datagrams evenly, `poisson` at random with
 * that mean, `pareto` in bursts whose lengths have a heavy tail, `web` makes short TCP connections.
 */
export const TRAFFIC = ['cbr', 'poisson', 'pareto', 'web'] as const

export interface CrossTraffic {
  readonly kind: (typeof TRAFFIC)[number]
  /** The mean rate offered, in bits per second, IP headers counted for datagrams. */
  readonly rate: number
}

export interface TrafficCounts {
  /** Bytes that were offered and that arrived. */
  sent: number
  received: number
  /** Connections begun and over; 0 for datagrams. */
  started: number
  finished: number
}

/** Bytes of each datagram: with UDP and IPv4 headers 1,000. */
const DATAGRAM = 972
const DATAGRAM_ON_WIRE = 1000
const PORT = 9
/** Bursts are half a second on average, and as long as the silence between them; the tail's exponent. */
const MEAN_BURST = 500
const BURST_SHAPE = 1.5
/** Connections carry 30 kB on average, with a tail, and no more than this. */
const MEAN_SIZE = 30_000
const SIZE_SHAPE = 1.3
const LARGEST_SIZE = 10_000_000
const ZEROS = new Uint8Array(1 << 16)

/** Lets traffic of a kind flow over a path from `start` until `end` (ms). All that is random in it is drawn from `random`. */
export function crossTraffic(
  world: World,
  path: Path,
  { kind, rate }: CrossTraffic,
  random: Random,
  start: number,
  end: number,
  congestion?: CongestionControllerFactory,
): TrafficCounts {
  const counts: TrafficCounts = { sent: 0, received: 0, started: 0, finished: 0 }
  if (!(rate > 0)) return counts
  if (kind === 'web') {
    web(world, path, rate, random, start, end, counts, congestion)
    return counts
  }
  path.receiver.stack.bindUdp(PORT, ({ bytes }) => {
    counts.received += bytes.length
  })
  const port = path.sender.stack.bindUdp(PORT, () => {})
  const send = () => {
    port.send(ZEROS.subarray(0, DATAGRAM), path.address, PORT)
    counts.sent += DATAGRAM
  }
  const gap = (DATAGRAM_ON_WIRE * 8000) / rate
  if (kind === 'pareto') {
    bursts(world, send, gap / 2, random, start, end)
    return counts
  }
  const next = () => (kind === 'cbr' ? gap : exponential(random, gap))
  // Sources that begin together would march in step.
  repeat(world, start + random.next() * gap, end, () => {
    send()
    return next()
  })
  return counts
}

/** Does `work` at `at`, and again as many ms later as it says, until `end`. */
function repeat(world: World, at: number, end: number, work: () => number): void {
  if (at >= end) return
  world.at(at, () => repeat(world, at + work(), end, work))
}

function bursts(
  world: World,
  send: () => void,
  gap: number,
  random: Random,
  start: number,
  end: number,
): void {
  const length = () => Math.min(20 * MEAN_BURST, pareto(random, MEAN_BURST, BURST_SHAPE))
  let left = random.next() * MEAN_BURST
  repeat(world, start + random.next() * MEAN_BURST, end, () => {
    send()
    left -= gap
    if (left > 0) return gap
    left = length()
    return gap + exponential(random, MEAN_BURST)
  })
}

function web(
  world: World,
  path: Path,
  rate: number,
  random: Random,
  start: number,
  end: number,
  counts: TrafficCounts,
  congestion?: CongestionControllerFactory,
): void {
  listen(path.receiver, counts)
  const gap = (MEAN_SIZE * 8000) / rate
  repeat(world, start + exponential(random, gap), end, () => {
    const size = Math.ceil(Math.min(LARGEST_SIZE, pareto(random, MEAN_SIZE, SIZE_SHAPE)))
    connect(path.sender, path.address, size, counts, congestion)
    return exponential(random, gap)
  })
}

function listen(host: Host, counts: TrafficCounts): void {
  host.stack.listen({
    port: PORT,
    onConnection: socket => {
      socket.handler = {
        readable: () => {
          while (socket.receiveQueued > 0) counts.received += socket.receive()!.length
        },
        end: () => {
          counts.finished++
          socket.close()
        },
      }
    },
  })
}

function connect(
  host: Host,
  remote: IpAddress,
  size: number,
  counts: TrafficCounts,
  congestion?: CongestionControllerFactory,
): void {
  counts.started++
  counts.sent += size
  const socket = host.stack.connect({
    remote,
    port: PORT,
    ...(congestion ? { congestion } : {}),
    handler: {
      open: () => {
        for (let left = size; left > 0; left -= ZEROS.length)
          socket.send(ZEROS.subarray(0, Math.min(left, ZEROS.length)))
        socket.close()
      },
    },
  })
}

/** An exponential variate with this mean. */
const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random.next())

/** A Pareto variate with this mean; `shape` must be more than 1. */
const pareto = (random: Random, mean: number, shape: number): number =>
  (mean * (shape - 1)) / shape / (1 - random.next()) ** (1 / shape)
