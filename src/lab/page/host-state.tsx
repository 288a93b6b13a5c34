import type { ComponentChildren } from 'preact'
import { STATES, type State, type TransitionId } from '../../tcp/states.js'
import { Diagram } from './diagram.js'
import { hostName } from './host-name.js'
import { pick, w } from './settings.js'

/** A host beside the ladder: the state it is in, and how it came there. */
export function HostState({
  side,
  name,
  role,
  path,
  taken,
  state = path[path.length - 1]!,
  pointed,
  children,
}: {
  side: 0 | 1
  name: string
  role?: string
  path: readonly State[]
  taken: readonly TransitionId[]
  /** By default where the path ends. */
  state?: State
  /** An edge to be lit. */
  pointed?: TransitionId | undefined
  children?: ComponentChildren
}) {
  return (
    <section class={`host host-${side}`} aria-label={role ?? hostName(name)} data-host={name}>
      <header>
        <h2>{role ?? hostName(name)}</h2>
        <output
          class="state"
          data-state={state}
          title={pick(STATES[state])}
          aria-label={`${w('state')}: ${state}`}
        >
          {state}
        </output>
      </header>
      {role !== undefined && <p class="address">{name}</p>}
      <p class="meaning">{pick(STATES[state])}</p>
      <Diagram side={side} state={state} taken={taken} path={path} pointed={pointed} />
      {children}
    </section>
  )
}
