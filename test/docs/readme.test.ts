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

test('the congestion controller of docs/congestion.md fills the line and leaves the queue empty', () => {
  const [vegas, cubic] = run('vegas.ts')
    .trim()
    .split('\n')
    .map(line => /: (\d+) Mbit\/s, round trip (\d+) ms/.exec(line)!.slice(1).map(Number))
  assert.ok(vegas![0]! >= 18 && vegas![1]! < 50, `${vegas}`)
  assert.ok(cubic![0]! >= 18 && cubic![1]! > 100, `${cubic}`)
  const code = examples().get('vegas.ts')!
  assert.ok(code.slice(code.indexOf('class Vegas'), code.indexOf('/** Ten')).split('\n').length <= 50)
})

test('the examples on a TUN compile', () => {
  compileExample('tun.ts')
  compileExample('workers.ts')
})
