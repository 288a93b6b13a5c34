import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
}

export interface LabSite {
  readonly origin: string
  close(): void
}

/** The built lab on a port of loopback's, for a browser that tests it. */
export async function serveLab(): Promise<LabSite> {
  const root = fileURLToPath(new URL('../../lab/', import.meta.url))
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://lab')
    const name = path.normalize(pathname === '/' ? '/index.html' : pathname)
    try {
      const bytes = await readFile(path.join(root, name))
      response.writeHead(200, { 'content-type': TYPES[path.extname(name)] ?? 'application/octet-stream' })
      response.end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
