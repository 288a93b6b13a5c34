import type { Result } from './outcome.js'

/** The samples, a row for each time: ms, bits per second, bytes, segments. What is not known is left empty. */
export function seriesCsv({ t, flows, hops }: Result): string {
  const columns: [string, readonly (number | null)[]][] = [['t_ms', t]]
  for (const [i, { name, series }] of flows.entries())
    for (const [key, unit] of FLOW_COLUMNS) columns.push([`flow${i + 1}_${name}_${key}_${unit}`, series[key]])
  for (const [i, { series }] of hops.entries()) columns.push([`hop${i + 1}_queue_bytes`, series.queue])
  const rows = t.map((_, k) => columns.map(([, values]) => values[k] ?? '').join(','))
  return `${[columns.map(([head]) => head).join(','), ...rows].join('\n')}\n`
}

const FLOW_COLUMNS = [
  ['goodput', 'bps'],
  ['cwnd', 'bytes'],
  ['ssthresh', 'bytes'],
  ['srtt', 'ms'],
  ['rttMin', 'ms'],
  ['rttMax', 'ms'],
  ['retransmissions', 'segments'],
] as const
