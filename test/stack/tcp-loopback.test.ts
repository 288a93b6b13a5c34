import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IpAddress } from '../../src/wire/address.js'
import { tcpPacket } from '../support/packets.js'
import { A, A6, PORT, pair, utf8, Witness } from '../support/worlds-pair.js'

const REMOTES = [IpAddress.loopback4, IpAddress.parse('127.1.2.3'), IpAddress.loopback6, A, A6]

/** A stack that speaks to itself. */
function alone(remote: IpAddress) {
  const p = pair()
  const { stack } = p.a
  const accepted: Witness[] = []
  const listener = stack.listen({
    port: PORT,
    onConnection: socket => {
      const witness = new Witness()
      witness.socket = socket
      socket.handler = witness
      accepted.push(witness)
    },
  })
  const client = new Witness()
  client.socket = stack.connect({ remote, port: PORT, handler: client })
  return { p, stack, listener, client, accepted }
}

describe('a stack that speaks to itself', () => {
  for (const remote of REMOTES)
    it(`by ${remote}: opens, sends both ways, closes, and nothing reaches a wire`, () => {
      const { p, client, accepted, stack, listener } = alone(remote)
      p.world.runSync(1)
      const server = accepted[0]!
      client.socket.send(new Uint8Array(300_000).fill(1))
      server.socket.send(utf8('hello'))
      p.world.runSync(1000)
      assert.equal(server.socket.status().bytesReceived, 300_000)
      assert.equal(client.text, 'hello')
      client.socket.close()
      server.socket.close()
      p.world.runSync()
      assert.deepEqual([client.told.at(-1), server.told.at(-1)], ['closed', 'closed'])
      listener.close()
      assert.deepEqual(stack.census, { sockets: 0, halfOpen: 0, timeWait: 0, listeners: 0 })
      assert.equal(p.cable.forward.sent, 0)
    })

  it('is refused where nobody listens', () => {
    const p = pair()
    const client = new Witness()
    p.a.stack.connect({ remote: IpAddress.loopback6, port: 81, handler: client })
    p.world.runSync(1)
    assert.deepEqual(client.told, ['closed ECONNREFUSED'])
  })

  it('takes nothing that comes from or goes to a loopback address on a wire', () => {
    const { p } = alone(IpAddress.loopback4)
    for (const ends of [
      { dst: '127.0.0.1' },
      { src: '127.0.0.1', dst: '10.0.0.1' },
      { src: '10.0.0.1', dst: '10.0.0.1' },
    ])
      p.cable.backward.send(tcpPacket({ src: '10.0.0.2', ...ends }))
    p.world.runSync(100)
    const { drops } = p.a.stack.counters
    assert.deepEqual([drops['ip-bad-source'], drops['ip-bad-destination']], [2, 1])
    assert.equal(p.cable.forward.sent, 0)
  })

  it('lets others have their turn when it never stops', () => {
    const { p, client, accepted } = alone(IpAddress.loopback4)
    p.world.runSync(1)
    const server = accepted[0]!
    let rounds = 0
    // Each answers whatever the other says, at once, for ever: time stands still.
    const echo = (witness: Witness) => () => {
      rounds++
      for (let bytes = witness.socket.receive(); bytes; bytes = witness.socket.receive())
        witness.socket.send(bytes)
    }
    client.readable = echo(client)
    server.readable = echo(server)
    client.socket.send(utf8('ping'))
    let turns = 0
    p.world.at(p.world.now, () => turns++)
    for (let i = 0; i < 100; i++) p.world.step()
    assert.equal(turns, 1)
    assert(rounds > 100 && rounds < 100_000, `${rounds} rounds`)
  })
})

describe('a connection with itself', () => {
  for (const remote of REMOTES)
    it(`by ${remote}: is one open connection, hears itself, and closes`, () => {
      const p = pair()
      const { stack } = p.a
      const self = new Witness()
      self.socket = stack.connect({ remote, port: 4000, localPort: 4000, local: remote, handler: self })
      p.world.runSync(1)
      assert.equal(self.socket.state, 'ESTABLISHED')
      assert.equal(stack.census.sockets, 1)
      self.socket.send(utf8('echo'))
      p.world.runSync(500)
      assert.equal(self.text, 'echo')
      self.socket.close()
      p.world.runSync()
      assert.deepEqual(self.told, ['open', 'read 4', 'end', 'closed'])
      assert.deepEqual(stack.census, { sockets: 0, halfOpen: 0, timeWait: 0, listeners: 0 })
    })
})
