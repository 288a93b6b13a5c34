import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isQuiet, TcbFolder, unfold } from '../../src/tcp/fold.js'
import type { Tcb } from '../../src/tcp/tcb.js'
import { type Result, type RunOptions, runWorld } from '../support/worlds.js'
import { connect, listen, open, pair } from '../support/worlds-pair.js'

/** Two connections, with traffic both ways over a path that loses some of it, and then nothing. */
function used(tcp: object): Tcb[] {
  const p = pair({ seed: 7, conditions: { delay: 20, loss: 0.03, reorder: 0.02 }, a: { tcp }, b: { tcp } })
  const accepted = listen(p)
  const clients = [connect(p), connect(p)]
  p.world.runSync(10_000)
  for (const { socket } of [...clients, ...accepted]) socket.send(new Uint8Array(300_000))
  clients[1]!.socket.setNoDelay(true)
  clients[1]!.socket.setKeepAlive(true)
  p.world.runSync(200_000)
  return [...clients, ...accepted].map(({ socket }) => socket.tcb)
}

describe('folding up', () => {
  for (const congestion of ['cubic', 'reno', 'bbr'] as const)
    it(`a connection of ${congestion} that has had losses: it unfolds as it was`, () => {
      const folder = new TcbFolder()
      for (const tcb of used({ congestion })) {
        assert.equal(isQuiet(tcb, 190_000), true)
        const folded = folder.fold(tcb)
        assert.deepEqual(unfold(folded), tcb)
        assert.ok(folded.numbers.length < 90, `${folded.numbers.length} numbers`)
      }
    })

  it('whatever field it is that differs', () => {
    const [tcb] = used({}) as [Tcb]
    const folder = new TcbFolder()
    const fields = tcb as unknown as Record<string, unknown>
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === 'object' || name === 'config' || name === 'controller') continue
      fields[name] = typeof value === 'number' ? 12_345.5 : typeof value === 'boolean' ? !value : 'other'
      const again = unfold(folder.fold(tcb)) as unknown as Record<string, unknown>
      assert.equal(again[name], fields[name], name)
      fields[name] = value
    }
  })

  it('not while anything is under way, nor with a controller of the user', () => {
    const { client } = open(pair())
    const { tcb } = client.socket
    assert.equal(isQuiet(tcb, 1000), true)
    assert.equal(isQuiet(tcb, 0), false)
    const busy: Partial<Tcb>[] = [{ state: 'CLOSE_WAIT' }, { owed: 1 }, { events: 2 }]
    busy.push({ sndNxt: (tcb.sndNxt + 1) | 0 }, { controller: () => tcb.congestion })
    for (const change of busy) assert.equal(isQuiet(Object.assign(Object.create(tcb), change), 1000), false)
    client.socket.send(new Uint8Array(10))
    assert.equal(isQuiet(tcb, 1e9), false)
  })

  it('random worlds do not notice', () => {
    let folded = 0
    const seen = (seed: number, options: RunOptions): Omit<Result, 'events' | 'time'> => {
      const hosts = (options.foldIdle ? [] : undefined) as { connectionsFolded: number }[] | undefined
      const prepare: RunOptions['prepare'] = scene =>
        hosts?.push(...scene.hosts.map(host => host.stack.counters))
      const { events: _, time: __, ...rest } = runWorld(seed, { ...options, prepare })
      for (const { connectionsFolded } of hosts ?? []) folded += connectionsFolded
      return rest
    }
    for (let seed = 1; seed <= 60; seed++)
      assert.deepEqual(seen(seed, { foldIdle: { above: 0, after: 0 } }), seen(seed, {}), `seed ${seed}`)
    assert.ok(folded >= 100, `folded ${folded} times`)
  })
})
