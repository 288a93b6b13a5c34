import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stack } from '../../src/stack/stack.js'
import { IpAddress } from '../../src/wire/address.js'
import {
  drops,
  FakeEnvironment,
  FakeLink,
  ipv6,
  join,
  PEER4,
  PEER6,
  read,
  readSegment,
  rig,
  tcp,
  tcpPacket,
} from '../support/packets.js'
import { ACK, FIN, PSH, RST, ScriptedPeer, SYN } from '../support/scripted-peer.js'

/** Who may speak to whom: OPEN's addresses (RFC 9293 section 3.9.1.1), and source routes (section 3.9.2.1). */

const at = IpAddress.parse

describe('passive OPEN', () => {
  it('where there is one already fails, and what is open goes on [MUST-41]', () => {
    const p = new ScriptedPeer().accepted()
    assert.throws(() => p.stack.listen({ port: 80 }), { code: 'EADDRINUSE' })
    assert.throws(() => p.stack.listen({ port: 80, address: at(p.own) }), { code: 'EADDRINUSE' })
    p.text(5)
    assert.equal(p.socket.receiveQueued, 5)
    assert.deepEqual(p.stack.census, { sockets: 1, halfOpen: 0, timeWait: 0, listeners: 1 })
    // A listener that comes and goes leaves connections of its port alone.
    p.stack.listen({ port: 4321 }).close()
    p.socket.send(Uint8Array.of(1))
    assert.equal(p.heard()[0]!.payloadLength, 1)
  })

  it('works while others of its port are in SYN_SENT and SYN_RECEIVED [MUST-42]', () => {
    const { stack, link } = rig()
    const active = stack.connect({ remote: at(PEER4), port: 9, localPort: 80 })
    assert.equal(link.take().length, 1)
    const accepted: string[] = []
    const first = stack.listen({
      port: 80,
      address: at('10.0.0.1'),
      onConnection: s => accepted.push(`${s.remotePort}`),
    })
    link.give(tcpPacket({ srcPort: 4001, seq: 100 }))
    assert.deepEqual([active.state, stack.census.halfOpen], ['SYN_SENT', 1])
    // Another listener, at another address of the same port, and another SYN at the first.
    const second = stack.listen({ port: 80, address: IpAddress.loopback4 })
    const [synAck] = link.give(tcpPacket({ srcPort: 4002, seq: 200 }))
    const { flags, seq } = readSegment(synAck!)
    assert.equal(flags, SYN | ACK)
    link.give(tcpPacket({ srcPort: 4002, seq: 201, ack: (seq + 1) >>> 0, flags: ACK }))
    assert.deepEqual(accepted, ['4002'])
    assert.deepEqual(
      [active.state, stack.census.halfOpen, first.closed, second.closed],
      ['SYN_SENT', 1, false, false],
    )
  })
})

describe('active OPEN', () => {
  it('to an address that is no single host fails, and nothing is sent [MUST-46]', () => {
    const { stack, link } = rig({ interface: { gateways: ['10.0.0.254', 'fd00::fe'] } })
    for (const remote of [
      '0.0.0.0',
      '255.255.255.255',
      '224.0.0.1',
      '239.255.255.255',
      '10.0.0.255',
      '10.0.0.0',
      '::',
      'ff02::1',
      'ff0e::9',
      '::ffff:10.0.0.2',
    ])
      assert.throws(() => stack.connect({ remote: at(remote), port: 80 }), { code: 'EADDRNOTAVAIL' }, remote)
    assert.deepEqual([link.take(), stack.census.sockets], [[], 0])
  })

  it('from an address that is given speaks from there [MUST-43]', () => {
    const { stack, link } = rig({ interface: { addresses: ['10.0.0.1/24', '10.0.0.9/24', 'fd00::1/64'] } })
    for (const local of ['10.0.0.1', '10.0.0.9']) {
      stack.connect({ remote: at(PEER4), port: 80, local: at(local) })
      assert.equal(read(link.take()[0]!).src, local)
    }
    assert.throws(() => stack.connect({ remote: at(PEER4), port: 80, local: at('10.0.0.7') }), {
      code: 'EADDRNOTAVAIL',
    })
  })

  it('from nowhere in particular speaks from where IP says, and has said it before the SYN [MUST-44]', () => {
    const { stack, link } = rig()
    const socket = stack.connect({ remote: at(PEER4), port: 80 })
    const [syn] = link.take()
    assert.deepEqual([read(syn!).src, `${socket.local}`], ['10.0.0.1', '10.0.0.1'])
  })

  it('keeps its address when routes change: SYNs, data, RSTs, and the last ACKs [MUST-45]', () => {
    const env = new FakeEnvironment()
    const stack = new Stack({ env, tcp: { timestamps: false } })
    const [a, b] = [new FakeLink('ip'), new FakeLink('ip')]
    stack.addInterface(a, { addresses: ['10.0.0.1/24'], gateways: ['10.0.0.254'] })
    const other = stack.addInterface(b, { addresses: ['192.168.0.1/24'] })
    const remote = '8.8.8.8'
    const sources = (packets: Uint8Array[]) => packets.map(bytes => read(bytes).src)
    const all: string[] = []
    const take = () => {
      const packets = [...a.take(), ...b.take()]
      all.push(...sources(packets))
      return packets.map(readSegment)
    }
    const open = () => {
      const socket = stack.connect({ remote: at(remote), port: 80 })
      const [syn] = take()
      const say = (fields: object) => {
        const ends = { src: remote, srcPort: 80, dstPort: socket.localPort }
        const answers = a.give(tcpPacket({ ...ends, ack: socket.tcb.sndNxt >>> 0, ...fields }))
        all.push(...sources(answers))
      }
      return { socket, syn: syn!, say }
    }
    const one = open()
    // From now on another interface, with another address, leads there.
    stack.addRoute('8.8.8.0/24', other, '192.168.0.254')
    env.pass(1100)
    assert.equal(take()[0]!.flags & 0x3f, SYN, 'the SYN again')
    one.say({ seq: 500, flags: SYN | ACK })
    one.socket.send(new Uint8Array(10))
    env.pass(5000)
    assert.ok(take().length >= 2, 'data, and again')
    one.say({ seq: 501, flags: ACK })
    one.socket.close()
    take()
    one.say({ seq: 501, flags: FIN | ACK })
    assert.equal(one.socket.state, 'TIME_WAIT')
    one.say({ seq: 501, flags: FIN | ACK })
    assert.deepEqual([...new Set(all)], ['10.0.0.1'])
    const count = all.length
    assert.ok(count >= 8, `${count} packets`)
    // What opens now speaks from the other one.
    const two = open()
    assert.equal(all.at(-1), '192.168.0.1')
    two.socket.abort()
  })

  it('that is aborted after routes changed resets from its own address [MUST-45]', () => {
    const p = new ScriptedPeer().connected()
    p.stack.addRoute('10.0.0.2/32', p.stack.addInterface(new FakeLink('ip'), { addresses: ['10.7.0.1/24'] }))
    p.socket.abort()
    const [rst] = p.link.take()
    assert.deepEqual([read(rst!).src, readSegment(rst!).flags & RST], ['10.0.0.1', RST])
  })
})

describe('source routes', () => {
  const ROUTES = [
    [131, 7, 4, 10, 9, 9, 9, 0],
    [137, 7, 4, 10, 9, 9, 9, 0],
    [131, 7, 8, 10, 9, 9, 9, 0],
  ]

  it('on a SYN: it is dropped and counted, not answered along them [MUST-51 MUST-52 MUST-53 SHLD-24]', () => {
    const p = new ScriptedPeer()
    p.stack.listen({ port: 80 })
    for (const options of ROUTES) assert.deepEqual(p.say({ flags: SYN, ack: 0 }, { options }), [])
    const routing = [6, 2, 0, 1, 0, 0, 0, 0, ...new Array<number>(16).fill(9)]
    const v6 = ipv6({ next: 43 }, join(routing, tcp({ src: PEER6, dst: 'fd00::1' })))
    const answers = p.link.give(v6).map(bytes => read(bytes).protocol)
    assert.deepEqual(answers, [58], 'a parameter problem, and no segment')
    assert.deepEqual(drops(p.stack), { 'ipv4-source-routed': 3, 'ipv6-routing-header': 1 })
    assert.equal(p.stack.census.halfOpen, 0)
  })

  it('later on: dropped too, and what is sent goes the way it went [MUST-53 SHLD-24]', () => {
    const p = new ScriptedPeer().accepted()
    for (const options of ROUTES) assert.deepEqual(p.say({ flags: ACK | PSH, payload: [1] }, { options }), [])
    assert.equal(p.socket.receiveQueued, 0)
    p.socket.send(Uint8Array.of(1))
    const [data] = p.link.take()
    assert.equal(data![0], 0x45, 'no IP options')
    assert.equal(p.socket.state, 'ESTABLISHED')
  })
})
