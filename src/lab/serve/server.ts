import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Asset, readSite } from './site.js'
import { sameToken } from './token.js'

export interface LabServerOptions {
  /** 0 takes one that is free. */
  port: number
  /** The address to listen at. Default 127.0.0.1: only this machine. */
  host?: string
  /** The folder of the built page. Default: where `npm run build` puts it. */
  directory?: string
  /** Answers whoever asks for `/live` and has the token. */
  live?: LiveSource
}

/** Where the stream of a live stack comes from. */
export interface LiveSource {
  readonly token: string
  /** Takes the response over; the headers that the site gives to all are set. */
  open(request: http.IncomingMessage, response: http.ServerResponse): void
}

/** The lab's page, being served. */
export interface LabServer {
  /** With a slash at the end. */
  readonly url: string
  readonly port: number
  /** Resolves when the last connection is closed; those that do not close by themselves soon are cut. Idempotent. */
  close(): Promise<void>
}

/** How long what was sent last may take to be read at the end, in ms. */
const FAREWELL = 500

const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

/**
 * Serves the lab's page over HTTP, from memory: it knows the files that were there when it began, and nothing else.
 * Rejects with an error that says so if the page is not built or the port is in use.
 */
export async function serveLab(options: LabServerOptions): Promise<LabServer> {
  const { port, host = '127.0.0.1', live } = options
  const site = await readSite(options.directory)
  const server = http.createServer()
  await listening(server, port, host)
  const { port: actual } = server.address() as AddressInfo
  const authority = host.includes(':') ? `[${host}]` : host
  const hosts = hostsOf(['localhost', '127.0.0.1', '[::1]', authority], actual)
  server.on('request', (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
    // A name of the attacker's that leads to this machine (DNS rebinding) would make the attacker's page ours.
    if (!hosts.has(request.headers.host?.toLowerCase() ?? '')) refuse(response, 421)
    else answer(site, live, request, response)
  })
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= new Promise(resolve => {
      const cut = setTimeout(() => server.closeAllConnections(), FAREWELL)
      server.close(() => {
        clearTimeout(cut)
        resolve()
      })
      server.closeIdleConnections()
    })
    return closed
  }
  return { url: `http://${authority}:${actual}/`, port: actual, close }
}

function listening(server: http.Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(new Error(`port ${port} is in use; port 0 takes one that is free`))
      else
        reject(new Error(`the lab cannot listen on port ${port} of ${host}: ${error.code ?? error.message}`))
    })
    server.listen(port, host, resolve)
  })
}

/** As they stand in the Host field: browsers leave the port out where it is 80. */
const hostsOf = (names: string[], port: number): Set<string> =>
  new Set(names.flatMap(name => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])))

function answer(
  site: ReadonlyMap<string, Asset>,
  live: LiveSource | undefined,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  const [path = '', query = ''] = splitOnce(request.url ?? '')
  if (live && path === '/live') {
    if (request.method !== 'GET') refuse(response, 405, 'GET')
    else if (!sameToken(new URLSearchParams(query).get('token') ?? '', live.token)) refuse(response, 403)
    else live.open(request, response)
    return
  }
  const asset = site.get(path)
  if (request.method !== 'GET' && request.method !== 'HEAD') refuse(response, 405, 'GET, HEAD')
  else if (asset) send(asset, request, response)
  else refuse(response, 404)
}

function splitOnce(url: string): [path: string, query: string] {
  const at = url.indexOf('?')
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)]
}

function send(asset: Asset, request: http.IncomingMessage, response: http.ServerResponse): void {
  const packed = acceptsGzip(request.headers['accept-encoding']) ? asset.gzipped : undefined
  const etag = `"${asset.etag}${packed ? '-gzip' : ''}"`
  // Asked each time: it costs nothing here, and after a build nobody looks at the page of yesterday.
  response.setHeader('Cache-Control', 'no-cache')
  response.setHeader('ETag', etag)
  response.setHeader('Vary', 'Accept-Encoding')
  if (matches(request.headers['if-none-match'], etag)) {
    response.statusCode = 304
    response.end()
    return
  }
  const body = packed ?? asset.plain
  response.setHeader('Content-Type', asset.type)
  response.setHeader('Content-Length', body.length)
  if (packed) response.setHeader('Content-Encoding', 'gzip')
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** RFC 9110 section 12.5.3, as far as it matters to gzip. */
function acceptsGzip(field: string | undefined): boolean {
  return (field ?? '').split(',').some(part => {
    const [coding = '', ...parameters] = part.toLowerCase().split(';')
    const weight = parameters.map(p => /^\s*q=([\d.]+)\s*$/.exec(p)?.[1]).find(q => q !== undefined)
    return ['gzip', '*'].includes(coding.trim()) && Number(weight ?? 1) > 0
  })
}

const matches = (field: string | undefined, etag: string): boolean =>
  (field ?? '').split(',').some(tag => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)

function refuse(response: http.ServerResponse, status: number, allow?: string): void {
  const body = `${status} ${http.STATUS_CODES[status]}\n`
  response.statusCode = status
  if (allow !== undefined) response.setHeader('Allow', allow)
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  response.setHeader('Content-Length', Buffer.byteLength(body))
  response.end(body)
}
