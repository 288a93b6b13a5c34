import { STATE_NAMES, STATES, type State } from '../tcp/states.js'
import { type Edge, edges } from './diagram-mermaid.js'
import type { Language } from './words.js'

/** Where the states stand, as in RFC 9293's Figure 5: opening above, closing below, the active side on the left. */
const PLACES: Record<State, readonly [number, number]> = {
  CLOSED: [520, 60],
  LISTEN: [760, 170],
  SYN_SENT: [280, 170],
  SYN_RECEIVED: [760, 310],
  ESTABLISHED: [520, 420],
  FIN_WAIT_1: [280, 530],
  CLOSE_WAIT: [760, 530],
  FIN_WAIT_2: [110, 680],
  CLOSING: [430, 680],
  LAST_ACK: [760, 680],
  TIME_WAIT: [280, 830],
}
const WIDTH = 150
const HEIGHT = 40

/** Where a label would lie on another line or box it is moved by this much. */
const NUDGES: Record<string, readonly [number, number]> = {
  'CLOSED LISTEN': [-50, 14],
  'LISTEN CLOSED': [46, -10],
  'CLOSED SYN_SENT': [-80, -14],
  'SYN_SENT CLOSED': [34, 12],
  'LISTEN SYN_SENT': [0, -12],
  'LISTEN SYN_RECEIVED': [-76, 4],
  'SYN_RECEIVED LISTEN': [44, 4],
  'SYN_SENT SYN_RECEIVED': [-28, -14],
  'SYN_SENT ESTABLISHED': [-92, -20],
  'SYN_RECEIVED ESTABLISHED': [70, 14],
  'SYN_RECEIVED FIN_WAIT_1': [-150, -38],
  'ESTABLISHED FIN_WAIT_1': [70, 16],
  'ESTABLISHED CLOSE_WAIT': [80, -10],
  'FIN_WAIT_1 FIN_WAIT_2': [-82, -6],
  'FIN_WAIT_1 CLOSING': [84, -10],
  'FIN_WAIT_1 TIME_WAIT': [0, 58],
  'FIN_WAIT_2 TIME_WAIT': [-70, 8],
  'CLOSING TIME_WAIT': [80, 12],
  'CLOSE_WAIT LAST_ACK': [64, 0],
}

const escapeXml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** The state diagram as SVG, drawn from the one table; hovering over a state tells what it means. */
export function svg(language: Language): string {
  const boxes = STATE_NAMES.map(state => {
    const [x, y] = PLACES[state]
    return (
      `<g><title>${escapeXml(STATES[state][language])}</title>` +
      `<rect x="${x - WIDTH / 2}" y="${y - HEIGHT / 2}" width="${WIDTH}" height="${HEIGHT}" rx="8"/>` +
      `<text x="${x}" y="${y + 5}" class="state">${state}</text></g>`
    )
  })
  const title = language === 'zh' ? 'TCP 的状态（RFC 9293）' : 'The states of TCP (RFC 9293)'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1060 900" font-family="system-ui, sans-serif" font-size="12">
<title>${title}</title>
<style>rect{fill:#f4f6fb;stroke:#33415c;stroke-width:1.5}path{fill:none;stroke:#6b7a99;stroke-width:1.3}.state{font-weight:600;font-size:14px;text-anchor:middle;fill:#1b2436}.edge{text-anchor:middle;fill:#46536e;paint-order:stroke;stroke:#fff;stroke-width:4px}@media (prefers-color-scheme:dark){rect{fill:#1d2433;stroke:#aab6d3}.state{fill:#e8ecf7}.edge{fill:#b4bfd9;stroke:#0d1117}path{stroke:#8492b3}}</style>
<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" style="fill:#6b7a99;stroke:none"/></marker></defs>
${edges().map(edge).join('\n')}
${boxes.join('\n')}
</svg>
`
}

function edge({ from, to, label }: Edge): string {
  if (to === 'CLOSED' && (from === 'LAST_ACK' || from === 'TIME_WAIT')) return around(from, label)
  if (from === 'TIME_WAIT' && to === 'SYN_RECEIVED') return reuse(label)
  const [x1, y1] = PLACES[from]
  const [x2, y2] = PLACES[to]
  // Two states with moves both ways get two lines, side by side.
  const side = edges().some(other => other.from === to && other.to === from) ? 9 : 0
  const length = Math.hypot(x2 - x1, y2 - y1)
  const ox = (-(y2 - y1) / length) * side
  const oy = ((x2 - x1) / length) * side
  const [sx, sy] = clip(x1, y1, x2 - x1, y2 - y1, ox, oy)
  const [ex, ey] = clip(x2, y2, x1 - x2, y1 - y2, ox, oy)
  const [nx, ny] = NUDGES[`${from} ${to}`] ?? [0, 0]
  const text = lines(label, (sx + ex) / 2 + nx, (sy + ey) / 2 + ny)
  // This one would run through ESTABLISHED: it bends round it.
  const bend = from === 'SYN_RECEIVED' && to === 'FIN_WAIT_1'
  const path = bend
    ? `M${x1 - WIDTH / 2} ${y1}Q${x2 + 40} ${y1 + 20} ${x2 + 20} ${y2 - HEIGHT / 2}`
    : `M${r(sx)} ${r(sy)}L${r(ex)} ${r(ey)}`
  return `<path d="${path}" marker-end="url(#arrow)"/>${text}`
}

const r = (n: number): number => Math.round(n * 10) / 10

/** A label, one cause to a line. */
function lines(label: string, x: number, y: number): string {
  const parts = label.split('; ')
  const spans = parts.map(
    (part, i) => `<tspan x="${r(x)}" dy="${i === 0 ? 0 : 14}">${escapeXml(part)}</tspan>`,
  )
  return `<text x="${r(x)}" y="${r(y - (parts.length - 1) * 7)}" class="edge">${spans.join('')}</text>`
}

/** The way back to CLOSED, round the right-hand side. */
function around(from: State, label: string): string {
  const [x, y] = PLACES[from]
  const [cx, cy] = PLACES.CLOSED
  const rail = from === 'LAST_ACK' ? 975 : 1035
  const text = from === 'LAST_ACK' ? [900, y - 8] : [640, y - 8]
  return `<path d="M${x + WIDTH / 2} ${y}H${rail}V${from === 'LAST_ACK' ? cy + 8 : cy - 8}H${cx + WIDTH / 2 + 2}" marker-end="url(#arrow)"/>${lines(label, text[0]!, text[1]!)}`
}

/** TIME_WAIT to SYN_RECEIVED, below everything and up again. */
function reuse(label: string): string {
  const [x, y] = PLACES.TIME_WAIT
  const [sx, sy] = PLACES.SYN_RECEIVED
  return `<path d="M${x} ${y + HEIGHT / 2}V875H925V${sy}H${sx + WIDTH / 2 + 2}" marker-end="url(#arrow)"/>${lines(label, 610, 868)}`
}

/** Where a line that starts beside the middle of a box, by (ox, oy), and goes towards (dx, dy) leaves the box. */
function clip(x: number, y: number, dx: number, dy: number, ox: number, oy: number): [number, number] {
  const along = (d: number, o: number, half: number) =>
    d === 0 ? 1e9 : (half - Math.sign(d) * o) / Math.abs(d)
  const scale = Math.min(along(dx, ox, WIDTH / 2), along(dy, oy, HEIGHT / 2))
  return [x + ox + dx * scale, y + oy + dy * scale]
}
