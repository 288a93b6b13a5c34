import {
  STATE_NAMES,
  STATES,
  type State,
  TRANSITION_LIST,
  TRANSITIONS,
  type TransitionId,
} from '../../tcp/states.js'
import { edges } from '../../trace/diagram-mermaid.js'
import type { Side } from '../scene/scene.js'
import { pick, w } from './settings.js'

/** Where the states stand in the small diagram: opening above, closing below, as in RFC 9293's Figure 5. */
const PLACES: Record<State, readonly [number, number]> = {
  CLOSED: [150, 18],
  LISTEN: [244, 58],
  SYN_SENT: [56, 58],
  SYN_RECEIVED: [244, 108],
  ESTABLISHED: [150, 148],
  FIN_WAIT_1: [56, 192],
  CLOSE_WAIT: [244, 192],
  FIN_WAIT_2: [48, 242],
  CLOSING: [150, 242],
  LAST_ACK: [252, 242],
  TIME_WAIT: [98, 288],
}
const WIDTH = 92
const HEIGHT = 21
const [SPAN, DEPTH] = [312, 308]

/** Edges that go round the others on the right, each on a rail of its own. */
const RAILS: Record<string, number> = { 'LAST_ACK CLOSED': 302, 'TIME_WAIT CLOSED': 308 }

/**
 * The eleven states and the edges between them, drawn from `tcp/states`: where the host is, the path it took, and the
 * edges that may come next. Edges that the figure leaves out are drawn when they are taken or pointed at.
 */
export function Diagram({
  side,
  state,
  taken,
  path,
  pointed,
}: {
  side: Side
  state: State
  taken: readonly TransitionId[]
  path: readonly State[]
  pointed: TransitionId | undefined
}) {
  const usual = edges().map(({ from, to, ids }) => ({ from, to, ids: ids as TransitionId[] }))
  const drawn = [...usual]
  const walked = new Set<string>()
  for (let i = 1; i < path.length; i++) walked.add(`${path[i - 1]} ${path[i]}`)
  const add = (from: State, to: State, id: TransitionId) => {
    if (!drawn.some(edge => edge.from === from && edge.to === to)) drawn.push({ from, to, ids: [id] })
  }
  for (const id of taken)
    for (const from of TRANSITIONS[id].from)
      if (walked.has(`${from} ${TRANSITIONS[id].to}`)) add(from, TRANSITIONS[id].to, id)
  if (pointed && (TRANSITIONS[pointed].from as readonly State[]).includes(state))
    add(state, TRANSITIONS[pointed].to, pointed)
  const possible = TRANSITION_LIST.filter(({ from }) => (from as readonly State[]).includes(state)).map(
    x => x.id,
  )
  return (
    <svg
      class="diagram"
      viewBox={`0 0 ${SPAN} ${DEPTH}`}
      role="img"
      aria-label={`${w('state')}: ${state}. ${w('path')}: ${path.join(' → ')}`}
    >
      <defs>
        {['idle', 'may', 'walked'].map(kind => (
          <marker
            id={`${kind}-${side}`}
            key={kind}
            viewBox="0 0 10 10"
            refX="8.5"
            refY="5"
            markerWidth="6"
            markerHeight="6"
            orient="auto"
          >
            <path d="M0 1L9 5L0 9z" class={`head ${kind}`} />
          </marker>
        ))}
      </defs>
      {drawn.map(({ from, to, ids }) => {
        const is = walked.has(`${from} ${to}`)
          ? 'walked'
          : from === state && ids.some(id => possible.includes(id))
            ? 'may'
            : 'idle'
        const at = pointed !== undefined && from === state && ids.includes(pointed) ? ' pointed' : ''
        return (
          <path
            key={`${from} ${to}`}
            d={line(from, to, drawn)}
            class={`edge ${is}${at}`}
            marker-end={`url(#${is}-${side})`}
          >
            <title>{ids.map(id => `${from} → ${to}: ${pick(TRANSITIONS[id])}`).join('\n')}</title>
          </path>
        )
      })}
      {STATE_NAMES.map(name => {
        const [x, y] = PLACES[name]
        const is = name === state ? 'here' : path.includes(name) ? 'was' : ''
        return (
          <g key={name} class={`box ${is}`}>
            <title>{`${name}: ${pick(STATES[name])}`}</title>
            <rect x={x - WIDTH / 2} y={y - HEIGHT / 2} width={WIDTH} height={HEIGHT} rx="4" />
            <text x={x} y={y + 3.6}>
              {name}
            </text>
          </g>
        )
      })}
    </svg>
  )
}

function line(from: State, to: State, all: readonly { from: State; to: State }[]): string {
  const [x1, y1] = PLACES[from]
  const [x2, y2] = PLACES[to]
  const rail = RAILS[`${from} ${to}`]
  if (rail !== undefined)
    return `M${x1 + WIDTH / 2} ${y1}H${rail}V${y2 + (from === 'LAST_ACK' ? 4 : -4)}H${x2 + WIDTH / 2 + 1}`
  if (from === 'TIME_WAIT' && to === 'SYN_RECEIVED')
    return `M${x1 + WIDTH / 2} ${y1 + 5}H296V${y2}H${x2 + WIDTH / 2 + 1}`
  if (from === 'SYN_RECEIVED' && to === 'FIN_WAIT_1')
    return `M${x1 - WIDTH / 2} ${y1 + 3}Q84 118 ${x2 + 14} ${y2 - HEIGHT / 2 - 1}`
  // Two states with moves both ways get two lines, side by side.
  const shift = all.some(edge => edge.from === to && edge.to === from) ? 5 : 0
  const length = Math.hypot(x2 - x1, y2 - y1) || 1
  const [ox, oy] = [(-(y2 - y1) / length) * shift, ((x2 - x1) / length) * shift]
  const [sx, sy] = clip(x1, y1, x2 - x1, y2 - y1, ox, oy)
  const [ex, ey] = clip(x2, y2, x1 - x2, y1 - y2, ox, oy)
  return `M${sx.toFixed(1)} ${sy.toFixed(1)}L${ex.toFixed(1)} ${ey.toFixed(1)}`
}

/** Where a line that starts beside the middle of a box, by (ox, oy), and goes towards (dx, dy) leaves the box. */
function clip(x: number, y: number, dx: number, dy: number, ox: number, oy: number): [number, number] {
  const along = (d: number, o: number, half: number) =>
    d === 0 ? 1e9 : (half - Math.sign(d) * o) / Math.abs(d)
  const scale = Math.min(along(dx, ox, WIDTH / 2), along(dy, oy, HEIGHT / 2))
  return [x + ox + dx * scale, y + oy + dy * scale]
}
