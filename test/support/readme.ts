import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout; this file runs from dist/test/support. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Pages with examples that are compiled and run. */
const PAGES = ['README.md', 'docs/congestion.md', 'docs/workers.md']

/** Their TypeScript examples, by the name in the comment above each. */
export function examples(): Map<string, string> {
  const pages = PAGES.map(page => readFileSync(path.join(ROOT, page), 'utf8')).join('\n')
  const found = new Map<string, string>()
  for (const [, name, code] of pages.matchAll(/<!-- example: (\S+).*-->\n```ts\n([\s\S]*?)```/g))
    found.set(name!, code!)
  return found
}

/**
 * Compiles an example as a user's program, strictly, against the package's own exports; returns the program to run.
 * `change` may adapt it to the place where it runs.
 */
export function compileExample(name: string, change = (code: string) => code): string {
  const code = examples().get(name)
  if (code === undefined) throw new Error(`no page has an example ${name}`)
  const folder = path.join(ROOT, 'dist/readme', path.basename(name, '.ts'))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, name), change(code))
  const options = [
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
    '--ignoreConfig',
  ]
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, ...options, name], { cwd: folder, stdio: 'pipe', encoding: 'utf8' })
  return path.join(folder, name.replace(/\.ts$/, '.js'))
}
