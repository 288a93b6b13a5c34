import { type Command, Option } from 'commander'
import {
  bySection,
  conformance,
  count,
  type Entry,
  type EntryLevel,
  LEVELS,
  SECTIONS,
  STATUSES,
  type Status,
} from '../conformance/index.js'
import { UsageError } from './usage.js'

interface ConformanceOptions {
  json?: boolean
  tests?: boolean
  section?: string
  level?: EntryLevel
  status?: Status
}

export function addConformance(estab: Command): void {
  estab
    .command('conformance')
    .description('print what RFC 9293 asks for, what is done of it, and the tests that show it')
    .argument('[id...]', 'only these: MUST-13, SHLD-7, U-05, "RFC 6298"')
    .option('--section <section>', 'only this section of RFC 9293 and those inside it')
    .addOption(new Option('--level <level>', 'only this level').choices(LEVELS))
    .addOption(new Option('--status <status>', 'only this status').choices(STATUSES))
    .option('--tests', 'name every test')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ estab conformance --status deviation\n  $ estab conformance --section 3.8.6 --tests\n  $ estab conformance MUST-13',
    )
    .action((ids: string[], options: ConformanceOptions) => run(ids, options))
}

function run(ids: readonly string[], options: ConformanceOptions): void {
  const all = conformance()
  const wanted = ids.map(id => idOf(id, all))
  const { section, level, status } = options
  if (section !== undefined && !Object.keys(SECTIONS).some(name => isWithin(name, section)))
    throw new UsageError(`nothing is asked for in section ${section}`)
  const entries = all.filter(
    entry =>
      (wanted.length === 0 || wanted.includes(entry.id)) &&
      (section === undefined || isWithin(entry.section, section)) &&
      (level === undefined || entry.level === level) &&
      (status === undefined || entry.status === status),
  )
  if (options.json) console.log(JSON.stringify(entries, null, 2))
  else console.log(text(entries, options.tests === true || wanted.length > 0))
}

const isWithin = (section: string, outer: string): boolean =>
  section === outer || section.startsWith(`${outer}.`)

/** However it was written: `must-13`, `RFC6298`. */
function idOf(text: string, all: readonly Entry[]): string {
  const plain = (id: string) => id.toUpperCase().replace(/[\s-]/g, '')
  const found = all.find(({ id }) => plain(id) === plain(text))
  if (!found) throw new UsageError(`nobody asks for ${text}`)
  return found.id
}

function text(entries: readonly Entry[], withTests: boolean): string {
  const lines: string[] = []
  const sections = [...new Set(entries.map(({ section }) => section))].sort(bySection)
  // Other RFCs have no section, and come last.
  for (const section of [...sections.filter(s => s !== ''), ...sections.filter(s => s === '')]) {
    lines.push(section === '' ? 'Other RFCs' : `${section} ${SECTIONS[section] ?? ''}`)
    for (const entry of entries.filter(e => e.section === section)) lines.push(...said(entry, withTests))
    lines.push('')
  }
  return [...lines, ...summary(entries)].join('\n')
}

function said(entry: Entry, withTests: boolean): string[] {
  const { id, status, tests, note } = entry
  const about = entry.title === '' ? entry.text : `${entry.title}: ${entry.text}`
  const shownBy = status === 'done' ? `${tests.length} test${tests.length === 1 ? '' : 's'}` : ''
  const lines = [`  ${id.padEnd(8)}  ${status.padEnd(14)}  ${shownBy.padEnd(9)}  ${about}`]
  if (note !== '') lines.push(`${' '.repeat(12)}${note}`)
  if (withTests)
    for (const { file, title } of tests) lines.push(`${' '.repeat(12)}${file}  ${title}`.trimEnd())
  return lines
}

function summary(entries: readonly Entry[]): string[] {
  return LEVELS.flatMap(level => {
    const counts = STATUSES.flatMap(status => {
      const n = count(entries, level, status)
      return n === 0 ? [] : [`${n} ${status}`]
    })
    return counts.length === 0 ? [] : [`${level.padEnd(12)}${counts.join(', ')}`]
  })
}
