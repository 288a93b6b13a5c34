import { wordsOf } from '../settings.js'
import { FILE_WORDS } from './words-file.js'

/** A word of this page, in the language of the page. */
export const f = wordsOf(FILE_WORDS)
