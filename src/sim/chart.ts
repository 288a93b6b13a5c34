import { scaled, tickLabel, ticks } from './axis.js'

/** Points of a series: times in ms, and values; NaN is a gap. */
export interface ChartPoints {
  readonly t: ArrayLike<number>
  readonly y: ArrayLike<number>
}

export interface ChartSeries {
  readonly label: string
  /** A colour of the palette, by its index, or one that CSS knows. */
  readonly colour: number | string
  /** A line from point to point, stairs, dots, or the area between `y` and `upper`. */
  readonly kind: 'line' | 'steps' | 'dots' | 'band'
  readonly points: ChartPoints
  readonly upper?: ArrayLike<number>
  readonly dashed?: boolean
  /** Dots that must not be overlooked. */
  readonly large?: boolean
  /** Not in the legend. */
  readonly silent?: boolean
}

export interface Chart {
  readonly title: string
  /** Of the values: `B` and `bit/s` are given prefixes, others stand as they are. */
  readonly unit: string
  /** The times shown, in ms. */
  readonly range: readonly [number, number]
  /** Whether the axis begins at the smallest value rather than at 0. */
  readonly floats?: boolean
  readonly series: readonly ChartSeries[]
  /** Height of the drawing area, in pixels. */
  readonly height?: number
}

const PALETTE = ['#3b82f6', '#f08c1a', '#12a37a', '#e5484d', '#8e5cf0', '#0aa5c2', '#e0529c', '#7a9a12']
const WIDTH = 960
const LEFT = 74
const RIGHT = 22
const ABOVE = 44
const BELOW = 44
const HEAD = 66

const STYLE = `svg{color-scheme:light dark}.bg{fill:#fff}.frame{fill:none;stroke:#8894a8;stroke-width:1}.grid{stroke:#8894a8;stroke-opacity:.22;stroke-width:1}text{fill:#46536e;font-size:12px}.h{fill:#1b2436;font-size:18px;font-weight:600}.t{fill:#1b2436;font-size:14px;font-weight:600}.e{text-anchor:end}.m{text-anchor:middle}.line{fill:none;stroke-width:1.5;stroke-linejoin:round}.dots{fill:none;stroke-width:3;stroke-linecap:round}.band{stroke:none;fill-opacity:.2}@media (prefers-color-scheme:dark){.bg{fill:#0d1117}text{fill:#b4bfd9}.h,.t{fill:#e8ecf7}}`

/** A page of charts below each other, as SVG that reads well on light and on dark. */
export function chartPage(title: string, subtitle: string, charts: readonly Chart[]): string {
  const parts: string[] = []
  let top = HEAD
  for (const [i, chart] of charts.entries()) {
    parts.push(draw(chart, top, i))
    top += ABOVE + (chart.height ?? 200) + BELOW
  }
  const height = top + 8
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" role="img">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
<rect class="bg" width="100%" height="100%"/>
<text class="h" x="${LEFT}" y="34">${escapeXml(title)}</text>
<text x="${LEFT}" y="54">${escapeXml(subtitle)}</text>
${parts.join('\n')}
</svg>
`
}

function draw(chart: Chart, top: number, index: number): string {
  const { range, height = 200 } = chart
  const [low, high] = extent(chart)
  const { factor, unit } =
    chart.unit === 'B' || chart.unit === 'bit/s' ? scaled(high, chart.unit) : { factor: 1, unit: chart.unit }
  const y0 = top + ABOVE
  const width = WIDTH - LEFT - RIGHT
  const x = (t: number) => LEFT + ((t - range[0]) / (range[1] - range[0])) * width
  const y = (value: number) => y0 + height - ((value - low) / (high - low)) * height
  const out = [
    `<g><clipPath id="c${index}"><rect x="${LEFT}" y="${y0}" width="${width}" height="${height}"/></clipPath>`,
  ]
  out.push(`<text class="t" x="${LEFT}" y="${y0 - 12}">${escapeXml(chart.title)}</text>`)
  const values = ticks(low / factor, high / factor, height / 45)
  for (const value of values) {
    const at = r(y(value * factor))
    out.push(`<path class="grid" d="M${LEFT} ${at}h${width}"/>`)
    out.push(`<text class="e" x="${LEFT - 8}" y="${r(at + 4)}">${tickLabel(value, stepOf(values))}</text>`)
  }
  const times = ticks(range[0] / 1000, range[1] / 1000, 10)
  for (const time of times) {
    const at = r(x(time * 1000))
    out.push(`<path class="grid" d="M${at} ${y0}v${height}"/>`)
    out.push(`<text class="m" x="${at}" y="${y0 + height + 16}">${tickLabel(time, stepOf(times))}</text>`)
  }
  out.push(`<text class="m" x="${LEFT + width / 2}" y="${y0 + height + 33}">time (s)</text>`)
  out.push(
    `<text class="m" transform="translate(18 ${y0 + height / 2}) rotate(-90)">${escapeXml(unit)}</text>`,
  )
  out.push(`<g clip-path="url(#c${index})">`)
  for (const series of chart.series) out.push(drawSeries(series, range, x, y))
  out.push(`</g><rect class="frame" x="${LEFT}" y="${y0}" width="${width}" height="${height}"/>`)
  out.push(legend(chart, y0 - 16), '</g>')
  return out.filter(part => part !== '').join('\n')
}

const stepOf = (values: readonly number[]): number => (values.length > 1 ? values[1]! - values[0]! : 1)

/** From 0, or the smallest value, to a little above the largest that is shown. */
function extent({ series, range, floats }: Chart): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { points, upper } of series)
    for (let i = 0; i < points.t.length; i++) {
      if (points.t[i]! < range[0] || points.t[i]! > range[1]) continue
      for (const value of [points.y[i]!, upper?.[i] ?? Number.NaN]) {
        if (value < low) low = value
        if (value > high) high = value
      }
    }
  if (!Number.isFinite(high)) return [0, 1]
  const bottom = floats ? low : 0
  return [bottom, high > bottom ? bottom + (high - bottom) * 1.06 : bottom + 1]
}

type Place = (value: number) => number

function drawSeries(series: ChartSeries, range: readonly [number, number], x: Place, y: Place): string {
  const { points, kind } = series
  const colour = colourOf(series)
  if (kind === 'dots') {
    const path = dots(points, range, x, y)
    return path === ''
      ? ''
      : `<path class="dots" stroke="${colour}"${series.large ? ' style="stroke-width:5px"' : ''} d="${path}"/>`
  }
  if (kind === 'band') {
    const path = band(points, series.upper!, x, y)
    return path === '' ? '' : `<path class="band" fill="${colour}" d="${path}"/>`
  }
  const path = line(points, range, x, y, kind === 'steps')
  const dash = series.dashed ? ' stroke-dasharray="5 4"' : ''
  return path === '' ? '' : `<path class="line" stroke="${colour}"${dash} d="${path}"/>`
}

/** A line, with no more points to a pixel than its first, last, lowest and highest. */
function line(
  { t, y: values }: ChartPoints,
  range: readonly [number, number],
  x: Place,
  y: Place,
  steps: boolean,
): string {
  let path = ''
  let pen = false
  const to = (px: number, value: number) => {
    const py = r(y(value))
    path += pen ? (steps ? `H${px}V${py}` : `L${px} ${py}`) : `M${px} ${py}`
    pen = true
  }
  for (let i = 0; i < t.length; ) {
    if (Number.isNaN(values[i]!)) {
      pen = false
      i++
      continue
    }
    const px = r(x(t[i]!))
    let last = i
    let lowest = i
    let highest = i
    while (last + 1 < t.length && !Number.isNaN(values[last + 1]!) && r(x(t[last + 1]!)) - px < 0.5) {
      last++
      if (values[last]! < values[lowest]!) lowest = last
      if (values[last]! > values[highest]!) highest = last
    }
    if (isNear(t, i, last, range))
      for (const at of [...new Set([i, lowest, highest, last])].sort((a, b) => a - b)) to(px, values[at]!)
    i = last + 1
  }
  return path
}

/** Shown, or the neighbour of something shown. */
function isNear(
  t: ArrayLike<number>,
  first: number,
  last: number,
  [from, to]: readonly [number, number],
): boolean {
  const before = t[first - 1] ?? t[first]!
  const after = t[last + 1] ?? t[last]!
  return after >= from && before <= to
}

/** One dot to a pixel, however many points lie there. */
function dots(
  { t, y: values }: ChartPoints,
  [from, to]: readonly [number, number],
  x: Place,
  y: Place,
): string {
  const seen = new Set<number>()
  let path = ''
  for (let i = 0; i < t.length; i++) {
    if (t[i]! < from || t[i]! > to || Number.isNaN(values[i]!)) continue
    const [px, py] = [Math.round(x(t[i]!)), Math.round(y(values[i]!))]
    const key = px * 10_000 + py
    if (seen.has(key)) continue
    seen.add(key)
    path += `M${px} ${py}h0`
  }
  return path
}

/** The areas between two lines, one for each stretch in which both are known. */
function band({ t, y: lower }: ChartPoints, upper: ArrayLike<number>, x: Place, y: Place): string {
  let path = ''
  for (let i = 0; i < t.length; ) {
    if (Number.isNaN(lower[i]!)) {
      i++
      continue
    }
    const there: string[] = []
    const back: string[] = []
    for (; i < t.length && !Number.isNaN(lower[i]!); i++) {
      const px = r(x(t[i]!))
      there.push(`${px} ${r(y(lower[i]!))}`)
      back.push(`${px} ${r(y(upper[i]!))}`)
    }
    if (there.length > 1) path += `M${[...there, ...back.reverse()].join('L')}Z`
  }
  return path
}

/** On the line of the title, as much of it as there is room for. */
function legend({ title, series }: Chart, y: number): string {
  const entries = series.filter(s => !s.silent)
  const room = WIDTH - RIGHT - LEFT - 30 - title.length * 8
  let shown = entries.length
  if (totalWidth(entries) > room) while (shown > 0 && totalWidth(entries.slice(0, shown)) + 90 > room) shown--
  let right = WIDTH - RIGHT
  const out: string[] = []
  if (shown < entries.length) {
    out.push(`<text class="e" x="${right}" y="${y + 4}">and ${entries.length - shown} more</text>`)
    right -= 90
  }
  for (const entry of entries.slice(0, shown).reverse()) {
    const x = right - entry.label.length * 6.8
    const stroke = `stroke="${colourOf(entry)}"`
    const mark =
      entry.kind === 'dots'
        ? `<path class="dots" ${stroke} style="stroke-width:6px" d="M${r(x - 13)} ${y}h0"/>`
        : `<path class="line" ${stroke} style="stroke-width:3px"${entry.dashed ? ' stroke-dasharray="5 4"' : ''} d="M${r(x - 24)} ${y}h18"/>`
    out.unshift(`${mark}<text x="${r(x)}" y="${y + 4}">${escapeXml(entry.label)}</text>`)
    right = x - 40
  }
  return out.join('\n')
}

const widthOf = ({ label }: ChartSeries): number => label.length * 6.8 + 40
const totalWidth = (entries: readonly ChartSeries[]): number =>
  entries.reduce((sum, entry) => sum + widthOf(entry), 0)

const colourOf = ({ colour }: ChartSeries): string =>
  typeof colour === 'number' ? PALETTE[colour % PALETTE.length]! : colour

const r = (value: number): number => Math.round(value * 10) / 10

const escapeXml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
