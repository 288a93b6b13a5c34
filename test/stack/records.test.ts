import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { HalfOpen, HalfOpens } from '../../src/stack/half-open.js'
import type { Listener } from '../../src/stack/listener.js'
import { Secrets } from '../../src/stack/secrets.js'
import { FlowTable } from '../../src/stack/table.js'
import { TimeWait, TimeWaitRecords } from '../../src/stack/time-wait.js'
import { TimerWheel } from '../../src/stack/wheel.js'
import type { HalfOpenRecord, TimeWaitRecord } from '../../src/tcp/records.js'
import { IpAddress } from '../../src/wire/address.js'
import { FakeEnvironment } from '../support/packets.js'

const LOCAL = { 4: IpAddress.parse('192.0.2.1'), 6: IpAddress.parse('2001:db8::1') }
const remote = (version: 4 | 6, i: number) =>
  version === 4 ? IpAddress.v4(0x0a000000 + i) : IpAddress.v6(0x20010db8, i, 0, i)

/** All bits of a sequence number, and ends of ranges. */
const int = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(-1, 0, -(2 ** 31)))
const time = fc.double({ min: 0, max: 1e9, noNaN: true })

const waiting: fc.Arbitrary<TimeWaitRecord> = fc.record(
  {
    sndNxt: int,
    rcvNxt: int,
    rcvAdv: int,
    maxSndWnd: fc.integer({ min: 0, max: 65535 * 2 ** 14 }),
    tsOffset: int,
    tsRecent: int,
    tsRecentAt: fc.oneof(time, fc.constant(-1)),
    options: fc.nat(0x7fff),
    lingerAt: time,
    challengeWindowAt: time,
    challengesSent: fc.integer({ min: 1, max: 10 }),
  },
  { noNullPrototype: true },
)

const halfOpen: fc.Arbitrary<HalfOpenRecord> = fc.record(
  {
    iss: int,
    irs: int,
    tsOffset: int,
    tsRecent: int,
    // Whole seconds are kept.
    tsRecentAt: fc.oneof(
      fc.nat(1e6).map(s => 1000 * s),
      fc.constant(-1),
    ),
    peerMss: fc.nat(65535),
    window: fc.nat(65535),
    rcvAdv: int,
    options: fc.nat(0x7fff),
    retransmits: fc.nat(255),
    backoff: fc.nat(255),
    retransmitAt: fc.oneof(time, fc.constant(Number.POSITIVE_INFINITY)),
    timedAt: fc.oneof(time, fc.constantFrom(-1, -2)),
    userTimeoutAt: fc.oneof(time, fc.constant(Number.POSITIVE_INFINITY)),
    challengeWindowAt: time,
    challengesSent: fc.integer({ min: 1, max: 10 }),
    displaced: fc.option(waiting),
  },
  { noNullPrototype: true },
)

function world() {
  const wheel = new TimerWheel(0)
  const table = new FlowTable(new Secrets(new FakeEnvironment(3)))
  const due: TimeWait[] = []
  const waits = new TimeWaitRecords(table, wheel, flow => due.push(flow))
  const half = new HalfOpens(table, wheel, () => {})
  return { wheel, table, due, waits, half }
}

const listener = () => ({ trafficClass: 0, hopLimit: 64, halfOpen: 0 }) as Listener

describe('records', () => {
  it('give back what was put in', () => {
    const version = fc.constantFrom(4 as const, 6 as const)
    fc.assert(
      fc.property(version, waiting, halfOpen, fc.nat(255), fc.nat(255), (v, wait, open, dscp, ttl) => {
        const { table, waits, half } = world()
        const flow = new TimeWait(wait, -5, LOCAL[v], 65535, remote(v, 1), 1)
        flow.trafficClass = dscp
        flow.hopLimit = ttl
        waits.allot(flow)
        table.add(flow)
        waits.save(flow, wait.lingerAt)
        assert.deepEqual(table.get(flow.local, 65535, flow.remote, 1), flow)
        const owner = listener()
        const other = new HalfOpen(owner, LOCAL[v], 1, remote(v, 2), 65535)
        other.record = open
        half.allot(other)
        table.add(other)
        half.save(other, other.deadline)
        assert.deepEqual(table.get(other.local, 1, other.remote, 65535), other)
        assert.deepEqual([waits.count, half.count, owner.halfOpen, table.size], [1, 1, 1, 2])
        table.remove(flow)
        waits.free(flow)
        table.remove(other)
        half.free(other)
        assert.deepEqual([waits.count, half.count, owner.halfOpen, table.size], [0, 0, 0, 0])
        assert.equal([...table].length, 0)
      }),
      { seed: 9293, numRuns: 300 },
    )
  })

  it('are due when they say, in the order of their ticks, and not when they were taken back', () => {
    const step = fc.record({ at: fc.integer({ min: 0, max: 400 }), again: fc.integer({ min: 0, max: 400 }) })
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.infiniteStream(fc.boolean()),
        (steps, coin) => {
          const { wheel, due, waits } = world()
          const expected: [number, number][] = []
          for (const [i, { at, again }] of steps.entries()) {
            const flow = new TimeWait({ ...RECORD, sndNxt: i }, i + 1, LOCAL[4], 80, remote(4, i), 1000)
            waits.allot(flow)
            waits.save(flow, at)
            // Setting it again brings it forward, never back.
            waits.save(flow, again)
            if (coin.next().value) waits.free(flow)
            else expected.push([Math.max(1, Math.min(at, again)), i])
          }
          const fired: [number, number][] = []
          for (let now = 0; now <= 400; now++) {
            wheel.advance(now, node => (node as unknown as { fire(): void }).fire())
            for (const flow of due.splice(0)) fired.push([now, flow.record.sndNxt])
          }
          assert.deepEqual(
            fired.map(([tick]) => tick),
            expected.map(([tick]) => tick).sort((a, b) => a - b),
          )
          assert.deepEqual(new Set(fired.map(String)), new Set(expected.map(String)))
          assert.equal(wheel.count, 0)
        },
      ),
      { seed: 9293, numRuns: 200 },
    )
  })

  for (const version of [4, 6] as const)
    it(`take at most 128 bytes each, places in the table included, over IPv${version}`, () => {
      const { table, waits, half } = world()
      const owner = listener()
      const record = { ...OPEN }
      const cost = (bytes: number, count: number) => (bytes + table.bytes) / count
      for (let i = 0; i < 200_000; i++) {
        const flow = new HalfOpen(owner, LOCAL[version], 80, remote(version, i), 1000)
        flow.record = record
        half.allot(flow)
        table.add(flow)
        half.save(flow, 1000 + i / 100)
        // A table that has just grown is half empty; from a thousand on that is all there is to it.
        if (i >= 1023 && i % 1024 === 1023)
          assert.ok(cost(half.bytes, i + 1) <= 128, `${i}: ${cost(half.bytes, i + 1)}`)
      }
      for (const flow of [...table]) {
        table.remove(flow)
        half.free(flow as HalfOpen)
      }
      for (let i = 0; i < 200_000; i++) {
        const flow = new TimeWait(RECORD, i + 1, LOCAL[version], 80, remote(version, i), 1000)
        waits.allot(flow)
        table.add(flow)
        waits.save(flow, 60_000 + i / 100)
        if (i >= 1023 && i % 1024 === 1023)
          assert.ok(cost(waits.bytes, i + 1) <= 128, `${i}: ${cost(waits.bytes, i + 1)}`)
      }
    })
})

const RECORD: TimeWaitRecord = {
  sndNxt: 1,
  rcvNxt: 2,
  rcvAdv: 3,
  maxSndWnd: 65535,
  tsOffset: 0,
  tsRecent: 0,
  tsRecentAt: -1,
  options: 0,
  lingerAt: 60_000,
  challengeWindowAt: Number.NEGATIVE_INFINITY,
  challengesSent: 0,
}

const OPEN: HalfOpenRecord = {
  iss: 1,
  irs: 2,
  tsOffset: 0,
  tsRecent: 0,
  tsRecentAt: -1,
  peerMss: 1460,
  window: 65535,
  rcvAdv: 3,
  options: 0,
  retransmits: 0,
  backoff: 0,
  retransmitAt: 1000,
  timedAt: 0,
  userTimeoutAt: Number.POSITIVE_INFINITY,
  challengeWindowAt: Number.NEGATIVE_INFINITY,
  challengesSent: 0,
  displaced: null,
}
