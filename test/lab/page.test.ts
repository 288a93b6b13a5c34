import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { WORDS } from '../../src/lab/page/words.js'
import { paths, play, STORIES } from '../../src/stories/index.js'
import { LabBrowser, labFolder, noBrowser } from '../support/browser.js'
import { hasTshark, tsharkComplaints, tsharkFields } from '../support/tshark.js'

const AXE = readFileSync(
  fileURLToPath(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url)),
  'utf8',
)

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const host = (page: Page, name: string) => page.locator(`[data-host="${name}"]`)
const stateOf = async (page: Page, name: string) =>
  host(page, name).locator('.state').getAttribute('data-state')
/** The states a host has gone through, as its diagram tells. */
const pathOf = async (page: Page, name: string): Promise<string[]> =>
  (await host(page, name).locator('.diagram').getAttribute('aria-label'))!.replace(/^.*: /, '').split(' → ')
const segments = (page: Page) => page.locator('[data-segment]')
const segment = (page: Page, text: string) => segments(page).filter({ hasText: text })
const call = (page: Page, name: string, what: string) =>
  host(page, name).locator(`[data-call="${what}"]`).click()
/** What was asked for is drawn two frames later. */
const drawn = (page: Page) =>
  page.evaluate(
    () => new Promise<void>(done => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  )
const toEnd = async (page: Page) => {
  await press(page, 'To the end')
  await drawn(page)
}
/** Everything that is to be seen of a scene; where the window is so tall that nothing scrolls, all of it. */
const scene = async (page: Page) => {
  await drawn(page)
  return page.locator('main').innerHTML()
}
const TALL = { height: 3000 }
/** Without the page in the message, which is long. */
const same = (a: string, b: string, what: string) => {
  if (a === b) return
  let i = 0
  while (a[i] === b[i]) i++
  assert.fail(
    `${what}: …${a.slice(Math.max(0, i - 60), i + 60)}… is not …${b.slice(Math.max(0, i - 60), i + 60)}…`,
  )
}
const filmed = (page: Page) =>
  page.evaluate(
    () => (globalThis as unknown as { estab: { film: { segments: unknown[] } } }).estab.film.segments.length,
  )

describe('the lab', { skip: noBrowser }, () => {
  let lab: LabBrowser
  before(async () => {
    lab = await LabBrowser.start()
  })
  after(async () => {
    await lab?.close()
  })

  it('plays the handshake by itself', async () => {
    const page = await lab.open('', { still: false })
    await segment(page, 'SYN seq 0').waitFor()
    await page.locator('.clock[data-t="60"]').waitFor()
    assert.equal(await stateOf(page, 'client'), 'ESTABLISHED')
    assert.equal(await stateOf(page, 'server'), 'ESTABLISHED')
    assert.equal(await segments(page).count(), 3)
    await page.close()
  })

  it('reaches the end of each story, with the states that it has', async () => {
    const page = await lab.open()
    for (const story of STORIES) {
      await page.goto(`${lab.origin}/#/${story.name}?seed=1&delay=20&t=0`)
      await page.locator('h1', { hasText: story.title.en }).waitFor()
      await toEnd(page)
      for (const [name, states] of Object.entries(paths(play(story)))) {
        const shown = await pathOf(page, name)
        assert.deepEqual(shown, states.length > 0 ? states : ['CLOSED'], `${story.name}: ${name}`)
      }
    }
    await page.close()
  })

  it('steps back and forward a hundred times onto the same scenes', async () => {
    const page = await lab.open('#/lost-last-ack?t=0', TALL)
    const forwards: string[] = [await scene(page)]
    for (;;) {
      await page.keyboard.press('ArrowRight')
      const now = await scene(page)
      if (now === forwards[forwards.length - 1]) break
      forwards.push(now)
    }
    assert.ok(forwards.length > 10, `${forwards.length} moments`)
    let at = forwards.length - 1
    let steps = 0
    for (let round = 0; steps < 200; round++) {
      const by = round % 2 === 0 ? -1 : 1
      for (let i = 0; i < 5 + (round % 7); i++) {
        const next = Math.max(0, Math.min(forwards.length - 1, at + by))
        await page.keyboard.press(by < 0 ? 'ArrowLeft' : 'ArrowRight')
        steps++
        at = next
        same(await scene(page), forwards[at]!, `moment ${at} after ${steps} steps`)
      }
    }
    await page.close()
  })

  it('loses the last ACK by a click: the FIN comes again, and 2MSL begins anew', async () => {
    const page = await lab.open('#/close?t=0')
    await toEnd(page)
    const finsBefore = await segment(page, 'FIN,ACK').count()
    const last = segments(page).last()
    const place = await last.getAttribute('data-segment')
    await last.dispatchEvent('click')
    await page.locator('[data-fate="drop"]').click()
    await toEnd(page)
    assert.match((await page.locator(`[data-segment="${place}"]`).getAttribute('class'))!, /lost/)
    assert.equal(await segment(page, 'FIN,ACK').count(), finsBefore + 1)
    // When the FIN comes again the timer has a whole 2MSL before it.
    const again = await page.evaluate(() => {
      const { film } = (
        globalThis as unknown as {
          estab: { film: { events: { kind: string; reaction?: string; arrives?: number }[] } }
        }
      ).estab
      return film.events.find(e => e.kind === 'segment' && e.reaction === 'R28')?.arrives
    })
    assert.ok(again !== undefined)
    await page.goto(`${page.url().replace(/&t=[^&]*/, '')}&t=${again}`)
    await page.reload()
    assert.equal(await stateOf(page, 'client'), 'TIME_WAIT')
    await host(page, 'client')
      .locator('.timers', { hasText: '2MSL' })
      .locator('b', { hasText: 'in 60 s' })
      .waitFor()
    await page.close()
  })

  it('reaches CLOSING on both sides by pressing both buttons', async () => {
    const page = await lab.open('#/free')
    await call(page, 'server', 'listen')
    await call(page, 'client', 'connect')
    await page.keyboard.press('End')
    assert.equal(await stateOf(page, 'server'), 'ESTABLISHED')
    await call(page, 'client', 'half-close')
    await call(page, 'server', 'half-close')
    await toEnd(page)
    assert.ok((await pathOf(page, 'client')).includes('CLOSING'))
    assert.ok((await pathOf(page, 'server')).includes('CLOSING'))
    await page.close()
  })

  it('shows the same scene from a link in a fresh profile, byte for byte', async () => {
    const page = await lab.open('#/retransmit?t=0', TALL)
    await page.locator('[data-line="delay"]').isVisible()
    await page.getByRole('tab', { name: 'The line' }).click()
    await page.keyboard.press('Tab')
    await page.locator('[data-line="loss"]').fill('4')
    await toEnd(page)
    await call(page, 'client', 'send')
    await toEnd(page)
    await page.getByRole('tab', { name: 'Segment' }).click()
    await segments(page).nth(3).dispatchEvent('click')
    await page.locator('[data-fate="duplicate"]').click()
    await toEnd(page)
    await page.keyboard.press('ArrowLeft')
    await page.reload()
    const address = page.url().slice(lab.origin.length + 1)
    const other = await lab.open(address, TALL)
    same(await scene(other), await scene(page), address)
    assert.match(address, /do=l:0:loss=0.05;c:/)
    await page.close()
    await other.close()
  })

  it('returns to an earlier history', async () => {
    const page = await lab.open('#/handshake?t=0', TALL)
    await toEnd(page)
    const untouched = await scene(page)
    await segments(page).nth(2).dispatchEvent('click')
    await page.locator('[data-fate="drop"]').click()
    await toEnd(page)
    await page.getByRole('tab', { name: 'Histories' }).click()
    assert.equal(await page.locator('.histories ol > li').count(), 2)
    await press(page, 'History 1')
    await page.getByRole('tab', { name: 'Segment' }).click()
    await page.keyboard.press('Escape')
    await page.locator('.ladder').focus()
    await page.keyboard.press('Escape')
    same(await scene(page), untouched, 'the first history')
    await page.close()
  })

  it('sends a forged segment with edited fields', async () => {
    const page = await lab.open('#/close?t=90')
    await segments(page).first().dispatchEvent('click')
    await page.locator('.break summary').click()
    await page.locator('input[name="flag-SYN"]').uncheck()
    await page.locator('input[name="flag-RST"]').check()
    await page.locator('[data-forge]').click()
    await toEnd(page)
    // Its sequence number is that of the SYN: outside the window, and dropped in silence (RFC 5961 section 3).
    assert.equal(await stateOf(page, 'client'), 'CLOSED')
    assert.ok((await pathOf(page, 'client')).includes('TIME_WAIT'))
    assert.equal(await segment(page, 'RST').count(), 1)
    await page.close()
  })

  it('exports what tshark opens, and pictures, and events', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'estab-lab-'))
    try {
      const page = await lab.open('#/close?t=0')
      await toEnd(page)
      await page.getByRole('tab', { name: 'Share and keep' }).click()
      const save = async (kind: string) => {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.locator(`[data-export="${kind}"]`).click(),
        ])
        const file = path.join(folder, download.suggestedFilename())
        await download.saveAs(file)
        return file
      }
      const capture = await save('pcapng')
      if (hasTshark()) {
        assert.equal(tsharkFields(capture, ['tcp.flags']).length, await filmed(page))
        assert.deepEqual(tsharkComplaints(capture), [])
      }
      const svg = readFileSync(await save('svg'), 'utf8')
      assert.match(svg, /^<svg xmlns=/)
      assert.equal(svg.match(/marker-end/g)!.length, await filmed(page))
      const json = JSON.parse(readFileSync(await save('json'), 'utf8')) as { events: { kind: string }[] }
      assert.equal(json.events.filter(e => e.kind === 'segment').length, await filmed(page))
      await page.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('can be used by keyboard alone', async () => {
    const page = await lab.open('#/close?t=0')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'ladder')
    await page.keyboard.press('End')
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown')
    assert.equal(await page.locator('[data-segment="2"]').getAttribute('aria-pressed'), 'true')
    await page.keyboard.press('Delete')
    await page.keyboard.press('End')
    assert.match((await page.locator('[data-segment="2"]').getAttribute('class'))!, /lost/)
    await page.close()
  })

  it('says what is wrong with a link, and shows the handshake', async () => {
    const page = await lab.open('#/close?seed=1&do=c:10:0:fly')
    await page.locator('[role=alert]', { hasText: 'an action nobody can do' }).waitFor()
    assert.equal(await page.locator('h1').textContent(), 'The three-way handshake')
    for (const nonsense of [
      '#/nowhere',
      '#/close?t=-1',
      '#/close?do=c:1',
      '#/%E0%A4%A',
      '#/close?what=1',
      '#/free?do=c:5:0:listen;c:4:0:listen',
    ]) {
      const other = await lab.open(nonsense)
      await other.locator('[role=alert] .problem').waitFor()
      assert.ok((await other.locator('h1').textContent())!.length > 0)
      await other.close()
    }
    await page.close()
  })

  it('speaks the language of its reader, all of it, and the other when asked', async () => {
    const page = await lab.open('#/retransmit?t=150', { locale: 'zh-CN' })
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN')
    await segments(page).nth(4).dispatchEvent('click')
    const english = Object.values(WORDS).flatMap(([en, zh]) =>
      en !== zh && en.length > 3 && !en.includes('{') ? [en as string] : [],
    )
    for (const tab of ['报文段', '线路', '曲线', '历史', '分享与保存']) {
      await page.getByRole('tab', { name: tab, exact: true }).click()
      const lines = (await page.locator('body').innerText()).split('\n').map(line => line.trim())
      const found = lines.filter(line => english.includes(line) && line !== 'English')
      assert.deepEqual(found, [], tab)
    }
    await press(page, 'English')
    assert.equal(await page.locator('html').getAttribute('lang'), 'en')
    assert.doesNotMatch(await page.locator('main').innerText(), /[\u4e00-\u9fff]/)
    await page.close()
  })

  it('has no serious fault in accessibility', async () => {
    for (const [address, profile] of [
      ['#/lost-last-ack?t=400', {}],
      ['#/lost-last-ack?t=400', { theme: 'dark' as const }],
      ['#/handshake?t=60', { width: 360, height: 740 }],
      ['#/live', {}],
    ] as const) {
      const page = await lab.open(address, profile)
      if (address.includes('t=')) await segments(page).first().dispatchEvent('click')
      await page.evaluate(AXE)
      const found = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
        }
        const { violations } = await axe.run()
        return violations
          .filter(v => v.impact === 'serious' || v.impact === 'critical')
          .map(v => `${v.id}: ${v.nodes[0]!.html}`)
      })
      assert.deepEqual(found, [], address)
      await page.close()
    }
  })

  it('fits a telephone and a projector: nothing hangs out at the side', async () => {
    for (const [width, height] of [
      [360, 740],
      [768, 1024],
      [1024, 768],
      [1440, 900],
      [2560, 1440],
    ] as const)
      for (const address of ['#/close?t=300', '#/live']) {
        const page = await lab.open(address, { width, height })
        const wide = await page.evaluate(() => document.documentElement.scrollWidth)
        assert.ok(wide <= width, `${address} is ${wide} px wide at ${width}`)
        await page.close()
      }
  })

  it('takes less than 300 KB in all, compressed', () => {
    const sizes = readdirSync(labFolder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /\.(js|css|html|svg)$/.test(entry.name))
      .map(
        entry =>
          gzipSync(readFileSync(path.join(entry.parentPath ?? entry.path, entry.name)), { level: 9 }).length,
      )
    const all = sizes.reduce((sum, size) => sum + size, 0)
    assert.ok(all < 300_000, `${all} bytes`)
  })

  it('has told of no error, and asked nobody else for anything', () => {
    assert.deepEqual(lab.faults, [])
  })
})
