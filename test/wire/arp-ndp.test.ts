import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IpAddress } from '../../src/wire/address.js'
import { ARP_LENGTH, ArpView, writeArp } from '../../src/wire/arp.js'
import { EthernetView, formatMac, isForStation, parseMac, writeEthernet } from '../../src/wire/ethernet.js'
import { IpView, parseIp } from '../../src/wire/ip.js'
import { linkLocal, multicastMac6, NdpView, solicitedNode, writeNdp } from '../../src/wire/ndp.js'
import {
  ip as addressBytes,
  arp,
  frame,
  type Ipv6Fields,
  icmp6,
  ipv6,
  join,
  ndp,
  OWN_MAC,
  OWN4,
  OWN6,
  PEER_MAC,
  PEER4,
  PEER6,
} from '../support/packets.js'

describe('Ethernet', () => {
  it('writes what it reads', () => {
    const bytes = new Uint8Array(20)
    writeEthernet(bytes, 2, Uint8Array.from(OWN_MAC), Uint8Array.from(PEER_MAC), 0x86dd)
    assert.deepEqual(bytes.slice(2, 16), frame(OWN_MAC, PEER_MAC, 0x86dd, []))
    const view = new EthernetView()
    assert.equal(view.parse(bytes, 2, 18), undefined)
    assert.deepEqual([view.type, view.payloadOffset, view.payloadLength], [0x86dd, 16, 4])
    for (let length = 0; length < 14; length++)
      assert.equal(view.parse(bytes, 2, length), 'ethernet-truncated')
  })

  it('knows what is for a station: its own address and groups', () => {
    const own = Uint8Array.from(OWN_MAC)
    for (const [mac, yes] of [
      [OWN_MAC, true],
      [[255, 255, 255, 255, 255, 255], true],
      [[0x33, 0x33, 0, 0, 0, 1], true],
      [PEER_MAC, false],
    ] as const)
      assert.equal(isForStation(frame(mac, PEER_MAC, 0, []), 0, own), yes)
  })

  it('reads and writes addresses as text', () => {
    assert.equal(formatMac(parseMac('02:aB:00:0f:Ff:09')), '02:ab:00:0f:ff:09')
    for (const text of [
      '',
      '02:00:00:00:00',
      '02:00:00:00:00:01:02',
      '2:0:0:0:0:1',
      '02-00-00-00-00-01',
      '0g:00:00:00:00:00',
    ])
      assert.throws(() => parseMac(text), TypeError)
  })
})

describe('ARP', () => {
  const view = new ArpView()

  it('writes what it reads', () => {
    const bytes = new Uint8Array(40)
    writeArp(
      bytes,
      5,
      1,
      Uint8Array.from(PEER_MAC),
      IpAddress.parse(PEER4),
      new Uint8Array(6),
      IpAddress.parse(OWN4),
    )
    assert.deepEqual(bytes.slice(5, 33), arp(1, PEER_MAC, PEER4, new Uint8Array(6), OWN4))
    assert.equal(view.parse(bytes, 5, 28), undefined)
    assert.equal(view.operation, 1)
    assert.equal(
      `${formatMac(view.senderMac)} ${view.sender} ${view.target}`,
      `02:00:00:00:00:02 ${PEER4} ${OWN4}`,
    )
    bytes.fill(0)
    assert.equal(formatMac(view.senderMac), '02:00:00:00:00:02', 'keeps nothing of the packet')
  })

  it('refuses everything else', () => {
    const right = arp(2, PEER_MAC, PEER4, OWN_MAC, OWN4)
    assert.equal(view.parse(join(right, new Uint8Array(18)), 0, 46), undefined, 'padding is fine')
    for (let length = 0; length < ARP_LENGTH; length++)
      assert.equal(view.parse(right, 0, length), 'arp-truncated')
    for (const [at, value] of [
      [0, 1],
      [1, 6],
      [2, 0],
      [3, 6],
      [4, 8],
      [5, 16],
      [6, 1],
      [7, 0],
      [7, 3],
      [8, 1],
      [8, 255],
    ] as const) {
      const wrong = right.slice()
      wrong[at] = value
      assert.equal(view.parse(wrong, 0, 28), 'arp-malformed', `byte ${at} is ${value}`)
    }
  })
})

describe('neighbour discovery', () => {
  const ip = new IpView()
  const view = new NdpView()
  const parse = (bytes: Uint8Array) => {
    assert.equal(parseIp(ip, bytes, 0, bytes.length), undefined)
    return view.parse(ip, bytes[ip.payloadOffset]!, bytes[ip.payloadOffset + 1]!)
  }
  const withOptions = (options: ArrayLike<number>, fields: Ipv6Fields = {}) =>
    parse(
      ipv6(
        { hopLimit: 255, next: 58, ...fields },
        icmp6(135, 0, 0, join(addressBytes(OWN6), options), fields.src, fields.dst),
      ),
    )

  it('writes what it reads', () => {
    for (const type of [135, 136] as const) {
      const body = new Uint8Array(32)
      body[0] = type
      writeNdp(body, 0, type, type === 136 ? 0x60000000 : 0, IpAddress.parse(OWN6), Uint8Array.from(OWN_MAC))
      const flags = type === 136 ? 0x60000000 : 0
      const whole = ndp(type, OWN6, OWN_MAC, { flags })
      assert.deepEqual(body.slice(4), whole.slice(44))
      assert.equal(parse(whole), undefined)
      assert.equal(`${view.target} ${formatMac(view.linkAddress!)}`, `${OWN6} 02:00:00:00:00:01`)
    }
  })

  it('believes a neighbour only: hop limit 255, code 0 (RFC 4861 sections 7.1.1 and 7.1.2)', () => {
    for (const type of [135, 136] as const) {
      for (let hopLimit = 0; hopLimit < 256; hopLimit++)
        assert.equal(
          parse(ndp(type, OWN6, PEER_MAC, { hopLimit })),
          hopLimit === 255 ? undefined : 'ndp-malformed',
        )
      assert.equal(parse(ndp(type, OWN6, PEER_MAC, { code: 1 })), 'ndp-malformed')
      assert.equal(parse(ndp(type, 'ff02::1', PEER_MAC)), 'ndp-malformed')
      assert.equal(parse(ndp(type, OWN6, [1, 0, 0, 0, 0, 1])), 'ndp-malformed', 'a group is no station')
      const whole = ndp(type, OWN6, PEER_MAC)
      for (let cut = 48; cut < whole.length; cut++) {
        const bytes = whole.slice(0, cut)
        bytes[5] = cut - 40
        assert.equal(parse(bytes), cut === 64 ? undefined : 'ndp-malformed', `${cut}`)
      }
    }
  })

  it('walks options that move on, and refuses those that do not', () => {
    assert.equal(withOptions([]), undefined)
    assert.equal(view.linkAddress, undefined)
    assert.equal(
      withOptions(join([14, 1, 1, 2, 3, 4, 5, 6], [1, 1], PEER_MAC)),
      undefined,
      'a nonce before it',
    )
    assert.deepEqual([...view.linkAddress!], PEER_MAC)
    assert.equal(withOptions(join([2, 1], PEER_MAC)), undefined)
    assert.equal(view.linkAddress, undefined, 'a target address is none of a solicitation')
    assert.equal(withOptions([1, 0, 0, 0, 0, 0, 0, 0]), 'ndp-malformed', 'length 0 would never end')
    assert.equal(withOptions([1, 2, 0, 0, 0, 0, 0, 0]), 'ndp-malformed', 'longer than the message')
    assert.equal(withOptions([1]), 'ndp-malformed')
    assert.equal(withOptions(join([1, 2], new Uint8Array(14))), undefined)
    assert.equal(view.linkAddress, undefined, 'not an Ethernet address')
  })

  it('wants a solicitation from nobody to be for the group, and to name no station', () => {
    const group = 'ff02::1:ff00:1'
    assert.equal(parse(ndp(135, OWN6, undefined, { src: '::', dst: group })), undefined)
    assert.equal(parse(ndp(135, OWN6, PEER_MAC, { src: '::', dst: group })), 'ndp-malformed')
    assert.equal(parse(ndp(135, OWN6, undefined, { src: '::', dst: OWN6 })), 'ndp-malformed')
    assert.equal(parse(ndp(135, OWN6, undefined, { src: '::', dst: 'ff02::1' })), 'ndp-malformed')
  })

  it('wants an advertisement to a group to be unsolicited', () => {
    assert.equal(parse(ndp(136, PEER6, PEER_MAC, { dst: 'ff02::1', flags: 0x20000000 })), undefined)
    assert.equal(parse(ndp(136, PEER6, PEER_MAC, { dst: 'ff02::1', flags: 0x60000000 })), 'ndp-malformed')
  })

  it('knows the addresses that follow from others', () => {
    assert.equal(`${solicitedNode(IpAddress.parse('4037::1:800:200e:8c6c'))}`, 'ff02::1:ff0e:8c6c')
    assert.equal(formatMac(multicastMac6(IpAddress.parse('ff02::1:ff0e:8c6c'))), '33:33:ff:0e:8c:6c')
    // RFC 4291 appendix A, RFC 2464 section 5.
    assert.equal(`${linkLocal(parseMac('36:56:78:9a:bc:de'))}`, 'fe80::3456:78ff:fe9a:bcde')
  })
})
