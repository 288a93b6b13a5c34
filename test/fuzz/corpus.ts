import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Action, type Packet, parseWorld, type WorldOptions, worldText } from './actions.js'
import { Coverage } from './coverage.js'
import { replay } from './run.js'
import { shrink } from './shrink.js'

/** Where the corpus is kept: beside the sources, not beside what is compiled. */
export const CORPUS = fileURLToPath(new URL('../../../test/fuzz/corpus', import.meta.url))

/** An input that reached `key` (see `Coverage`) for the first time, made as short as it will go. */
export interface Entry {
  key: string
  options: WorldOptions
  actions: Action[]
}

const fileOf = (directory: string, key: string): string =>
  path.join(directory, `${key.replace(/ /g, '-')}.txt`)

export function readCorpus(directory = CORPUS): Entry[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter(name => name.endsWith('.txt'))
    .sort()
    .map(name => {
      const text = readFileSync(path.join(directory, name), 'utf8')
      const key = /^# reaches (.*)$/m.exec(text)?.[1]
      if (key === undefined) throw new Error(`${name} does not say what it reaches`)
      return { key, ...parseWorld(text) }
    })
}

/** The packets of a corpus, to be mutated. */
export const poolOf = (entries: readonly Entry[]): Packet[] =>
  entries.flatMap(({ actions }) => actions.flatMap(action => (action.type === 'in' ? action.packets : [])))

/** Whether playing an entry reaches what it says. Throws if it breaks something. */
export function reaches({ key, options, actions }: Entry): boolean {
  const coverage = new Coverage()
  replay(options, actions, coverage)
  return coverage.has(key)
}

/** An entry that cannot be made shorter than this, in characters, is left to another world. */
const LONGEST = 12_000

/** Saves what reaches `key`, unless there is an entry for it. Returns the file's name if it did. */
export function save(directory: string, entry: Entry): string | undefined {
  const file = fileOf(directory, entry.key)
  if (existsSync(file)) return undefined
  const holds = (fewer: Action[]) => {
    try {
      return reaches({ ...entry, actions: fewer })
    } catch {
      return false
    }
  }
  // What needed a peer who answers cannot be played without him.
  if (!holds(entry.actions)) return undefined
  const text = `# reaches ${entry.key}\n${worldText(entry.options, shrink(entry.actions, holds))}`
  if (text.length > LONGEST) return undefined
  mkdirSync(directory, { recursive: true })
  writeFileSync(file, text)
  return file
}
