import { readFileSync, writeFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { atEnd } from './kernel-cleanup.js'

/** Sets what is under /proc/sys/net of this namespace, for the time of one test: `sysctl(t, 'ipv4/tcp_sack', 0)`. */
export function sysctl(t: TestContext, name: string, value: number | string): void {
  const path = `/proc/sys/net/${name}`
  const before = readFileSync(path)
  writeFileSync(path, String(value))
  atEnd(t, () => writeFileSync(path, before))
}
