import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stack } from '../../src/stack/stack.js'
import { IpAddress } from '../../src/wire/address.js'
import {
  drops,
  FakeEnvironment,
  FakeLink,
  OWN4,
  OWN6,
  PEER4,
  read,
  rig,
  tcpPacket,
  udpPacket,
} from '../support/packets.js'

const at = IpAddress.parse

/** Opens a connection and says from where and by which link its SYN went. */
function syn(stack: Stack, links: Record<string, FakeLink>, remote: string, local?: string): string {
  stack.connect({ remote: at(remote), port: 80, ...(local && { local: at(local) }) })
  const out = Object.entries(links).flatMap(([name, link]) =>
    link.take().map(bytes => `${read(bytes).src} by ${name}`),
  )
  return out.join()
}

function two(): { stack: Stack; links: Record<string, FakeLink> } {
  const stack = new Stack({ env: new FakeEnvironment() })
  const links = { a: new FakeLink('ip'), b: new FakeLink('ip') }
  stack.addInterface(links.a, {
    name: 'a',
    addresses: ['10.0.0.1/24', '10.9.0.1/16', 'fe80::a/64', 'fd00:a::1/64'],
    gateways: ['10.9.0.254', 'fe80::ff'],
  })
  const b = stack.addInterface(links.b, {
    name: 'b',
    addresses: ['192.168.1.1/24', 'fe80::b/64', 'fd00:b::1/64'],
  })
  stack.addRoute('10.0.0.128/25', b, '192.168.1.254')
  stack.addRoute('2001:db8::/32', b, 'fd00:b::fe')
  return { stack, links }
}

describe('routes and sources', () => {
  it('goes by the longest prefix [MUST-44]', () => {
    const { stack, links } = two()
    assert.equal(syn(stack, links, '10.0.0.9'), '10.0.0.1 by a')
    assert.equal(syn(stack, links, '10.0.0.200'), '192.168.1.1 by b')
    assert.equal(syn(stack, links, '10.9.3.4'), '10.9.0.1 by a')
    assert.equal(syn(stack, links, '192.168.1.77'), '192.168.1.1 by b')
    assert.equal(syn(stack, links, '8.8.8.8'), '10.9.0.1 by a', 'an address of the subnet of the gateway')
    assert.equal(syn(stack, links, '2001:db8::7'), 'fd00:b::1 by b')
  })

  it('speaks from an address of the right scope, even through a link-local gateway (RFC 6724 rule 2) [MUST-44]', () => {
    const { stack, links } = two()
    assert.equal(syn(stack, links, '2607:f8b0::1'), 'fd00:a::1 by a')
    assert.equal(syn(stack, links, 'fd00:a::99'), 'fd00:a::1 by a')
    assert.equal(syn(stack, links, 'fe80::99'), 'fe80::a by a')
  })

  it('takes the interface of a source that is given, if there is a way out by it [MUST-43 RFC 1122]', () => {
    const { stack, links } = two()
    assert.equal(syn(stack, links, 'fe80::99', 'fe80::b'), 'fe80::b by b')
    assert.equal(syn(stack, links, '8.8.8.8', '192.168.1.1'), '192.168.1.1 by a', 'there is none')
    assert.equal(syn(stack, links, '10.0.0.9', '10.9.0.1'), '10.9.0.1 by a')
  })

  it('answers a link-local neighbour on the link it asked by', () => {
    const { stack, links } = two()
    assert.equal(links.b!.give(tcpPacket({ src: 'fe80::99', dst: 'fe80::b' })).length, 1)
    assert.deepEqual(links.a!.take(), [])
    assert.equal(links.a!.give(tcpPacket({ src: 'fe80::99', dst: 'fe80::a' })).length, 1)
    assert.deepEqual(drops(stack), {})
  })

  it('says why there is no way', () => {
    const stack = new Stack({ env: new FakeEnvironment() })
    stack.addInterface(new FakeLink('ip'), { addresses: ['10.0.0.1/24'] })
    const go = (remote: string, local?: string) => () =>
      void stack.connect({ remote: at(remote), port: 80, ...(local && { local: at(local) }) })
    assert.throws(go('8.8.8.8'), { code: 'ENETUNREACH' })
    assert.throws(go('fd00::1'), { code: 'ENETUNREACH' })
    assert.equal(stack.counters.noRoute, 2)
    assert.throws(go('10.0.0.9', '10.0.0.7'), { code: 'EADDRNOTAVAIL' })
    assert.throws(go('10.0.0.9', '::1'), { code: 'EAFNOSUPPORT' })
    assert.throws(
      go('10.0.0.9', '127.0.0.1'),
      { code: 'EADDRNOTAVAIL' },
      'loopback never leaves (RFC 1122 section 3.2.1.3)',
    )
    assert.equal(stack.census.sockets, 0)
  })

  it('refuses interfaces and routes that make no sense', () => {
    const stack = new Stack({ env: new FakeEnvironment() })
    const add = (mtu: number, ...addresses: string[]) =>
      stack.addInterface(new FakeLink('ip', mtu), { name: 'x', addresses })
    assert.throws(() => add(67, '10.0.0.1/24'), RangeError)
    assert.throws(() => add(1279, 'fd00::1/64'), RangeError)
    assert.throws(() => add(1500, '10.0.0.1/33'), TypeError)
    const x = add(68, '10.0.0.1/24')
    assert.throws(() => add(1500, '10.0.1.1/24'), TypeError, 'the name is taken')
    assert.throws(() => stack.addRoute('10.1.0.0/16', x, 'fd00::1'), TypeError)
    assert.throws(() => stack.addRoute('nowhere', x), TypeError)
    const narrow = stack.addInterface(new FakeLink('ethernet', 1000), {
      name: 'y',
      addresses: ['10.2.0.1/24'],
    })
    assert.ok(
      narrow.addresses.every(({ address }) => address.version === 4),
      'no IPv6 below its MTU',
    )
  })
})

describe('what leaves', () => {
  it('is atomic, with no identification that counts (A05, RFC 6864) [MAY-4 RFC 6864 RFC 4963]', () => {
    const { link, stack } = rig()
    for (let i = 2; i < 40; i++) {
      const [answer] = link.give(tcpPacket({ src: `10.0.0.${i}`, dstPort: 81 }))
      assert.deepEqual([...answer!.subarray(4, 8)], [0, 0, 0x40, 0])
    }
    assert.equal(stack.counters.packetsOut, 38)
  })

  it('numbers fragments unpredictably (RFC 7739) [RFC 4963]', () => {
    for (const remote of [PEER4, 'fd00::2']) {
      const ids = new Set<number>()
      const gaps = new Set<number>()
      let last = 0
      const { link, stack } = rig()
      const port = stack.bindUdp(9, () => {})
      for (let i = 0; i < 200; i++) {
        port.send(new Uint8Array(3000), at(remote), 9)
        const { view } = read(link.take()[0]!)
        ids.add(view.fragmentId)
        gaps.add(view.fragmentId - last)
        last = view.fragmentId
      }
      assert.ok(ids.size > 190 && gaps.size > 190, `${ids.size} numbers, ${gaps.size} gaps`)
      const other = rig({ seed: 2 })
      other.stack.bindUdp(9, () => {}).send(new Uint8Array(3000), at(remote), 9)
      assert.ok(!ids.has(read(other.link.take()[0]!).view.fragmentId), 'another stack has others')
    }
  })

  it('does not let one fragment tell the number of the next', () => {
    // What broke here once: a linear congruence, whose whole state was in each 32-bit number.
    const { link, stack } = rig()
    const port = stack.bindUdp(9, () => {})
    const next = () => {
      port.send(new Uint8Array(3000), at('fd00::2'), 9)
      return read(link.take()[0]!).view.fragmentId
    }
    const unmix = (id: number) => id ^ (id >>> 16)
    let guessed = 0
    for (let i = 0, last = next(); i < 50; i++) {
      const guess = (Math.imul(unmix(last), 1664525) + 1013904223) | 0
      last = next()
      if ((guess ^ (guess >>> 16)) === last) guessed++
    }
    assert.equal(guessed, 0)
  })

  it('is counted when the link is full', () => {
    const { link, stack } = rig()
    link.send = () => false
    link.give(udpPacket({ dst: OWN4 }, [1]), udpPacket({ src: 'fd00::2', dst: OWN6 }, [1]))
    assert.equal(stack.counters.linkFull, 2)
    assert.equal(stack.interfaces[1]!.sendFailures, 2)
  })
})
