import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** The browser that pages are tested in. */
const PROGRAM = process.env.ESTAB_BROWSER ?? '/usr/bin/chromium'

/** Why a test in a browser is skipped; false where it is to run, and in CI, where one must be there. */
export const browserSkip: string | false =
  existsSync(PROGRAM) || process.env.ESTAB_REQUIRE === '1'
    ? false
    : `needs Chromium: there is no ${PROGRAM} (ESTAB_BROWSER says where it is)`

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox'] })
