import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { IpAddress, parseCidr } from '../../src/wire/address.js'

/** RFC 5952's own examples, and the corners of RFC 4291 section 2.2. */
const CANONICAL: [string, string][] = [
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8::1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0000:0:1::1', '2001:db8::1:0:0:1'],
  ['2001:DB8:0:0:1::1', '2001:db8::1:0:0:1'],
  ['2001:0db8::0001', '2001:db8::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8::aaaa:0:0:1', '2001:db8::aaaa:0:0:1'],
  ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['1:0:0:0:0:0:0:0', '1::'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['::FFFF:c000:201', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
  ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['192.0.2.1', '192.0.2.1'],
]

const INVALID = [
  ...[
    '',
    ' ',
    '.',
    ':',
    ':::',
    '::1::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
  ],
  ...[
    '::1:2:3:4:5:6:7:8',
    ':1',
    '1:',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '12345::',
    '::g',
    '::1%eth0',
    '[::1]',
    ' ::1',
  ],
  ...[
    '::1 ',
    '::1\n',
    '1.2.3.4::',
    '1.2.3.4:1::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3',
    '::01.2.3.4',
  ],
  ...[
    '::256.0.0.1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.04',
    '1.2.3.00',
    '1.2.3.-4',
    '1.2.3.4 ',
  ],
  ...[
    '1.2.3.4\n',
    '1.2.3.',
    '1..2.3',
    '0x1.2.3.4',
    '1e1.2.3.4',
    '16909060',
    '１.2.3.4',
    '1.2.3.4/24',
    '+1.2.3.4',
  ],
]

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })

describe('IpAddress', () => {
  it('writes what RFC 5952 wants', () => {
    for (const [text, canonical] of CANONICAL) {
      assert.equal(IpAddress.parse(text).toString(), canonical, text)
      assert.ok(IpAddress.parse(text).equals(IpAddress.parse(canonical)), text)
    }
  })

  it('refuses everything else', () => {
    for (const text of INVALID) {
      assert.equal(IpAddress.tryParse(text), undefined, JSON.stringify(text))
      assert.throws(() => IpAddress.parse(text), TypeError, JSON.stringify(text))
    }
  })

  it('reads back what it writes, as text and as bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(4, 6),
        word,
        word,
        word,
        word,
        fc.nat(3),
        fc.boolean(),
        (v, a, b, c, d, zeros, high) => {
          const words = [a, b, c, d].map((w, i) => (i < zeros ? 0 : high ? w & ~0xffff : w)) as [
            number,
            number,
            number,
            number,
          ]
          const address = IpAddress.fromWords(v as 4 | 6, ...words)
          assert.ok(IpAddress.parse(address.toString()).equals(address), address.toString())
          const bytes = new Uint8Array(20)
          address.write(bytes, 3)
          assert.ok(IpAddress.fromBytes(address.version, bytes, 3).equals(address))
          assert.equal(address.byteLength, v === 4 ? 4 : 16)
        },
      ),
      { seed: 5952, numRuns: 2000 },
    )
  })

  it('never throws in tryParse, and never accepts what it would write differently in meaning', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789abcdefF:.%/ x'), maxLength: 45 })
    fc.assert(
      fc.property(text, t => {
        const address = IpAddress.tryParse(t)
        if (address) assert.ok(IpAddress.parse(address.toString()).equals(address), t)
      }),
      { seed: 4291, numRuns: 5000 },
    )
  })

  it('holds IPv4 in mapped form, and still tells the two apart', () => {
    const four = IpAddress.parse('192.0.2.1')
    const mapped = IpAddress.parse('::ffff:192.0.2.1')
    assert.deepEqual([four.w0, four.w1, four.w2, four.w3], [mapped.w0, mapped.w1, mapped.w2, mapped.w3])
    assert.ok(!four.equals(mapped))
    assert.deepEqual([four.isMapped, mapped.isMapped], [false, true])
  })

  it('knows the special ones', () => {
    const table = {
      isUnspecified: [
        ['0.0.0.0', '::'],
        ['0.0.0.1', '::1', '::ffff:0.0.0.0'],
      ],
      isLoopback: [
        ['127.0.0.1', '127.255.255.255', '::1'],
        ['128.0.0.1', '126.0.0.1', '::2', '::ffff:127.0.0.1', '1::1'],
      ],
      isMulticast: [
        ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ffff::'],
        ['223.255.255.255', '240.0.0.1', 'fe80::1', '::ffff:224.0.0.1'],
      ],
      isBroadcast: [
        ['255.255.255.255'],
        ['10.255.255.255', '255.255.255.254', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
      ],
      isLinkLocal: [
        ['fe80::1', 'febf:ffff::'],
        ['fec0::1', 'fe7f::1', '169.254.1.1'],
      ],
    } as const
    for (const [name, [yes, no]] of Object.entries(table)) {
      for (const text of yes) assert.ok(IpAddress.parse(text)[name as 'isLoopback'], `${text} ${name}`)
      for (const text of no) assert.ok(!IpAddress.parse(text)[name as 'isLoopback'], `${text} not ${name}`)
    }
  })

  it('compares prefixes as bits', () => {
    const bits = (a: IpAddress) =>
      (a.version === 4 ? [a.w3] : [a.w0, a.w1, a.w2, a.w3])
        .map(w => (w >>> 0).toString(2).padStart(32, '0'))
        .join('')
    fc.assert(
      fc.property(
        fc.constantFrom(4, 6),
        fc.tuple(word, word, word, word),
        fc.nat(128),
        fc.nat(128),
        (v, words, flip, length) => {
          const most = v === 4 ? 32 : 128
          const a = IpAddress.fromWords(v as 4 | 6, ...words)
          const at = flip % most
          const other = [...words] as [number, number, number, number]
          other[v === 4 ? 3 : at >> 5]! ^= 1 << (31 - (at & 31))
          const b = IpAddress.fromWords(v as 4 | 6, ...other)
          const prefix = length % (most + 1)
          assert.equal(
            a.inPrefix(b, prefix),
            bits(a).slice(0, prefix) === bits(b).slice(0, prefix),
            `${a} ${b}/${prefix}`,
          )
        },
      ),
      { seed: 4632, numRuns: 2000 },
    )
    assert.ok(
      !IpAddress.parse('::ffff:10.0.0.1').inPrefix(IpAddress.parse('10.0.0.1'), 0),
      'versions never mix',
    )
  })
})

describe('parseCidr', () => {
  it('reads an address with its prefix length', () => {
    const read = (text: string) => {
      const { address, prefix } = parseCidr(text)
      return `${address}/${prefix}`
    }
    assert.equal(read('10.0.0.1/24'), '10.0.0.1/24')
    assert.equal(read('10.0.0.1'), '10.0.0.1/32')
    assert.equal(read('fd00::1/64'), 'fd00::1/64')
    assert.equal(read('::/0'), '::/0')
    assert.equal(read('fd00::1'), 'fd00::1/128')
    assert.equal(read('0.0.0.0/32'), '0.0.0.0/32')
  })

  it('refuses everything else', () => {
    const bad = [
      '',
      '/',
      '/24',
      '10.0.0.1/',
      '10.0.0.1/33',
      '::/129',
      '10.0.0.1/-1',
      '10.0.0.1/+8',
      '10.0.0.1/8/8',
      '10.0.0.1/ 8',
    ]
    for (const text of [
      ...bad,
      '10.0.0.1/8.0',
      '10.0.0.1/255.0.0.0',
      '10.0.0/8',
      '10.0.0.1/0x8',
      '10.0.0.1/1e1',
    ])
      assert.throws(() => parseCidr(text), TypeError, JSON.stringify(text))
  })
})
