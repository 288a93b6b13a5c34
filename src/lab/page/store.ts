import { batch, computed, effect, signal } from '@preact/signals'
import { type Film, type FilmSegment, type Moment, shoot } from '../scene/film.js'
import { LadderLayout } from '../scene/ladder-layout.js'
import { LinkError, readLink, writeLink } from '../scene/link.js'
import { type Action, newScene, type Scene, withAction } from '../scene/scene.js'
import { findTour } from '../scene/tours/index.js'
import { motion } from './settings.js'

/** What the lab shows: a scene, the moment it is at, and what is looked at. Everything else follows from these. */

export type Page = 'stories' | 'congestion' | 'file' | 'live'

export const page = signal<Page>('stories')
export const scene = signal<Scene>(newScene('handshake'))
/** The moment shown, ms. */
export const t = signal(0)
export const playing = signal(false)
/** Pixels of ladder in a second are this many times the usual. */
export const speed = signal(1)
/** The segment looked at, by its index. */
export const selected = signal<number | undefined>(undefined)
/** Something went wrong, and is said in the page. */
export const problem = signal<{ en: string; zh: string } | undefined>(undefined)

export const film = computed<Film>(() => shoot(scene.value))
export const layout = computed(() => {
  const { hosts, events, scene: played } = film.value
  const [left, right = left] = hosts
  return new LadderLayout([left!, right!], events, played.delay)
})
export const tour = computed(() => findTour(scene.value.story))
export const end = computed(() => film.value.moments[film.value.moments.length - 1]!.t)

/** Something was done at the moment shown, and what comes of it has not been looked at. */
export const waiting = computed(() => {
  const { actions } = scene.value
  return !playing.value && t.value < end.value && actions[actions.length - 1]?.at === t.value
})

/** The last moment that has come. */
export const momentIndex = computed(() => {
  const { moments } = film.value
  let low = 0
  let high = moments.length
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (moments[middle]!.t <= t.value) low = middle
    else high = middle
  }
  return low
})
export const moment = computed<Moment>(() => film.value.moments[momentIndex.value]!)
export const segment = computed<FilmSegment | undefined>(() =>
  selected.value === undefined ? undefined : film.value.segments[selected.value],
)

/** Histories that were left for another. */
export interface Branch {
  readonly scene: Scene
  /** Where it was left. */
  readonly t: number
}
export const branches = signal<readonly Branch[]>([])
const MOST_BRANCHES = 40

/** Does something in the scene at the moment shown; what would have come is another history from here on. */
export function act(action: Action): void {
  const before = scene.value
  const kept = branches.value.some(branch => branch.scene === before)
  batch(() => {
    if (!kept) branches.value = [...branches.value, { scene: before, t: t.value }].slice(-MOST_BRANCHES)
    const after = withAction(before, action)
    scene.value = after
    branches.value = [...branches.value, { scene: after, t: t.value }].slice(-MOST_BRANCHES)
    problem.value = undefined
  })
}

/** Returns to another history, at the moment at which it was left. */
export function goTo(branch: Branch): void {
  batch(() => {
    scene.value = branch.scene
    seek(branch.t)
  })
}

export function open(next: Scene, at = 0): void {
  batch(() => {
    page.value = 'stories'
    if (next.story !== scene.value.story) branches.value = []
    scene.value = next
    selected.value = undefined
    playing.value = false
    problem.value = undefined
    t.value = Math.min(at, end.value)
  })
}

/** Opens a story from its beginning, and plays it where things may move. */
export function begin(story: string): void {
  open(newScene(story))
  playing.value = motion.value
  if (!motion.value && story !== 'free') t.value = end.value
}

export function seek(to: number): void {
  playing.value = false
  t.value = Math.max(0, Math.min(end.value, to))
}

/** To the next moment (1), or the one before (-1). */
export function step(by: 1 | -1): void {
  const { moments } = film.value
  const here = moments[momentIndex.value]!
  // Between two moments, back means to the one that has come last.
  if (by < 0 && t.value > here.t) return seek(here.t)
  seek(moments[momentIndex.value + by]?.t ?? t.value)
}

/** To the next change of a state, or the one before. */
export function stepState(by: 1 | -1): void {
  const times = film.value.events.flatMap(event => (event.kind === 'state' ? [event.t] : []))
  const found = by > 0 ? times.find(time => time > t.value) : times.findLast(time => time < t.value)
  if (found !== undefined) seek(found)
  else seek(by > 0 ? end.value : 0)
}

// ---- the address ----

const PAGES: readonly Page[] = ['congestion', 'file', 'live']

/** Shows what the address says. Nonsense in it is told, and leads to the handshake. */
export function readAddress(): void {
  const hash = location.hash.replace(/^#\/?/, '')
  const named = PAGES.find(name => hash === name || hash.startsWith(`${name}?`))
  if (named) {
    playing.value = false
    page.value = named
    return
  }
  if (hash === '') return begin('handshake')
  try {
    const { scene: linked, t: at } = readLink(hash)
    if (at === undefined && linked.actions.length === 0) {
      begin(linked.story)
      if (linked.seed !== 1 || linked.delay !== 20) scene.value = linked
    } else open(linked, at ?? Number.POSITIVE_INFINITY)
  } catch (error) {
    if (!(error instanceof LinkError)) throw error
    begin('handshake')
    const { why, part } = error
    problem.value = {
      en: `This link cannot be read: ${why.en} (${part})`,
      zh: `无法读取此链接：${why.zh}（${part}）`,
    }
  }
}

export const link = (): string => `#/${writeLink(scene.value, t.value)}`

/** Keeps the address at what is shown, but not for every frame of a play. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    if (location.hash !== link()) readAddress()
  })
  effect(() => {
    if (page.value !== 'stories' || playing.value) return
    const now = link()
    if (location.hash !== now) history.replaceState(null, '', now)
  })
}

// ---- the play ----

/** Pixels of ladder in a second, at speed 1. */
const PACE = 90

/** Moves the moment on while the scene plays. Time passes as it stands on the ladder: silences are short. */
export function runPlayer(): void {
  effect(() => {
    if (!playing.value) return
    let last = performance.now()
    let y = layout.peek().yOf(t.peek())
    if (t.peek() >= end.peek()) {
      t.value = 0
      y = 0
    }
    const frame = (now: number) => {
      if (!playing.peek()) return
      const on = layout.peek()
      y += ((now - last) / 1000) * PACE * speed.peek()
      last = now
      t.value = Math.max(t.peek(), Math.min(end.peek(), on.tOf(y)))
      if (t.peek() >= end.peek() && y >= on.yOf(end.peek())) playing.value = false
      else handle = requestAnimationFrame(frame)
    }
    let handle = requestAnimationFrame(frame)
    return () => cancelAnimationFrame(handle)
  })
}
