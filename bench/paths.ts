// `npm run bench:paths`: estab beside Linux on the same bad paths, through `estab emulate`. Writes docs/paths.jsonl after
// each path, and from all that is in it the tables and plots of the paths.md beside it; what was measured before stays until
// it is measured again. Needs root or user namespaces, and python3. --help shows how to measure less than everything.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { machine, runInNamespace } from './host.js'
import { CONTROLLERS, linuxName } from './paths-controllers.js'
import {
  byPath,
  cellKey,
  cells,
  DISTURBED,
  FULL,
  type Grid,
  PAIRINGS,
  type Pairing,
  type PathCell,
  type PathResult,
  QUICK,
  resultKey,
  secondsFor,
} from './paths-grid.js'
import { writePage } from './paths-page.js'
import { type EmulatorSummary, Paths, saveLines } from './paths-run.js'

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..')
const INSIDE = 'ESTAB_PATHS_INSIDE'

interface Flags extends Partial<Grid> {
  quick?: boolean
  pageOnly?: boolean
  missing?: boolean
  pairings?: Pairing[]
  parallel: number
  results: string
}

const numbers = (text: string): number[] =>
  text.split(',').map(part => {
    const value = Number(part)
    if (part.trim() === '' || !(value >= 0))
      throw new InvalidArgumentError('It must be numbers, as in 10,50.')
    return value
  })
const number = (text: string): number => numbers(text)[0]!

function pairings(text: string): Pairing[] {
  const names = text.split(',') as Pairing[]
  if (!names.every(name => PAIRINGS.includes(name)))
    throw new InvalidArgumentError('It must be of linux-linux, estab-linux, linux-estab.')
  return names
}

const command = new Command('bench:paths')
  .option('--quick', 'eight paths, once each: four minutes or so')
  .option('--rtt <ms>', 'round-trip times', numbers)
  .option('--rate <mbit>', 'rates', numbers)
  .option('--loss <percent>', 'loss, each way', numbers)
  .option('--reorder <percent>', 'reordering, each way', numbers)
  .option('--controllers <names>', 'of cubic, bbr, bbr1, reno', (text: string) => text.split(','))
  .option('--pairings <names>', 'of linux-linux, estab-linux, linux-estab', pairings)
  .option('--seconds <s>', 'how long each goodput is measured; default 6, or 100 round trips', number)
  .option('--repeat <n>', 'seeds', number)
  .option('--parallel <n>', 'paths at once: more than 2 only where losses keep the rate down', number, 1)
  .option('--transfers <n>', 'transfers of 100 KB and of 1 MB for each seed', number)
  .option('--missing', 'only what is not in the results yet')
  .option('--page-only', 'measure nothing, write the page from the results')
  .option('--results <file>', 'where results are kept', path.join(ROOT, 'docs/paths.jsonl'))

function load(file: string): Map<string, PathResult> {
  const results = new Map<string, PathResult>()
  if (!existsSync(file)) return results
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const result = JSON.parse(line) as PathResult
    results.set(resultKey(result), result)
  }
  return results
}

/** Those of the kernel's controllers that are asked for and can be had. */
function available(wanted: readonly string[]): string[] {
  const file = '/proc/sys/net/ipv4/tcp_available_congestion_control'
  const kernel = readFileSync(file, 'utf8').trim().split(/\s+/)
  return wanted.filter(name => {
    if (!Object.hasOwn(CONTROLLERS, name)) throw new Error(`no controller is called ${name}`)
    if (!CONTROLLERS[name]) console.error(`estab has no ${name}: as a sender it is skipped`)
    if (kernel.includes(linuxName(name))) return true
    console.error(`this kernel has no ${name}: skipped (it has ${kernel.join(', ')})`)
    return false
  })
}

interface Job {
  cell: PathCell
  controller: string
  pairing: Pairing
  seed: number
}

function* jobs(grid: Grid, flags: Flags, results: Map<string, PathResult>): Generator<Job> {
  const controllers = available(grid.controllers)
  for (const cell of cells(grid))
    for (const controller of controllers)
      for (let seed = 1; seed <= grid.repeat; seed++)
        for (const pairing of flags.pairings ?? PAIRINGS) {
          if (pairing === 'estab-linux' && !CONTROLLERS[controller]) continue
          const key = resultKey({ ...cell, controller, pairing, seed })
          if (!(flags.missing && results.has(key))) yield { cell, controller, pairing, seed }
        }
}

/** In as many pairs of namespaces as are asked for at once, each of which takes the next job when it is free. */
async function measure(grid: Grid, flags: Flags, results: Map<string, PathResult>): Promise<void> {
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const about = { date: new Date().toISOString().slice(0, 10), estab: version, machine: machine() }
  const waiting = jobs(grid, flags, results)
  const work = async (): Promise<void> => {
    const paths = new Paths()
    await paths.prepare()
    try {
      for (const job of waiting) {
        const result = { ...(await one(paths, grid, job)), ...about }
        results.set(resultKey(result), result)
        console.error(line(result))
        saveLines(flags.results, [...results.values()].toSorted(byPath))
      }
    } finally {
      paths.close()
    }
  }
  await pings(grid)
  await Promise.all(Array.from({ length: flags.parallel }, work))
}

/** Whether the emulator does what it says. */
async function pings(grid: Grid): Promise<void> {
  const paths = new Paths()
  await paths.prepare()
  try {
    for (const rtt of grid.rtt) {
      const measured = await paths.roundTrip({ rtt, rate: grid.rate[0]!, loss: 0, reorder: 0 })
      console.error(`round trip of ${rtt} ms: ping says ${measured} ms`)
    }
  } finally {
    paths.close()
  }
}

async function one(
  paths: Paths,
  grid: Grid,
  { cell, controller, pairing, seed }: Job,
): Promise<Omit<PathResult, 'date' | 'estab' | 'machine'>> {
  const seconds = grid.seconds ?? secondsFor(cell)
  const { value, summary } = await undisturbed(() => paths.goodput(cell, pairing, controller, seed, seconds))
  const times = (bytes: number) =>
    undisturbed(() => paths.times(cell, pairing, controller, seed, bytes, grid.transfers))
  return {
    ...cell,
    controller,
    pairing,
    seed,
    goodput: value,
    ms100k: (await times(100_000)).value,
    ms1m: (await times(1_000_000)).value,
    packets: summary.forward.packets,
    lost: summary.forward.lost,
    queueDrops: summary.forward.queueDrops,
    lateness99: summary.lateness.p99,
    seconds,
  }
}

/** Once more, and once again, if something else on the machine kept the emulator from its work. */
async function undisturbed<T extends { summary: EmulatorSummary }>(run: () => Promise<T>): Promise<T> {
  let best: T | undefined
  for (let i = 0; i < 3; i++) {
    const result = await run()
    if (!best || result.summary.lateness.p99 < best.summary.lateness.p99) best = result
    if (best.summary.lateness.p99 < DISTURBED) break
    console.error(`disturbed: 1 % of packets were ${result.summary.lateness.p99.toFixed(0)} ms late`)
  }
  return best!
}

function line(r: PathResult): string {
  const ms = (values: (number | null)[]) => values.map(v => (v === null ? 'none' : v.toFixed(0))).join(' ')
  const goodput = r.goodput === null ? 'nothing' : `${(r.goodput / 1e6).toFixed(2)} Mbit/s`
  return `${cellKey(r)} ${r.controller} ${r.pairing} seed ${r.seed}: ${goodput}; ${ms(r.ms100k)} ms; ${ms(r.ms1m)} ms`
}

async function main(): Promise<number> {
  const flags = command.parse().opts<Flags>()
  if (!flags.pageOnly && !process.env[INSIDE]) return runInNamespace(INSIDE)
  const grid: Grid = { ...(flags.quick ? QUICK : FULL), ...flags }
  const results = load(flags.results)
  if (!flags.pageOnly) await measure(grid, flags, results)
  writePage([...results.values()], path.dirname(flags.results))
  return 0
}

process.exitCode = await main()
