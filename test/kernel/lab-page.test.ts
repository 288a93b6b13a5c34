import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LabBrowser, noBrowser } from '../support/browser.js'
import { kernelTest } from '../support/kernel.js'
import { atEnd } from '../support/kernel-cleanup.js'
import { scratch, shell } from '../support/kernel-program.js'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const SIZE = 10_000_000

/** estab serve with a lab, and the address of that. */
async function serve(t: TestContext, root: string, n: number): Promise<URL> {
  const place = [
    '--create',
    '--tun',
    `estabp${n}`,
    '--address',
    `10.62.${n}.2/24`,
    '--kernel-address',
    `10.62.${n}.1/24`,
  ]
  const child: ChildProcess = spawn(
    process.execPath,
    [MAIN, 'serve', ...place, '--root', root, '--chargen', '19', '--lab'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  atEnd(t, () => void child.kill('SIGKILL'))
  let said = ''
  return new Promise((resolve, reject) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const url = /^the lab is at (\S+)$/m.exec(said)?.[1]
      if (url && /^serving /m.test(said)) resolve(new URL(url))
    })
    child.on('close', () => reject(new Error(`estab serve ended: ${said}`)))
  })
}

describe('the page of a live stack', { ...kernelTest, skip: kernelTest.skip || noBrowser }, () => {
  it('shows curl fetching 10 MB from estab serve, from SYN to CLOSED', async t => {
    const root = scratch(t)
    writeFileSync(path.join(root, 'file'), randomBytes(SIZE))
    const url = await serve(t, root, 1)
    const lab = await LabBrowser.start(url.origin)
    t.after(() => lab.close())
    const page = await lab.open(`${url.search}${url.hash}`)
    await page.locator('.counts', { hasText: 'LISTEN' }).waitFor()
    assert.equal(await shell("curl -sS --noproxy '*' http://10.62.1.2/file | wc -c"), `${SIZE}`)
    await page.locator('[data-flow-state="CLOSED"]').waitFor()
    const ladder = page.locator('.live-ladder')
    for (const state of ['LAST_ACK', 'CLOSED'])
      await ladder.locator('.beside.state', { hasText: state }).waitFor()
    // The bulk of it scrolled by; its beginning is still there, unless it was forgotten, which is said.
    const forgotten = await ladder.getByText('older ones are not shown').count()
    await ladder.locator('.ladder').evaluate(element => element.scrollTo(0, 0))
    if (forgotten === 0) await ladder.locator('.beside.state', { hasText: 'SYN_RECEIVED' }).waitFor()
    await page.locator('.live-flows button', { hasText: '9.5 MiB' }).waitFor()
    // A segment's headers, field by field.
    await page.locator('[data-segment]').first().dispatchEvent('click')
    await page.locator('.octets-view', { hasText: 'sequence number' }).waitFor()
    assert.deepEqual(lab.faults, [])
  })

  it('keeps answering while thousands of segments a second go by, and says what it leaves out', async t => {
    const url = await serve(t, scratch(t), 2)
    const lab = await LabBrowser.start(url.origin)
    t.after(() => lab.close())
    const page = await lab.open(`${url.search}${url.hash}`)
    await page.locator('.counts', { hasText: 'LISTEN' }).waitFor()
    const flood = spawn('sh', ['-c', 'exec cat < /dev/null | timeout 30 python3 -c "$0"', READ], {
      stdio: 'ignore',
    })
    atEnd(t, () => void flood.kill('SIGKILL'))
    await page.locator('[data-left]').waitFor()
    // Whatever is asked of it meanwhile, it does.
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('heading', { name: '正在运行的协议栈，实时呈现' }).waitFor()
    await page.getByRole('button', { name: '暂停画面' }).click()
    await page.getByRole('button', { name: '继续' }).click()
    await page.locator('.counts b', { hasText: '抽样略去' }).waitFor()
    assert.deepEqual(lab.faults, [])
  })

  it('says that a token which is not its own is refused', async t => {
    const url = await serve(t, scratch(t), 3)
    const lab = await LabBrowser.start(url.origin)
    t.after(() => lab.close())
    const page = await lab.open(`?token=${'A'.repeat(22)}#/live`)
    await page.locator('[role=status]', { hasText: 'does not let this page in' }).waitFor()
  })
})

/** Reads what chargen sends, in small pieces, for as long as it is let. */
const READ = `
import socket
s = socket.create_connection(('10.62.2.2', 19))
while s.recv(2000):
    pass
`
