import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout; this file runs from dist/test/support. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The TypeScript examples of README.md, by the name in the comment above each. */
export function examples(): Map<string, string> {
  const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8')
  const found = new Map<string, string>()
  for (const [, name, code] of readme.matchAll(/<!-- example: (\S+).*-->\n```ts\n([\s\S]*?)```/g))
    found.set(name!, code!)
  return found
}

/**
 * Compiles an example as a user's program, strictly, against the package's own exports; returns the program to run.
 * `change` may adapt it to the place where it runs.
 */
export function compileExample(name: string, change = (code: string) => code): string {
  const code = examples().get(name)
  if (code === undefined) throw new Error(`README.md has no example ${name}`)
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
