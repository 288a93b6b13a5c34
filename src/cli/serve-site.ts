import { statSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import send from 'send'
import { listing } from './listing.js'

/** Answers a request for something below `root`. Rejects with the system's error if a directory cannot be listed. */
export async function respond(
  root: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    fail(response, 405)
    return
  }
  const path = (request.url ?? '/').replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*$/s, '') || '/'
  const directory = await sent(request, response, path, root)
  if (directory === undefined) return
  if (!path.endsWith('/')) {
    // Two slashes at the beginning would name another host.
    headers(response, 301, { Location: `${path.replace(/^\/+/, '/')}/`, 'Content-Length': 0 }).end()
  } else if (isFile(join(directory, 'index.html'))) await sent(request, response, `${path}index.html`, root)
  else {
    const page = Buffer.from(await listing(directory, decodeURIComponent(path)))
    headers(response, 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': page.length,
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      'X-Content-Type-Options': 'nosniff',
    })
    response.end(request.method === 'HEAD' ? undefined : page)
  }
}

/** Answers with the file at `path` below `root`, or with why not. If it is a directory, resolves to where that is. */
function sent(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  path: string,
  root: string,
): Promise<string | undefined> {
  return new Promise(resolve => {
    response.once('close', () => resolve(undefined))
    send(request, path, { root, index: false, dotfiles: 'ignore' })
      .on('directory', (_response: unknown, directory: string) => resolve(directory))
      .pipe(response)
  })
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

/** Answers with this status, or cuts the response short if it has begun. */
export function fail(response: http.ServerResponse, status: number): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const body = `${status} ${http.STATUS_CODES[status]}\n`
  headers(response, status, { 'Content-Type': 'text/plain', 'Content-Length': body.length }).end(body)
}

/** Unlike those of `writeHead`, they can be read back for the log. */
function headers(
  response: http.ServerResponse,
  status: number,
  fields: Record<string, string | number>,
): http.ServerResponse {
  response.statusCode = status
  for (const [name, value] of Object.entries(fields)) response.setHeader(name, value)
  return response
}

/** Returns what writes the line about a request, once it is answered. */
export function logged(request: http.IncomingMessage, response: http.ServerResponse): () => void {
  const started = performance.now()
  const { remoteAddress = '?' } = request.socket
  return () => {
    const length = request.method === 'HEAD' ? 0 : (response.getHeader('content-length') ?? 0)
    const cut = response.writableFinished ? '' : ', cut short'
    const ms = (performance.now() - started).toFixed(1)
    // JSON leaves no control characters in what a stranger sent.
    const what = JSON.stringify(`${request.method} ${request.url}`)
    console.log(`${remoteAddress} ${what} ${response.statusCode} ${length} bytes, ${ms} ms${cut}`)
  }
}
