import type { FairnessResult } from './fairness-run.js'
import type { FairnessGroup } from './fairness-worlds.js'

/** The tables of the page, from what the worlds gave. */
export function fairnessTables(results: readonly FairnessResult[]): string {
  const seeds = new Set(results.map(r => r.seed)).size
  const parts = [
    `Each figure is the median over ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}, the least favourable of them in brackets.`,
  ]
  for (const { group, title, line, show } of SECTIONS) {
    const worlds = of(results, group)
    if (worlds.length > 0) parts.push(...(title === '' ? [] : [`### ${title}`]), line, show(worlds))
  }
  return parts.join('\n\n')
}

const SECTIONS: {
  group: FairnessGroup
  title: string
  line: string
  show: (worlds: FairnessResult[][]) => string
}[] = [
  {
    group: 'alone',
    title: 'Flows of one controller',
    line: '50 Mbit/s, 40 ms, a drop-tail queue of one BDP, 60 s. A share of 1 is an equal share.',
    show: alone,
  },
  { group: 'beside', title: 'Two controllers', line: '50 Mbit/s, 40 ms, drop-tail, 120 s.', show: beside },
  {
    group: 'large',
    title: '',
    line: 'Where the BDP is ten times as large, 200 Mbit/s and 100 ms:',
    show: beside,
  },
  {
    group: 'late',
    title: 'A flow that comes late',
    line: '50 Mbit/s, 40 ms, drop-tail; one flow from the beginning, another of its kind from 20 s on, 100 s in all.',
    show: late,
  },
  {
    group: 'delay',
    title: 'Round trips',
    line: '50 Mbit/s, 40 ms without a queue, 60 s. Of several flows it is the one with the longest.',
    show: delays,
  },
]

/** The results of a group: a list for each world, with an element for each seed. */
function of(results: readonly FairnessResult[], group: FairnessGroup): FairnessResult[][] {
  const worlds = new Map<string, FairnessResult[]>()
  for (const result of results) {
    if (result.group !== group) continue
    const key = [result.queue, result.ecn, ...result.flows].join(' ')
    worlds.set(key, [...(worlds.get(key) ?? []), result])
  }
  return [...worlds.values()]
}

function alone(worlds: FairnessResult[][]): string {
  return table(
    ['controller', 'flows', 'Jain', 'least share', 'largest share', 'used', 'RTT p50, ms'],
    worlds.map(seeds => [
      seeds[0]!.flows[0]!,
      String(seeds[0]!.flows.length),
      withWorst(
        seeds.map(r => r.jain),
        Math.min,
        3,
      ),
      withWorst(
        seeds.map(r => Math.min(...r.shares)),
        Math.min,
        2,
      ),
      withWorst(
        seeds.map(r => Math.max(...r.shares)),
        Math.max,
        2,
      ),
      percent(median(seeds.map(r => r.utilisation))),
      median(seeds.map(r => r.p50)).toFixed(0),
    ]),
  )
}

function beside(worlds: FairnessResult[][]): string {
  return table(
    ['flows', 'queue', 'share of the first', 'from – to', 'least share of a flow', 'used', 'RTT p50, ms'],
    worlds.map(seeds => {
      const { flows, queue } = seeds[0]!
      const each = flows.length / 2
      const firsts = seeds.map(r => r.shares.slice(0, each).reduce((sum, s) => sum + s, 0) / flows.length)
      const names = [flows[0]!, flows.at(-1)!]
      return [
        names.map(name => (each === 1 ? name : `${each} ${name}`)).join(' : '),
        queue.replace('bdp', ' BDP'),
        percent(median(firsts)),
        `${percent(Math.min(...firsts))} – ${percent(Math.max(...firsts))}`,
        least(seeds).toFixed(2),
        percent(median(seeds.map(r => r.utilisation))),
        median(seeds.map(r => r.p50)).toFixed(0),
      ]
    }),
  )
}

function late(worlds: FairnessResult[][]): string {
  const seconds = (values: (number | null)[]) =>
    withWorst(
      values.map(value => value ?? Number.POSITIVE_INFINITY),
      Math.max,
      0,
    )
  return table(
    ['controller', 'queue', 'half of its share after, s', 'four fifths after, s', 'Jain, last two thirds'],
    worlds.map(seeds => [
      seeds[0]!.flows[0]!,
      seeds[0]!.queue.replace('bdp', ' BDP'),
      seconds(seeds.map(r => r.half)),
      seconds(seeds.map(r => r.mostly)),
      withWorst(
        seeds.map(r => r.jain),
        Math.min,
        3,
      ),
    ]),
  )
}

function delays(worlds: FairnessResult[][]): string {
  return table(
    ['controller', 'queue', 'flows', 'p50, ms', 'p95, ms', 'p99, ms', 'used', 'Jain'],
    worlds.map(seeds => {
      const { flows, queue, ecn } = seeds[0]!
      return [
        flows[0]!,
        queue === 'codel' ? (ecn ? 'CoDel, ECN' : 'CoDel') : `drop-tail, ${queue.replace('bdp', ' BDP')}`,
        String(flows.length),
        ...(['p50', 'p95', 'p99'] as const).map(p =>
          withWorst(
            seeds.map(r => r[p]),
            Math.max,
            0,
          ),
        ),
        percent(median(seeds.map(r => r.utilisation))),
        flows.length > 1 ? median(seeds.map(r => r.jain)).toFixed(3) : '–',
      ]
    }),
  )
}

const least = (seeds: FairnessResult[]): number => Math.min(...seeds.flatMap(r => r.shares))

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

const withWorst = (values: number[], worst: (...values: number[]) => number, decimals: number): string =>
  `${number(median(values), decimals)} (${number(worst(...values), decimals)})`

const number = (value: number, decimals: number): string =>
  value === Number.POSITIVE_INFINITY ? 'never' : value.toFixed(decimals)

const percent = (part: number): string => `${Math.round(part * 100)} %`

function table(heads: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(heads), line(heads.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}
