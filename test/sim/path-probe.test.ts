// Paths that lose what is too large without a word: RFC 4821, RFC 2923.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TcpConfig } from '../../src/tcp/config.js'
import { connect, listen, pair } from '../support/worlds-pair.js'

const SIZE = 3_000_000

/** From `a` to `b` over a path that loses IPv4 packets larger than `narrow()`; no ICMP error comes. */
function world(narrow: () => number, tcp: Partial<TcpConfig> = {}) {
  const p = pair({ conditions: { delay: 10, rate: 50e6, queue: 200_000 }, a: { tcp }, b: { tcp } })
  let vanished = 0
  p.cable.forward.intercept(packet => {
    if (packet.bytes.length <= narrow()) return 'pass'
    vanished++
    return 'drop'
  })
  const accepted = listen(p)
  const client = connect(p)
  p.world.runSync(500)
  return { p, client: client.socket, server: () => accepted[0]!.socket, vanished: () => vanished }
}

describe('a path that loses large packets without a word', () => {
  it('is found out by timeouts: smaller segments get through [RFC 4821]', () => {
    const w = world(() => 1200)
    w.client.send(new Uint8Array(SIZE))
    w.p.world.runSync(30_000)
    assert.equal(w.server().status().bytesReceived, SIZE)
  })

  it('without it nothing ever arrives', () => {
    const w = world(() => 1200, { pathMtuProbing: false })
    w.client.send(new Uint8Array(SIZE))
    w.p.world.runSync(30_000)
    assert.equal(w.server().status().bytesReceived, 0)
  })

  it('is searched: in the end segments are nearly as large as fits, and no probe costs any of the window [RFC 4821]', () => {
    const w = world(() => 1400, { congestion: 'reno' })
    const ssthreshes = new Set<number>()
    for (let i = 0; i < 60; i++) {
      w.client.send(new Uint8Array(SIZE / 10))
      w.p.world.runSync(w.p.world.now + 1000)
      if (i > 20) ssthreshes.add(w.client.status().ssthresh)
    }
    const { pmtuSegment } = w.client.status()
    assert.ok(pmtuSegment > 1380 - 16 && pmtuSegment <= 1380, String(pmtuSegment))
    assert.equal(w.server().status().bytesReceived, 6 * SIZE)
    assert.equal(ssthreshes.size, 1, [...ssthreshes].join())
  })

  it('one that takes hardly anything: 556 bytes at last, which every path does', () => {
    const w = world(() => 600)
    w.client.send(new Uint8Array(50_000))
    w.p.world.runSync(60_000)
    assert.equal(w.server().status().bytesReceived, 50_000)
    assert.ok(w.client.status().pmtuSegment <= 580)
  })

  it('that gets wider is found out within some ten minutes [RFC 4821]', () => {
    let narrow = 1100
    const w = world(() => narrow)
    const minutes = (n: number) => {
      for (let i = 0; i < n; i++) {
        w.client.send(new Uint8Array(SIZE / 10))
        w.p.world.runSync(w.p.world.now + 60_000)
      }
    }
    minutes(15)
    assert.ok(w.client.status().pmtuSegment <= 1080)
    narrow = 9000
    minutes(60)
    assert.ok(w.client.status().pmtuSegment > 1480 - 20, String(w.client.status().pmtuSegment))
  })

  it('an outage is none: segments are small for a while, and then as large as before', () => {
    let narrow = 0
    const w = world(() => narrow)
    w.client.send(new Uint8Array(SIZE))
    w.p.world.runSync(5000)
    narrow = 9000
    for (let i = 0; i < 60; i++) {
      w.p.world.runSync(w.p.world.now + 1000)
      w.client.send(new Uint8Array(SIZE / 10))
    }
    assert.ok(w.client.status().pmtuSegment > 1480 - 20, String(w.client.status().pmtuSegment))
    assert.equal(w.server().status().bytesReceived, w.client.status().bytesAcked)
  })
})
