import { duration, probability, rate, size } from '../../../sim/units.js'
import { CONTROLLERS } from '../../../tcp/controllers.js'

/** What the page can ask of `estab sim`: one bottleneck, and flows over it. Times in ms, rates in bits per second. */

export const QUEUES = ['droptail', 'codel', 'red'] as const
export const UNITS = ['bdp', 'kb', 'pkts'] as const
export type QueueKind = (typeof QUEUES)[number]
export type SizeUnit = (typeof UNITS)[number]

export interface QueueSetup {
  readonly kind: QueueKind
  readonly amount: number
  readonly unit: SizeUnit
}

export interface FlowSetup {
  readonly controller: string
  readonly start: number
  /** A round trip of its own. */
  readonly rtt?: number
}

export interface Setup {
  readonly rtt: number
  readonly rate: number
  readonly queue: QueueSetup
  readonly ecn: boolean
  readonly pacing: boolean
  /** Probabilities. */
  readonly loss: number
  readonly reorder: number
  readonly flows: readonly FlowSetup[]
  readonly duration: number
  readonly seed: number
  /** What the time–sequence graph shows, if not everything. */
  readonly window?: readonly [number, number]
}

export const CONTROLLER_NAMES = Object.keys(CONTROLLERS)
export const MOST_FLOWS = 8
/** What a queue has if only its kind is said; CoDel's limit is for the worst case. */
export const DEFAULT_SIZE: Readonly<Record<QueueKind, Omit<QueueSetup, 'kind'>>> = {
  droptail: { amount: 1, unit: 'bdp' },
  codel: { amount: 1000, unit: 'pkts' },
  red: { amount: 1, unit: 'bdp' },
}
export const DEFAULT: Setup = {
  rtt: 50,
  rate: 50e6,
  queue: { kind: 'droptail', amount: 1, unit: 'bdp' },
  ecn: false,
  pacing: false,
  loss: 0,
  reorder: 0,
  flows: [{ controller: 'cubic', start: 0 }],
  duration: 60_000,
  seed: 1,
}

/** From, to. */
export const RANGES = {
  rtt: [1, 1000],
  rate: [1e5, 1e9],
  loss: [0, 0.5],
  reorder: [0, 0.5],
  duration: [1000, 120_000],
  seed: [0, Number.MAX_SAFE_INTEGER],
} as const
/** Bytes in flight, and in the queue, that a page should hold. */
const MOST_FLIGHT = 32e6
const MOST_QUEUE = 64e6
const LEAST_QUEUE = 1500
/** A probability that is written without an exponent. */
const LEAST_PROBABILITY = 1e-6
/** Samples of what is plotted: one for each pixel of a wide plot. */
const SAMPLES = 1000

export type Field = keyof Setup
/** What is wrong, in words that the page has: `number` is that of a flow, counted from 1. */
export type Wrong =
  | 'range'
  | 'integer'
  | 'controller'
  | 'flight'
  | 'queueSize'
  | 'flowCount'
  | 'late'
  | 'window'
export interface Problem {
  readonly field: Field
  readonly wrong: Wrong
  readonly number?: number
}

export const bdpOf = (setup: Pick<Setup, 'rtt' | 'rate'>): number => (setup.rate * setup.rtt) / 8000

/** The length of the queue in bytes, as `estab sim` understands it. */
export const queueBytes = ({ queue, ...path }: Pick<Setup, 'rtt' | 'rate' | 'queue'>): number =>
  size(sizeText(queue), bdpOf(path))

/** Everything that is wrong with a setup: nothing, if it can be played. */
export function check(setup: Setup): Problem[] {
  const found: Problem[] = []
  for (const [field, [low, high]] of Object.entries(RANGES) as [keyof typeof RANGES, [number, number]][]) {
    const value = setup[field]
    if (!(value >= low && value <= high)) found.push({ field, wrong: 'range' })
  }
  for (const field of ['loss', 'reorder'] as const)
    if (setup[field] > 0 && setup[field] < LEAST_PROBABILITY) found.push({ field, wrong: 'range' })
  if (!Number.isInteger(setup.seed) && found.every(({ field }) => field !== 'seed'))
    found.push({ field: 'seed', wrong: 'integer' })
  if (found.some(({ field }) => field === 'rtt' || field === 'rate')) return found
  const longest = Math.min(RANGES.rtt[1], Math.max(setup.rtt, ...setup.flows.map(({ rtt }) => rtt ?? 0)))
  if (bdpOf({ ...setup, rtt: longest }) > MOST_FLIGHT) found.push({ field: 'rate', wrong: 'flight' })
  const { amount } = setup.queue
  if (!(amount >= 1e-3 && amount <= 1e6)) found.push({ field: 'queue', wrong: 'queueSize' })
  else {
    const bytes = queueBytes(setup)
    if (bytes < LEAST_QUEUE || bytes > MOST_QUEUE) found.push({ field: 'queue', wrong: 'queueSize' })
  }
  if (setup.flows.length < 1 || setup.flows.length > MOST_FLOWS)
    found.push({ field: 'flows', wrong: 'flowCount' })
  for (const [i, { controller, start, rtt }] of setup.flows.entries()) {
    const number = i + 1
    if (!CONTROLLER_NAMES.includes(controller)) found.push({ field: 'flows', wrong: 'controller', number })
    if (!(start >= 0 && start < setup.duration)) found.push({ field: 'flows', wrong: 'late', number })
    if (rtt !== undefined && !(rtt >= RANGES.rtt[0] && rtt <= RANGES.rtt[1]))
      found.push({ field: 'flows', wrong: 'range', number })
  }
  if (setup.window) {
    const [from, to] = setup.window
    if (!(from >= 0 && from < to && to <= setup.duration)) found.push({ field: 'window', wrong: 'window' })
  }
  return found
}

/** Twelve digits: what people write, without the noise of doubles. */
export const tidy = (value: number): number => Number(value.toPrecision(12))

/** A time in ms as it is kept: whole microseconds, which text says without an exponent. */
export const microseconds = (ms: number): number => Math.round(ms * 1000) / 1000

// ---- text, as the options of `estab sim` have it ----

export const msText = (ms: number): string => `${ms}ms`
export const timeText = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}s` : msText(ms))
export const rateText = (bits: number): string =>
  bits % 1e6 === 0 ? `${bits / 1e6}mbit` : bits % 1e3 === 0 ? `${bits / 1e3}kbit` : `${bits}bit`
const sizeText = ({ amount, unit }: Omit<QueueSetup, 'kind'>): string => `${amount}${unit}`
export function queueText(queue: QueueSetup): string {
  const { kind } = queue
  const usual = DEFAULT_SIZE[kind]
  if (kind === 'droptail') return sizeText(queue)
  return queue.amount === usual.amount && queue.unit === usual.unit ? kind : `${kind}:${sizeText(queue)}`
}
export const windowText = ([from, to]: readonly [number, number]): string =>
  `${timeText(from)}-${timeText(to)}`

/** Numbers alone are ms, bits per second, probabilities, as in a world file. */
const withUnit =
  (reader: (value: unknown) => number) =>
  (text: string): number =>
    reader(/^[\d.]+(e\d+)?$/i.test(text) ? Number(text) : text)
export const readTime = (text: string): number => microseconds(withUnit(duration)(text))
export const readRate = withUnit(rate)
export const readProbability = withUnit(probability)

/** Throws a SyntaxError. */
export function readQueue(text: string): QueueSetup {
  const [, name, rest] = /^(droptail|codel|red)(?::(.*))?$/i.exec(text) ?? []
  const kind = (name?.toLowerCase() ?? 'droptail') as QueueKind
  const sizes = name === undefined ? text : rest
  if (sizes === undefined) return { kind, ...DEFAULT_SIZE[kind] }
  const [, digits, word] = /^([\d.]+)(bdp|kb|pkts?)$/i.exec(sizes) ?? []
  if (digits !== undefined && word !== undefined) {
    // Says whether it is a number.
    size(sizes, 1)
    const unit = word.toLowerCase()
    return { kind, amount: Number(digits), unit: unit === 'pkt' ? 'pkts' : (unit as SizeUnit) }
  }
  return { kind, amount: size(/^\d+$/.test(sizes) ? Number(sizes) : sizes) / 1000, unit: 'kb' }
}

/** A world of `estab sim`: the same texts, whether they are given as options or as the keys of a world file. */
export type Description = Readonly<Record<string, unknown>>

/** What to give `readDescription`, and so to `estab sim`. */
export function describe(setup: Setup): Description {
  const { rtt, rate: bits, queue, ecn, pacing, loss, reorder, flows, duration: length, seed, window } = setup
  const own = flows.some(flow => flow.rtt !== undefined)
  return {
    rtt: msText(rtt),
    rate: rateText(bits),
    queue: queueText(queue),
    ...(ecn ? { ecn } : {}),
    ...(pacing ? { pacing } : {}),
    ...(loss > 0 ? { loss: String(loss) } : {}),
    ...(reorder > 0 ? { reorder: String(reorder) } : {}),
    // Only a file has round trips of a flow's own.
    flows: own
      ? flows.map(flow => ({
          controller: flow.controller,
          ...(flow.start > 0 ? { start: timeText(flow.start) } : {}),
          ...(flow.rtt === undefined ? {} : { rtt: msText(flow.rtt) }),
        }))
      : flows.map(flowText).join(','),
    duration: timeText(length),
    sample: timeText(microseconds(length / SAMPLES)),
    ...(window ? { window: windowText(window) } : {}),
    seed,
  }
}

export const flowText = ({ controller, start }: FlowSetup): string =>
  start > 0 ? `${controller}@${timeText(start)}` : controller

/** The commands that play the same in a terminal. */
export function commandOf(setup: Setup): string {
  const description = describe(setup)
  const { flows } = description
  const options = Object.entries(description)
    .filter(([key]) => key !== 'flows' || typeof flows === 'string')
    .map(([key, value]) => (value === true ? `--${key}` : `--${key} ${value}`))
    .join(' ')
  return typeof flows === 'string'
    ? `npx estab sim ${options}`
    : `echo '${JSON.stringify({ flows })}' > flows.json\nnpx estab sim flows.json ${options}`
}
