import { execFileSync } from 'node:child_process'
import type { TestContext } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { atEnd } from './kernel-cleanup.js'
import type { Direction, Gate, Packet } from './kernel-gate.js'

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

/** What the kernel does with TCP that estab sends to one of its ports: `reject with tcp reset`, `drop`. */
export function filter(t: TestContext, name: string, port: number, verdict: string): () => void {
  const table = `filter_${name}`
  nft(`table inet ${table} {
    chain i {
      type filter hook input priority 0
      iifname "${name}" tcp dport ${port} ${verdict}
    }
  }`)
  let there = true
  const remove = () => {
    if (there) nft(`delete table inet ${table}`)
    there = false
  }
  atEnd(t, remove)
  return remove
}

function nft(rules: string): void {
  execFileSync('nft', ['-f', '-'], { input: rules + '\n', stdio: 'pipe' })
}

/** Packets come twice, or after the next few, at random. */
export function disorder(gate: Gate, percent: number, seed: number): void {
  const random = new Random(seed)
  for (const direction of ['in', 'out'] as const) {
    let late: Packet[] = []
    gate.intercept(direction, packet => {
      const released = random.chance(0.3) ? late : []
      if (released.length > 0) late = []
      const twice = random.chance(percent / 100)
      const delayed = random.chance(percent / 100)
      if (delayed) late.push(packet)
      if (delayed || twice || released.length > 0)
        setImmediate(() => {
          for (const old of released) gate.slip(direction, old)
          if (twice) gate.slip(direction, packet)
        })
      // Whatever is late when all else has come.
      if (delayed)
        setTimeout(() => {
          for (const old of late.splice(0)) gate.slip(direction, old)
        }, 20)
      return delayed
    })
  }
}

/** The same between the two, where neither is told; a seed loses the same packets of the same sequence. */
export function loseOnLink(gate: Gate, percent: number, seed: number): void {
  const random = new Random(seed)
  for (const direction of ['in', 'out'] as const)
    gate.intercept(direction, () => random.chance(percent / 100))
}

/** Loses every so many'th segment that carries data; returns how many so far. */
export function loseEvery(gate: Gate, direction: Direction, every: number): () => number {
  let seen = 0
  let lost = 0
  gate.intercept(direction, ({ length }) => {
    if (length === 0 || ++seen % every !== 0) return false
    lost++
    return true
  })
  return () => lost
}

/** Makes the kernel's queue in front of the TUN `name` so long that nothing is dropped where somebody is busy. */
export function queueEverything(name: string): void {
  execFileSync('ip', ['link', 'set', 'dev', name, 'txqueuelen', '50000'])
}
