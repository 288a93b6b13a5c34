import { useRef } from 'preact/hooks'
import { instant } from './format.js'
import { Icon, type IconName } from './icon.js'
import { w } from './settings.js'
import { end, film, layout, page, playing, seek, speed, step, stepState, t, waiting } from './store.js'

const SPEEDS = [0.25, 0.5, 1, 2, 4, 16]

/** Play, pause, step, and a line to drag along. Places on it are those of the ladder, so that a long silence is short. */
export function Timeline() {
  const bar = useRef<HTMLDivElement>(null)
  const whole = Math.max(1, layout.value.yOf(end.value))
  const share = (time: number) => `${(layout.value.yOf(time) / whole) * 100}%`
  const drag = (event: PointerEvent) => {
    const { left, width } = bar.current!.getBoundingClientRect()
    seek(layout.value.tOf(Math.max(0, Math.min(1, (event.clientX - left) / width)) * whole))
  }
  const states = film.value.events.filter(event => event.kind === 'state')
  return (
    <section class="timeline" aria-label={w('time')}>
      <div class="buttons">
        <Control word="toStart" sign="first" act={() => seek(0)} />
        <Control word="previousState" sign="stateBack" act={() => stepState(-1)} />
        <Control word="stepBack" sign="back" act={() => step(-1)} />
        <button
          type="button"
          class={`play ${waiting.value ? 'waiting' : ''}`}
          aria-label={w(playing.value ? 'pause' : 'play')}
          title={w(playing.value ? 'pause' : 'play')}
          onClick={() => {
            playing.value = !playing.value
          }}
        >
          <Icon name={playing.value ? 'pause' : 'play'} />
        </button>
        <Control word="stepOn" sign="on" act={() => step(1)} />
        <Control word="nextState" sign="stateOn" act={() => stepState(1)} />
        <Control word="toEnd" sign="last" act={() => seek(end.value)} />
      </div>
      <div
        class="bar"
        ref={bar}
        role="slider"
        tabIndex={0}
        aria-label={w('timeline')}
        aria-valuemin={0}
        aria-valuemax={end.value}
        aria-valuenow={t.value}
        aria-valuetext={instant(t.value)}
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId)
          drag(event)
        }}
        onPointerMove={event => {
          if (event.buttons === 1) drag(event)
        }}
      >
        <div class="past" style={{ width: share(t.value) }} />
        {states.length < 400 &&
          states.map((event, i) => (
            <i
              key={i}
              class={`tick host-${event.host === film.value.hosts[0] ? 0 : 1}`}
              style={{ left: share(event.t) }}
              title={`${instant(event.t)} ${event.host}: ${event.from} → ${event.to}`}
            />
          ))}
        <div class="knob" style={{ left: share(t.value) }} />
      </div>
      <output class="clock" data-t={t.value}>
        {instant(t.value)}
      </output>
      <label class="speed">
        <span class="sr">{w('speed')}</span>
        <select
          value={String(speed.value)}
          title={w('speed')}
          onChange={event => {
            speed.value = Number(event.currentTarget.value)
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

function Control({ word, sign, act }: { word: Parameters<typeof w>[0]; sign: IconName; act(): void }) {
  return (
    <button type="button" aria-label={w(word)} title={w(word)} onClick={act}>
      <Icon name={sign} />
    </button>
  )
}

/** Keys that work wherever nothing else takes them. */
export function listenToKeys(): void {
  addEventListener('keydown', event => {
    if (page.value !== 'stories') return
    const target = event.target as HTMLElement
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (target.closest('input, select, textarea, [contenteditable]')) return
    if (event.key === ' ' && target.closest('button, summary, a, [role=button], [role=tab]')) return
    const acts: Record<string, () => void> = {
      ' ': () => {
        playing.value = !playing.value
      },
      ArrowRight: () => (event.shiftKey ? stepState(1) : step(1)),
      ArrowLeft: () => (event.shiftKey ? stepState(-1) : step(-1)),
      Home: () => seek(0),
      End: () => seek(end.value),
    }
    const run = acts[event.key]
    if (!run || target.closest('[role=tablist]')) return
    event.preventDefault()
    run()
  })
}
