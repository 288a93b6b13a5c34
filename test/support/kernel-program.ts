import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { atEnd } from './kernel-cleanup.js'

const found = new Map<string, boolean>()

/** For the `skip` option of a test that needs these programs: which is missing; false in CI, where none may be. */
export function needs(...programs: string[]): string | false {
  if (process.env.CI || process.env.ESTAB_REQUIRE === '1') return false
  const missing = programs.filter(program => {
    if (!found.has(program)) {
      const { status } = spawnSync('sh', ['-c', `command -v ${program}`])
      found.set(program, status === 0)
    }
    return !found.get(program)
  })
  return missing.length > 0 ? `${missing.join(' and ')} not installed` : false
}

/** A directory for one test. */
export function scratch(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'estab-scratch-'))
  atEnd(t, () => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Starts a program that goes on until the test ends; resolves once its output matches `ready`. */
export async function start(
  t: TestContext,
  program: string,
  args: readonly string[],
  ready: RegExp,
): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'close')
  atEnd(t, async () => {
    child.kill('SIGKILL')
    await exited
  })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const listen = (data: Buffer) => {
      said += data
      if (ready.test(said)) resolve()
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('error', reject)
    child.once('close', () => reject(new Error(`${program} ended: ${said}`)))
  })
  return child
}

/** Runs a line of shell, with pipes that fail if any part does; resolves to what it printed. */
export async function shell(line: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', line])
  return stdout.trim()
}
