import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { Worker } from 'node:worker_threads'
import { createRing, takeSeat } from '../../src/links/ring.js'
import type { Arrival, Seat } from '../../src/stack/seat.js'

interface Came {
  at: number
  bytes: number[]
  arrival: Arrival
}

const ARRIVAL: Arrival = { vouched: false, segmentSize: 0, iface: 1, hops: 1 }

/** All seats of a ring in this thread, and what comes to them. */
function seated(t: TestContext, count: number) {
  const came: Came[] = []
  const batches: number[] = []
  let wake: (() => void) | undefined
  const seats = createRing(count).map(takeSeat)
  for (const [at, seat] of seats.entries()) {
    t.after(() => seat.close())
    seat.attach({
      packet: (bytes, arrival) => came.push({ at, bytes: [...bytes], arrival }),
      batchEnd: () => {
        batches.push(at)
        wake?.()
      },
    })
  }
  const until = async (condition: () => boolean) => {
    // The ports keep nothing alive: the test has to.
    const alive = setInterval(() => {}, 1000)
    while (!condition()) await new Promise<void>(resolve => (wake = resolve))
    clearInterval(alive)
  }
  return { seats, came, batches, until }
}

const hand = (seat: Seat, bytes: Uint8Array) => seat.handOn(bytes, 0, bytes.length, ARRIVAL)

describe('a ring over message ports', () => {
  it('gives the next seat a copy, and says how it came', async t => {
    const { seats, came, until } = seated(t, 3)
    const bytes = Buffer.from([9, 1, 2, 3, 9])
    const arrival = { vouched: true, segmentSize: 1448, iface: 5, hops: 2 }
    assert.equal(seats[2]!.handOn(bytes, 1, 3, arrival), true)
    bytes.fill(0)
    await until(() => came.length > 0)
    assert.deepEqual(came, [{ at: 0, bytes: [1, 2, 3], arrival }])
  })

  it('delivers a burst in one batch', async t => {
    const { seats, came, batches, until } = seated(t, 2)
    for (let i = 0; i < 100; i++) hand(seats[0]!, Uint8Array.of(i))
    await until(() => came.length === 100)
    assert.deepEqual(batches, [1])
    assert.deepEqual(
      came.map(({ bytes }) => bytes[0]),
      Array.from({ length: 100 }, (_, i) => i),
    )
  })

  it('holds four mebibytes for each seat, and takes more when they are taken', async t => {
    const { seats, came, until } = seated(t, 2)
    const packet = new Uint8Array(65_024)
    let held = 0
    while (hand(seats[0]!, packet)) held++
    assert.equal(held, 64)
    assert.equal(hand(seats[1]!, packet), true, 'the other way there is room')
    await until(() => came.length === held + 1)
    assert.equal(hand(seats[0]!, packet), true)
    // Small ones are not for nothing.
    let small = 0
    while (hand(seats[1]!, Uint8Array.of(1))) small++
    assert.ok(small < 10_000, `${small}`)
  })

  it('has one key for Fast Open, and seats that know their place', () => {
    const seats = createRing(3).map(takeSeat)
    assert.deepEqual(
      seats.map(({ index, count }) => [index, count]),
      [
        [0, 3],
        [1, 3],
        [2, 3],
      ],
    )
    assert.equal(new Set(seats.map(seat => seat.fastOpenKey.join())).size, 1)
    assert.notDeepEqual(seats[0]!.fastOpenKey, createRing(1)[0]!.fastOpenKey)
  })

  it('has 1 to 256 seats', () => {
    for (const count of [0, -1, 1.5, 257, Number.NaN])
      assert.throws(() => createRing(count), { name: 'RangeError', message: /1 to 256 seats/ })
    assert.equal(createRing(256).length, 256)
  })

  it('goes to threads, which it does not keep alive', async t => {
    const [here, there] = createRing(2)
    const code = `
      const { workerData } = require('node:worker_threads')
      import(workerData.module).then(({ takeSeat }) => {
        const seat = takeSeat(workerData.ticket)
        seat.attach({ packet() {}, batchEnd() {} })
        seat.handOn(Uint8Array.of(1, 2, 3), 0, 3, { vouched: false, segmentSize: 0, iface: 1, hops: 1 })
      })`
    const module = new URL('../../src/links/ring.js', import.meta.url).href
    const worker = new Worker(code, {
      eval: true,
      workerData: { ticket: there, module },
      transferList: there!.ports,
    })
    const seat = takeSeat(here!)
    // Nor does a seat keep this thread, which must not end before the packet is here.
    const held = setInterval(() => {}, 1000)
    t.after(() => {
      clearInterval(held)
      seat.close()
    })
    const packet = new Promise<number[]>(resolve => {
      seat.attach({ packet: bytes => resolve([...bytes]), batchEnd() {} })
    })
    const ended = new Promise(resolve => worker.on('exit', resolve))
    assert.deepEqual(await packet, [1, 2, 3])
    assert.equal(await ended, 0)
  })
})
