import type { Signal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { instant } from './format.js'
import { Icon, type IconName } from './icon.js'
import { w } from './settings.js'
import type { Word } from './words.js'

/** What can be asked of whatever plays. */
export interface Playback {
  toggle(): void
  toStart(): void
  toEnd(): void
  step(by: 1 | -1): void
  /** To the next change of a state, or the one before. */
  jump(by: 1 | -1): void
}

/** A place on the bar that is worth a mark; `share` is how far along it is, 0 .. 1. */
export interface Tick {
  readonly share: number
  readonly side: 0 | 1
  readonly title: string
}

export interface PlayBarProps {
  playback: Playback
  playing: boolean
  /** Something waits to be played. */
  beckons?: boolean
  speed: Signal<number>
  /** The moment shown, ms, and how far along that is, 0 .. 1. */
  t: number
  share: number
  /** The same as a slider tells it. */
  value: { now: number; most: number; text: string }
  ticks: readonly Tick[]
  /** Asked to go to this part of the whole, 0 .. 1. */
  onDrag(share: number): void
}

const SPEEDS = [0.25, 0.5, 1, 2, 4, 16]
const MOST_TICKS = 400

const percent = (share: number): string => `${share * 100}%`

/** Play, pause, step, and a line to drag along. */
export function PlayBar(p: PlayBarProps) {
  const bar = useRef<HTMLDivElement>(null)
  const { playback } = p
  const drag = (event: PointerEvent) => {
    const { left, width } = bar.current!.getBoundingClientRect()
    p.onDrag(Math.max(0, Math.min(1, (event.clientX - left) / width)))
  }
  return (
    <section class="timeline" aria-label={w('time')}>
      <div class="buttons">
        <Control word="toStart" icon="first" act={playback.toStart} />
        <Control word="previousState" icon="stateBack" act={() => playback.jump(-1)} />
        <Control word="stepBack" icon="back" act={() => playback.step(-1)} />
        <Control
          word={p.playing ? 'pause' : 'play'}
          icon={p.playing ? 'pause' : 'play'}
          act={playback.toggle}
          look={`play ${p.beckons ? 'waiting' : ''}`}
        />
        <Control word="stepOn" icon="on" act={() => playback.step(1)} />
        <Control word="nextState" icon="stateOn" act={() => playback.jump(1)} />
        <Control word="toEnd" icon="last" act={playback.toEnd} />
      </div>
      <div
        class="bar"
        ref={bar}
        role="slider"
        tabIndex={0}
        aria-label={w('timeline')}
        aria-valuemin={0}
        aria-valuemax={p.value.most}
        aria-valuenow={p.value.now}
        aria-valuetext={p.value.text}
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId)
          drag(event)
        }}
        onPointerMove={event => {
          if (event.buttons === 1) drag(event)
        }}
      >
        <div class="past" style={{ width: percent(p.share) }} />
        {p.ticks.length < MOST_TICKS &&
          p.ticks.map(({ share, side, title }, i) => (
            <i key={i} class={`tick host-${side}`} style={{ left: percent(share) }} title={title} />
          ))}
        <div class="knob" style={{ left: percent(p.share) }} />
      </div>
      <output class="clock" data-t={p.t}>
        {instant(p.t)}
      </output>
      <label class="speed">
        <span class="sr">{w('speed')}</span>
        <select
          value={String(p.speed.value)}
          title={w('speed')}
          onChange={event => {
            p.speed.value = Number(event.currentTarget.value)
          }}
        >
          {SPEEDS.map(x => (
            <option key={x} value={String(x)}>
              {x}×
            </option>
          ))}
        </select>
      </label>
    </section>
  )
}

interface ControlProps {
  word: Word
  icon: IconName
  act(): void
  look?: string
}

const Control = ({ word, icon, act, look = '' }: ControlProps) => (
  <button type="button" class={look} aria-label={w(word)} title={w(word)} onClick={() => act()}>
    <Icon name={icon} />
  </button>
)

/** Keys that work wherever nothing else takes them: space, the arrows (with Shift to a change of state), Home, End. */
export function takeKey(event: KeyboardEvent, playback: Playback): void {
  const target = event.target as HTMLElement
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (target.closest('input, select, textarea, [contenteditable], [role=tablist]')) return
  if (event.key === ' ' && target.closest('button, summary, a, [role=button], [role=tab]')) return
  const acts: Record<string, () => void> = {
    ' ': playback.toggle,
    ArrowRight: () => (event.shiftKey ? playback.jump(1) : playback.step(1)),
    ArrowLeft: () => (event.shiftKey ? playback.jump(-1) : playback.step(-1)),
    Home: playback.toStart,
    End: playback.toEnd,
  }
  const act = acts[event.key]
  if (!act) return
  event.preventDefault()
  act()
}
