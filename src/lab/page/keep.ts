import { PcapngWriter, writeSegments } from '../../trace/index.js'
import type { Film } from '../scene/film.js'
import type { LadderLayout } from '../scene/ladder-layout.js'
import { writeLink } from '../scene/link.js'
import { instant } from './format.js'
import { hostName } from './host-name.js'
import { labelOf } from './ladder.js'
import { pick } from './settings.js'

/** What is shown, as files: all of these hold what has happened up to `t`. */

/** Virtual time has no date; captures are given one. */
const EPOCH = Date.UTC(2026, 0, 1)

export function toPcapng(film: Film, t: number): Blob {
  const blocks: Uint8Array<ArrayBuffer>[] = []
  const writer = new PcapngWriter(block => blocks.push(block as Uint8Array<ArrayBuffer>), {
    application: 'estab lab',
    comment: `${film.story.title.en}: ${writeLink(film.scene, t)}`,
  })
  film.hosts.forEach((host, i) => {
    writer.addName(`10.0.0.${i + 1}`, host)
  })
  writeSegments(
    writer,
    film.segments.filter(segment => segment.event.t <= t),
    EPOCH,
  )
  return new Blob(blocks)
}

export const segmentsJson = (film: Film, t: number): string =>
  JSON.stringify(
    { scene: film.scene, link: writeLink(film.scene, t), events: film.events.filter(event => event.t <= t) },
    undefined,
    1,
  )

const escapeXml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** The ladder as a picture that stands by itself. */
export function ladderSvg(film: Film, layout: LadderLayout, t: number): string {
  const [width, gutter, top] = [900, 190, 64]
  const [left, right] = [gutter, width - gutter]
  const bottom = layout.yOf(t)
  const parts: string[] = []
  const colours = ['#1d5fa8', '#a8480f']
  for (const { event, side, y1, y2, lost } of layout.slants) {
    if (event.t > t) continue
    const [x1, x2] = side === 0 ? [left, right] : [right, left]
    const part = lost ? 0.55 : 1
    const [ex, ey] = [x1 + (x2 - x1) * part, y1 + (y2 - y1) * part]
    const angle = (Math.atan2(y2 - y1, right - left) * 180) / Math.PI
    const colour = lost ? '#b3261e' : colours[side]!
    parts.push(
      `<path d="M${x1} ${r(y1)}L${r(ex)} ${r(ey)}" stroke="${colour}" marker-end="url(#${lost ? 'x' : `h${side}`})"${lost ? ' stroke-dasharray="5 3"' : ''}/>`,
      `<text x="450" y="${r((y1 + y2) / 2 - 4)}" transform="rotate(${r(side === 0 ? angle : -angle)} 450 ${r((y1 + y2) / 2)})" text-anchor="middle" fill="${colour}">${escapeXml(labelOf(event, right - left))}</text>`,
    )
  }
  for (const mark of layout.marks) {
    if (mark.t > t) continue
    const text = mark.kind === 'state' ? mark.to : mark.kind === 'timer' ? `⏱ ${mark.timer}` : pick(mark.text)
    const at = mark.side === 0 ? `x="${left - 8}" text-anchor="end"` : `x="${right + 8}"`
    parts.push(
      `<text ${at} y="${r(mark.y + 4)}" fill="${mark.kind === 'state' ? colours[mark.side] : '#555'}" ${mark.kind === 'state' ? 'font-weight="700"' : ''}><title>${instant(mark.t)}</title>${escapeXml(text.length > 30 ? `${text.slice(0, 29)}…` : text)}</text>`,
    )
  }
  for (const silence of layout.silences)
    if (silence.y < bottom)
      parts.push(
        `<text x="450" y="${r(silence.y + 4)}" text-anchor="middle" fill="#777" font-style="italic">… ${escapeXml(instant(silence.ms))} …</text>`,
      )
  const head = (i: number) =>
    `<marker id="h${i}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 1L9 5L0 9z" fill="${colours[i]}"/></marker>`
  const names = film.hosts.length > 1 ? film.hosts : [film.hosts[0]!, film.hosts[0]!]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${Math.ceil(bottom + top + 20)}" font-family="system-ui, sans-serif" font-size="12">
<title>${escapeXml(pick(film.story.title))}</title>
<rect width="100%" height="100%" fill="#fff"/>
<defs>${head(0)}${head(1)}<marker id="x" viewBox="-6 -6 12 12" markerWidth="9" markerHeight="9"><path d="M-5 -5L5 5M5 -5L-5 5" stroke="#b3261e" stroke-width="2"/></marker></defs>
<text x="450" y="22" text-anchor="middle" font-size="16" font-weight="700">${escapeXml(pick(film.story.title))}</text>
${names.map((name, i) => `<text x="${i === 0 ? left : right}" y="52" text-anchor="middle" font-size="14" font-weight="700" fill="${colours[i]}">${escapeXml(hostName(name!))}</text>`).join('\n')}
<g transform="translate(0 ${top})" fill="none" stroke-width="1.4">
<path d="M${left} -6V${r(bottom + 10)}M${right} -6V${r(bottom + 10)}" stroke="#999"/>
${parts.join('\n')}
</g>
</svg>
`
}

const r = (n: number): number => Math.round(n * 10) / 10

export function saveAs(name: string, type: string, content: Blob | string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
