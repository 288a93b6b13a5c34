import { useMemo } from 'preact/hooks'
import { Plot, type Series } from '../plot.js'
import { language } from '../settings.js'
import { count } from './format-congestion.js'
import { NumberField } from './number-field.js'
import type { Sequence } from './outcome.js'
import { c } from './say-page.js'
import { microseconds, tidy } from './setup.js'
import { change, followed, link, problems, type Run, setup, run as start, status } from './state.js'

const KINDS = ['received', 'sent', 'acked', 'sacked', 'retransmitted'] as const
const LOOKS = {
  received: { colour: '--quiet', draw: 'dots' },
  sent: { colour: '--flow-1', draw: 'steps' },
  acked: { colour: '--flow-3', draw: 'steps' },
  sacked: { colour: '--flow-5', draw: 'dots' },
  retransmitted: { colour: '--bad', draw: 'dots' },
} as const satisfies Record<(typeof KINDS)[number], Partial<Series>>
/** Points of a kind that the simulation keeps. */
const MOST_KEPT = 50_000

/** Stevens' graph of one flow: what it sent, what was acknowledged, what arrived, what was sent again. */
export function SequenceChart({ run }: { run: Run }) {
  const { flows } = run.outcome.result
  const i = Math.min(followed.value, flows.length - 1)
  const sequence = run.outcome.sequences[i]!
  const { times, series } = useMemo(() => merged(sequence), [sequence, language.value])
  const of = KINDS.reduce((sum, kind) => sum + sequence[kind].of, 0)
  const kept = KINDS.reduce((sum, kind) => sum + sequence[kind].t.length, 0)
  return (
    <section class="part sequence">
      <p class="choose">
        {flows.length > 1 && (
          <label>
            {c('seqOf')}{' '}
            <select
              value={i}
              onChange={event => {
                followed.value = Number(event.currentTarget.value)
              }}
            >
              {flows.map(({ name }, k) => (
                <option key={name} value={k}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <Window />
      </p>
      <Plot
        title={`${c('plotSequence')} ${flows[i]!.name}`}
        unit={c('bytes')}
        times={times}
        series={series}
        height={340}
      />
      <p class="quiet">
        {kept < of && `${c('seqThinned', count(kept), count(of))} `}
        {Math.max(sequence.retransmitted.of, sequence.sacked.of) >= MOST_KEPT &&
          c('seqCut', count(MOST_KEPT))}
      </p>
    </section>
  )
}

/** The part of the run that is shown: it is run again to see it more finely. */
function Window() {
  const { window, duration } = setup.value
  const [from, to] = window ?? [0, duration]
  const put = (next: readonly [number, number]) =>
    change({ window: [microseconds(next[0]), microseconds(next[1])] })
  const isWrong = problems.value.some(({ field }) => field === 'window')
  const running = status.value.kind === 'running'
  return (
    <span class="window">
      <NumberField
        id="window-from"
        label={c('seqFrom')}
        unit="s"
        value={tidy(from / 1000)}
        describedBy="window-help"
        problem={isWrong ? c('wrong_window') : undefined}
        onValue={value => put([value * 1000, to])}
      />
      <NumberField
        id="window-to"
        label={c('seqTo')}
        unit="s"
        value={tidy(to / 1000)}
        onValue={value => put([from, value * 1000])}
      />
      <button type="button" disabled={running || link.value === undefined} onClick={start}>
        {c('seqDetail')}
      </button>
      {window && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            const { window: _, ...rest } = setup.value
            setup.value = rest
          }}
        >
          {c('seqAll')}
        </button>
      )}
      <span class="quiet" id="window-help">
        {c('seqHelp')}
      </span>
    </span>
  )
}

/** All kinds of points over one list of times, as a plot wants them. */
function merged(sequence: Sequence): { times: number[]; series: Series[] } {
  const points: { t: number; y: number; kind: number }[] = []
  for (const [kind, name] of KINDS.entries()) {
    const { t, y } = sequence[name]
    for (let i = 0; i < t.length; i++) points.push({ t: t[i]! / 1000, y: y[i]!, kind })
  }
  points.sort((a, b) => a.t - b.t)
  return {
    times: points.map(({ t }) => t),
    series: KINDS.map((name, kind) => ({
      label: c(`seq_${name}`),
      values: points.map(point => (point.kind === kind ? point.y : null)),
      ...LOOKS[name],
    })),
  }
}
