import { count, type Entry, LEVELS, type Shown, STATUSES } from './join.js'
import { SECTIONS } from './requirements.js'

/** The page `docs/conformance.md`. */

/** Tests named in a row; the others are counted. */
const MOST = 4

const INTRODUCTION = `# Conformance

What RFC 9293 asks of a TCP, item by item, and the tests that show that estab does it: the 119 labelled requirements
of the RFC, the duties that its prose states without a label (ours to number, U-01 to U-32), the RFCs that a TCP is
wrong or unsafe without, and those beyond them that are done. The texts are ours and short; the RFC's own words count.

This page is made by \`npm run conformance\` from a run of all the tests: a test names what it shows in its title, as in
\`[MUST-13]\`, and counts when it has passed. \`npm test\` fails if something asked for has neither a passing test nor
a reason below, if a test that shows something fails, or if this page is not what the tests give. \`estab conformance\`
prints the same. A _deviation_ says what is not done, and why; where it has tests, they show what is done instead.`

/** Orders sections as the RFC has them. */
export function bySection(a: string, b: string): number {
  const [x, y] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const order = (x[i] ?? -1) - (y[i] ?? -1)
    if (order !== 0) return order
  }
  return 0
}

export function page(entries: readonly Entry[]): string {
  const parts = [INTRODUCTION, summary(entries)]
  const requirements = entries.filter(({ level }) => level !== 'RFC')
  for (const section of [...new Set(requirements.map(e => e.section))].sort(bySection)) {
    const name = SECTIONS[section] ?? ''
    parts.push(
      `## ${section} ${name}`,
      table(
        requirements.filter(e => e.section === section),
        e => (e.level === 'duty' ? e.id : `${e.id}<br>${e.level}`),
      ),
    )
  }
  parts.push(
    '## Other RFCs',
    table(
      entries.filter(({ level }) => level === 'RFC'),
      e => `[${e.id}](https://www.rfc-editor.org/info/${e.id.toLowerCase().replace(' ', '')})<br>${e.title}`,
    ),
  )
  return `${parts.join('\n\n')}\n`
}

function summary(entries: readonly Entry[]): string {
  const statuses = STATUSES.filter(s => s !== 'missing' || entries.some(e => e.status === s))
  const rows = LEVELS.map(level => {
    const counts = statuses.map(status => count(entries, level, status))
    return `| ${[level, ...counts, counts.reduce((a, b) => a + b)].join(' | ')} |`
  })
  return [
    `| | ${statuses.join(' | ')} | all |`,
    `| --- |${' ---: |'.repeat(statuses.length + 1)}`,
    ...rows,
  ].join('\n')
}

function table(entries: readonly Entry[], name: (entry: Entry) => string): string {
  const rows = entries.map(e => {
    const note = e.note === '' ? '' : `: ${literally(e.note)}`
    return `| ${name(e)} | ${literally(e.text)} | ${e.status}${note} | ${tests(e)} |`
  })
  return ['| | what is asked for | status | shown by |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function tests({ id, tests }: Entry): string {
  if (id === 'RFC 9293') return `the ${tests.length} tests above`
  const links = pick(tests).map(test => link(test))
  if (tests.length > links.length) links.push(`and ${tests.length - links.length} more`)
  return links.join('<br>')
}

/** A few that stand for all: one of each file, then more from the first ones. */
function pick(tests: readonly Shown[]): Shown[] {
  const first = tests.filter((t, i) => tests.findIndex(other => other.file === t.file) === i)
  const rest = tests.filter(t => !first.includes(t))
  const picked = new Set([...first, ...rest].slice(0, MOST))
  return tests.filter(t => picked.has(t))
}

const link = ({ file, title }: Shown): string => `[${literally(title === '' ? file : title)}](../${file})`

/** Text as it stands, in a table's cell. */
const literally = (text: string): string =>
  text.replace(/[\\`*_[\]<>|]/g, c => (c === '<' ? '&lt;' : `\\${c}`))
