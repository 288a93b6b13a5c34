// What dumpcap writes of curl and nginx opens in the lab's page, in Chromium, as it does in Node.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { conversations } from '../../src/trace/conversations.js'
import { readCapture } from '../../src/trace/read-capture.js'
import { LabBrowser, noBrowser } from '../support/browser.js'
import { kernelTest } from '../support/kernel.js'
import { atEnd } from '../support/kernel-cleanup.js'
import { needs, scratch, shell, start } from '../support/kernel-program.js'
import { hasTshark, tsharkFields } from '../support/tshark.js'

const skip = kernelTest.skip || noBrowser || needs('dumpcap', 'curl', 'nginx')
const PORT = 8098

const configuration = (directory: string) => `
daemon off;
pid ${directory}/pid;
error_log stderr;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${directory}/t;`).join(' ')}
  server { listen 127.0.0.1:${PORT}; root ${directory}; }
}`

describe('a capture of curl and nginx in the page', { ...kernelTest, skip }, () => {
  it('has the ladders, the states and the counts that the file has', async t => {
    await shell('ip link set lo up')
    const directory = scratch(t)
    await shell(`chmod 755 ${directory}`)
    writeFileSync(path.join(directory, 'conf'), configuration(directory))
    writeFileSync(path.join(directory, 'page.txt'), 'estab\n'.repeat(10_000))
    const nginx = spawn('nginx', ['-c', `${directory}/conf`, '-p', directory], { stdio: 'ignore' })
    atEnd(t, () => void nginx.kill('SIGTERM'))
    await shell(`until curl -sf http://127.0.0.1:${PORT}/page.txt -o /dev/null; do sleep 0.05; done`)

    const file = path.join(directory, 'capture.pcapng')
    const dumpcap = await start(t, 'dumpcap', ['-n', '-i', 'lo', '-f', 'tcp', '-w', file], /File: /)
    const read = () => {
      try {
        return conversations(readCapture(readFileSync(file)).packets).conversations
      } catch {
        return []
      }
    }
    // It says so before it captures, and writes some time later: SYNs to nobody show when.
    while (read().length === 0) await shell('curl -s http://127.0.0.1:1/; sleep 0.1')
    await shell(`curl -sf http://127.0.0.1:${PORT}/page.txt -o /dev/null`)
    await shell(`curl -s http://127.0.0.1:${PORT}/none -o /dev/null; curl -s http://127.0.0.1:2/ || true`)
    while (!read().some(c => c.server.endsWith(':2'))) await shell('sleep 0.1')
    const closed = once(dumpcap, 'close')
    dumpcap.kill('SIGINT')
    await closed

    const told = read()
    const lab = await LabBrowser.start()
    atEnd(t, () => lab.close())
    const page = await lab.open('#/file', { height: 4000 })
    await page.locator('#file-input').setInputFiles(file)
    await page.locator('[data-connection]').first().waitFor()
    assert.equal(await page.locator('[data-connection]').count(), told.length)
    const ours = told.flatMap((c, i) => (c.server === `127.0.0.1:${PORT}` ? [i] : []))
    assert.equal(ours.length, 2)
    for (const i of ours) {
      const { client, server, segments, events } = told[i]!
      await page.locator(`[data-connection="${i}"] button`).click()
      await page.locator(`[data-segment="${segments.length - 1}"]`).waitFor()
      assert.equal(await page.locator('[data-segment]').count(), segments.length)
      if (hasTshark()) {
        const port = client.slice(client.lastIndexOf(':') + 1)
        assert.equal(tsharkFields(file, ['frame.number'], `tcp.port == ${port}`).length, segments.length)
      }
      for (const host of [client, server]) {
        const walked = ['CLOSED']
        for (const event of events) if (event.kind === 'state' && event.host === host) walked.push(event.to)
        assert(walked.includes('ESTABLISHED'))
        const label = await page.locator(`[data-host="${host}"] .diagram`).getAttribute('aria-label')
        assert.deepEqual(label!.replace(/^.*: /, '').split(' → '), walked)
      }
      await page.getByRole('button', { name: 'All connections' }).click()
    }
    assert.deepEqual(lab.faults, [])
  })
})
