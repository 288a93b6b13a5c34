import { Charts } from './charts.js'
import { FlowTable } from './flow-table.js'
import { count, decimals, quantity } from './format-congestion.js'
import { Keep } from './keep-congestion.js'
import { RunTable } from './run-table.js'
import { c } from './say-page.js'
import { SequenceChart } from './sequence-chart.js'
import { isStale, type Run, show, shown, status } from './state.js'

export function Results() {
  const run = shown.value
  return (
    <section class="results" aria-label={c('results')} aria-busy={status.value.kind === 'running'}>
      {run ? (
        <>
          {isStale.value && status.value.kind !== 'running' && (
            <p class="stale">
              {c('stale')}{' '}
              <button type="button" onClick={() => show(run)}>
                {c('backToThese')}
              </button>
            </p>
          )}
          <Figures run={run} />
          <FlowTable run={run} />
          <Charts run={run} />
          <SequenceChart run={run} />
          <RunTable />
        </>
      ) : (
        <p class="nothing quiet">{status.value.kind !== 'running' && c('notYet')}</p>
      )}
      <Keep run={run} />
    </section>
  )
}

/** What matters of the bottleneck, at a glance. */
function Figures({ run: { outcome, setup } }: { run: Run }) {
  const { result } = outcome
  const hop = result.hops[0]!
  const wait = (bytes: number | null) =>
    bytes === null ? '–' : `${((bytes * 8000) / setup.rate).toFixed(1)} ms`
  const alone = setup.flows.length === 1
  return (
    <dl class="figures">
      <div>
        <dt>{c('utilisation')}</dt>
        <dd data-figure="utilisation">
          {decimals(hop.utilisation === null ? null : hop.utilisation * 100, 1, ' %')}
        </dd>
        <dd class="quiet">{quantity((hop.carried! * 8000) / setup.duration, 'bit/s')}</dd>
      </div>
      <div>
        <dt>{c('jain')}</dt>
        <dd data-figure="jain">{alone ? '–' : decimals(result.fairness, 3)}</dd>
        <dd class="quiet">{c(alone ? 'jainOne' : result.fairness === null ? 'jainNever' : 'jainAbout')}</dd>
      </div>
      <div>
        <dt>{c('queueMean')}</dt>
        <dd>{wait(hop.queue.mean)}</dd>
        <dd class="quiet">{c('queueHigh', wait(hop.queue.p95))}</dd>
      </div>
      <div>
        <dt>{c('dropped')}</dt>
        <dd>{count(hop.dropped)}</dd>
        <dd class="quiet">
          {c('ofPackets', count(hop.sent))}
          {(hop.lost! > 0 || hop.marked! > 0) && (
            <>
              <br />
              {c('lostMarked', count(hop.lost), count(hop.marked))}
            </>
          )}
        </dd>
      </div>
    </dl>
  )
}
