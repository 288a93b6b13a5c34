import { type Chart, type ChartSeries, chartPage } from './chart.js'
import type { ExperimentResult, FlowResult } from './experiment.js'

/** Of more flows than this only these have a time–sequence graph. */
const MOST_SEQUENCES = 6
/** Goodput is shown as averages over this part of the time. */
const BINS = 120

/** A page of graphs: goodput, cwnd and ssthresh, round trips, the queue, and time–sequence graphs. */
export function plotExperiment(
  result: ExperimentResult,
  title: string,
  subtitle: string,
  window: readonly [number, number],
): string {
  const { flows, t, duration, hops } = result
  const range = [0, duration] as const
  const charts: Chart[] = [
    {
      title: 'Goodput',
      unit: 'bit/s',
      range,
      series: flows.map((flow, i) => ({
        label: flow.name,
        colour: i,
        kind: 'line',
        points: averaged(t, flow.series.goodput),
      })),
    },
    {
      title: 'Congestion window, and ssthresh (dashed)',
      unit: 'B',
      range,
      series: flows.flatMap((flow, i) => windows(flow, i, t)),
    },
    {
      title: 'Round-trip time: smoothed, and the range measured',
      unit: 'ms',
      range,
      series: flows.flatMap((flow, i) => roundTrips(flow, i, t)),
    },
    {
      title: hops.length > 1 ? 'Queues of the bottlenecks' : 'Queue of the bottleneck',
      unit: 'B',
      range,
      series: hops.map((hop, i) => ({
        label: `hop ${i + 1}`,
        colour: i + 4,
        kind: 'line',
        points: { t, y: hop.series.queue },
        silent: hops.length === 1,
      })),
    },
    ...flows
      .filter(({ sequence: { sent, acked } }) => sent.t.length + acked.t.length > 0)
      .slice(0, MOST_SEQUENCES)
      .map(flow => sequence(flow, window)),
  ]
  return chartPage(title, subtitle, charts)
}

function windows({ name, series }: FlowResult, colour: number, t: readonly number[]): ChartSeries[] {
  return [
    { label: name, colour, kind: 'steps', points: { t, y: series.cwnd } },
    { label: name, colour, kind: 'steps', points: { t, y: series.ssthresh }, dashed: true, silent: true },
  ]
}

function roundTrips({ name, series }: FlowResult, colour: number, t: readonly number[]): ChartSeries[] {
  const points = { t, y: series.rttMin }
  return [
    { label: name, colour, kind: 'band', points, upper: series.rttMax, silent: true },
    { label: name, colour, kind: 'line', points: { t, y: series.srtt } },
  ]
}

/** Stevens' graph: what was sent, and what the other end was known to have. */
function sequence({ name, sequence: s }: FlowResult, range: readonly [number, number]): Chart {
  return {
    title: `Time–sequence: ${name}`,
    unit: 'B',
    range,
    floats: true,
    height: 320,
    series: [
      { label: 'received', colour: '#8894a8', kind: 'dots', points: s.received },
      { label: 'sent', colour: 0, kind: 'steps', points: s.sent },
      { label: 'acknowledged', colour: 2, kind: 'steps', points: s.acked },
      { label: 'SACKed', colour: 4, kind: 'dots', points: s.sacked },
      { label: 'sent again', colour: 3, kind: 'dots', points: s.retransmitted, large: true },
    ],
  }
}

/** Means over equal stretches of time, each at its middle. */
function averaged(t: readonly number[], values: readonly number[]): { t: number[]; y: number[] } {
  const group = Math.max(1, Math.round(t.length / BINS))
  const out = { t: [] as number[], y: [] as number[] }
  for (let i = 1; i < t.length; i += group) {
    const part = values.slice(i, i + group).filter(value => !Number.isNaN(value))
    const last = Math.min(i + group, t.length) - 1
    out.t.push((t[i - 1]! + t[last]!) / 2)
    out.y.push(part.length === 0 ? Number.NaN : part.reduce((sum, value) => sum + value, 0) / part.length)
  }
  return out
}
