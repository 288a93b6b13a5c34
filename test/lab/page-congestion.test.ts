import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { readSetup } from '../../src/lab/page/congestion/link.js'
import { play, type Result } from '../../src/lab/page/congestion/outcome.js'
import { PRESETS } from '../../src/lab/page/congestion/presets.js'
import { commandOf, describe as describeSetup } from '../../src/lab/page/congestion/setup.js'
import { launch, noBrowser } from '../support/browser.js'
import { type LabSite, serveLab } from '../support/lab-site.js'

/** The page on congestion in a browser: what it computes, and how it is used. */

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Against hangs only. */
const timeout = 60_000

if (noBrowser) it('the page on congestion, in a browser', { skip: noBrowser }, () => {})

describe('the lab in a browser: congestion', { skip: noBrowser, timeout: 240_000 }, () => {
  let site: LabSite
  let browser: Browser
  before(async () => {
    site = await serveLab()
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    site?.close()
  })

  interface Visit {
    readonly page: Page
    /** What the page complained of, and what it asked of others. */
    readonly faults: string[]
  }
  interface VisitOptions {
    readonly hash?: string
    readonly lang?: 'en' | 'zh'
    readonly theme?: 'light' | 'dark'
    readonly width?: number
  }

  async function visit({
    hash = '',
    lang = 'en',
    theme = 'light',
    width = 1280,
  }: VisitOptions): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width, height: 800 } })
    await context.addInitScript(chosen => localStorage.setItem('estab.theme', chosen), theme)
    const page = await context.newPage()
    const faults: string[] = []
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text())
    })
    page.on('pageerror', error => faults.push(String(error)))
    page.on('request', request => {
      const url = request.url()
      if (!url.startsWith(`${site.origin}/`) && !url.startsWith(`blob:${site.origin}/`)) faults.push(url)
    })
    await page.goto(`${site.origin}/?lang=${lang}#/congestion${hash}`)
    return { page, faults }
  }

  const isDone = (page: Page) => page.waitForSelector('[data-status=done]', { timeout, state: 'attached' })
  const hashOf = (page: Page) => page.evaluate(() => location.hash)
  async function saved(page: Page, name: 'json' | 'csv'): Promise<string> {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`[data-export=${name}]`)])
    return readFileSync(await download.path(), 'utf8')
  }
  const inNode = (hash: string) =>
    play(describeSetup(readSetup(hash.replace('#/congestion?', ''))), () => {}).result

  it('plays the first example by itself, and gives the numbers that Node gives, to the last digit', async () => {
    const { page, faults } = await visit({})
    await isDone(page)
    const hash = await hashOf(page)
    assert.deepEqual(readSetup(hash.replace('#/congestion?', '')), PRESETS[0]!.setup)
    const expected = inNode(hash)
    assert.equal(await saved(page, 'json'), `${JSON.stringify(expected)}\n`)
    const cells = await page.textContent('[data-flow=cubic] [data-cell=resent]')
    assert.equal(cells, String(expected.flows[0]!.retransmissions))
    assert.equal(
      await page.textContent('[data-figure=utilisation]'),
      `${(expected.hops[0]!.utilisation! * 100).toFixed(1)} %`,
    )
    assert.equal(await page.inputValue('#keep-command'), commandOf(PRESETS[0]!.setup))
    assert.equal((await saved(page, 'csv')).split('\n').length, expected.t.length + 2)
    assert.deepEqual(faults, [])
    await page.context().close()
  })

  it('opens what a link says, with every controller, and shows all of it', async () => {
    const hash =
      '?rtt=40ms&rate=20mbit&queue=codel:2bdp&ecn=on&pacing=on&loss=0.002&reorder=0.001&flows=cubic,bbr@1s,reno@2s~80ms&duration=12s&window=3s-5s&seed=9'
    const { page, faults } = await visit({ hash, lang: 'zh', theme: 'dark' })
    await isDone(page)
    assert.equal(await hashOf(page), `#/congestion${hash}`)
    assert.equal(await page.inputValue('#rtt'), '40')
    assert.equal(await page.inputValue('#rate'), '20')
    assert.equal(await page.inputValue('#queue-kind'), 'codel')
    assert.equal(await page.inputValue('#queue'), '2')
    assert.equal(await page.isChecked('#ecn'), true)
    assert.equal(await page.isChecked('#pacing'), true)
    assert.equal(await page.inputValue('#loss'), '0.2')
    assert.equal(await page.inputValue('#flow-1-start'), '1')
    assert.equal(await page.inputValue('#flow-2-rtt'), '80')
    assert.equal(await page.inputValue('#duration'), '12')
    assert.equal(await page.inputValue('#seed'), '9')
    assert.equal(await page.inputValue('#window-to'), '5')
    assert.equal(await saved(page, 'json'), `${JSON.stringify(inNode(`#/congestion${hash}`))}\n`)
    assert.deepEqual(faults, [])
    await page.context().close()
  })

  it('goes by the keyboard: settings change the address, Enter on the button runs them', async () => {
    const { page, faults } = await visit({ hash: '?rate=2mbit&duration=5s' })
    await isDone(page)
    await page.focus('#rtt')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('80')
    assert.match(await hashOf(page), /rtt=80ms/)
    assert.equal(await page.isVisible('.stale'), true)
    await page.focus('#loss')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('90')
    assert.equal(await page.getAttribute('#loss', 'aria-invalid'), 'true')
    assert.equal(await page.textContent('#loss-problem'), 'must be 0 to 50 %')
    assert.equal(await page.isDisabled('[data-run=run]'), true)
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('1.5')
    assert.match(await hashOf(page), /loss=0\.015/)
    await page.focus('[data-flow=add]')
    await page.keyboard.press('Enter')
    await page.focus('[data-run=run]')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelectorAll('[data-flow^=cubic-]').length === 2, null, {
      timeout,
    })
    const result = JSON.parse(await saved(page, 'json')) as Result
    assert.equal(result.flows.length, 2)
    assert.equal(JSON.stringify(result), JSON.stringify(inNode(await hashOf(page))))
    // Both runs are there to be compared, and the first can be had back.
    assert.equal(await page.locator('.runs tbody tr').count(), 2)
    await page.locator('.runs tbody tr button').first().click()
    assert.match(await hashOf(page), /rtt=50ms/)
    assert.deepEqual(faults, [])
    await page.context().close()
  })

  it('does not begin a long run unasked, shows how far it is, does not block, and can be cancelled', async () => {
    const hash = '?rate=1gbit&rtt=20ms&flows=cubic,bbr&duration=120s'
    const { page, faults } = await visit({ hash })
    await page.getByText('10.0 million packets').waitFor({ timeout })
    await page.click('[data-run=run]')
    const progress = page.locator('progress')
    await page.waitForFunction(() => document.querySelector('progress')!.value > 0, null, { timeout })
    assert.equal(await progress.getAttribute('max'), '120000')
    // The usual time between two frames while it runs: the machine may stand still for longer, but not every time.
    const usual = await page.evaluate(
      () =>
        new Promise<number>(resolve => {
          let last = performance.now()
          const gaps: number[] = []
          const frame = (now: number) => {
            gaps.push(now - last)
            last = now
            if (gaps.length === 25) resolve(gaps.sort((a, b) => a - b)[12]!)
            else requestAnimationFrame(frame)
          }
          requestAnimationFrame(frame)
        }),
    )
    assert.ok(usual < 200, `${usual} ms without a frame`)
    assert.equal(await page.isVisible('[data-run=cancel]'), true, 'it runs')
    const [worker] = page.workers()
    await Promise.all([worker!.waitForEvent('close'), page.click('[data-run=cancel]')])
    await page.waitForSelector('[data-status=cancelled]', { state: 'attached' })
    assert.equal(page.workers().length, 0)
    assert.equal(await page.isVisible('[data-run=run]'), true)
    assert.deepEqual(faults, [])
    await page.context().close()
  })

  it('says what is wrong with a link, in either language, and shows the first example', async () => {
    const { page, faults } = await visit({ hash: '?flows=vegas' })
    await isDone(page)
    assert.match(
      (await page.textContent('.problem'))!,
      /cannot be read.*controller that there is not; there are cubic/s,
    )
    assert.deepEqual(readSetup((await hashOf(page)).replace('#/congestion?', '')), PRESETS[0]!.setup)
    await page.click('.language')
    assert.match((await page.textContent('.problem'))!, /无法读取此链接/)
    // Another link, in the same page: what is wrong with the one before is no more said.
    await page.evaluate(() => {
      location.hash = '#/congestion?rate=1mbit&duration=2s'
    })
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#duration')?.value === '2')
    await isDone(page)
    assert.equal(await page.locator('.problem').count(), 0)
    assert.deepEqual(faults, [])
    await page.context().close()
  })

  it('says so when what simulates cannot be fetched', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.route('**/congestion-worker.js', route => route.abort())
    await page.goto(`${site.origin}/?lang=en#/congestion`)
    await page.waitForSelector('[data-status=noWorker]', { state: 'attached', timeout })
    assert.match((await page.textContent('.running [role=alert]'))!, /could not be fetched/)
    await context.close()
  })

  it('keeps what it has when another page is looked at', async () => {
    const { page, faults } = await visit({ hash: '?rate=2mbit&duration=3s' })
    await isDone(page)
    const hash = await hashOf(page)
    await page.click('nav a[href="#/handshake"]')
    await page.waitForSelector('.ladder')
    assert.match(await hashOf(page), /handshake/)
    await page.click('nav a[href="#/congestion"]')
    await page.waitForSelector('[data-figure=utilisation]')
    assert.equal(await hashOf(page), hash)
    assert.deepEqual(faults, [])
    await page.context().close()
  })

  for (const [lang, theme, width] of [
    ['en', 'light', 1280],
    ['zh', 'dark', 1280],
    ['en', 'dark', 360],
  ] as const)
    it(`has no serious fault that axe finds: ${lang}, ${theme}, ${width} px`, async () => {
      const { page } = await visit({ hash: '?rate=3mbit&flows=cubic,bbr&duration=4s', lang, theme, width })
      await isDone(page)
      await page
        .locator('summary')
        .first()
        .evaluate(element => {
          ;(element.parentElement as HTMLDetailsElement).open = true
        })
      await page.fill('#seed', '5')
      await page.click('[data-run=run]')
      await page.waitForSelector('.runs', { timeout })
      await page.fill('#rtt', '0')
      await page.waitForSelector('#rtt-problem')
      await page.addScriptTag({ content: axe })
      const serious = await page.evaluate(async () => {
        const { axe } = window as unknown as {
          axe: {
            run(): Promise<{
              violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
            }>
          }
        }
        const { violations } = await axe.run()
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(
            ({ id, nodes }) =>
              `${id}: ${nodes.map(node => `${node.html} ${node.failureSummary}`).join('\n')}`,
          )
      })
      assert.deepEqual(serious, [])
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok(over <= 0, `${over} px wider than the window`)
      await page.context().close()
    })
})
