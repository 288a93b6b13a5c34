import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { type LabSite, serveLab } from './lab-site.js'

/** Debian's, if nobody names another. */
const CHROMIUM = process.env['ESTAB_BROWSER'] ?? '/usr/bin/chromium'

/** Why the tests that need a browser are skipped here, or false; in CI they are not, and fail. */
export const noBrowser: string | false =
  existsSync(CHROMIUM) || process.env['ESTAB_REQUIRE'] === '1' ? false : `there is no ${CHROMIUM} here`

export const labFolder = fileURLToPath(new URL('../../lab/', import.meta.url))

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })

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
    private readonly site: LabSite | undefined,
    readonly origin: string,
  ) {}

  /** `origin` is the lab's own server, if one runs; else the folder is served. */
  static async start(origin?: string): Promise<LabBrowser> {
    const site = origin === undefined ? await serveLab() : undefined
    return new LabBrowser(await launch(), site, origin ?? site!.origin)
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
    this.site?.close()
  }
}
