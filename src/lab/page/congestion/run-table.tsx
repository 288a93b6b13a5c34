import { decimals, quantity } from './format-congestion.js'
import { presetOf } from './presets.js'
import { c, either } from './say-page.js'
import { queueText, type Setup } from './setup.js'
import { type Run, runs, show, shown } from './state.js'

/** What was run before, side by side: to compare. */
export function RunTable() {
  if (runs.value.length < 2) return null
  return (
    <section class="part">
      <h2 id="runs-table">{c('runs')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-labelledby="runs-table">
        <table class="runs">
          <thead>
            <tr>
              <th scope="col">{c('col_run')}</th>
              <th scope="col">{c('col_goodput')}</th>
              <th scope="col">{c('col_used')}</th>
              <th scope="col">{c('col_jain')}</th>
              <th scope="col">{c('col_p95')}</th>
              <th scope="col">{c('col_queue')}</th>
            </tr>
          </thead>
          <tbody>
            {runs.value.map(run => (
              <Row key={run.link} run={run} />
            ))}
          </tbody>
        </table>
      </section>
      <p class="quiet">{c('runsHelp')}</p>
    </section>
  )
}

function Row({ run }: { run: Run }) {
  const { setup, outcome, link } = run
  const { flows, hops, fairness } = outcome.result
  const hop = hops[0]!
  const named = presetOf(setup)
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          class="plain"
          aria-current={shown.value?.link === link ? 'true' : undefined}
          onClick={() => show(run)}
        >
          {named ? either(named.title) : flows.map(({ controller }) => controller).join(' + ')}
        </button>
        <br />
        <span class="quiet">{summary(setup)}</span>
      </th>
      <td>
        {flows.map(({ name, goodput }) => (
          <span key={name} class="each">
            {flows.length > 1 && <span class="quiet">{name} </span>}
            {quantity(goodput, 'bit/s')}
          </span>
        ))}
      </td>
      <td>{decimals(hop.utilisation === null ? null : hop.utilisation * 100, 1, ' %')}</td>
      <td>{flows.length > 1 ? decimals(fairness, 3) : '–'}</td>
      <td>
        {flows.map(({ name, rtt }) => (
          <span key={name} class="each">
            {decimals(rtt.p95, 1, ' ms')}
          </span>
        ))}
      </td>
      <td>{hop.queue.mean === null ? '–' : `${((hop.queue.mean * 8000) / setup.rate).toFixed(1)} ms`}</td>
    </tr>
  )
}

const summary = (setup: Setup): string =>
  [
    quantity(setup.rate, 'bit/s'),
    `${setup.rtt} ms`,
    queueText(setup.queue),
    ...(setup.ecn ? ['ECN'] : []),
    ...(setup.pacing ? [c('pacing')] : []),
    ...(setup.loss > 0 ? [`${c('loss')} ${Number((setup.loss * 100).toPrecision(3))} %`] : []),
    ...(setup.reorder > 0 ? [`${c('reorder')} ${Number((setup.reorder * 100).toPrecision(3))} %`] : []),
    `${setup.duration / 1000} s`,
    `${c('seed')} ${setup.seed}`,
  ].join(' · ')
