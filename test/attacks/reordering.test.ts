import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Random } from '../../src/sim/random.js'
import { Fragments, REASSEMBLY_TIMEOUT } from '../../src/stack/fragments.js'
import type { Socket } from '../../src/stack/socket.js'
import { Reassembly } from '../../src/tcp/reassembly.js'
import { ReceiveQueue } from '../../src/tcp/receive-queue.js'
import { Remote, Target } from '../support/flood.js'
import { inUse } from '../support/heap.js'
import { counting, drops, ipv4, rig, tcp } from '../support/packets.js'
import { established } from '../support/transcript.js'

/** Part 2, what waits for something else to arrive: out-of-order segments, fragments, and bytes that nobody reads. */

/**
 * Counts the work on a list of blocks: `steps` are elements looked at, `moves` references that inserting or removing
 * one pushes aside (one memmove of eight bytes each).
 */
function counted(r: Reassembly): { steps: number; moves: number } {
  const count = { steps: 0, moves: 0 }
  const watched = (blocks: unknown[]): unknown[] =>
    new Proxy(blocks, {
      get(target, name) {
        if (name === 'splice')
          return (at: number, n: number, ...items: unknown[]) => {
            count.moves += target.length - at
            return target.splice(at, n, ...items)
          }
        if (typeof name === 'string' && /^-?\d+$/.test(name)) count.steps++
        return Reflect.get(target, name)
      },
    })
  Object.assign(r, { blocks: watched(r['blocks']) })
  return count
}

const octet = Uint8Array.of(7)

/** The largest number of steps that one octet out of order costs, its SACK ranges included. */
function worst(
  order: (i: number) => number,
  segments: number,
  limit: number,
): { steps: number; moves: number } {
  const r = new Reassembly(limit)
  const count = counted(r)
  const edges = new Int32Array(8)
  const most = { steps: 0, moves: 0 }
  for (let i = 0; i < segments; i++) {
    Object.assign(count, { steps: 0, moves: 0 })
    r.insert(order(i), octet, 0, 1)
    r.ranges(edges, 3)
    most.steps = Math.max(most.steps, count.steps)
    most.moves = Math.max(most.moves, count.moves)
    assert.ok(r.count <= limit)
  }
  return most
}

/** The ways in which SegmentSmack arranges segments of one octet; `n` is how many there will be. */
const ORDERS: Record<string, (i: number, n: number) => number> = {
  'gaps, upwards': i => 2 * i,
  'gaps, downwards': (i, n) => 2 * (n - i),
  'gaps, from both ends': (i, n) => (i & 1 ? 2 * i : 2 * (2 * n - i)),
  'gaps, by bisection': (i, n) => 2 * (Math.imul(i, 40_503) & (n - 1)),
  'no gaps, downwards': (i, n) => n - i,
  'odd ones, then the even ones between them': (i, n) => (i < n / 2 ? 2 * i + 1 : 2 * (i - n / 2)),
  'pairs that touch, backwards': (i, n) => 4 * (n - (i >> 1)) + (i & 1),
}

test('B08 SegmentSmack: an octet out of order costs a few binary searches, and never a walk over the blocks', () => {
  for (const [name, order] of Object.entries(ORDERS)) {
    const small = worst(i => order(i, 64), 64, 1024)
    const large = worst(i => order(i, 4096), 4096, 1024)
    // A search over 1,024 blocks takes eleven looks, over 64 seven: five searches, and up to 64 looks for room that
    // is left among the SACK blocks.
    assert.ok(small.steps <= 230, `${name}: ${small.steps}`)
    assert.ok(large.steps <= 230, `${name}: ${large.steps} for 4096`)
    // Inserting into an array moves what is behind: 1,024 references, 8 KiB, at the very most.
    assert.ok(large.moves <= 1024, `${name}: ${large.moves}`)
  }
})

test('B08 SegmentSmack: blocks that touch are one, so that the limit counts gaps, not segments', () => {
  for (const [name, gaps] of [
    ['no gaps, downwards', 1],
    ['odd ones, then the even ones between them', 1],
    ['gaps, upwards', 4096],
  ] as const) {
    const r = new Reassembly(10_000)
    for (let i = 0; i < 4096; i++) r.insert(ORDERS[name]!(i, 4096), octet, 0, 1)
    assert.equal(r.count, gaps, name)
  }
})

test('B08 SegmentSmack: octets are copied a few times each, not once for every segment that touches them', () => {
  const set = Uint8Array.prototype.set
  let copied = 0
  Uint8Array.prototype.set = function (this: Uint8Array, source: ArrayLike<number>, at?: number) {
    copied += source.length
    set.call(this, source, at)
  }
  try {
    for (const [name, order] of Object.entries(ORDERS)) {
      copied = 0
      const n = 32_768
      const r = new Reassembly(1 << 20)
      for (let i = 0; i < n; i++) r.insert(order(i, n), octet, 0, 1)
      assert.ok(copied < n * 20, `${name}: ${copied / n} copies of each octet`)
    }
    // Alternately in front of a block and behind it.
    copied = 0
    const r = new Reassembly(1024)
    for (let i = 1; i < 60_000; i++) r.insert(i & 1 ? i : -i, octet, 0, 1)
    for (let i = 1; i < 60_000; i++) r.insert(i & 1 ? -i : i, octet, 0, 1)
    assert.ok(copied < 120_000 * 20, `${copied / 120_000}`)
  } finally {
    Uint8Array.prototype.set = set
  }
})

test('B08 SegmentSmack: large and small pieces in any order are what a model says, whatever is joined', () => {
  const piece = fc.record({
    at: fc.oneof(fc.nat(150_000), fc.nat(400)),
    length: fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 1, max: 40 })),
  })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 16 }), fc.integer(), (pieces, from) => {
      const r = new Reassembly(1000)
      const model = new Uint8Array(230_000)
      for (const [i, { at, length }] of pieces.entries()) {
        const bytes = new Uint8Array(length).fill(i + 1)
        r.insert((from + at) | 0, bytes, 0, length)
        for (let k = at; k < at + length; k++) model[k] ||= i + 1
      }
      assert.equal(
        r.bytes,
        model.reduce((n, b) => n + (b ? 1 : 0), 0),
      )
      const { length } = r['blocks'] as { length: number }
      assert.ok(length <= pieces.length + 10)
      // Of two that touch one is large.
      const blocks = r['blocks'] as { seq: number; end: number }[]
      for (const [i, b] of blocks.entries()) {
        const next = blocks[i + 1]
        if (next?.seq === b.end) assert.ok(Math.max((b.end - b.seq) | 0, (next.end - next.seq) | 0) >= 16_384)
      }
      const first = blocks[0]?.seq ?? from
      const got: Uint8Array[] = []
      let next = first
      while (!r.isEmpty)
        next = r.drain(r.firstSeq(next), (b, offset, n) => void got.push(b.slice(offset, offset + n)))
      assert.ok(Buffer.concat(got).equals(model.filter(b => b !== 0)))
    }),
    {
      numRuns: 40,
      // Across the middle of sequence space.
      examples: [
        [
          [
            { at: 32_771, length: 2 },
            { at: 5, length: 32_769 },
            { at: 0, length: 5 },
          ],
          2_147_450_874,
        ],
      ],
    },
  )
})

test('B08 SegmentSmack: a connection holds 1,024 gaps and the bytes of its window, and its memory says so', () => {
  const t = new Target()
  const sockets: Socket[] = []
  t.stack.listen({ port: 80, onConnection: socket => void sockets.push(socket) })
  const peers = 20
  const remotes = Array.from({ length: peers }, (_, i) => new Remote(t, 0x0b000000 + i, 1))
  for (const remote of remotes) remote.open()
  const before = inUse()
  for (const [i, socket] of sockets.entries()) {
    const remote = remotes[i]!
    const r = socket.tcb.ensureReassembly()
    for (let k = 1; k <= 3000; k++) r.insert((remote.seq + 2 * k) | 0, octet, 0, 1)
  }
  const each = (inUse() - before) / peers
  for (const { tcb } of sockets)
    assert.deepEqual([tcb.reassembly!.count, tcb.reassembly!.bytes], [1024, 1024])
  assert.ok(each < 400_000, `${Math.round(each)} bytes for a connection full of gaps`)
})

test('B08 reassembly: refused pieces are sent again, and the stream is whole all the same', () => {
  const t = established({
    config: { reassemblyBlocks: 16, receiveBuffer: 65_535, sack: true },
    syn: { sackPermitted: true },
  })
  const random = new Random(8)
  const order = Array.from({ length: 400 }, (_, i) => i).sort(() => random.next() - 0.5)
  for (let round = 0; round < 60 && t.tcb.bytesReceived < 400; round++)
    for (const i of order) {
      t.arrives({ seq: 5001 + i, data: String.fromCharCode(97 + (i % 26)) })
      assert.ok((t.tcb.reassembly?.count ?? 0) <= 16)
      t.drain()
    }
  t.reads(Array.from({ length: 400 }, (_, i) => String.fromCharCode(97 + (i % 26))).join(''))
})

test('B09 FragmentSmack: datagrams, bytes and pieces are bounded, and everything is gone after the timeout', () => {
  const { stack, env, link } = rig()
  const random = new Random(9)
  const before = inUse()
  for (let i = 0; i < 30_000; i++)
    link.give(
      ipv4(
        {
          protocol: 17,
          src: `10.0.0.${2 + (i & 63)}`,
          id: random.integer(0, 65_535),
          offset: 8 * random.integer(0, 4000),
          more: true,
        },
        counting(8),
      ),
    )
  const fragments = stack['ip']['fragments']
  assert.ok((fragments['datagrams'] as Map<string, unknown>).size <= 64)
  assert.ok((fragments['bytes'] as number) <= 1 << 20)
  assert.ok(inUse() - before < 2e6)
  assert.ok(drops(stack)['fragment-limit']! > 25_000)
  env.pass(REASSEMBLY_TIMEOUT + 1)
  assert.equal((fragments['datagrams'] as Map<string, unknown>).size, 0)
  assert.equal(fragments['bytes'], 0)
  // And TCP, which never needs fragments, went on all the time.
  stack.listen({ port: 80 })
  assert.equal(link.give(ipv4({ protocol: 6 }, tcp())).length, 1)
})

test('B09 FragmentSmack: pieces of eight octets in any order take 64 looks at most', () => {
  const fragments = new Fragments()
  let looks = 0
  const findIndex = Array.prototype.findIndex
  Array.prototype.findIndex = function (this: unknown[], ...args: Parameters<typeof findIndex>) {
    looks += this.length
    return findIndex.apply(this, args)
  } as typeof findIndex
  try {
    const { stack, link } = rig()
    Object.assign(stack['ip'], { fragments })
    let most = 0
    for (let i = 400; i > 0; i--) {
      looks = 0
      link.give(ipv4({ protocol: 17, id: 1, offset: 16 * i, more: true }, counting(8)))
      most = Math.max(most, looks)
    }
    assert.ok(most <= 64 && most > 30, `${most}`)
  } finally {
    Array.prototype.findIndex = findIndex
  }
})

test('B16 memory pinning: whoever keeps an octet of each read keeps a few times what was sent, not 64 KiB each', () => {
  const queue = new ReceiveQueue()
  const kept: Uint8Array[] = []
  let received = 0
  const take = (n: number) => {
    queue.append(new Uint8Array(n), 0, n)
    received += n
  }
  // The worst order: a burst that makes slabs large, then octets that each get what is left of that size.
  for (let round = 0; round < 50; round++) {
    take(200_000)
    while (queue.length > 0) queue.take()
    for (let i = 0; i < 40; i++) {
      take(1)
      kept.push(queue.take(1)!)
    }
  }
  const pinned = [...new Set(kept.map(k => k.buffer))].reduce((sum, b) => sum + b.byteLength, 0)
  assert.ok(pinned < received / 2, `${pinned} bytes kept alive by ${kept.length} octets of ${received}`)
  // Octets that come by themselves cost what they are.
  const lone: Uint8Array[] = []
  for (let i = 0; i < 1000; i++) {
    take(1)
    lone.push(queue.take()!)
  }
  const each =
    [...new Set(lone.slice(-900).map(k => k.buffer))].reduce((sum, b) => sum + b.byteLength, 0) / 900
  assert.ok(each <= 4, `${each} bytes for one`)
})

test('B16 memory pinning: nothing that is kept is a view of the packet it came in', () => {
  const { stack, link } = rig()
  const listener = stack.listen({ port: 80 })
  const [synAck] = link.give(ipv4({ protocol: 6 }, tcp({ seq: 100 })))
  const ack = (new DataView(synAck!.buffer, synAck!.byteOffset).getUint32(24) + 1) >>> 0
  link.give(ipv4({ protocol: 6 }, tcp({ seq: 101, ack, flags: 16 })))
  const socket = listener.accept()!
  const held: ArrayBufferLike[] = []
  // Out of order first, then what fills the gap; `give` overwrites each packet once the batch is over.
  link.give(ipv4({ protocol: 6 }, tcp({ seq: 106, ack, flags: 16, payload: counting(5) })))
  const blocks = socket.tcb.reassembly!['blocks'] as { data: Uint8Array }[]
  held.push(blocks[0]!.data.buffer)
  link.give(ipv4({ protocol: 6 }, tcp({ seq: 101, ack, flags: 16, payload: counting(5) })))
  const octets: number[] = []
  for (let read = socket.receive(); read; read = socket.receive()) {
    held.push(read.buffer)
    octets.push(...read)
  }
  assert.deepEqual(octets, [...counting(5), ...counting(5)])
  for (const buffer of held) assert.ok(buffer.byteLength <= 64, `${buffer.byteLength}`)
})
