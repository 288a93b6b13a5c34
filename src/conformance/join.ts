import { NOTES } from './notes.js'
import { type Level, REQUIREMENTS, type Requirement } from './requirements.js'
import { RFCS, type Rfc } from './rfcs.js'
import { tagsOfScript, tagsOfTitle, withoutTags } from './tags.js'

/** Joins what is asked for with what the tests show. */

/** How one test ended. `title` is its whole title, with those it stands in; `suite` if it is a group of tests. */
export interface TestResult {
  readonly file: string
  readonly title: string
  readonly status: 'pass' | 'fail' | 'skip'
  readonly suite?: boolean
}

/** A test, or a script, that passed, and the ids that it shows. Files are relative to the repository. */
export interface Shown {
  readonly file: string
  /** Without tags. That of a script is empty: its file says it all. */
  readonly title: string
  readonly ids: readonly string[]
}

export interface Run {
  readonly tests: readonly TestResult[]
  /** Files of which something was skipped, or that were not run at all: for them what is known is kept. */
  readonly partial: ReadonlySet<string>
  /** The text of every script, by its file. */
  readonly scripts: ReadonlyMap<string, string>
}

/** Another RFC is asked for like a SHOULD. */
export type EntryLevel = Level | 'RFC'
export type Status = 'done' | 'deviation' | 'not applicable' | 'missing'

/** One thing asked for, and what has become of it. */
export interface Entry {
  readonly id: string
  readonly level: EntryLevel
  /** Of RFC 9293; empty for another RFC. */
  readonly section: string
  /** The title of an RFC. */
  readonly title: string
  readonly text: string
  readonly status: Status
  /** Why it is a deviation or does not apply; or what there is to say about how it is done. */
  readonly note: string
  readonly tests: readonly Shown[]
}

const SCRIPT = /[^\s:]+\.pkt$/

/** What a run shows, and what is wrong with it. `before` is what was known, for tests that this run had to skip. */
export function collect(run: Run, before: readonly Shown[]): { shown: Shown[]; problems: string[] } {
  const shown: { file: string; title: string; ids: readonly string[] }[] = []
  const problems: string[] = []
  const seen = new Set<string>()
  const scriptsRun = new Set<string>()
  const take = (file: string, title: string, ids: readonly string[]) => {
    for (const id of ids) if (!KNOWN.has(id)) problems.push(`${file}: nobody asks for ${id}`)
    const twin = shown.find(other => other.file === file && other.title === title)
    if (twin) twin.ids = [...new Set([...twin.ids, ...ids])]
    else shown.push({ file, title, ids })
    seen.add(`${file}\n${title}`)
  }
  for (const test of run.tests) {
    const { ids, malformed } = tagsOfTitle(test.title)
    for (const group of malformed) problems.push(`${test.file}: [${group}] is no tag`)
    if (test.suite) {
      const own = tagsOfTitle(test.title.split(' › ').at(-1)!)
      if (own.ids.length > 0) problems.push(`${test.file}: tags belong to tests, not to "${test.title}"`)
      continue
    }
    const script = scriptOf(test.title, run.scripts)
    if (script !== undefined) scriptsRun.add(script)
    const scriptIds = script === undefined ? [] : tagsOfScript(run.scripts.get(script)!).ids
    const all = [...new Set([...ids, ...scriptIds])]
    if (all.length === 0 || test.status === 'skip') continue
    if (test.status === 'fail') {
      problems.push(`${test.file}: "${test.title}" failed, which shows ${all.join(', ')}`)
      seen.add(`${test.file}\n${withoutTags(test.title)}`)
    } else if (script !== undefined) take(script, '', all)
    else take(test.file, withoutTags(test.title), all)
  }
  for (const [file, text] of run.scripts) {
    const { ids, malformed } = tagsOfScript(text)
    for (const list of malformed) problems.push(`${file}: "Shows: ${list}" names no tags`)
    const kept = before.some(b => b.file === file) && run.partial.size > 0
    if (ids.length > 0 && !scriptsRun.has(file) && !kept) problems.push(`${file}: no test has run it`)
  }
  for (const old of before) {
    const isScript = old.file.endsWith('.pkt')
    const kept = isScript
      ? run.scripts.has(old.file) && !scriptsRun.has(old.file) && run.partial.size > 0
      : run.partial.has(old.file)
    if (kept && !seen.has(`${old.file}\n${old.title}`)) shown.push(old)
  }
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  shown.sort((a, b) => compare(a.file, b.file) || compare(a.title, b.title))
  return { shown, problems }
}

/** The script a test has run: its title ends in the script's path, from the root or from where scripts are. */
function scriptOf(title: string, scripts: ReadonlyMap<string, string>): string | undefined {
  const path = SCRIPT.exec(title)?.[0]
  if (path === undefined) return undefined
  return [...scripts.keys()].find(file => file === path || file.endsWith(`/${path}`))
}

const KNOWN: ReadonlySet<string> = new Set([...REQUIREMENTS, ...RFCS].map(({ id }) => id))

/** Every requirement and every RFC beside it, with its status. */
export function assess(shown: readonly Shown[]): Entry[] {
  const testsOf = (id: string) => shown.filter(test => test.ids.includes(id))
  const entry = (of: Requirement | Rfc, tests: readonly Shown[]): Entry => {
    const note = NOTES[of.id]
    const status = note?.status ?? (tests.length > 0 ? 'done' : 'missing')
    const asked =
      'level' in of
        ? { level: of.level, section: of.section, title: '' }
        : { level: 'RFC' as const, section: '', title: of.title }
    return { id: of.id, ...asked, text: of.text, status, note: note?.text ?? '', tests }
  }
  const requirements = REQUIREMENTS.map(one => entry(one, testsOf(one.id)))
  const rfcs = RFCS.map(one =>
    // What RFC 9293 asks for is told piece by piece.
    one.id === 'RFC 9293'
      ? entry(
          one,
          shown.filter(test => test.ids.some(id => !id.startsWith('RFC'))),
        )
      : entry(one, testsOf(one.id)),
  )
  return [...requirements, ...rfcs]
}

/** What is asked for and neither shown nor explained. */
export const missing = (entries: readonly Entry[]): string[] =>
  entries
    .filter(({ status }) => status === 'missing')
    .map(({ id, text }) => `${id} has neither a test that passes nor a recorded deviation: ${text}`)

export const STATUSES: readonly Status[] = ['done', 'deviation', 'not applicable', 'missing']
export const LEVELS: readonly EntryLevel[] = [
  'MUST',
  'MUST NOT',
  'SHOULD',
  'SHOULD NOT',
  'MAY',
  'RECOMMENDED',
  'duty',
  'RFC',
]

/** How many of each level have each status. */
export const count = (entries: readonly Entry[], level: EntryLevel, status: Status): number =>
  entries.filter(entry => entry.level === level && entry.status === status).length
