import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { believableMtu, PathMtuCache, PMTU_LIFETIME } from '../../src/stack/path-mtu.js'
import { IpAddress } from '../../src/wire/address.js'

const host = (i: number) => IpAddress.v4(0x0a000000 + i)

describe('path MTU', () => {
  it('is remembered for ten minutes [U-12 RFC 1191 RFC 8201]', () => {
    const cache = new PathMtuCache()
    assert.equal(cache.get(host(1), 0), undefined)
    const expires = cache.set(host(1), 1400, 1000)
    assert.equal(expires, 1000 + PMTU_LIFETIME)
    assert.deepEqual(cache.get(host(1), expires - 1), { mtu: 1400, expires })
    assert.equal(cache.get(host(1), expires), undefined)
    assert.equal(cache.get(host(1), 0), undefined, 'gone for good')
  })

  it('is remembered for 1024 hosts, the oldest word forgotten first', () => {
    const cache = new PathMtuCache()
    for (let i = 0; i < 1024; i++) cache.set(host(i), 1000 + i, 0)
    cache.set(host(5), 900, 0)
    assert.equal(cache.get(host(0), 0)?.mtu, 1000, 'a new word about a known host costs nobody a place')
    for (let i = 0; i < 6; i++) cache.set(host(2000 + i), 800, 0)
    assert.deepEqual([cache.get(host(5), 0)?.mtu, cache.get(host(6), 0)], [900, undefined])
    for (let i = 0; i < 5000; i++) cache.set(host(10_000 + i), 600, 0)
    assert.equal((cache['entries'] as Map<string, unknown>).size, 1024)
  })

  it('is believed as far as it makes sense (CVE-2004-1060) [RFC 1191 RFC 8201 RFC 5927]', () => {
    for (const [version, said, current, meant] of [
      [4, 1400, 1500, 1400],
      [4, 552, 1500, 552],
      [4, 551, 1500, 552],
      [4, 68, 1500, 552],
      [4, 0, 1500, 1492],
      [4, 67, 1492, 1006],
      [4, 0, 65535, 32000],
      [4, 0, 552, 552],
      [4, 0, 68, 552],
      [6, 1400, 1500, 1400],
      [6, 1280, 1500, 1280],
      [6, 1279, 1500, 1280],
      [6, 0, 1500, 1280],
      [6, 4294967295, 1500, 4294967295],
    ] as const)
      assert.equal(believableMtu(version, said, current), meant, `v${version} says ${said}, is ${current}`)
  })

  it('always leaves room to speak, and a nameless error always leads down to the floor', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(4, 6),
        fc.nat(70_000),
        fc.integer({ min: 68, max: 65535 }),
        (version, said, current) => {
          assert.ok(believableMtu(version as 4 | 6, said, current) >= (version === 4 ? 552 : 1280))
        },
      ),
      { seed: 1191 },
    )
    let mtu = 65_535
    for (let steps = 0; mtu > 552; steps++) {
      assert.ok(steps < 10)
      mtu = believableMtu(4, 0, mtu)
    }
  })
})
