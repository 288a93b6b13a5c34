import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { writeBetweenMarks } from './marked-page.js'
import { byPath, cellKey, DISTURBED, type Pairing, type PathCell, type PathResult } from './paths-grid.js'
import { plot } from './paths-plot.js'

/** The measured quantities; in `ratio` more than 1 means that estab was better than Linux. */
export const QUANTITIES = {
  goodput: {
    title: 'goodput',
    values: (r: PathResult): number[] => [r.goodput ?? 0],
    ratio: (estab: number, linux: number): number => estab / linux,
    show: (value: number): string => (value / 1e6).toPrecision(3),
  },
  ms100k: {
    title: 'time for 100 KB',
    values: (r: PathResult): number[] => r.ms100k.map(orNever),
    ratio: (estab: number, linux: number): number => linux / estab,
    show: showTime,
  },
  ms1m: {
    title: 'time for 1 MB',
    values: (r: PathResult): number[] => r.ms1m.map(orNever),
    ratio: (estab: number, linux: number): number => linux / estab,
    show: showTime,
  },
} as const
export type Quantity = keyof typeof QUANTITIES

/** The medians of one path with one controller; NaN for what was not measured. */
export interface Row {
  cell: PathCell
  linux: Record<Quantity, number>
  /** estab's, as a ratio of Linux's. */
  sender: Record<Quantity, number>
  receiver: Record<Quantity, number>
}

function orNever(ms: number | null): number {
  return ms ?? Number.POSITIVE_INFINITY
}

function showTime(ms: number): string {
  return ms === Number.POSITIVE_INFINITY ? 'given up' : String(Math.round(ms))
}

export function median(values: number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function rowsOf(results: readonly PathResult[]): Row[] {
  const keys = [...new Set(results.map(cellKey))]
  const groups = keys.map(key => results.filter(r => cellKey(r) === key))
  return groups.map(rowOf).toSorted((a, b) => byPath(a.cell, b.cell))
}

function rowOf(results: readonly PathResult[]): Row {
  const of = (pairing: Pairing, q: Quantity) =>
    median(results.filter(r => r.pairing === pairing).flatMap(QUANTITIES[q].values))
  const each = (value: (q: Quantity) => number): Record<Quantity, number> => ({
    goodput: value('goodput'),
    ms100k: value('ms100k'),
    ms1m: value('ms1m'),
  })
  const linux = each(q => of('linux-linux', q))
  const ratios = (pairing: Pairing) => each(q => QUANTITIES[q].ratio(of(pairing, q), linux[q]))
  return { cell: results[0]!, linux, sender: ratios('estab-linux'), receiver: ratios('linux-estab') }
}

const ratio = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(2))

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ cell, linux, sender, receiver }) => {
    const columns = (Object.keys(QUANTITIES) as Quantity[]).flatMap(q => [
      Number.isNaN(linux[q]) ? '–' : QUANTITIES[q].show(linux[q]),
      ratio(sender[q]),
      ratio(receiver[q]),
    ])
    return `| ${[cell.rtt, cell.rate, cell.reorder, cell.loss, ...columns].join(' | ')} |`
  })
  return [
    '| RTT, ms | Mbit/s | reordered, % | lost, % | Linux, Mbit/s | estab sends | estab receives | 100 KB: Linux, ms | estab sends | estab receives | 1 MB: Linux, ms | estab sends | estab receives |',
    '|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n')
}

/** How many paths were even with Linux or better, and the median over all of them. */
function summary(rows: readonly Row[]): string {
  const lines = (Object.keys(QUANTITIES) as Quantity[]).flatMap(q =>
    (['sender', 'receiver'] as const).flatMap(role => {
      const values = rows.map(row => row[role][q]).filter(value => Number.isFinite(value))
      if (values.length === 0) return []
      const even = values.filter(value => value >= EVEN).length
      return `| ${QUANTITIES[q].title} | ${role === 'sender' ? 'sends' : 'receives'} | ${ratio(median(values))} | ${even} of ${values.length} |`
    }),
  )
  return [`| | estab | median ratio | ${EVEN} or more |`, '|---|---|--:|--:|', ...lines].join('\n')
}

/** As good as Linux, within what a measurement is worth. */
const EVEN = 0.95

/** What the figures come from: one line for each date, version and machine among them. */
function origins(results: readonly PathResult[]): string {
  const groups = new Map<
    string,
    { seeds: Set<number>; seconds: Set<number>; cells: Set<string>; disturbed: number; all: number }
  >()
  for (const r of results) {
    const key = `${r.date}, estab ${r.estab}, ${r.machine}`
    const group = groups.get(key) ?? {
      seeds: new Set(),
      seconds: new Set(),
      cells: new Set(),
      disturbed: 0,
      all: 0,
    }
    groups.set(key, group)
    group.seeds.add(r.seed)
    group.all++
    if (r.lateness99 > DISTURBED) group.disturbed++
    group.seconds.add(r.seconds)
    group.cells.add(`${cellKey(r)}/${r.controller}`)
  }
  return [...groups]
    .map(
      ([key, { seeds, seconds, cells, disturbed, all }]) =>
        `- ${key}: ${cells.size} paths, ${seeds.size} ${seeds.size === 1 ? 'seed' : 'seeds'}, ` +
        `${[...seconds].join(' and ')} s for each goodput; ` +
        `${disturbed} of ${all} goodputs with a disturbed emulator.`,
    )
    .join('\n')
}

/** Writes the plots, and the tables between the two marks in paths.md. */
export function writePage(results: readonly PathResult[], docs: string): void {
  const parts = [origins(results)]
  for (const controller of [...new Set(results.map(r => r.controller))].toSorted()) {
    const rows = rowsOf(results.filter(r => r.controller === controller))
    const file = `paths-${controller}.svg`
    writeFileSync(path.join(docs, file), plot(controller, rows))
    parts.push(
      `### ${controller}`,
      `![estab beside Linux, ${controller}](${file})`,
      summary(rows),
      table(rows),
    )
  }
  writeBetweenMarks(path.join(docs, 'paths.md'), 'bench:paths', parts.join('\n\n'))
}
