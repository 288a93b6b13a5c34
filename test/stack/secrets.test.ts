import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Secrets } from '../../src/stack/secrets.js'
import { IpAddress } from '../../src/wire/address.js'
import { FakeEnvironment } from '../support/packets.js'

const L = IpAddress.parse('10.0.0.1')
const remote = (i: number) => IpAddress.v4(0x0a010000 + i)

/** Every keyed function, on the same tuple. */
const PURPOSES: Record<string, (s: Secrets, i: number) => number> = {
  isn: (s, i) => s.isn(L, 80, remote(i), 0, 0),
  timestamp: (s, i) => s.timestampOffset(L, remote(i)),
  port: (s, i) => s.portOffset(L, remote(i), 0),
  portTable: (s, i) => s.portTableIndex(L, remote(i), 0),
  cookie: (s, i) => s.cookie(L, 0, remote(i), 0, 0, 0),
  table: (s, i) => s.tableHash(0, 0, 0xffff, L.w3, 0, 0, 0xffff, remote(i).w3, 0),
}

const N = 4000
const bits = (n: number) => {
  let count = 0
  for (let v = n >>> 0; v; v &= v - 1) count++
  return count
}
const outputs = (s: Secrets, purpose: string) =>
  Array.from({ length: N }, (_, i) => PURPOSES[purpose]!(s, i) | 0)

/** How often each bit is one: 16 of 32 on average, and about N/2 times each, if it looks random. */
function looksRandom(words: number[], what: string): void {
  const mean = words.reduce((sum, w) => sum + bits(w), 0) / words.length
  // 32 coin flips have a standard deviation of 2.83; the mean of 4000 of them one of 0.045.
  assert.ok(Math.abs(mean - 16) < 0.25, `${what}: ${mean} of 32 bits`)
  for (let bit = 0; bit < 32; bit++) {
    const ones = words.reduce((sum, w) => sum + ((w >>> bit) & 1), 0)
    assert.ok(
      Math.abs(ones - words.length / 2) < 5 * Math.sqrt(words.length / 4),
      `${what}: bit ${bit} is ${ones}`,
    )
  }
}

describe('secrets', () => {
  const secrets = new Secrets(new FakeEnvironment(3))

  it('look random, each of them [MUST-9]', () => {
    for (const purpose of Object.keys(PURPOSES)) looksRandom(outputs(secrets, purpose), purpose)
  })

  it('say nothing of each other, for the same tuple (A07, CVE-2024-10026)', () => {
    const names = Object.keys(PURPOSES)
    for (const [i, a] of names.entries())
      for (const b of names.slice(i + 1)) {
        const [x, y] = [outputs(secrets, a), outputs(secrets, b)]
        looksRandom(
          x.map((w, k) => w ^ y[k]!),
          `${a} and ${b}`,
        )
        looksRandom(
          x.map((w, k) => (w - y[k]!) | 0),
          `${a} less ${b}`,
        )
      }
  })

  it('have 128 bits each of the environment: another byte, another function [MUST-9 SHLD-1 RFC 6528]', () => {
    const keys = 6
    const environment = (fillRandom: (bytes: Uint8Array) => void) =>
      Object.assign(new FakeEnvironment(), { fillRandom })
    const zero = environment(bytes => void bytes.fill(0))
    for (let byte = 0; byte < keys * 16; byte++) {
      let at = 0
      const fillRandom = (bytes: Uint8Array) => {
        for (let i = 0; i < bytes.length; i++) bytes[i] = at++ === byte ? 1 : 0
      }
      const [base, changed] = [new Secrets(zero), new Secrets(environment(fillRandom))]
      assert.equal(at, keys * 16)
      const differ = Object.keys(PURPOSES).filter(p => PURPOSES[p]!(base, 1) !== PURPOSES[p]!(changed, 1))
      assert.equal(differ.length, 1, `byte ${byte} changes ${differ}`)
    }
  })

  it('change wholly when one bit of the tuple does [MUST-9 SHLD-1]', () => {
    const flips: number[] = []
    for (let i = 0; i < 200; i++)
      for (let bit = 0; bit < 16; bit++)
        flips.push(PURPOSES.isn!(secrets, i) ^ PURPOSES.isn!(secrets, i ^ (1 << bit)))
    const mean = flips.reduce((sum, w) => sum + bits(w), 0) / flips.length
    assert.ok(Math.abs(mean - 16) < 0.3, `${mean} of 32 bits`)
  })

  it('tell both ends, both ports and both versions apart [SHLD-1 RFC 6528]', () => {
    const isn = (l: string, lp: number, r: string, rp: number) =>
      secrets.isn(IpAddress.parse(l), lp, IpAddress.parse(r), rp, 0)
    const all = [
      isn('10.0.0.1', 80, '10.0.0.2', 1000),
      isn('10.0.0.2', 80, '10.0.0.1', 1000),
      isn('10.0.0.1', 1000, '10.0.0.2', 80),
      isn('10.0.0.1', 81, '10.0.0.2', 1000),
      isn('10.0.0.1', 80, '10.0.0.2', 1001),
      isn('::10.0.0.1', 80, '::10.0.0.2', 1000),
      isn('fd00::1', 80, 'fd00::2', 1000),
    ]
    assert.equal(new Set(all).size, all.length)
    const cookie = (a: number, b: number) => secrets.cookie(L, 80, remote(1), 1000, a, b)
    assert.equal(new Set([cookie(0, 0), cookie(1, 0), cookie(0, 1)]).size, 3)
  })

  it('make initial sequence numbers that tick every four microseconds [MUST-8 SHLD-1 RFC 6528 RFC 1948]', () => {
    const isn = (now: number) => secrets.isn(L, 80, remote(1), 1000, now)
    assert.equal((isn(1000) - isn(0)) | 0, 250_000)
    assert.equal((isn(5.004) - isn(5)) | 0, 1)
    assert.equal((isn(1_000_000.5) - isn(1_000_000)) | 0, 125)
    // Once round in 4.55 hours: 2^32 * 4 us.
    assert.equal(isn(2 ** 32 / 250), isn(0))
    for (const now of [0, 1e6, 1e9, 1e12, 1.7e12]) {
      assert.equal(isn(now), isn(now) | 0)
      assert.equal((isn(now + 60_000) - isn(now)) | 0, 15_000_000)
    }
  })

  it('give no two connections numbers that follow from each other (A06) [MUST-9 RFC 6528 RFC 1948]', () => {
    // The best linear predictor: the same step as last time.
    let hits = 0
    let last = 0
    let step = 0
    for (let i = 0; i < 20_000; i++) {
      const isn = secrets.isn(L, 80, remote(i & 255), 1024 + i, i)
      if (((last + step - isn) >>> 0) + 65_536 < 131_072) hits++
      step = (isn - last) | 0
      last = isn
    }
    assert.ok(hits < 5, `${hits} of 20000 within a window of 64 K`)
  })

  it('keep timestamps of one pair of hosts on one clock, and of others on others (A09)', () => {
    const offsets = new Set(outputs(secrets, 'timestamp'))
    assert.ok(offsets.size > N - 5)
    assert.equal(secrets.timestampOffset(L, remote(1)), secrets.timestampOffset(L, remote(1)))
  })
})
