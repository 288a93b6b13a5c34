import { type ExperimentResult, type FlowResult, type HopResult, type Plan, rateOf } from '../sim/index.js'

/** A result for people: a line for each flow, for each bottleneck, for cross traffic, and how fair it was. */
export function table(result: ExperimentResult, plan: Plan): string {
  const parts = [describePlan(plan), '', columns(FLOW_HEADS, result.flows.map(flowRow))]
  const failed = result.flows.filter(flow => flow.error !== undefined)
  for (const flow of failed) parts.push(`${flow.name} ended early: ${flow.error}`)
  if (result.flows.length > 1)
    parts.push('', `fairness (Jain, while all were active): ${number(result.fairness, 3)}`)
  parts.push(
    '',
    columns(
      HOP_HEADS,
      result.hops.map((hop, i) => hopRow(hop, i, rateOf(plan.there))),
    ),
  )
  for (const { kind, rate, sent, received, started, finished } of result.cross)
    parts.push(
      `cross traffic (${kind}, ${bitrate(rate)}): ${bytes(received)} of ${bytes(sent)} arrived` +
        (started > 0 ? `, ${finished} of ${started} connections done` : ''),
    )
  return parts.join('\n')
}

/** The world in a line. */
export function describePlan({ duration, there, back, hops, seed, flows, ecn }: Plan): string {
  const queue = there.aqm ? there.aqm.kind : 'drop-tail'
  const rtts = [...new Set(flows.map(flow => flow.rtt))].map(rtt => `${trim(rtt)} ms`).join(', ')
  const { bursts } = there
  return [
    `${trim(duration / 1000)} s`,
    `${there.trace ? 'trace of ' : ''}${bitrate(rateOf(there))}${hops > 1 ? ` × ${hops} hops` : ''}`,
    ...(rateOf(back) === rateOf(there) ? [] : [`back ${bitrate(rateOf(back))}`]),
    `RTT ${rtts}`,
    `${queue} ${there.queue === undefined ? '' : bytes(there.queue)}`.trim(),
    ...(ecn ? ['ECN'] : []),
    ...(there.loss ? [`loss ${trim(there.loss * 100)} %`] : []),
    ...(bursts ? [`loss in bursts p = ${bursts.p}, r = ${bursts.r}`] : []),
    `seed ${seed}`,
  ].join(' · ')
}

const FLOW_HEADS = [
  'flow',
  'goodput',
  'received',
  'done',
  'resent',
  '',
  'RTOs',
  'RTT min',
  'p50',
  'p95',
  'p99',
  'max',
]

function flowRow({ name, goodput, received, finished, rtt, ...flow }: FlowResult): string[] {
  const total = received + flow.retransmittedBytes
  return [
    name,
    bitrate(goodput),
    bytes(received),
    Number.isNaN(finished) ? '–' : `${number(finished / 1000, 2)} s`,
    String(flow.retransmissions),
    total === 0 ? '–' : `${number((flow.retransmittedBytes / total) * 100, 2)} %`,
    String(flow.timeouts),
    ...[rtt.min, rtt.p50, rtt.p95, rtt.p99, rtt.max].map(ms),
  ]
}

const HOP_HEADS = [
  'bottleneck',
  'used',
  'carried',
  'packets',
  'dropped',
  'lost',
  'marked',
  'queue mean',
  'p95',
  'max',
  '',
]

function hopRow(hop: HopResult, i: number, rate: number): string[] {
  const { queue } = hop
  return [
    `hop ${i + 1}`,
    `${number(hop.utilisation * 100, 1)} %`,
    bytes(hop.carried),
    String(hop.sent),
    String(hop.dropped),
    String(hop.lost),
    String(hop.marked),
    ...[queue.mean, queue.p95, queue.max].map(bytes),
    `(${ms((queue.mean * 8000) / rate)} mean)`,
  ]
}

/** The first column to the left, the others to the right. */
function columns(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heads, ...rows]
  const widths = heads.map((_, i) => Math.max(...all.map(row => row[i]!.length)))
  return all
    .map(row =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const number = (value: number, decimals: number): string =>
  Number.isFinite(value) ? value.toFixed(decimals) : '–'

const ms = (value: number): string => (Number.isFinite(value) ? `${number(value, 1)} ms` : '–')

/** At most three decimals, and none that are zero. */
const trim = (value: number): string => String(Math.round(value * 1000) / 1000)

const prefixed = (value: number, unit: string): string => {
  if (!Number.isFinite(value)) return '–'
  const [factor, prefix] =
    value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : value >= 1e3 ? [1e3, 'k'] : [1, '']
  return `${number(value / factor, factor === 1 ? 0 : 1)} ${prefix}${unit}`
}

const bitrate = (value: number): string => prefixed(value, 'bit/s')
const bytes = (value: number): string => prefixed(value, 'B')
