import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Conditions } from '../../src/sim/index.js'
import type { Bbr } from '../../src/tcp/bbr.js'
import { type Flow, shareLine } from '../support/share-line.js'

/** BBR (draft-ietf-ccwg-bbr) in virtual time. */

const bbrOf = (flow: Flow): Bbr => flow.socket.tcb.congestion as Bbr
const LINE = { rate: 50e6, delay: 20 }
const BDP = (50e6 * 0.04) / 8

describe('BBR', () => {
  it('fills a line and leaves its queue nearly empty, however long that is', () => {
    for (const queue of [BDP, 10 * BDP]) {
      const { rates, flows } = shareLine(['bbr'], { ...LINE, queue })
      rates(3000)
      const [rate] = rates(10_000)
      assert.ok(rate! > 0.9 * 48.3, `${rate} Mbit/s`)
      const { rtt } = flows[0]!.socket.status()
      assert.ok(rtt < 60, `round trip ${rtt} ms, 40 without a queue`)
    }
  })

  it('finds the bandwidth in a few round trips, and its phases follow each other', () => {
    const { world, flows } = shareLine(['bbr'], { ...LINE, queue: 4 * BDP })
    const phases: string[] = []
    while (world.now < 9000 && world.step()) {
      const { phase } = bbrOf(flows[0]!)
      if (phases.at(-1) !== phase) phases.push(phase)
    }
    assert.deepEqual(phases.slice(0, 2), ['startup', 'drain'])
    assert.match(phases.join(' '), /cruise refill up down cruise/)
    assert.ok(phases.includes('probe-rtt'), phases.join(' '))
  })

  it('one percent of loss hardly slows it, where CUBIC all but stops', () => {
    const lossy = { ...LINE, queue: 2 * BDP, loss: 0.01 }
    const rateOf = (name: 'bbr' | 'cubic') => {
      const { rates } = shareLine([name], lossy, 7)
      rates(3000)
      return rates(10_000)[0]!
    }
    const [bbr, cubic] = [rateOf('bbr'), rateOf('cubic')]
    assert.ok(bbr > 30 && cubic < 10, `${bbr} and ${cubic} Mbit/s`)
  })

  it('two share a line about evenly', () => {
    const { rates } = shareLine(['bbr', 'bbr'], { ...LINE, queue: 2 * BDP })
    rates(5000)
    const [a, b] = rates(30_000)
    assert.ok(a! + b! > 0.88 * 48.3, `${a} and ${b}`)
    const jain = (a! + b!) ** 2 / (2 * (a! ** 2 + b! ** 2))
    assert.ok(jain > 0.9, `${a} and ${b}: ${jain}`)
  })

  it('beside CUBIC neither starves', () => {
    const { rates } = shareLine(['bbr', 'cubic'], { ...LINE, queue: 2 * BDP })
    rates(5000)
    const both = rates(40_000)
    for (const rate of both) assert.ok(rate > 0.1 * 48.3, `${both}`)
  })

  it('follows a line that becomes slower, and faster again', () => {
    const line: Conditions = { ...LINE, queue: 4 * BDP }
    const { rates } = shareLine(['bbr'], line)
    rates(5000)
    line.rate = 10e6
    rates(10_000)
    const [slow] = rates(5000)
    assert.ok(slow! > 8 && slow! < 10, `${slow}`)
    line.rate = 50e6
    rates(15_000)
    const [fast] = rates(5000)
    assert.ok(fast! > 40, `${fast}`)
  })

  it('paces: never more goes at one moment than takes the line a few milliseconds', () => {
    const { world, flows } = shareLine(['bbr'], { ...LINE, queue: 10 * BDP })
    world.runSync(2000)
    const { socket } = flows[0]!
    let most = 0
    let before = socket.status().bytesSent
    let at = world.now
    let burst = 0
    while (world.now < 5000 && world.step()) {
      const { bytesSent } = socket.status()
      burst = world.now === at ? burst + bytesSent - before : bytesSent - before
      most = Math.max(most, burst)
      before = bytesSent
      at = world.now
    }
    assert.ok(most <= 20 * 1448, `${most} bytes at once`)
  })
})
