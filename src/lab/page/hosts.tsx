import { signal } from '@preact/signals'
import {
  isSynchronized,
  type State,
  TRANSITION_LIST,
  TRANSITIONS,
  type TransitionId,
} from '../../tcp/states.js'
import { CALLS, type Call, type Side } from '../scene/scene.js'
import { HostState } from './host-state.js'
import { Inside } from './inside.js'
import { language, pick, w } from './settings.js'
import { act, film, moment, t } from './store.js'
import { causeIn } from './words.js'

/** The state of a host, the transitions it has taken, and how often its state has changed. */
export function stateOf(side: Side): { state: State; taken: TransitionId[]; path: State[] } {
  const { hosts, events } = film.value
  const taken: TransitionId[] = []
  const path: State[] = ['CLOSED']
  for (let i = 0; i < moment.value.events; i++) {
    const event = events[i]!
    if (event.kind !== 'state' || event.host !== hosts[side]) continue
    taken.push(event.id)
    if (path[path.length - 1] !== event.from) path.push(event.from)
    path.push(event.to)
  }
  // A crash is no transition of TCP's: what was, is not any more.
  const view = moment.value.hosts[side]
  const gone = view !== undefined && !view.listening && !view.connection
  return { state: gone ? 'CLOSED' : path[path.length - 1]!, taken, path }
}

/** An edge of the diagram that is pointed at, in the list below it. */
const pointedAt = [
  signal<TransitionId | undefined>(undefined),
  signal<TransitionId | undefined>(undefined),
] as const

/** One host: its state, where that may lead, what its user can do, and what is inside. */
export function HostPanel({ side }: { side: Side }) {
  const name = film.value.hosts[side]
  if (name === undefined) return null
  const { state, taken, path } = stateOf(side)
  const view = moment.value.hosts[side]
  return (
    <HostState
      side={side}
      name={name}
      state={state}
      taken={taken}
      path={path}
      pointed={pointedAt[side].value}
    >
      <Next side={side} state={state} />
      <Calls side={side} state={state} />
      <Inside side={side} state={state} connection={view?.connection} now={t.value} />
    </HostState>
  )
}

/** The moves that are possible from here, each with its cause. */
function Next({ side, state }: { side: Side; state: State }) {
  const moves = TRANSITION_LIST.filter(({ from }) => (from as readonly State[]).includes(state))
  // The ordinary ones first: a diagram has room for those, a reader needs them more often.
  const ordinary = moves.filter(move => Number(move.id.slice(1)) <= 25 || move.id === 'T30')
  const rest = moves.filter(move => !ordinary.includes(move))
  const item = (id: TransitionId) => {
    const { to, cause, sent, section } = TRANSITIONS[id]
    return (
      <li
        key={id}
        title={`${pick(TRANSITIONS[id])} (RFC 9293 ${section})`}
        onMouseEnter={() => (pointedAt[side].value = id)}
        onMouseLeave={() => (pointedAt[side].value = undefined)}
      >
        <span>{causeIn(language.value, cause)}</span>
        {sent !== '' && <em> / {sent}</em>} → <b>{to}</b>
      </li>
    )
  }
  return (
    <details class="next" open={!isSmall()}>
      <summary>{w('mayGo')}</summary>
      {moves.length === 0 ? <p>{w('nothingElse')}</p> : <ul>{ordinary.map(move => item(move.id))}</ul>}
      {rest.length > 0 && (
        <details>
          <summary>+{rest.length}</summary>
          <ul>{rest.map(move => item(move.id))}</ul>
        </details>
      )}
    </details>
  )
}

const isSmall = (): boolean => matchMedia('(max-width: 900px)').matches

const amount = signal(1000)

/** What makes sense to press in a state; everything else can be pressed too, and is then told to be impossible. */
function sensible(call: Call, state: State): boolean {
  if (call === 'listen') return state === 'CLOSED'
  if (call === 'connect') return state === 'CLOSED' || state === 'TIME_WAIT'
  if (call === 'send') return state === 'ESTABLISHED' || state === 'CLOSE_WAIT' || state === 'SYN_SENT'
  if (call === 'read' || call === 'hold' || call === 'resume') return isSynchronized(state)
  if (call === 'half-close' || call === 'close' || call === 'abort')
    return state !== 'CLOSED' && state !== 'LISTEN'
  return true
}

function Calls({ side, state }: { side: Side; state: State }) {
  const cabled = film.value.hosts.length > 1
  const calls = CALLS.filter(call => cabled || (call !== 'unplug' && call !== 'plug'))
  return (
    <fieldset class="calls">
      <legend>{w('calls')}</legend>
      {calls.map(call => (
        <button
          key={call}
          type="button"
          class={sensible(call, state) ? '' : 'unlikely'}
          data-call={call}
          title={w(`about_${call}`)}
          onClick={() =>
            act({
              kind: 'call',
              at: t.value,
              side,
              call,
              ...(call === 'send' ? { bytes: amount.value } : {}),
            })
          }
        >
          {w(`call_${call}`)}
        </button>
      ))}
      <label class="amount">
        <input
          type="number"
          min={1}
          max={20_000_000}
          value={amount.value}
          aria-label={`${w('call_send')}: ${w('bytes')}`}
          onInput={event => {
            const value = Math.trunc(event.currentTarget.valueAsNumber)
            if (value >= 1 && value <= 20_000_000) amount.value = value
          }}
        />{' '}
        {w('bytes')}
      </label>
    </fieldset>
  )
}
