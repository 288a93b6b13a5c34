// A reporter for node:test that says little while all is well: a line for each file, every failure in full, and in the
// files named by ESTAB_COUNTS and ESTAB_RESULTS, as JSON, the counts and how each test ended.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { inspect } from 'node:util'

const files = new Map()
const fileOf = data => path.relative(process.cwd(), data.file ?? '?')
const entry = name => {
  if (!files.has(name)) files.set(name, { pass: 0, fail: 0, skip: 0, ms: 0, titles: [] })
  return files.get(name)
}
const results = []
/** The source of a compiled test. */
const sourceOf = name =>
  name
    .split(path.sep)
    .join('/')
    .replace(/^dist\//, '')
    .replace(/\.js$/, '.ts')

export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message
    if (type === 'test:start') {
      const { titles } = entry(fileOf(data))
      titles.length = data.nesting
      titles.push(data.name)
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const name = fileOf(data)
    // A file that dies before its first test is reported under its own name.
    const isFile = data.nesting === 0 && data.name === data.file
    const isSuite = data.details?.type === 'suite'
    const counts = entry(name)
    if (!isFile) {
      const skipped = data.skip !== undefined || data.todo !== undefined
      results.push({
        file: sourceOf(name),
        title: [...counts.titles.slice(0, data.nesting), data.name].join(' › '),
        status: skipped ? 'skip' : type === 'test:pass' ? 'pass' : 'fail',
        suite: isSuite,
      })
    }
    if (data.nesting === 0) counts.ms += data.details?.duration_ms ?? 0
    // What a suite does before its tests can fail as well, and then only the suite knows why.
    const isHook = isSuite && data.details?.error?.failureType === 'hookFailed'
    if ((isSuite && !isHook) || (isFile && type === 'test:pass')) continue
    if (data.skip !== undefined) {
      counts.skip++
      yield `  skipped: ${data.name} (${data.skip === true || data.skip === '' ? name : data.skip})\n`
    } else if (data.todo !== undefined) counts.skip++
    else if (type === 'test:pass') counts.pass++
    else {
      // A parent that fails only because a child did is not another failure.
      if (data.details?.error?.failureType === 'subtestsFailed') continue
      counts.fail++
      const error = data.details?.error?.cause ?? data.details?.error
      yield `\n✗ ${name}: ${data.name}\n${inspect(error, { depth: 4 }).replace(/^/gm, '    ')}\n\n`
    }
  }
  const total = { pass: 0, fail: 0, skip: 0 }
  for (const [name, { pass, fail, skip, ms }] of [...files].sort()) {
    total.pass += pass
    total.fail += fail
    total.skip += skip
    const marks = [`${pass} passed`, fail ? `${fail} FAILED` : '', skip ? `${skip} skipped` : ''].filter(
      Boolean,
    )
    yield `${fail ? '✗' : '✓'} ${name}  ${marks.join(', ')}  ${Math.round(ms)} ms\n`
  }
  if (process.env.ESTAB_COUNTS) writeFileSync(process.env.ESTAB_COUNTS, JSON.stringify(total))
  if (process.env.ESTAB_RESULTS) writeFileSync(process.env.ESTAB_RESULTS, JSON.stringify(results))
}
