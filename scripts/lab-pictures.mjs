// Takes the pictures of docs/lab.md and of the README from the built page, in Chromium: node scripts/lab-pictures.mjs
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { serveLab } from '../dist/src/lab/serve/index.js'

const PICTURES = [
  {
    name: 'lab',
    address: '#/lost-last-ack?t=280',
    lang: 'en',
    theme: 'light',
    width: 1440,
    height: 860,
    select: 'FIN,ACK seq 1',
  },
  {
    name: 'lab-zh',
    address: '#/simultaneous-close?t=130',
    lang: 'zh',
    theme: 'dark',
    width: 1440,
    height: 860,
  },
  { name: 'lab-narrow', address: '#/handshake?t=45', lang: 'en', theme: 'light', width: 390, height: 844 },
  {
    name: 'lab-congestion',
    address: '#/congestion',
    lang: 'en',
    theme: 'light',
    width: 1280,
    height: 900,
    wait: 15_000,
  },
  {
    name: 'lab-drill',
    address: '#/file?example=fast-retransmit.pkt',
    lang: 'en',
    theme: 'dark',
    width: 1280,
    height: 820,
    wait: 2500,
  },
]

const only = process.argv.slice(2)
const docs = fileURLToPath(new URL('../docs/', import.meta.url))
const server = await serveLab({ port: 0 })
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
for (const { name, address, lang, theme, width, height, select, wait } of PICTURES) {
  if (only.length > 0 && !only.includes(name)) continue
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await page.goto(`${server.url}?lang=${lang}${address}`)
  await page.locator('main').waitFor()
  if (select) await page.locator('[data-segment]', { hasText: select }).last().dispatchEvent('click')
  await page.waitForTimeout(wait ?? 800)
  await page.screenshot({ path: `${docs}${name}.png` })
  await context.close()
}
await browser.close()
await server.close()
