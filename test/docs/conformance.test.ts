import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  assess,
  bySection,
  collect,
  count,
  missing,
  moduleOf,
  page,
  REQUIREMENTS,
  RFCS,
  type Run,
  SECTIONS,
  type Shown,
  type TestResult,
  tagsOfScript,
  tagsOfTitle,
  withoutTags,
} from '../../src/conformance/index.js'

/** The list itself, and how tests and list are joined. Tags are put together here, or they would count. */

const tag = (...ids: string[]) => `[${ids.join(' ')}]`
const passed = (title: string, file = 'test/a.test.ts'): TestResult => ({ file, title, status: 'pass' })
const run = (tests: TestResult[], more: Partial<Run> = {}): Run => ({
  tests,
  partial: new Set(),
  scripts: new Map(),
  ...more,
})

describe('the list', () => {
  it('has every label of RFC 9293 once, and the duties without one', () => {
    const numbered = (prefix: string, n: number) =>
      Array.from(
        { length: n },
        (_, i) => `${prefix}-${prefix === 'U' ? String(i + 1).padStart(2, '0') : i + 1}`,
      )
    assert.deepEqual(
      REQUIREMENTS.map(({ id }) => id),
      [
        ...numbered('MUST', 69),
        ...numbered('SHLD', 31),
        ...numbered('MAY', 18),
        ...numbered('REC', 1),
        ...numbered('U', 32),
      ],
    )
  })

  it('has the twenty-eight rows of the first tier and those beyond, each RFC once', () => {
    assert.deepEqual(
      [...new Set(RFCS.map(({ row }) => row))].slice(0, 28),
      Array.from({ length: 28 }, (_, i) => i + 1),
    )
    assert.equal(new Set(RFCS.map(({ id }) => id)).size, RFCS.length)
  })

  it('knows every section, and says everything in a sentence', () => {
    for (const { id, section, text } of REQUIREMENTS) {
      assert.ok(SECTIONS[section], `${id}: ${section}`)
      assert.match(text, /^[A-Z].{8,105}\.$/, id)
    }
  })
})

describe('tags of a title', () => {
  it('are ids in brackets, one or several, anywhere', () => {
    assert.deepEqual(tagsOfTitle(`does it ${tag('MUST-13')}`).ids, ['MUST-13'])
    assert.deepEqual(tagsOfTitle(`${tag('SHLD-1', 'RFC 6528', 'U-02')} and ${tag('REC-1')} [1460, 2]`).ids, [
      'SHLD-1',
      'RFC 6528',
      'U-02',
      'REC-1',
    ])
    assert.deepEqual(tagsOfTitle('[MSS] of (MUST-13) [] [a]'), { ids: [], malformed: [] })
  })

  it('that are written wrongly are noticed', () => {
    for (const wrong of ['MUST 13', 'MUST-13, SHLD-1', 'SHOULD-7', 'U-2', 'RFC6298', 'must-1'])
      assert.deepEqual(tagsOfTitle(`x ${tag(wrong)}`), { ids: [], malformed: [wrong] })
  })

  it('are left out for readers', () => {
    assert.equal(withoutTags(`does it ${tag('MUST-13', 'U-01')} always [1]`), 'does it always [1]')
  })
})

describe('tags of a script', () => {
  it('stand in the comments at its head', () => {
    const script = [
      '// A closed window.',
      '//   Shows: MUST-36 SHLD-29 RFC 6298',
      '',
      '# Shows: U-15, MAY-8',
      '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3',
      '// Shows: MUST-1',
    ].join('\n')
    assert.deepEqual(tagsOfScript(script), {
      ids: ['MUST-36', 'SHLD-29', 'RFC 6298', 'U-15', 'MAY-8'],
      malformed: [],
    })
    assert.deepEqual(tagsOfScript('// Shows: everything\n').malformed, ['everything'])
    assert.deepEqual(tagsOfScript('0 close(3) = 0'), { ids: [], malformed: [] })
  })
})

describe('what a run shows', () => {
  it('is what passed, in order, without its tags', () => {
    const { shown, problems } = collect(
      run([passed(`b › x ${tag('MUST-2')}`), passed(`a › y ${tag('MUST-1', 'MUST-2')}`), passed('a › z')]),
      [],
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(shown, [
      { file: 'test/a.test.ts', title: 'a › y', ids: ['MUST-1', 'MUST-2'] },
      { file: 'test/a.test.ts', title: 'b › x', ids: ['MUST-2'] },
    ])
  })

  it('is not what failed: that is a problem, and so are ids that nobody asks for, and tags of groups', () => {
    const { shown, problems } = collect(
      run([
        { ...passed(`x ${tag('MUST-2')}`), status: 'fail' },
        passed(`y ${tag('MUST-70')}`),
        { ...passed(`group ${tag('MUST-1')}`), suite: true },
        passed(`z ${tag('MUST 1')}`),
        { ...passed(`w ${tag('MUST-3')}`), status: 'skip' },
      ]),
      [],
    )
    assert.deepEqual(
      shown.map(({ title }) => title),
      ['y'],
    )
    assert.equal(problems.length, 4, problems.join('\n'))
    assert.match(problems[0]!, /failed, which shows MUST-2/)
    assert.match(problems[1]!, /nobody asks for MUST-70/)
    assert.match(problems[2]!, /tags belong to tests/)
    assert.match(problems[3]!, /\[MUST 1\] is no tag/)
  })

  it('of scripts is what their heads say, once the test that runs them has passed', () => {
    const scripts = new Map([
      ['test/drill/window/closed.pkt', '// Shows: MUST-36\n'],
      ['test/drill/open.pkt', '// Shows: MUST-10 U-04\n'],
      ['test/drill/plain.pkt', '// Nothing.\n'],
    ])
    const drill = 'test/drill/drill.test.ts'
    const { shown, problems } = collect(
      run([passed('drill › window/closed.pkt', drill), passed('test/drill/open.pkt', drill)], { scripts }),
      [],
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(shown, [
      { file: 'test/drill/open.pkt', title: '', ids: ['MUST-10', 'U-04'] },
      { file: 'test/drill/window/closed.pkt', title: '', ids: ['MUST-36'] },
    ])
    const half = collect(run([{ ...passed('open.pkt', drill), status: 'fail' }], { scripts }), [])
    assert.deepEqual(
      half.problems.map(p => p.replace(/.*(failed|no test).*/, '$1')),
      ['failed', 'no test'],
    )
    assert.deepEqual(half.shown, [])
  })

  it('of files that a machine cannot run is what was known, and of all others only what was seen', () => {
    const kernel: Shown = { file: 'test/kernel/a.test.ts', title: 'x', ids: ['MUST-1'] }
    const gone: Shown = { file: 'test/a.test.ts', title: 'old', ids: ['MUST-2'] }
    const partial = new Set(['test/kernel/a.test.ts'])
    const { shown } = collect(run([passed(`new ${tag('MUST-2')}`)], { partial }), [gone, kernel])
    assert.deepEqual(
      shown.map(({ title }) => title),
      ['new', 'x'],
    )
    assert.deepEqual(collect(run([]), [gone, kernel]).shown, [], 'where everything must run')
    const failed = { ...passed(`x ${tag('MUST-1')}`, kernel.file), status: 'fail' as const }
    assert.deepEqual(collect(run([failed], { partial }), [kernel]).shown, [])
  })
})

describe('what has become of each', () => {
  const entries = assess([{ file: 'test/a.test.ts', title: 'x', ids: ['MUST-1', 'MUST-51', 'RFC 6298'] }])
  const of = (id: string) => entries.find(entry => entry.id === id)!

  it('is done if a test shows it, a deviation if one is recorded, and else missing', () => {
    assert.deepEqual([of('MUST-1').status, of('MUST-1').tests.length], ['done', 1])
    assert.deepEqual([of('MUST-51').status, of('MUST-51').tests.length], ['deviation', 1])
    assert.equal(of('MAY-10').status, 'not applicable')
    assert.deepEqual(
      [of('MUST-2').status, of('U-05').status, of('RFC 791').status],
      ['missing', 'missing', 'missing'],
    )
    assert.deepEqual([of('RFC 6298').status, of('RFC 9293').tests.length], ['done', 1])
  })

  it('that is missing is a failure, of whatever level', () => {
    const said = missing(entries)
    assert.ok(said.some(line => line.startsWith('MUST-2 has neither')))
    assert.equal(said.length, entries.filter(({ status }) => status === 'missing').length)
    for (const level of ['MUST', 'SHOULD', 'duty', 'RFC'] as const)
      assert.ok(count(entries, level, 'missing') > 0)
  })
})

describe('the page', () => {
  const shown: Shown[] = [
    ...Array.from({ length: 6 }, (_, i) => ({ file: 'test/a.test.ts', title: `a ${i}`, ids: ['MUST-1'] })),
    { file: 'test/b.test.ts', title: 'b | <c> [d] *e*', ids: ['MUST-1'] },
    { file: 'test/drill/x.pkt', title: '', ids: ['MUST-2'] },
  ]
  const text = page(assess(shown))

  it('has a row for each, and a table for each section', () => {
    for (const { id } of [...REQUIREMENTS, ...RFCS])
      assert.ok(text.includes(`| ${id}`) || text.includes(`| [${id}]`), id)
    const sections = [...text.matchAll(/^## (\d[\d.]*) /gm)].map(match => match[1]!)
    assert.deepEqual(sections, [...new Set(REQUIREMENTS.map(r => r.section))].sort(bySection))
  })

  it('links a few tests, one of each file first, and counts the others; scripts by their path', () => {
    const row = text.split('\n').find(line => line.startsWith('| MUST-1<br>'))!
    assert.match(row, /\[a 0\]\(\.\.\/test\/a\.test\.ts\)/)
    assert.match(row, /and 3 more \|$/)
    assert.ok(row.includes('[b \\| &lt;c\\> \\[d\\] \\*e\\*](../test/b.test.ts)'), row)
    assert.match(text, /\[test\/drill\/x\.pkt\]\(\.\.\/test\/drill\/x\.pkt\)/)
  })

  it('counts by level and status, and the counts add up', () => {
    const must = /^\| MUST \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$/m.exec(text)!
    const [done, deviations, no, open, all] = must.slice(1).map(Number)
    assert.deepEqual([done, deviations, done! + deviations! + no! + open!], [2, 3, all])
  })

  it('and the data say the same each time, in lines that change only if a test does', () => {
    assert.equal(page(assess(shown)), text)
    assert.equal(moduleOf(shown), moduleOf(shown.slice()))
    assert.equal(
      moduleOf(shown)
        .split('\n')
        .filter(line => line.includes('MUST-')).length,
      shown.length,
    )
  })
})
