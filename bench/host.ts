import { spawnSync } from 'node:child_process'
import os from 'node:os'

/** What a benchmark ran on. */
export function machine(): string {
  const cpu = os.cpus()[0]?.model ?? 'unknown CPU'
  return `${os.cpus().length} × ${cpu}, ${os.type()} ${os.release()}, Node ${process.version}`
}

/**
 * Runs this program again where we may make namespaces and nothing of the machine's own network is touched; there `mark` is
 * set in its environment. Returns how it ended.
 */
export function runInNamespace(mark: string): number {
  for (const way of [['-n'], ['-Urn']]) {
    if (spawnSync('unshare', [...way, 'true']).status !== 0) continue
    const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
    const env = { ...process.env, [mark]: '1' }
    return spawnSync('unshare', [...way, ...again], { stdio: 'inherit', env }).status ?? 1
  }
  console.error('no network namespace can be made here')
  return 1
}
