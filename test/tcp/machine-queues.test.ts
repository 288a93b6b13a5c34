import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import * as calls from '../../src/tcp/calls.js'
import { ReceiveQueue } from '../../src/tcp/receive-queue.js'
import { SendQueue } from '../../src/tcp/send-queue.js'
import { EV } from '../../src/tcp/tcb.js'
import { Gathered } from '../../src/wire/gathered.js'
import { established } from '../support/transcript.js'

/** The two queues against a model: one long array of octets. */

/** A number of octets, often a few, sometimes very many. */
const size = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1000, max: 5000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 140_000 }) },
)
const steps = fc.array(
  fc.record({
    push: size,
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { maxLength: 150 },
)
const octet = (i: number) => (i * 31 + (i >> 8)) & 255
const stream = (from: number, length: number) => Uint8Array.from({ length }, (_, i) => octet(from + i))

describe('the send queue', () => {
  it('copies from any position what was pushed there, until it is released', () => {
    fc.assert(
      fc.property(steps, all => {
        const queue = new SendQueue()
        let begin = 0
        let end = 0
        for (const { push, share, from } of all) {
          queue.push(stream(end, push))
          end += push
          assert.equal(queue.length, end - begin)
          const at = Math.floor(from * queue.length)
          const length = Math.floor(share * Math.min(queue.length - at, 3000))
          const target = new Uint8Array(length + 2)
          queue.copy(at, length, target, 1)
          assert.deepEqual(target.subarray(1, length + 1), stream(begin + at, length))
          assert.deepEqual([target[0], target[length + 1]], [0, 0])
          const release = Math.floor(share * share * queue.length)
          queue.release(release)
          begin += release
        }
        queue.clear()
        assert.equal(queue.length, 0)
      }),
      { numRuns: 60 },
    )
  })

  it('reads on from where the last copy ended, and back for a retransmission', () => {
    const queue = new SendQueue()
    for (let i = 0; i < 300; i++) queue.push(stream(i * 10, 10))
    const target = new Uint8Array(25)
    for (const at of [0, 25, 50, 2975, 0, 2000, 2025, 5]) {
      queue.copy(at, 25, target, 0)
      assert.deepEqual(target, stream(at, 25))
    }
  })

  it('says where bytes lie, in no more pieces than are wanted', () => {
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 20 }), fc.nat(), fc.nat(), (pushes, a, b) => {
        const queue = new SendQueue()
        let end = 0
        for (const push of pushes) {
          queue.push(stream(end, push))
          end += push
        }
        const at = a % (end + 1)
        const length = b % (end - at + 1)
        const all = new Gathered()
        assert.equal(queue.gather(at, length, all, 100), true)
        assert.equal(all.length, length)
        const pieces = Array.from({ length: all.count }, (_, i) =>
          all.chunks[i]!.subarray(all.from[i], all.from[i]! + all.lengths[i]!),
        )
        assert.ok(Buffer.concat(pieces).equals(stream(at, length)))
        if (all.count > 0) assert.equal(queue.gather(at, length, new Gathered(), all.count - 1), false)
      }),
      { numRuns: 200 },
    )
  })

  it('says of bytes that were taken from it, by a transfer to another thread, that they are not there', () => {
    const queue = new SendQueue()
    const [first, second] = [stream(0, 1000), stream(1000, 1000)]
    queue.push(first)
    queue.push(second)
    structuredClone(second, { transfer: [second.buffer] })
    assert.equal(queue.gather(0, 1000, new Gathered(), 4), true)
    assert.equal(queue.gather(500, 1000, new Gathered(), 4), false)
  })

  it('holds bytes by reference: nothing is copied before it is sent', () => {
    const queue = new SendQueue()
    const bytes = Uint8Array.of(1, 2, 3)
    queue.push(bytes)
    bytes[1] = 9
    const target = new Uint8Array(3)
    queue.copy(0, 3, target, 0)
    assert.deepEqual([...target], [1, 9, 3])
  })
})

describe('the receive queue', () => {
  it('gives out what went in, and never writes to what it gave out', () => {
    fc.assert(
      fc.property(steps, all => {
        const queue = new ReceiveQueue()
        const given: [number, Uint8Array][] = []
        let begin = 0
        let end = 0
        for (const { push, share } of all) {
          queue.append(stream(end - 2, push + 2), 2, push)
          end += push
          const most = 1 + Math.floor(share * 70_000)
          for (let n = 0; n < 3; n++) {
            const taken = queue.take(most)
            if (!taken) break
            assert.ok(taken.length > 0 && taken.length <= most)
            given.push([begin, taken])
            begin += taken.length
          }
          assert.equal(queue.length, end - begin)
        }
        for (const [at, bytes] of given) assert.deepEqual(bytes, stream(at, bytes.length))
      }),
      { numRuns: 60 },
    )
  })

  it('several of them use slabs again, and nobody sees what was another one’s', () => {
    const step = fc.record({
      queue: fc.nat(2),
      push: size,
      how: fc.constantFrom('copy', 'copy', 'take', 'nothing', 'clear'),
      most: fc.constantFrom(100, 5000, 200_000),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), all => {
        // Each has a value of its own: what is in a slab says whose it was.
        const queues = [1, 2, 3].map(mine => ({ mine, queue: new ReceiveQueue(), held: 0 }))
        const taken: { view: Uint8Array; mine: number }[] = []
        for (const { queue: which, push, how, most } of all) {
          const q = queues[which]!
          q.queue.append(new Uint8Array(push).fill(q.mine), 0, push)
          q.held += push
          if (how === 'clear') {
            q.queue.clear()
            q.held = 0
          } else if (how === 'copy') {
            const target = new Uint8Array(most)
            const n = q.queue.copyTo(target)
            assert.equal(n, Math.min(most, q.held))
            assert.ok(target.subarray(0, n).every(b => b === q.mine))
            q.held -= n
          } else if (how === 'take') {
            const view = q.queue.take(most)
            q.held -= view?.length ?? 0
            if (view) taken.push({ view, mine: q.mine })
          }
          assert.equal(q.queue.length, q.held)
        }
        for (const { view, mine } of taken) {
          assert.ok(view.every(b => b === mine))
          assert.ok(new Uint8Array(view.buffer).every(b => b === mine || b === 0))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('forgets, and goes on', () => {
    const queue = new ReceiveQueue()
    queue.append(stream(0, 100), 0, 100)
    const kept = queue.take(50)!
    queue.clear()
    assert.deepEqual([queue.length, queue.take()], [0, undefined])
    queue.append(stream(500, 3000), 0, 3000)
    let at = 500
    for (let taken = queue.take(); taken; taken = queue.take()) {
      assert.deepEqual(taken, stream(at, taken.length))
      at += taken.length
    }
    assert.equal(at, 3500)
    assert.deepEqual(kept, stream(0, 50))
  })
})

describe('a send queue that is not minded', () => {
  it('takes no more than a gigabyte: insufficient resources (section 3.10.2)', () => {
    const t = established()
    const piece = new Uint8Array(1 << 28)
    for (let i = 0; i < 4; i++) calls.send(t.tcb, piece, t.now)
    assert.throws(() => calls.send(t.tcb, new Uint8Array(1), t.now), {
      code: 'ENOBUFS',
      message: /insufficient resources/,
    })
    assert.equal(t.tcb.sendQueue.length, 2 ** 30)
    assert.ok(t.drain().length > 0)
  })

  it('says that it is writable only when there is room', () => {
    const t = established({ config: { sendBuffer: 5000 } })
    t.send(20_000)
    t.drain()
    t.tcb.events = 0
    t.arrives({ ack: 1001 + 1460 })
    assert.equal(t.tcb.events & EV.WRITABLE, 0)
    t.arrives({ ack: t.tcb.sndNxt }).drain()
    t.arrives({ ack: t.tcb.sndNxt })
    assert.notEqual(t.tcb.events & EV.WRITABLE, 0)
  })

  it('takes a window more than is on its way, however much waits for a gap to be filled', () => {
    const t = established({
      rtt: 100,
      config: { sendBuffer: 5000, maxSendBuffer: 1 << 20, windowScaling: true, sack: true },
      syn: { windowScale: 7, sackPermitted: true },
    })
    const { tcb } = t
    t.send(60_000)
    t.drain()
    assert.equal(tcb.sendLimit, tcb.flight + tcb.congestion.cwnd)
    // The first is missing; what comes behind it lets more go, by a window that is halved.
    const edge = tcb.sndUna + 1460
    for (let i = 1; i < 20; i++)
      t.advance(10)
        .arrives({ ack: tcb.sndUna, sack: [[edge, edge + 1460 * i]] })
        .drain()
    assert.ok(tcb.flight > 2 * tcb.congestion.cwnd, `${tcb.flight} of ${tcb.congestion.cwnd}`)
    assert.equal(tcb.sendLimit, tcb.flight + tcb.congestion.cwnd)
  })
})
