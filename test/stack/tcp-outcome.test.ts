import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { open, pair, utf8 } from '../support/worlds-pair.js'

const BYTES = 5000

/** An open connection whose client has sent what never arrives. */
function unheard() {
  const p = pair()
  const { client, server } = open(p)
  p.cable.forward.intercept(packet => (packet.payloadLength > 0 ? 'drop' : 'pass'))
  client.socket.send(new Uint8Array(BYTES))
  const pass = (ms: number) => p.world.runSync(p.world.now + ms)
  return { p, client, server, pass }
}

describe('closed without an error says that everything arrived; so it is not said', () => {
  it('to a user who gave up reading, when what the peer sends throws his own data away (T37)', () => {
    const { client, server, pass } = unheard()
    client.socket.release()
    server.socket.send(utf8('are you there?'))
    pass(1000)
    assert.deepEqual([client.socket.state, server.bytes], ['CLOSED', []])
    assert.match(client.told.at(-1)!, /^closed E/)
  })

  it('to a user who gave up reading with bytes unread (T37)', () => {
    const { client, server, pass } = unheard()
    client.readable = () => {}
    server.socket.send(utf8('unread'))
    pass(100)
    client.socket.release()
    pass(100)
    assert.deepEqual([client.socket.state, server.bytes], ['CLOSED', []])
    assert.match(client.told.at(-1)!, /^closed E/)
  })

  it('to a user whose data was still under way in LAST_ACK when a RST came (T33)', () => {
    const { client, server, pass } = unheard()
    server.socket.close()
    pass(50)
    client.socket.close()
    pass(50)
    assert.equal(client.socket.state, 'LAST_ACK')
    server.socket.abort()
    pass(100)
    assert.deepEqual([client.socket.state, server.bytes], ['CLOSED', []])
    assert.match(client.told.at(-1)!, /^closed E/)
  })

  it('to a user whose data was still under way in CLOSING when a RST came (T33)', () => {
    const { client, server, pass } = unheard()
    client.socket.close()
    server.socket.close()
    pass(50)
    assert.equal(client.socket.state, 'CLOSING')
    server.socket.abort()
    pass(100)
    assert.match(client.told.at(-1)!, /^closed E/)
  })

  it('but it is said when only the last acknowledgment was missing', () => {
    const p = pair()
    const { client, server } = open(p)
    client.socket.send(new Uint8Array(BYTES))
    p.world.runSync(p.world.now + 100)
    server.socket.close()
    p.world.runSync(p.world.now + 100)
    client.socket.close()
    p.world.runSync()
    assert.deepEqual([client.told.at(-1), server.told.at(-1)], ['closed', 'closed'])
    assert.equal(server.socket.status().bytesReceived, BYTES)
  })
})
