import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type Command, Option } from 'commander'
import {
  CONTROLLERS,
  type DeliveryTrace,
  DescriptionError,
  type ExperimentResult,
  type Plan,
  parseDeliveryTrace,
  plotExperiment,
  readDescription,
  resultAsJson,
  runExperiment,
} from '../sim/index.js'
import { writeFile } from './output.js'
import { Progress } from './progress.js'
import { SimCapture } from './sim-capture.js'
import { describePlan, table } from './sim-table.js'
import { integer, UsageError } from './usage.js'

interface SimOptions {
  json?: boolean
  plot?: string
  pcap?: string
  snaplen?: number
  [key: string]: unknown
}

/** Options that say nothing of the world. */
const OUTPUTS = ['json', 'plot', 'pcap', 'snaplen']
/** Options of the way back, and the keys they stand for. */
const BACK = { backRate: 'rate', backTrace: 'trace', backQueue: 'queue', backLoss: 'loss' } as const

export function addSim(estab: Command): void {
  estab
    .command('sim')
    .description('run TCP flows over a simulated network, in virtual time, and tell how they fared')
    .argument('[world]', 'a world file (JSON); options change what it says')
    .option('--rtt <time>', 'round-trip time without queues, such as 100ms (default: 50ms)')
    .option('--rate <rate>', 'rate of the bottleneck, such as 50mbit (default: 10mbit)')
    .option('--trace <file>', 'instead of --rate: a mahimahi trace of delivery opportunities')
    .option(
      '--queue <queue>',
      '[droptail:|codel:|red:]size; sizes such as 1bdp, 256kb, 64pkts (default: 1bdp)',
    )
    .option('--ecn', 'connections ask for ECN, and CoDel and RED mark instead of dropping')
    .option('--pacing', 'send evenly over the round trip, whatever the controller')
    .option('--loss <loss>', 'random loss: 1%, or in bursts ge:p,r[,bad[,good]] (Gilbert–Elliott)')
    .option('--jitter <time>', 'extra delay at random, up to this')
    .option('--reorder <probability>', 'packets that later ones overtake')
    .option('--reorder-delay <time>', 'by how much they are late (default: half the delay)')
    .option('--duplicate <probability>', 'packets that arrive twice')
    .option('--corrupt <probability>', 'packets with a flipped bit')
    .option('--back-rate <rate>', 'rate of the way back (default: that of the way there)')
    .option('--back-trace <file>', 'trace of the way back')
    .option('--back-queue <queue>', 'queue of the way back')
    .option('--back-loss <loss>', 'loss on the way back (default: none)')
    .option('--mtu <bytes>', 'largest packet', integer(576, 9000))
    .option(
      '--flows <list>',
      `controller[@start][:size], …: reno@5s:10mb (default: ${Object.keys(CONTROLLERS)[0]})`,
    )
    .option('--cross <list>', 'cross traffic: [cbr:|poisson:|pareto:|web:]rate, …')
    .addOption(
      new Option('--topology <name>', 'one bottleneck, or several in a row (default: dumbbell)').choices([
        'dumbbell',
        'parking-lot',
      ]),
    )
    .option('--hops <n>', 'bottlenecks of a parking lot (default: 3)', integer(2, 20))
    .option('--duration <time>', 'how long to run (default: 10s)')
    .option('--seed <n>', 'seed of everything random (default: 1)', integer(0, Number.MAX_SAFE_INTEGER))
    .option('--sample <time>', 'time between samples (default: 1/300 of the duration)')
    .option('--window <from-to>', 'what the time–sequence graph shows, such as 2s-4s (default: everything)')
    .option('--json', 'print the result as JSON')
    .option('--plot <file>', 'draw goodput, cwnd, round trips, queue and time–sequence graphs as SVG')
    .option('--pcap <file>', 'write what the senders send and receive as pcapng')
    .option('--snaplen <bytes>', 'bytes of each packet that --pcap keeps', integer(1, 65_535))
    .addHelpText(
      'after',
      '\nExamples:\n  $ estab sim --rtt 100ms --rate 50mbit --queue 1bdp --flows reno,reno@5s --duration 30s --plot out.svg\n  $ estab sim --queue codel --ecn --cross poisson:2mbit\n  $ estab sim --trace Verizon-LTE-short.down --loss ge:0.1%,30% --json\n  $ estab sim world.json --seed 7',
    )
    .action((file: string | undefined, options: SimOptions) => run(file, options))
}

function run(file: string | undefined, options: SimOptions): void {
  if (options.snaplen !== undefined && options.pcap === undefined)
    throw new UsageError('--snaplen says how much --pcap keeps: give both')
  const plan = readPlan(file, options)
  const capture = options.pcap === undefined ? undefined : new SimCapture(options.pcap, options.snaplen)
  const bar = process.stderr.isTTY
    ? new Progress('estab sim', plan.duration, process.stderr, now => `${(now / 1000).toFixed(1)} s`)
    : undefined
  let result: ExperimentResult
  try {
    result = runExperiment(plan, {
      controllers: CONTROLLERS,
      ...(capture ? { observe: host => capture.observe(host.name) } : {}),
      progress: now => bar?.update(now),
    })
  } finally {
    capture?.close()
  }
  bar?.done(plan.duration)
  if (options.plot !== undefined)
    writeFile(options.plot, plotExperiment(result, 'estab sim', describePlan(plan), plan.window))
  if (options.json) console.log(JSON.stringify(resultAsJson(result)))
  else console.log(table(result, plan))
}

/** What the file says, changed by what the options say. An error tells the option, or the file and the key. */
function readPlan(file: string | undefined, options: SimOptions): Plan {
  const fromFile = file === undefined ? {} : readWorldFile(file)
  const said = Object.entries(options).filter(([key]) => !OUTPUTS.includes(key))
  const description: Record<string, unknown> = { ...fromFile }
  const back: Record<string, unknown> = {}
  for (const [key, value] of said)
    if (key in BACK) back[BACK[key as keyof typeof BACK]] = value
    else description[key] = value
  // Each is said in place of the other.
  if (options['rate'] !== undefined && options['trace'] === undefined) delete description['trace']
  if (options['trace'] !== undefined && options['rate'] === undefined) delete description['rate']
  if (Object.keys(back).length > 0) {
    const before = description['back'] ?? {}
    if (typeof before === 'object') {
      const { rate, trace, ...rest } = before as Record<string, unknown>
      const line = 'rate' in back || 'trace' in back ? {} : { rate, trace }
      description['back'] = { ...line, ...rest, ...back }
    }
  }
  const isOption = (key: string) =>
    said.some(([name]) => name === key) ||
    Object.entries(BACK).some(([name, own]) => key === `back.${own}` && options[name] !== undefined)
  try {
    return readDescription(description, {
      controllers: Object.keys(CONTROLLERS),
      loadTrace: name =>
        readTrace(file !== undefined && !isOption('trace') ? path.resolve(path.dirname(file), name) : name),
    })
  } catch (error) {
    if (!(error instanceof DescriptionError)) throw error
    const [, key = ''] = /^(back\.\w+|\w+)/.exec(error.path) ?? []
    if (isOption(key)) {
      const [, place] = /^\w+\[(\d+)\]/.exec(error.path) ?? []
      const which = place === undefined ? '' : `number ${Number(place) + 1}: `
      throw new UsageError(`--${dashed(key)}: ${which}${error.reason}`)
    }
    throw new UsageError(file === undefined ? error.message : `${file}: ${error.message}`)
  }
}

const dashed = (key: string): string => key.replace('.', '-').replace(/[A-Z]/g, c => `-${c.toLowerCase()}`)

function readWorldFile(file: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(readText(file))
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`${file} is not JSON: ${error.message}`)
    throw error
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${file}: a world file is a JSON object`)
  return value as Record<string, unknown>
}

function readTrace(file: string): DeliveryTrace {
  try {
    return parseDeliveryTrace(readText(file))
  } catch (error) {
    if (error instanceof SyntaxError) throw new SyntaxError(`${file}: ${error.message}`)
    throw error
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`)
  }
}
