// Links that cut segments up themselves, and hand over what they have put together.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Environment } from '../../src/stack/environment.js'
import type { Link, LinkReceiver } from '../../src/stack/link.js'
import type { Socket } from '../../src/stack/socket.js'
import { Stack } from '../../src/stack/stack.js'
import { IpAddress } from '../../src/wire/address.js'
import { get16 } from '../../src/wire/bytes.js'
import { sum, verifies } from '../../src/wire/checksum.js'
import { IpView, parseIp, pseudoSumOf } from '../../src/wire/ip.js'
import { arp, FakeEnvironment, frame, OWN_MAC, OWN4, PEER_MAC, PEER4 } from '../support/packets.js'

/** As long as a TUN's. */
const BUFFER = 65_569
const AT = 16
const MSS = 1448

interface Packet {
  bytes: Uint8Array
  length: number
  segmentSize: number
}

/** Two stacks and what is between them, which does nothing until it is told to. */
class Bench {
  now = 0
  readonly kept: { length: number; of: number }[] = []
  readonly copied: number[] = []
  readonly passed: Packet[] = []
  returned = 0
  /** Pieces of payload that were taken from where they lay. */
  gathered = 0
  readonly #alarms = new Map<Environment, { at: number; call: () => void }>()
  readonly #waiting: [LinkReceiver[], Packet][] = []
  readonly a: Stack
  readonly b: Stack

  constructor(private readonly gathers = false) {
    const [atA, atB]: LinkReceiver[][] = [[], []]
    this.a = this.#stack(atA!, atB!, '10.0.0.1/24')
    this.b = this.#stack(atB!, atA!, '10.0.0.2/24')
  }

  #stack(mine: LinkReceiver[], others: LinkReceiver[], address: string): Stack {
    const env: Environment = {
      now: () => this.now,
      fillRandom: bytes => bytes.fill(7),
      wakeAt: (at, call) => this.#alarms.set(env, { at, call }),
      cancelWake: () => this.#alarms.delete(env),
      reportError: error => {
        throw error
      },
    }
    const pass = (parts: Uint8Array[], segmentSize: number) => {
      const copy = new Uint8Array(BUFFER)
      const whole = Buffer.concat(parts)
      copy.set(whole, AT)
      this.#waiting.push([others, { bytes: copy, length: whole.length, segmentSize }])
      return true
    }
    const link: Link = {
      kind: 'ip',
      mtu: 1500,
      segmentation: 64_000,
      attach: receiver => void mine.push(receiver),
      send: (bytes, offset, length, segmentSize = 0) =>
        pass([bytes.subarray(offset, offset + length)], segmentSize),
      ...(this.gathers && {
        sendGathered: (bytes, offset, length, { count, chunks, from, lengths }, segmentSize) => {
          this.gathered += count
          const payload = (i: number) => chunks[i]!.subarray(from[i], from[i]! + lengths[i]!)
          const head = bytes.subarray(offset, offset + length)
          return pass([head, ...Array.from({ length: count }, (_, i) => payload(i))], segmentSize)
        },
      }),
      close: () => {},
    }
    const stack = new Stack({ env, tcp: { congestion: 'reno' } })
    stack.addInterface(link, { addresses: [address] })
    return stack
  }

  /** What nobody looks at any more is overwritten at once, as the next packet would. */
  takeBack(bytes: Uint8Array): void {
    this.returned++
    new Uint8Array(bytes.buffer).fill(0xdd)
  }

  /** Lets everything happen, until `done`. What was not kept is overwritten at once, as the next packet would. */
  run(done: () => boolean): void {
    for (let turns = 0; !done(); turns++) {
      assert.ok(turns < 1_000_000, 'it never comes to an end')
      const next = this.#waiting.shift()
      if (next) {
        const [[receiver], packet] = next
        const { bytes, length, segmentSize } = packet
        this.passed.push({ ...packet, bytes: bytes.slice(AT, AT + length) })
        if (receiver!.offer!(bytes, AT, length, segmentSize > 0, this, segmentSize))
          this.kept.push({ length, of: bytes.length })
        else {
          this.copied.push(length)
          bytes.fill(0xee)
        }
        receiver!.batchEnd()
        continue
      }
      const [env, alarm] = [...this.#alarms].toSorted(([, x], [, y]) => x.at - y.at)[0]!
      this.#alarms.delete(env)
      this.now = Math.max(this.now, alarm.at)
      alarm.call()
    }
  }
}

const patterned = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31) ^ (i >>> 8))

type Read = (socket: Socket) => Uint8Array | undefined

/** Sends it from one to the other, which keeps all the pieces it reads. */
function transfer(
  bench: Bench,
  writes: readonly Uint8Array[],
  read: Read = socket => socket.receive(),
): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let over = false
  bench.b.listen({
    port: 80,
    onConnection: socket => {
      socket.handler = {
        readable: () => {
          for (let piece = read(socket); piece; piece = read(socket)) pieces.push(piece)
        },
        end: () => {
          over = true
        },
      }
    },
  })
  const left = [...writes]
  const socket = bench.a.connect({ remote: IpAddress.parse('10.0.0.2'), port: 80 })
  const write = () => {
    for (let next = left.shift(); next; next = left.shift()) if (!socket.send(next)) break
    if (left.length === 0) socket.close()
  }
  socket.handler = { open: write, writable: () => left.length > 0 && write() }
  bench.run(() => over)
  return pieces
}

const joined = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces)

describe('segments that are not cut up', () => {
  it('bring two megabytes over, most of it without a copy, and not a byte changed', () => {
    const bench = new Bench()
    const content = patterned(1 << 21)
    const pieces = transfer(bench, [content])
    assert.ok(joined(pieces).equals(content))
    const carried = bench.kept.reduce((total, { length }) => total + length, 0)
    assert.ok(carried > content.length / 2, `${carried} bytes were kept as they came`)
  })

  it('are kept only if they fill half of their buffer: a slice that somebody keeps pins no more than twice its size', () => {
    const bench = new Bench()
    const writes = Array.from({ length: 40 }, (_, i) => patterned(1000 + i * 1000))
    const pieces = transfer(bench, writes)
    assert.ok(joined(pieces).equals(joined(writes)))
    for (const { length, of } of bench.kept) assert.ok(2 * length >= of, `${length} of ${of}`)
    assert.ok(bench.copied.some(length => length > 10_000))
    const [held, read] = [new Set(pieces.map(p => p.buffer)), joined(pieces).length]
    const pinned = [...held].reduce((total, buffer) => total + buffer.byteLength, 0)
    assert.ok(pinned <= 2 * read + 65_536, `${pinned} bytes held for ${read}`)
  })

  it('go back to the link once they are copied out, and only if no view of them was ever handed out', () => {
    const bench = new Bench()
    const content = patterned(1 << 20)
    const copying: Read = socket => {
      const into = new Uint8Array(50_001)
      const length = socket.receiveInto(into)
      return length > 0 ? into.subarray(0, length) : undefined
    }
    assert.ok(joined(transfer(bench, [content], copying)).equals(content))
    assert.ok(bench.kept.length > 5)
    assert.equal(bench.returned, bench.kept.length)

    const mixed = new Bench()
    let turn = 0
    const either: Read = socket => (turn++ % 3 === 0 ? socket.receive(7000) : copying(socket))
    assert.ok(joined(transfer(mixed, [content], either)).equals(content))
    assert.ok(mixed.returned < mixed.kept.length)
  })

  it('are runs of whole segments, without a checksum of their own; all others have theirs', () => {
    const bench = new Bench()
    transfer(bench, [patterned(500_000)])
    const view = new IpView()
    let cut = 0
    for (const { bytes, segmentSize } of bench.passed) {
      assert.equal(parseIp(view, bytes, 0, bytes.length), undefined)
      const { payloadOffset: at, payloadLength: length } = view
      const pseudo = pseudoSumOf(view, 6, length)
      if (segmentSize === 0) {
        assert.ok(length <= 1480)
        assert.ok(verifies(pseudo + sum(bytes, at, length)))
        continue
      }
      cut++
      assert.equal(segmentSize, MSS)
      assert.equal((length - 32) % MSS, 0)
      let folded = pseudo
      while (folded > 0xffff) folded = (folded >>> 16) + (folded & 0xffff)
      assert.equal(get16(bytes, at + 16), folded)
    }
    assert.ok(cut > 5)
  })

  it('are taken from where their payload lies, if the link can: of few large writes, but not of many small ones', () => {
    const large = new Bench(true)
    const writes = Array.from({ length: 9 }, (_, i) => patterned(100_000 + i))
    assert.ok(joined(transfer(large, writes)).equals(joined(writes)))
    assert.ok(large.gathered > 10)
    const small = new Bench(true)
    const many = Array.from({ length: 1000 }, (_, i) => patterned(100 + (i % 7)))
    assert.ok(joined(transfer(small, many)).equals(joined(many)))
    assert.equal(small.gathered, 0)
  })

  it('are whole again after the link has thrown', () => {
    const bench = new Bench(true)
    const { link } = bench.a.interfaces.at(-1)!
    const send = link.sendGathered!
    let thrown = 0
    link.sendGathered = (...packet) => {
      if (thrown++ === 0) throw new Error('once')
      return send(...packet)
    }
    const errors: unknown[] = []
    bench.a['context'].env.reportError = error => void errors.push(error)
    const content = patterned(500_000)
    assert.ok(joined(transfer(bench, [content])).equals(content))
    assert.deepEqual([errors.length, bench.gathered > 5], [1, true])
  })

  it('are shown whole to those who watch, whatever the link can', () => {
    const bench = new Bench(true)
    let seen = 0
    const packet = (
      _direction: unknown,
      _iface: unknown,
      bytes: Uint8Array,
      offset: number,
      length: number,
    ) => {
      if (length > 1500) seen += bytes.subarray(offset, offset + length).length
    }
    bench.a.observer = { packet }
    const content = patterned(300_000)
    assert.ok(joined(transfer(bench, [content])).equals(content))
    assert.ok(seen > 200_000)
    assert.equal(bench.gathered, 0)
  })

  it('are shown to those who watch with their checksum', () => {
    const bench = new Bench()
    const view = new IpView()
    let seen = 0
    const observer = {
      packet: (_direction: unknown, _iface: unknown, bytes: Uint8Array, offset: number, length: number) => {
        assert.equal(parseIp(view, bytes, offset, length), undefined)
        const { payloadOffset: at, payloadLength } = view
        assert.ok(verifies(pseudoSumOf(view, 6, payloadLength) + sum(bytes, at, payloadLength)))
        if (length > 1500) seen++
      },
    }
    bench.a.observer = bench.b.observer = observer
    const content = patterned(300_000)
    assert.ok(joined(transfer(bench, [content])).equals(content))
    assert.ok(seen > 5)
  })
})

describe('segments that are not cut up, on Ethernet', () => {
  /** A stack whose neighbour has not answered yet, and what it has sent. */
  function waiting() {
    const sent: { type: number; length: number; segmentSize: number }[] = []
    let receiver!: LinkReceiver
    const link: Link = {
      kind: 'ethernet',
      mtu: 1500,
      segmentation: 64_000,
      hardwareAddress: Uint8Array.from(OWN_MAC),
      attach: attached => {
        receiver = attached
      },
      send: (bytes, offset, length, segmentSize = 0) => {
        sent.push({ type: get16(bytes, offset + 12), length, segmentSize })
        return true
      },
      close: () => {},
    }
    const stack = new Stack({ env: new FakeEnvironment() })
    const iface = stack.addInterface(link, { addresses: [`${OWN4}/24`] })
    const { resolver } = stack['ip']
    const send = (length: number, segmentSize: number) =>
      resolver.send(iface, IpAddress.parse(PEER4), length, segmentSize)
    const answer = () => {
      const reply = frame(OWN_MAC, PEER_MAC, 0x0806, arp(2, PEER_MAC, PEER4, OWN_MAC, OWN4))
      receiver.packet(reply, 0, reply.length)
      receiver.batchEnd()
    }
    return { stack, sent, send, answer }
  }

  it('wait for the address of their neighbour as others do, and are cut up then', () => {
    const { sent, send, answer } = waiting()
    send(4384, MSS)
    send(100, 0)
    answer()
    send(2936, MSS)
    assert.deepEqual(sent, [
      { type: 0x0806, length: 42, segmentSize: 0 },
      { type: 0x0800, length: 4398, segmentSize: MSS },
      { type: 0x0800, length: 114, segmentSize: 0 },
      { type: 0x0800, length: 2950, segmentSize: MSS },
    ])
  })

  it('a quarter of a megabyte at most', () => {
    const { stack, sent, send, answer } = waiting()
    for (let i = 0; i < 5; i++) send(60_000, MSS)
    assert.equal(stack.counters.neighbourQueueFull, 1)
    answer()
    assert.equal(sent.length, 5)
  })
})
