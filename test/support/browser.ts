import { existsSync, readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium'

/** Why the tests that need a browser are skipped here, or false; in CI they are not, and fail. */
export const noBrowser: string | false =
  existsSync(CHROMIUM) || process.env['ESTAB_REQUIRE'] === '1' ? false : `there is no ${CHROMIUM} here`

export const labFolder = fileURLToPath(new URL('../../lab/', import.meta.url))

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** The lab's folder, served as any web server would. */
async function serveFolder(): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    const name = path.basename(new URL(request.url ?? '/', 'http://lab').pathname) || 'index.html'
    const file = path.join(labFolder, name)
    if (!existsSync(file)) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'Content-Type': TYPES[path.extname(name)] ?? 'application/octet-stream' })
    response.end(readFileSync(file))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

export interface Profile {
  width?: number
  height?: number
  theme?: 'light' | 'dark'
  /** Of the browser: what a reader has who has chosen nothing. */
  locale?: string
  still?: boolean
}

/** A browser with the lab in it. What goes wrong in its pages is remembered: ask `faults` at the end. */
export class LabBrowser {
  /** Errors told to the console or thrown, and requests to anywhere else. */
  readonly faults: string[] = []
  private readonly contexts: BrowserContext[] = []

  private constructor(
    private readonly browser: Browser,
    private readonly server: http.Server | undefined,
    readonly origin: string,
  ) {}

  /** `origin` is the lab's own server, if one runs; else the folder is served. */
  static async start(origin?: string): Promise<LabBrowser> {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    const server = origin === undefined ? await serveFolder() : undefined
    return new LabBrowser(
      browser,
      server,
      origin ?? `http://127.0.0.1:${(server!.address() as AddressInfo).port}`,
    )
  }

  /** A page of a fresh profile, at `address` (what follows the origin and `/`). */
  async open(
    address = '',
    { width = 1440, height = 900, theme = 'light', locale = 'en-GB', still = true }: Profile = {},
  ): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      locale,
      reducedMotion: still ? 'reduce' : 'no-preference',
      acceptDownloads: true,
    })
    this.contexts.push(context)
    const page = await context.newPage()
    page.on('console', message => {
      if (message.type() === 'error') this.faults.push(`console: ${message.text()}`)
    })
    page.on('pageerror', error => this.faults.push(`error: ${error.message}`))
    page.on('request', request => {
      const url = request.url()
      if (!url.startsWith(`${this.origin}/`) && !url.startsWith('blob:') && !url.startsWith('data:'))
        this.faults.push(`request: ${url}`)
    })
    await page.goto(`${this.origin}/${address}`)
    await page.locator('main').waitFor()
    return page
  }

  async close(): Promise<void> {
    await this.browser.close()
    this.server?.close()
  }
}
