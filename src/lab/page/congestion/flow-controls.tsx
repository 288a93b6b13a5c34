import { colourOfFlow } from './format-congestion.js'
import { NumberField } from './number-field.js'
import { c, whatIsWrong } from './say-page.js'
import { CONTROLLER_NAMES, type FlowSetup, MOST_FLOWS, microseconds, tidy } from './setup.js'
import { change, problems, setup } from './state.js'

/** The flows: a row for each, with its controller, when it starts, and a round trip of its own. */
export function FlowControls() {
  const { flows } = setup.value
  const wrong = problems.value.filter(({ field }) => field === 'flows')
  const put = (i: number, part: Partial<FlowSetup>) =>
    change({ flows: flows.map((flow, k) => (k === i ? { ...flow, ...part } : flow)) })
  return (
    <fieldset class="flows">
      <legend>{c('flows')}</legend>
      <ol>
        {flows.map((flow, i) => {
          const isWrong = wrong.some(({ number }) => number === i + 1)
          const describedBy = isWrong ? 'flows-wrong' : undefined
          return (
            <li key={i}>
              <span class="swatch" style={{ background: `var(${colourOfFlow(i)})` }} />
              <select
                aria-label={`${c('flow', i + 1)}: ${c('controller')}`}
                value={flow.controller}
                onChange={event => put(i, { controller: event.currentTarget.value })}
              >
                {CONTROLLER_NAMES.map(name => (
                  <option key={name}>{name}</option>
                ))}
              </select>
              <NumberField
                id={`flow-${i}-start`}
                label={`${c('flow', i + 1)}: ${c('start')}`}
                hideLabel
                unit="s"
                value={tidy(flow.start / 1000)}
                describedBy={describedBy}
                onValue={value => put(i, { start: microseconds(value * 1000) })}
              />
              <NumberField
                id={`flow-${i}-rtt`}
                label={`${c('flow', i + 1)}: ${c('ownRtt')} (${c('ownRttAbout')})`}
                hideLabel
                unit="ms"
                value={flow.rtt ?? Number.NaN}
                describedBy={describedBy}
                onValue={value => {
                  const { rtt: _, ...rest } = flow
                  const own = Number.isNaN(value) ? rest : { ...rest, rtt: microseconds(value) }
                  change({ flows: flows.map((other, k) => (k === i ? own : other)) })
                }}
              />
              <button
                type="button"
                class="remove"
                aria-label={c('remove', i + 1)}
                title={c('remove', i + 1)}
                disabled={flows.length === 1}
                onClick={() => change({ flows: flows.filter((_, k) => k !== i) })}
              >
                ×
              </button>
            </li>
          )
        })}
      </ol>
      <p class="heads quiet" aria-hidden="true">
        <span />
        <span>{c('controller')}</span>
        <span>{c('start')}</span>
        <span>
          {c('ownRtt')} <small>({c('ownRttAbout')})</small>
        </span>
      </p>
      {wrong.map(problem => (
        <p key={`${problem.wrong}-${problem.number}`} class="wrong" id="flows-wrong">
          {whatIsWrong(problem)}
        </p>
      ))}
      <button
        type="button"
        data-flow="add"
        disabled={flows.length >= MOST_FLOWS}
        onClick={() =>
          change({ flows: [...flows, { controller: flows.at(-1)?.controller ?? 'cubic', start: 0 }] })
        }
      >
        {c('add')}
      </button>
    </fieldset>
  )
}
