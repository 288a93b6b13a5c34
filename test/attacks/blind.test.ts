import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { established, inState, SYNCHRONIZED, type Transcript } from '../support/transcript.js'

/** Part 1, injection by somebody who sees nothing of the connection: he guesses sequence numbers. */

/** What an attacker could see of a connection without being on its path: nothing but what it sends. */
const answers = (t: Transcript): string[] => t.drain().map(s => `${s.flags} ${s.seq} ${s.ack}`)

test('A01 blind RST: over the whole window, one number of 2^32 resets and the rest are rationed', () => {
  for (const stride of [1, 7, 255]) {
    const t = established({ config: { receiveBuffer: 16_384 } })
    const { rcvNxt } = t.tcb
    let sent = 0
    for (let offset = -2000; offset < 18_400; offset += stride) {
      if (offset === 0) continue
      t.arrives({ flags: 'RST', seq: rcvNxt + offset })
      sent += answers(t).length
    }
    t.is('ESTABLISHED')
    assert.equal(sent, 10, 'challenge ACKs in that second')
    t.arrives({ data: 'alive' }).reads('alive')
    t.arrives({ flags: 'RST' }).is('CLOSED')
  }
})

test('A01 blind RST: in every synchronized state', () => {
  for (const state of SYNCHRONIZED)
    for (const offset of [-1, 1, 2, 1000, 32_767]) {
      const t = inState(state)
      t.arrives({ flags: 'RST', seq: t.tcb.rcvNxt + offset }).is(state)
      const sent = answers(t)
      assert.ok(sent.length <= 1 && !sent.some(s => s.includes('RST')), `${state} ${offset}`)
    }
})

test('A02 blind SYN: lies anywhere in the sequence space and changes nothing', () => {
  const random = new Random(2)
  for (const state of SYNCHRONIZED) {
    if (state === 'TIME_WAIT') continue
    const t = inState(state)
    const before = { ...t.tcb }
    for (let i = 0; i < 500; i++) {
      const near = t.tcb.rcvNxt + random.integer(-40_000, 40_000)
      const flags = random.pick(['SYN', 'SYN,ACK', 'SYN,FIN', 'SYN,URG'])
      t.arrives({ flags, seq: random.chance(0.5) ? near : random.next32(), data: random.pick([0, 20]) })
      assert.ok(answers(t).length <= 1)
    }
    t.is(state)
    for (const name of ['sndUna', 'sndNxt', 'rcvNxt', 'sndWnd', 'irs', 'iss', 'mss', 'tsRecent'] as const)
      assert.equal(t.tcb[name], before[name], `${name} in ${state}`)
  }
})

test('A02 blind SYN: the challenge lets a peer that really restarted reset us', () => {
  const t = established()
  t.arrives({ flags: 'SYN', seq: 77 })
  const challenge = t.sends({ flags: 'ACK' })
  // The peer has no such connection: RFC 9293 section 3.10.7.1 makes it answer with this.
  t.arrives({ flags: 'RST', seq: challenge.ack, ack: 0 }).is('CLOSED').failedWith('ECONNRESET')
})

test('A03 blind data or FIN injection: outside [SND.UNA - MAX.SND.WND, SND.NXT] nothing is delivered', () => {
  for (const flags of ['ACK', 'FIN,ACK', 'PSH,ACK', 'URG,ACK'])
    for (const [off, taken] of [
      [-1001, false],
      [-1000, true],
      [0, true],
      [1, false],
      [0x7fffffff, false],
      [-0x7fffffff, false],
    ] as const) {
      const t = established({ syn: { window: 1000 } })
      t.send(500)
      t.drain()
      t.arrives({ window: 1000 })
      t.arrives({ flags, ack: t.tcb.sndUna + off, data: 'forged', window: 1000 })
      const delivered = t.tcb.receiveQueue.length > 0
      assert.equal(delivered, taken, `${flags} ${off}`)
      if (!taken) t.is('ESTABLISHED')
    }
})

test('A03 blind data injection: of a hundred thousand guesses none is delivered, nor with SEQ known', () => {
  const t = established({ syn: { window: 65_535 } })
  const random = new Random(3)
  t.send(1000)
  t.drain()
  t.arrives()
  const { seq } = t.build({})
  const known = (ack: number) =>
    ((ack - t.tcb.sndUna + t.tcb.maxSndWnd) | 0) >= 0 && ((ack - t.tcb.sndNxt) | 0) <= 0
  // One guess at both numbers is right with a chance of 2^15/2^32 * 2^16/2^32.
  for (let i = 0; i < 100_000; i++) {
    const ack = random.next32()
    if (i % 100 === 0 && known(ack)) continue
    t.arrives({ seq: i % 100 === 0 ? seq : random.next32(), ack, data: 'forged' })
    t.drain()
  }
  t.reads('').arrives({ data: 'real' }).reads('real')
})

test('A10 timestamp poisoning: a huge TSval outside the window, or with a bad ACK, does not stall', () => {
  for (const poison of [
    { seq: 5001 + 100_000, data: 5 },
    { seq: 5001 - 70_000, data: 5 },
    { ack: 1002, data: 5 },
    { ack: 1001 - 100_000, data: 5 },
    { flags: '', data: 5 },
    { flags: 'RST', seq: 5002 },
    { flags: 'SYN', seq: 6000 },
    { flags: 'SYN,ACK', seq: 5000 },
  ]) {
    const t = established({ config: { timestamps: true }, syn: { ts: [1000, 0] } })
    const { tsRecent } = t.tcb
    t.arrives({ ...poison, ts: [tsRecent + 0x70000000, 0] })
    t.drain()
    assert.equal(t.tcb.tsRecent, tsRecent, JSON.stringify(poison))
    t.arrives({ data: 'on it goes', ts: [tsRecent + 1, 0] }).reads('on it goes')
  }
})

test('A10 timestamp poisoning: data ahead of a gap does not move TS.Recent either', () => {
  const t = established({ config: { timestamps: true }, syn: { ts: [1000, 0] } })
  t.arrives({ seq: 5101, data: 5, ts: [0x70000000, 0] })
  t.drain()
  assert.equal(t.tcb.tsRecent, 1000)
})

test('A15 SYN/ACK or FIN spoof in SYN-SENT: only an ACK of our very SYN counts', () => {
  const iss = 1000
  for (const ack of [iss, iss - 1, iss + 2, 0, iss + 0x7fffffff]) {
    const t = inState('SYN_SENT', { iss })
    t.arrives({ flags: 'SYN,ACK', seq: 5000, ack }).is('SYN_SENT').sends({ flags: 'RST', seq: ack })
    t.arrives({ flags: 'RST,ACK', ack }).is('SYN_SENT').sendsNothing()
    t.arrives({ flags: 'FIN,ACK', ack }).is('SYN_SENT').sends({ flags: 'RST', seq: ack })
    t.sendsNothing()
  }
  const t = inState('SYN_SENT', { iss })
  t.arrives({ flags: 'RST', seq: 5000, ack: 0 }).is('SYN_SENT').sendsNothing()
  t.arrives({ flags: 'FIN', seq: 5000 }).is('SYN_SENT').sendsNothing()
  t.arrives({ flags: 'FIN,ACK', ack: iss + 1 })
    .is('SYN_SENT')
    .sendsNothing()
  // The real answer still opens.
  t.arrives({ flags: 'SYN,ACK', seq: 5000, ack: iss + 1 }).is('ESTABLISHED')
})

test('A15 RST in SYN-SENT: believed at any SEQ if it acknowledges our SYN (erratum 8167)', () => {
  for (const seq of [0, 1, 0x80000000, 0xffffffff])
    inState('SYN_SENT').arrives({ flags: 'RST,ACK', seq, ack: 1001 }).is('CLOSED').failedWith('ECONNREFUSED')
})
