import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

interface Entry {
  name: string
  size: number | undefined
  modified: Date | undefined
}

/** The page that lists a directory. `url` is its decoded path, with slashes at both ends. */
export async function listing(directory: string, url: string): Promise<string> {
  const names = (await readdir(directory)).filter(name => !name.startsWith('.'))
  const entries = await Promise.all(names.map(name => entryOf(directory, name)))
  entries.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
  const rows = entries.map(
    ({ name, size, modified }) =>
      `<tr><td><a href="${hrefOf(name)}">${escapeHtml(name)}</a><td>${size ?? ''}<td>${modified ? date(modified) : ''}`,
  )
  if (url !== '/') rows.unshift('<tr><td><a href="../">../</a><td><td>')
  const title = `Index of ${escapeHtml(url)}`
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:2em}td{padding-right:2em}td+td{text-align:right}</style>
<h1>${title}</h1>
<table>
${rows.join('\n')}
</table>
</html>
`
}

/** A directory's name ends in a slash. What cannot be looked at has neither size nor date. */
async function entryOf(directory: string, name: string): Promise<Entry> {
  try {
    const found = await stat(join(directory, name))
    return found.isDirectory()
      ? { name: `${name}/`, size: undefined, modified: found.mtime }
      : { name, size: found.size, modified: found.mtime }
  } catch {
    return { name, size: undefined, modified: undefined }
  }
}

const rank = ({ name }: Entry): number => (name.endsWith('/') ? 0 : 1)
const date = (time: Date): string => time.toISOString().slice(0, 16).replace('T', ' ')

/** Relative to the directory; without `./` a name with a colon would be taken for a scheme. */
const hrefOf = (name: string): string => `./${encodeURIComponent(name).replace(/%2F$/, '/')}`

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, c => ESCAPES[c]!)
