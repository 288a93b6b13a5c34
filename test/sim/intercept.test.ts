import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describe as describePacket, type PacketInfo } from '../../src/sim/packet.js'
import { tcpPacket } from '../support/packets.js'
import { connect, listen, open, PORT, pair, utf8 } from '../support/worlds-pair.js'

const data = (p: PacketInfo) => p.payloadLength > 0

/** What a wire carried from now on: time of sending and of arrival of each packet with data. */
function record(p: ReturnType<typeof pair>) {
  const seen: string[] = []
  p.cable.forward.tap = (bytes, fate, sentAt, arrivesAt) => {
    if (describePacket(bytes).payloadLength > 0) seen.push(`${fate} ${sentAt} ${arrivesAt}`)
  }
  return seen
}

describe('interception', () => {
  it('drops the n-th packet that matches, and no other', () => {
    const p = pair()
    const { client, server } = open(p)
    const seen = record(p)
    p.cable.forward.nth(2, data, 'drop')
    client.socket.setNoDelay(true)
    for (const word of ['one', 'two', 'three']) client.socket.send(utf8(word))
    p.world.runSync(p.world.now + 5000)
    assert.equal(server.text, 'onetwothree')
    assert.deepEqual(
      seen.map(s => s.split(' ')[0]),
      ['delivered', 'lost', 'delivered', 'delivered'],
    )
  })

  it('holds one back', () => {
    const p = pair()
    const { client, server } = open(p)
    const seen = record(p)
    p.cable.forward.nth(1, data, { hold: 100 })
    client.socket.send(utf8('late'))
    p.world.runSync(1200)
    assert.deepEqual(seen, ['delivered 1000 1110'])
    assert.equal(server.text, 'late')
  })

  it('repeats one', () => {
    const p = pair()
    const { client, server } = open(p)
    const seen = record(p)
    p.cable.forward.nth(1, data, { repeat: 50 })
    client.socket.send(utf8('twice'))
    p.world.runSync(2000)
    assert.deepEqual(seen, ['delivered 1000 1010', 'duplicated 1000 1060'])
    assert.equal(server.text, 'twice')
    assert.equal(server.socket.status().duplicateIn, 1)
  })

  it('changes one', () => {
    const p = pair()
    p.cable.forward.intercept(packet =>
      packet.has('SYN') ? { change: tcpPacket({ src: '10.0.0.1', dst: '10.0.0.2', dstPort: 1 }) } : 'pass',
    )
    listen(p)
    connect(p)
    p.world.runSync(500)
    assert.equal(p.b.stack.counters.noListener, 1)
  })

  it('adds up: holds of several, a drop ends it', () => {
    const p = pair()
    const { client } = open(p)
    const seen = record(p)
    const remove = p.cable.forward.intercept(() => ({ hold: 5 }))
    p.cable.forward.intercept(packet => (data(packet) ? { hold: 7 } : 'pass'))
    client.socket.send(utf8('x'))
    remove()
    client.socket.send(utf8('y'))
    p.cable.forward.intercept(packet => (data(packet) ? 'drop' : 'pass'))
    p.world.runSync(1001)
    assert.deepEqual(seen, ['delivered 1000 1022'])
    client.socket.setNoDelay(true)
    client.socket.send(utf8('z'))
    assert.equal(seen[1], 'lost 1001 NaN')
  })

  it('shows what is in a packet', () => {
    const p = pair()
    const seen: PacketInfo[] = []
    p.cable.forward.intercept(packet => {
      seen.push(packet)
      return 'pass'
    })
    const { client } = open(p, { localPort: 4000 })
    client.socket.send(utf8('hello'))
    const [syn, ack, hello] = seen
    assert.deepEqual([syn!.flags, ack!.flags, hello!.flags], [['SYN'], ['ACK'], ['PSH', 'ACK']])
    assert(syn!.has('SYN') && !syn!.has('SYN', 'ACK') && hello!.has('PSH', 'ACK'))
    assert.deepEqual([hello!.srcPort, hello!.dstPort, hello!.payloadLength], [4000, PORT, 5])
    assert.equal(ack!.seq, (syn!.seq + 1) >>> 0)
    assert(ack!.window > 0 && hello!.isTcp)
    const other = describePacket(Uint8Array.of(1, 2, 3))
    assert.deepEqual([other.isTcp, other.flags, other.has('SYN'), other.has()], [false, [], false, false])
  })
})
