import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { SegmentEvent, TraceEvent } from '../../trace/events.js'
import { REACTION_WORDS, TIMER_WORDS } from '../../trace/words.js'
import type { LadderLayout, Mark, Slant } from '../scene/ladder-layout.js'
import { instant, time } from './format.js'
import { hostName } from './host-name.js'
import { absolute, language, motion, pick, w } from './settings.js'

/** What a ladder draws, and what it tells. It knows nothing of scenes: captures and scripts are shown by it too. */
export interface LadderProps {
  hosts: readonly [string, string]
  layout: LadderLayout
  /** The moment shown; what comes later is not drawn. */
  t: number
  selected: number | undefined
  onSelect(index: number | undefined): void
  onSeek(t: number): void
  /** Absolute numbers of a segment, where its octets are known. */
  numbers?(index: number): { seq: number; ack: number } | undefined
  /** Asked for by the Delete key on a segment. */
  onDrop?(index: number): void
  playing?: boolean
  label?: string
}

/** Widths in CSS pixels: what stands beside each line, by the room there is. */
const gutterOf = (width: number): number => (width < 420 ? 84 : width < 640 ? 118 : 148)
/** Drawn above and below what is seen, so that scrolling finds it there. */
const MARGIN = 300

/** The ladder of segments between two hosts: virtual time downwards, only what is in view in the document. */
export function Ladder(p: LadderProps) {
  const box = useRef<HTMLElement>(null)
  const [view, setView] = useState({ top: 0, height: 600, width: 600 })
  const y = p.layout.yOf(p.t)

  useLayoutEffect(() => {
    const element = box.current!
    const measure = () =>
      setView({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth })
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [])

  // The moment shown stays in view; a reader who scrolls elsewhere is left alone until it moves.
  useEffect(() => {
    const element = box.current!
    const low = element.scrollTop + element.clientHeight * 0.8
    if (y < element.scrollTop + 40 || y > low) {
      const top = Math.max(0, y - element.clientHeight * (p.playing ? 0.8 : 0.6))
      element.scrollTo({ top, behavior: motion.peek() && !p.playing ? 'smooth' : 'instant' })
    }
  }, [y, p.playing])

  // What is looked at is in view when it is chosen.
  useEffect(() => {
    const element = box.current!
    const slant = p.layout.slants.find(s => s.index === p.selected)
    if (!slant) return
    const { scrollTop, clientHeight } = element
    if (slant.y2 < scrollTop || slant.y1 > scrollTop + clientHeight)
      element.scrollTo({ top: Math.max(0, slant.y1 - clientHeight / 3), behavior: 'instant' })
  }, [p.selected, p.layout])

  const gutter = gutterOf(view.width)
  const left = gutter
  const right = Math.max(left + 60, view.width - gutter)
  const [from, to] = [view.top - MARGIN, view.top + view.height + MARGIN]
  const [first, last] = p.layout.inView(from, Math.min(to, y))
  const slants: Slant[] = []
  for (let i = first; i < last; i++) {
    const slant = p.layout.slants[i]!
    if (slant.event.t <= p.t && (slant.y2 >= from || slant.lost)) slants.push(slant)
  }
  const marks = p.layout.marksInView(from, to).filter(mark => mark.t <= p.t)

  const move = (event: KeyboardEvent) => {
    const all = p.layout.slants
    const here = p.selected === undefined ? -1 : all.findIndex(slant => slant.index === p.selected)
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const next = all[Math.max(0, Math.min(all.length - 1, here + (event.key === 'ArrowDown' ? 1 : -1)))]
      if (next) {
        event.preventDefault()
        event.stopPropagation()
        if (next.event.t > p.t) p.onSeek(next.event.t)
        p.onSelect(next.index)
      }
    } else if ((event.key === 'Delete' || event.key === 'Backspace') && p.selected !== undefined) {
      event.preventDefault()
      p.onDrop?.(p.selected)
    } else if (event.key === 'Escape') p.onSelect(undefined)
  }

  const height = Math.max(view.height - 8, p.layout.height + 60)
  return (
    <div class="ladder-frame">
      <div class="ladder-hosts" style={{ paddingInline: `${gutter}px` }} aria-hidden="true">
        <b class="host-0" style={{ left: `${left}px` }}>
          {hostName(p.hosts[0])}
        </b>
        <b class="host-1" style={{ left: `${right}px` }}>
          {hostName(p.hosts[1])}
        </b>
      </div>
      <section
        class="ladder"
        ref={box}
        aria-label={p.label ?? w('ladder')}
        aria-describedby="ladder-help"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={event => {
          const { scrollTop, clientHeight, clientWidth } = event.currentTarget
          setView({ top: scrollTop, height: clientHeight, width: clientWidth })
        }}
        onKeyDown={move}
      >
        <svg width={view.width} height={height} class="rungs">
          <title>{w('ladder')}</title>
          <line class="life host-0" x1={left} x2={left} y1="0" y2={height} />
          <line class="life host-1" x1={right} x2={right} y1="0" y2={height} />
          {p.layout.silences
            .filter(s => s.y > from && s.y < Math.min(to, y))
            .map(s => (
              <g key={s.y} class="silence">
                <path d={`M${left - 5} ${s.y + 2}l5 -6l0 8l5 -6M${right - 5} ${s.y + 2}l5 -6l0 8l5 -6`} />
                <text x={(left + right) / 2} y={s.y + 4}>
                  {w('silence', time(s.ms))}
                </text>
              </g>
            ))}
          {slants.map(slant => (
            <Rung key={slant.index} slant={slant} left={left} right={right} y={y} p={p} />
          ))}
          {marks.map((mark, i) => (
            <Beside
              key={`${mark.y} ${mark.side} ${i}`}
              mark={mark}
              x={mark.side === 0 ? left : right}
              gutter={gutter}
            />
          ))}
          <g class="now">
            <line x1="0" x2={view.width} y1={y} y2={y} />
            <text x={4} y={y + 12}>
              {instant(p.t)}
            </text>
          </g>
        </svg>
        {p.layout.slants.length === 0 && p.layout.marks.length === 0 && (
          <p class="empty">{w('nothingYet')}</p>
        )}
      </section>
      <p id="ladder-help" class="sr">
        {w('ladderHelp')}
      </p>
    </div>
  )
}

/** One segment. */
function Rung({
  slant,
  left,
  right,
  y,
  p,
}: {
  slant: Slant
  left: number
  right: number
  y: number
  p: LadderProps
}) {
  const { event, side, index } = slant
  const [x1, x2] = side === 0 ? [left, right] : [right, left]
  // A lost one ends in the middle; one that is on its way has come as far as the moment shown.
  const whole = slant.lost ? 0.55 : 1
  const span = slant.y2 - slant.y1
  const fraction = Math.max(0, Math.min(whole, span > 0 ? (y - slant.y1) / span : whole))
  const ex = x1 + (x2 - x1) * fraction
  const ey = slant.y1 + span * fraction
  const arrived = fraction >= whole
  const angle = (Math.atan2(slant.y2 - slant.y1, Math.abs(x2 - x1)) * 180) / Math.PI
  // Near its sender, where fewer lines cross it.
  const share = 0.42
  const labelX = x1 + (x2 - x1) * share
  const labelY = slant.y1 + span * share
  const label = labelOf(event, right - left, p.numbers?.(index))
  const is = [
    'rung',
    `host-${side}`,
    slant.lost ? 'lost' : event.fate,
    arrived ? '' : 'flying',
    p.selected === index ? 'selected' : '',
  ].join(' ')
  return (
    // biome-ignore lint/a11y/useSemanticElements: inside a picture there is no button but this
    <g
      class={is}
      role="button"
      tabIndex={-1}
      data-segment={index}
      aria-pressed={p.selected === index}
      aria-label={spoken(event, arrived, label)}
      onClick={() => p.onSelect(p.selected === index ? undefined : index)}
      onKeyDown={key => {
        if (key.key === 'Enter' || key.key === ' ') p.onSelect(index)
      }}
    >
      <line class="hit" x1={x1} y1={slant.y1} x2={ex} y2={ey} />
      <line class="wire" x1={x1} y1={slant.y1} x2={ex} y2={ey} />
      {arrived && !slant.lost && <path class="tip" d={tip(x2, slant.y2, side, angle)} />}
      {!arrived && <circle class="dot" cx={ex} cy={ey} r="4" />}
      {arrived && slant.lost && <path class="cross" d={`M${ex - 5} ${ey - 5}l10 10m0 -10l-10 10`} />}
      <text
        class={fraction < share ? 'ahead' : ''}
        transform={`rotate(${side === 0 ? angle : -angle} ${labelX} ${labelY})`}
        x={labelX}
        y={labelY - 4}
      >
        {label}
      </text>
    </g>
  )
}

const tip = (x: number, y: number, side: 0 | 1, angle: number): string => {
  const a = ((side === 0 ? 180 + angle : -angle) * Math.PI) / 180
  const at = (turn: number) =>
    `${(x + 9 * Math.cos(a + turn)).toFixed(1)} ${(y + 9 * Math.sin(a + turn)).toFixed(1)}`
  return `M${x} ${y}L${at(0.35)}L${at(-0.35)}z`
}

/** What stands on a segment's line, by the room there is. */
export function labelOf(event: SegmentEvent, width: number, exact?: { seq: number; ack: number }): string {
  const flags = event.flags.filter(flag => flag !== 'PSH' || event.flags.length === 1).join(',')
  const fate =
    event.fate === 'corrupted'
      ? ` ${w('corruptedWord')}`
      : event.fate === 'duplicated'
        ? ` ${w('duplicateWord')}`
        : ''
  const { seq, ack } = absolute.value && exact ? exact : event
  if (width < 240) return `${flags}${event.len > 0 ? ` ${event.len}` : ''}${fate}`
  const text = event.len > 0 ? ` seq ${seq} len ${event.len}` : ` seq ${seq}`
  const acknowledges = event.flags.includes('ACK') ? ` ack ${ack}` : ''
  const sack =
    event.options.sack && width > 420
      ? ` sack ${event.options.sack.map(([a, b]) => `${a}–${b}`).join(' ')}`
      : ''
  return `${flags}${text}${acknowledges}${width > 330 ? ` win ${event.win}` : ''}${sack}${fate}`
}

/** What is to be seen of it, and all else. */
function spoken(event: SegmentEvent, arrived: boolean, label: string): string {
  const what = `${label}: ${event.flags.join(' ') || '–'}, seq ${event.seq}, ack ${event.ack}, len ${event.len}, win ${event.win}`
  const fate =
    event.arrives === undefined ? w('lost') : arrived ? w('arrivesAt', instant(event.arrives)) : w('inFlight')
  return `${hostName(event.from)} → ${hostName(event.to)}: ${what}. ${w('sentAt', instant(event.t))}, ${fate}`
}

/** What stands beside a host's line: a change of its state, what its user did, a timer. */
function Beside({ mark, x, gutter }: { mark: Mark; x: number; gutter: number }) {
  const text = besideText(mark)
  const at = mark.side === 0 ? x - gutter + 2 : x + 7
  return (
    <foreignObject x={at} y={mark.y - 10} width={gutter - 9} height="21">
      <div
        class={`beside ${mark.kind} side-${mark.side} host-${mark.side}`}
        title={`${instant(mark.t)} ${titleOf(mark)}`}
      >
        {text}
      </div>
    </foreignObject>
  )
}

function besideText(mark: Mark): string {
  if (mark.kind === 'state') return mark.to
  return mark.kind === 'timer' ? `⏱ ${pickWord(TIMER_WORDS[mark.timer])}` : pick(mark.text)
}

const pickWord = (words: Record<'en' | 'zh', string>): string => words[language.value]

const titleOf = (mark: Mark): string =>
  mark.kind === 'state' ? `${mark.from} → ${mark.to} (${mark.cause})` : besideText(mark)

/** What a receiver did with a segment, in a word; undefined if there is nothing to remark. */
export const reactionOf = (event: TraceEvent): string | undefined => {
  if (event.kind !== 'segment' || !event.reaction) return undefined
  const words = REACTION_WORDS[event.reaction]
  return words ? pickWord(words) : undefined
}
