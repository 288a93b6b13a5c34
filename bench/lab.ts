// `npm run bench:lab`: how fast the lab's page is in Chromium, from its own server: first paint, the ladder of a scene of
// 10,000 segments, and a live stack of thousands of segments a second. Writes docs/lab-figures.md and .json.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { createLab, serveLab } from '../src/lab/serve/index.js'
import { memoryPair } from '../src/links/memory.js'
import { realtime } from '../src/links/realtime.js'
import { Stack } from '../src/stack/index.js'
import { IpAddress } from '../src/wire/address.js'
import { machine } from './host.js'
import { median } from './measure.js'
import type { Row } from './rows.js'

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..')
const RUNS = Number(process.env['ESTAB_BENCH_RUNS'] ?? 5)
/** 10,053 segments. */
const LONG = '#/free?seed=1&delay=20&t=0&do=c:0:1:listen;c:0:0:connect;c:100:0:send:14480000'

const fresh = async (browser: Browser, url: string): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** Milliseconds between frames, in order of size, while `work` is done before each. */
const frames = (page: Page, count: number, work: string): Promise<number[]> =>
  page.evaluate(
    ([n, source]) =>
      new Promise<number[]>(done => {
        const each = new Function('n', source as string)
        const times: number[] = []
        let last = performance.now()
        const frame = (now: number) => {
          times.push(now - last)
          last = now
          each(times.length)
          if (times.length < (n as number)) requestAnimationFrame(frame)
          else done(times.slice(1).sort((a, b) => a - b))
        }
        requestAnimationFrame(frame)
      }),
    [count, work],
  )

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor((sorted.length - 1) * share)]!

async function firstPaint(browser: Browser, url: string): Promise<Record<string, number>> {
  const page = await fresh(browser, url)
  await page.locator('[data-segment]').first().waitFor()
  const seen = await page.evaluate(() => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0]!.startTime
    const all = [
      ...performance.getEntriesByType('navigation'),
      ...performance.getEntriesByType('resource'),
    ] as PerformanceResourceTiming[]
    return { paint, bytes: all.reduce((sum, entry) => sum + entry.encodedBodySize, 0) }
  })
  await page.context().close()
  return {
    'first contentful paint (ms)': seen.paint,
    'fetched before that, compressed (KB)': seen.bytes / 1000,
  }
}

async function longLadder(browser: Browser, url: string): Promise<Record<string, number>> {
  const page = await fresh(browser, `${url}${LONG}`)
  await page.locator('.ladder').waitFor()
  await page.keyboard.press('End')
  await page.locator('[data-segment]').first().waitFor()
  const sorted = await frames(
    page,
    300,
    'const l = document.querySelector(".ladder"); l.scrollTop = (n * 400) % l.scrollHeight',
  )
  await page.context().close()
  return {
    '10,053 segments: frames a second while scrolling': 1000 / at(sorted, 0.5),
    '10,053 segments: slowest frame of a hundred (ms)': at(sorted, 0.99),
  }
}

async function live(browser: Browser): Promise<Record<string, number>> {
  const env = realtime()
  const [a, b] = [new Stack({ env: realtime() }), new Stack({ env })]
  const [left, right] = memoryPair()
  a.addInterface(left, { addresses: ['10.0.0.1/24'] })
  b.addInterface(right, { addresses: ['10.0.0.2/24'] })
  b.listen({
    port: 80,
    onConnection: socket => {
      socket.handler = {
        readable: () => {
          while (socket.receive());
        },
      }
    },
  })
  const lab = await createLab(b)
  const socket = a.connect({ remote: IpAddress.parse('10.0.0.2'), port: 80 })
  socket.setNoDelay(true)
  const bytes = new Uint8Array(100)
  // Each byte a segment of its own: 5,000 a second, and their acknowledgments.
  const pump = setInterval(() => {
    for (let i = 0; i < 50; i++) if (socket.state === 'ESTABLISHED') socket.send(bytes)
  }, 10)
  try {
    const page = await fresh(browser, lab.url)
    await page.locator('.live-ladder [data-segment]').first().waitFor()
    await page.waitForTimeout(2000)
    const sorted = await frames(page, 300, '')
    const said = await page.locator('.counts').innerText()
    const began = performance.now()
    await page.getByRole('button', { name: '中文' }).click()
    await page.locator('html[lang="zh-CN"]').waitFor()
    const answered = performance.now() - began
    await page.context().close()
    return {
      'live: segments a second, as the page says': Number(/^([\d]+) segments/m.exec(said)?.[1] ?? Number.NaN),
      'live: frames a second': 1000 / (sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length),
      'live: slowest frame of a hundred (ms)': at(sorted, 0.99),
      'live: a click is answered after (ms)': answered,
    }
  } finally {
    clearInterval(pump)
    await lab.close()
    a.close()
    b.close()
  }
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const server = await serveLab({ port: 0 })
const values = new Map<string, number[]>()
for (let run = 0; run < RUNS; run++)
  for (const measured of [
    await firstPaint(browser, server.url),
    await longLadder(browser, server.url),
    await live(browser),
  ])
    for (const [what, value] of Object.entries(measured))
      values.set(what, [...(values.get(what) ?? []), value])
const version = browser.version()
await browser.close()
await server.close()

const rows: Row[] = [...values].map(([what, all]) => ({
  what,
  unit: '',
  value: median(all),
  low: Math.min(...all),
  high: Math.max(...all),
}))
const say = (n: number): string => (n >= 100 ? String(Math.round(n)) : n.toPrecision(3))
const table = rows
  .map(row => `| ${row.what} | ${say(row.value)} | ${say(row.low)} – ${say(row.high)} |`)
  .join('\n')
const date = new Date().toISOString().slice(0, 10)
const about = `${machine()}; Chromium ${version}, headless, 1440 × 900; ${RUNS} runs, ${date}`
writeFileSync(
  path.join(ROOT, 'docs/lab-figures.md'),
  `# How fast the lab's page is

\`npm run bench:lab\`: ${about}. A fresh profile for each; the page comes from \`estab lab\`'s own server over loopback, compressed.
The median of the runs, and the smallest and largest.

| what | median | range |
|---|---|---|
${table}

While the long ladder is scrolled it jumps 400 px between two frames. The live stack runs in the process that measures, and
sends 5,000 segments a second, which are acknowledged.
`,
)
writeFileSync(path.join(ROOT, 'docs/lab-figures.json'), `${JSON.stringify({ about, rows }, undefined, 2)}\n`)
console.log(readFileSync(path.join(ROOT, 'docs/lab-figures.md'), 'utf8'))
