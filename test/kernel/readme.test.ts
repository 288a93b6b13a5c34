import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { test } from 'node:test'
import { compileExample } from '../support/readme.js'

const skip = process.env['ESTAB_KERNEL'] === '1' ? false : 'runs in a namespace only'

test('curl fetches from the README’s HTTP server over a TUN', { skip }, () => {
  // As the reader would: the TUN is there before the program starts.
  execFileSync('ip', ['tuntap', 'add', 'dev', 'estab0', 'mode', 'tun'])
  execFileSync('ip', ['addr', 'add', '10.9.0.1/24', 'dev', 'estab0'])
  execFileSync('ip', ['link', 'set', 'estab0', 'up'])
  const child = spawn(process.execPath, [compileExample('tun.ts')], { stdio: 'inherit' })
  try {
    const curl = [
      '-s',
      '--retry',
      '20',
      '--retry-all-errors',
      '--retry-delay',
      '1',
      '-m',
      '30',
      'http://10.9.0.2/',
    ]
    assert.equal(execFileSync('curl', curl, { encoding: 'utf8' }), 'from a TCP in TypeScript\n')
  } finally {
    child.kill()
    execFileSync('ip', ['link', 'del', 'estab0'])
  }
})
