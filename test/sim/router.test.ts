import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dumbbell, parkingLot } from '../../src/sim/topology.js'
import { type Cable, type Host, World } from '../../src/sim/world.js'
import type { Socket } from '../../src/stack/socket.js'
import { IpAddress } from '../../src/wire/address.js'
import { sum, verifies } from '../../src/wire/checksum.js'

/** Two hosts with a router between them; IPv4 and IPv6. */
function between(mtu = 1500) {
  const world = new World({ seed: 1 })
  const [a, b, router] = [world.host('a'), world.host('b'), world.router('r')]
  const left = world.connect(a, router, {
    addresses: [
      ['10.0.1.2/24', 'fd00:1::2/64'],
      ['10.0.1.1/24', 'fd00:1::1/64'],
    ],
    gateways: [['10.0.1.1', 'fd00:1::1'], []],
    conditions: { delay: 10 },
  })
  const right = world.connect(router, b, {
    addresses: [
      ['10.0.2.1/24', 'fd00:2::1/64'],
      ['10.0.2.2/24', 'fd00:2::2/64'],
    ],
    gateways: [[], ['10.0.2.1', 'fd00:2::1']],
    conditions: { delay: 5 },
    mtu,
  })
  return { world, a, b, router, left, right }
}

/** Sends `size` bytes from one host to another; what came. */
function transfer(world: World, from: Host, to: Host, address: string, size: number, hopLimit?: number) {
  let got = 0
  const accepted: Socket[] = []
  const listener = to.stack.listen({
    port: 80,
    onConnection: socket => {
      accepted.push(socket)
      socket.handler = {
        readable: () => {
          for (let bytes = socket.receive(); bytes; bytes = socket.receive()) got += bytes.length
        },
      }
    },
  })
  const socket = from.stack.connect({
    remote: IpAddress.parse(address),
    port: 80,
    ...(hopLimit === undefined ? {} : { hopLimit }),
    handler: { open: () => void socket.send(new Uint8Array(size)) },
  })
  world.runSync(world.now + 10_000)
  listener.close()
  return { socket, got, accepted }
}

/** Every packet that goes over a cable. */
function tap(cable: Cable, direction: 'forward' | 'backward'): Uint8Array[] {
  const seen: Uint8Array[] = []
  cable[direction].tap = bytes => void seen.push(bytes.slice())
  return seen
}

describe('a router', () => {
  it('forwards both versions, one hop fewer, and leaves everything else as it was', () => {
    for (const address of ['10.0.2.2', 'fd00:2::2']) {
      const w = between()
      const before = tap(w.left, 'forward')
      const after = tap(w.right, 'forward')
      const { got, socket } = transfer(w.world, w.a, w.b, address, 20_000)
      assert.equal(got, 20_000)
      assert.equal(socket.status().minRtt, 30)
      assert(before.length > 10)
      assert.equal(after.length, before.length)
      const at = address.includes(':') ? 7 : 8
      for (const [i, bytes] of after.entries()) {
        assert.equal(bytes[at], before[i]![at]! - 1)
        if (at === 8) assert(verifies(sum(bytes, 0, 20)))
        const changed = at === 8 ? [8, 10, 11] : [7]
        assert(bytes.every((byte, j) => changed.includes(j) || byte === before[i]![j]))
      }
      assert.equal(w.router.forwarded, w.left.forward.sent + w.right.backward.sent)
    }
  })

  it('drops what has no hops left, what it has no route for, what is for itself, what is broken', () => {
    const w = between()
    const { got, socket } = transfer(w.world, w.a, w.b, '10.0.2.2', 100, 1)
    assert.equal(got, 0)
    assert.equal(socket.state, 'SYN_SENT')
    assert(w.router.drops['hop-limit'] > 1)
    transfer(w.world, w.a, w.b, '10.99.0.1', 100)
    assert(w.router.drops['no-route'] > 1)
    transfer(w.world, w.a, w.b, '10.0.2.1', 100)
    assert(w.router.drops['for-the-router'] > 1)
    const packet = new Uint8Array(20)
    packet[0] = 0x45
    for (const bytes of [
      packet,
      Uint8Array.of(0x45, 0),
      Uint8Array.of(0x60),
      Uint8Array.of(0),
      packet.subarray(0, 0),
    ])
      w.left.forward.send(bytes)
    w.world.runSync(w.world.now + 100)
    assert.equal(w.router.drops.malformed, 5)
  })

  it('takes the longest prefix', () => {
    const world = new World()
    const [a, b, c, router] = [world.host('a'), world.host('b'), world.host('c'), world.router('r')]
    world.connect(a, router, {
      addresses: [['10.0.1.2/30'], ['10.0.1.1/30']],
      gateways: [['10.0.1.1'], []],
    })
    world.connect(router, b, {
      addresses: [['10.0.2.1/30'], ['10.0.2.2/30', '10.7.0.1/16']],
      gateways: [['10.0.2.2'], ['10.0.2.1']],
    })
    world.connect(router, c, {
      addresses: [['10.0.3.1/30'], ['10.0.3.2/30', '10.7.7.1/24']],
      gateways: [[], ['10.0.3.1']],
    })
    router.addRoute('10.7.7.0/24', router.interfaces[2]!)
    assert.equal(transfer(world, a, b, '10.7.0.1', 10).got, 10, 'by the default route')
    assert.equal(transfer(world, a, c, '10.7.7.1', 10).got, 10)
  })

  it('says when a packet is too big, and path MTU discovery hears it', () => {
    for (const address of ['10.0.2.2', 'fd00:2::2']) {
      const w = between(1300)
      const { got, socket } = transfer(w.world, w.a, w.b, address, 100_000)
      assert.equal(got, 100_000)
      assert(
        w.router.drops['too-big'] > 0 || socket.status().sndMss <= 1300,
        'the MSS option may have said it',
      )
      const seen = tap(w.right, 'forward')
      socket.send(new Uint8Array(20_000))
      w.world.runSync(w.world.now + 1000)
      assert(seen.every(bytes => bytes.length <= 1300))
    }
    // Where neither end knows: a narrow place between two routers.
    const world = new World()
    const [a, b, r, q] = [world.host('a'), world.host('b'), world.router('r'), world.router('q')]
    world.connect(a, r, { addresses: [['10.0.1.2/30'], ['10.0.1.1/30']], gateways: [['10.0.1.1'], []] })
    world.connect(r, q, {
      addresses: [['10.0.2.1/30'], ['10.0.2.2/30']],
      gateways: [['10.0.2.2'], ['10.0.2.1']],
      mtu: 900,
    })
    world.connect(q, b, { addresses: [['10.0.3.1/30'], ['10.0.3.2/30']], gateways: [[], ['10.0.3.1']] })
    const { got, socket } = transfer(world, a, b, '10.0.3.2', 100_000)
    assert.equal(got, 100_000)
    assert(r.drops['too-big'] > 0)
    assert(socket.status().sndMss < 900)
  })
})

describe('topologies', () => {
  it('a dumbbell has one bottleneck that all share', () => {
    const world = new World()
    const { paths, hops, routers } = dumbbell(world, {
      bottleneck: { delay: 20 },
      pairs: [{ name: 'near' }, { name: 'far', access: { delay: 30 } }],
    })
    assert.deepEqual([hops.length, routers.length], [1, 2])
    const rtts = paths.map(({ sender, receiver, address }) => {
      const { got, socket } = transfer(world, sender, receiver, String(address), 1000)
      assert.equal(got, 1000)
      return socket.status().minRtt
    })
    assert.deepEqual(rtts, [40, 100])
    assert.equal(dumbbell(new World(), { bottleneck: {}, pairs: 3 }).paths.length, 3)
  })

  it('a parking lot has several, and pairs that cross one or all', () => {
    const world = new World()
    const { paths, hops } = parkingLot(world, { hop: { delay: 5 }, hops: 3 })
    assert.deepEqual(
      paths.map(path => [path.name, path.hops]),
      [
        ['long1', [0, 1, 2]],
        ['hop1-1', [0]],
        ['hop2-1', [1]],
        ['hop3-1', [2]],
      ],
    )
    for (const { sender, receiver, address, hops: over } of paths) {
      const before = hops.map(cable => cable.forward.sent)
      const { got, socket } = transfer(world, sender, receiver, String(address), 1000)
      assert.equal(got, 1000)
      assert.equal(socket.status().minRtt, 10 * over.length)
      for (const [k, cable] of hops.entries())
        assert.equal(cable.forward.sent > before[k]!, over.includes(k), `hop ${k}`)
    }
  })
})
