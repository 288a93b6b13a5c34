import { useEffect, useRef } from 'preact/hooks'
import { instant } from '../format.js'
import { Icon, type IconName } from '../icon.js'
import { w } from '../settings.js'
import type { Word } from '../words.js'
import type { Player } from './player.js'
import { f } from './words.js'

const SPEEDS = [0.25, 0.5, 1, 2, 4, 16]

/** A place on the bar that is worth a mark. */
export interface Tick {
  readonly y: number
  readonly side: 0 | 1
  readonly title: string
}

const MOST_TICKS = 400

/** Play, pause, step, and a line to drag along. `states` are the stops at which a state changes. */
export function Controls({
  player,
  ticks,
  states,
}: {
  player: Player
  ticks: readonly Tick[]
  states: readonly number[]
}) {
  const bar = useRef<HTMLDivElement>(null)
  useEffect(() => player.run(), [player])
  const { stops, last } = player
  const index = player.index.value
  const whole = Math.max(1, stops[last]?.y ?? 0)
  const share = (y: number) => `${(y / whole) * 100}%`
  const jump = (by: 1 | -1) => {
    const here = player.index.peek()
    const found = by > 0 ? states.find(i => i > here) : states.findLast(i => i < here)
    player.go(found ?? (by > 0 ? last : 0))
  }
  const drag = (event: PointerEvent) => {
    const { left, width } = bar.current!.getBoundingClientRect()
    const y = ((event.clientX - left) / width) * whole
    let nearest = 0
    stops.forEach((stop, i) => {
      if (Math.abs(stop.y - y) < Math.abs(stops[nearest]!.y - y)) nearest = i
    })
    player.go(nearest)
  }

  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (target.closest('input, select, textarea')) return
      if (event.key === ' ' && target.closest('button, summary, a, [role=button]')) return
      const acts: Record<string, () => void> = {
        ' ': () => player.toggle(),
        ArrowRight: () => (event.shiftKey ? jump(1) : player.step(1)),
        ArrowLeft: () => (event.shiftKey ? jump(-1) : player.step(-1)),
        Home: () => player.go(0),
        End: () => player.go(last),
      }
      const act = acts[event.key]
      if (!act) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', keys)
    return () => removeEventListener('keydown', keys)
  })

  const control = (word: Word, icon: IconName, act: () => void) => (
    <button type="button" aria-label={w(word)} title={w(word)} onClick={act}>
      <Icon name={icon} />
    </button>
  )
  const playing = player.playing.value
  return (
    <section class="timeline" aria-label={w('time')}>
      <div class="buttons">
        {control('toStart', 'first', () => player.go(0))}
        {control('previousState', 'stateBack', () => jump(-1))}
        {control('stepBack', 'back', () => player.step(-1))}
        <button
          type="button"
          class="play"
          aria-label={w(playing ? 'pause' : 'play')}
          title={w(playing ? 'pause' : 'play')}
          onClick={() => player.toggle()}
        >
          <Icon name={playing ? 'pause' : 'play'} />
        </button>
        {control('stepOn', 'on', () => player.step(1))}
        {control('nextState', 'stateOn', () => jump(1))}
        {control('toEnd', 'last', () => player.go(last))}
      </div>
      <div
        class="bar"
        ref={bar}
        role="slider"
        tabIndex={0}
        aria-label={w('timeline')}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={index}
        aria-valuetext={`${instant(player.t.value)}, ${f('stop', index + 1, stops.length)}`}
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId)
          drag(event)
        }}
        onPointerMove={event => {
          if (event.buttons === 1) drag(event)
        }}
      >
        <div class="past" style={{ width: share(stops[index]!.y) }} />
        {ticks.length < MOST_TICKS &&
          ticks.map(({ y, side, title }, i) => (
            <i key={i} class={`tick host-${side}`} style={{ left: share(y) }} title={title} />
          ))}
        <div class="knob" style={{ left: share(stops[index]!.y) }} />
      </div>
      <output class="clock" data-t={player.t.value}>
        {instant(player.t.value)}
      </output>
      <label class="speed">
        <span class="sr">{w('speed')}</span>
        <select
          value={String(player.speed.value)}
          title={w('speed')}
          onChange={event => {
            player.speed.value = Number(event.currentTarget.value)
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
