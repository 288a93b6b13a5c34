import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stack } from '../../src/stack/stack.js'
import { IpAddress } from '../../src/wire/address.js'
import {
  counting,
  drops,
  FakeEnvironment,
  FakeLink,
  frame,
  icmp4,
  icmp6,
  ipv4,
  ipv6,
  OWN_MAC,
  OWN4,
  OWN6,
  PEER_MAC,
  PEER4,
  PEER6,
  read,
  readSegment,
  rig,
  tcpPacket,
  udpPacket,
} from '../support/packets.js'

const SYN = 2
const RST_ACK = 0x14

describe('what the IP layer takes in', () => {
  it('answers a SYN to a closed port with RST, over both versions [U-05]', () => {
    const { link, stack } = rig()
    for (const [src, dst] of [
      [PEER4, OWN4],
      [PEER6, OWN6],
    ] as const) {
      const [answer, ...more] = link.give(tcpPacket({ src, dst, seq: 99 }))
      assert.equal(more.length, 0)
      assert.deepEqual([read(answer!).src, read(answer!).dst], [dst, src])
      const seg = readSegment(answer!)
      assert.deepEqual([seg.flags, seg.seq, seg.ack], [RST_ACK, 0, 100])
    }
    assert.deepEqual(drops(stack), {})
  })

  it('drops sources that no packet can come from, without a word [MUST-63 RFC 1122]', () => {
    const four = [
      '0.0.0.0',
      '0.1.2.3',
      '127.0.0.1',
      '127.9.9.9',
      '224.0.0.1',
      '240.0.0.1',
      '255.255.255.255',
      '10.0.0.255',
      '10.0.0.0',
    ]
    const six = ['::', '::1', 'ff02::1', '::ffff:10.0.0.2']
    for (const src of [...four, ...six]) {
      const { link, stack } = rig()
      const dst = src.includes(':') ? OWN6 : OWN4
      stack.listen({ port: 80 })
      assert.deepEqual(link.give(tcpPacket({ src, dst }), udpPacket({ src, dst }, [1])), [], src)
      assert.deepEqual(drops(stack), { 'ip-bad-source': 2 }, src)
    }
  })

  it('drops its own addresses as a source from outside (LAND, D03), whichever interface they are of [MUST-63]', () => {
    const { link, stack } = rig()
    const other = new FakeLink('ip')
    stack.addInterface(other, { addresses: ['192.168.7.1/24'] })
    stack.listen({ port: 80 })
    for (const bytes of [
      tcpPacket({ src: OWN4, dst: OWN4, srcPort: 80 }),
      tcpPacket({ src: OWN6, dst: OWN6, srcPort: 80 }),
      tcpPacket({ src: '192.168.7.1', dst: OWN4 }),
    ])
      assert.deepEqual(link.give(bytes), [])
    assert.deepEqual(drops(stack), { 'ip-bad-source': 3 })
    assert.deepEqual(stack.census, { sockets: 0, halfOpen: 0, timeWait: 0, listeners: 1 })
  })

  it('takes only what is for the interface it came by: the strong host model [RFC 1122]', () => {
    const { link, stack } = rig()
    const other = new FakeLink('ip')
    stack.addInterface(other, { addresses: ['192.168.7.1/24', 'fd07::1/64'] })
    assert.equal(other.give(tcpPacket({ src: '192.168.7.9', dst: '192.168.7.1' })).length, 1)
    assert.deepEqual(
      link.give(tcpPacket({ dst: '192.168.7.1' }), tcpPacket({ src: PEER6, dst: 'fd07::1' })),
      [],
    )
    assert.deepEqual(other.give(tcpPacket({ src: '192.168.7.9', dst: OWN4 })), [])
    assert.deepEqual(
      link.give(tcpPacket({ dst: '8.8.8.8' }), tcpPacket({ src: PEER6, dst: '2001:db8::1' })),
      [],
    )
    assert.deepEqual(drops(stack), { 'ip-not-for-us': 5 })
  })

  it('knows no broadcast where there are two addresses or one (RFC 3021)', () => {
    for (const prefix of [31, 32]) {
      const { link, stack } = rig({ interface: { addresses: [`10.0.0.0/${prefix}`] } })
      stack.addRoute('10.0.0.1/32', stack.interfaces[1]!)
      assert.equal(link.give(tcpPacket({ src: '10.0.0.1', dst: '10.0.0.0' })).length, 1, `/${prefix}`)
    }
  })

  it('drops loopback destinations from outside', () => {
    const { link, stack } = rig()
    stack.listen({ port: 80 })
    const six = ['::1', '::'].map(dst => tcpPacket({ src: PEER6, dst }))
    assert.deepEqual(
      link.give(...['127.0.0.1', '127.1.1.1', '0.0.0.0'].map(dst => tcpPacket({ dst })), ...six),
      [],
    )
    assert.deepEqual(drops(stack), { 'ip-bad-destination': 5 })
  })

  it('ignores segments to broadcast and multicast addresses [MUST-57 RFC 1122]', () => {
    const { link, stack } = rig()
    stack.listen({ port: 80 })
    const groups = [
      '255.255.255.255',
      '10.0.0.255',
      '10.0.0.0',
      '224.0.0.1',
      '239.1.2.3',
      'ff02::1',
      'ff02::1:ff00:1',
    ]
    for (const dst of groups)
      for (const flags of [SYN, 0x10, 0x12, 0])
        assert.deepEqual(
          link.give(tcpPacket({ src: dst.includes(':') ? PEER6 : PEER4, dst, flags })),
          [],
          dst,
        )
    assert.deepEqual(drops(stack), { 'tcp-not-unicast': groups.length * 4 })
    link.give(tcpPacket({ src: PEER6, dst: 'ff02::2' }))
    assert.equal(stack.counters.drops['ip-not-for-us'], 1, 'a group it is not in')
  })

  it('does not answer what came by a link-layer broadcast (RFC 1122 section 3.3.6) [MUST-57 RFC 1122]', () => {
    const { link, stack } = rig({ kind: 'ethernet' })
    stack.listen({ port: 80 })
    const all = [255, 255, 255, 255, 255, 255]
    const packets = [
      tcpPacket(),
      tcpPacket({ dstPort: 81 }),
      udpPacket({}, [1]),
      ipv4({ protocol: 1 }, icmp4(8, 0, 1)),
      ipv4({ protocol: 200 }),
    ]
    for (const bytes of packets) assert.deepEqual(link.give(frame(all, PEER_MAC, 0x0800, bytes)), [])
    const problem = ipv6({ next: 60 }, [59, 0, 0x9e, 0, 1, 2, 0, 0])
    assert.deepEqual(link.give(frame(all, PEER_MAC, 0x86dd, problem)), [])
    assert.deepEqual(drops(stack), {
      'tcp-not-unicast': 2,
      'udp-no-port': 1,
      'ip-unknown-protocol': 1,
      'ipv6-unknown-option': 1,
    })
    assert.equal(
      link.give(frame(OWN_MAC, PEER_MAC, 0x0800, tcpPacket())).length,
      1,
      'an ARP request for the peer',
    )
  })

  it('drops frames for others and of types it does not speak', () => {
    const { link, stack } = rig({ kind: 'ethernet' })
    link.give(
      frame([2, 9, 9, 9, 9, 9], PEER_MAC, 0x0800, tcpPacket()),
      frame(OWN_MAC, PEER_MAC, 0x88cc, []),
      new Uint8Array(13),
    )
    link.give(frame(OWN_MAC, PEER_MAC, 46, counting(46)), frame(OWN_MAC, PEER_MAC, 0x0800, []))
    assert.deepEqual(link.take(), [])
    assert.deepEqual(drops(stack), {
      'ethernet-not-for-us': 1,
      'ethernet-unknown-type': 2,
      'ethernet-truncated': 1,
      'ip-truncated': 1,
    })
  })

  it('drops ports that cannot be', () => {
    const { link, stack } = rig()
    assert.deepEqual(link.give(tcpPacket({ srcPort: 0 }), tcpPacket({ dstPort: 0 })), [])
    assert.deepEqual(drops(stack), { 'tcp-bad-port': 2 })
  })

  it('does not trust an IPv6 packet to be IPv4 or ICMP of the other version', () => {
    const { link, stack } = rig()
    const answers = link.give(ipv4({ protocol: 58 }, icmp6(128, 0, 1)), ipv6({ next: 1 }, icmp4(8, 0, 1)))
    assert.deepEqual(
      answers.map(bytes => read(bytes).payload[0]),
      [3, 4],
      'unknown protocols both',
    )
    assert.deepEqual(drops(stack), { 'ip-unknown-protocol': 2 })
  })

  it('finds every way in to a loopback listener, and keeps loopback to itself', () => {
    const env = new FakeEnvironment()
    const stack = new Stack({ env })
    const seen: string[] = []
    stack.listen({ port: 80, onConnection: socket => seen.push(`${socket.local}`) })
    for (const text of ['127.0.0.1', '127.255.0.9', '::1'])
      stack.connect({ remote: IpAddress.parse(text), port: 80 })
    env.pass(10)
    assert.deepEqual(seen, ['127.0.0.1', '127.255.0.9', '::1'])
  })
})
