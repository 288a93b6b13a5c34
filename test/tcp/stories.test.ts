import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Cable, type Host, World } from '../../src/sim/world.js'
import type { StackObserver } from '../../src/stack/observe.js'
import type { Socket } from '../../src/stack/socket.js'
import { IpAddress } from '../../src/wire/address.js'

/** The classic stories, told by two hosts in a world: the path of each, and what is on the wire. */

const PORT = 80

class Play {
  readonly world = new World({ seed: 7 })
  readonly paths: [string[], string[]] = [[], []]
  readonly wire: string[] = []
  readonly client: Host
  readonly server: Host
  readonly cable: Cable

  constructor() {
    this.client = this.world.host('client', { observer: this.watch(0), tcp: { delayedAck: 0 } })
    this.server = this.world.host('server', { observer: this.watch(1), tcp: { delayedAck: 0 } })
    this.cable = this.world.connect(this.client, this.server, {
      addresses: [['10.0.0.1/24'], ['10.0.0.2/24']],
      conditions: { delay: 10 },
    })
    for (const [name, wire] of [
      ['>', this.cable.forward],
      ['<', this.cable.backward],
    ] as const)
      wire.intercept(packet => {
        this.wire.push(name + packet.flags.join(','))
        return 'pass'
      })
  }

  private watch(who: 0 | 1): StackObserver {
    return { state: (_flow, _from, _to, id) => void this.paths[who].push(id) }
  }

  /** Both ends of an open connection. */
  open(): [Socket, Socket] {
    let accepted: Socket | undefined
    this.server.stack.listen({ port: PORT, onConnection: socket => (accepted = socket) })
    const socket = this.client.stack.connect({ remote: IpAddress.parse('10.0.0.2'), port: PORT })
    this.world.runSync(1000)
    return [socket, accepted!]
  }

  /** Seconds until the wait is over, and some. */
  end(): this {
    this.world.runSync(this.world.now + 200_000)
    return this
  }

  check(client: string, server: string): void {
    assert.deepEqual(
      this.paths.map(path => path.join(' ')),
      [client, server],
    )
    for (const { stack } of [this.client, this.server]) {
      const { sockets, halfOpen, timeWait } = stack.census
      assert.deepEqual({ sockets, halfOpen, timeWait }, { sockets: 0, halfOpen: 0, timeWait: 0 })
    }
  }
}

describe('stories', () => {
  it('four segments: the client closes, then the server', () => {
    const play = new Play()
    const [client, server] = play.open()
    assert.deepEqual(play.wire, ['>SYN', '<SYN,ACK', '>ACK'])
    client.close()
    play.world.runSync(2000)
    server.close()
    play.end().check('T02 T06 T14 T16 T19 T23', 'T01 T05 T08 T15 T21 T22')
    assert.deepEqual(play.wire.slice(3), ['>FIN,ACK', '<ACK', '<FIN,ACK', '>ACK'])
  })

  it('the server closes first, and it is the server that waits', () => {
    const play = new Play()
    const [client, server] = play.open()
    server.close()
    play.world.runSync(2000)
    client.close()
    play.end().check('T02 T06 T15 T21 T22', 'T01 T05 T08 T14 T16 T19 T23')
  })

  it('three segments: the server closes in the segment that acknowledges', () => {
    const play = new Play()
    const [client, server] = play.open()
    server.handler = { end: () => server.close() }
    client.close()
    play.end().check('T02 T06 T14 T18 T23', 'T01 T05 T08 T15 T21 T22')
    assert.deepEqual(play.wire.slice(3), ['>FIN,ACK', '<FIN,ACK', '>ACK'])
  })

  it('half-close: what the server sends afterwards arrives [MAY-1]', () => {
    const play = new Play()
    const [client, server] = play.open()
    client.close()
    play.world.runSync(2000)
    assert.deepEqual([client.state, server.state], ['FIN_WAIT_2', 'CLOSE_WAIT'])
    server.send(new Uint8Array(50_000))
    play.world.runSync(5000)
    assert.equal(client.receiveQueued, 50_000)
    while (client.receive());
    server.close()
    play.end().check('T02 T06 T14 T16 T19 T23', 'T01 T05 T08 T15 T21 T22')
  })

  it('simultaneous close: both wait', () => {
    const play = new Play()
    const [client, server] = play.open()
    client.close()
    server.close()
    play.end().check('T02 T06 T14 T17 T20 T23', 'T01 T05 T08 T14 T17 T20 T23')
    assert.deepEqual(play.wire.slice(3).sort(), ['<ACK', '<FIN,ACK', '>ACK', '>FIN,ACK'])
  })

  it('simultaneous open: one connection, and it carries data both ways [MUST-10]', () => {
    const play = new Play()
    const [a, b] = ['10.0.0.1', '10.0.0.2'].map(address => IpAddress.parse(address)) as [IpAddress, IpAddress]
    const left = play.client.stack.connect({ remote: b, port: 2000, localPort: 1000 })
    const right = play.server.stack.connect({ remote: a, port: 1000, localPort: 2000 })
    play.world.runSync(1000)
    assert.deepEqual(play.paths, [
      ['T02', 'T07', 'T08'],
      ['T02', 'T07', 'T08'],
    ])
    assert.ok(play.wire.length <= 6, `it converges, in ${play.wire}`)
    assert.ok(!play.wire.some(segment => segment.includes('RST')))
    left.send(Uint8Array.of(1, 2, 3))
    right.send(Uint8Array.of(4))
    play.world.runSync(2000)
    assert.deepEqual([[...right.receive()!], [...left.receive()!]], [[1, 2, 3], [4]])
  })

  it('the last ACK is lost: the FIN comes again, and 2MSL begin again [MUST-13]', () => {
    const play = new Play()
    const [client, server] = play.open()
    client.close()
    play.world.runSync(2000)
    play.cable.forward.nth(1, packet => packet.has('ACK'), 'drop')
    server.close()
    play.end().check('T02 T06 T14 T16 T19 T23', 'T01 T05 T08 T15 T21 T22')
    assert.deepEqual(play.wire.slice(5), ['<FIN,ACK', '>ACK', '<FIN,ACK', '>ACK'])
  })

  it('the last ACK is lost and the closer is gone: its RST ends it', () => {
    const play = new Play()
    const [client, server] = play.open()
    client.close()
    play.world.runSync(2000)
    let lost = true
    play.cable.backward.intercept(packet => (lost && packet.has('FIN') ? 'drop' : 'pass'))
    server.close()
    play.world.runSync(2100)
    client.abort()
    lost = false
    play.end()
    assert.equal(play.paths[1].at(-1), 'T33')
    assert.equal(play.server.stack.census.sockets, 0)
  })

  for (const [title, side, nth] of [
    ['the SYN', 'forward', 1],
    ['the SYN,ACK', 'backward', 1],
    ['the ACK of the handshake', 'forward', 2],
  ] as const)
    it(`${title} is lost: it opens all the same`, () => {
      const play = new Play()
      play.cable[side].nth(nth, () => true, 'drop')
      let accepted: Socket | undefined
      play.server.stack.listen({ port: PORT, onConnection: socket => (accepted = socket) })
      const client = play.client.stack.connect({ remote: IpAddress.parse('10.0.0.2'), port: PORT })
      play.world.runSync(5000)
      assert.deepEqual([client.state, accepted?.state], ['ESTABLISHED', 'ESTABLISHED'])
    })

  it('a connection with oneself is a simultaneous open', () => {
    const play = new Play()
    const { stack } = play.client
    for (const address of ['127.0.0.1', '10.0.0.1', '::1']) {
      const self = stack.connect({ remote: IpAddress.parse(address), port: 5555, localPort: 5555 })
      play.world.runSync(play.world.now + 1000)
      assert.equal(self.state, 'ESTABLISHED')
      self.send(Uint8Array.of(9))
      play.world.runSync(play.world.now + 1000)
      assert.deepEqual([...self.receive()!], [9])
      const { segmentsOut } = stack.counters
      play.world.runSync(play.world.now + 100_000)
      assert.equal(stack.counters.segmentsOut, segmentsOut, 'it does not talk to itself for ever')
      self.close()
      play.world.runSync(play.world.now + 1000)
      assert.ok(['TIME_WAIT', 'CLOSED'].includes(self.state), self.state)
    }
  })
})
