import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { established, type Fields, inState } from '../support/transcript.js'

/** Options (RFC 9293 sections 3.1, 3.2) and the segment size (section 3.7.1). */

const all = { windowScaling: true, timestamps: true, sack: true }

/** What a SYN with these option bytes makes of a listener. */
function synOptions(options: number[]) {
  const t = inState('LISTEN', { config: all })
  t.arrives({ flags: 'SYN', seq: 5000, options })
  return t.tcb
}

describe('options', () => {
  it('in any order, padded or not [MUST-4 MUST-64]', () => {
    const kinds = [
      [2, 4, 4, 0],
      [3, 3, 7],
      [4, 2],
      [8, 10, 0, 0, 0, 9, 0, 0, 0, 0],
    ]
    for (let pad = 0; pad < 4; pad++)
      for (let first = 0; first < 4; first++) {
        const order = [0, 1, 2, 3].map(i => kinds[(i + first) % 4]!)
        const tcb = synOptions(order.flatMap(kind => [...Array<number>(pad).fill(1), ...kind]))
        assert.deepEqual([tcb.peerMss, tcb.sndScale, tcb.sack, tcb.tsRecent], [1024, 7, true, 9])
      }
  })

  it('after End of Option List nothing is read [MUST-4]', () =>
    assert.equal(synOptions([0, 2, 4, 4, 0]).peerMss, 536))

  it('unknown kinds are passed over by their length [MUST-6 MUST-68 RFC 6994 RFC 4727]', () => {
    for (let kind = 9; kind < 256; kind++)
      for (const length of [2, 3, 10, 34]) {
        const tcb = synOptions([kind, length, ...Array<number>(length - 2).fill(0xff), 2, 4, 4, 0])
        assert.equal(tcb.peerMss, 1024, `kind ${kind}, length ${length}`)
      }
  })

  it('impossible lengths end the reading, and are counted [MUST-7]', () => {
    for (const options of [[99, 0], [99, 1], [99, 200], [2, 0], [2, 1], [2, 41, 4, 0], [8, 10, 1], [255]]) {
      const tcb = synOptions([3, 3, 7, ...options])
      assert.equal(tcb.state, 'SYN_RECEIVED')
      assert.equal(tcb.sndScale, 7)
      assert.equal(tcb.badOptions, 1, `${options}`)
    }
  })

  it('known kinds of a wrong length are unknown ones', () => {
    const tcb = synOptions([2, 3, 9, 3, 4, 1, 1, 4, 3, 0, 8, 9, 0, 0, 0, 0, 0, 0, 0])
    assert.deepEqual(
      [tcb.peerMss, tcb.windowScaling, tcb.sack, tcb.timestamps, tcb.badOptions],
      [536, false, false, false, 0],
    )
  })

  it('are taken on any segment, and those of a SYN mean nothing on another [MUST-5 RFC 7323]', () => {
    for (const flags of ['ACK', 'PSH,ACK', 'FIN,ACK', 'URG,ACK']) {
      const t = established()
      t.arrives({
        flags,
        data: 'text',
        options: [1, 254, 6, 1, 2, 3, 4, 1, 2, 4, 0, 100, 3, 3, 9, 4, 2],
      }).reads('text')
      assert.deepEqual([t.tcb.mss, t.tcb.sndScale, t.tcb.sack], [1460, 0, false])
    }
    established()
      .arrives({ flags: 'RST', options: [254, 4, 0, 0] })
      .is('CLOSED')
  })

  it('cannot harm a connection from outside its window (CVE-2019-12258) [MUST-7]', () => {
    const t = established()
    t.arrives({ seq: 9_000_000, options: [99, 0] })
      .is('ESTABLISHED')
      .sends({ flags: 'ACK' })
  })

  it('of ours: MSS on SYNs and on nothing else [MUST-14 MUST-65 SHLD-5 MAY-3]', () => {
    for (const config of [{}, { timestamps: true }, { sack: true }, { windowScaling: true }, all]) {
      const syn = { sackPermitted: true, windowScale: 1, ts: [1, 0] as const, mss: 1460 }
      for (const t of [inState('CLOSED', { config }).connect(), inState('LISTEN', { config })]) {
        if (t.tcb.state === 'LISTEN') t.arrives({ flags: 'SYN', seq: 5000, ...syn })
        const sent = t.sends({ mss: 1460 })
        assert.equal(sent.options.length % 4, 0)
        assert.equal(t.tcb.badOptions, 0)
      }
      const t = established({ config, syn })
      t.send('data')
      assert.equal(t.sends({ data: 'data' }).mss, -1)
      assert.equal(t.close().sends({ flags: 'FIN,ACK' }).mss, -1)
    }
  })
})

describe('the segment size', () => {
  const largest = (syn: Fields) => {
    const t = established({ syn })
    t.send(20_000)
    return Math.max(...t.drain().map(s => s.data.length))
  }
  it('is 536 if the peer says nothing [MUST-15]', () => {
    const t = inState('SYN_SENT')
    t.arrives({ flags: 'SYN,ACK', seq: 5000, options: [1] }).drain()
    t.send(2000)
    assert.equal(t.sends({ data: 536 }).data.length, 536)
  })

  it('is what the peer says, if our path takes it [MUST-14 MUST-16]', () => {
    assert.equal(largest({ mss: 1000 }), 1000)
    assert.equal(largest({ mss: 9000 }), 1460)
  })

  it('is less by the options of each segment [MUST-16 RFC 6691 RFC 2525]', () => {
    const config = { timestamps: true, sack: true }
    const t = established({ config, syn: { mss: 1000, ts: [1, 0], sackPermitted: true } })
    t.send(5000)
    t.sends({ data: 988 })
    t.arrives({ seq: 5011, data: 5 }).sends({ data: 1000 - 12 - 12 })
  })

  it('has a floor: a tiny one does not multiply our cost (CVE-2019-11479), and 0 does not divide by zero', () => {
    for (const mss of [0, 1, 8, 12, 47]) assert.equal(largest({ mss }), 48)
    for (const mss of [0, 1, 47]) {
      const t = established({ config: { timestamps: true }, syn: { mss, ts: [1, 0] } })
      t.send(1000)
      t.sends({ data: 36 })
    }
  })

  it('full segments are sent whenever possible [SHLD-28 SHLD-27]', () => {
    const t = established()
    for (let i = 0; i < 100; i++) t.send(100)
    assert.deepEqual(
      t.drain().map(s => s.data.length),
      [1460, 1460, 1460, 1460, 1460, 1460, 1240],
    )
  })

  it('super-segments are whole multiples of it, where the link cuts them up', () => {
    const t = established()
    t.send(10_000)
    // Half of cwnd at most, so that two are in flight; a short tail goes by itself.
    assert.deepEqual(
      [t.next(65536)!, t.next(65536)!, t.next(65536)!].map(s => s.data.length),
      [5 * 1460, 1460, 10_000 - 6 * 1460],
    )
  })

  it('SACK ranges: the newest first, as many as fit [RFC 2018]', () => {
    const t = established({
      config: { timestamps: true, sack: true },
      syn: { ts: [1, 0], sackPermitted: true },
    })
    for (const at of [10, 30, 50, 70]) t.arrives({ seq: 5001 + at, data: 5 })
    const acks = t.drain()
    assert.deepEqual(acks.at(-1)!.sack, [
      [5071, 5076],
      [5051, 5056],
      [5031, 5036],
    ])
    assert.equal(acks.length, 4)
  })
})
