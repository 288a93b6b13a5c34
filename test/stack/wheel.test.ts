import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { TimerNode, TimerWheel } from '../../src/stack/wheel.js'

class Node extends TimerNode {
  constructor(readonly name: number) {
    super()
  }
}

const DAY = 86_400_000

/** A wheel beside a list of what is due when; every step is checked against it. */
class Pair {
  private readonly wheel: TimerWheel
  private readonly nodes = Array.from({ length: 12 }, (_, i) => new Node(i))
  private readonly due = new Map<number, number>()
  /** The wheel's own time: it stands still between calls of `advance`. */
  private tick: number

  constructor(private now: number) {
    this.wheel = new TimerWheel(now)
    this.tick = Math.floor(now)
  }

  schedule(name: number, at: number): void {
    this.wheel.schedule(this.nodes[name]!, at)
    const due = Math.max(Math.ceil(at), this.tick + 1)
    this.due.set(name, Math.min(due, this.due.get(name) ?? Number.POSITIVE_INFINITY))
    this.check()
  }

  cancel(name: number): void {
    this.wheel.cancel(this.nodes[name]!)
    this.due.delete(name)
    this.check()
  }

  advance(ms: number, again: (name: number) => number | undefined = () => undefined): void {
    this.now += ms
    const fired: [number, number][] = []
    const before = new Map(this.due)
    this.wheel.advance(this.now, node => {
      const { name } = node as Node
      const at = this.due.get(name)!
      assert.equal(node.timerDue, -1)
      assert.ok(at <= this.now, `${name} fires early: due ${at}, now ${this.now}`)
      fired.push([at, name])
      this.due.delete(name)
      const next = again(name)
      if (next === undefined) return
      // Whoever sets a timer from a timer does so after the tick that fired it.
      this.wheel.schedule(node, this.now + next)
      this.due.set(name, Math.max(Math.ceil(this.now + next), Math.floor(this.now)))
    })
    this.tick = Math.floor(this.now)
    const late = [...before].filter(([name, at]) => at <= this.now && !fired.some(([, n]) => n === name))
    assert.deepEqual(late, [], 'late')
    assert.deepEqual(
      fired.map(([at]) => at),
      fired.map(([at]) => at).sort((a, b) => a - b),
      'in order',
    )
    this.check()
  }

  /** Sleeps until the wheel wants to be called, as an environment does. */
  sleep(): void {
    const next = this.wheel.next()
    if (next !== Number.POSITIVE_INFINITY) this.advance(Math.max(0, next - this.now))
  }

  private check(): void {
    assert.equal(this.wheel.count, this.due.size)
    const earliest = Math.min(...this.due.values())
    assert.ok(this.wheel.next() <= earliest, `next ${this.wheel.next()} after ${earliest}`)
    assert.ok(this.due.size === 0 || this.wheel.next() > this.tick, 'next is in the future')
    assert.equal(this.wheel.next() === Number.POSITIVE_INFINITY, this.due.size === 0)
  }
}

const delay = fc.oneof(
  fc.integer({ min: -5, max: 300 }),
  fc.integer({ min: 250, max: 260 }),
  fc.integer({ min: 0, max: 70_000 }),
  fc.integer({ min: 65_530, max: 65_540 }),
  fc.integer({ min: 0, max: 40 * DAY }),
  fc.integer({ min: 2 ** 24 - 3, max: 2 ** 24 + 3 }),
  fc.integer({ min: 2 ** 32 - 3, max: 2 ** 32 + 300 }),
  fc.double({ min: 0, max: 1000, noNaN: true }),
)
const name = fc.nat(11)
const step = fc.oneof(
  { arbitrary: fc.tuple(fc.constant('schedule' as const), name, delay), weight: 5 },
  { arbitrary: fc.tuple(fc.constant('cancel' as const), name, delay), weight: 1 },
  { arbitrary: fc.tuple(fc.constant('advance' as const), name, delay), weight: 2 },
  { arbitrary: fc.tuple(fc.constant('again' as const), name, delay), weight: 1 },
  { arbitrary: fc.tuple(fc.constant('sleep' as const), name, delay), weight: 3 },
)
const start = fc.oneof(
  fc.constant(0),
  fc.constant(0.75),
  fc.nat(1 << 20),
  fc.integer({ min: 2 ** 32 - 1000, max: 2 ** 32 + 10 }),
  fc.constant(1.7e12),
)

describe('timer wheel', () => {
  it('does what a sorted list would: never early, never late, in order', () => {
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 60 }), (now, steps) => {
        const pair = new Pair(now)
        let time = now
        for (const [what, n, ms] of steps) {
          if (what === 'schedule') pair.schedule(n, time + ms)
          else if (what === 'cancel') pair.cancel(n)
          else if (what === 'sleep') pair.sleep()
          else {
            const far = Math.max(0, ms)
            pair.advance(
              far,
              what === 'again' ? fired => (fired === n ? 1 + (ms % 500) + 500 : undefined) : undefined,
            )
          }
          time = pair['now']
        }
      }),
      { seed: 1987, numRuns: 3000 },
    )
  })

  it('fires a timer in the tick it is due, for every delay that crosses a level', () => {
    for (const origin of [0, 1, 255, 256, 65_535, 1_000_003, 2 ** 24 - 1, 2 ** 32 - 1])
      for (const wait of [
        1,
        2,
        255,
        256,
        257,
        511,
        512,
        65_535,
        65_536,
        65_537,
        2 ** 24 - 1,
        2 ** 24,
        2 ** 24 + 1,
        2 ** 32 - 1,
        2 ** 32,
        2 ** 32 + 1,
      ]) {
        const wheel = new TimerWheel(origin)
        const node = new TimerNode()
        wheel.schedule(node, origin + wait)
        let fired = 0
        let calls = 0
        for (let now = origin; fired === 0; ) {
          now = wheel.next()
          assert.ok(now <= origin + wait, `${origin} + ${wait}`)
          wheel.advance(now, () => {
            fired = now
          })
          assert.ok(++calls <= 8, 'few wakes on the way')
        }
        assert.equal(fired, origin + wait)
        assert.equal(wheel.count, 0)
      }
  })

  it('rounds up: half a tick is a whole one', () => {
    const wheel = new TimerWheel(10.9)
    const node = new TimerNode()
    wheel.schedule(node, 12.1)
    const fired: number[] = []
    for (const now of [11, 12, 12.2, 12.999, 13]) wheel.advance(now, () => fired.push(now))
    assert.deepEqual(fired, [13])
  })

  it('lets an earlier time stand, and moves a later one forward', () => {
    const wheel = new TimerWheel(0)
    const node = new TimerNode()
    wheel.schedule(node, 100)
    wheel.schedule(node, 500)
    wheel.schedule(node, 101)
    assert.equal(node.timerDue, 100, 'pushing back costs nothing')
    wheel.schedule(node, 50)
    assert.equal(node.timerDue, 50)
    assert.equal(wheel.count, 1)
    wheel.schedule(node, Number.POSITIVE_INFINITY)
    assert.equal(node.timerDue, 50)
    const idle = new TimerNode()
    wheel.schedule(idle, Number.POSITIVE_INFINITY)
    assert.equal(idle.timerDue, -1)
  })

  it('lets one timer set and cancel others of the same tick', () => {
    const wheel = new TimerWheel(0)
    const [a, b, c] = [new Node(0), new Node(1), new Node(2)]
    for (const node of [a, b, c]) wheel.schedule(node, 10)
    const fired: number[] = []
    wheel.advance(10, node => {
      fired.push((node as Node).name)
      wheel.cancel(b)
      if (fired.length < 4) wheel.schedule(a, 0)
    })
    assert.deepEqual(fired, [0, 2])
    assert.equal(a.timerDue, 11, 'never in the tick that is being fired')
    wheel.cancel(b)
    assert.equal(wheel.count, 1)
  })

  it('keeps time over forty days of idling, waking seldom', () => {
    const wheel = new TimerWheel(0)
    const node = new TimerNode()
    wheel.schedule(node, 40 * DAY + 7)
    let wakes = 0
    let fired = -1
    for (let now = 0; fired < 0; wakes++) {
      now = wheel.next()
      wheel.advance(now, () => {
        fired = now
      })
    }
    assert.equal(fired, 40 * DAY + 7)
    assert.ok(wakes <= 4, `${wakes} wakes`)
  })

  it('carries a hundred thousand timers, all of them on time', () => {
    const wheel = new TimerWheel(0)
    let seed = 1
    const nodes = Array.from({ length: 100_000 }, (_, i) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      const node = new Node(i)
      wheel.schedule(node, seed % 3_600_000)
      return node
    })
    const expected = nodes.map(node => node.timerDue)
    let last = 0
    let count = 0
    wheel.advance(4_000_000, node => {
      const due = expected[(node as Node).name]!
      assert.ok(due >= last)
      last = due
      count++
    })
    assert.equal(count, 100_000)
  })
})
