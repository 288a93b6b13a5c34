import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { scheme } from './settings.js'

export interface Series {
  readonly label: string
  /** A CSS colour, or the name of one of the page's variables. */
  readonly colour: string
  readonly values: readonly (number | null)[]
  /** Dots alone, a line (the default), one that keeps its height until the next value, or nothing: the edge of a band. */
  readonly draw?: 'dots' | 'steps' | 'edge'
  readonly dash?: number[]
  /** How opaque what is below it is filled, 0 to 1. */
  readonly fill?: number
}

/** The area between two series, the upper one first, by their places. */
export interface Band {
  readonly series: readonly [number, number]
  readonly colour: string
  readonly fill: number
}

export interface PlotProps {
  title: string
  /** Seconds. */
  times: readonly number[]
  series: readonly Series[]
  unit: string
  /** Where the moment shown is, seconds; a click asks to go there. */
  now?: number
  onSeek?(seconds: number): void
  height?: number
  bands?: readonly Band[]
  /** Whether the series are named below the plot; if absent, when there are several. */
  legend?: boolean
  /** The upright axis begins at 0 and reaches this at least. */
  top?: number
  /** Plots of the same name are looked at closer together. */
  sync?: string
}

/** The value of a variable of the page's style, as it is now. */
const colourOf = (name: string): string =>
  name.startsWith('--') ? getComputedStyle(document.documentElement).getPropertyValue(name).trim() : name

/** A colour of the form #rrggbb, less opaque. */
const pale = (name: string, opacity: number): string =>
  colourOf(name) +
  Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')

/** A plot over time: uPlot's, in the colours of the page, with a line at the moment shown. */
export function Plot(p: PlotProps) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const props = useRef(p)
  props.current = p
  const look = scheme.value

  useEffect(() => {
    const element = box.current!
    const ink = colourOf('--quiet')
    const grid = { stroke: colourOf('--line'), width: 1 }
    const made = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: p.height ?? 220,
        legend: { show: p.legend ?? p.series.length > 1, live: false },
        cursor: {
          y: false,
          points: { show: false },
          ...(p.sync === undefined ? {} : { sync: { key: p.sync, scales: ['x', null] } }),
        },
        scales: {
          x: { time: false },
          ...(p.top === undefined
            ? {}
            : {
                y: { range: (_, _low, high) => [0, Math.max(props.current.top ?? 0, high || 0) * 1.05 || 1] },
              }),
        },
        bands: (p.bands ?? []).map(({ series: [upper, lower], colour, fill }) => ({
          series: [upper + 1, lower + 1],
          fill: pale(colour, fill),
        })),
        axes: [
          { stroke: ink, grid, ticks: grid, values: (_, all) => all.map(v => `${Number(v.toFixed(3))} s`) },
          { stroke: ink, grid, ticks: grid, size: 62, values: (_, all) => all.map(short) },
        ],
        series: [
          { label: 's' },
          ...p.series.map(s => ({
            label: s.label,
            stroke: s.draw === 'edge' ? 'transparent' : colourOf(s.colour),
            width: s.draw === 'dots' ? 0 : 1.5,
            points: { show: s.draw === 'dots', size: 4, fill: colourOf(s.colour) },
            ...(s.fill ? { fill: pale(s.colour, s.fill) } : {}),
            ...(s.dash ? { dash: s.dash } : {}),
            ...(s.draw === 'dots' ? { paths: () => null } : {}),
            ...(s.draw === 'steps' ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
            spanGaps: true,
          })),
        ],
        hooks: {
          draw: [
            u => {
              const { now } = props.current
              if (now === undefined) return
              const x = u.valToPos(now, 'x', true)
              u.ctx.save()
              u.ctx.strokeStyle = colourOf('--now')
              u.ctx.lineWidth = devicePixelRatio
              u.ctx.beginPath()
              u.ctx.moveTo(x, u.bbox.top)
              u.ctx.lineTo(x, u.bbox.top + u.bbox.height)
              u.ctx.stroke()
              u.ctx.restore()
            },
          ],
        },
      },
      dataOf(p),
      element,
    )
    made.over.addEventListener('click', event => {
      const { left } = made.over.getBoundingClientRect()
      props.current.onSeek?.(made.posToVal(event.clientX - left, 'x'))
    })
    plot.current = made
    const observer = new ResizeObserver(() => {
      const width = Math.max(200, element.clientWidth)
      if (width !== made.width) made.setSize({ width, height: made.height })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [p.title, p.series.map(s => s.label).join('|'), look])

  useEffect(() => plot.current?.setData(dataOf(p)), [p.times, p.series])
  useEffect(() => plot.current?.redraw(false), [p.now])

  const last = p.series.map(s => `${s.label} ${short(s.values.findLast(v => v !== null) ?? 0)}`).join(', ')
  return (
    <figure class="plot">
      <figcaption>
        {p.title} <span class="quiet">({p.unit})</span>
      </figcaption>
      <div ref={box} role="img" aria-label={`${p.title} (${p.unit}): ${last}`} />
    </figure>
  )
}

const dataOf = (p: PlotProps): uPlot.AlignedData =>
  [p.times, ...p.series.map(s => s.values)] as unknown as uPlot.AlignedData

const short = (v: number): string => {
  const a = Math.abs(v)
  if (a >= 1e9) return `${Number((v / 1e9).toFixed(2))} G`
  if (a >= 1e6) return `${Number((v / 1e6).toFixed(2))} M`
  if (a >= 1e4) return `${Number((v / 1e3).toFixed(1))} k`
  return String(Number(v.toFixed(2)))
}
