import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { type RealtimeHost, realtime } from '../../src/links/realtime.js'

/**
 * A platform whose time passes when told to. Its timers fire when their time has come, to the millisecond.
 */
class FakeHost implements RealtimeHost {
  time = 1000.25
  armed = 0
  unrefs = 0
  readonly delays: number[] = []
  readonly fills: number[] = []
  #timer: { at: number; callback: () => void } | undefined

  now = () => this.time

  setTimeout = (callback: () => void, delay: number) => {
    assert.ok(delay >= 0 && delay <= 2 ** 31 - 1 && Number.isInteger(delay), `setTimeout takes ${delay}`)
    assert.equal(this.#timer, undefined, 'one timer at a time')
    this.armed++
    this.delays.push(delay)
    this.#timer = { at: this.time + delay, callback }
    return { unref: () => this.unrefs++ }
  }

  clearTimeout = () => {
    this.#timer = undefined
  }

  getRandomValues = (bytes: Uint8Array) => {
    assert.ok(bytes.length <= 65_536)
    this.fills.push(bytes.length)
    bytes.fill(7)
  }

  get pending(): boolean {
    return this.#timer !== undefined
  }

  /** Fires the pending timer, `early` ms before its time. */
  fire(early = 0): void {
    const timer = this.#timer
    assert.ok(timer !== undefined, 'a timer is pending')
    this.#timer = undefined
    this.time = Math.max(this.time, timer.at - early)
    timer.callback()
  }
}

describe('realtime', () => {
  it('calls back once, at or after the time asked for', () => {
    const host = new FakeHost()
    const environment = realtime({ host })
    const calls: number[] = []
    environment.wakeAt(host.time + 20.5, () => calls.push(host.time))
    host.fire()
    assert.equal(calls.length, 1)
    assert.ok(calls[0] >= 1000.25 + 20.5)
    assert.equal(host.pending, false)
  })

  it('waits on when the platform fires early', () => {
    const host = new FakeHost()
    const environment = realtime({ host })
    let calls = 0
    environment.wakeAt(host.time + 10, () => calls++)
    host.fire(0.75)
    assert.equal(calls, 0)
    host.fire()
    assert.equal(calls, 1)
    assert.deepEqual(host.delays, [10, 1])
  })

  it('calls back for a time that has passed, but not inside the call', () => {
    const host = new FakeHost()
    let calls = 0
    realtime({ host }).wakeAt(-5, () => calls++)
    assert.equal(calls, 0)
    assert.deepEqual(host.delays, [0])
    host.fire()
    assert.equal(calls, 1)
  })

  it('replaces an earlier request', () => {
    const host = new FakeHost()
    const environment = realtime({ host })
    const calls: string[] = []
    const start = host.time
    environment.wakeAt(start + 100, () => calls.push('late'))
    environment.wakeAt(start + 10, () => calls.push('early'))
    host.fire()
    assert.deepEqual(calls, ['early'])
    assert.equal(host.pending, false)
    assert.equal(host.time, start + 10)
  })

  it('arms no timer when the deadline moves later', () => {
    const host = new FakeHost()
    const environment = realtime({ host })
    const start = host.time
    let called = 0
    for (let i = 0; i < 1000; i++) environment.wakeAt(start + 50 + i, () => called++)
    assert.equal(host.armed, 1)
    host.fire()
    assert.equal(called, 0)
    host.fire()
    assert.equal(called, 1)
    assert.equal(host.armed, 2)
    assert.ok(host.time >= start + 50 + 999)
  })

  it('arms no timer when the same deadline is asked for again', () => {
    const host = new FakeHost()
    const environment = realtime({ host })
    for (let i = 0; i < 10; i++) environment.wakeAt(host.time + 7.9, () => {})
    assert.equal(host.armed, 1)
  })

  it('cancels', () => {
    const host = new FakeHost()
    const environment = realtime({ host })
    environment.wakeAt(host.time + 10, () => assert.fail('was cancelled'))
    environment.cancelWake()
    environment.cancelWake()
    assert.equal(host.pending, false)
    let calls = 0
    environment.wakeAt(host.time + 5, () => calls++)
    host.fire()
    assert.equal(calls, 1)
  })

  it('takes infinity for never and refuses NaN', () => {
    const host = new FakeHost()
    const environment = realtime({ host })
    environment.wakeAt(host.time + 10, () => assert.fail('was replaced'))
    environment.wakeAt(Number.POSITIVE_INFINITY, () => assert.fail('never'))
    assert.equal(host.pending, false)
    assert.throws(() => environment.wakeAt(Number.NaN, () => {}), RangeError)
  })

  it('survives delays beyond 2^31 - 1 ms', () => {
    const host = new FakeHost()
    const environment = realtime({ host })
    const month = 2 ** 31 - 1
    const at = host.time + 2 * month + 5000
    let calls = 0
    environment.wakeAt(at, () => calls++)
    host.fire()
    host.fire()
    assert.equal(calls, 0)
    host.fire()
    assert.equal(calls, 1)
    assert.equal(host.time, at)
    assert.deepEqual(host.delays, [month, month, 5000])
  })

  it('lets the callback ask for the next wake', () => {
    const host = new FakeHost()
    const environment = realtime({ host })
    let calls = 0
    const again = () => {
      if (++calls < 3) environment.wakeAt(host.time + 1, again)
    }
    environment.wakeAt(host.time + 1, again)
    while (host.pending) host.fire()
    assert.equal(calls, 3)
  })

  it('is ready for the next wake when the callback throws', () => {
    const host = new FakeHost()
    const environment = realtime({ host })
    environment.wakeAt(host.time + 1, () => {
      throw new Error('user code')
    })
    assert.throws(() => host.fire(), /user code/)
    let calls = 0
    environment.wakeAt(host.time + 1, () => calls++)
    host.fire()
    assert.equal(calls, 1)
  })

  it('unreferences its timers on request, where there is such a thing', () => {
    const host = new FakeHost()
    realtime({ host }).wakeAt(host.time + 1, () => {})
    assert.equal(host.unrefs, 0)
    host.clearTimeout()
    realtime({ host, unref: true }).wakeAt(host.time + 1, () => {})
    assert.equal(host.unrefs, 1)
    const browser = { ...platformOf(new FakeHost()), setTimeout: () => 17 }
    realtime({ host: browser, unref: true }).wakeAt(5000, () => {})
  })

  it('fills any number of random bytes, within the quota of one call', () => {
    const host = new FakeHost()
    const environment = realtime({ host })
    const bytes = new Uint8Array(200_000)
    environment.fillRandom(bytes)
    assert.ok(bytes.every(byte => byte === 7))
    assert.deepEqual(host.fills, [65_536, 65_536, 65_536, 3392])
    environment.fillRandom(new Uint8Array(0))
  })

  it('reports to the function given', () => {
    const reported: unknown[] = []
    realtime({ reportError: error => reported.push(error) }).reportError('broken')
    assert.deepEqual(reported, ['broken'])
  })

  it('makes what it reports an uncaught exception by default', () => {
    const output = inChild(`
      process.on('uncaughtException', error => console.log('uncaught', error.message))
      realtime().reportError(new Error('user code'))
      console.log('returned')`)
    assert.equal(output, 'returned\nuncaught user code\n')
  })

  it('works on the real platform', () => {
    const output = inChild(`
      const environment = realtime()
      const bytes = new Uint8Array(100000)
      environment.fillRandom(bytes)
      console.log(new Set(bytes).size)
      const at = environment.now() + 3
      environment.wakeAt(at, () => console.log(environment.now() >= at))
      const unreferenced = realtime({ unref: true })
      unreferenced.wakeAt(unreferenced.now() + 1e9, () => console.log('no'))`)
    assert.equal(output, '256\ntrue\n')
  })
})

function platformOf({ now, setTimeout, clearTimeout, getRandomValues }: FakeHost): RealtimeHost {
  return { now, setTimeout, clearTimeout, getRandomValues }
}

function inChild(code: string): string {
  const module = new URL('../../src/links/realtime.js', import.meta.url).href
  const program = `import { realtime } from ${JSON.stringify(module)}\n${code}`
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 30_000,
  })
}
