import { language, wordsOf } from '../settings.js'
import { sayProblem } from './say.js'
import type { Problem } from './setup.js'
import { CONGESTION_WORDS, type CongestionWord } from './words-congestion.js'

/** A word of this page in the language of the page. */
export const c = wordsOf<CongestionWord>(CONGESTION_WORDS)

/** One of two texts: English, Chinese. */
export const either = (texts: readonly [string, string]): string => texts[language.value === 'zh' ? 1 : 0]

export const whatIsWrong = (problem: Problem): string => sayProblem(language.value, problem)
