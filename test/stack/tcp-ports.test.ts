import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectOptions } from '../../src/stack/active-opens.js'
import type { ListenOptions } from '../../src/stack/listener.js'
import { TcpError } from '../../src/tcp/errors.js'
import { IpAddress } from '../../src/wire/address.js'
import { A, A6, B, B6, connect, listen, type Pair, PORT, pair } from '../support/worlds-pair.js'

const refuses = (code: string, call: () => unknown) =>
  assert.throws(
    call,
    (error: unknown) => error instanceof TcpError && error.code === code && error.message.length > 5,
  )

const to = (p: Pair, options: Partial<ConnectOptions>) =>
  p.a.stack.connect({ remote: B, port: PORT, ...options })
const on = (p: Pair, options: Partial<ListenOptions>) =>
  p.b.stack.listen({ port: PORT, onConnection: () => {}, ...options })
const address = IpAddress.parse

describe('ephemeral ports (RFC 6056)', () => {
  const ports = (p: Pair, n: number, options: Partial<ConnectOptions> = {}) =>
    Array.from({ length: n }, () => to(p, options).localPort)

  it('lie between 32768 and 60999, and walk on for one destination', () => {
    const p = pair()
    const list = ports(p, 100)
    assert(list.every(port => port >= 32768 && port <= 60999))
    const steps = list.slice(1).map((port, i) => port - list[i]!)
    assert(
      steps.every(step => step === 1 || step === 32768 - 60999),
      `${steps}`,
    )
  })

  it('begin elsewhere for another destination, port or secret [RFC 6056]', () => {
    const p = pair()
    const starts = [
      ports(p, 1)[0],
      ports(p, 1, { port: 81 })[0],
      ports(p, 1, { remote: B6 })[0],
      ports(pair({ seed: 2 }), 1)[0],
    ]
    assert.equal(new Set(starts).size, 4)
  })

  it('pass over those in use, of connections and of listeners', () => {
    const p = pair()
    const [first] = ports(p, 1)
    const taken = first! + 1 > 60999 ? 32768 : first! + 1
    to(p, { localPort: taken })
    p.a.stack.listen({ port: taken + 1 })
    assert.equal(ports(p, 1)[0], taken + 2)
  })

  it('run out: EADDRNOTAVAIL, and not before every one is used', () => {
    const p = pair()
    // 28,232 ports, each to the same destination.
    const seen = new Set<number>()
    for (let i = 0; i < 60999 - 32768 + 1; i++) seen.add(to(p, {}).localPort)
    assert.equal(seen.size, 28_232)
    refuses('EADDRNOTAVAIL', () => to(p, {}))
    to(p, { port: 81 })
  })

  it('are chosen for a listener that asks for 0', () => {
    const p = pair()
    const [one, two] = [on(p, { port: 0 }), on(p, { port: 0 })]
    assert(one.port >= 32768 && two.port >= 32768 && one.port !== two.port)
  })
})

describe('errors of connect', () => {
  it('refuses addresses that no connection can have (MUST-46)', () => {
    const p = pair()
    for (const text of [
      '0.0.0.0',
      '255.255.255.255',
      '224.0.0.1',
      '10.0.0.255',
      '10.0.0.0',
      '::',
      'ff02::1',
      '::ffff:10.0.0.2',
    ])
      refuses('EADDRNOTAVAIL', () => to(p, { remote: address(text) }))
  })

  it('refuses what is in use, not ours, not reachable or of another version', () => {
    const p = pair()
    to(p, { localPort: 4000 })
    refuses('EADDRINUSE', () => to(p, { localPort: 4000 }))
    to(p, { localPort: 4000, port: 81 })
    to(p, { localPort: 4000, remote: B6 })
    refuses('EADDRNOTAVAIL', () => to(p, { local: address('10.0.0.77') }))
    refuses('EAFNOSUPPORT', () => to(p, { local: A6 }))
    refuses('ENETUNREACH', () => to(p, { remote: address('192.0.2.1') }))
    assert.equal(to(p, { local: A }).local.toString(), '10.0.0.1')
  })

  it('refuses numbers that are no ports and times that are none', () => {
    const p = pair()
    for (const port of [0, -1, 65536, 1.5, Number.NaN]) assert.throws(() => to(p, { port }), RangeError)
    for (const localPort of [-1, 65536, 1.5]) assert.throws(() => to(p, { localPort }), RangeError)
    for (const timeout of [0, -1, Number.NaN]) assert.throws(() => to(p, { timeout }), RangeError)
    assert.equal(p.a.stack.census.sockets, 0)
    assert.equal(p.world.next, Number.POSITIVE_INFINITY, 'nothing is left of a call that failed')
  })

  it('frees the tuple when the connection is over', () => {
    const p = pair()
    for (let i = 0; i < 3; i++) {
      const client = connect(p, { localPort: 4000 })
      p.world.runSync(p.world.now + 100)
      assert.deepEqual(client.told, ['closed ECONNREFUSED'])
    }
    const aborted = connect(p, { localPort: 4000 })
    aborted.socket.abort()
    connect(p, { localPort: 4000 })
  })
})

describe('listening', () => {
  it('refuses a port in use, on the same address or on all of them [MUST-41]', () => {
    const p = pair()
    const any = on(p, {})
    for (const a of [undefined, B, B6, IpAddress.any4])
      refuses('EADDRINUSE', () => on(p, a ? { address: a } : {}))
    any.close()
    on(p, { address: B })
    refuses('EADDRINUSE', () => on(p, { address: B }))
    refuses('EADDRINUSE', () => on(p, { address: IpAddress.any4 }))
    refuses('EADDRINUSE', () => on(p, {}))
    on(p, { address: B6 })
    on(p, { address: IpAddress.loopback4 })
    on(p, { port: 81, address: IpAddress.any4 })
    on(p, { port: 81, address: IpAddress.any6 })
    assert.equal(p.b.stack.census.listeners, 5)
  })

  it('refuses addresses that are not ours, and numbers that are no ports', () => {
    const p = pair()
    refuses('EADDRNOTAVAIL', () => on(p, { address: A }))
    for (const port of [-1, 65536, 0.5]) assert.throws(() => on(p, { port }), RangeError)
  })

  it('on one address answers there only [MUST-43]', () => {
    const p = pair()
    const accepted = listen(p, { address: B6 })
    const [four, six] = [connect(p), connect(p, { remote: B6 })]
    p.world.runSync(500)
    assert.deepEqual([four.told, six.told, accepted.length], [['closed ECONNREFUSED'], ['open'], 1])
  })

  it('on any address of one version leaves the other alone; on all takes both', () => {
    for (const [options, opens] of [
      [{ address: IpAddress.any4 }, [true, false]],
      [{ address: IpAddress.any6 }, [false, true]],
      [{}, [true, true]],
    ] as const) {
      const p = pair()
      listen(p, options)
      const clients = [connect(p), connect(p, { remote: B6 })]
      p.world.runSync(500)
      assert.deepEqual(
        clients.map(c => c.socket.state === 'ESTABLISHED'),
        opens,
      )
    }
  })

  it('on one port of several addresses gives each connection to its listener', () => {
    const p = pair()
    const four = listen(p, { address: B })
    const six = listen(p, { address: B6 })
    connect(p)
    connect(p, { remote: B6 })
    connect(p, { remote: B6 })
    p.world.runSync(500)
    assert.deepEqual([four.length, six.length], [1, 2])
    assert.equal(six[0]!.socket.local.toString(), 'fd00::2')
  })

  it('answers RST where nobody listens, with the number the sender expects', () => {
    const p = pair()
    const client = connect(p)
    p.world.runSync(100)
    assert.deepEqual(client.told, ['closed ECONNREFUSED'])
    const { noListener, resetsOut } = p.b.stack.counters
    assert.deepEqual([noListener, resetsOut], [1, 1])
  })
})
