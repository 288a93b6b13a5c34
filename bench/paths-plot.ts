import { QUANTITIES, type Quantity, type Row } from './paths-page.js'

const ROW = 15
const LEFT = 190
const PANEL = 210
const GAP = 24
const TOP = 64
/** Ratios from a hundredth to four, by powers of ten. */
const [LOW, HIGH] = [0.01, 4]
const TICKS = [0.01, 0.03, 0.1, 0.3, 1, 3]

const SENDER = '#b3261e'
const RECEIVER = '#1f5fa8'

const x = (ratio: number): number => {
  const share = Math.log(Math.min(HIGH, Math.max(LOW, ratio)) / LOW) / Math.log(HIGH / LOW)
  return Math.round(share * PANEL * 10) / 10
}

/** A dot for estab as sender and one as receiver, on each path, in a panel for each quantity; 1 is Linux. */
export function plot(controller: string, rows: readonly Row[]): string {
  const quantities = Object.keys(QUANTITIES) as Quantity[]
  const height = TOP + rows.length * ROW + 30
  const width = LEFT + quantities.length * (PANEL + GAP)
  const y = (i: number) => TOP + i * ROW + ROW / 2
  const names = rows.map(({ cell }, i) => {
    const name = `${cell.rtt} ms, ${cell.rate} Mbit/s, ${cell.loss} %${cell.reorder ? `, reordered ${cell.reorder} %` : ''}`
    return `<text x="${LEFT - 8}" y="${y(i) + 4}" text-anchor="end">${name}</text>`
  })
  const panels = quantities.map((q, k) => {
    const grid = TICKS.map(
      tick =>
        `<line x1="${x(tick)}" x2="${x(tick)}" y1="${TOP}" y2="${y(rows.length)}" stroke="${tick === 1 ? '#444' : '#ddd'}"/>` +
        `<text x="${x(tick)}" y="${y(rows.length) + 14}" text-anchor="middle" fill="#666">${tick}</text>`,
    )
    const lines = rows.map(
      (_row, i) => `<line x1="0" x2="${PANEL}" y1="${y(i)}" y2="${y(i)}" stroke="#f0f0f0"/>`,
    )
    const dots = rows.flatMap((row, i) => [
      dot(row.receiver[q], y(i), RECEIVER),
      dot(row.sender[q], y(i), SENDER),
    ])
    const title = `<text x="0" y="${TOP - 10}" font-weight="bold">${QUANTITIES[q].title}</text>`
    return `<g transform="translate(${LEFT + k * (PANEL + GAP)} 0)">${title}${[...lines, ...grid, ...dots].join('')}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" role="img" aria-label="estab beside Linux, ${controller}">
<title>estab beside Linux, ${controller}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="20" font-size="14" font-weight="bold">estab beside Linux, ${controller}: 1 is even, to the right estab is better</text>
<circle cx="14" cy="36" r="4" fill="${SENDER}"/><text x="24" y="40">estab sends to Linux</text>
<circle cx="154" cy="36" r="4" fill="${RECEIVER}"/><text x="164" y="40">Linux sends to estab</text>
${names.join('\n')}
${panels.join('\n')}
</svg>
`
}

const dot = (ratio: number, y: number, colour: string): string =>
  Number.isNaN(ratio) ? '' : `<circle cx="${x(ratio)}" cy="${y}" r="4" fill="${colour}" fill-opacity="0.85"/>`
