import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { findStory, play } from '../../src/stories/index.js'
import { mayTake, type State, TRANSITIONS } from '../../src/tcp/states.js'
import { writeSegments } from '../../src/trace/capture.js'
import { CaptureError, type CaptureFile } from '../../src/trace/capture-file.js'
import { conversations } from '../../src/trace/conversations.js'
import { PcapngWriter } from '../../src/trace/pcapng.js'
import { readCapture } from '../../src/trace/read-capture.js'
import { BIG, Blocks, LITTLE, pcap } from '../support/captures.js'
import { be16, be32, join, tcpPacket } from '../support/packets.js'

const V4 = tcpPacket()
const V6 = tcpPacket({ src: 'fd00::2', dst: 'fd00::1' })
const MACS = new Array(12).fill(2)

const ethernet = (type: number, payload: ArrayLike<number>, ...tags: number[][]): Uint8Array =>
  join(MACS, ...tags, be16(type), payload)
const sll = (type: number, payload: ArrayLike<number>, kind = 0): Uint8Array =>
  join(be16(kind), be16(1), be16(6), new Array(8).fill(0), be16(type), payload)
const sll2 = (type: number, payload: ArrayLike<number>, index = 3): Uint8Array =>
  join(be16(type), be16(0), be32(index), be16(1), [0, 6], new Array(8).fill(0), payload)

const only = (file: CaptureFile) => {
  assert.equal(file.packets.length, 1, JSON.stringify(file.skipped))
  return file.packets[0]!
}

describe('readCapture, pcap', () => {
  for (const order of [LITTLE, BIG])
    for (const nano of [false, true])
      it(`reads ${order.little ? 'little' : 'big'}-endian files in ${nano ? 'ns' : 'µs'}`, () => {
        const fractions = nano ? [500_000_000, 500_001_234] : [500_000, 500_001]
        const records = fractions.map(fraction => ({ bytes: V4, seconds: 1_735_689_600, fraction }))
        const file = readCapture(pcap(records, { order, nano }))
        assert.equal(file.format, 'pcap')
        assert.equal(file.start, 1_735_689_600_500)
        assert.deepEqual(
          file.packets.map(p => p.time),
          [0, nano ? 0.001234 : 0.001],
        )
        assert.deepEqual(file.packets[1]!.bytes, V4)
        assert.deepEqual([file.total, file.truncated, file.linkTypes], [2, false, [101]])
      })

  it('says of a packet what was not captured of it', () => {
    const packet = only(readCapture(pcap([{ bytes: V4.subarray(0, 30), length: V4.length }])))
    assert.deepEqual(
      [packet.truncated, packet.length, packet.bytes.length, packet.time],
      [true, V4.length, 30, 0],
    )
  })

  it('cuts off the padding of a link', () => {
    const file = readCapture(pcap([{ bytes: join(ethernet(0x0800, V4), [0, 0, 0, 0]) }], { linkType: 1 }))
    assert.deepEqual(only(file).bytes, V4)
    assert.equal(only(file).truncated, false)
  })

  it('takes a packet that gives no length, as devices that cut up segments do, to be all that was there', () => {
    const bytes = Uint8Array.from(V4)
    bytes.set([0, 0], 2)
    const packet = only(readCapture(pcap([{ bytes }])))
    assert.deepEqual([packet.length, packet.truncated], [V4.length, false])
    assert.equal(conversations([packet]).conversations.length, 1)
  })

  it('gives the packets before the place where a file is cut off', () => {
    const whole = pcap([{ bytes: V4 }, { bytes: V6 }])
    for (const cut of [1, V6.length, V6.length + 15]) {
      const file = readCapture(whole.subarray(0, whole.length - cut))
      assert.deepEqual([file.packets.length, file.truncated], [1, true])
    }
    assert.equal(readCapture(whole.subarray(0, whole.length - V6.length - 16)).truncated, false)
  })
})

describe('readCapture, link types', () => {
  const tag = (type: number) => [...be16(type), ...be16(42)]
  const links: [string, number, Uint8Array][] = [
    ['Ethernet', 1, ethernet(0x0800, V4)],
    ['Ethernet, IPv6', 1, ethernet(0x86dd, V6)],
    ['VLAN', 1, ethernet(0x0800, V4, tag(0x8100))],
    ['QinQ', 1, ethernet(0x86dd, V6, tag(0x88a8), tag(0x8100))],
    ['raw', 101, V4],
    ['raw, IPv6', 101, V6],
    ['raw IPv4', 228, V4],
    ['raw IPv6', 229, V6],
    ['raw, BSD', 12, V4],
    ['raw, OpenBSD', 14, V6],
    ['null, little-endian', 0, join([2, 0, 0, 0], V4)],
    ['null, big-endian', 0, join([0, 0, 0, 2], V4)],
    ['null, IPv6 of macOS', 0, join([30, 0, 0, 0], V6)],
    ['null, IPv6 of FreeBSD', 0, join([28, 0, 0, 0], V6)],
    ['loop, IPv6 of OpenBSD', 108, join([0, 0, 0, 24], V6)],
    ['Linux cooked', 113, sll(0x0800, V4, 4)],
    ['Linux cooked, VLAN', 113, sll(0x8100, join(be16(42), be16(0x86dd), V6))],
    ['Linux cooked v2', 276, sll2(0x86dd, V6)],
  ]
  for (const [name, linkType, bytes] of links)
    it(`finds the packet behind ${name}`, () => {
      for (const order of [LITTLE, BIG]) {
        const blocks = new Blocks(order)
        const ng = join(blocks.section(), blocks.interface(linkType), blocks.enhanced(0, 0n, bytes))
        for (const file of [pcap([{ bytes }], { order, linkType }), ng]) {
          const packet = only(readCapture(file))
          assert.deepEqual(packet.bytes, packet.bytes[0] === 0x45 ? V4 : V6)
        }
      }
      const cut = readCapture(pcap([{ bytes: bytes.subarray(0, 3), length: bytes.length }], { linkType }))
      assert.deepEqual([cut.packets.length, cut.skipped['cut-short']], [0, 1])
    })

  it('keeps apart where packets were captured', () => {
    const places = (linkType: number, ...frames: Uint8Array[]) =>
      readCapture(
        pcap(
          frames.map(bytes => ({ bytes })),
          { linkType },
        ),
      ).packets.map(p => p.place)
    assert.deepEqual(places(276, sll2(0x0800, V4, 1), sll2(0x0800, V4, 7)), [1, 7])
    assert.deepEqual(places(113, sll(0x0800, V4, 0), sll(0x0800, V4, 4)), [0, 4])
  })

  it('counts what it leaves out', () => {
    const arp = ethernet(0x0806, new Array(28).fill(0))
    const file = readCapture(pcap([{ bytes: arp }, { bytes: ethernet(0x0800, V4) }], { linkType: 1 }))
    assert.deepEqual([file.total, file.packets.length, file.skipped['not-ip']], [2, 1, 1])
    const usb = readCapture(pcap([{ bytes: arp }], { linkType: 220 }))
    assert.deepEqual([usb.skipped['unknown-link-type'], usb.linkTypes], [1, [220]])
    assert.equal(readCapture(pcap([{ bytes: [0x75, 1, 2] }])).skipped['not-ip'], 1)
    assert.equal(readCapture(pcap([{ bytes: [9, 0, 0, 0, 0x45] }], { linkType: 0 })).skipped['not-ip'], 1)
  })
})

describe('readCapture, pcapng', () => {
  for (const order of [LITTLE, BIG]) {
    const b = new Blocks(order)
    const name = order.little ? 'little-endian' : 'big-endian'

    it(`reads every kind of packet block, ${name}`, () => {
      const file = readCapture(
        join(
          b.section(),
          b.interface(101),
          b.enhanced(0, 1_735_689_600_000_000n, V4),
          b.simple(V6),
          b.packet(0, 1_735_689_600_001_000n, V4),
          b.block(0xbad, [1, 2, 3, 4]),
          b.block(5, new Array(12).fill(0)),
        ),
      )
      assert.deepEqual(
        file.packets.map(p => [p.time, p.bytes[0]! >>> 4]),
        [
          [0, 4],
          [0, 6],
          [1, 4],
        ],
      )
      assert.deepEqual([file.start, file.untimed, file.total], [1_735_689_600_000, 1, 3])
    })

    it(`minds the resolution and the offset of an interface, ${name}`, () => {
      const offset = b.option(14, order.u64(1_735_689_600n))
      const ended = b.option(0, [])
      const file = readCapture(
        join(
          b.section(),
          b.interface(101, [...b.option(2, [104, 105]), ...b.option(9, [9]), ...ended]),
          b.interface(101, [...b.option(9, [0x80 | 10]), ...offset]),
          b.interface(101, [...b.option(9, [0])]),
          b.enhanced(0, 1_735_689_600_000_001_000n, V4),
          b.enhanced(1, 512n, V4),
          b.enhanced(2, 1_735_689_601n, V4),
        ),
      )
      assert.deepEqual(
        file.packets.map(p => [p.time, p.place]),
        [
          [0, 0],
          [499.999, 1],
          [999.999, 2],
        ],
      )
    })
  }

  it('reads several sections, each with its byte order and interfaces of its own', () => {
    const [l, b] = [new Blocks(LITTLE), new Blocks(BIG)]
    const file = readCapture(
      join(
        l.section(),
        l.interface(1),
        l.enhanced(0, 0n, ethernet(0x0800, V4)),
        b.section(),
        b.interface(101),
        b.enhanced(0, 1000n, V6),
      ),
    )
    assert.deepEqual(
      file.packets.map(p => [p.time, p.place, p.bytes[0]! >>> 4]),
      [
        [0, 0, 4],
        [1, 1, 6],
      ],
    )
    assert.deepEqual(file.linkTypes, [1, 101])
  })

  it('cuts a simple packet to the snap length', () => {
    const b = new Blocks(LITTLE)
    const packet = only(readCapture(join(b.section(), b.interface(101, [], 24), b.simple(V4))))
    assert.deepEqual([packet.bytes.length, packet.truncated], [24, true])
  })

  it('gives the packets before the place where a file is cut off', () => {
    const b = new Blocks(LITTLE)
    const whole = join(b.section(), b.interface(101), b.enhanced(0, 0n, V4), b.enhanced(0, 1n, V4))
    for (const cut of [1, 40, 70]) {
      const file = readCapture(whole.subarray(0, whole.length - cut))
      assert.deepEqual([file.packets.length, file.truncated], [1, true])
    }
  })
})

describe('readCapture, what is wrong', () => {
  const b = new Blocks(LITTLE)
  const start = join(b.section(), b.interface(101))
  const broken = Uint8Array.from(b.enhanced(0, 0n, V4))
  broken[broken.length - 4] = 0xff
  const longOption = [9, 0, 100, 0, 9, 0, 0, 0]
  const cases: [string, Uint8Array, RegExp, number][] = [
    ['nothing', new Uint8Array(0), /^an empty file, neither pcap nor pcapng/, 0],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0), /compressed with gzip/, 0],
    ['something else', Uint8Array.of(0x50, 0x4b, 3, 4), /begins with 504b0304/, 0],
    ['the modified pcap', Uint8Array.of(0x34, 0xcd, 0xb2, 0xa1), /modified kind/, 0],
    ['a header cut off', pcap([]).subarray(0, 20), /ends within its header/, 20],
    ['an old version', pcap([], { version: 543 }), /version 543/, 4],
    ['an impossible packet', pcap([{ bytes: V4, captured: 0xffffffff }]), /4294967295 bytes/, 32],
    ['no byte order', join(b.block(0x0a0d0d0a, new Array(16).fill(0))), /magic number/, 8],
    ['pcapng 2', b.section(2), /version 2/, 12],
    ['a first block cut off', b.section().subarray(0, 20), /within its first block/, 20],
    ['an odd block', join(start, LITTLE.u32(6), LITTLE.u32(13), V4), /13 bytes/, start.length + 4],
    ['a huge block', join(start, LITTLE.u32(6), LITTLE.u32(2 ** 31), V4), /2147483648/, start.length + 4],
    ['lengths that differ', join(start, broken), /by its end/, start.length + broken.length - 4],
    ['no such interface', join(start, b.enhanced(1, 0n, V4)), /interface 1/, start.length],
    ['no interface', join(b.section(), b.simple(V4)), /interface 0/, b.section().length],
    ['a block too small', join(start, b.block(6, [0, 0, 0, 0])), /Enhanced Packet Block/, start.length],
    [
      'a packet larger than its block',
      join(start, b.block(6, new Array(12).fill(0), LITTLE.u32(99), LITTLE.u32(99))),
      /room for 0/,
      start.length,
    ],
    [
      'an option too long',
      join(b.section(), b.interface(101, longOption)),
      /option/,
      b.section().length + 16,
    ],
  ]
  for (const [name, bytes, message, offset] of cases)
    it(`says so: ${name}`, () => {
      assert.throws(
        () => readCapture(bytes),
        (error: unknown) => {
          assert(error instanceof CaptureError)
          assert.match(error.message, message)
          assert.match(error.message, new RegExp(`\\(at byte ${offset}\\)$`))
          assert.equal(error.offset, offset)
          return true
        },
      )
    })
})

/** Reads what can be read, to the end of what is made of it; a CaptureError is an answer, too. */
function survive(bytes: Uint8Array): void {
  let file: CaptureFile
  try {
    file = readCapture(bytes)
  } catch (error) {
    assert(error instanceof CaptureError, String(error))
    return
  }
  const skipped = Object.values(file.skipped).reduce((a, b) => a + b, 0)
  assert.equal(file.packets.length + skipped, file.total)
  for (const packet of file.packets) {
    assert(packet.bytes.buffer === bytes.buffer && packet.bytes.length <= packet.length)
    assert.equal(packet.truncated, packet.bytes.length < packet.length)
    assert(Number.isFinite(packet.time))
  }
  const told = conversations(file.packets)
  const lost = Object.values(told.skipped).reduce((a, b) => a + b, 0)
  const had = told.conversations.reduce((n, c) => n + c.segments.length + c.duplicates, 0)
  assert.equal(had + lost, file.packets.length)
  for (const { events, initial } of told.conversations) {
    const states = new Map<string, State>()
    let t = Number.NEGATIVE_INFINITY
    for (const event of events) {
      assert(event.t >= t)
      t = event.t
      if (event.kind !== 'state') continue
      assert.equal(event.from, states.get(event.host) ?? initial)
      assert(mayTake(event.id, event.from) && TRANSITIONS[event.id].to === event.to)
      states.set(event.host, event.to)
    }
  }
}

describe('readCapture, anything at all', () => {
  const magics = [[], [0x0a, 0x0d, 0x0d, 0x0a], ...[LITTLE, BIG].map(o => o.u32(0xa1b2c3d4))]

  it('survives random bytes', () => {
    const bytes = fc
      .tuple(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 400 }))
      .map(([magic, rest]) => join(magic, rest))
    fc.assert(fc.property(bytes, survive), { numRuns: 3000, seed: 1 })
  })

  it('survives files in which something was changed, put in or taken out', () => {
    const blocks: Uint8Array[] = []
    const names = ['close', 'retransmit', 'time-wait-reuse', 'old-duplicate-syn']
    const stories = names.map(name => play(findStory(name)!).recorder.segments)
    const writer = new PcapngWriter(block => blocks.push(block))
    for (const segments of stories) writeSegments(writer, segments)
    const records = stories
      .flat()
      .map(({ bytes, event }) => ({ bytes, seconds: Math.floor(event.t / 1000), fraction: 0 }))
    const files = [join(...blocks), pcap(records), pcap(records, { order: BIG, nano: true, linkType: 228 })]
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      kind: fc.constantFrom('set', 'set', 'set', 'cut', 'insert'),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    })
    const changed = fc
      .tuple(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 20 }))
      .map(([file, changes]) => {
        let out = Uint8Array.from(file)
        for (const { at, kind, bytes } of changes) {
          const place = Math.floor(at * out.length)
          if (kind === 'set') out.set(bytes.subarray(0, out.length - place), place)
          else {
            const rest = out.subarray(place + (kind === 'cut' ? bytes.length : 0))
            out = Uint8Array.from([...out.subarray(0, place), ...(kind === 'insert' ? bytes : []), ...rest])
          }
        }
        return out
      })
    fc.assert(fc.property(changed, survive), { numRuns: 300, seed: 1 })
  })

  it('survives segments that make no sense together', () => {
    const number = fc.constantFrom(0, 1, 100, 101, 0x7fffffff, 0x80000000, 0xffffffff)
    const segment = fc.record({
      back: fc.boolean(),
      flags: fc.nat(63),
      seq: number,
      ack: number,
      window: fc.constantFrom(0, 1000),
      length: fc.constantFrom(0, 0, 1, 100),
      wait: fc.constantFrom(0, 1, 500, 70_000),
    })
    const conversation = fc.array(segment, { maxLength: 40 }).map(list => {
      let t = 0
      const records = list.map(({ back, length, wait, ...fields }) => {
        t += wait
        const ports = back ? { srcPort: 80, dstPort: 4000 } : {}
        const ends = back ? { src: '10.0.0.1', dst: '10.0.0.2' } : {}
        const bytes = tcpPacket({ ...fields, ...ports, ...ends, payload: new Uint8Array(length) })
        return { bytes, seconds: Math.floor(t / 1000), fraction: (t % 1000) * 1000 }
      })
      return pcap(records)
    })
    fc.assert(fc.property(conversation, survive), { numRuns: 2000, seed: 1 })
  })
})
