import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { passiveFastOpen } from '../../src/tcp/fast-open.js'
import { type State, TRANSITION_LIST, type TransitionId } from '../../src/tcp/states.js'
import { inState, type Setup, seen, simultaneousOpen, type Transcript } from '../support/transcript.js'

/**
 * Every transition of the table, from every state it may leave, with what is sent. ISS is 1000 and IRS 5000: the
 * first octets are 1001 and 5001, and a FIN right behind them moves the next one to 1002 or 5002.
 */

/** A test that takes the edge `id` from `from`. */
function edge(
  id: TransitionId,
  from: State,
  title: string,
  body: (t: Transcript) => void,
  setup: Setup = {},
): void {
  it(`${id} ${from}: ${title}`, () => {
    const t = inState(from, setup)
    body(t)
    assert.ok(t.path.includes(`${id} ${from}`), `${id} was not taken, but ${t.path}`)
  })
}

const silent = (t: Transcript) => t.sendsNothing()

describe('opening', () => {
  edge('T01', 'CLOSED', 'passive OPEN → LISTEN, nothing is sent', t => t.listen().is('LISTEN').sendsNothing())

  edge('T02', 'CLOSED', 'active OPEN → SYN_SENT, SYN at ISS', t => {
    t.connect().is('SYN_SENT')
    t.sends({ flags: 'SYN', seq: 1000, ack: 0, mss: 1460 })
    assert.deepEqual([t.tcb.sndUna, t.tcb.sndNxt], [1000, 1001])
    silent(t)
  })

  edge('T03', 'LISTEN', 'active OPEN → SYN_SENT, SYN; from now on the connection is active', t => {
    t.connect().is('SYN_SENT')
    t.sends({ flags: 'SYN', seq: 1000 })
    t.arrives({ flags: 'SYN', seq: 5000 }).is('SYN_RECEIVED')
    t.sends({ flags: 'SYN,ACK' })
    t.arrives({ flags: 'RST', seq: 5001 }).is('CLOSED').failedWith('ECONNREFUSED')
  })

  edge('T04', 'LISTEN', 'SEND → SYN_SENT, SYN; the data follows the handshake', t => {
    t.send('hello')
    t.is('SYN_SENT').sends({ flags: 'SYN', seq: 1000 })
    silent(t)
    t.arrives({ flags: 'SYN,ACK', seq: 5000 }).is('ESTABLISHED')
    t.sends({ flags: 'PSH,ACK', seq: 1001, ack: 5001, data: 'hello' })
    silent(t)
  })

  edge('T05', 'LISTEN', 'SYN → SYN_RECEIVED, SYN,ACK', t => {
    t.arrives({ flags: 'SYN', seq: 5000, mss: 1460 }).is('SYN_RECEIVED')
    t.sends({ flags: 'SYN,ACK', seq: 1000, ack: 5001, mss: 1460 })
    silent(t).tells()
  })

  edge('T06', 'SYN_SENT', 'SYN,ACK → ESTABLISHED, ACK', t => {
    t.arrives({ flags: 'SYN,ACK', seq: 5000, ack: 1001, window: 4000 }).is('ESTABLISHED')
    t.sends({ flags: 'ACK', seq: 1001, ack: 5001 })
    silent(t).tells('OPEN')
    assert.equal(t.tcb.sndWnd, 4000)
  })

  edge('T06', 'SYN_SENT', 'the ACK carries the data that was waiting', t => {
    t.send('hello')
    silent(t).arrives({ flags: 'SYN,ACK', seq: 5000, ack: 1001 }).is('ESTABLISHED')
    t.sends({ flags: 'PSH,ACK', seq: 1001, ack: 5001, data: 'hello' })
    silent(t)
  })

  edge('T07', 'SYN_SENT', 'SYN without ACK → SYN_RECEIVED, SYN,ACK at ISS', t => {
    t.arrives({ flags: 'SYN', seq: 5000 }).is('SYN_RECEIVED')
    t.sends({ flags: 'SYN,ACK', seq: 1000, ack: 5001 })
    silent(t)
  })

  edge('T08', 'SYN_RECEIVED', 'ACK of our SYN → ESTABLISHED, nothing is sent', t => {
    t.arrives({ seq: 5001, ack: 1001, window: 4000 }).is('ESTABLISHED').sendsNothing().tells('OPEN')
    assert.deepEqual([t.tcb.sndWnd, t.tcb.sndWl1, t.tcb.sndWl2], [4000, 5001, 1001])
  })

  edge('T08', 'SYN_RECEIVED', 'text in the same segment is delivered and acknowledged', t => {
    t.arrives({ flags: 'PSH,ACK', seq: 5001, ack: 1001, data: 'hi' }).is('ESTABLISHED').reads('hi')
    t.expire()
    t.sends({ flags: 'ACK', ack: 5003 })
  })

  it('T09 SYN_SENT: SYN,ACK with FIN → ESTABLISHED, then CLOSE_WAIT', () => {
    const t = inState('SYN_SENT')
    t.arrives({ flags: 'SYN,FIN,ACK', seq: 5000, ack: 1001 }).is('CLOSE_WAIT').tells('OPEN', 'END')
    t.sends({ flags: 'ACK', seq: 1001, ack: 5002 })
    silent(t)
    assert.deepEqual(t.path.slice(-2), ['T06 SYN_SENT', 'T15 ESTABLISHED'])
  })

  it('T10 SYN_RECEIVED: ACK of our SYN with FIN → ESTABLISHED, then CLOSE_WAIT', () => {
    const t = inState('SYN_RECEIVED')
    t.arrives({ flags: 'FIN,ACK', seq: 5001, ack: 1001 }).is('CLOSE_WAIT').tells('OPEN', 'END')
    t.sends({ flags: 'ACK', seq: 1001, ack: 5002 })
    silent(t)
    assert.deepEqual(t.path.slice(-2), ['T08 SYN_RECEIVED', 'T15 ESTABLISHED'])
  })
})

describe('closing', () => {
  edge('T11', 'LISTEN', 'CLOSE → CLOSED, nothing is sent', t =>
    t.close().is('CLOSED').sendsNothing().failedWith(undefined),
  )
  edge('T12', 'SYN_SENT', 'CLOSE → CLOSED, neither FIN nor RST', t => t.close().is('CLOSED').sendsNothing())

  edge('T13', 'SYN_RECEIVED', 'CLOSE with nothing queued → FIN_WAIT_1, FIN behind the SYN,ACK', t => {
    t.close().is('FIN_WAIT_1')
    t.sends({ flags: 'FIN,ACK', seq: 1001, ack: 5001 })
    silent(t).arrives({ ack: 1001 }).is('FIN_WAIT_1')
    t.arrives({ ack: 1002 }).is('FIN_WAIT_2').sendsNothing()
  })

  it('T13q SYN_RECEIVED: CLOSE with data queued stays, and goes T08, T14 when the handshake ends', () => {
    const t = inState('SYN_RECEIVED')
    t.send('last words')
    t.close().is('SYN_RECEIVED').sendsNothing()
    t.arrives({ ack: 1001 }).is('FIN_WAIT_1')
    t.sends({ flags: 'FIN,PSH,ACK', seq: 1001, data: 'last words' })
    silent(t)
    assert.deepEqual(t.path.slice(-2), ['T08 SYN_RECEIVED', 'T14 ESTABLISHED'])
  })

  edge('T14', 'ESTABLISHED', 'CLOSE → FIN_WAIT_1, FIN', t => {
    t.close().is('FIN_WAIT_1')
    t.sends({ flags: 'FIN,ACK', seq: 1001, ack: 5001 })
    silent(t)
  })

  edge(
    'T14',
    'ESTABLISHED',
    'CLOSE → FIN_WAIT_1 at the call, the FIN follows the data [U-10 U-32 MUST-61]',
    t => {
      t.send(3000)
      t.close().is('FIN_WAIT_1')
      t.sends({ flags: 'ACK', seq: 1001, data: 1460 })
      t.sends({ flags: 'ACK', seq: 2461, data: 1460 })
      t.sends({ flags: 'FIN,PSH,ACK', seq: 3921, data: 80 })
      silent(t)
    },
  )

  edge('T15', 'ESTABLISHED', 'FIN → CLOSE_WAIT, ACK over the FIN, the user is told [MUST-12 U-11]', t => {
    t.arrives({ flags: 'FIN,ACK', seq: 5001 }).is('CLOSE_WAIT').tells('END')
    t.sends({ flags: 'ACK', seq: 1001, ack: 5002 })
    silent(t)
  })

  edge('T16', 'FIN_WAIT_1', 'ACK of our FIN → FIN_WAIT_2, nothing is sent', t => {
    t.arrives({ ack: 1002 }).is('FIN_WAIT_2').sendsNothing()
    assert.equal(t.tcb.deadline, Number.POSITIVE_INFINITY, 'FIN_WAIT_2 has no timer while somebody reads')
  })

  edge('T17', 'FIN_WAIT_1', 'FIN, ours not acknowledged → CLOSING, ACK', t => {
    t.arrives({ flags: 'FIN,ACK', seq: 5001, ack: 1001 }).is('CLOSING')
    t.sends({ flags: 'ACK', seq: 1002, ack: 5002 })
    silent(t)
  })

  edge('T18', 'FIN_WAIT_1', 'FIN with the ACK of ours → TIME_WAIT, ACK, 2MSL [MUST-13]', t => {
    t.arrives({ flags: 'FIN,ACK', seq: 5001, ack: 1002 }).is('TIME_WAIT')
    t.sends({ flags: 'ACK', seq: 1002, ack: 5002 })
    silent(t)
    assert.equal(t.tcb.deadline, 60_000)
    assert.ok(!t.path.includes('T16 FIN_WAIT_1'))
  })

  edge('T19', 'FIN_WAIT_2', 'FIN → TIME_WAIT, ACK, 2MSL [MUST-13]', t => {
    t.at(50).arrives({ flags: 'FIN,ACK', seq: 5001 }).is('TIME_WAIT')
    t.sends({ flags: 'ACK', seq: 1002, ack: 5002 })
    silent(t).tells('END', 'TIME_WAIT')
    assert.equal(t.tcb.deadline, 60_050)
  })

  edge('T20', 'CLOSING', 'ACK of our FIN → TIME_WAIT, nothing is sent, 2MSL', t => {
    t.arrives({ ack: 1002 }).is('TIME_WAIT').sendsNothing()
    assert.equal(t.tcb.deadline, 60_000)
  })

  edge('T21', 'CLOSE_WAIT', 'CLOSE → LAST_ACK when the FIN is sent', t => {
    t.close().is('CLOSE_WAIT')
    t.sends({ flags: 'FIN,ACK', seq: 1001, ack: 5002 })
    t.is('LAST_ACK').sendsNothing()
  })

  edge('T21', 'CLOSE_WAIT', 'the FIN waits for the data, and LAST_ACK for the FIN [U-10]', t => {
    t.arrives({ seq: 5002, window: 1460 })
    t.send(1500)
    t.close()
    t.sends({ flags: 'ACK', seq: 1001, data: 1460 })
    t.is('CLOSE_WAIT').sendsNothing()
    t.arrives({ seq: 5002, ack: 2461 })
    t.sends({ flags: 'FIN,PSH,ACK', seq: 2461, data: 40 })
    t.is('LAST_ACK')
  })

  edge('T22', 'LAST_ACK', 'ACK of our FIN → CLOSED, nothing is sent', t => {
    t.arrives({ seq: 5002, ack: 1002 }).is('CLOSED').sendsNothing().failedWith(undefined).tells('CLOSED')
  })

  edge('T23', 'TIME_WAIT', '2MSL → CLOSED, nothing is sent [MUST-13]', t => {
    t.at(59_999).is('TIME_WAIT')
    t.at(60_000).is('CLOSED').sendsNothing().failedWith(undefined)
  })
})

describe('a new incarnation in TIME_WAIT (RFC 6191)', () => {
  /** The peer's FIN was at 5001, with TSval 200 if timestamps were in use. */
  const rows: [string, boolean, [number, number] | null, number, string][] = [
    ['T24a', true, [201, 0], 4000, 'newer TSval, though an older SEQ'],
    ['T24b', true, [200, 0], 5002, 'equal TSval, SEQ beyond the FIN'],
    ['T24c', true, null, 5002, 'no TSval now, SEQ beyond the FIN'],
    ['T24d', false, [7, 0], 4000, 'timestamps only now'],
    ['T24e', false, null, 5002, 'no timestamps, SEQ beyond the FIN'],
  ]
  const waiting = (timestamps: boolean) => {
    const t = inState('FIN_WAIT_2', timestamps ? { config: { timestamps }, syn: { ts: [100, 0] } } : {})
    t.arrives({ flags: 'FIN,ACK', ...(timestamps ? { ts: [200, 0] as const } : {}) }).sends({ flags: 'ACK' })
    t.tcb.reopenIss = 900_000
    return t.is('TIME_WAIT')
  }
  for (const [row, timestamps, ts, seq, title] of rows)
    it(`${row} TIME_WAIT: SYN, ${title} → SYN_RECEIVED, SYN,ACK [SHLD-4 MAY-2 RFC 6191]`, () => {
      const t = waiting(timestamps)
      t.arrives({ flags: 'SYN', seq, ts, mss: 1000 }).is('SYN_RECEIVED')
      t.sends({ flags: 'SYN,ACK', seq: 900_000, ack: seq + 1 })
      silent(t).arrives({ ack: 900_001 }).is('ESTABLISHED')
      t.send('new')
      t.sends({ flags: 'PSH,ACK', seq: 900_001, data: 'new' })
      assert.ok(t.path.includes('T24 TIME_WAIT'))
    })

  const refused: [string, boolean, [number, number] | null, number][] = [
    ['older TSval', true, [199, 0], 6000],
    ['equal TSval, SEQ of the FIN', true, [200, 0], 5001],
    ['no TSval now, SEQ of the FIN', true, null, 5001],
    ['no timestamps, SEQ of the FIN', false, null, 5001],
  ]
  for (const [title, timestamps, ts, seq] of refused)
    it(`T24f TIME_WAIT: SYN, ${title}: dropped silently [SHLD-4 RFC 6191]`, () => {
      waiting(timestamps).arrives({ flags: 'SYN', seq, ts }).is('TIME_WAIT').reacts('TW_DROP').sendsNothing()
    })

  it('T24f TIME_WAIT: SYN, without RFC 6191: challenge ACK', () => {
    const t = inState('TIME_WAIT', { config: { rfc6191: false } })
    t.tcb.reopenIss = 900_000
    t.arrives({ flags: 'SYN', seq: 6000 }).is('TIME_WAIT')
    t.sends({ flags: 'ACK', seq: 1002, ack: 5002 })
  })

  it('T25 SYN_RECEIVED: RST, the SYN was an old duplicate → back to TIME_WAIT, 2MSL as it was [MAY-2]', () => {
    const t = waiting(false)
    t.at(1000).arrives({ flags: 'SYN', seq: 6000 }).sends({ flags: 'SYN,ACK', ack: 6001 })
    t.at(1500).arrives({ flags: 'RST', seq: 6001 }).is('TIME_WAIT').sendsNothing()
    assert.ok(t.path.includes('T25 SYN_RECEIVED'))
    assert.equal(t.tcb.deadline, 60_000)
    t.arrives({ flags: 'FIN,ACK', seq: 5001, ack: 1002 }).reacts('R28')
    t.sends({ flags: 'ACK', seq: 1002, ack: 5002 })
  })
})

describe('abort', () => {
  for (const from of ['LISTEN', 'SYN_SENT'] as const)
    edge('T26', from, 'ABORT → CLOSED, nothing is sent', t => t.abort().is('CLOSED').sendsNothing())

  for (const from of ['SYN_RECEIVED', 'ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSE_WAIT'] as const)
    edge('T27', from, 'ABORT → CLOSED, RST at SND.NXT', t => {
      const { sndNxt } = t.tcb
      if (from === 'ESTABLISHED') t.send('never sent')
      t.abort().is('CLOSED').failedWith('ECONNABORTED')
      t.sends({ flags: 'RST', seq: sndNxt, window: 0 })
      silent(t)
      assert.deepEqual([t.tcb.sendQueue.length, t.tcb.deadline], [0, Number.POSITIVE_INFINITY])
    })

  for (const from of ['CLOSING', 'LAST_ACK', 'TIME_WAIT'] as const)
    edge('T28', from, 'ABORT → CLOSED, nothing is sent', t => t.abort().is('CLOSED').sendsNothing())
})

describe('reset', () => {
  edge('T29', 'SYN_SENT', 'RST with an acceptable ACK → CLOSED, refused', t => {
    t.arrives({ flags: 'RST,ACK', seq: 0, ack: 1001 }).is('CLOSED').sendsNothing().failedWith('ECONNREFUSED')
  })

  edge('T30', 'SYN_RECEIVED', 'RST, opened passively → LISTEN, the user need not know [MUST-11]', t => {
    t.arrives({ flags: 'RST', seq: 5001 }).is('LISTEN').sendsNothing().failedWith(undefined)
    assert.equal(t.tcb.deadline, Number.POSITIVE_INFINITY)
    t.arrives({ flags: 'SYN', seq: 70_000 }).is('SYN_RECEIVED')
    t.sends({ flags: 'SYN,ACK', seq: 1000, ack: 70_001 })
  })

  it('T31 SYN_RECEIVED: RST, opened actively → CLOSED, refused [MUST-11]', () => {
    const t = simultaneousOpen()
    t.arrives({ flags: 'RST', seq: 5001 }).is('CLOSED').sendsNothing().failedWith('ECONNREFUSED')
    assert.equal(t.path.at(-1), 'T31 SYN_RECEIVED')
  })

  for (const from of ['ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSE_WAIT'] as const)
    edge('T32', from, 'RST at RCV.NXT → CLOSED, the user is told [MUST-12 U-18]', t => {
      t.arrives({ flags: 'RST' }).is('CLOSED').sendsNothing().failedWith('ECONNRESET').tells('CLOSED')
    })

  for (const from of ['CLOSING', 'LAST_ACK'] as const)
    edge('T33', from, 'RST at RCV.NXT → CLOSED', t => t.arrives({ flags: 'RST' }).is('CLOSED').sendsNothing())

  edge(
    'T34',
    'TIME_WAIT',
    'RST → CLOSED where RFC 1337 is off',
    t => {
      t.arrives({ flags: 'RST', seq: 5002 }).is('CLOSED').sendsNothing()
    },
    { config: { rfc1337: false } },
  )

  it('T34 TIME_WAIT: RST is ignored where RFC 1337 is on [RFC 1337]', () => {
    inState('TIME_WAIT').arrives({ flags: 'RST', seq: 5002 }).is('TIME_WAIT').reacts('TW_RST').sendsNothing()
  })

  edge('T35', 'SYN_RECEIVED', 'SYN in the window, opened passively → LISTEN', t => {
    t.arrives({ flags: 'SYN', seq: 5002 }).is('LISTEN').sendsNothing()
    assert.equal(t.tcb.deadline, Number.POSITIVE_INFINITY)
  })

  for (const from of [
    'ESTABLISHED',
    'FIN_WAIT_1',
    'FIN_WAIT_2',
    'CLOSE_WAIT',
    'CLOSING',
    'LAST_ACK',
    'TIME_WAIT',
  ] as const)
    edge(
      'T36',
      from,
      'SYN in the window, without RFC 5961 → CLOSED, RST',
      t => {
        const { sndNxt } = t.tcb
        t.arrives({ flags: 'SYN', seq: t.tcb.rcvNxt + 1 }).is('CLOSED')
        t.sends({ flags: 'RST', seq: sndNxt })
        silent(t)
      },
      { config: { strictSyn: false, rfc6191: false } },
    )

  it('T36 SYN_RECEIVED: SYN in the window, opened actively, without RFC 5961 → CLOSED, RST', () => {
    const t = simultaneousOpen({ config: { strictSyn: false } })
    t.arrives({ flags: 'SYN', seq: 5002 }).is('CLOSED')
    t.sends({ flags: 'RST', seq: 1001 })
    assert.equal(t.path.at(-1), 'T36 SYN_RECEIVED')
  })
})

describe('nobody reads', () => {
  edge('T37', 'ESTABLISHED', 'full CLOSE with data unread → CLOSED, RST [SHLD-3 RFC 2525]', t => {
    t.arrives({ data: 'unread' }).orphan().is('CLOSED')
    t.sends({ flags: 'RST', seq: 1001 })
    silent(t)
  })

  edge('T37', 'ESTABLISHED', 'data after nobody reads → CLOSED, RST [SHLD-3]', t => {
    t.orphan().is('ESTABLISHED').arrives({ data: 'late' }).is('CLOSED')
    t.sends({ flags: 'RST', seq: 1001 })
  })

  it('T37 SYN_RECEIVED: full CLOSE with the data of a Fast Open unread → CLOSED, RST [SHLD-3 RFC 7413]', () => {
    const t = inState('LISTEN')
    t.tcb.fastOpen = passiveFastOpen(true, null, false)
    t.arrives({ flags: 'SYN', seq: 5000, ack: 0, data: 'unread' }).is('SYN_RECEIVED')
    t.sends({ flags: 'SYN,ACK', ack: 5007 })
    t.orphan().is('CLOSED').sends({ flags: 'RST', seq: 1001 })
    assert.equal(t.path.at(-1), 'T37 SYN_RECEIVED')
  })

  for (const from of ['FIN_WAIT_1', 'FIN_WAIT_2'] as const)
    edge('T37', from, 'data after a full CLOSE → CLOSED, RST [SHLD-3 RFC 2525]', t => {
      t.orphan().is(from).arrives({ data: 'late', ack: t.tcb.sndUna }).is('CLOSED')
      t.sends({ flags: 'RST', seq: 1002 })
      silent(t)
    })

  it('T37 CLOSE_WAIT: full CLOSE with data unread → CLOSED, RST [SHLD-3]', () => {
    const t = inState('ESTABLISHED')
    t.arrives({ flags: 'FIN,ACK', data: 'unread' }).is('CLOSE_WAIT').sends({ flags: 'ACK', ack: 5008 })
    t.orphan().is('CLOSED').sends({ flags: 'RST', seq: 1001 })
    assert.equal(t.path.at(-1), 'T37 CLOSE_WAIT')
  })

  edge('T42', 'FIN_WAIT_2', 'the limit, where nobody reads → CLOSED, nothing is sent', t => {
    t.orphan().at(59_999).is('FIN_WAIT_2')
    t.at(60_000).is('CLOSED').sendsNothing()
  })

  it('T42 FIN_WAIT_2: counted from the ACK of the FIN, if nobody read before', () => {
    const t = inState('FIN_WAIT_1').orphan()
    t.at(500).arrives().is('FIN_WAIT_2')
    t.at(60_499).is('FIN_WAIT_2')
    t.at(60_500).is('CLOSED').sendsNothing()
    assert.equal(t.path.at(-1), 'T42 FIN_WAIT_2')
  })
})

describe('silence', () => {
  const UNACKED = [
    'SYN_SENT',
    'SYN_RECEIVED',
    'ESTABLISHED',
    'FIN_WAIT_1',
    'CLOSE_WAIT',
    'CLOSING',
    'LAST_ACK',
  ] as const
  /** Leaves something unacknowledged, where the state itself does not. */
  const outstanding = (t: Transcript) => {
    if (t.tcb.flight > 0) return
    t.send('anybody?')
    t.sends({ flags: 'PSH,ACK', data: 'anybody?' })
  }

  for (const from of UNACKED) {
    edge(
      'T38',
      from,
      'user timeout → CLOSED, nothing is sent [U-17]',
      t => {
        outstanding(t)
        for (const end = t.now + 5000; t.now < end; ) {
          t.is(from).drain()
          t.expire()
        }
        t.is('CLOSED').sendsNothing().failedWith('ETIMEDOUT')
        assert.match(t.tcb.error!.message, /user timeout/)
      },
      { config: { userTimeout: 5000 } },
    )

    edge(
      'T39',
      from,
      'R2 → CLOSED, nothing is sent [MUST-20]',
      t => {
        outstanding(t)
        while (t.tcb.state === from) {
          t.drain()
          t.expire()
        }
        t.is('CLOSED').sendsNothing().failedWith('ETIMEDOUT')
      },
      { config: { userTimeout: Number.POSITIVE_INFINITY } },
    )
  }

  edge('T40', 'SYN_SENT', 'hard ICMP error → CLOSED [SHLD-26]', t => {
    t.icmp({ kind: 'unreachable', cause: 'port', message: 'port unreachable' })
    t.is('CLOSED').sendsNothing().failedWith('ECONNREFUSED')
  })

  for (const from of ['ESTABLISHED', 'FIN_WAIT_2', 'CLOSE_WAIT'] as const)
    edge('T41', from, 'no keep-alive probe is answered → CLOSED, RST', t => {
      const { sndNxt, rcvNxt } = t.tcb
      t.keepAlive(1000, 100, 2)
      for (const wait of [1000, 100]) {
        assert.equal(t.expire(), wait)
        t.sends({ flags: 'ACK', seq: sndNxt - 1, ack: rcvNxt })
        silent(t)
      }
      assert.equal(t.expire(), 100)
      t.is('CLOSED').failedWith('ETIMEDOUT')
      t.sends({ flags: 'RST', seq: sndNxt })
      silent(t)
    })
})

it('every edge of the table is taken by a test of this file', () => {
  const all = TRANSITION_LIST.flatMap(({ id, from }) => from.map(state => `${id} ${state}`))
  assert.deepEqual(
    all.filter(one => !seen.edges.has(one)),
    [],
  )
  assert.deepEqual(
    [...seen.edges].filter(one => !all.includes(one)),
    [],
  )
})
