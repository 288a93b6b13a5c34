import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ask, page } from '../support/lab.js'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

interface Running {
  child: ChildProcess
  out(): string
  err(): string
  ended: Promise<number | null>
}

function estab(t: TestContext, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, NO_COLOR: '1', ...env } })
  t.after(() => child.kill('SIGKILL'))
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', text => (out += text))
  child.stderr.setEncoding('utf8').on('data', text => (err += text))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, out: () => out, err: () => err, ended }
}

/** Waits until it has said where the lab is. */
async function addressOf(running: Running): Promise<string> {
  for (;;) {
    const said = /^the lab is at (\S+)\n/.exec(running.out())
    if (said) return said[1]!
    const over = await Promise.race([
      running.ended,
      once(running.child.stdout!, 'data').then(() => undefined),
    ])
    assert.equal(over, undefined, running.err())
  }
}

const options = { timeout: 60_000 }

describe('estab lab', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`says where the page is, serves it, and ends properly on ${signal}`, options, async t => {
      const lab = estab(t, ['lab', '--port', '0', '--lang', 'zh'], { ESTAB_LAB_PAGE: page(t) })
      const url = await addressOf(lab)
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/\?lang=zh$/)
      const { status, body } = await ask(url, '/?lang=zh')
      assert.equal(status, 200)
      assert.match(String(body), /<title>lab/)
      assert.equal((await ask(url, '/live')).status, 404, 'there is no stack to watch')
      lab.child.kill(signal)
      assert.equal(await lab.ended, 0)
      assert.equal(lab.out(), `the lab is at ${url}\n`)
      assert.equal(lab.err(), '')
    })

  it('opens the browser, if there is one', { ...options, skip: process.platform !== 'linux' }, async t => {
    const ESTAB_LAB_PAGE = page(t)
    const bin = page(t)
    const opener = path.join(bin, 'xdg-open')
    writeFileSync(
      opener,
      `#!/bin/sh\necho "$@" > ${bin}/opened.part && mv ${bin}/opened.part ${bin}/opened\n`,
    )
    chmodSync(opener, 0o755)
    const lab = estab(t, ['lab', '--port', '0', '--open'], {
      ESTAB_LAB_PAGE,
      PATH: `${bin}:${process.env['PATH']}`,
    })
    const url = await addressOf(lab)
    while (!existsSync(path.join(bin, 'opened'))) await new Promise(resolve => setTimeout(resolve, 10))
    assert.equal(readFileSync(path.join(bin, 'opened'), 'utf8'), `${url}\n`)
    lab.child.kill('SIGINT')
    assert.equal(await lab.ended, 0)

    const without = estab(t, ['lab', '--port', '0', '--open'], { ESTAB_LAB_PAGE, PATH: '/nonexistent' })
    await addressOf(without)
    if (without.err() === '') await once(without.child.stderr!, 'data')
    without.child.kill('SIGINT')
    assert.equal(await without.ended, 0)
    assert.equal(without.err(), 'estab: note: xdg-open did not open the page: ENOENT\n')
  })

  it('says in one line why it cannot', options, async t => {
    const ESTAB_LAB_PAGE = page(t)
    const first = estab(t, ['lab', '--port', '0'], { ESTAB_LAB_PAGE })
    const { port } = new URL(await addressOf(first))
    const fails = async (args: string[], env: NodeJS.ProcessEnv, status: number, line: string) => {
      const lab = estab(t, ['lab', ...args], env)
      assert.equal(await lab.ended, status)
      assert.deepEqual([lab.out(), lab.err()], ['', `estab: ${line}\n`])
    }
    await fails(
      ['--port', port],
      { ESTAB_LAB_PAGE },
      1,
      `port ${port} is in use; port 0 takes one that is free`,
    )
    await fails([], { ESTAB_LAB_PAGE: '/nonexistent' }, 1, "the lab's page is not built: npm run build")
  })
})
