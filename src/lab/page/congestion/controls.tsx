import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { FlowControls } from './flow-controls.js'
import { quantity } from './format-congestion.js'
import { NumberField } from './number-field.js'
import { PRESETS } from './presets.js'
import { c, either, whatIsWrong } from './say-page.js'
import {
  DEFAULT_SIZE,
  type Field,
  microseconds,
  QUEUES,
  type QueueKind,
  queueBytes,
  type SizeUnit,
  tidy,
  UNITS,
} from './setup.js'
import {
  cancel,
  change,
  isModest,
  isStale,
  open,
  packetsOf,
  preset,
  problems,
  run,
  setup,
  shown,
  status,
} from './state.js'

const problemOf = (field: Field): string | undefined => {
  const found = problems.value.find(problem => problem.field === field)
  return found && whatIsWrong(found)
}

export function Controls() {
  return (
    <section class="setup" aria-label={c('setup')}>
      <h1>{c('title')}</h1>
      <p class="quiet">{c('intro')}</p>
      <Examples />
      <Running />
      <Details />
    </section>
  )
}

function Examples() {
  const chosen = preset.value
  return (
    <div class="examples">
      <label for="preset">{c('preset')}</label>
      <select
        id="preset"
        value={chosen?.name ?? ''}
        aria-describedby="preset-about"
        onChange={event => {
          const found = PRESETS.find(({ name }) => name === event.currentTarget.value)
          if (found) open(found.setup)
        }}
      >
        {!chosen && <option value="">{c('own')}</option>}
        {PRESETS.map(({ name, title }) => (
          <option key={name} value={name}>
            {either(title)}
          </option>
        ))}
      </select>
      <p id="preset-about">{chosen ? either(chosen.about) : c('ownAbout')}</p>
    </div>
  )
}

/** The button, how far it is, and how it ended. */
function Running() {
  const now = status.value
  const running = now.kind === 'running'
  return (
    <div class="running">
      <p>
        {running ? (
          <button type="button" class="go" data-run="cancel" onClick={cancel}>
            {c('cancel')}
          </button>
        ) : (
          <button type="button" class="go" data-run="run" disabled={problems.value.length > 0} onClick={run}>
            {c(!shown.value ? 'start_run' : isStale.value ? 'runAgain' : 'sameAgain')}
          </button>
        )}
        {running && (
          <progress max={now.duration} value={now.now} aria-label={c('progress')}>
            {Math.round((now.now / now.duration) * 100)} %
          </progress>
        )}
      </p>
      <p class="quiet" data-status={now.kind}>
        {running && c('running', (now.now / 1000).toFixed(1), now.duration / 1000)}
        {now.kind === 'done' && c('done', now.simulated, now.seconds.toFixed(1))}
        {now.kind === 'cancelled' && c('cancelled')}
        {now.kind === 'idle' &&
          !isModest.value &&
          problems.value.length === 0 &&
          c('large', (packetsOf(setup.value) / 1e6).toFixed(1))}
      </p>
      <p class="sr" role="status">
        {running && now.now > 0 && c('quarter', Math.floor((now.now / now.duration) * 4) * 25)}
        {now.kind === 'done' && c('done', now.simulated, now.seconds.toFixed(1))}
        {now.kind === 'cancelled' && c('cancelled')}
      </p>
      <div role="alert">
        {now.kind === 'failed' && <p class="wrong">{c('failed', now.message)}</p>}
        {now.kind === 'noWorker' && <p class="wrong">{c('noWorker')}</p>}
      </div>
    </div>
  )
}

/** Everything that can be chosen; folded away at first where there is little room. */
function Details() {
  const isOpen = useSignal(true)
  useEffect(() => {
    isOpen.value = matchMedia('(min-width: 900px)').matches
  }, [isOpen])
  return (
    <details
      open={isOpen.value}
      onToggle={event => {
        isOpen.value = event.currentTarget.open
      }}
    >
      <summary>{c('setup')}</summary>
      <div class="settings">
        <PathControls />
        <FlowControls />
        <RunControls />
      </div>
    </details>
  )
}

function PathControls() {
  const { rtt, rate, loss, reorder } = setup.value
  return (
    <fieldset>
      <legend>{c('path')}</legend>
      <div class="fields">
        <NumberField
          id="rtt"
          label={c('rtt')}
          unit="ms"
          value={rtt}
          problem={problemOf('rtt')}
          onValue={value => change({ rtt: microseconds(value) })}
        />
        <NumberField
          id="rate"
          label={c('rate')}
          unit="Mbit/s"
          value={tidy(rate / 1e6)}
          problem={problemOf('rate')}
          onValue={value => change({ rate: Math.round(value * 1e6) })}
        />
        <QueueControls />
        <NumberField
          id="loss"
          label={c('loss')}
          unit="%"
          value={tidy(loss * 100)}
          problem={problemOf('loss')}
          onValue={value => change({ loss: tidy(value / 100) })}
        />
        <NumberField
          id="reorder"
          label={c('reorder')}
          unit="%"
          value={tidy(reorder * 100)}
          problem={problemOf('reorder')}
          onValue={value => change({ reorder: tidy(value / 100) })}
        />
        <Switch
          name="ecn"
          about={setup.value.queue.kind === 'droptail' && setup.value.ecn ? 'ecnIdle' : 'ecnAbout'}
        />
        <Switch name="pacing" about="pacingAbout" />
      </div>
    </fieldset>
  )
}

function QueueControls() {
  const { queue, rate } = setup.value
  const problem = problemOf('queue')
  const isSound = problems.value.every(({ field }) => !['queue', 'rtt', 'rate'].includes(field))
  const bytes = isSound ? queueBytes(setup.value) : undefined
  return (
    <div class="field wide">
      <label for="queue-kind">{c('queue')}</label>
      <span class="entry">
        <select
          id="queue-kind"
          value={queue.kind}
          onChange={event => {
            const kind = event.currentTarget.value as QueueKind
            change({
              queue: {
                kind,
                ...(kind === 'codel' || queue.kind === 'codel'
                  ? DEFAULT_SIZE[kind]
                  : { amount: queue.amount, unit: queue.unit }),
              },
            })
          }}
        >
          {QUEUES.map(kind => (
            <option key={kind} value={kind}>
              {c(`queue_${kind}`)}
            </option>
          ))}
        </select>
        <NumberField
          id="queue"
          label={c('queueLength')}
          hideLabel
          value={queue.amount}
          describedBy="queue-is"
          problem={problem}
          onValue={amount => change({ queue: { ...queue, amount: tidy(amount) } })}
        />
        <select
          aria-label={c('queueUnit')}
          value={queue.unit}
          onChange={event => {
            change({ queue: { ...queue, unit: event.currentTarget.value as SizeUnit } })
          }}
        >
          {UNITS.map(unit => (
            <option key={unit} value={unit}>
              {c(`unit_${unit}`)}
            </option>
          ))}
        </select>
      </span>
      <span class="quiet" id="queue-is">
        {bytes !== undefined &&
          c('thatIs', quantity(bytes, 'B'), Number(((bytes * 8000) / rate).toPrecision(3)))}
      </span>
    </div>
  )
}

function Switch({ name, about }: { name: 'ecn' | 'pacing'; about: 'ecnAbout' | 'ecnIdle' | 'pacingAbout' }) {
  return (
    <label class="switch wide">
      <input
        type="checkbox"
        id={name}
        checked={setup.value[name]}
        onChange={event => change({ [name]: event.currentTarget.checked })}
      />{' '}
      {c(name)} <span class="quiet">{c(about)}</span>
    </label>
  )
}

function RunControls() {
  const { duration, seed } = setup.value
  return (
    <fieldset>
      <legend>{c('run')}</legend>
      <div class="fields">
        <NumberField
          id="duration"
          label={c('duration')}
          unit="s"
          value={tidy(duration / 1000)}
          problem={problemOf('duration')}
          onValue={value => change({ duration: microseconds(value * 1000) })}
        />
        <NumberField
          id="seed"
          label={c('seed')}
          step={1}
          value={seed}
          problem={problemOf('seed')}
          onValue={value => change({ seed: value })}
        />
      </div>
      {problemOf('window') !== undefined && (
        <p class="wrong">
          {c('plotSequence')}: {problemOf('window')}
        </p>
      )}
    </fieldset>
  )
}
