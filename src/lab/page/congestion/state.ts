import { batch, computed, effect, signal } from '@preact/signals'
import { page, problem } from '../store.js'
import { readSetup, SetupError, writeSetup } from './link.js'
import type { Order, Outcome, Report } from './outcome.js'
import { PRESETS, presetOf } from './presets.js'
import { sayBadLink } from './say.js'
import { check, describe, type Setup } from './setup.js'

/** What the page on congestion shows: the setup, which may not be playable while it is typed, and what was run. */

export interface Run {
  readonly setup: Setup
  readonly link: string
  readonly outcome: Outcome
  /** How long it took, s. */
  readonly seconds: number
}

export type Status =
  | { readonly kind: 'idle' | 'cancelled' | 'noWorker' }
  | { readonly kind: 'running'; readonly now: number; readonly duration: number }
  | { readonly kind: 'done'; readonly simulated: number; readonly seconds: number }
  | { readonly kind: 'failed'; readonly message: string }

export const setup = signal<Setup>(PRESETS[0]!.setup)
export const problems = computed(() => check(setup.value))
/** The setup as a link; undefined while something is wrong with it. */
export const link = computed(() => (problems.value.length === 0 ? writeSetup(setup.value) : undefined))
export const preset = computed(() => (link.value === undefined ? undefined : presetOf(setup.value)))
export const status = signal<Status>({ kind: 'idle' })
export const runs = signal<readonly Run[]>([])
export const shown = signal<Run | undefined>(undefined)
export const isStale = computed(() => shown.value !== undefined && shown.value.link !== link.value)
/** Which flow's time–sequence graph is shown. */
export const followed = signal(0)

const MOST_RUNS = 8
/** Packets that are simulated without being asked for: some seconds. */
const MODEST = 600_000
const PACKET_BITS = 12_000

export const packetsOf = ({ rate, duration }: Setup): number => (rate * duration) / 1000 / PACKET_BITS
export const isModest = computed(() => packetsOf(setup.value) <= MODEST)

export const change = (part: Partial<Setup>): void => {
  setup.value = { ...setup.value, ...part }
}

let worker: Worker | undefined

/** Plays the setup in a worker of its own, which is gone when it is done: so is what it needed. */
export function run(): void {
  if (problems.peek().length > 0) return
  stop()
  const [played, written] = [setup.peek(), link.peek()!]
  const begun = performance.now()
  status.value = { kind: 'running', now: 0, duration: played.duration }
  const end = (to: Status) => {
    stop()
    status.value = to
  }
  try {
    worker = new Worker(new URL('congestion-worker.js', import.meta.url), { type: 'module' })
  } catch {
    end({ kind: 'noWorker' })
    return
  }
  worker.onerror = event => {
    event.preventDefault()
    end(event.message ? { kind: 'failed', message: event.message } : { kind: 'noWorker' })
  }
  worker.onmessage = ({ data }: MessageEvent<Report>) => {
    if (data.kind === 'progress') status.value = { kind: 'running', now: data.now, duration: played.duration }
    else if (data.kind === 'failed') end({ kind: 'failed', message: data.message })
    else {
      const seconds = (performance.now() - begun) / 1000
      const done = { setup: played, link: written, outcome: data.outcome, seconds }
      batch(() => {
        runs.value = [...runs.value.filter(other => other.link !== written), done].slice(-MOST_RUNS)
        shown.value = done
        if (followed.value >= played.flows.length) followed.value = 0
        end({ kind: 'done', simulated: played.duration / 1000, seconds })
      })
    }
  }
  const order: Order = { description: describe(played) }
  worker.postMessage(order)
}

function stop(): void {
  worker?.terminate()
  worker = undefined
}

export function cancel(): void {
  stop()
  status.value = { kind: 'cancelled' }
}

/** Shows another setup, and plays it if that takes no longer than one likes to wait. */
export function open(next: Setup): void {
  const before = runs.peek().find(({ link: own }) => own === writeSetup(next))
  stop()
  batch(() => {
    setup.value = next
    status.value = { kind: 'idle' }
    if (before) show(before)
  })
  if (!before && isModest.peek()) run()
}

/** Shows a run once more, and its setup. */
export function show(before: Run): void {
  batch(() => {
    setup.value = before.setup
    shown.value = before
    if (followed.value >= before.setup.flows.length) followed.value = 0
  })
}

// ---- the address ----

const PREFIX = '#/congestion'
let told: object | undefined

/** Shows what the address says; an address without settings leaves those there are. */
function readAddress(): void {
  const [path, text] = location.hash.split(/\?(.*)/s)
  if (!/^#\/?congestion$/.test(path!)) return
  if (told && problem.peek() === told) problem.value = undefined
  try {
    if (text) {
      const next = readSetup(text)
      if (writeSetup(next) !== link.peek() || !shown.peek()) open(next)
    } else if (!shown.peek() && status.peek().kind === 'idle') open(setup.peek())
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    problem.value = told = { en: sayBadLink('en', error), zh: sayBadLink('zh', error) }
    open(PRESETS[0]!.setup)
  }
  write()
}

/** The address holds the whole setup, as long as it can be played. */
function write(): void {
  if (page.peek() !== 'congestion' || link.peek() === undefined) return
  const now = `${PREFIX}?${link.peek()}`
  if (location.hash !== now) history.replaceState(null, '', now)
}

/** Keeps address and setup the same while the page is shown; returns what ends that. */
export function followAddress(): () => void {
  readAddress()
  addEventListener('hashchange', readAddress)
  const stopWriting = effect(() => {
    if (link.value !== undefined) write()
  })
  return () => {
    removeEventListener('hashchange', readAddress)
    stopWriting()
  }
}
