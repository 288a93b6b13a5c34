import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const DIST = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const CHROMIUM = '/usr/bin/chromium'
const PAGE = '<!doctype html><script type="module" src="/bench/browser-page.js"></script>'
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const PATIENCE = 120_000

export const hasChromium = (): boolean => existsSync(CHROMIUM)

/** The rates that bench/browser-page.ts measures in headless Chromium, in bytes per second. */
export async function inChromium(): Promise<number[]> {
  let tell: (text: string) => void = () => {}
  const told = new Promise<string>(resolve => {
    tell = resolve
  })
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (request.method === 'POST') {
      let text = ''
      request.on('data', more => {
        text += more
      })
      request.on('end', () => {
        response.end()
        tell(text)
      })
      return
    }
    const file = path.join(DIST, path.normalize(pathname))
    if (pathname === '/') response.setHeader('content-type', 'text/html').end(PAGE)
    else if (file.startsWith(DIST) && file.endsWith('.js') && existsSync(file))
      response.setHeader('content-type', 'text/javascript').end(readFileSync(file))
    else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const profile = mkdtempSync(path.join(os.tmpdir(), 'estab-bench-'))
  const browser = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`], {
    stdio: 'ignore',
  })
  const timer = setTimeout(() => tell('{"error":"no answer"}'), PATIENCE)
  try {
    const { rates, error } = JSON.parse(await told) as { rates: number[]; error?: string }
    if (error) throw new Error(`Chromium: ${error}`)
    return rates
  } finally {
    clearTimeout(timer)
    browser.kill('SIGKILL')
    server.closeAllConnections()
    server.close()
    await new Promise(resolve => browser.on('exit', resolve))
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
