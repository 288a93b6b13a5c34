import type { StackObserver } from '../stack/observe.js'
import type { CongestionControllerFactory } from '../tcp/congestion.js'
import type { Conditions } from './conditions.js'
import { meanRate } from './delivery-trace.js'
import { both, Flow, type FlowSample } from './flow.js'
import { type SequencePoints, SequenceWatch } from './sequence-watch.js'
import { type Distribution, distribution, jain, Numbers } from './statistics.js'
import { type BothWays, chain, type Path, type PathOptions } from './topology.js'
import { type CrossTraffic, crossTraffic, type TrafficCounts } from './traffic.js'
import { type Cable, type Host, World } from './world.js'

/** A flow of an experiment. Times in ms, sizes in bytes. */
export interface FlowPlan {
  /** What it is called in results: its controller, with a number if there are several. */
  readonly name: string
  readonly controller: string
  readonly start: number
  readonly size?: number
  /** Its round-trip time without queues. */
  readonly rtt: number
  /** The hop it goes over, from 0; all of them if absent. */
  readonly hop?: number
}

/** An experiment: a chain of equal bottlenecks, and the flows over it. Times in ms, rates in bits per second. */
export interface Plan {
  readonly seed: number
  readonly duration: number
  /** How many bottlenecks there are in a row: one is a dumbbell, more are a parking lot. */
  readonly hops: number
  /** Of each bottleneck, towards the receivers and back; their `delay` is worked out from the flows' round trips. */
  readonly there: Conditions
  readonly back: Conditions
  readonly mtu: number
  readonly ecn: boolean
  /** Flows are paced whatever their controller. */
  readonly pacing: boolean
  readonly flows: readonly FlowPlan[]
  /** Over each bottleneck by itself. */
  readonly cross: readonly CrossTraffic[]
  /** The time between two samples. */
  readonly sample: number
  /** The time that the time–sequence graph shows. */
  readonly window: readonly [number, number]
}

/** A column for each thing sampled; NaN where it is not known. */
export type Series<T> = { readonly [Key in keyof T]: readonly number[] }

export interface FlowResult {
  readonly name: string
  readonly controller: string
  readonly start: number
  /** When it was done; NaN if it has no end, or did not reach it. */
  readonly finished: number
  readonly error: string | undefined
  /** Bytes that the user at the far end got, and the rate at which, from the flow's start to its end. */
  readonly received: number
  readonly goodput: number
  readonly retransmissions: number
  readonly retransmittedBytes: number
  readonly timeouts: number
  readonly rtt: Distribution
  readonly series: Series<FlowSample>
  readonly sequence: SequencePoints
}

export interface HopResult {
  /** Towards the receivers: bytes carried, and the part of what the line could have carried. */
  readonly carried: number
  readonly utilisation: number
  /** Packets that came to it, that the queue dropped, that the line lost, that the queue marked. */
  readonly sent: number
  readonly dropped: number
  readonly lost: number
  readonly marked: number
  /** Bytes in the queue, at each sample and as they are distributed. */
  readonly queue: Distribution
  readonly series: { readonly queue: readonly number[] }
}

export interface ExperimentResult {
  readonly seed: number
  readonly duration: number
  /** Jain's index of the flows' goodput over the time in which all were active; NaN if there was none. */
  readonly fairness: number
  /** The times of samples. */
  readonly t: readonly number[]
  readonly flows: readonly FlowResult[]
  readonly hops: readonly HopResult[]
  readonly cross: readonly (CrossTraffic & TrafficCounts)[]
}

export interface RunOptions {
  /** The controllers that the plan's names mean. */
  readonly controllers: Readonly<Record<string, CongestionControllerFactory>>
  /** Another observer for a flow's sender. */
  readonly observe?: (host: Host) => StackObserver | undefined
  /** Told of virtual time as it passes. */
  readonly progress?: (now: number) => void
}

const PORT = 5001
/** The buffers of hosts are never smaller than this. */
const LEAST_BUFFER = 1 << 20
const MOST_BUFFER = 1 << 28
const PACKET = 1500
/** How often progress is told, in parts of the duration. */
const STEPS = 200

/** The rate of a line, whichever way it is given. */
export const rateOf = (c: Conditions): number =>
  c.trace ? meanRate(c.trace) : (c.rate ?? Number.POSITIVE_INFINITY)

/** Plays a plan from beginning to end. The same plan gives the same result. */
export function runExperiment(plan: Plan, options: RunOptions): ExperimentResult {
  const world = new World({ seed: plan.seed })
  const [from, to] = plan.window
  const watches = plan.flows.map((_, i) => new SequenceWatch(PORT + i, from, to))
  const topology = chain(world, {
    hops: Array.from({ length: plan.hops }, () => bottleneck(plan)),
    paths: [...plan.flows.map((flow, i) => pathOf(plan, flow, i)), ...crossPaths(plan)],
    mtu: plan.mtu,
  })
  const tcp = {
    ...buffers(plan),
    ecn: plan.ecn ? 'request' : 'off',
    pacing: plan.pacing ? 'always' : 'controller',
    reassemblyBlocks: 1 << 17,
  } as const
  const flows = plan.flows.map(({ controller, start, size }, i) => {
    const path = topology.paths[i]!
    const watch = watches[i]!
    path.sender.stack.observer = both(watch.sender, options.observe?.(path.sender))
    path.receiver.stack.observer = watch.receiver
    const congestion = options.controllers[controller]
    if (!congestion) throw new RangeError(`there is no controller ${controller}`)
    return new Flow(world, path, watch, { port: PORT + i, start, size, congestion, tcp })
  })
  const counts = plan.cross.length > 0 ? startCross(world, plan, topology.paths.slice(flows.length)) : []
  const record = new Recording(world, plan, flows, topology.hops)
  const step = plan.duration / STEPS
  for (let i = 1; i <= STEPS; i++) {
    world.runSync(i === STEPS ? plan.duration : i * step)
    options.progress?.(world.now)
  }
  return record.result(watches, counts)
}

/** The part of a round trip that each bottleneck takes: what is common to all flows, divided among the hops. */
function hopDelay({ flows, hops }: Plan): number {
  return Math.min(...flows.map(({ rtt, hop }) => rtt / (hop === undefined ? hops : 1))) / 2
}

function bottleneck(plan: Plan): BothWays {
  const delay = hopDelay(plan)
  return [
    { ...plan.there, delay },
    { ...plan.back, delay },
  ]
}

function pathOf(plan: Plan, { name, rtt, hop }: FlowPlan, i: number): PathOptions {
  const crossed = hop === undefined ? plan.hops : 1
  const delay = Math.max(0, rtt / 2 - crossed * hopDelay(plan))
  // Without noise, flows of equal round trips march in step, and a full queue drops always the same one's packets
  // (Floyd and Jacobson, "Traffic phase effects", 1991): up to one packet's time on the bottleneck is enough.
  const jitter = plan.flows.length > 1 ? (PACKET * 8000) / rateOf(plan.there) : 0
  return {
    name: `${i + 1}-${name}`,
    ...(hop === undefined ? {} : { from: hop, to: hop + 1 }),
    access: [{ delay, jitter }, { delay }],
  }
}

function crossPaths(plan: Plan): PathOptions[] {
  return plan.cross.flatMap(({ kind }, i) =>
    Array.from({ length: plan.hops }, (_, k) => ({
      name: `cross${i + 1}-${kind}-${k + 1}`,
      from: k,
      to: k + 1,
    })),
  )
}

function startCross(
  world: World,
  plan: Plan,
  paths: readonly Path[],
): readonly (CrossTraffic & TrafficCounts)[] {
  return paths.map((path, i) => {
    const traffic = plan.cross[Math.floor(i / plan.hops)]!
    const counts = crossTraffic(world, path, traffic, world.random.fork(), 0, plan.duration)
    return Object.assign(counts, traffic)
  })
}

/**
 * Room for four times what the path and its queue hold: the network is to be the limit, not the hosts. While a loss is
 * mended there are two windows between what is acknowledged and what is sent.
 */
function buffers(plan: Plan): { receiveBuffer: number; sendBuffer: number } {
  const longest = Math.max(...plan.flows.map(flow => flow.rtt))
  const rate = rateOf(plan.there)
  const path = Number.isFinite(rate) ? (rate * longest) / 8000 : LEAST_BUFFER
  const wanted = 4 * (path + (plan.there.queue ?? path) * plan.hops)
  const size = Math.ceil(Math.min(MOST_BUFFER, Math.max(LEAST_BUFFER, wanted)))
  return { receiveBuffer: size, sendBuffer: size }
}

/** What is seen of an experiment while it runs. */
class Recording {
  private readonly t: number[] = []
  private readonly samples: FlowSample[][]
  private readonly queues: number[][]
  /** What each flow had received when all had begun, and when the first of them ended. */
  private received: { from: number[]; to: number[] } | undefined

  constructor(
    private readonly world: World,
    private readonly plan: Plan,
    private readonly flows: readonly Flow[],
    private readonly hops: readonly Cable[],
  ) {
    this.samples = flows.map(() => [])
    this.queues = hops.map(() => [])
    const count = Math.floor(plan.duration / plan.sample)
    const sample = (i: number) => {
      this.take()
      if (i < count) world.at((i + 1) * plan.sample, () => sample(i + 1))
    }
    world.at(0, () => sample(0))
  }

  private take(): void {
    this.t.push(this.world.now)
    for (const [i, flow] of this.flows.entries()) this.samples[i]!.push(flow.sample())
    for (const [k, cable] of this.hops.entries()) this.queues[k]!.push(cable.forward.backlog)
    if (!this.flows.every(flow => flow.isActive)) return
    const received = this.flows.map(flow => flow.received)
    if (this.received) this.received.to = received
    else this.received = { from: received, to: received }
  }

  result(watches: readonly SequenceWatch[], cross: ExperimentResult['cross']): ExperimentResult {
    const { plan, received } = this
    return {
      seed: plan.seed,
      duration: plan.duration,
      fairness: received ? jain(received.to.map((bytes, i) => bytes - received.from[i]!)) : Number.NaN,
      t: this.t,
      flows: this.flows.map((flow, i) => this.flow(flow, plan.flows[i]!, watches[i]!, this.samples[i]!)),
      hops: this.hops.map((cable, k) => this.hop(cable, this.queues[k]!)),
      cross,
    }
  }

  private flow(flow: Flow, plan: FlowPlan, watch: SequenceWatch, samples: FlowSample[]): FlowResult {
    const end = Number.isNaN(flow.finishedAt) ? this.plan.duration : flow.finishedAt
    const seconds = (end - plan.start) / 1000
    return {
      name: plan.name,
      controller: plan.controller,
      start: plan.start,
      finished: flow.finishedAt,
      error: flow.error,
      received: flow.received,
      goodput: seconds > 0 ? (flow.received * 8) / seconds : 0,
      retransmissions: watch.retransmissions,
      retransmittedBytes: watch.retransmittedBytes,
      timeouts: flow.socket?.status().timeouts ?? 0,
      rtt: distribution(watch.rtts),
      series: {
        goodput: samples.map(s => s.goodput),
        cwnd: samples.map(s => s.cwnd),
        ssthresh: samples.map(s => s.ssthresh),
        srtt: samples.map(s => s.srtt),
        rttMin: samples.map(s => s.rttMin),
        rttMax: samples.map(s => s.rttMax),
        retransmissions: samples.map(s => s.retransmissions),
      },
      sequence: watch.points,
    }
  }

  private hop({ forward }: Cable, queue: number[]): HopResult {
    const capacity = (rateOf(this.plan.there) * this.plan.duration) / 8000
    const lengths = new Numbers()
    for (const bytes of queue) lengths.push(bytes)
    return {
      carried: forward.carried,
      utilisation: Number.isFinite(capacity) ? forward.carried / capacity : Number.NaN,
      sent: forward.sent,
      dropped: forward.dropped,
      lost: forward.lost - forward.dropped,
      marked: forward.marked,
      queue: distribution(lengths),
      series: { queue },
    }
  }
}
