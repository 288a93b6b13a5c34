import { w } from './settings.js'
import { WORDS, type Word } from './words.js'

/** A host's name in the language of the page, where it is one of the stories'. */
export const hostName = (name: string): string => (`host_${name}` in WORDS ? w(`host_${name}` as Word) : name)
