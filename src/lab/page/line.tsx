import { signal } from '@preact/signals'
import type { Line } from '../scene/scene.js'
import { size, time, trim } from './format.js'
import { w } from './settings.js'
import { act, film, scene, t } from './store.js'

/** What each slider can be set to: steps that are worth trying, not a continuum. */
const STEPS: Record<keyof Line, readonly number[]> = {
  delay: [0, 1, 5, 10, 20, 50, 100, 200, 500],
  rate: [64e3, 256e3, 1e6, 5e6, 10e6, 50e6, 100e6, 0],
  queue: [3000, 6000, 15_000, 30_000, 60_000, 150_000, 0],
  loss: [0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
  reorder: [0, 0.01, 0.05, 0.1, 0.2, 0.5],
}

const shown = (name: keyof Line, value: number): string => {
  if (name === 'delay') return time(value)
  if (name === 'loss' || name === 'reorder') return `${trim(value * 100, 1)} %`
  if (value === 0) return w('unlimited')
  return name === 'queue'
    ? `${size(value)} B`
    : value >= 1e6
      ? `${value / 1e6} Mbit/s`
      : `${value / 1e3} kbit/s`
}

/** The line as it is at the moment shown: what the scene began with, and what was changed since. */
export function lineNow(): Line {
  let line: Line = { delay: scene.value.delay, rate: 0, queue: 0, loss: 0, reorder: 0 }
  for (const action of scene.value.actions)
    if (action.kind === 'line' && action.at <= t.value) line = { ...line, ...action.line }
  return line
}

const dragged = signal<Partial<Line>>({})

export function LinePanel() {
  if (film.value.hosts.length < 2) return <p class="quiet">{w('cannotTouch')}</p>
  const line = { ...lineNow(), ...dragged.value }
  return (
    <div class="line">
      {(Object.keys(STEPS) as (keyof Line)[]).map(name => {
        const steps = STEPS[name]
        const nearest = steps.reduce(
          (best, value, i) => (Math.abs(value - line[name]) < Math.abs(steps[best]! - line[name]) ? i : best),
          0,
        )
        return (
          <label key={name}>
            <span>{w(name)}</span>
            <input
              type="range"
              min={0}
              max={steps.length - 1}
              step={1}
              value={nearest}
              data-line={name}
              aria-valuetext={shown(name, line[name])}
              onInput={event => {
                dragged.value = { ...dragged.value, [name]: steps[event.currentTarget.valueAsNumber]! }
              }}
              onChange={event => {
                dragged.value = {}
                act({
                  kind: 'line',
                  at: t.value,
                  line: { [name]: steps[event.currentTarget.valueAsNumber]! },
                })
              }}
            />
            <output>{shown(name, line[name])}</output>
          </label>
        )
      })}
      <p class="quiet">
        {w('lineBoth')}. {w('fromNow')}
      </p>
    </div>
  )
}
