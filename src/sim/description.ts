import type { Conditions } from './conditions.js'
import type { DeliveryTrace } from './delivery-trace.js'
import type { FlowPlan, Plan } from './experiment.js'
import { rateOf } from './experiment.js'
import { DescriptionError, Fields, integerIn, isBoolean, oneOf, readAt, text } from './fields.js'
import type { GilbertElliottOptions } from './loss.js'
import type { Aqm } from './queue.js'
import { type CrossTraffic, TRAFFIC } from './traffic.js'
import { duration, probability, rate, size } from './units.js'

/**
 * A world as people describe it, in a file or by options: an object whose values are text with units, or numbers in
 * ms, bits per second, bytes and probabilities. docs/sim.md says what each key means.
 */

const LINE_KEYS = [
  'rate',
  'trace',
  'queue',
  'loss',
  'jitter',
  'reorder',
  'reorderDelay',
  'duplicate',
  'corrupt',
]
const KEYS = [
  ...[
    'seed',
    'duration',
    'rtt',
    'mtu',
    'topology',
    'hops',
    'flows',
    'cross',
    'ecn',
    'pacing',
    'sample',
    'window',
    'back',
  ],
  ...LINE_KEYS,
]
const FLOW_KEYS = ['controller', 'start', 'size', 'rtt', 'hop']

export interface DescriptionContext {
  /** The names of the controllers there are. */
  readonly controllers: readonly string[]
  /** Reads the file that `trace` names. Throws a SyntaxError if it is no trace. */
  readonly loadTrace: (path: string) => DeliveryTrace
}

/** What is taken where nothing is said. */
const DEFAULTS = { rtt: 50, rate: 10e6, queue: '1bdp', duration: 10_000, seed: 1, mtu: 1500, hops: 3 }
const LONGEST = 86_400_000
/** CoDel's limit is only for the worst case. */
const CODEL_LIMIT = '1000pkts'
const SAMPLES = 300

/** Makes a plan of a description. Throws a DescriptionError that says where it is wrong. */
export function readDescription(value: unknown, context: DescriptionContext): Plan {
  const d = new Fields(value, '', KEYS)
  const rtt = d.read('rtt', positive(duration)) ?? DEFAULTS.rtt
  const length = d.read('duration', positive(duration)) ?? DEFAULTS.duration
  if (length > LONGEST) d.fail('duration', 'must not be more than a day')
  const ecn = d.read('ecn', isBoolean) ?? false
  const topology = d.read('topology', oneOf('dumbbell', 'parking-lot')) ?? 'dumbbell'
  if (topology === 'dumbbell' && d.has('hops'))
    d.fail('hops', 'a dumbbell has one hop; a parking-lot has several')
  const hops = topology === 'dumbbell' ? 1 : (d.read('hops', integerIn(2, 20)) ?? DEFAULTS.hops)
  const there = readLine(d, rtt, ecn, context, { rate: DEFAULTS.rate })
  const flows = d.read('flows', (list, path) => readFlows(list, path, { rtt, hops, context })) ?? []
  if (d.has('flows') && flows.length === 0) d.fail('flows', 'there must be at least one')
  return {
    seed: d.read('seed', integerIn(0, Number.MAX_SAFE_INTEGER)) ?? DEFAULTS.seed,
    duration: length,
    hops,
    there,
    back: readBack(d, rtt, ecn, context, there),
    mtu: d.read('mtu', integerIn(576, 9000)) ?? DEFAULTS.mtu,
    ecn,
    pacing: d.read('pacing', isBoolean) ?? false,
    flows:
      flows.length > 0 ? flows : readFlows(context.controllers.slice(0, 1), 'flows', { rtt, hops, context }),
    cross: d.read('cross', readCross) ?? [],
    sample: d.read('sample', positive(duration)) ?? Math.max(1, length / SAMPLES),
    window: d.read('window', value => readWindow(value, length)) ?? [0, length],
  }
}

const positive =
  (reader: (value: unknown) => number) =>
  (value: unknown): number => {
    const number = reader(value)
    if (number > 0) return number
    throw new SyntaxError('must be more than 0')
  }

/** The way back: as fast as the way there, with a queue as long that drops from the tail, and nothing else amiss. */
function readBack(
  d: Fields,
  rtt: number,
  ecn: boolean,
  context: DescriptionContext,
  there: Conditions,
): Conditions {
  const base: Conditions = { rate: rateOf(there) }
  if (!d.has('back')) return { ...base, ...(there.queue === undefined ? {} : { queue: there.queue }) }
  return readLine(new Fields(d.raw('back'), 'back', LINE_KEYS), rtt, ecn, context, base)
}

function readLine(
  d: Fields,
  rtt: number,
  ecn: boolean,
  context: DescriptionContext,
  base: Conditions,
): Conditions {
  if (d.has('rate') && d.has('trace')) d.fail('trace', 'a line has a rate or a trace, not both')
  const trace = d.read('trace', value => context.loadTrace(text(value)))
  const line: Conditions = trace ? { trace } : { rate: d.read('rate', positive(rate)) ?? base.rate! }
  const bdp = (rateOf(line) * rtt) / 8000
  const queue = d.has('queue') ? d.raw('queue') : DEFAULTS.queue
  Object.assign(
    line,
    readAt(d.at('queue'), queue, (value, path) => readQueue(value, path, bdp, ecn)),
  )
  Object.assign(line, d.read('loss', readLoss))
  for (const key of ['jitter', 'reorderDelay'] as const) {
    const value = d.read(key, duration)
    if (value !== undefined) line[key] = value
  }
  for (const key of ['reorder', 'duplicate', 'corrupt'] as const) {
    const value = d.read(key, probability)
    if (value !== undefined) line[key] = value
  }
  return line
}

function readQueue(
  value: unknown,
  path: string,
  bdp: number,
  ecn: boolean,
): Pick<Conditions, 'queue' | 'aqm'> {
  if (typeof value === 'object') {
    const d = new Fields(value, path, ['kind', 'limit', 'target', 'interval', 'min', 'max', 'maxP', 'weight'])
    const kind = d.read('kind', oneOf('droptail', 'codel', 'red')) ?? d.fail('kind', 'must say which queue')
    const own = { droptail: [], codel: ['target', 'interval'], red: ['min', 'max', 'maxP', 'weight'] }[kind]
    for (const key of Object.keys(value!))
      if (!['kind', 'limit', ...own].includes(key)) d.fail(key, `is nothing that ${kind} has`)
    const limit = d.read('limit', v => size(v, bdp)) ?? size(defaultLimit(kind), bdp)
    if (kind === 'droptail') return { queue: limit }
    const aqm: Record<string, unknown> = { kind, ecn }
    for (const key of own) {
      const reader = {
        target: duration,
        interval: positive(duration),
        maxP: probability,
        weight: probability,
      }[key]
      const read = d.read(key, reader ?? (v => size(v, bdp)))
      if (read !== undefined) aqm[key] = read
    }
    if (
      kind === 'red' &&
      aqm['min'] !== undefined &&
      !((aqm['min'] as number) < ((aqm['max'] as number) ?? limit / 2))
    )
      d.fail('min', 'must be less than max')
    return { queue: limit, aqm: aqm as unknown as Aqm }
  }
  if (typeof value === 'string') {
    const [, kind, limit] = /^(droptail|codel|red)(?::(.*))?$/i.exec(value.trim()) ?? []
    if (kind !== undefined) {
      const name = kind.toLowerCase() as 'droptail' | 'codel' | 'red'
      const queue = size(limit ?? defaultLimit(name), bdp)
      return name === 'droptail' ? { queue } : { queue, aqm: { kind: name, ecn } }
    }
    if (/^[a-z]/i.test(value))
      throw new SyntaxError(`there is no queue ${JSON.stringify(value)}; there are droptail, codel, red`)
  }
  return { queue: size(value, bdp) }
}

const defaultLimit = (kind: 'droptail' | 'codel' | 'red'): string =>
  kind === 'codel' ? CODEL_LIMIT : DEFAULTS.queue

function readLoss(value: unknown, path: string): Pick<Conditions, 'loss' | 'bursts'> {
  if (typeof value === 'object') {
    const d = new Fields(value, path, ['p', 'r', 'good', 'bad'])
    const bursts: { -readonly [Key in keyof GilbertElliottOptions]: GilbertElliottOptions[Key] } = {
      p: d.read('p', probability) ?? d.fail('p', 'must say how probable it is that loss begins'),
      r: d.read('r', probability) ?? d.fail('r', 'must say how probable it is that loss ends'),
    }
    for (const key of ['good', 'bad'] as const) {
      const read = d.read(key, probability)
      if (read !== undefined) bursts[key] = read
    }
    return { bursts }
  }
  const [, list] = (typeof value === 'string' && /^ge:(.*)$/i.exec(value.trim())) || []
  if (list === undefined) return { loss: probability(value) }
  const parts = list.split(',')
  if (parts.length < 2 || parts.length > 4)
    throw new SyntaxError(`${JSON.stringify(value)} is not ge:p,r or ge:p,r,bad or ge:p,r,bad,good`)
  const [p, r, bad, good] = parts.map(part => probability(part.trim()))
  return {
    bursts: { p: p!, r: r!, ...(bad === undefined ? {} : { bad }), ...(good === undefined ? {} : { good }) },
  }
}

interface FlowContext {
  readonly rtt: number
  readonly hops: number
  readonly context: DescriptionContext
}

function readFlows(value: unknown, path: string, { rtt, hops, context }: FlowContext): FlowPlan[] {
  const list = typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(list)) throw new SyntaxError('must be a list of flows')
  if (list.length > 100) throw new SyntaxError(`there are ${list.length} flows, more than 100`)
  const controllers = list.map((item, i) => controllerOf(item, `${path}[${i}]`, context))
  return list.map((item, i) => {
    const at = `${path}[${i}]`
    const controller = controllers[i]!
    const twins = controllers.filter(other => other === controller).length
    const number = controllers.slice(0, i + 1).filter(other => other === controller).length
    const d = new Fields(typeof item === 'string' ? shortFlow(item, at) : item, at, FLOW_KEYS)
    const start = d.read('start', duration) ?? 0
    const bytes = d.read(
      'size',
      positive(v => size(v)),
    )
    const hop = readHop(d, i, hops)
    return {
      name: twins > 1 ? `${controller}-${number}` : controller,
      controller,
      start,
      ...(bytes === undefined ? {} : { size: bytes }),
      rtt: d.read('rtt', positive(duration)) ?? (hop === undefined ? rtt : rtt / hops),
      ...(hop === undefined ? {} : { hop }),
    }
  })
}

/** In a parking lot the first flow crosses all hops, and the others one each, in turn, unless they say otherwise. */
function readHop(d: Fields, i: number, hops: number): number | undefined {
  if (!d.has('hop')) return hops === 1 || i === 0 ? undefined : (i - 1) % hops
  if (hops === 1) d.fail('hop', 'a dumbbell has only one hop')
  if (d.raw('hop') === 'all') return undefined
  return d.read('hop', integerIn(1, hops))! - 1
}

/** `reno@5s:10mb`: a controller, when it starts, how much it sends. */
function shortFlow(item: string, path: string): Record<string, string> {
  const [, controller, start, bytes] = /^([^@:]+)(?:@([^@:]+))?(?::([^@:]+))?$/.exec(item.trim()) ?? []
  if (controller === undefined)
    throw new DescriptionError(path, `${JSON.stringify(item)} is not controller[@start][:size]`)
  return {
    controller,
    ...(start === undefined ? {} : { start }),
    ...(bytes === undefined ? {} : { size: bytes }),
  }
}

function controllerOf(item: unknown, path: string, { controllers }: DescriptionContext): string {
  const d = new Fields(typeof item === 'string' ? shortFlow(item, path) : item, path, FLOW_KEYS)
  const name = d.read('controller', text) ?? d.fail('controller', 'must say which congestion controller')
  if (!controllers.includes(name))
    throw new DescriptionError(
      typeof item === 'string' ? path : d.at('controller'),
      `no controller named ${name}; there are: ${controllers.join(', ')}`,
    )
  return name
}

function readCross(value: unknown, path: string): CrossTraffic[] {
  const list = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [value]
  return list.map((item, i) => {
    if (typeof item === 'object') {
      const d = new Fields(item, `${path}[${i}]`, ['kind', 'rate'])
      return {
        kind: d.read('kind', oneOf(...TRAFFIC)) ?? 'poisson',
        rate: d.read('rate', positive(rate)) ?? d.fail('rate', 'must say how much'),
      }
    }
    const [, kind, much] = (typeof item === 'string' && /^([a-z]+):(.*)$/i.exec(item.trim())) || []
    return {
      kind: kind === undefined ? 'poisson' : oneOf(...TRAFFIC)(kind.toLowerCase()),
      rate: positive(rate)(kind === undefined ? item : much),
    }
  })
}

function readWindow(value: unknown, length: number): [number, number] {
  const ends = typeof value === 'string' ? value.split('-') : value
  if (!Array.isArray(ends) || ends.length !== 2)
    throw new SyntaxError(`${JSON.stringify(value)} is not two times such as 2s-4s`)
  const [from, to] = ends.map(duration) as [number, number]
  if (from < to && from < length) return [from, Math.min(to, length)]
  throw new SyntaxError(from < length ? 'must end after it begins' : 'begins when everything is over')
}
