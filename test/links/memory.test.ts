import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type MemoryLink, memoryPair } from '../../src/links/memory.js'
import type { LinkReceiver } from '../../src/stack/link.js'

/** Keeps what arrives: the packets, and how many were in each batch. */
class Inbox implements LinkReceiver {
  readonly packets: Uint8Array[] = []
  readonly batches: number[] = []
  #batch = 0

  packet(bytes: Uint8Array, offset: number, length: number): void {
    this.packets.push(bytes.slice(offset, offset + length))
    this.#batch++
  }

  batchEnd(): void {
    this.batches.push(this.#batch)
    this.#batch = 0
  }

  failed(error: Error): void {
    throw error
  }
}

function joined(options?: Parameters<typeof memoryPair>[0]): [MemoryLink, MemoryLink, Inbox, Inbox] {
  const [a, b] = memoryPair(options)
  const [atA, atB] = [new Inbox(), new Inbox()]
  a.attach(atA)
  b.attach(atB)
  return [a, b, atA, atB]
}

const numbered = (i: number) => Uint8Array.of(i >> 8, i & 255)

describe('memoryPair', () => {
  it('carries packets both ways, in order, with the bytes asked for', async () => {
    const [a, b, atA, atB] = joined()
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i)
    assert.equal(a.send(bytes, 10, 3), true)
    assert.equal(a.send(bytes, 20, 200), true)
    assert.equal(b.send(bytes, 0, 300), true)
    assert.equal(atB.packets.length, 0, 'not inside send')
    await nextTurn()
    assert.deepEqual(atB.packets, [bytes.slice(10, 13), bytes.slice(20, 220)])
    assert.deepEqual(atA.packets, [bytes])
    assert.deepEqual([atA.batches, atB.batches], [[1], [2]])
  })

  it('delivers before the next macrotask', async () => {
    const [a, , , atB] = joined()
    const order: string[] = []
    const turn = nextTurn().then(() => order.push('macrotask'))
    a.send(numbered(1), 0, 2)
    await Promise.resolve()
    order.push(`${atB.packets.length} packet`)
    await turn
    assert.deepEqual(order, ['1 packet', 'macrotask'])
  })

  it('copies: the sender may use its buffer again at once', async () => {
    const [a, , , atB] = joined()
    const bytes = new Uint8Array(100)
    for (let i = 0; i < 3; i++) {
      bytes.fill(i)
      a.send(bytes, 0, bytes.length)
    }
    await nextTurn()
    assert.deepEqual(
      atB.packets.map(packet => packet[99]),
      [0, 1, 2],
    )
  })

  it('has the kind, MTU and addresses asked for', () => {
    const [a, b] = memoryPair()
    assert.deepEqual([a.kind, a.mtu, a.hardwareAddress, b.kind], ['ip', 1500, undefined, 'ip'])
    const [c, d] = memoryPair({ kind: 'ethernet', mtu: 9000 })
    assert.deepEqual([c.kind, c.mtu, d.mtu], ['ethernet', 9000, 9000])
    assert.notDeepEqual(c.hardwareAddress, d.hardwareAddress)
    const own = [Uint8Array.of(2, 1, 1, 1, 1, 1), Uint8Array.of(2, 2, 2, 2, 2, 2)] as const
    const [e, f] = memoryPair({ kind: 'ethernet', hardwareAddresses: own })
    assert.deepEqual([e.hardwareAddress, f.hardwareAddress], own)
  })

  it('refuses settings that make no sense', () => {
    assert.throws(() => memoryPair({ mtu: 67 }), RangeError)
    assert.throws(() => memoryPair({ mtu: 65_536 }), RangeError)
    assert.throws(() => memoryPair({ capacity: 0 }), RangeError)
    const short = new Uint8Array(5)
    assert.throws(() => memoryPair({ kind: 'ethernet', hardwareAddresses: [short, short] }), RangeError)
  })

  it('refuses packets longer than the MTU, and frames longer than it with a VLAN header', async () => {
    const [a, , , atB] = joined()
    assert.equal(a.send(new Uint8Array(1500), 0, 1500), true)
    assert.equal(a.send(new Uint8Array(1501), 0, 1501), false)
    const [c, , , atD] = joined({ kind: 'ethernet' })
    assert.equal(c.send(new Uint8Array(1518), 0, 1518), true)
    assert.equal(c.send(new Uint8Array(1519), 0, 1519), false)
    await nextTurn()
    assert.deepEqual([atB.packets.length, atD.packets.length], [1, 1])
  })

  it('ends a batch after 64 packets', async () => {
    const [a, , , atB] = joined()
    for (let i = 0; i < 150; i++) a.send(numbered(i), 0, 2)
    await nextTurn()
    assert.deepEqual(atB.batches, [64, 64, 22])
    assert.deepEqual(
      atB.packets,
      Array.from({ length: 150 }, (_, i) => numbered(i)),
    )
  })

  it('drops, and counts, what finds the queue full', async () => {
    const [a, b, , atB] = joined({ capacity: 10 })
    const results = Array.from({ length: 12 }, (_, i) => a.send(numbered(i), 0, 2))
    assert.deepEqual(results, [...Array(10).fill(true), false, false])
    await nextTurn()
    assert.equal(a.send(numbered(12), 0, 2), true)
    await nextTurn()
    assert.deepEqual(atB.packets.at(-1), numbered(12))
    assert.deepEqual(a.counters, { received: 0, receivedBytes: 0, sent: 11, sentBytes: 22, sendDropped: 2 })
    assert.deepEqual(b.counters, { received: 11, receivedBytes: 22, sent: 0, sentBytes: 0, sendDropped: 0 })
  })

  it('keeps order and content while its ring goes round', async () => {
    const [a, , , atB] = joined({ capacity: 7 })
    let next = 0
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 1 + (round % 7); i++) assert.equal(a.send(numbered(next++), 0, 2), true)
      await nextTurn()
    }
    assert.deepEqual(
      atB.packets,
      Array.from({ length: next }, (_, i) => numbered(i)),
    )
  })

  it('lets packets wait for a receiver', async () => {
    const [a, b] = memoryPair()
    a.send(numbered(1), 0, 2)
    a.send(numbered(2), 0, 2)
    await nextTurn()
    const inbox = new Inbox()
    b.attach(inbox)
    assert.equal(inbox.packets.length, 0, 'not inside attach')
    await nextTurn()
    assert.deepEqual(inbox.packets, [numbered(1), numbered(2)])
  })

  it('attaches once', () => {
    const [a] = joined()
    assert.throws(() => a.attach(new Inbox()), /attached already/)
    a.close()
    assert.throws(() => a.attach(new Inbox()), /closed/)
  })

  it('is unplugged by close: both ends keep still', async () => {
    const [a, b, atA, atB] = joined()
    a.send(numbered(1), 0, 2)
    b.send(numbered(2), 0, 2)
    a.close()
    a.close()
    assert.deepEqual([a.closed, b.closed], [true, false])
    assert.equal(a.send(numbered(3), 0, 2), false)
    assert.equal(b.send(numbered(4), 0, 2), false)
    await nextTurn()
    assert.deepEqual(atA.packets, [], 'nothing for the end that is closed')
    assert.deepEqual(atB.packets, [numbered(1)], 'what was on its way arrives')
  })

  it('stops in the middle of a batch when it is closed there', async () => {
    const [a, b] = memoryPair()
    const seen: number[] = []
    b.attach({
      packet: bytes => {
        seen.push(bytes[1])
        if (seen.length === 2) b.close()
      },
      batchEnd: () => assert.fail('no batch ends on a closed link'),
      failed: error => assert.fail(error),
    })
    for (let i = 0; i < 5; i++) a.send(numbered(i), 0, 2)
    await nextTurn()
    assert.deepEqual(seen, [0, 1])
  })

  it('does not keep macrotasks out, however long two ends answer each other', async () => {
    const [a, b] = memoryPair()
    let exchanged = 0
    const echo = (link: MemoryLink): LinkReceiver => ({
      packet: (bytes, offset, length) => {
        exchanged++
        link.send(bytes, offset, length)
      },
      batchEnd: () => {},
      failed: error => assert.fail(error),
    })
    a.attach(echo(a))
    b.attach(echo(b))
    a.send(numbered(1), 0, 2)
    const perTurn: number[] = []
    for (let turn = 0; turn < 20; turn++) {
      const before = exchanged
      await nextTurn()
      perTurn.push(exchanged - before)
    }
    a.close()
    assert.ok(Math.max(...perTurn) <= 2 * 17, `bounded in each turn: ${perTurn}`)
    assert.ok(exchanged > 200, `and it goes on: ${exchanged}`)
  })

  it('hops through a macrotask after 16 rounds of 64', async () => {
    const [a, , , atB] = joined({ capacity: 2000 })
    for (let i = 0; i < 2000; i++) a.send(numbered(i), 0, 2)
    for (let i = 0; i < 100; i++) await Promise.resolve()
    assert.equal(atB.packets.length, 16 * 64)
    while (atB.packets.length < 2000) await nextTurn()
    assert.deepEqual(atB.packets.at(-1), numbered(1999))
  })

  it('hops by MessageChannel, or a timer, where there is no setImmediate', async t => {
    const { setImmediate: immediate, MessageChannel: channel } = globalThis
    t.after(() => Object.assign(globalThis, { setImmediate: immediate, MessageChannel: channel }))
    for (const missing of ['setImmediate', 'MessageChannel'] as const) {
      Object.assign(globalThis, { [missing]: undefined })
      const [a, , , atB] = joined({ capacity: 2000 })
      const { promise, resolve } = deferred()
      atB.batchEnd = () => {
        if (atB.packets.length === 2000) resolve()
      }
      for (let i = 0; i < 2000; i++) a.send(numbered(i), 0, 2)
      await promise
    }
  })

  it('goes on after a receiver that throws, and the error is not lost', async t => {
    const [a, b] = memoryPair()
    const errors: string[] = []
    const seen: number[] = []
    let batches = 0
    // The test runner has listeners of its own, which would fail the test.
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', error => errors.push(error.message))
    t.after(() => {
      process.removeAllListeners('uncaughtException')
      for (const other of others) process.on('uncaughtException', other)
    })
    b.attach({
      packet: bytes => {
        seen.push(bytes[1])
        if (bytes[1] === 1) throw new Error('user code')
      },
      batchEnd: () => batches++,
      failed: error => assert.fail(error),
    })
    for (let i = 0; i < 4; i++) a.send(numbered(i), 0, 2)
    await nextTurn()
    assert.deepEqual(errors, ['user code'])
    assert.deepEqual(seen, [0, 1, 2, 3])
    assert.equal(batches, 2)
  })
})

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
