import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { STATE_NAMES, STATES, TRANSITIONS, type TransitionId } from '../../src/tcp/states.js'
import { edges } from '../../src/trace/index.js'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'estab-states-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const states = (...args: string[]): string =>
  execFileSync(process.execPath, [MAIN, 'states', ...args], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })

const ids = Object.keys(TRANSITIONS) as TransitionId[]

describe('estab states', () => {
  it('prints every state and every transition', () => {
    for (const lang of ['en', 'zh'] as const) {
      const lines = states('--lang', lang).split('\n')
      for (const state of STATE_NAMES)
        assert.ok(
          lines.some(line => line.startsWith(`${state} `)),
          state,
        )
      for (const id of ids) {
        const at = lines.findIndex(line => line.startsWith(`${id} `))
        const { from, to, cause } = TRANSITIONS[id]
        assert.ok(lines[at]?.includes(`${from.join(', ')} → ${to}: ${cause}`), id)
        assert.equal(lines[at + 1]?.trim(), TRANSITIONS[id][lang])
      }
    }
  })

  it('--json is the table', () => {
    const json = JSON.parse(states('--json')) as { states: unknown; transitions: { id: TransitionId }[] }
    assert.deepEqual(json.states, STATES)
    assert.deepEqual(json.transitions.map(({ id }) => id).sort(), [...ids].sort())
    for (const { id, ...row } of json.transitions) assert.deepEqual(row, TRANSITIONS[id])
  })

  it('--mermaid draws the edges of the table, and names the others', () => {
    const lines = states('--mermaid', '--lang', 'en').trimEnd().split('\n')
    assert.equal(lines.shift(), 'stateDiagram-v2')
    assert.equal(lines.shift()?.trim(), '[*] --> CLOSED')
    const rest = /%% .*?: (.*)$/.exec(lines.pop()!)![1]!.split(' ')
    const drawn = edges().flatMap(edge => edge.ids)
    assert.deepEqual([...new Set([...drawn, ...rest])].sort(), [...ids].sort())
    for (const id of rest) assert.ok(!drawn.includes(id), id)
    for (const line of lines) {
      const [, from, to, label] = /^ {2}(\w+) --> (\w+): (.+)$/.exec(line) ?? []
      const moves = ids.filter(
        id => TRANSITIONS[id].to === to && (TRANSITIONS[id].from as readonly string[]).includes(from!),
      )
      assert.ok(
        moves.some(id => label!.includes(TRANSITIONS[id].cause)),
        line,
      )
    }
    assert.equal(lines.length, edges().length)
  })

  it('--svg draws every state and edge', () => {
    for (const lang of ['en', 'zh']) {
      const file = join(scratch, `${lang}.svg`)
      assert.equal(states('--svg', file, '--lang', lang), '')
      const svg = readFileSync(file, 'utf8')
      assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*<\/svg>\n?$/s)
      for (const state of STATE_NAMES) assert.ok(svg.includes(`>${state}</text>`), state)
      assert.equal(svg.match(/marker-end=/g)?.length, edges().length)
    }
  })

  it('--svg can go along with another form', () => {
    const file = join(scratch, 'both.svg')
    assert.ok(states('--svg', file, '--json').startsWith('{'))
    assert.ok(readFileSync(file, 'utf8').startsWith('<svg'))
  })
})
