// `npm run bench:fairness`: how controllers share a bottleneck, and how long a queue they keep, in virtual time. Plays
// the worlds of fairness-worlds.ts and writes docs/fairness.jsonl and the tables of docs/fairness.md. The same code gives
// the same figures on any machine, in a quarter of an hour. --help shows how to play less.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { fairnessTables } from './fairness-page.js'
import { type FairnessResult, playFairness } from './fairness-run.js'
import { fairnessWorlds } from './fairness-worlds.js'
import { writeBetweenMarks } from './marked-page.js'

const DOCS = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../docs')
const RESULTS = path.join(DOCS, 'fairness.jsonl')

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be 1 or more.')
  return value
}

interface Flags {
  seeds: number
  only?: string
  pageOnly?: boolean
}

const flags = new Command('bench:fairness')
  .option('--seeds <n>', 'how often each world is played', count, 5)
  .option('--only <group>', 'one of alone, beside, large, late, delay; prints, and writes nothing')
  .option('--page-only', 'play nothing, write the page from the results')
  .parse()
  .opts<Flags>()

const round = (value: number, digits = 5): number => Number(value.toPrecision(digits))

/** One world in a line, so that two runs can be compared. */
const asText = (results: FairnessResult[]): string =>
  results
    .map(result =>
      JSON.stringify(result, (_, value: unknown) => (typeof value === 'number' ? round(value) : value)),
    )
    .map(line => `${line}\n`)
    .join('')

function play(): FairnessResult[] {
  const worlds = fairnessWorlds(flags.seeds).filter(w => flags.only === undefined || w.group === flags.only)
  return worlds.map((world, i) => {
    const result = playFairness(world)
    const shares = result.shares.map(share => share.toFixed(2)).join(' ')
    console.error(
      `${i + 1} of ${worlds.length}: ${world.group}, ${world.flows.join(',')}, ${world.queue}${world.ecn ? ' ECN' : ''}, ` +
        `seed ${world.seed}: Jain ${result.jain.toFixed(3)}, shares ${shares}`,
    )
    return result
  })
}

if (flags.only !== undefined) console.log(fairnessTables(play()))
else {
  if (!flags.pageOnly) writeFileSync(RESULTS, asText(play()))
  const lines = readFileSync(RESULTS, 'utf8').split('\n').filter(Boolean)
  const results = lines.map(line => JSON.parse(line) as FairnessResult)
  writeBetweenMarks(path.join(DOCS, 'fairness.md'), 'bench:fairness', fairnessTables(results))
}
