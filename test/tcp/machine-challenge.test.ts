import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { established, inState, SYNCHRONIZED } from '../support/transcript.js'

/** Blind attacks: RFC 5961, its limits (section 7), RFC 1337, and ICMP (RFC 5927). */

describe('a blind RST (A01)', () => {
  it('resets at RCV.NXT, and nowhere else in the window [U-09 U-18 RFC 5961]', () => {
    const t = established({ config: { receiveBuffer: 4096 } })
    for (let offset = -100; offset < 4200; offset++) {
      if (offset === 0) continue
      t.advance(1)
        .arrives({ flags: 'RST', seq: 5001 + offset })
        .is('ESTABLISHED')
    }
    t.arrives({ flags: 'RST' }).is('CLOSED')
  })

  it('is not helped by text that reaches from before RCV.NXT into the window [U-09]', () => {
    for (const state of SYNCHRONIZED) {
      if (state === 'TIME_WAIT') continue
      const t = inState(state)
      t.arrives({ flags: 'RST', seq: t.tcb.rcvNxt - 10, data: 20 }).is(state)
    }
  })

  it('may carry text, which is not delivered [SHLD-2]', () => {
    const t = established()
    t.arrives({ flags: 'RST', data: 'because' }).is('CLOSED').reads('')
  })

  it('needs no ACK, and a wrong one does not matter', () => {
    established().arrives({ flags: 'RST' }).is('CLOSED')
    established().arrives({ flags: 'RST,ACK', ack: 99 }).is('CLOSED')
  })

  it('without RFC 5961 resets anywhere in the window', () => {
    const t = established({ config: { strictReset: false } })
    t.arrives({ flags: 'RST', seq: 5001 + 40_000 }).is('ESTABLISHED')
    t.arrives({ flags: 'RST', seq: 5001 + 100 }).is('CLOSED')
  })
})

describe('a blind SYN (A02)', () => {
  it('does nothing, wherever it lies, and the answer lets an honest peer reset [U-19 RFC 5961]', () => {
    const t = established()
    for (const seq of [0, 5000, 5001, 5002, 40_000]) {
      t.advance(1000).arrives({ flags: 'SYN', seq, data: 10 }).sends({ flags: 'ACK', seq: 1001, ack: 5001 })
      t.sendsNothing().is('ESTABLISHED').reads('')
    }
    t.arrives({ flags: 'RST', seq: 5001 }).is('CLOSED')
  })

  it('nor does a SYN,ACK', () => {
    const t = established()
    t.arrives({ flags: 'SYN,ACK', seq: 5000, ack: 1001 }).sends({ flags: 'ACK', seq: 1001, ack: 5001 })
    t.is('ESTABLISHED').sendsNothing()
  })
})

describe('blind data (A03, MAY-12)', () => {
  const sent = () => {
    const t = established({ syn: { window: 1000 } })
    t.send(500)
    t.drain()
    return t.arrives({ window: 1000 })
  }

  it('is taken from SND.UNA-MAX.SND.WND to SND.NXT [MAY-12 RFC 5961]', () => {
    for (const ack of [1501 - 1000, 1501]) {
      const t = sent().arrives({ ack, data: 'in range' })
      t.reads('in range')
    }
  })

  it('is dropped and answered one octet outside [MAY-12 RFC 5961]', () => {
    for (const ack of [1501 - 1001, 1502]) {
      const t = sent().arrives({ ack, data: 'forged' })
      t.reads('').sends({ flags: 'ACK', seq: 1501, ack: 5001 })
    }
  })

  it('nor can a FIN be forged', () => {
    const t = sent()
    t.arrives({ flags: 'FIN,ACK', ack: 1502 }).is('ESTABLISHED')
    t.arrives({ flags: 'FIN,ACK', ack: 1501 - 1001 }).is('ESTABLISHED')
  })

  it('an ACK of what was not sent is never believed (C03)', () => {
    const t = established()
    t.send(1_000_000)
    t.drain()
    const { cwnd } = t.tcb.congestion
    t.arrives({ ack: t.tcb.sndNxt + 1 })
    assert.deepEqual([t.tcb.congestion.cwnd, t.tcb.sndUna], [cwnd, 1001])
  })
})

describe('the limit (section 7)', () => {
  const challenge = (t: ReturnType<typeof established>) => t.arrives({ flags: 'SYN', seq: 9 }).drain().length

  it('is ten a second [RFC 5961]', () => {
    const t = established()
    const count = (n: number) => Array.from({ length: n }, () => challenge(t)).reduce((a, b) => a + b, 0)
    assert.equal(count(50), 10)
    t.advance(999)
    assert.equal(count(50), 0)
    t.advance(1)
    assert.equal(count(50), 10)
  })

  it("is each connection's own: no other can see it (CVE-2016-5696) [RFC 5961]", () => {
    const [t, other] = [established(), established()]
    for (let i = 0; i < 50; i++) challenge(t)
    assert.equal(challenge(other), 1)
  })

  it('does not hold for data, whose sender would have to guess', () => {
    const t = established()
    for (let i = 0; i < 50; i++) t.arrives({ seq: 4000, data: 5 }).sends({ flags: 'ACK' })
  })

  it('two ends that disagree come to rest (D01) [U-07]', () => {
    const [a, b] = [established(), established({ iss: 700_000, irs: 900_000 })]
    let segments = 0
    for (let ms = 0; ms < 10_000; ms += 10) {
      a.at(ms)
      b.at(ms)
      if (ms === 0) a.arrives({ seq: 1 })
      for (const s of a.drain()) b.arrives({ seq: s.seq, ack: s.ack }) && segments++
      for (const s of b.drain()) a.arrives({ seq: s.seq, ack: s.ack }) && segments++
    }
    assert.ok(segments <= 250, `${segments} segments in ten seconds`)
  })
})

describe('TIME_WAIT assassination (RFC 1337, A13)', () => {
  it('old data, ACKs and RSTs do not end it [RFC 1337]', () => {
    const t = inState('TIME_WAIT')
    t.at(1000).arrives({ seq: 4900, data: 10 }).sends({ flags: 'ACK', ack: 5002 })
    t.arrives({ flags: 'RST', seq: 5002 }).arrives({ flags: 'RST,ACK', seq: 5002 }).is('TIME_WAIT')
    assert.equal(t.tcb.deadline, 60_000)
  })
})

describe('blind ICMP (A11)', () => {
  it('does not make segments smaller unless it quotes what is in flight [MUST-54 RFC 5927 RFC 1191]', () => {
    const t = established()
    t.send(3000)
    t.drain()
    for (const seq of [1000, t.tcb.sndNxt]) t.icmp({ kind: 'too-big', maxSegment: 500 }, seq)
    assert.equal(t.tcb.mss, 1460)
    t.icmp({ kind: 'too-big', maxSegment: 500 }, t.tcb.sndUna)
    assert.equal(t.tcb.mss, 480)
  })

  it('never makes them larger [RFC 5927]', () => {
    const t = established()
    t.send(3000)
    t.drain()
    t.icmp({ kind: 'too-big', maxSegment: 9000 })
    assert.equal(t.tcb.mss, 1460)
  })
})
