import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Conditions } from '../../src/sim/index.js'
import type { Bbr1 } from '../../src/tcp/bbr1.js'
import { shareLine } from '../support/share-line.js'

/** BBR version 1 (draft-cardwell-iccrg-bbr-congestion-control-00) in virtual time. */

const LINE = { rate: 50e6, delay: 20 }
const BDP = (50e6 * 0.04) / 8
/** All that a line of 50 Mbit/s carries of payload. */
const FULL = 48.3

const modelOf = (flow: ReturnType<typeof shareLine>['flows'][number]): Bbr1 =>
  flow.socket.tcb.congestion as Bbr1

describe('BBR, version 1', () => {
  it('fills a line and leaves its queue nearly empty, however long that is', () => {
    for (const queue of [BDP, 10 * BDP]) {
      const { rates, flows } = shareLine(['bbr1'], { ...LINE, queue })
      rates(3000)
      const [rate] = rates(6000)
      assert.ok(rate! > 0.95 * FULL, `${rate} Mbit/s`)
      const { rtt } = flows[0]!.socket.status()
      assert.ok(rtt < 60, `round trip ${rtt} ms, 40 without a queue`)
    }
  })

  it('finds the bandwidth, drains what that queued, and looks for the shortest round trip every ten seconds', () => {
    const { world, flows } = shareLine(['bbr1'], { ...LINE, queue: 4 * BDP })
    const phases: { phase: string; at: number }[] = []
    let least = Number.POSITIVE_INFINITY
    while (world.now < 12_000 && world.step()) {
      const { phase, cwnd } = modelOf(flows[0]!)
      if (phases.at(-1)?.phase !== phase) phases.push({ phase, at: world.now })
      if (phase === 'probe-rtt') least = Math.min(least, cwnd)
    }
    assert.deepEqual(
      phases.map(({ phase }) => phase),
      ['startup', 'drain', 'probe-bw', 'probe-rtt', 'probe-bw'],
    )
    const [, , , begun, over] = phases
    assert.ok(begun!.at > 10_000, `probed after ${begun!.at} ms`)
    const lasted = over!.at - begun!.at
    assert.ok(lasted >= 200 && lasted < 400, `${lasted} ms`)
    assert.equal(least, 4 * flows[0]!.socket.status().sndMss)
  })

  it('losses do not slow it: one in a hundred, five in a hundred', () => {
    for (const loss of [0.01, 0.05]) {
      const { rates } = shareLine(['bbr1'], { ...LINE, queue: 2 * BDP, loss }, 7)
      rates(3000)
      const [rate] = rates(6000)
      assert.ok(rate! > 0.9 * (1 - loss) * FULL, `${loss}: ${rate} Mbit/s`)
    }
  })

  it('what timed out comes back with the window that was', () => {
    const line: Conditions = { ...LINE, queue: 4 * BDP }
    const { rates, flows } = shareLine(['bbr1'], line)
    rates(3000)
    // Everything is lost for a second.
    line.loss = 1
    rates(1000)
    line.loss = 0
    assert.ok(flows[0]!.socket.status().timeouts > 0)
    rates(1500)
    const [rate] = rates(2000)
    assert.ok(rate! > 0.9 * FULL, `${rate} Mbit/s`)
  })

  it('several share a line about evenly', () => {
    const { rates } = shareLine(['bbr1', 'bbr1', 'bbr1'], { ...LINE, queue: 2 * BDP })
    rates(5000)
    const each = rates(20_000)
    const sum = each.reduce((a, b) => a + b, 0)
    const jain = sum ** 2 / (each.length * each.reduce((a, b) => a + b * b, 0))
    assert.ok(sum > 0.93 * FULL && jain > 0.95, `${each}: ${jain}`)
  })

  // Hock, Bless and Zitterbart (ICNP 2017) and many after them: in a queue of one BDP CUBIC is left little.
  it('beside CUBIC it takes most of a line with a short queue, and less of one with a long queue', () => {
    const shareOf = (queue: number): number => {
      const { rates } = shareLine(['bbr1', 'cubic'], { ...LINE, queue })
      rates(5000)
      const [bbr, cubic] = rates(30_000)
      return bbr! / (bbr! + cubic!)
    }
    const [short, long] = [shareOf(BDP), shareOf(8 * BDP)]
    assert.ok(short > 0.7 && short < 0.98, `${short}`)
    assert.ok(long < 0.5, `${long}`)
  })

  it('follows a line that becomes slower, and faster again', () => {
    const line: Conditions = { ...LINE, queue: 4 * BDP }
    const { rates } = shareLine(['bbr1'], line)
    rates(4000)
    line.rate = 10e6
    rates(5000)
    const [slow] = rates(4000)
    assert.ok(slow! > 8.5 && slow! < 10, `${slow}`)
    line.rate = 50e6
    rates(8000)
    const [fast] = rates(4000)
    assert.ok(fast! > 0.9 * FULL, `${fast}`)
  })
})
