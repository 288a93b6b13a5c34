/**
 * The fuzzer. `--packets N` (1000000) from `--seed S` (1) on, or for `--seconds N`; `--corpus DIR`, and `--save` to add
 * to it; `--mode`, `--kind`. `--seed S --steps M` plays one world, `--replay FILE` a list of actions. Exit status 1 if a
 * promise was broken.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Mode, parseWorld } from './actions.js'
import { CORPUS, poolOf, readCorpus, save } from './corpus.js'
import { Coverage } from './coverage.js'
import { describeFailure } from './report.js'
import { Failure, play, worldOf } from './run.js'
import { errorOf } from './shrink.js'

const { values } = parseArgs({
  options: {
    packets: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'string' },
    corpus: { type: 'string', default: CORPUS },
    save: { type: 'boolean', default: false },
    mode: { type: 'string' },
    kind: { type: 'string' },
    replay: { type: 'string' },
  },
})

function number(name: 'packets' | 'seconds' | 'seed' | 'steps'): number {
  const value = Number(values[name])
  if (value >= 0) return value
  console.error(`fuzz: --${name} wants a number, not ${values[name]}`)
  process.exit(2)
}

function oneOf<T extends string>(name: 'mode' | 'kind', words: readonly T[]): Record<string, T> {
  const value = values[name]
  if (value === undefined) return {}
  if ((words as readonly string[]).includes(value)) return { [name]: value as T }
  console.error(`fuzz: --${name} wants one of ${words.join(', ')}, not ${value}`)
  process.exit(2)
}

const wanted = {
  ...oneOf<Mode>('mode', ['hostile', 'consistent', 'scripted']),
  ...oneOf('kind', ['ip', 'ethernet']),
}

function replayFile(file: string): boolean {
  const { options, actions } = parseWorld(readFileSync(file, 'utf8'))
  const error = errorOf(options, actions, true)
  if (error !== undefined) console.error(error)
  else console.log(`${actions.length} actions, and every promise was kept`)
  return error === undefined
}

/** Worlds that are asked for an entry for a key, until one gives a short one. */
const TRIES = 4

const list = (map: ReadonlyMap<string, number>): string =>
  [...map]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, n]) => `${key} ${n}`)
    .join(', ')

function summary(coverage: Coverage): void {
  const { transitions, reactions, drops, missing } = coverage
  console.log(`${transitions.size} transitions taken: ${list(transitions)}`)
  console.log(`${reactions.size} reactions, by state: ${list(reactions)}`)
  console.log(`${drops.size} drop reasons: ${list(drops)}`)
  console.log(
    `never: ${[...missing.transitions, ...missing.reactions, ...missing.drops].join(', ') || 'nothing'}`,
  )
}

const rate = (packets: number, ms: number): string =>
  `${Math.round((packets / Math.max(1, ms)) * 1000)} a second`

function many(): boolean {
  const single = values.steps !== undefined
  const most =
    values.packets === undefined && values.seconds !== undefined ? Infinity : Number(values.packets ?? 1e6)
  if (values.packets !== undefined) number('packets')
  const ms = values.seconds === undefined ? Infinity : number('seconds') * 1000
  const steps = single ? { steps: number('steps') } : {}
  const entries = readCorpus(values.corpus)
  const pool = poolOf(entries)
  const coverage = new Coverage()
  /** How often an entry for a key was looked for; those there are need no more. */
  const tried = new Map(entries.map(({ key }) => [key, TRIES]))
  const begun = Date.now()
  let shownAt = begun
  let packets = 0
  let worlds = 0
  let time = 0
  let failure: Failure | undefined
  for (let seed = number('seed'); packets < most && Date.now() - begun < ms && !failure; seed++) {
    const options = worldOf(seed, wanted)
    const found = new Coverage()
    let keys: string[] = []
    const beforeEnd = () => {
      keys = found.keys
    }
    try {
      const world = play(options, found, { pool, record: values.save, beforeEnd, ...steps })
      coverage.add(found)
      packets += world.packets
      time += world.env.time
      const { record } = world
      if (record)
        for (const key of keys) {
          const tries = tried.get(key) ?? 0
          tried.set(key, tries + 1)
          const file = tries < TRIES && save(values.corpus, { key, options, actions: record })
          if (!file) continue
          tried.set(key, TRIES)
          console.log(`saved ${file}`)
        }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      failure = error
    }
    worlds++
    if (single) break
    if (process.stdout.isTTY && Date.now() - shownAt > 200) {
      shownAt = Date.now()
      const line = `${packets} packets, ${worlds} worlds, ${rate(packets, shownAt - begun)}, ${coverage.size} places`
      process.stdout.write(`\r${line}\x1b[K`)
    }
  }
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K')
  const lasted = Date.now() - begun
  console.log(
    `${packets} packets in ${worlds} worlds, ${(lasted / 1000).toFixed(1)} s, ${rate(packets, lasted)}, ` +
      `${(time / 86_400_000).toFixed(1)} days of virtual time`,
  )
  if (failure) console.error(describeFailure(failure, pool))
  else summary(coverage)
  return !failure && worlds > 0
}

process.exitCode = (values.replay === undefined ? many() : replayFile(values.replay)) ? 0 : 1
