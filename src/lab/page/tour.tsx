import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { STORIES, type Story } from '../../stories/index.js'
import { withAction } from '../scene/scene.js'
import { type Step, timeOf } from '../scene/tours/index.js'
import { instant } from './format.js'
import { pick, w } from './settings.js'
import { begin, end, film, open, scene, seek, t, tour } from './store.js'

/** Which story it is, and the choice of another. */
export function TourHead() {
  return (
    <div class="tour-head">
      <StoryPicker />
      <h1>{pick(film.value.story.title)}</h1>
    </div>
  )
}

/** The text beside the play: what happens and why, what would go wrong without it, and something to do. */
export function Tour() {
  const { story } = film.value
  return (
    <section class="tour" aria-label={w('story')}>
      <p>{pick(story.about)}</p>
      {tour.value && (
        <>
          <h2>{w('what')}</h2>
          <Steps steps={tour.value.steps} />
          <details class="without" open>
            <summary>{w('without')}</summary>
            <p>{pick(tour.value.without)}</p>
          </details>
          <Question key={scene.value.story} />
        </>
      )}
    </section>
  )
}

const OPENING = new Set([
  'handshake',
  'simultaneous-open',
  'lost-syn',
  'lost-syn-ack',
  'lost-handshake-ack',
  'refused',
  'old-duplicate-syn',
  'self-connect',
])
const FLOWING = new Set(['zero-window', 'retransmit', 'out-of-order', 'keepalive'])

function StoryPicker() {
  const group = (stories: readonly Story[]) =>
    stories.map(story => (
      <option key={story.name} value={story.name}>
        {pick(story.title)}
      </option>
    ))
  return (
    <p class="picker">
      <select
        aria-label={w('story')}
        value={scene.value.story}
        onChange={event => begin(event.currentTarget.value)}
      >
        <optgroup label={w('groupOpening')}>{group(STORIES.filter(s => OPENING.has(s.name)))}</optgroup>
        <optgroup label={w('groupFlowing')}>{group(STORIES.filter(s => FLOWING.has(s.name)))}</optgroup>
        <optgroup label={w('groupClosing')}>
          {group(STORIES.filter(s => !OPENING.has(s.name) && !FLOWING.has(s.name)))}
        </optgroup>
        <option value="free">{w('free')}</option>
      </select>
      <button type="button" onClick={() => begin(scene.value.story)}>
        {w('restart')}
      </button>
    </p>
  )
}

/** The step that the play is at, like a subtitle: for where the text is far below. */
export function Caption() {
  const steps = tour.value?.steps ?? []
  const { current } = progress(steps)
  return <p class="caption">{current >= 0 ? pick(steps[current]!.text) : pick(film.value.story.about)}</p>
}

/** When each step is told, and which was told last. */
function progress(steps: readonly Step[]): { times: (number | undefined)[]; current: number } {
  const times = steps.map(step => timeOf(step.cue, film.value))
  return { times, current: times.findLastIndex(time => time !== undefined && time <= t.value) }
}

function Steps({ steps }: { steps: readonly Step[] }) {
  const { times, current } = progress(steps)
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    const item = list.current?.children[current] as HTMLElement | undefined
    const frame = list.current?.closest('.tour')
    if (!item || !frame || frame.scrollHeight <= frame.clientHeight) return
    const { top, bottom } = item.getBoundingClientRect()
    const box = frame.getBoundingClientRect()
    if (top < box.top || bottom > box.bottom) frame.scrollTop += top - box.top - 80
  }, [current])
  return (
    <ol class="steps" ref={list}>
      {steps.map((step, i) => {
        const time = times[i]
        return (
          <li
            key={i}
            class={i === current ? 'current' : time !== undefined && time <= t.value ? 'past' : 'coming'}
            aria-current={i === current ? 'step' : undefined}
          >
            <button type="button" class="plain" disabled={time === undefined} onClick={() => seek(time!)}>
              {time === undefined ? '–' : instant(time)}
            </button>
            <p>{pick(step.text)}</p>
          </li>
        )
      })}
    </ol>
  )
}

const hinted = signal('')

function Question() {
  const { question, story } = tour.value!
  const done = scene.value.actions.length > 0 && question.goal(film.value)
  return (
    <section class={`question ${done ? 'done' : ''}`} aria-label={w('question')}>
      <h2>{w('question')}</h2>
      <p>{pick(question.ask)}</p>
      <div role="status">
        {done ? (
          <p class="answer">
            <b>{w('answered')}.</b> {pick(question.done)}
            {t.value < end.value && <em> {w('watch')}</em>}
          </p>
        ) : (
          scene.value.actions.length > 0 && <p class="quiet">{w('notYet')}</p>
        )}
      </div>
      {!done && hinted.value === story && (
        <p class="hint">
          {pick(question.hint)}{' '}
          <button type="button" class="plain" onClick={() => showSolution()}>
            {w('showAnswer')}
          </button>
        </p>
      )}
      {!done && hinted.value !== story && (
        <button
          type="button"
          onClick={() => {
            hinted.value = story
          }}
        >
          {w('hint')}
        </button>
      )}
    </section>
  )
}

/** Does what the solution does, and shows the moment of its first action. */
function showSolution(): void {
  const { solution } = tour.value!.question
  const untouched = { ...scene.value, actions: [] }
  open(solution.reduce(withAction, untouched), solution[0]?.at ?? 0)
}
