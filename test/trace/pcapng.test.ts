import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { type PcapngInterface, type PcapngOptions, PcapngWriter } from '../../src/trace/pcapng.js'
import { skipWithoutTshark, tsharkComplaints, tsharkFields } from '../support/tshark.js'

suite('pcapng: golden file', () => {
  test('every byte of a tiny capture', () => {
    const { writer, file } = capture({ application: 'estab', comment: 'hi' })
    assert.equal(writer.addInterface({ name: 'tun0', linkType: 'ip', snapLength: 65_535 }), 0)
    assert.equal(writer.addInterface({ name: 'e', description: 'lan', linkType: 'ethernet' }), 1)
    writer.addName('10.0.0.1', 'ab')
    // 2^32 ns + 1.5 ms, so that both words of the timestamp are at work.
    const bytes = Uint8Array.of(9, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 9)
    writer.packet({ interface: 0, time: 4296.467296, bytes, offset: 1, length: 5 })
    writer.packet({ interface: 1, time: 0, bytes, length: 1, comment: 'SYN', direction: 'out', dropped: 258 })

    const golden = `
      0a0d0d0a 34000000 4d3c2b1a 0100 0000 ffffffffffffffff  Section Header Block, 52 bytes, version 1.0
        0100 0200 6869 0000                                  opt_comment, 2 bytes 'hi', padding
        0400 0500 6573746162 000000                          shb_userappl, 5 bytes 'estab', padding
        0000 0000 34000000                                   opt_endofopt, length again

      01000000 28000000 6500 0000 ffff0000                   Interface Description Block, RAW (101), 65535
        0200 0400 74756e30                                   if_name 'tun0'
        0900 0100 09 000000                                  if_tsresol 10^-9, padding
        0000 0000 28000000

      01000000 30000000 0100 0000 00000400                   Interface Description Block, ETHERNET (1), 262144
        0200 0100 65 000000                                  if_name 'e'
        0300 0300 6c616e 00                                  if_description 'lan'
        0900 0100 09 000000                                  if_tsresol
        0000 0000 30000000

      04000000 1c000000                                      Name Resolution Block
        0100 0700 0a000001 616200 00                         nrb_record_ipv4 10.0.0.1 'ab\\0', padding
        0000 0000 1c000000                                   nrb_record_end

      06000000 28000000 00000000                             Enhanced Packet Block on interface 0
        01000000 60e31600                                    2^32 * 1 + 1,500,000 ns
        05000000 05000000 aabbccddee 000000                  captured, original length, packet, padding
        28000000

      06000000 44000000 01000000                             Enhanced Packet Block on interface 1
        00000000 00000000                                    1970
        01000000 01000000 09 000000                          packet, padding
        0100 0300 53594e 00                                  opt_comment 'SYN'
        0200 0400 02000000                                   epb_flags outbound
        0400 0800 0201000000000000                           epb_dropcount 258
        0000 0000 44000000`
    const hex = golden
      .split('\n')
      .map(line => line.trim().split(/ {2,}/)[0].replaceAll(' ', ''))
      .join('')
    assert.equal(Buffer.from(file()).toString('hex'), hex)
  })
})

suite('pcapng: writer', () => {
  test('the sink gets one whole block for each call, in a buffer of its own', () => {
    const blocks: Uint8Array[] = []
    const writer = new PcapngWriter(bytes => blocks.push(bytes))
    assert.equal(blocks.length, 1)
    const id = writer.addInterface({ name: 'a', linkType: 'ip' })
    const bytes = Uint8Array.of(1, 2, 3)
    writer.packet({ interface: id, time: 1, bytes })
    bytes.fill(7)
    writer.packet({ interface: id, time: 1, bytes })
    assert.deepEqual(
      blocks.map(block => walk(block).length),
      [1, 1, 1, 1],
    )
    assert.deepEqual(new Set(blocks.map(block => block.buffer)).size, 4)
    const packets = blocks.slice(2).map(block => (walk(block)[0] as { data: number[] }).data)
    assert.deepEqual(packets, [
      [1, 2, 3],
      [7, 7, 7],
    ])
  })

  test('a packet beyond the snap length is cut and keeps its length', () => {
    const { writer, file } = capture()
    const short = writer.addInterface({ name: 'short', linkType: 'ip', snapLength: 2 })
    const whole = writer.addInterface({ name: 'whole', linkType: 'ip' })
    writer.packet({ interface: short, time: 0, bytes: Uint8Array.of(1, 2, 3) })
    writer.packet({ interface: whole, time: 0, bytes: new Uint8Array(262_145) })
    const packets = walk(file()).filter(block => block.type === 'packet')
    assert.deepEqual(
      packets.map(packet => [packet.data.length, packet.originalLength]),
      [
        [2, 3],
        [262_144, 262_145],
      ],
    )
  })

  test('timestamps keep their nanoseconds', () => {
    const cases: [milliseconds: number, nanoseconds: bigint][] = [
      [0, 0n],
      [0.000001, 1n],
      [0.0000004, 0n],
      [0.9999999, 1_000_000n],
      [1.234567, 1_234_567n],
      [86_400_000.000001, 86_400_000_000_001n],
      [4294.967295, 2n ** 32n - 1n],
      [4294.967296, 2n ** 32n],
      [1_700_000_000_000 + 2 ** -12, 1_700_000_000_000_000_244n],
      [18_446_744_073_709, 18_446_744_073_709_000_000n],
      [18_446_744_073_709.55, 18_446_744_073_709_550_781n],
    ]
    for (const [time, expected] of cases) {
      assert.equal(timestampOf(time), expected, `${time} ms`)
    }
  })

  test('property: a timestamp is the nearest nanosecond', () => {
    const latest = 18_446_744_073_709.5
    const times = fc.oneof(
      fc.double({ min: 0, max: latest, noNaN: true }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 1.6e12, max: 2.2e12, noNaN: true }),
    )
    fc.assert(
      fc.property(times, time => {
        // In units of 2^-52 ms, which every such double with a fraction of weight is a multiple of.
        const unit = 2n ** 52n
        const whole = Math.floor(time)
        const exact = BigInt(whole) * unit + BigInt(Math.round((time - whole) * 2 ** 52))
        const error = timestampOf(time) * unit - exact * 1_000_000n
        const magnitude = error < 0n ? -error : error
        // The slack, 2^-22 ns, is for the one rounding of the product.
        assert.ok(magnitude <= unit / 2n + 2n ** 30n, `${error} / 2^52 ns`)
      }),
    )
  })

  test('addresses in text', () => {
    const good: [text: string, hex: string][] = [
      ['0.0.0.0', '00000000'],
      ['255.10.0.1', 'ff0a0001'],
      ['::', '00'.repeat(16)],
      ['::1', '00'.repeat(15) + '01'],
      ['fe80::', 'fe80' + '00'.repeat(14)],
      ['2001:DB8::8:0', '20010db8' + '00'.repeat(8) + '00080000'],
      ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
      ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
      ['::2:3:4:5:6:7:8', '00000002000300040005000600070008'],
      ['::ffff:192.0.2.33', '00'.repeat(10) + 'ffffc0000221'],
      ['64:ff9b:0:0:0:0:1.2.3.4', '0064ff9b' + '00'.repeat(8) + '01020304'],
    ]
    for (const [text, hex] of good) {
      const { writer, file } = capture()
      writer.addName(text, 'x')
      const { address } = walk(file()).find(block => block.type === 'name')!
      assert.equal(Buffer.from(address).toString('hex'), hex, text)
    }
    const bad = [
      ...[
        '',
        '1.2.3',
        '1.2.3.4.5',
        '1.2.3.256',
        '1.2.3.04',
        '1.2.3.-4',
        '1.2.3.4 ',
        'a.example',
        '0x1.2.3.4',
      ],
      ...': ::: 1::2::3 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 1:2:3:4:5:6:7:8:: 12345:: g:: :1::2 1: 1::2:'.split(
        ' ',
      ),
      ...'fe80::1%eth0 ::1.2.3.4:5 ::1.2.3 1:2:3:4:5:6:7:1.2.3.4 ::1/64'.split(' '),
    ]
    for (const text of bad) {
      const { writer } = capture()
      assert.throws(() => writer.addName(text, 'x'), { name: 'RangeError', message: /^address / }, text)
    }
  })

  test('a bad argument throws a RangeError that names it, and nothing is written', () => {
    const refuses = (argument: string, call: () => void) =>
      assert.throws(
        call,
        { name: 'RangeError', message: new RegExp(`^${argument} `) },
        `${argument}: ${call}`,
      )
    const long = 'é'.repeat(32_768)

    for (const option of ['application', 'hardware', 'os', 'comment']) {
      refuses(option, () => new PcapngWriter(() => assert.fail('wrote'), { [option]: long }))
    }

    const { writer, file } = capture()
    const packet = { interface: 0, time: 1, bytes: new Uint8Array(10) }
    refuses('interface', () => writer.packet(packet))
    assert.equal(writer.addInterface({ name: 'a', linkType: 'ip' }), 0)
    const size = file().length

    for (const id of [-1, 1, 0.5, Number.NaN])
      refuses('interface', () => writer.packet({ ...packet, interface: id }))
    for (const time of [Number.NaN, -1, -1e-9, Number.POSITIVE_INFINITY, 18_446_744_073_709.555, 1e300]) {
      refuses('time', () => writer.packet({ ...packet, time }))
    }
    for (const wrong of [-1, 11, 1.5, Number.NaN]) {
      refuses('offset', () => writer.packet({ ...packet, offset: wrong }))
      refuses('length', () => writer.packet({ ...packet, length: wrong }))
    }
    refuses('length', () => writer.packet({ ...packet, offset: 5, length: 6 }))
    refuses('comment', () => writer.packet({ ...packet, comment: long }))
    refuses('direction', () => writer.packet({ ...packet, direction: 'up' as 'in' }))
    for (const dropped of [-1, 0.5, 2 ** 53]) refuses('dropped', () => writer.packet({ ...packet, dropped }))

    refuses('linkType', () => writer.addInterface({ name: 'b', linkType: 'tap' as 'ip' }))
    refuses('name', () => writer.addInterface({ name: long, linkType: 'ip' }))
    refuses('description', () => writer.addInterface({ name: 'b', description: long, linkType: 'ip' }))
    for (const snapLength of [0, -1, 262_145, 1.5]) {
      refuses('snapLength', () => writer.addInterface({ name: 'b', linkType: 'ip', snapLength }))
    }

    refuses('address', () => writer.addName({ version: 4, bytes: new Uint8Array(16) }, 'x'))
    refuses('address', () => writer.addName({ version: 6, bytes: new Uint8Array(4) }, 'x'))
    refuses('address', () => writer.addName({ version: 5 as 4, bytes: new Uint8Array(4) }, 'x'))
    for (const name of ['', 'a\0b', long]) refuses('name', () => writer.addName('::1', name))

    assert.equal(file().length, size)
    assert.equal(writer.addInterface({ name: 'b', linkType: 'ip' }), 1)
  })

  test('property: a walk of the blocks returns what was written', () => {
    const text = fc.string({ unit: 'binary' })
    const hostName = fc.string({ unit: 'binary', minLength: 1 }).filter(name => !name.includes('\0'))
    const link = fc.constantFrom('ip' as const, 'ethernet' as const)
    const anInterface = fc.record(
      { name: text, description: text, linkType: link, snapLength: fc.integer({ min: 1, max: 100 }) },
      { requiredKeys: ['name', 'linkType'] },
    )
    const address = fc.constantFrom(4 as const, 6 as const).chain(version => {
      const length = version === 4 ? 4 : 16
      return fc.record({
        version: fc.constant(version),
        bytes: fc.uint8Array({ minLength: length, maxLength: length }),
      })
    })
    const packet = fc
      .record(
        {
          bytes: fc.uint8Array({ maxLength: 120 }),
          offset: fc.nat(120),
          length: fc.nat(120),
          comment: text,
          direction: fc.constantFrom('in' as const, 'out' as const),
          dropped: fc.maxSafeNat(),
        },
        { requiredKeys: ['bytes'] },
      )
      .map(({ offset, length, ...rest }) => {
        const from = offset === undefined ? {} : { offset: Math.min(offset, rest.bytes.length) }
        const room = rest.bytes.length - (from.offset ?? 0)
        return { ...rest, ...from, ...(length === undefined ? {} : { length: Math.min(length, room) }) }
      })
    const step = fc.oneof(
      fc.record({ interface: anInterface }),
      fc.record({ address, name: hostName }),
      fc.record({ packet, on: fc.nat(), milliseconds: fc.nat(2 ** 31 - 1) }),
    )
    const section = fc.record(
      { application: text, hardware: text, os: text, comment: text },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(section, anInterface, fc.array(step, { maxLength: 30 }), (options, first, steps) => {
        const { writer, file } = capture(options)
        const expected: Block[] = [{ type: 'section', ...withoutEmpty(options) }]
        const interfaces: PcapngInterface[] = []
        for (const step of [{ interface: first }, ...steps]) {
          if ('interface' in step) {
            assert.equal(writer.addInterface(step.interface), interfaces.length)
            interfaces.push(step.interface)
            const { linkType, snapLength = 262_144, ...texts } = step.interface
            expected.push({ type: 'interface', linkType, snapLength, ...withoutEmpty(texts) })
          } else if ('address' in step) {
            writer.addName(step.address, step.name)
            expected.push({ type: 'name', address: [...step.address.bytes], names: [step.name] })
          } else {
            const { packet, milliseconds } = step
            const id = step.on % interfaces.length
            writer.packet({ interface: id, time: milliseconds, ...packet })
            const { bytes, offset = 0, length = bytes.length - offset, ...rest } = packet
            const captured = Math.min(length, interfaces[id].snapLength ?? 262_144)
            expected.push({
              type: 'packet',
              interface: id,
              nanoseconds: BigInt(milliseconds) * 1_000_000n,
              data: [...bytes.subarray(offset, offset + captured)],
              originalLength: length,
              ...withoutEmpty(rest),
            })
          }
        }
        assert.deepEqual(walk(file()), expected)
      }),
    )
  })
})

suite('pcapng: read by Wireshark', { skip: skipWithoutTshark() }, () => {
  const client4 = [10, 0, 0, 1]
  const server4 = [10, 0, 0, 2]
  const client6 = [0xfd, ...zeros(14), 1]
  const server6 = [0xfd, ...zeros(14), 2]
  const SYN = 0x02
  const ACK = 0x10

  test('interfaces, comments, times, directions and names', t => {
    const { writer, file } = capture({
      application: 'estab tests',
      hardware: 'none',
      os: 'any',
      comment: 'A handshake',
    })
    const tun = writer.addInterface({ name: 'tun0', description: 'the guest', linkType: 'ip' })
    const tap = writer.addInterface({ name: 'tap0', linkType: 'ethernet', snapLength: 60 })
    writer.addName('10.0.0.1', 'client.example')
    writer.addName({ version: 4, bytes: Uint8Array.from(server4) }, 'server.example')
    writer.addName('fd00::1', 'client6.example')
    writer.addName('fd00::2', 'server6.example')
    const start = 1_700_000_000_000
    const ethernet = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]
    const data = Array.from({ length: 100 }, (_, index) => index)
    const packets: Parameters<PcapngWriter['packet']>[0][] = [
      {
        interface: tun,
        time: start + 2 ** -12,
        bytes: packet4(client4, server4, { flags: SYN, sequence: 100 }),
        comment: 'SYN-SENT → ☃',
        direction: 'out',
      },
      {
        interface: tun,
        time: start + 0.25,
        bytes: packet4(server4, client4, { flags: SYN | ACK, sequence: 300, acknowledgment: 101 }),
        direction: 'in',
      },
      {
        interface: tap,
        time: start + 1.5,
        bytes: Uint8Array.from([
          ...[...ethernet, 0x08, 0x00],
          ...packet4(client4, server4, { flags: ACK, sequence: 101, acknowledgment: 301, data }),
        ]),
        comment: 'cut to 60 bytes',
        dropped: 2,
      },
      {
        interface: tap,
        time: start + 2,
        bytes: Uint8Array.from([...ethernet, 0x86, 0xdd, ...packet6(client6, server6, { flags: SYN })]),
      },
      {
        interface: tun,
        time: start + 1000.000977,
        bytes: Uint8Array.from([
          0,
          0,
          ...packet6(server6, client6, { flags: SYN | ACK, acknowledgment: 1 }),
          0,
        ]),
        offset: 2,
        length: 60,
        comment: 'from the middle of a buffer',
      },
    ]
    for (const packet of packets) writer.packet(packet)
    const path = save(t, file())

    const fields = ['frame.interface_name', 'frame.comment', 'frame.time_epoch', 'frame.len', 'frame.cap_len']
    assert.deepEqual(tsharkFields(path, fields), [
      ['tun0', 'SYN-SENT → ☃', '1700000000.000000244', '40', '40'],
      ['tun0', '', '1700000000.000250000', '40', '40'],
      ['tap0', 'cut to 60 bytes', '1700000000.001500000', '154', '60'],
      ['tap0', '', '1700000000.002000000', '74', '60'],
      ['tun0', 'from the middle of a buffer', '1700000001.000000977', '60', '60'],
    ])
    const directions = tsharkFields(path, ['frame.packet_flags_direction']).map(([direction]) => direction)
    assert.deepEqual(
      directions.map(direction => direction && Number(direction)),
      [2, 1, '', '', ''],
    )
    const hosts = ['ip.src_host', 'ip.dst_host', 'ipv6.src_host', 'ipv6.dst_host']
    assert.deepEqual(tsharkFields(path, hosts), [
      ['client.example', 'server.example', '', ''],
      ['server.example', 'client.example', '', ''],
      ['client.example', 'server.example', '', ''],
      ['', '', 'client6.example', 'server6.example'],
      ['', '', 'server6.example', 'client6.example'],
    ])
    assert.deepEqual(
      tsharkFields(path, ['frame.number', 'tcp.srcport', 'tcp.dstport'], 'ipv6 && tcp.flags.ack == 1'),
      [['5', '7', '40000']],
    )
  })

  test('nothing to complain of in good packets, nor in a retransmission', t => {
    const { writer, file } = capture()
    const tun = writer.addInterface({ name: 'tun0', linkType: 'ip' })
    const packets = [
      packet4(client4, server4, { flags: SYN, sequence: 100 }),
      packet4(client4, server4, { flags: SYN, sequence: 100 }),
      packet4(server4, client4, { flags: SYN | ACK, sequence: 300, acknowledgment: 101 }),
      // Bytes that no TLS would begin with, to the port of TLS: what payloads hold is not looked at.
      packet4(client4, server4, {
        flags: ACK,
        sequence: 101,
        acknowledgment: 301,
        data: [22, 3, 3, 255, 255, 1],
        port: 443,
      }),
      packet6(client6, server6, { flags: SYN }),
      packet6(server6, client6, { flags: SYN | ACK, acknowledgment: 1, data: [1, 2, 3] }),
    ]
    for (const [time, bytes] of packets.entries()) writer.packet({ interface: tun, time, bytes })
    const path = save(t, file())
    assert.deepEqual(tsharkComplaints(path), [])
    assert.deepEqual(tsharkFields(path, ['frame.number'], 'tcp.analysis.retransmission'), [['2']])
    assert.deepEqual(
      tsharkFields(path, ['ip.checksum.status', 'tcp.checksum.status']).map(row => row.join()),
      ['1,1', '1,1', '1,1', '1,1', ',1', ',1'],
    )
    const verify = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE']
    const experts = execFileSync('tshark', ['-r', path, ...verify, '-q', '-z', 'expert'], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
    assert.doesNotMatch(experts, /malformed|checksum|Errors \(/i)
  })

  test('complaints about every kind of broken packet', t => {
    const { writer, file } = capture()
    const tun = writer.addInterface({ name: 'tun0', linkType: 'ip' })
    const good = packet4(client4, server4, { flags: SYN })
    const shorter = good.slice(0, 30)
    const option = packet4(client4, server4, { flags: SYN, options: [2, 8, 5, 180] })
    const packets: [expected: RegExp | undefined, bytes: Uint8Array][] = [
      [undefined, good],
      [/bad ip checksum/, good.with(10, good[10] ^ 1)],
      [/bad tcp checksum/, good.with(36, good[36] ^ 1)],
      [/bad tcp checksum/, packet6(client6, server6, { flags: SYN }).with(56, 0)],
      [/exceeds packet length/, shorter],
      [/goes past end of options/, option],
      [/Malformed/, ip4(client4, server4, 6, [...good.subarray(20, 33)])],
      [/bad udp checksum/, ip4(client4, server4, 17, [0, 9, 0, 9, 0, 9, 1, 2, 3])],
      [/bad icmp checksum/, ip4(client4, server4, 1, [8, 0, 1, 2, 0, 1, 0, 1])],
      [/bad icmpv6 checksum/, ip6(client6, server6, 58, [128, 0, 1, 2, 0, 1, 0, 1])],
      [undefined, good],
    ]
    for (const [time, [, bytes]] of packets.entries()) writer.packet({ interface: tun, time, bytes })
    const path = save(t, file())
    const complaints = tsharkComplaints(path)
    const expected = packets.flatMap(([pattern], index) => (pattern ? [{ number: index + 1, pattern }] : []))
    assert.deepEqual(
      complaints.map(text => Number(/^frame (\d+) /.exec(text)![1])),
      expected.map(({ number }) => number),
    )
    for (const [index, { pattern }] of expected.entries()) assert.match(complaints[index], pattern)
  })

  test('a file cut short is an error of tshark', t => {
    const { writer, file } = capture()
    const tun = writer.addInterface({ name: 'tun0', linkType: 'ip' })
    writer.packet({ interface: tun, time: 0, bytes: packet4(client4, server4, { flags: SYN }) })
    const path = save(t, file().subarray(0, -1))
    assert.throws(() => tsharkComplaints(path), /cut short/)
    assert.throws(() => tsharkFields(path, ['frame.number']), /cut short/)
  })

  test('the longest packet, the longest comment and the latest time', t => {
    const { writer, file } = capture()
    const tun = writer.addInterface({ name: 'tun0', linkType: 'ip' })
    const comment = 'x'.repeat(65_535)
    writer.packet({ interface: tun, time: 18_446_744_073_709.5, bytes: new Uint8Array(262_145), comment })
    const path = save(t, file())
    const fields = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'frame.comment']
    assert.deepEqual(tsharkFields(path, fields), [['18446744073.709500000', '262145', '262144', comment]])
  })

  test('capinfos', t => {
    if (spawnSync('capinfos', ['--version']).status !== 0) return t.skip('capinfos is not installed')
    const { writer, file } = capture({
      application: 'estab tests',
      hardware: 'none',
      os: 'any',
      comment: 'A handshake',
    })
    const tun = writer.addInterface({ name: 'tun0', description: 'the guest', linkType: 'ip' })
    writer.addInterface({ name: 'tap0', linkType: 'ethernet', snapLength: 60 })
    writer.addName('10.0.0.1', 'client.example')
    const bytes = packet4(client4, server4, { flags: SYN })
    for (const time of [1000, 1002]) writer.packet({ interface: tun, time, bytes })
    const path = save(t, file())
    const lines = execFileSync('capinfos', ['-A', '-M', path], { encoding: 'utf8', stdio: 'pipe' })
      .split('\n')
      .map(line => line.trim().replace(/: +/, ': '))
    for (const line of [
      'File type: pcapng',
      'File timestamp precision: nanoseconds (9)',
      'Number of packets: 2',
      'Data size: 80 bytes',
      'Capture duration: 0.002000000 seconds',
      'Capture application: estab tests',
      'Capture hardware: none',
      'Capture oper-sys: any',
      'Capture comment: A handshake',
      'Number of interfaces in file: 2',
      'Name = tun0',
    ]) {
      assert.ok(lines.includes(line), `${line}\nis not in\n${lines.join('\n')}`)
    }
  })
})

// --- the walker ---

interface SectionBlock extends PcapngOptions {
  type: 'section'
}
interface InterfaceBlock {
  type: 'interface'
  linkType: 'ip' | 'ethernet'
  snapLength: number
  name?: string
  description?: string
}
interface NameBlock {
  type: 'name'
  address: number[]
  names: string[]
}
interface PacketBlock {
  type: 'packet'
  interface: number
  nanoseconds: bigint
  data: number[]
  originalLength: number
  comment?: string
  direction?: 'in' | 'out'
  dropped?: number
}
type Block = SectionBlock | InterfaceBlock | NameBlock | PacketBlock

/** Reads what the writer writes, and asserts what the format asks of every block. */
function walk(file: Uint8Array): Block[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const blocks: Block[] = []
  for (let at = 0; at < file.length; ) {
    const length = view.getUint32(at + 4, true)
    assert.ok(length >= 12 && length % 4 === 0 && at + length <= file.length, `block of ${length} at ${at}`)
    assert.equal(view.getUint32(at + length - 4, true), length)
    blocks.push(readBlock(new DataView(view.buffer, view.byteOffset + at, length - 4)))
    at += length
  }
  return blocks
}

function readBlock(view: DataView): Block {
  const type = view.getUint32(0, true)
  switch (type) {
    case 0x0a0d0d0a: {
      assert.equal(view.getUint32(8, true), 0x1a2b3c4d)
      assert.deepEqual([view.getUint16(12, true), view.getUint16(14, true)], [1, 0])
      assert.equal(view.getBigInt64(16, true), -1n)
      return {
        type: 'section',
        ...readTexts(readItems(view, 24), ['comment', 'hardware', 'os', 'application']),
      }
    }
    case 1: {
      const linkType = view.getUint16(8, true) === 101 ? 'ip' : 'ethernet'
      if (linkType === 'ethernet') assert.equal(view.getUint16(8, true), 1)
      assert.equal(view.getUint16(10, true), 0)
      const items = readItems(view, 16)
      assert.deepEqual([...items.get(9)!], [9])
      items.delete(9)
      const texts = readTexts(items, [undefined, 'name', 'description'])
      return { type: 'interface', linkType, snapLength: view.getUint32(12, true), ...texts }
    }
    case 4: {
      const [[code, value], ...others] = readItems(view, 8)
      assert.equal(others.length, 0)
      const length = code === 1 ? 4 : 16
      if (length === 16) assert.equal(code, 2)
      const names = new TextDecoder('utf-8', { ignoreBOM: true }).decode(value.subarray(length)).split('\0')
      assert.equal(names.pop(), '', 'a name ends with NUL')
      return { type: 'name', address: [...value.subarray(0, length)], names }
    }
    case 6: {
      const captured = view.getUint32(20, true)
      const items = readItems(view, 28 + captured + readPadding(view, 28 + captured))
      const flags = items.get(2)
      const dropped = items.get(4)
      items.delete(2)
      items.delete(4)
      if (flags) assert.equal(flags.length, 4)
      if (dropped) assert.equal(dropped.length, 8)
      return {
        type: 'packet',
        interface: view.getUint32(8, true),
        nanoseconds: (BigInt(view.getUint32(12, true)) << 32n) | BigInt(view.getUint32(16, true)),
        data: [...new Uint8Array(view.buffer, view.byteOffset + 28, captured)],
        originalLength: view.getUint32(24, true),
        ...readTexts(items, ['comment']),
        ...(flags && { direction: (['in', 'out'] as const)[view32(flags) - 1] }),
        ...(dropped && { dropped: view32(dropped) + view32(dropped.subarray(4)) * 2 ** 32 }),
      }
    }
    default:
      return assert.fail(`block type ${type}`)
  }
}

/** The options or records from `at` to the end of the view, by their codes, which are never repeated. */
function readItems(view: DataView, at: number): Map<number, Uint8Array> {
  const items = new Map<number, Uint8Array>()
  while (at < view.byteLength) {
    const code = view.getUint16(at, true)
    const length = view.getUint16(at + 2, true)
    at += 4
    if (code === 0) {
      assert.equal(length, 0)
      assert.equal(at, view.byteLength, 'nothing follows the end of the options')
      assert.ok(items.size > 0)
      break
    }
    assert.ok(at + length < view.byteLength, 'options are ended')
    assert.ok(!items.has(code))
    items.set(code, new Uint8Array(view.buffer, view.byteOffset + at, length))
    at += length
    at += readPadding(view, at)
  }
  return items
}

/** How many bytes of padding there are at `at`; asserts that they are 0. */
function readPadding(view: DataView, at: number): number {
  const length = -at & 3
  for (let index = 0; index < length; index++) assert.equal(view.getUint8(at + index), 0)
  return length
}

/** The texts of the options 1, 2, 3 … under the names given; asserts that there are no other options. */
function readTexts<Name extends string>(
  items: Map<number, Uint8Array>,
  names: readonly (Name | undefined)[],
): { [name in Name]?: string } {
  const texts: { [name in Name]?: string } = {}
  for (const [code, value] of items) {
    const name = names[code - 1]
    assert.ok(name !== undefined, `option ${code}`)
    texts[name] = new TextDecoder('utf-8', { ignoreBOM: true }).decode(value)
  }
  return texts
}

function view32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
}

// --- captures and packets ---

function capture(options?: PcapngOptions) {
  const blocks: Uint8Array[] = []
  const writer = new PcapngWriter(bytes => blocks.push(bytes), options)
  return { writer, file: (): Uint8Array => new Uint8Array(Buffer.concat(blocks)) }
}

function timestampOf(time: number): bigint {
  const { writer, file } = capture()
  const id = writer.addInterface({ name: 'a', linkType: 'ip' })
  writer.packet({ interface: id, time, bytes: new Uint8Array() })
  return walk(file()).find(block => block.type === 'packet')!.nanoseconds
}

function withoutEmpty<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== '')) as T
}

function save(t: TestContext, file: Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), 'estab-pcapng-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'test.pcapng')
  writeFileSync(path, file)
  return path
}

interface Segment {
  flags: number
  sequence?: number
  acknowledgment?: number
  /** The server's, 7 by default; the client's is 40000. */
  port?: number
  options?: number[]
  data?: number[]
}

function packet4(source: number[], destination: number[], segment: Segment): Uint8Array {
  return ip4(source, destination, 6, tcp(source, destination, segment))
}

function packet6(source: number[], destination: number[], segment: Segment): Uint8Array {
  return ip6(source, destination, 6, tcp(source, destination, segment))
}

function ip4(source: number[], destination: number[], protocol: number, payload: number[]): Uint8Array {
  const header = [
    0x45,
    0,
    ...u16(20 + payload.length),
    0,
    1,
    0,
    0,
    64,
    protocol,
    0,
    0,
    ...source,
    ...destination,
  ]
  header.splice(10, 2, ...u16(checksum(header)))
  return Uint8Array.from([...header, ...payload])
}

function ip6(source: number[], destination: number[], nextHeader: number, payload: number[]): Uint8Array {
  const header = [0x60, 0, 0, 0, ...u16(payload.length), nextHeader, 64, ...source, ...destination]
  return Uint8Array.from([...header, ...payload])
}

/** A TCP segment from the client if `source` ends with 1, otherwise from the server. */
function tcp(source: number[], destination: number[], segment: Segment): number[] {
  const { flags, sequence = 0, acknowledgment = 0, port = 7, options = [], data = [] } = segment
  const ports = source.at(-1) === 1 ? [40_000, port] : [port, 40_000]
  const bytes = [
    ...ports.flatMap(u16),
    ...[0, 0, ...u16(sequence), 0, 0, ...u16(acknowledgment)],
    ...[(5 + options.length / 4) << 4, flags, ...u16(65_535), 0, 0, 0, 0],
    ...options,
    ...data,
  ]
  const pseudoHeader = [...source, ...destination, ...u16(6), ...u16(bytes.length)]
  bytes.splice(16, 2, ...u16(checksum([...pseudoHeader, ...bytes])))
  return bytes
}

function u16(value: number): [number, number] {
  return [value >> 8, value & 0xff]
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0)
}

/** RFC 1071. */
function checksum(bytes: number[]): number {
  let sum = 0
  for (let index = 0; index < bytes.length; index += 2) sum += (bytes[index] << 8) | (bytes[index + 1] ?? 0)
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff)
  return ~sum & 0xffff
}
