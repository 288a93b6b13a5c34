import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { test } from 'node:test'
import { compileExample } from '../support/readme.js'

const skip = process.env['ESTAB_KERNEL'] === '1' ? false : 'runs in a namespace only'

for (const [name, page, queues, answer] of [
  ['tun.ts', 'README', [], 'from a TCP in TypeScript\n'],
  ['workers.ts', 'page of workers', ['multi_queue'], 'from one of two\n'],
] as const)
  test(`curl fetches from the ${page}’s HTTP server over a TUN`, { skip }, () => {
    // As the reader would: the TUN is there before the program starts.
    execFileSync('ip', ['tuntap', 'add', 'dev', 'estab0', 'mode', 'tun', ...queues])
    execFileSync('ip', ['addr', 'add', '10.9.0.1/24', 'dev', 'estab0'])
    execFileSync('ip', ['link', 'set', 'estab0', 'up'])
    const child = spawn(process.execPath, [compileExample(name)], { stdio: 'inherit' })
    try {
      const again = ['--retry', '20', '--retry-all-errors', '--retry-delay', '1']
      const curl = ['-s', ...again, '-m', '30', 'http://10.9.0.2/']
      assert.equal(execFileSync('curl', curl, { encoding: 'utf8' }), answer)
    } finally {
      child.kill()
      execFileSync('ip', ['link', 'del', 'estab0'])
    }
  })
