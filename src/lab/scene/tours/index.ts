import { OPENING } from './opening.js'
import { OPENING_LOSSES } from './opening-losses.js'
import type { Tour } from './tour.js'

/** A walk for each story. */
export const TOURS: readonly Tour[] = [...OPENING, ...OPENING_LOSSES]

export const findTour = (story: string): Tour | undefined => TOURS.find(tour => tour.story === story)

export { pathOf } from './goals.js'
export { type Cue, type Question, type Step, type Tour, timeOf } from './tour.js'
