import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EphemeralPorts } from '../../src/stack/ports.js'
import { Secrets } from '../../src/stack/secrets.js'
import { IpAddress } from '../../src/wire/address.js'
import { FakeEnvironment, rig } from '../support/packets.js'

const LOCAL = IpAddress.parse('10.0.0.1')
const REMOTE = IpAddress.parse('10.0.0.2')

function ports(seed = 1, low?: number, high?: number) {
  const env = new FakeEnvironment(seed)
  const secrets = new Secrets(env)
  const chooser = new EphemeralPorts(secrets, env, low, high)
  return {
    chooser,
    pick: (remote = REMOTE, port = 80, free = (_: number) => true) => chooser.pick(LOCAL, remote, port, free),
  }
}

describe('ephemeral ports (RFC 6056 section 3.3.4)', () => {
  it('come back only when all have been used [RFC 6056]', () => {
    const { pick } = ports()
    const all = 60_999 - 32_768 + 1
    const seen = new Set<number>()
    for (let i = 0; i < all; i++) seen.add(pick())
    assert.equal(seen.size, all)
    assert.deepEqual([Math.min(...seen), Math.max(...seen)], [32_768, 60_999])
    assert.ok(seen.has(pick()))
  })

  it('do so wherever their counter stands', () => {
    const { pick, chooser } = ports(1, 50_000, 50_099)
    for (const start of [0, 2 ** 31, 2 ** 32 - 1, 2 ** 32 - 50]) {
      ;(chooser['increments'] as Uint32Array).fill(start)
      const seen = new Set(Array.from({ length: 100 }, () => pick()))
      assert.equal(seen.size, 100, `${start}`)
    }
  })

  it('are those that are free, and EADDRNOTAVAIL when none is', () => {
    const { pick } = ports(1, 50_000, 50_009)
    assert.equal(
      pick(REMOTE, 80, port => port === 50_007),
      50_007,
    )
    const asked = new Set<number>()
    const none = (port: number) => {
      asked.add(port)
      return false
    }
    assert.throws(() => pick(REMOTE, 80, none), { code: 'EADDRNOTAVAIL' })
    assert.equal(asked.size, 10, 'every one was tried')
  })

  it('cannot be told from those to another destination, or of another stack [RFC 6056]', () => {
    const { pick } = ports()
    const first = new Set<number>()
    const pairs = new Set<number>()
    for (let i = 0; i < 500; i++) {
      const a = pick(IpAddress.v4(0x0b000000 + i))
      const b = pick(IpAddress.v4(0x0b000000 + i), 81)
      first.add(a)
      pairs.add(b - a)
    }
    // Birthdays among 28232: about 496 different ones.
    assert.ok(first.size > 480 && pairs.size > 480, `${first.size}, ${pairs.size}`)
    const starts = new Set(Array.from({ length: 100 }, (_, seed) => ports(seed).pick()))
    assert.ok(starts.size > 95, `${starts.size}`)
  })

  it('show nothing of how many connections others make (CVE-2022-1012) [RFC 6056]', () => {
    // What one destination sees of its own ports must not move when another is spoken to.
    let moved = 0
    for (let i = 0; i < 50; i++) {
      const quiet = ports(5)
      const busy = ports(5)
      const watcher = IpAddress.v4(0x0c000000 + i)
      for (let n = 0; n < 20; n++) busy.pick(REMOTE)
      if (quiet.pick(watcher) !== busy.pick(watcher)) moved++
    }
    assert.ok(moved <= 1, `${moved} of 50 share a counter of 4096`)
  })

  it('run out at the stack too', () => {
    const { stack } = rig()
    const connect = (localPort?: number) =>
      stack.connect({ remote: REMOTE, port: 80, ...(localPort && { localPort }) })
    connect(40_000)
    assert.throws(() => connect(40_000), { code: 'EADDRINUSE' })
    const used = new Set([40_000])
    for (let i = 0; i < 1000; i++) used.add(connect().localPort)
    assert.equal(used.size, 1001, 'never one that is taken')
  })
})
