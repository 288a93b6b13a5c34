import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tcpConfig } from '../../src/tcp/config.js'
import type { AckSample } from '../../src/tcp/congestion.js'
import { Cubic, cubicK, cubicWindow } from '../../src/tcp/cubic.js'
import { HyStart } from '../../src/tcp/hystart.js'
import { Reno } from '../../src/tcp/reno.js'

/** CUBIC (RFC 9438) and HyStart++ (RFC 9406) against what their formulas give. */

const MSS = 1000

const near = (actual: number, expected: number, part = 0.02) =>
  assert.ok(Math.abs(actual - expected) <= expected * part, `${actual}, not about ${expected}`)

/** A controller that has just lost a segment at `window` segments. */
function afterLoss(window: number): Cubic {
  const cubic = new Cubic(tcpConfig())
  cubic.onMss(MSS)
  cubic.cwnd = window * MSS
  cubic.onLoss(window * MSS, 0)
  cubic.onRecovered(Number.POSITIVE_INFINITY)
  return cubic
}

const sample = (acked: number, now: number, rtt: number): AckSample => ({
  acked,
  most: Number.POSITIVE_INFINITY,
  flight: 0,
  now,
  rtt,
  srtt: rtt,
  sndUna: 0,
  sndNxt: 0,
})

/** Acknowledges a window each round trip, segment by segment, until `ms` have passed. */
function run(cubic: Cubic, ms: number, rtt: number, from = 0): void {
  for (let now = from; now < from + ms; ) {
    const segments = Math.max(1, Math.floor(cubic.cwnd / MSS))
    for (let i = 0; i < segments; i++) cubic.onAck(sample(MSS, now + (i * rtt) / segments, rtt))
    now += rtt
  }
}

describe('CUBIC’s window function', () => {
  it('begins at cwnd, is W_max after K, and as far above after 2K as it was below [RFC 9438]', () => {
    for (const wMax of [20, 100, 1000, 83_000]) {
      const cwnd = wMax * 0.7
      const k = cubicK(wMax, cwnd)
      near(cubicWindow(0, k, wMax), cwnd, 1e-9)
      near(cubicWindow(k, k, wMax), wMax, 1e-9)
      near(cubicWindow(2 * k, k, wMax), 2 * wMax - cwnd, 1e-9)
    }
    // Section 4.2, figure 2: cbrt(30 / 0.4).
    near(cubicK(100, 70), 4.217, 0.0001)
  })

  it('the controller follows it: three quarters of K, K, and beyond, at a long round trip [RFC 9438]', () => {
    const cubic = afterLoss(100)
    assert.equal(cubic.cwnd, 70 * MSS)
    const k = cubicK(100, 70) * 1000
    run(cubic, 0.75 * k, 100)
    // It aims at where the function will be a round trip later.
    near(cubic.cwnd / MSS, cubicWindow((0.75 * k) / 1000, k / 1000, 100))
    run(cubic, 0.25 * k, 100, 0.75 * k)
    near(cubic.cwnd / MSS, 100)
    run(cubic, k, 100, k)
    near(cubic.cwnd / MSS, 130, 0.04)
  })

  it('never more than half as much again in a round trip [RFC 9438]', () => {
    const cubic = afterLoss(100)
    run(cubic, 30_000, 1000)
    const before = cubic.cwnd
    run(cubic, 1000, 1000, 100_000)
    assert.ok(cubic.cwnd <= 1.5 * before + MSS)
  })
})

describe('CUBIC beside Reno', () => {
  it('where Reno is faster it grows like Reno with beta 0.7: 9/17 of a segment each round trip [RFC 9438]', () => {
    const cubic = afterLoss(10)
    run(cubic, 3 * 10, 10)
    near(cubic.cwnd / MSS, 7 + (3 * 9) / 17, 0.05)
  })

  it('and past the window before the loss by a whole one [RFC 9438]', () => {
    const cubic = afterLoss(10)
    run(cubic, 100, 10)
    const before = cubic.cwnd
    assert.ok(before >= 10 * MSS)
    run(cubic, 50, 10, 100)
    near((cubic.cwnd - before) / MSS, 5, 0.25)
  })
})

describe('CUBIC when it loses', () => {
  it('goes down to 0.7, never below two segments [RFC 9438]', () => {
    assert.equal(afterLoss(100).ssthresh, 70 * MSS)
    assert.equal(afterLoss(2).ssthresh, 2 * MSS)
  })

  it('a second loss before it is back makes room: W_max is less than the window was (fast convergence) [RFC 9438]', () => {
    const cubic = afterLoss(100)
    cubic.onAck(sample(MSS, 0, 50))
    cubic.onLoss(cubic.cwnd, 100)
    cubic.onRecovered(Number.POSITIVE_INFINITY)
    // From 70: W_max = 70 * 1.7 / 2 = 59.5, cwnd 49.
    const k = cubicK(59.5, 49) * 1000
    run(cubic, k, 400, 1000)
    near(cubic.cwnd / MSS, 59.5, 0.03)
  })

  it('after a timeout it starts from what slow start reached, with K = 0 [RFC 9438]', () => {
    const cubic = new Cubic(tcpConfig())
    cubic.onMss(MSS)
    cubic.cwnd = 100 * MSS
    cubic.onTimeout(100 * MSS, 0, true)
    assert.deepEqual([cubic.cwnd, cubic.ssthresh], [MSS, 70 * MSS])
    while (cubic.cwnd < cubic.ssthresh) cubic.onAck(sample(MSS, 100, 100))
    run(cubic, 5000, 100, 100)
    near(cubic.cwnd / MSS, cubicWindow(5, 0, 70), 0.05)
  })

  it('a loss that was none is taken back, and the curve goes on [RFC 9438]', () => {
    const cubic = afterLoss(100)
    run(cubic, 2000, 100)
    const { cwnd, ssthresh } = cubic
    const twin = afterLoss(100)
    run(twin, 2000, 100)
    cubic.onLoss(cwnd, 2000)
    cubic.onSpurious(2000)
    assert.deepEqual([cubic.cwnd, cubic.ssthresh], [cwnd, ssthresh])
    run(cubic, 1000, 100, 2000)
    run(twin, 1000, 100, 2000)
    assert.equal(cubic.cwnd, twin.cwnd)
  })

  it('time without data does not count [RFC 9438]', () => {
    const cubic = afterLoss(100)
    run(cubic, 1000, 100)
    const before = cubic.cwnd
    cubic.onResume(60_000)
    cubic.onAck(sample(MSS, 61_000, 100))
    near(cubic.cwnd, before, 0.01)
  })
})

describe('HyStart++', () => {
  /** Rounds of ten acknowledgments with these round trips; the round in which slow start was left, or -1. */
  function rounds(rtts: readonly number[]): { over: number; conservative: boolean[] } {
    const hystart = new HyStart()
    const conservative: boolean[] = []
    let una = 0
    for (const [i, rtt] of rtts.entries()) {
      for (let ack = 0; ack < 10; ack++) {
        una += 100
        if (hystart.onAck(rtt, una, una + 950)) return { over: i, conservative }
      }
      conservative.push(hystart.conservative)
    }
    return { over: -1, conservative }
  }

  it('goes on while the round trip stays [RFC 9406]', () => {
    assert.deepEqual(rounds(new Array(20).fill(40)), { over: -1, conservative: new Array(20).fill(false) })
  })

  it('an eighth more than the round before, and slow start is conservative; after five rounds it is over [RFC 9406]', () => {
    const { over, conservative } = rounds([40, 40, 45, 45, 45, 45, 45, 45, 45])
    assert.deepEqual(conservative.slice(0, 3), [false, false, true])
    assert.equal(over, 7)
  })

  it('less than 4 ms more is nothing, more than 16 ms always is [RFC 9406]', () => {
    assert.ok(!rounds([8, 11.9]).conservative[1])
    assert.ok(rounds([8, 12]).conservative[1])
    assert.ok(!rounds([400, 415.9]).conservative[1])
    assert.ok(rounds([400, 416]).conservative[1])
  })

  it('a shorter round trip shows that it was no queue: slow start again [RFC 9406]', () => {
    const { over, conservative } = rounds([40, 60, 41, 41, 41, 41, 41, 41])
    assert.deepEqual(conservative.slice(0, 3), [false, true, false])
    assert.equal(over, -1)
  })

  it('seven samples are too few to judge by [RFC 9406]', () => {
    const hystart = new HyStart()
    for (let i = 0; i < 10; i++) hystart.onAck(40, i, 1000)
    for (let i = 0; i < 7; i++) hystart.onAck(80, 1000 + i, 2000)
    assert.ok(!hystart.conservative)
    hystart.onAck(80, 1010, 2000)
    assert.ok(hystart.conservative)
  })

  it('CUBIC grows by a quarter in it, and in avoidance after it [RFC 9406]', () => {
    const cubic = new Cubic(tcpConfig())
    cubic.onMss(MSS)
    let una = 0
    const round = (rtt: number) => {
      const before = cubic.cwnd
      for (let i = 0; i < 10; i++) {
        una += 100
        cubic.onAck({ ...sample(MSS, una, rtt), sndUna: una, sndNxt: una + 950 })
      }
      return (cubic.cwnd - before) / MSS
    }
    assert.deepEqual([round(40), round(40)], [10, 10])
    round(60)
    assert.equal(round(60), 2.5)
    for (let i = 0; i < 4; i++) round(60)
    assert.ok(cubic.ssthresh < Number.POSITIVE_INFINITY)
  })
})

describe('an echo of congestion', () => {
  for (const [Controller, loss, gently] of [
    [Cubic, 0.7, 0.85],
    [Reno, 0.5, 0.8],
  ] as const)
    it(`counts as a loss, or for less with \`abe\`: ${Controller.name} [RFC 3168]`, () => {
      for (const abe of [false, true])
        for (const echoed of [false, true]) {
          const controller = new Controller(tcpConfig({ abe }))
          controller.onMss(MSS)
          controller.onLoss(100 * MSS, 0, echoed)
          assert.equal(controller.ssthresh, Math.floor(100 * MSS * (abe && echoed ? gently : loss)))
        }
    })
})
