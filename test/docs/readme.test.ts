import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { compileExample, examples } from '../support/readme.js'

const run = (name: string): string =>
  execFileSync(process.execPath, [compileExample(name)], { encoding: 'utf8', timeout: 60_000 })

test('the first program compiles, runs as printed, and fits in 15 lines', () => {
  const code = examples().get('first.ts')!
  assert.ok(code.split('\n').filter(line => line.trim() !== '').length <= 15)
  assert.equal(run('first.ts'), 'you said: hello\nclosed\n')
})

test('the world of the README is open after 1040 ms', () => {
  assert.equal(run('world.ts'), 'open after 1040 ms\n')
})

test('the script of the README passes', () => {
  assert.equal(run('drill.ts'), 'pass \n')
})

test('the TUN example compiles', () => {
  compileExample('tun.ts')
})
