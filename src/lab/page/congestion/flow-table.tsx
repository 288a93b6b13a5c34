import { colourOfFlow, count, decimals, quantity } from './format-congestion.js'
import { c } from './say-page.js'
import type { Run } from './state.js'

/** How each flow fared. */
export function FlowTable({ run: { outcome, setup } }: { run: Run }) {
  const { flows } = outcome.result
  const received = flows.reduce((sum, flow) => sum + flow.received!, 0)
  const resent = flows.reduce((sum, flow) => sum + flow.retransmissions!, 0)
  const resentBytes = flows.reduce((sum, flow) => sum + flow.retransmittedBytes!, 0)
  const percent = (part: number, whole: number) => decimals(whole > 0 ? (part / whole) * 100 : null, 2, ' %')
  return (
    <section class="part">
      <h2 id="flows-table">{c('table')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-labelledby="flows-table">
        <table>
          <thead>
            <tr>
              <th scope="col">{c('col_flow')}</th>
              <th scope="col">{c('col_start')}</th>
              <th scope="col">{c('col_goodput')}</th>
              <th scope="col">{c('col_share')}</th>
              <th scope="col" colSpan={2}>
                {c('col_resent')}
              </th>
              <th scope="col">{c('col_rto')}</th>
              <th scope="col">{c('col_min')}</th>
              <th scope="col">RTT p50</th>
              <th scope="col">RTT p95</th>
              <th scope="col">RTT p99</th>
            </tr>
          </thead>
          <tbody>
            {flows.map((flow, i) => (
              <tr key={flow.name} data-flow={flow.name}>
                <th scope="row">
                  <span class="swatch" style={{ background: `var(${colourOfFlow(i)})` }} />
                  {flow.name}
                </th>
                <td>{decimals(flow.start! / 1000, 1, ' s')}</td>
                <td>{quantity(flow.goodput, 'bit/s')}</td>
                <td>{decimals(received > 0 ? (flow.received! / received) * 100 : null, 1, ' %')}</td>
                <td data-cell="resent">{count(flow.retransmissions)}</td>
                <td>{percent(flow.retransmittedBytes!, flow.received! + flow.retransmittedBytes!)}</td>
                <td>{count(flow.timeouts)}</td>
                {(['min', 'p50', 'p95', 'p99'] as const).map(key => (
                  <td key={key}>{decimals(flow.rtt[key], 1, ' ms')}</td>
                ))}
              </tr>
            ))}
          </tbody>
          {flows.length > 1 && (
            <tfoot>
              <tr>
                <th scope="row">{c('all')}</th>
                <td />
                <td>{quantity((received * 8000) / setup.duration, 'bit/s')}</td>
                <td />
                <td>{count(resent)}</td>
                <td>{percent(resentBytes, received + resentBytes)}</td>
                <td colSpan={5} />
              </tr>
            </tfoot>
          )}
        </table>
      </section>
      <p class="quiet">{c('shareAbout')}</p>
      {flows.map(
        ({ name, error }) =>
          error && (
            <p key={name} class="wrong">
              {c('endedEarly', name, error)}
            </p>
          ),
      )}
    </section>
  )
}
