import type { Language } from '../../../trace/index.js'
import { sayFrom, type Table } from '../words.js'
import type { SetupError } from './link.js'
import { CONTROLLER_NAMES, MOST_FLOWS, type Problem, RANGES } from './setup.js'
import { CONGESTION_WORDS, type CongestionWord } from './words-congestion.js'

/** What is wrong, in words; without the page, so that it can be tested. */

const TABLE: Table<CongestionWord> = CONGESTION_WORDS

/** Ranges as people write them. */
const RANGE_TEXT: Readonly<Record<keyof typeof RANGES, readonly [string, string]>> = {
  rtt: ['1 ms', '1000 ms'],
  rate: ['0.1 Mbit/s', '1000 Mbit/s'],
  loss: ['0', '50 %'],
  reorder: ['0', '50 %'],
  duration: ['1 s', '120 s'],
  seed: ['0', String(RANGES.seed[1])],
}

export function sayProblem(language: Language, { field, wrong, number }: Problem): string {
  const say = (word: CongestionWord, ...values: (string | number)[]) =>
    sayFrom(TABLE, language, word, ...values)
  switch (wrong) {
    case 'range':
      if (field === 'flows') return say('wrong_flowRtt', number ?? 0)
      return say('wrong_range', ...RANGE_TEXT[field as keyof typeof RANGES])
    case 'controller':
      return say('wrong_controller', number ?? 0, CONTROLLER_NAMES.join(', '))
    case 'late':
      return say('wrong_late', number ?? 0)
    case 'flowCount':
      return say('wrong_flowCount', MOST_FLOWS)
    default:
      return say(`wrong_${wrong}`)
  }
}

export function sayBadLink(language: Language, { key, value, why }: SetupError): string {
  const reason =
    typeof why === 'object'
      ? sayFrom(TABLE, language, 'bad_value', key, value, sayProblem(language, why))
      : sayFrom(TABLE, language, `bad_${why}`, key, value)
  return sayFrom(TABLE, language, 'badLink', reason)
}
