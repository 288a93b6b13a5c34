import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { be32, tcpPacket } from '../support/packets.js'
import { connect, listen, open, type Pair, PORT, pair, utf8, type Witness } from '../support/worlds-pair.js'

/** Gives the server a forged segment of the client's; how many packets it answers with at once. */
function forge(p: Pair, client: Witness, flags: number, offset: number): number {
  const { tcb } = client.socket
  const before = p.cable.backward.sent
  const ts = [1, 1, 8, 10, ...be32((Math.floor(p.world.now) + tcb.tsOffset) >>> 0), ...be32(0)]
  const bytes = tcpPacket({
    src: '10.0.0.1',
    dst: '10.0.0.2',
    srcPort: client.socket.localPort,
    dstPort: PORT,
    seq: (tcb.sndNxt + offset) >>> 0,
    ack: tcb.rcvNxt >>> 0,
    flags,
    options: ts,
  })
  p.cable.forward.receiver!.packet(bytes, 0, bytes.length)
  p.cable.forward.receiver!.batchEnd()
  return p.cable.backward.sent - before
}

const SYN = 2
const RST = 4

describe('challenge ACKs', () => {
  it('are limited for each connection by itself, and again allowed after a second [RFC 5961]', () => {
    const p = pair()
    listen(p)
    const [one, two] = [connect(p), connect(p)]
    p.world.runSync(1000)
    const challenges = (client: Witness, n: number, flags = SYN) => {
      let total = 0
      for (let i = 0; i < n; i++) total += forge(p, client, flags, 1000 + i)
      return total
    }
    assert.equal(challenges(one, 100), 10)
    assert.equal(challenges(two, 5), 5, 'another connection has its own')
    p.world.runSync(1900)
    assert.equal(challenges(one, 10), 0)
    p.world.runSync(2100)
    assert.equal(challenges(one, 100, RST), 10)
    assert.deepEqual([one.socket.state, two.socket.state], ['ESTABLISHED', 'ESTABLISHED'])
  })

  it('do not stop what is real', () => {
    const p = pair()
    const { client, server } = open(p)
    for (let i = 0; i < 50; i++) forge(p, client, SYN, 5000)
    client.socket.send(utf8('still here'))
    p.world.runSync(p.world.now + 200)
    assert.equal(server.text, 'still here')
  })
})

describe('status()', () => {
  it('is plausible at every stage', () => {
    const p = pair({ conditions: { delay: 25 } })
    const accepted = listen(p)
    const client = connect(p)
    const { socket } = client
    const at = (ms: number) => p.world.runSync(ms)
    let s = socket.status()
    assert.deepEqual(
      [s.state, s.rtt, s.minRtt, s.rto, s.lastReceived, s.segmentsOut],
      ['SYN_SENT', -1, -1, 1000, -1, 1],
    )
    at(60)
    s = socket.status()
    assert.deepEqual([s.state, s.rtt, s.minRtt, s.lastRtt], ['ESTABLISHED', 50, 50, 50])
    assert.deepEqual(
      [s.timestamps, s.sack, s.windowScaling, s.sndMss, s.advMss],
      [true, true, true, 1448, 1460],
    )
    assert.deepEqual([s.cwnd, s.ssthresh, s.limitedBy], [14_480, Number.POSITIVE_INFINITY, 'idle'])
    assert.deepEqual([s.rto >= 200, s.lastReceived], [true, 10])
    at(100)
    socket.send(new Uint8Array(200_000))
    s = socket.status()
    assert.deepEqual([s.flight, s.notSent, s.bytesSent, s.bytesAcked], [14_480, 185_520, 14_480, 0])
    assert.equal(s.limitedBy, 'network')
    at(155)
    s = socket.status()
    assert(s.bytesAcked >= 14_480 && s.cwnd > 14_480 && s.bytesAcked + s.flight === s.bytesSent)
    at(2000)
    s = socket.status()
    assert.deepEqual([s.bytesAcked, s.flight, s.notSent, s.segmentsRetransmitted], [200_000, 0, 0, 0])
    assert.deepEqual([s.dataSegmentsOut, s.limitedBy, s.congestionState], [139, 'idle', 'open'])
    const server = accepted[0]!.socket
    s = server.status()
    assert.deepEqual([s.bytesReceived, s.dataSegmentsIn, s.unread, s.outOfOrderBytes], [200_000, 139, 0, 0])
    assert.equal(s.rcvMss, 1448)
    p.cable.forward.connected = false
    socket.send(new Uint8Array(10))
    at(4000)
    s = socket.status()
    assert(
      s.congestionState === 'loss' &&
        s.timeouts >= 2 &&
        s.backoff === s.timeouts &&
        s.retransmits === s.timeouts,
    )
    assert.equal(s.cwnd, 1448)
    p.cable.forward.connected = true
    at(20_000)
    assert.equal(server.status().bytesReceived, 200_010)
    socket.close()
    at(20_100)
    assert.deepEqual([socket.status().state, server.status().state], ['FIN_WAIT_2', 'CLOSE_WAIT'])
    server.close()
    at(20_200)
    assert.deepEqual([socket.status().state, server.status().state], ['TIME_WAIT', 'CLOSED'])
    at(100_000)
    assert.equal(socket.status().state, 'CLOSED')
  })

  it('says what waits for whom when the window is closed', () => {
    const p = pair({ b: { tcp: { receiveBuffer: 4096 } } })
    const accepted = listen(p, {}, false)
    const client = connect(p)
    client.socket.send(new Uint8Array(10_000))
    p.world.runSync(3000)
    const { limitedBy, sndWnd, probes, notSent } = client.socket.status()
    assert.deepEqual([limitedBy, sndWnd], ['receiver', 0])
    assert(probes >= 0 && notSent > 5000)
    const { unread, rcvWnd } = accepted[0]!.socket.status()
    assert.deepEqual([unread, rcvWnd], [4096, 0])
  })
})
