import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { REQUIREMENTS, RFCS } from '../../src/conformance/index.js'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

function estab(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'conformance', ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  return { status, stdout, stderr }
}

const ids = (stdout: string) =>
  [...stdout.matchAll(/^ {2}((?:MUST|SHLD|MAY|REC|U|RFC)[- ]\d+)/gm)].map(m => m[1]!)

describe('estab conformance', () => {
  it('prints everything that is asked for, once, and the counts', () => {
    const { status, stdout, stderr } = estab()
    assert.deepEqual([status, stderr], [0, ''])
    assert.deepEqual(ids(stdout).sort(), [...REQUIREMENTS, ...RFCS].map(({ id }) => id).sort())
    assert.match(stdout, /^MUST {8}\d+ done, \d+ deviation/m)
  })

  it('prints as JSON what it prints in words', () => {
    const entries = JSON.parse(estab('--json').stdout) as { id: string; status: string; tests: unknown[] }[]
    assert.equal(entries.length, REQUIREMENTS.length + RFCS.length)
    const must13 = entries.find(({ id }) => id === 'MUST-13')!
    assert.equal(must13.status, 'done')
    assert.ok(must13.tests.length > 0)
  })

  it('prints one with its tests, however it is written', () => {
    for (const name of ['MUST-13', 'must13']) {
      const { stdout } = estab(name)
      assert.deepEqual(ids(stdout), ['MUST-13'])
      assert.match(stdout, /^ {12}test\/\S+\.test\.ts {2}\S/m)
    }
    assert.deepEqual(ids(estab('rfc6298').stdout), ['RFC 6298'])
  })

  it('prints a section with those inside it, a level, a status', () => {
    const section = ids(estab('--section', '3.8.6').stdout)
    assert.ok(section.includes('MUST-34') && section.includes('MUST-38') && !section.includes('MUST-30'))
    assert.ok(ids(estab('--level', 'SHOULD NOT').stdout).every(id => id.startsWith('SHLD')))
    assert.deepEqual(ids(estab('--level', 'MUST', '--status', 'deviation').stdout), [
      'MUST-51',
      'MUST-52',
      'MUST-53',
    ])
    assert.match(estab('--section', '3.5', '--tests').stdout, /simultaneous open/)
  })

  it('says in one line what nobody asks for', () => {
    for (const args of [['MUST-70'], ['--section', '9.9'], ['--level', 'SHALL'], ['--status', 'perhaps']]) {
      const { status, stdout, stderr } = estab(...args)
      assert.deepEqual([status, stdout], [2, ''])
      assert.match(stderr, /^estab: [^\n]+\n$/)
    }
  })
})
