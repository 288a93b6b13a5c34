import { CLOSING } from './closing.js'
import { FLOWING } from './flowing.js'
import { OPENING } from './opening.js'
import { OPENING_LOSSES } from './opening-losses.js'
import { RESETS } from './resets.js'
import { TIME_WAIT } from './time-wait.js'
import type { Tour } from './tour.js'

/** A walk for each story. */
export const TOURS: readonly Tour[] = [
  ...OPENING,
  ...OPENING_LOSSES,
  ...CLOSING,
  ...TIME_WAIT,
  ...RESETS,
  ...FLOWING,
]

export const findTour = (story: string): Tour | undefined => TOURS.find(tour => tour.story === story)

export { pathOf } from './goals.js'
export { type Cue, type Question, type Step, type Tour, timeOf } from './tour.js'
