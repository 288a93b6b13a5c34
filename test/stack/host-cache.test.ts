// TCB sharing, RFC 9040: what one connection has learnt of a path, the next one starts from.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connect, listen, type Pair, pair, type Witness } from '../support/worlds-pair.js'

const SHARING = { shareState: true, congestion: 'reno' } as const
const conditions = { delay: 400, rate: 4e6, queue: 60_000 }

const world = (tcp: object = SHARING) => pair({ a: { tcp }, b: { tcp: { ...tcp } }, conditions })

/** Sends `size` bytes and closes; returns once it is over. */
function transfer(p: Pair, size: number): Witness {
  const client = connect(p, { data: new Uint8Array(size) })
  p.world.runSync(p.world.now + 2000)
  client.socket.close()
  p.world.runSync(p.world.now + 60_000)
  return client
}

/** Both sides close. */
function serve(p: Pair): void {
  listen(p, {
    onConnection: socket => {
      socket.handler = {
        readable: () => {
          while (socket.receive());
        },
        end: () => socket.close(),
      }
    },
  })
}

describe('TCB sharing', () => {
  it('is off by default: each connection finds out for itself', () => {
    const p = world({ congestion: 'reno' })
    serve(p)
    transfer(p, 2_000_000)
    const next = connect(p).socket.tcb
    assert.deepEqual([next.rto.srtt, next.congestion.ssthresh], [-1, Number.POSITIVE_INFINITY])
  })

  it('one that is over leaves its round-trip time and ssthresh behind [RFC 9040]', () => {
    const p = world()
    serve(p)
    const { rto, congestion } = transfer(p, 2_000_000).socket.tcb
    assert.ok(congestion.ssthresh < Number.POSITIVE_INFINITY)
    const next = connect(p).socket.tcb
    assert.deepEqual([next.rto.srtt, next.rto.rttvar], [rto.srtt, rto.rttvar])
    assert.equal(next.congestion.ssthresh, congestion.ssthresh)
    // The first retransmission of a SYN comes no sooner for it, and later where the path is slow.
    assert.ok(next.rto.rto >= 1000)
    assert.equal(next.rto.rto, Math.max(1000, rto.srtt + 4 * rto.rttvar))
  })

  it('one that is there lends what it knows now [RFC 9040]', () => {
    const p = world()
    serve(p)
    const first = connect(p)
    p.world.runSync(p.world.now + 2000)
    const { srtt } = first.socket.tcb.rto
    assert.ok(srtt >= 800)
    assert.equal(connect(p).socket.tcb.rto.srtt, srtt)
  })

  it('whoever accepts learns of it as well, and what is an hour old is forgotten', () => {
    const p = world()
    const accepted = listen(p)
    const client = connect(p)
    p.world.runSync(p.world.now + 5000)
    client.socket.close()
    accepted[0]!.socket.close()
    p.world.runSync(p.world.now + 5000)
    connect(p)
    p.world.runSync(p.world.now + 2000)
    assert.ok(accepted[1]!.socket.tcb.rto.srtt >= 800)
    for (const { socket } of accepted) if (socket.state !== 'CLOSED') socket.abort()
    p.world.runSync(p.world.now + 3_700_000)
    assert.equal(connect(p).socket.tcb.rto.srtt, -1)
  })

  it('a slow start that ends where the last one was too much loses less', () => {
    const lost = (tcp: object) => {
      const p = world(tcp)
      serve(p)
      transfer(p, 2_000_000)
      const before = p.cable.forward.dropped
      const { segmentsRetransmitted } = transfer(p, 2_000_000).socket.status()
      return [p.cable.forward.dropped - before, segmentsRetransmitted] as const
    }
    const [without] = lost({ congestion: 'reno' })
    const [withIt] = lost(SHARING)
    assert.ok(without > 20, String(without))
    assert.ok(withIt < without / 2, `${withIt} lost, ${without} without sharing`)
  })
})
