// The page for files, in a browser.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { drill } from '../../src/drill/drill.js'
import { FILE_WORDS } from '../../src/lab/page/file/words-file.js'
import { conversations } from '../../src/trace/conversations.js'
import { readCapture } from '../../src/trace/read-capture.js'
import { LabBrowser, noBrowser } from '../support/browser.js'
import { pcap } from '../support/captures.js'
import { hasTshark, tsharkFields } from '../support/tshark.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const examples = path.join(root, 'src/lab/page/file/examples')
const AXE = readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8')
const CAPTURE = path.join(examples, 'curl-nginx.pcapng')

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const choose = (page: Page, file: string | string[] | { name: string; mimeType: string; buffer: Buffer }) =>
  page.locator('#file-input').setInputFiles(file)
const give = (page: Page, name: string, content: string | Uint8Array) =>
  choose(page, { name, mimeType: '', buffer: Buffer.from(content) })
const verdict = (page: Page, is: string) => page.locator(`[data-verdict="${is}"]`).waitFor()
const state = (page: Page, host: string) =>
  page.locator(`[data-host="${host}"] .state`).getAttribute('data-state')
const pathOf = async (page: Page, host: string): Promise<string[]> =>
  (await page.locator(`[data-host="${host}"] .diagram`).getAttribute('aria-label'))!
    .replace(/^.*: /, '')
    .split(' → ')
const step = (page: Page) => page.locator('.step')
const line = async (page: Page) => Number(await step(page).getAttribute('data-line'))
const alert = (page: Page) => page.locator('.trouble')
/** So tall that all of a ladder is in view. */
const TALL = { height: 3000 }

describe('the page for files', { skip: noBrowser }, () => {
  let lab: LabBrowser
  const directory = mkdtempSync(path.join(os.tmpdir(), 'estab-files-'))
  before(async () => {
    lab = await LabBrowser.start()
  })
  after(async () => {
    await lab.close()
    rmSync(directory, { recursive: true, force: true })
    assert.deepEqual(lab.faults, [])
  })
  const open = async (profile = {}, address = '#/file') => {
    const page = await lab.open(address, profile)
    await page.locator('.file').waitFor()
    return page
  }

  it('the example of a capture is small, and opens with the connections and states that conversations() tells', async () => {
    assert(statSync(CAPTURE).size <= 30_000)
    const told = conversations(readCapture(readFileSync(CAPTURE)).packets).conversations
    const page = await open(TALL)
    await press(page, 'curl against nginx')
    await page.locator('[data-connection="2"]').waitFor()
    assert.equal(await page.locator('[data-connection]').count(), told.length)
    assert.match(
      (await page.locator('.about').textContent())!,
      /3 TCP connections, 44 packets in pcapng.*Nothing was left out/,
    )
    for (const [i, { client, server, segments, events }] of told.entries()) {
      await page.locator(`[data-connection="${i}"] button`).click()
      await page.locator(`[data-segment="${segments.length - 1}"]`).waitFor()
      assert.equal(await page.locator('[data-segment]').count(), segments.length)
      for (const host of [client, server]) {
        const path = ['CLOSED']
        for (const event of events) if (event.kind === 'state' && event.host === host) path.push(event.to)
        assert.deepEqual(await pathOf(page, host), path)
        assert.equal(await state(page, host), path.at(-1))
      }
      await press(page, 'All connections')
    }
    await page.close()
  })

  it('has as many segments as tshark sees', {
    skip: hasTshark() ? false : 'there is no tshark',
  }, async () => {
    const page = await open({}, '#/file?example=curl-nginx.pcapng')
    const rows = tsharkFields(CAPTURE, ['tcp.stream'])
    for (const [i, stream] of ['0', '1', '2'].entries()) {
      const text = await page.locator(`[data-connection="${i}"] [data-label="Segments"]`).textContent()
      assert.equal(Number(text), rows.filter(([n]) => n === stream).length)
    }
    await page.close()
  })

  it('a connection steps back and on by keyboard, with the states of the moment shown', async () => {
    const page = await open({}, '#/file?example=curl-nginx.pcapng')
    await page.locator('[data-connection="2"]').click()
    await page.locator('[data-segment="1"]').waitFor()
    const client = (await page.locator('.host-0 .address').textContent())!
    assert.equal(await state(page, client), 'CLOSED')
    await page.keyboard.press('ArrowLeft')
    await page.locator('[data-segment="1"]').waitFor({ state: 'detached' })
    assert.equal(await state(page, client), 'SYN_SENT')
    await page.keyboard.press('End')
    await page.locator('[data-segment="1"]').waitFor()
    await page.close()
  })

  it('a segment that is clicked shows its fields, its octets, and the states that changed with it', async () => {
    const page = await open(TALL, '#/file?example=curl-nginx.pcapng')
    await page.locator('[data-connection="0"]').click()
    await page.locator('[data-segment="0"]').dispatchEvent('click')
    await page.locator('.octets-view').waitFor()
    const panel = (await page.locator('.panel').textContent())!
    assert.match(panel, /Client: CLOSED → SYN_SENT/)
    assert.match(panel, /sequence number/)
    assert.match((await page.locator('.hex').textContent())!, /^0004500003c/)
    await page.close()
  })

  it('a script goes on step by step to its end, with the verdict that drill gives in Node', async () => {
    const text = readFileSync(path.join(examples, 'fast-retransmit.pkt'), 'utf8')
    const page = await open({}, '#/file?example=fast-retransmit.pkt')
    await verdict(page, drill('fast-retransmit.pkt', text).verdict)
    const lines = text.split('\n')
    assert.equal(await page.locator('.script-text li').count(), lines.length - 1)
    await press(page, 'To the beginning')
    const seen: number[] = []
    for (let i = 0; i < 17; i++) {
      await press(page, 'One event on')
      await page.locator(`[data-step="${i + 1}"]`).waitFor()
      seen.push(await line(page))
      assert.equal(await page.locator('[aria-current="step"]').getAttribute('data-line'), String(seen.at(-1)))
      if (seen.at(-1) === 12) assert.equal(await state(page, 'tested'), 'ESTABLISHED')
      if (seen.at(-1) === 10) assert.equal(await state(page, 'tested'), 'SYN_RECEIVED')
    }
    // Each line that says something, once, in order.
    assert.deepEqual(
      seen,
      lines.flatMap((written, i) => (/^[+`]/.test(written) ? [i + 1] : [])),
    )
    await press(page, 'One event back')
    await page.locator('[data-step="16"]').waitFor()
    assert.equal(await page.locator('.script-text li.past').count(), 15)
    // And a line can be gone to.
    await page.locator('.script-text [data-line="15"] code').click()
    await page.locator('[data-step="9"]').waitFor()
    await page.close()
  })

  it('plays a script by itself', async () => {
    const page = await open({}, '#/file?example=fails.pkt')
    await verdict(page, 'fail')
    await page.getByLabel('Speed').selectOption('16')
    await press(page, 'Play')
    await page.locator('[data-step="12"]').waitFor()
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
    await page.close()
  })

  it('where a script fails it says what was expected and what came, in that line', async () => {
    const page = await open({}, '#/file?example=fails.pkt')
    await verdict(page, 'fail')
    assert.match(
      (await page.locator('.verdict').textContent())!,
      /fails at line 18.*flags: expected R\., actual F\./,
    )
    assert.match((await page.locator('[data-expected]').textContent())!, /> R\. 1:1\(0\) ack 501/)
    assert.match((await page.locator('[data-came]').textContent())!, /> F\. 1:1\(0\) ack 501/)
    assert.equal(await page.locator('.script-text .marked').getAttribute('data-line'), '18')
    // What is to be corrected, can be.
    await press(page, 'Edit')
    const area = page.getByLabel('Text of a packetdrill script')
    await area.fill((await area.inputValue()).replace('> R. 1:1', '> F. 1:1'))
    await press(page, 'Run it')
    await verdict(page, 'pass')
    await page.close()
  })

  it('a script runs over the IP version, and as the host, that is chosen', async () => {
    const page = await open({}, '#/file?example=fast-retransmit.pkt')
    await verdict(page, 'pass')
    await page.locator('[data-choice="ip"]').selectOption('ipv6')
    await page.locator('[data-step]').waitFor()
    await verdict(page, 'pass')
    await page.locator('[data-segment]').last().dispatchEvent('click')
    await page.locator('.octets-view', { hasText: 'hop limit' }).waitFor()
    const text = readFileSync(path.join(examples, 'fast-retransmit.pkt'), 'utf8')
    await page.locator('[data-choice="profile"]').selectOption('freebsd')
    await verdict(page, drill('x', text, { ip: 'ipv6', profile: 'freebsd' }).verdict)
    await page.close()
  })

  it('a script that cannot be read is shown with the line and the message', async () => {
    const page = await open()
    await give(page, 'bad.pkt', '+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 < Q 0:0(0)\n')
    await verdict(page, 'unreadable')
    assert.match(
      (await page.locator('.verdict').textContent())!,
      /Line 2, column \d+: this cannot be read\. \S/,
    )
    assert.equal(await page.locator('.script-text .marked').getAttribute('data-line'), '2')
    await press(page, 'Open another file')
    // One that was cut off in the middle.
    const text = readFileSync(path.join(examples, 'fails.pkt'), 'utf8')
    await give(page, 'cut.pkt', text.slice(0, text.indexOf('mss 1000')))
    await verdict(page, 'unreadable')
    await page.close()
  })

  it('a script that does not end is stopped, and the page goes on', async () => {
    const page = await open()
    // The runner stops each block at a million steps.
    const block = '+0 %{\nfor a in range(400):\n  for b in range(400):\n    x = a\n}%\n'
    const text = `+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n${block.repeat(3000)}`
    await give(page, 'loop.pkt', text)
    await verdict(page, 'running')
    await press(page, '中文')
    await page.getByText('正在运行…').waitFor()
    await press(page, 'English')
    await page.locator('[data-verdict="too-long"]').waitFor({ timeout: 20_000 })
    await press(page, 'Open another file')
    await press(page, 'A script that passes')
    await verdict(page, 'pass')
    await page.close()
  })

  it('bad files each give a message, in both languages, and the next one opens', async () => {
    const capture = readFileSync(CAPTURE)
    const broken = Uint8Array.from(capture)
    broken.fill(0xff, 4, 40)
    const files: [string, Uint8Array, RegExp, RegExp][] = [
      ['empty.pcap', new Uint8Array(), /nothing in it/, /什么都没有/],
      ['picture.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0), /is a picture/, /是图片/],
      [
        'short.pcap',
        Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4),
        /ends within its header/,
        /文件首部中就结束/,
      ],
      ['packed.pcap.gz', Uint8Array.of(0x1f, 0x8b, 8, 0), /compressed with gzip/, /gzip 压缩/],
      [
        'noise',
        Uint8Array.from({ length: 999 }, (_, i) => (i * 37) & 255),
        /neither pcap nor pcapng/,
        /也不是文本/,
      ],
      ['broken.pcapng', broken, /capture is damaged, at byte \d+: /, /捕获文件已损坏/],
    ]
    const page = await open()
    for (const [name, content, en, zh] of files) {
      await give(page, name, content)
      await alert(page).filter({ hasText: name }).waitFor()
      assert.match((await alert(page).textContent())!, en)
      await press(page, '中文')
      assert.match((await alert(page).textContent())!, zh)
      await press(page, 'English')
    }
    const big = path.join(directory, 'big.pcap')
    writeFileSync(big, new Uint8Array(200 * 1024 * 1024 + 1))
    await choose(page, big)
    await alert(page).filter({ hasText: 'more than 200 MiB' }).waitFor()
    rmSync(big)
    await press(page, 'curl against nginx')
    await page.locator('[data-connection="0"]').waitFor()
    await page.close()
  })

  it('a capture without a connection, and one that ends in the middle, say so', async () => {
    const page = await open()
    const arp = [...new Array(12).fill(2), 8, 6, ...new Array(28).fill(0)]
    await give(page, 'arp.pcap', pcap([{ bytes: arp }], { linkType: 1 }))
    await page.getByText('There is no TCP connection in this capture.').waitFor()
    assert.match((await page.locator('.about').textContent())!, /Left out: 1 no IP\./)
    await press(page, 'Open another file')
    await give(page, 'cut.pcapng', readFileSync(CAPTURE).subarray(0, 20_000))
    await page.getByText('The file ends in the middle of a packet').waitFor()
    await page.close()
  })

  it('thousands of connections are listed in portions, filtered and sorted; the page does not freeze', async () => {
    const n = 3000
    const syn = (port: number, i: number) => {
      const b = new Uint8Array(40)
      b.set([
        0x45,
        0,
        0,
        40,
        0,
        i & 255,
        0,
        0,
        64,
        6,
        0,
        0,
        10,
        0,
        0,
        1,
        10,
        0,
        0,
        2,
        port >> 8,
        port & 255,
        0,
        80,
      ])
      b.set([0x50, 2, 255, 255], 32)
      return b
    }
    const file = pcap(Array.from({ length: n }, (_, i) => ({ bytes: syn(10_000 + i, i), seconds: i })))
    const page = await open()
    await give(page, 'scan.pcap', file)
    await page.locator('[data-connection="199"]').waitFor()
    assert.equal(await page.locator('[data-connection]').count(), 200)
    await page.getByText(`200 of ${n} are listed.`).waitFor()
    await press(page, 'Show 200 more')
    await page.locator('[data-connection="399"]').waitFor()
    await page.getByLabel('Filter').fill(':12999')
    await page.getByText(`1 of ${n}`).waitFor()
    await page.getByLabel('Filter').fill('')
    await page.locator('th', { hasText: 'Start' }).getByRole('button').click()
    await page
      .locator('tbody tr')
      .first()
      .and(page.locator(`[data-connection="${n - 1}"]`))
      .waitFor()
    assert.equal(await page.locator('th', { hasText: 'Start' }).getAttribute('aria-sort'), 'descending')
    await page.close()
  })

  it('a long connection is shown in parts, and remarks are shown with their segments', async () => {
    const segment = (fromClient: boolean, flags: number, seq: number, ack: number, len: number) => {
      const b = new Uint8Array(40 + len)
      new DataView(b.buffer).setUint16(2, b.length)
      b.set([0x45], 0)
      b.set([64, 6], 8)
      b.set(
        fromClient ? [10, 0, 0, 1, 10, 0, 0, 2, 100, 0, 0, 80] : [10, 0, 0, 2, 10, 0, 0, 1, 0, 80, 100, 0],
        12,
      )
      new DataView(b.buffer).setUint32(24, seq)
      new DataView(b.buffer).setUint32(28, ack)
      b.set([0x50, flags, 255, 255], 32)
      return b
    }
    const packets = [segment(true, 2, 0, 0, 0), segment(false, 18, 0, 1, 0), segment(true, 16, 1, 1, 0)]
    for (let i = 0; i < 12_000; i++) packets.push(segment(true, 16, 1 + 10 * i, 1, 10))
    packets.push(segment(true, 16, 1 + 10 * 11_999, 1, 10))
    const page = await open({ height: 1000 })
    await give(page, 'long.pcap', pcap(packets.map((bytes, i) => ({ bytes, seconds: i }))))
    const parts = page.locator('.parts select')
    await parts.waitFor()
    assert.match(
      (await parts.textContent())!,
      /Segments 1 to 10000 of 12004.*Segments 10001 to 12004 of 12004/,
    )
    // No more is in the document than is to be seen.
    assert((await page.locator('[data-segment]').count()) < 100)
    await parts.selectOption('10000')
    const last = page.locator('[data-segment="2003"]')
    await last.waitFor()
    assert.equal(await state(page, '10.0.0.1:25600'), 'ESTABLISHED')
    assert.deepEqual(await pathOf(page, '10.0.0.1:25600'), ['CLOSED', 'SYN_SENT', 'ESTABLISHED'])
    await last.dispatchEvent('click')
    await page.locator('.remarks', { hasText: 'retransmission of 119991..120001' }).waitFor()
    await page.locator('h3', { hasText: 'Segment 12004' }).waitFor()
    await page.close()
  })

  it('takes files that are dropped, with those that a script names, and text that is pasted', async () => {
    const page = await open()
    const drop = (files: [string, string][]) =>
      page.evaluate(given => {
        const data = new DataTransfer()
        for (const [name, text] of given) data.items.add(new File([text], name))
        const init = { bubbles: true, cancelable: true, dataTransfer: data }
        document.body.dispatchEvent(new DragEvent('dragover', init))
        document.body.dispatchEvent(new DragEvent('drop', init))
      }, files)
    const script = '`../common/defaults.sh`\n+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n'
    await drop([['own.pkt', script]])
    await verdict(page, 'unsupported')
    await drop([
      ['defaults.sh', 'sysctl -q net.ipv4.tcp_sack=1\n'],
      ['own.pkt', script],
    ])
    await verdict(page, 'pass')
    await page.getByRole('heading', { name: 'own.pkt' }).waitFor()
    await page.evaluate(() => {
      const data = new DataTransfer()
      data.setData('text', '+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4\n')
      document.body.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, clipboardData: data }))
    })
    await page.getByRole('heading', { name: 'pasted text' }).waitFor()
    await verdict(page, 'pass')
    await press(page, 'Open another file')
    await page.getByText('Paste a script').click()
    await page.getByLabel('Text of a packetdrill script').fill('+0 nonsense')
    await press(page, 'Run it')
    await verdict(page, 'unreadable')
    await page.close()
  })

  const views: [string, string, string | undefined][] = [
    ['nothing open', '#/file', undefined],
    ['the list', '#/file?example=curl-nginx.pcapng', undefined],
    ['a connection', '#/file?example=curl-nginx.pcapng', '[data-connection="0"]'],
    ['a script', '#/file?example=fails.pkt', undefined],
  ]

  it('axe-core finds no serious fault, in light and dark, in both languages', async () => {
    for (const [what, address, click] of views)
      for (const [theme, locale] of [
        ['light', 'en-GB'],
        ['dark', 'zh-CN'],
      ] as const) {
        const page = await open({ theme, locale }, address)
        if (click) await page.locator(click).click()
        if (click) await page.locator('[data-segment]').last().dispatchEvent('click')
        if (address.includes('?')) await page.locator('.file-head').waitFor()
        if (address.includes('.pkt')) await verdict(page, 'fail')
        await page.evaluate(AXE)
        const found = await page.evaluate(async () => {
          const { axe } = globalThis as unknown as {
            axe: {
              run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
            }
          }
          const { violations } = await axe.run()
          return violations
            .filter(v => v.impact === 'serious' || v.impact === 'critical')
            .map(v => `${v.id}: ${v.nodes[0]!.html}`)
        })
        assert.deepEqual(found, [], `${what}, ${theme}`)
        await page.close()
      }
  })

  it('nothing hangs out at the side, from a telephone to a projector', async () => {
    for (const [what, address, click] of views)
      for (const width of [360, 700, 900, 1180, 1440, 2200]) {
        const page = await open({ width }, address)
        if (address.includes('?')) await page.locator('.file-head').waitFor()
        if (click) await page.locator(click).click()
        if (click) await page.locator('[data-segment]').last().waitFor()
        if (address.includes('.pkt')) await verdict(page, 'fail')
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        assert(over <= 0, `${what} at ${width}: ${over} pixels too wide`)
        await page.close()
      }
  })

  it('says that nothing is uploaded, in both languages', async () => {
    const page = await open()
    await page.getByText(FILE_WORDS.stays[0]).waitFor()
    await press(page, '中文')
    await page.getByText(FILE_WORDS.stays[1]).waitFor()
    await page.close()
  })

  it('keys of this page do not play the story that is not shown', async () => {
    const page = await open()
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowRight')
    const t = () => page.evaluate(() => (globalThis as unknown as { estab: { t: number } }).estab.t)
    const before = await t()
    await page.waitForFunction(() => new Promise(done => requestAnimationFrame(() => done(true))))
    assert.equal(await t(), before)
    await page.close()
  })

  it('its examples are all there', () => {
    assert.deepEqual(readdirSync(examples).sort(), ['curl-nginx.pcapng', 'fails.pkt', 'fast-retransmit.pkt'])
  })
})
