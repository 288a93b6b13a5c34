import { execFileSync } from 'node:child_process'
import type { TestContext } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { atEnd } from './kernel-cleanup.js'
import type { Gate } from './kernel-gate.js'

/** Loses this share of all packets in the kernel, at random, on their way out to `name` and in from it. */
export function loseInKernel(t: TestContext, name: string, percent: number): void {
  const table = `loss_${name}`
  nft(`table inet ${table} {
    chain o {
      type filter hook output priority 0
      oifname "${name}" numgen random mod 100 < ${percent} drop
    }
    chain i {
      type filter hook input priority 0
      iifname "${name}" numgen random mod 100 < ${percent} drop
    }
  }`)
  atEnd(t, () => nft(`delete table inet ${table}`))
}

function nft(rules: string): void {
  execFileSync('nft', ['-f', '-'], { input: rules + '\n', stdio: 'pipe' })
}

/** The same between the two, where neither is told; a seed loses the same packets of the same sequence. */
export function loseOnLink(gate: Gate, percent: number, seed: number): void {
  const random = new Random(seed)
  for (const direction of ['in', 'out'] as const)
    gate.intercept(direction, () => random.chance(percent / 100))
}
