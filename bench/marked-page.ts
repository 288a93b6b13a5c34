import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Puts `made` between the two marks of `script` in a page that people wrote; begins the page if there is none. */
export function writeBetweenMarks(page: string, script: string, made: string): void {
  const begin = `<!-- made by npm run ${script}: begin -->`
  const end = `<!-- made by npm run ${script}: end -->`
  const name = path.basename(page, '.md')
  const text = existsSync(page)
    ? readFileSync(page, 'utf8')
    : `# ${name[0]!.toUpperCase()}${name.slice(1)}\n\n${begin}\n${end}\n`
  const [before, after] = [text.indexOf(begin), text.indexOf(end)]
  if (before < 0 || after < before) throw new Error(`${page} has lost the marks around what is made`)
  writeFileSync(page, `${text.slice(0, before)}${begin}\n\n${made}\n\n${text.slice(after)}`)
}
