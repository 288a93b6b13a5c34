import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** Where the build puts the page: dist/lab, beside dist/src. */
export const PAGE = fileURLToPath(new URL('../../../lab', import.meta.url))

/** A file of the page, ready to be sent. */
export interface Asset {
  readonly type: string
  readonly etag: string
  readonly plain: Buffer
  /** Only where it is smaller. */
  readonly gzipped: Buffer | undefined
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}
const PACKED = ['.png', '.ico', '.woff2']

/**
 * Reads a built page into memory: its files by their paths in URLs, `/` for index.html. Links in the folder are not
 * followed. Rejects with an error that says what to do if there is no page.
 */
export async function readSite(directory = PAGE): Promise<ReadonlyMap<string, Asset>> {
  if (!existsSync(path.join(directory, 'index.html')))
    throw new Error("the lab's page is not built: npm run build")
  const site = new Map<string, Asset>()
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath ?? entry.path, entry.name)
    const names = path.relative(directory, file).split(path.sep)
    site.set(`/${names.map(encodeURIComponent).join('/')}`, await asset(file))
  }
  site.set('/', site.get('/index.html')!)
  return site
}

async function asset(file: string): Promise<Asset> {
  const plain = await readFile(file)
  const extension = path.extname(file).toLowerCase()
  const smaller = PACKED.includes(extension) ? plain : await promisify(gzip)(plain, { level: 9 })
  return {
    type: TYPES[extension] ?? 'application/octet-stream',
    etag: createHash('sha256').update(plain).digest('base64url'),
    plain,
    gzipped: smaller.length < plain.length ? smaller : undefined,
  }
}
