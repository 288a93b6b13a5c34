// Holds what the tests have shown against what RFC 9293 asks for (src/conformance), and the two files made from it
// against what they should be: docs/conformance.md, and src/conformance/shown.ts, which `estab conformance` prints.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const PAGE = 'docs/conformance.md'
const DATA = 'src/conformance/shown.ts'

/** Scripts for packetdrill, by their path from the root. */
function scriptsOf(root) {
  const folder = path.join(root, 'test/drill')
  if (!existsSync(folder)) return new Map()
  return new Map(
    readdirSync(folder, { recursive: true })
      .filter(name => name.endsWith('.pkt'))
      .map(name => `test/drill/${name.split(path.sep).join('/')}`)
      .sort()
      .map(name => [name, readFileSync(path.join(root, name), 'utf8')]),
  )
}

async function generate(root, results, files, required) {
  const { assess, collect, missing, moduleOf, page, unpack } = await import(
    '../dist/src/conformance/index.js'
  )
  const { SHOWN } = await import('../dist/src/conformance/shown.js')
  const sources = files.map(name =>
    name
      .split(path.sep)
      .join('/')
      .replace(/^dist\//, '')
      .replace(/\.js$/, '.ts'),
  )
  // What this machine cannot run is as it was; CI, which can run everything, believes nothing but what it sees.
  const ran = new Set(results.map(({ file }) => file))
  const skipped = results.filter(({ status }) => status === 'skip').map(({ file }) => file)
  const partial = required ? [] : [...skipped, ...sources.filter(file => !ran.has(file))]
  const run = { tests: results, partial: new Set(partial), scripts: scriptsOf(root) }
  const { shown, problems } = collect(run, unpack(SHOWN))
  const entries = assess(shown)
  return {
    problems: [...problems, ...missing(entries)],
    made: { [PAGE]: page(entries), [DATA]: moduleOf(shown) },
  }
}

/** What is wrong, in words: nothing, if all is as it should be. */
export async function checkConformance(root, results, files, required) {
  const { problems, made } = await generate(root, results, files, required)
  for (const [name, text] of Object.entries(made)) {
    const file = path.join(root, name)
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text)
      problems.push(`${name} is not what the tests give: npm run conformance writes it`)
  }
  return problems
}

/** Writes both files. What is wrong besides is returned, and not written over. */
export async function writeConformance(root, results, files, required) {
  const { problems, made } = await generate(root, results, files, required)
  for (const [name, text] of Object.entries(made)) writeFileSync(path.join(root, name), text)
  return problems
}
