import { instant } from './format.js'
import { PlayBar, type Playback, takeKey } from './play-bar.js'
import { end, film, layout, page, playing, seek, speed, step, stepState, t, waiting } from './store.js'

const PLAYBACK: Playback = {
  toggle: () => {
    playing.value = !playing.value
  },
  toStart: () => seek(0),
  toEnd: () => seek(end.value),
  step,
  jump: stepState,
}

/** The time of a scene. Places on the line are those of the ladder, so that a long silence is short. */
export function Timeline() {
  const whole = Math.max(1, layout.value.yOf(end.value))
  const share = (time: number) => layout.value.yOf(time) / whole
  const ticks = film.value.events.flatMap(event =>
    event.kind === 'state'
      ? {
          share: share(event.t),
          side: event.host === film.value.hosts[0] ? (0 as const) : (1 as const),
          title: `${instant(event.t)} ${event.host}: ${event.from} → ${event.to}`,
        }
      : [],
  )
  return (
    <PlayBar
      playback={PLAYBACK}
      playing={playing.value}
      beckons={waiting.value}
      speed={speed}
      t={t.value}
      share={share(t.value)}
      value={{ now: t.value, most: end.value, text: instant(t.value) }}
      ticks={ticks}
      onDrag={part => seek(layout.value.tOf(part * whole))}
    />
  )
}

export function listenToKeys(): void {
  addEventListener('keydown', event => {
    if (page.value === 'stories') takeKey(event, PLAYBACK)
  })
}
