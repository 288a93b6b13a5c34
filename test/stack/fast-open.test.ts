// TCP Fast Open between two stacks, in virtual time: RFC 7413.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FastOpenKeys } from '../../src/stack/fast-open-keys.js'
import type { Socket } from '../../src/stack/socket.js'
import { IpAddress } from '../../src/wire/address.js'
import { RST, SegmentView, SYN } from '../../src/wire/tcp.js'
import { tcpPacket } from '../support/packets.js'
import { B, connect, listen, type Pair, type PairOptions, PORT, pair, utf8 } from '../support/worlds-pair.js'

/** A client that has a cookie of the server's already; the connection that brought it is closed. */
function acquainted(options: PairOptions = {}, fastOpen = 8) {
  const p = pair(options)
  const accepted = listen(p, { fastOpen })
  const first = connect(p, { fastOpen: true })
  p.world.runSync(p.world.now + 100)
  first.socket.close()
  accepted.shift()!.socket.close()
  p.world.runSync(p.world.now + 200)
  return { p, accepted }
}

const room = (p: Pair) => p.a.stack.fastOpenRoom({ remote: B, port: PORT })

describe('TCP Fast Open', () => {
  it('is off unless both sides ask for it', () => {
    const p = pair()
    const accepted = listen(p)
    const client = connect(p, { fastOpen: true, data: utf8('hello') })
    p.world.runSync(1000)
    assert.equal(accepted[0]!.text, 'hello')
    assert.equal(room(p), undefined, 'a server without it is left alone for a while')
    assert.equal(client.socket.status().synData, false)
    const { p: q } = acquainted()
    const plain = connect(q, { data: utf8('x') })
    q.world.runSync(q.world.now + 100)
    assert.equal(plain.socket.status().synData, false)
  })

  it('the first connection asks for a cookie, the second has its data on the SYN', () => {
    const { p, accepted } = acquainted()
    assert.equal(p.b.stack.counters.fastOpenCookiesSent, 1)
    // The server's MSS less room for all options.
    assert.equal(room(p), 1460 - 40)
    const began = p.world.now
    const client = connect(p, { fastOpen: true, data: utf8('request') })
    // Half a round trip: the SYN is here, its ACK is not.
    p.world.runSync(began + 10)
    assert.equal(accepted[0]!.text, 'request')
    assert.equal(accepted[0]!.socket.state, 'SYN_RECEIVED')
    accepted[0]!.socket.send(utf8('answer'))
    p.world.runSync(began + 20)
    assert.equal(client.text, 'answer', 'in one round trip')
    p.world.runSync(began + 1000)
    assert.equal(accepted[0]!.socket.state, 'ESTABLISHED')
    assert.deepEqual(accepted[0]!.told, ['read 7'], 'it was open when it was handed over')
    assert.deepEqual(client.told, ['open', 'read 6'])
    assert.equal(client.socket.status().synData, true)
    assert.equal(accepted[0]!.socket.status().synData, true)
    assert.equal(client.socket.status().segmentsRetransmitted, 0)
    assert.equal(p.b.stack.counters.fastOpens, 1)
  })

  it('what does not fit the SYN follows the handshake', () => {
    const { p, accepted } = acquainted()
    const data = new Uint8Array(100_000).map((_, i) => i * 7)
    connect(p, { fastOpen: true, data })
    p.world.runSync(p.world.now + 10)
    assert.equal(accepted[0]!.bytes[0]!.length, 1420)
    p.world.runSync(p.world.now + 1000)
    assert.deepEqual(Buffer.concat(accepted[0]!.bytes), Buffer.from(data))
  })

  it('a server that answers and closes at once: all of it before the handshake is over', () => {
    const { p, accepted } = acquainted()
    const began = p.world.now
    const client = connect(p, { fastOpen: true, data: utf8('GET') })
    p.world.runSync(began + 10)
    const server = accepted[0]!.socket
    server.send(utf8('all there is'))
    server.close()
    assert.equal(server.state, 'FIN_WAIT_1')
    p.world.runSync(began + 20)
    assert.deepEqual(client.told, ['open', 'read 12', 'end'])
    client.socket.close()
    p.world.runSync(began + 100)
    assert.equal(server.state, 'TIME_WAIT')
    assert.equal(client.told.at(-1), 'closed')
  })

  it('a SYN with data that is lost comes again without: nothing is lost or doubled, and Fast Open rests', () => {
    const { p, accepted } = acquainted()
    p.cable.forward.nth(1, packet => packet.has('SYN'), 'drop')
    const client = connect(p, { fastOpen: true, data: utf8('patience') })
    p.world.runSync(p.world.now + 3000)
    assert.equal(accepted[0]!.text, 'patience')
    assert.equal(client.socket.status().synData, false)
    assert.equal(room(p), undefined)
    p.world.runSync(p.world.now + 60_000)
    assert.equal(room(p), 1420, 'it is tried again after a minute')
  })

  it('after the SYN,ACK was lost the repeated SYN brings no data twice', () => {
    const { p, accepted } = acquainted()
    p.cable.backward.nth(1, packet => packet.has('SYN'), 'drop')
    const client = connect(p, { fastOpen: true, data: utf8('once') })
    p.world.runSync(p.world.now + 5000)
    assert.equal(accepted.length, 1)
    assert.equal(accepted[0]!.text, 'once')
    assert.equal(client.socket.state, 'ESTABLISHED')
    assert.equal(client.socket.status().synData, true)
  })

  it('a cookie that is wrong costs nothing but the head start, and brings a good one', () => {
    const { p, accepted } = acquainted()
    p.b.stack.setFastOpenKeys(new Uint8Array(16).fill(9))
    const began = p.world.now
    const client = connect(p, { fastOpen: true, data: utf8('late') })
    p.world.runSync(began + 10)
    assert.equal(accepted.length, 0)
    p.world.runSync(began + 1000)
    assert.equal(accepted[0]!.text, 'late')
    assert.equal(client.socket.status().synData, false)
    assert.equal(p.b.stack.counters.fastOpenBadCookies, 1)
    connect(p, { fastOpen: true, data: utf8('early') })
    p.world.runSync(p.world.now + 10)
    assert.equal(accepted[1]!.text, 'early')
  })

  it('a cookie made with the last key is good, and is replaced', () => {
    const { p, accepted } = acquainted()
    const [old, fresh] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)]
    p.b.stack.setFastOpenKeys(old)
    connect(p, { fastOpen: true })
    p.world.runSync(p.world.now + 100)
    p.b.stack.setFastOpenKeys(fresh, old)
    connect(p, { fastOpen: true, data: utf8('old') })
    p.world.runSync(p.world.now + 10)
    assert.equal(accepted.at(-1)!.text, 'old')
    p.world.runSync(p.world.now + 100)
    p.b.stack.setFastOpenKeys(fresh)
    connect(p, { fastOpen: true, data: utf8('new') })
    p.world.runSync(p.world.now + 10)
    assert.equal(accepted.at(-1)!.text, 'new')
    assert.throws(() => p.b.stack.setFastOpenKeys(new Uint8Array(15)), /16 bytes/)
  })

  it('keys of its own change every twelve hours, and cookies are good for one key more', () => {
    const { p, accepted } = acquainted()
    const hours = 3_600_000
    p.world.runSync(p.world.now + 13 * hours)
    connect(p, { fastOpen: true, data: utf8('a') })
    p.world.runSync(p.world.now + 10)
    assert.equal(accepted.length, 1, 'a cookie of the last key')
    p.world.runSync(p.world.now + 40 * hours)
    connect(p, { fastOpen: true, data: utf8('b') })
    p.world.runSync(p.world.now + 10)
    assert.equal(accepted.length, 1, 'one that is too old')
    p.world.runSync(p.world.now + 100)
    assert.equal(accepted[1]!.text, 'b')
  })

  it('no more than so many live on a cookie alone; the others open in the ordinary way', () => {
    const { p, accepted } = acquainted({}, 2)
    // The client vanishes: its ACKs never come.
    p.cable.backward.intercept(() => 'drop')
    for (let i = 0; i < 5; i++) connect(p, { fastOpen: true, data: utf8(`${i}`) })
    p.world.runSync(p.world.now + 15)
    assert.equal(accepted.length, 2)
    assert.equal(p.b.stack.counters.fastOpenOverflows, 3)
    assert.equal(p.b.stack.census.halfOpen, 3)
  })

  it('a place that a RST has emptied stays taken for a minute, or a forger could have any number [RFC 7413]', () => {
    const { p, accepted } = acquainted({}, 1)
    p.cable.backward.intercept(() => 'drop')
    connect(p, { fastOpen: true, data: utf8('1') })
    p.world.runSync(p.world.now + 15)
    assert.equal(accepted[0]!.socket.state, 'SYN_RECEIVED')
    reset(p, accepted[0]!.socket)
    assert.equal(accepted[0]!.told.at(-1), 'closed ECONNRESET')
    const refused = () => {
      const before = p.b.stack.counters.fastOpenOverflows
      connect(p, { fastOpen: true, data: utf8('2') })
      p.world.runSync(p.world.now + 15)
      return p.b.stack.counters.fastOpenOverflows - before
    }
    assert.equal(refused(), 1)
    p.world.runSync(p.world.now + 61_000)
    assert.equal(refused(), 0)
  })

  it('a listener that closes resets those that nobody has taken', () => {
    const p = acquainted().p
    const listener = p.b.stack.listen({ port: 81, fastOpen: 4 })
    const client = connect(p, { port: 81, fastOpen: true, data: utf8('x') })
    p.world.runSync(p.world.now + 10)
    assert.equal(listener.queue.length, 1)
    listener.close()
    p.world.runSync(p.world.now + 100)
    assert.equal(client.told.at(-1), 'closed ECONNRESET')
  })

  it('closing with the data of the SYN unread resets, as later [SHLD-3]', () => {
    const p = acquainted().p
    const listener = p.b.stack.listen({ port: 81, fastOpen: 4 })
    const client = connect(p, { port: 81, fastOpen: true, data: utf8('x') })
    p.world.runSync(p.world.now + 10)
    listener.accept()!.release()
    p.world.runSync(p.world.now + 100)
    assert.equal(client.told.at(-1), 'closed ECONNRESET')
  })

  it('numbers that are none are refused by name', () => {
    const p = pair()
    assert.throws(() => p.b.stack.listen({ port: 1, fastOpen: -1 }), /^RangeError: fastOpen must be/)
    assert.throws(() => p.b.stack.listen({ port: 1, fastOpen: 1.5 }), /^RangeError: fastOpen must be/)
  })
})

describe('Fast Open cookies', () => {
  // The cookies of Linux for these keys and addresses, from its own selftests (tools/testing/selftests/net/packetdrill).
  const env = { fillRandom: () => {} } as never
  const word = (n: number) => [n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24]
  const vectors: [key: number[], local: string, remote: string, cookie: string][] = [
    [[0xa1a1a1a1, 0xb2b2b2b2, 0xc3c3c3c3, 0xd4d4d4d4], '192.168.0.1', '192.0.2.1', '3021b9d889017eeb'],
    [[0xa0bf63f7, 0xed803d81, 0xcd641d30, 0xcebc4a90], '192.168.0.2', '10.248.0.2', '00abaaabe8e954c2'],
    [[0xa0bf63f7, 0xed803d81, 0xcd641d30, 0xcebc4a90], '192.168.0.3', '10.248.0.3', '76d2c1c530f51f79'],
  ]
  for (const [key, local, remote, cookie] of vectors)
    it(`${remote} gets from ${local} what Linux would give it`, () => {
      const keys = new FastOpenKeys(env)
      keys.set(Uint8Array.from(key.flatMap(word)))
      const made = keys.cookie(IpAddress.parse(local), IpAddress.parse(remote), 0)
      assert.equal(Buffer.from(made).toString('hex'), cookie)
      const seg = new SegmentView()
      Object.assign(seg, { bytes: made, fastOpenLength: 8, fastOpenOffset: 0, flags: SYN })
      const check = (host: string) => keys.check(seg, IpAddress.parse(local), IpAddress.parse(host), 0)
      assert.equal(check(remote), 'current')
      assert.equal(check('10.1.1.1'), 'bad', 'nobody else can use it')
    })
})

/** A RST that is in order, from whoever says that he is the client. */
function reset(p: Pair, { tcb, remotePort }: Socket): void {
  const addresses = { src: '10.0.0.1', dst: '10.0.0.2' }
  p.cable.forward.send(tcpPacket({ ...addresses, srcPort: remotePort, seq: tcb.rcvNxt >>> 0, flags: RST }))
  p.world.runSync(p.world.now + 15)
}
