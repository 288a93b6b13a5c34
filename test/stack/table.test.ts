import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Flow } from '../../src/stack/flow.js'
import { Secrets } from '../../src/stack/secrets.js'
import { FlowTable } from '../../src/stack/table.js'
import { IpAddress } from '../../src/wire/address.js'
import { FakeEnvironment } from '../support/packets.js'

class TestFlow extends Flow {}

const secrets = (seed = 1) => new Secrets(new FakeEnvironment(seed))
/** A few of each, so that tuples come again. */
const LOCALS = ['10.0.0.1', '10.0.0.2', 'fd00::1', 'fd00::1:0:0:1'].map(IpAddress.parse)
const REMOTES = ['10.0.0.9', '10.9.0.9', 'fd00::9', 'fd00:9::9'].map(IpAddress.parse)

const flow = (l: number, r: number, lp: number, rp: number) => {
  const version = LOCALS[l]!.version
  const remote = REMOTES[version === 4 ? r % 2 : 2 + (r % 2)]!
  return new TestFlow(LOCALS[l]!, 1000 + lp, remote, 2000 + rp)
}
const name = (f: Flow) => `${f.local} ${f.localPort} ${f.remote} ${f.remotePort}`

/** Slots looked at to find every flow that is there. */
function probes(table: FlowTable): number[] {
  const { places, mask } = { places: table['places'], mask: table['mask'] }
  const probed: number[] = []
  for (let i = 0; i <= mask; i++) if (places[2 * i] !== 0) probed.push(((i - places[2 * i + 1]!) & mask) + 1)
  return probed
}

describe('connection table', () => {
  it('does what a Map does', () => {
    const step = fc.tuple(
      fc.constantFrom('add', 'add', 'remove', 'replace', 'get'),
      fc.nat(3),
      fc.nat(1),
      fc.nat(6),
      fc.nat(6),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600, size: 'max' }), fc.nat(1000), (steps, seed) => {
        const table = new FlowTable(secrets(seed))
        const model = new Map<string, Flow>()
        for (const [what, l, r, lp, rp] of steps) {
          const probe = flow(l, r, lp, rp)
          const old = model.get(name(probe)) ?? null
          assert.equal(table.get(probe.local, probe.localPort, probe.remote, probe.remotePort), old)
          if (what === 'add' && !old) {
            table.add(probe)
            model.set(name(probe), probe)
          } else if (what === 'remove' && old) {
            table.remove(old)
            model.delete(name(probe))
          } else if (what === 'remove') table.remove(probe)
          else if (what === 'replace' && old) {
            table.replace(old, probe)
            model.set(name(probe), probe)
          }
          assert.equal(table.size, model.size)
        }
        assert.deepEqual(new Set(table), new Set(model.values()))
        for (const f of model.values())
          assert.equal(table.get(f.local, f.localPort, f.remote, f.remotePort), f)
      }),
      { seed: 2003, numRuns: 150 },
    )
  })

  it('grows, is never more than five eighths full, and shrinks again', () => {
    const table = new FlowTable(secrets())
    const flows = Array.from(
      { length: 20_000 },
      (_, i) => new TestFlow(LOCALS[0]!, i & 0xffff, IpAddress.v4(i * 7919), i % 101),
    )
    for (const f of flows) {
      table.add(f)
      assert.ok(table.size * 8 <= (table['mask'] + 1) * 5)
    }
    for (const f of flows) assert.equal(table.get(f.local, f.localPort, f.remote, f.remotePort), f)
    for (const f of flows.toReversed()) table.remove(f)
    assert.deepEqual([table.size, table['mask'] + 1, [...table]], [0, 64, []])
  })

  it('survives a change while it is walked', () => {
    const table = new FlowTable(secrets())
    for (let i = 0; i < 100; i++) table.add(new TestFlow(LOCALS[0]!, i, REMOTES[0]!, 1))
    let seen = 0
    for (const f of table) {
      table.remove(f)
      seen++
    }
    assert.deepEqual([seen, table.size], [100, 0])
  })

  it('cannot be made slow by whoever chooses addresses and ports (Crosby and Wallach 2003, B13)', () => {
    const patterns: Record<string, (i: number) => [number, number, number]> = {
      'ports in a row': i => [0x0a000009, 1000, i],
      'ports that share their low bits': i => [0x0a000009 + (i >> 8), 1000, (i & 255) << 8],
      'addresses in a row': i => [0x0a000000 + i, 80, 1000],
      'addresses a power of two apart': i => [(i << 16) | (i >> 16), 80, 1000],
      'addresses and ports that cancel out': i => [0x0a000000 ^ i, 80, i & 0xffff],
    }
    for (const [what, make] of Object.entries(patterns)) {
      const table = new FlowTable(secrets(7))
      for (let i = 1; i <= 30_000; i++) {
        const [address, lp, rp] = make(i)
        table.add(new TestFlow(LOCALS[0]!, lp, IpAddress.v4(address), rp))
      }
      const steps = probes(table)
      const mean = steps.reduce((a, b) => a + b) / steps.length
      assert.ok(mean < 1.8 && Math.max(...steps) < 64, `${what}: mean ${mean}, longest ${Math.max(...steps)}`)
    }
  })

  it('gives collisions of one table no meaning in another', () => {
    const bucket = (table: Secrets, i: number) =>
      table.tableHash(0, 0, 0xffff, 1, 0, 0, 0xffff, i, 80) & 0xffff
    const one = secrets(1)
    // What an attacker would collect who knew this table's key: a thousand tuples of 16 buckets.
    const chosen: number[] = []
    for (let i = 0; chosen.length < 300; i++) if (bucket(one, i) < 16) chosen.push(i)
    const elsewhere = new Set(chosen.map(i => bucket(secrets(2), i)))
    assert.ok(elsewhere.size > 285, `${elsewhere.size} buckets of 65536`)
  })
})
