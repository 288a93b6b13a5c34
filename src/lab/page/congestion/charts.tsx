import { useMemo } from 'preact/hooks'
import { time } from '../format.js'
import { type Band, Plot, type Series } from '../plot.js'
import { language } from '../settings.js'
import { colourOfFlow } from './format-congestion.js'
import { c } from './say-page.js'
import { queueBytes } from './setup.js'
import type { Run } from './state.js'
import { averaged, stacked } from './thin.js'

/** Points over which goodput is averaged at least: a plot does not show more. */
const BARS = 240
const SYNC = 'congestion'
/** How opaque the layers of a stack are, and the ranges behind a line. */
const STACK = 0.6
const RANGE = 0.25

/** What happened over time, to all flows. */
export function Charts({ run }: { run: Run }) {
  const { flows } = run.outcome.result
  // Made anew for another run, or another language, and not when something else changes.
  const charts = useMemo(() => chartsOf(run), [run, language.value])
  const { t } = run.outcome.result
  const apart = t.length > 1 ? t[1]! - t[0]! : 0
  return (
    <section class="part">
      {flows.length > 1 && (
        <ul class="legend" aria-label={c('legend')}>
          {flows.map(({ name }, i) => (
            <li key={name}>
              <span class="swatch" style={{ background: `var(${colourOfFlow(i)})` }} />
              {name}
            </li>
          ))}
        </ul>
      )}
      <div class="charts">
        {charts.map(chart => (
          <Plot key={chart.title} {...chart} legend={false} sync={SYNC} height={210} />
        ))}
      </div>
      <p class="quiet">{c('sampled', t.length, time(apart))}</p>
    </section>
  )
}

function chartsOf({ outcome: { result }, setup }: Run) {
  const { t, flows, hops } = result
  const at = t as readonly number[]
  const seconds = at.map(ms => ms / 1000)
  const apart = at.length > 1 ? at[1]! - at[0]! : 1
  const longest = Math.max(setup.rtt, ...setup.flows.map(({ rtt }) => rtt ?? 0))
  const group = Math.max(1, Math.ceil(Math.max(setup.duration / BARS, 2 * longest) / apart))
  // What comes before the first sample is nothing: averages begin with the second.
  const means = flows.map(({ series }) => averaged(at.slice(1), series.goodput.slice(1), group))
  const sums = stacked(means.map(({ values }) => values))
  const barSeconds = (means[0]?.t ?? []).map(ms => ms / 1000)
  const line = (name: string, value: number, length: number): Series => ({
    label: name,
    colour: '--quiet',
    values: new Array<number>(length).fill(value),
    dash: [4, 4],
  })
  const limit = queueBytes(setup)
  const queue = hops[0]!.series.queue
  const fullest = queue.reduce<number>((most, bytes) => Math.max(most, bytes ?? 0), 0)
  return [
    {
      title: c('plotGoodput', time(group * apart)),
      unit: 'bit/s',
      times: barSeconds,
      top: setup.rate,
      series: [
        // From the top down: where two lines are the same, the lower one's is seen.
        ...flows
          .map(
            ({ name }, i): Series => ({
              label: name,
              colour: colourOfFlow(i),
              values: sums[i]!,
              ...(i === 0 ? { fill: STACK } : {}),
            }),
          )
          .reverse(),
        line(c('capacity'), setup.rate, barSeconds.length),
      ],
      bands: flows.slice(1).map((_, i): Band => {
        const place = flows.length - 2 - i
        return { series: [place, place + 1], colour: colourOfFlow(i + 1), fill: STACK }
      }),
    },
    {
      title: c('plotCwnd'),
      unit: c('bytes'),
      times: seconds,
      top: 0,
      series: flows.flatMap(({ name, series }, i): Series[] => [
        { label: name, colour: colourOfFlow(i), values: series.cwnd },
        { label: `${name} ssthresh`, colour: colourOfFlow(i), values: capped(series), dash: [3, 4] },
      ]),
    },
    {
      title: c('plotRtt'),
      unit: 'ms',
      times: seconds,
      top: 0,
      series: flows.flatMap(({ name, series }, i): Series[] => [
        { label: c('smoothed', name), colour: colourOfFlow(i), values: series.srtt },
        { label: `${name} max`, colour: colourOfFlow(i), values: series.rttMax, draw: 'edge' },
        { label: `${name} min`, colour: colourOfFlow(i), values: series.rttMin, draw: 'edge' },
      ]),
      bands: flows.map(
        (_, i): Band => ({ series: [3 * i + 1, 3 * i + 2], colour: colourOfFlow(i), fill: RANGE }),
      ),
    },
    {
      title: c('plotQueue'),
      unit: c('bytes'),
      times: seconds,
      top: 0,
      series: [
        { label: c('queue'), colour: '--queue', values: queue, fill: 0.6 } satisfies Series,
        // CoDel's limit is far above what it lets stand: it would leave nothing to be seen.
        ...(limit <= 2 * fullest ? [line(c('limit'), limit, seconds.length)] : []),
      ],
    },
  ]
}

/** A threshold far above any window says nothing, and would leave the windows no room. */
function capped({ cwnd, ssthresh }: Run['outcome']['result']['flows'][number]['series']): (number | null)[] {
  const most = cwnd.reduce<number>((high, value) => Math.max(high, value ?? 0), 0)
  return ssthresh.map(value => (value !== null && value <= 2 * most ? value : null))
}
