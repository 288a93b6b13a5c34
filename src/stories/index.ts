import { CLOSING } from './closing.js'
import { FLOWING } from './flowing.js'
import { OPENING } from './opening.js'
import type { Story } from './story.js'

const ORDER = [
  'handshake',
  'close',
  'half-close',
  'simultaneous-open',
  'simultaneous-close',
  'lost-syn',
  'lost-syn-ack',
  'lost-handshake-ack',
  'lost-fin',
  'lost-last-ack',
  'time-wait',
  'time-wait-reuse',
  'refused',
  'reset',
  'abort',
  'half-open-crash',
  'old-duplicate-syn',
  'zero-window',
  'retransmit',
  'out-of-order',
  'keepalive',
  'self-connect',
]

/** Every story, in the order in which they are best read. */
export const STORIES: readonly Story[] = [...OPENING, ...CLOSING, ...FLOWING].sort(
  (a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name),
)

export const findStory = (name: string): Story | undefined => STORIES.find(story => story.name === name)

export { Actor, type HostName, Stage, type Text } from './stage.js'
export { type PlayOptions, paths, play, type Story } from './story.js'
