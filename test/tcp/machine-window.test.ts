import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { established, inState, type Setup, type Transcript } from '../support/transcript.js'

/** Windows: which segment may change SND.WND, scaling (RFC 7323 section 2), and the right edge that never moves left. */

const MSS = 1460
const scaled = (windowScale: number, receiveBuffer = 1 << 20): Setup => ({
  config: { windowScaling: true, receiveBuffer },
  syn: { windowScale },
})

describe('SND.WND', () => {
  it('is unsigned [MUST-1 REC-1]', () => {
    for (const window of [0x7fff, 0x8000, 0xffff])
      assert.equal(established().arrives({ window }).tcb.sndWnd, window)
    const t = established(scaled(14)).arrives({ window: 0xffff })
    assert.equal(t.tcb.sndWnd, 0xffff * 2 ** 14)
    t.send(1 << 20)
    assert.equal(t.drain().length, 10)
  })

  it('is taken from newer segments only: WL1 < SEQ, or WL1 = SEQ and WL2 <= ACK [U-20]', () => {
    const t = established()
    t.send(2000)
    t.drain()
    t.arrives({ data: 10, ack: 2001, window: 9000 })
    assert.equal(t.tcb.sndWnd, 9000)
    t.arrives({ seq: 5001, data: 10, ack: 2001, window: 1 })
    t.arrives({ seq: 5011, ack: 1500, window: 2 })
    assert.equal(t.tcb.sndWnd, 9000)
    t.arrives({ seq: 5011, ack: 2001, window: 8000 })
    assert.equal(t.tcb.sndWnd, 8000)
    t.arrives({ seq: 5011, ack: 3001, window: 7000 })
    assert.equal(t.tcb.sndWnd, 7000)
  })

  it('limits what is sent, to the octet', () => {
    const t = established({ syn: { window: 4000 } })
    t.send(10_000)
    const sent = t.drain()
    assert.equal(sent.at(-1)!.seq + sent.at(-1)!.data.length, 1001 + 2920)
    t.arrives({ ack: 1001, window: 4380 }).sends({ data: MSS })
    t.sendsNothing()
  })
})

describe('window scaling', () => {
  it('is offered, and in force only if both SYNs offer it [RFC 7323]', () => {
    const t = inState('CLOSED', scaled(0)).connect()
    t.sends({ flags: 'SYN', windowScale: 5 })
    t.arrives({ flags: 'SYN,ACK', seq: 5000, window: 1000 }).sends({ window: 65535 })
    t.arrives({ window: 1000 })
    assert.deepEqual([t.tcb.windowScaling, t.tcb.sndWnd], [false, 1000])
  })

  it('is not answered with if the SYN did not offer it', () => {
    const t = inState('LISTEN', scaled(0))
    t.arrives({ flags: 'SYN', seq: 5000 }).sends({ flags: 'SYN,ACK', windowScale: -1 })
    const other = inState('LISTEN', scaled(0))
    other.arrives({ flags: 'SYN', seq: 5000, windowScale: 0 }).sends({ flags: 'SYN,ACK', windowScale: 5 })
  })

  it('the window of a SYN is never scaled, in either direction [RFC 7323]', () => {
    const t = inState('LISTEN', scaled(7))
    t.arrives({ flags: 'SYN', seq: 5000, window: 1000, windowScale: 7 })
    t.sends({ flags: 'SYN,ACK', window: 65535 })
    assert.equal(t.tcb.sndWnd, 1000)
    t.arrives({ window: 1000 })
    assert.equal(t.tcb.sndWnd, 128_000)
  })

  it('nor is that of a SYN,ACK that ends a simultaneous open', () => {
    const t = inState('SYN_SENT', scaled(7))
    t.arrives({ flags: 'SYN', seq: 5000, window: 1000, windowScale: 7 }).sends({ flags: 'SYN,ACK' })
    t.arrives({ flags: 'SYN,ACK', seq: 5000, ack: 1001, window: 1000, windowScale: 7 }).is('ESTABLISHED')
    assert.equal(t.tcb.sndWnd, 1000)
  })

  it('14 is the most, more is used as 14 [RFC 7323]', () => {
    for (const shift of [14, 15, 100, 255]) {
      const t = established(scaled(shift)).arrives({ window: 1 })
      assert.equal(t.tcb.sndWnd, 2 ** 14)
    }
  })

  it('ours is the least with which the buffer can be said', () => {
    for (const [buffer, shift] of [
      [65535, 0],
      [65536, 1],
      [1 << 20, 5],
      [2 ** 30, 14],
    ] as const) {
      const t = inState('CLOSED', { config: { windowScaling: true, receiveBuffer: buffer } }).connect()
      t.sends({ windowScale: shift })
    }
  })
})

describe('the right edge (SHLD-14, U-21)', () => {
  // The transcript checks each segment that is sent: left by less than a unit of the scale, for rounding.
  const lives = (setup: Setup, seed: number): Transcript => {
    const random = new Random(seed)
    const t = established(setup)
    for (let i = 0; i < 3000; i++) {
      const { rcvNxt } = t.tcb
      const room = t.tcb.rcvWnd
      if (room > 0 && random.chance(0.6)) t.arrives({ data: random.integer(1, Math.min(room, 3000)) })
      else if (room > 1 && random.chance(0.3))
        t.arrives({ seq: rcvNxt + random.integer(1, Math.min(room, 3000) - 1), data: 1 })
      else t.read(random.integer(1, 5000))
      if (t.tcb.deadline !== Number.POSITIVE_INFINITY && random.chance(0.3)) t.expire()
      t.drain()
      const held = t.tcb.receiveQueue.length
      assert.ok(held <= t.tcb.config.receiveBuffer + 2 ** t.tcb.rcvScale, `${held} octets held`)
    }
    return t
  }

  for (const [title, setup] of [
    ['without scaling', { config: { receiveBuffer: 20_000 } }],
    ['scaled by 5', scaled(0)],
    ['scaled by 14', scaled(0, 2 ** 30)],
    ['a small buffer', { config: { receiveBuffer: 2048 } }],
  ] as [string, Setup][])
    it(`never moves left: ${title} [SHLD-14 U-21 RFC 7323]`, () => {
      for (let seed = 1; seed <= 5; seed++) lives(setup, seed)
    })

  it('a buffer filled an octet at a time, scaled: it holds hardly more than it has room for [SHLD-14]', () => {
    const t = established({
      config: { windowScaling: true, receiveBuffer: 1 << 17 },
      syn: { windowScale: 0 },
    })
    while (t.tcb.rcvWnd > 0) t.arrives({ data: 1 }).drain()
    assert.ok(t.tcb.receiveQueue.length <= (1 << 17) + 2 * 2 ** t.tcb.rcvScale)
  })

  it('what was promised is taken, and not an octet more [U-21 U-22]', () => {
    const t = established({ config: { receiveBuffer: 4096 } })
    t.arrives({ data: 5000 })
    t.sends({ ack: 5001 + 4096, window: 0 })
    assert.equal(t.tcb.receiveQueue.length, 4096)
  })
})
