import { unpack } from './data.js'
import { assess, type Entry } from './join.js'
import { SHOWN } from './shown.js'

export * from './data.js'
export * from './join.js'
export * from './markdown.js'
export * from './requirements.js'
export * from './rfcs.js'
export * from './tags.js'

/** What the last `npm run conformance` found. */
export const conformance = (): Entry[] => assess(unpack(SHOWN))
