import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it, type TestContext } from 'node:test'
import { Alarm } from '../../src/links/tun-alarm.js'

const skip = process.platform !== 'linux' && 'needs Linux'

function rings(t: TestContext, times: number[]): Promise<number[]> {
  const rung: number[] = []
  return new Promise(resolve => {
    const alarm = new Alarm(() => {
      rung.push(performance.now())
      const next = times[rung.length]
      if (next === undefined) resolve(rung)
      else alarm.set(next)
    })
    t.after(() => alarm.close())
    alarm.set(times[0]!)
  })
}

describe('an alarm', { skip, timeout: 60_000 }, () => {
  it('rings at its time, not before, also at fractions of a millisecond', async t => {
    const now = performance.now()
    const times = [now + 0.3, now + 0.7, now + 1.9, now + 30.25, now - 5]
    const rung = await rings(t, times)
    assert.equal(rung.length, 5)
    for (const [i, at] of rung.entries()) assert.ok(at >= times[i]!, `${at} is before ${times[i]}`)
  })

  it('keeps to the time set last', async t => {
    let rung = 0
    let done!: () => void
    const ended = new Promise<void>(resolve => {
      done = resolve
    })
    const alarm = new Alarm(() => {
      rung++
      done()
    })
    t.after(() => alarm.close())
    const now = performance.now()
    alarm.set(now + 1)
    alarm.set(Number.POSITIVE_INFINITY)
    alarm.set(now + 20)
    assert.equal(alarm.at, now + 20)
    await ended
    assert.ok(performance.now() >= now + 20)
    assert.equal(rung, 1)
    assert.equal(alarm.at, Number.POSITIVE_INFINITY)
  })

  it('keeps the process alive until it is closed', () => {
    const { href } = new URL('../../src/links/tun-alarm.js', import.meta.url)
    const code = `
      import { Alarm } from ${JSON.stringify(href)}
      const alarm = new Alarm(() => { console.log('rung'); alarm.close(); alarm.close() })
      alarm.set(performance.now() + 20)`
    const args = ['--input-type=module', '-e', code]
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 })
    assert.equal(stdout, 'rung\n')
    assert.equal(status, 0)
  })
})
