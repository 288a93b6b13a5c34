import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { DrillTask } from './drill-task.js'

/** Scripts named on the command line and those in directories named there, each once, in order. */
export function findScripts(paths: readonly string[]): {
  files: DrillTask[]
  missing: { path: string; why: string }[]
} {
  const files = new Map<string, DrillTask>()
  const missing: { path: string; why: string }[] = []
  for (const given of paths) {
    try {
      for (const file of statSync(given).isDirectory() ? scriptsIn(given) : [given])
        files.set(path.resolve(file), { path: file })
    } catch (error) {
      missing.push({ path: given, why: reason(error) })
    }
  }
  return { files: [...files.values()], missing }
}

function scriptsIn(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
  return names
    .filter(entry => entry.isFile() && entry.name.endsWith('.pkt'))
    .map(entry => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

/** An error of the file system, in words. */
export function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
      return 'no such file or directory'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied'
    case 'EISDIR':
      return 'is a directory'
    default:
      return code ?? String(error)
  }
}
