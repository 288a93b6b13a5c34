import { OPENING } from './opening.js'
import type { Tour } from './tour.js'

/** A walk for each story. */
export const TOURS: readonly Tour[] = [...OPENING]

export const findTour = (story: string): Tour | undefined => TOURS.find(tour => tour.story === story)

export { type Cue, pathOf, type Question, type Step, type Tour, timeOf } from './tour.js'
