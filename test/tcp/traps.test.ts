import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { established, inState, SYNCHRONIZED, simultaneousOpen, Transcript } from '../support/transcript.js'

/** Where implementations go wrong: the traps of the RFC's text, and what short summaries of TCP get wrong. */

describe('traps', () => {
  it('1: the SYN,ACK of a simultaneous open begins at IRS, and still acknowledges our SYN [MUST-10]', () => {
    const t = simultaneousOpen()
    t.arrives({ flags: 'SYN,ACK', seq: 5000, ack: 1001, window: 4000 }).is('ESTABLISHED')
    assert.equal(t.tcb.sndWnd, 4000)
    assert.ok(t.drain().length <= 1, 'at most one ACK, and no challenge')
  })

  it('1: an ACK that begins one octet early acknowledges (a crossed FIN, a keep-alive)', () => {
    for (const [state, after] of [
      ['CLOSING', 'TIME_WAIT'],
      ['LAST_ACK', 'CLOSED'],
    ] as const)
      inState(state).arrives({ flags: 'FIN,ACK', seq: 5001, ack: 1002 }).is(after)
    const t = inState('FIN_WAIT_1')
    t.arrives({ seq: 5000, ack: 1002 }).is('FIN_WAIT_2')
  })

  it('2: an ACK of all the data is not an ACK of a FIN that was never sent', () => {
    const t = established({ syn: { window: 1460 } })
    t.send(1461)
    t.close().is('FIN_WAIT_1').sends({ data: 1460 })
    t.arrives({ ack: 2461, window: 0 }).is('FIN_WAIT_1')
    t.arrives({ ack: 2461, window: 1460 }).sends({ flags: 'FIN,PSH,ACK', seq: 2461, data: 1 })
    t.arrives({ ack: 2462 }).is('FIN_WAIT_1')
    t.arrives({ ack: 2463 }).is('FIN_WAIT_2')
  })

  it('3: in TIME_WAIT the FIN restarts 2MSL, and nothing else does [MUST-13 RFC 1337]', () => {
    const t = inState('TIME_WAIT')
    t.at(1000).arrives().arrives({ data: 'stray' }).arrives({ seq: 4000 })
    t.arrives({ flags: 'RST' }).arrives({ flags: 'SYN' })
    assert.equal(t.tcb.deadline, 60_000)
    t.drain()
    t.arrives({ flags: 'FIN,ACK', seq: 5001 }).sends({ flags: 'ACK' })
    assert.equal(t.tcb.deadline, 61_000)
  })

  it('3: also the FIN that comes again with its text', () => {
    const t = inState('FIN_WAIT_2')
    t.arrives({ flags: 'FIN,ACK', data: 'bye' }).is('TIME_WAIT').sends({ ack: 5005 })
    t.at(1000).arrives({ flags: 'FIN,ACK', seq: 5001, data: 'bye' }).sends({ ack: 5005 })
    assert.equal(t.tcb.deadline, 61_000)
  })

  it('4: a FIN behind a closed window is probed with', () => {
    for (const state of ['ESTABLISHED', 'CLOSE_WAIT'] as const) {
      const t = inState(state)
      t.arrives({ window: 0 }).close().sendsNothing()
      assert.equal(t.expire(), 200, 'one RTO')
      t.sends({ flags: 'FIN,ACK', seq: 1001 })
      t.is(state === 'ESTABLISHED' ? 'FIN_WAIT_1' : 'LAST_ACK')
      assert.equal(t.expire(), 400, 'and again, while the peer does not take it')
      t.sends({ flags: 'FIN,ACK', seq: 1001 })
    }
  })

  it('4: a FIN at RCV.NXT is taken though the window is closed: it needs no buffer', () => {
    const t = established({ config: { receiveBuffer: 2048 } })
    while (t.tcb.rcvWnd > 0) t.arrives({ data: Math.min(1460, t.tcb.rcvWnd) }).drain()
    t.arrives({ flags: 'FIN,ACK' })
      .is('CLOSE_WAIT')
      .sends({ flags: 'ACK', ack: 5001 + 2048 + 1, window: 0 })
  })

  it('4: text and FIN that do not fit a closed window still acknowledge our FIN', () => {
    const t = established({ config: { receiveBuffer: 2048 } })
    while (t.tcb.rcvWnd > 0) t.arrives({ data: Math.min(1460, t.tcb.rcvWnd) }).drain()
    t.close().sends({ flags: 'FIN,ACK' })
    t.arrives({ flags: 'FIN,ACK', data: 'x' }).is('FIN_WAIT_2')
    t.sends({ flags: 'ACK', ack: 5001 + 2048, window: 0 })
  })

  it('5: RST in SYN_SENT closes, it does not return to LISTEN, even for one that listened', () => {
    const t = inState('LISTEN').connect()
    t.sends({ flags: 'SYN' })
    t.arrives({ flags: 'RST,ACK', seq: 0, ack: 1001 }).is('CLOSED')
  })

  it('6: the RST that refuses a SYN may have any SEQ (erratum 8167)', () => {
    for (const seq of [0, 77, -1])
      inState('SYN_SENT').arrives({ flags: 'RST,ACK', seq, ack: 1001 }).is('CLOSED')
  })

  it('9: of a SYN with FIN the SYN is taken, the FIN when it comes again [U-23]', () => {
    const t = inState('LISTEN')
    t.arrives({ flags: 'SYN,FIN', seq: 5000 }).is('SYN_RECEIVED').sends({ flags: 'SYN,ACK', ack: 5001 })
    t.arrives({ flags: 'FIN,ACK', seq: 5001, ack: 1001 }).is('CLOSE_WAIT').sends({ flags: 'ACK', ack: 5002 })
  })

  it('10: the SYN that comes again does not take the way of a SYN in the window', () => {
    const t = inState('SYN_RECEIVED')
    t.arrives({ flags: 'SYN', seq: 5000 }).is('SYN_RECEIVED').reacts('R13')
  })

  it('12: the window of a SYN,ACK is taken with T06, and never scaled', () => {
    const t = inState('SYN_SENT', { config: { windowScaling: true } })
    t.arrives({ flags: 'SYN,ACK', seq: 5000, window: 1000, windowScale: 7 }).is('ESTABLISHED')
    assert.deepEqual([t.tcb.sndWnd, t.tcb.sndWl1, t.tcb.sndWl2], [1000, 5000, 1001])
    t.arrives({ window: 1000 })
    assert.equal(t.tcb.sndWnd, 128_000)
  })
})

describe('text on a SYN', () => {
  it('is kept, not acknowledged and not delivered before the connection is open [U-04]', () => {
    const t = inState('LISTEN')
    t.arrives({ flags: 'SYN', seq: 5000, data: 'early' }).sends({ flags: 'SYN,ACK', ack: 5001 })
    t.reads('').tells()
    t.arrives({ seq: 5006, ack: 1001 }).is('ESTABLISHED').reads('early').sends({ flags: 'ACK', ack: 5006 })
  })

  it('is gone if a RST comes in place of the ACK [U-04]', () => {
    const t = inState('LISTEN')
    t.arrives({ flags: 'SYN', seq: 5000, data: 'early' }).drain()
    t.arrives({ flags: 'RST', seq: 5001 }).is('LISTEN').reads('').tells('RETURNED')
  })

  it('may be followed by a FIN at once', () => {
    const t = inState('LISTEN')
    t.arrives({ flags: 'SYN', seq: 5000, data: 'early' }).drain()
    t.arrives({ flags: 'FIN,ACK', seq: 5006, ack: 1001 }).is('CLOSE_WAIT').reads('early')
    t.sends({ flags: 'ACK', ack: 5007 })
  })

  it('on a SYN,ACK fills no more than the window that was offered', () => {
    const t = inState('SYN_SENT', { config: { receiveBuffer: 2048 } })
    t.arrives({ flags: 'SYN,ACK', seq: 5000, data: 4000 }).is('ESTABLISHED')
    assert.ok(t.tcb.receiveQueue.length <= 2048, `${t.tcb.receiveQueue.length} octets held`)
    t.sends({ flags: 'ACK', ack: 5001 + 2048, window: 0 })
  })

  it('on the SYN,ACK of a simultaneous open fills no more than the window', () => {
    const t = simultaneousOpen({ config: { receiveBuffer: 2048 } })
    t.arrives({ flags: 'SYN,ACK', seq: 5000, ack: 1001, data: 4000 }).is('ESTABLISHED')
    assert.ok(t.tcb.receiveQueue.length <= 2048, `${t.tcb.receiveQueue.length} octets held`)
  })

  it('our SYN alone acknowledged (U-25): the data goes again by itself', () => {
    const t = inState('LISTEN')
    t.send('query')
    t.sends({ flags: 'SYN' })
    t.arrives({ flags: 'SYN,ACK', seq: 5000, ack: 1001 }).sends({
      flags: 'PSH,ACK',
      seq: 1001,
      data: 'query',
    })
  })
})

describe('what short summaries get wrong', () => {
  it('CLOSE_WAIT is entered on receiving a FIN, and left on sending one', () => {
    const t = established()
    t.arrives({ flags: 'FIN,ACK' }).is('CLOSE_WAIT').sends({ flags: 'ACK' })
    t.close().sends({ flags: 'FIN,ACK' })
    t.is('LAST_ACK')
  })

  it('who closes first waits in TIME_WAIT, the server too', () => {
    const t = inState('SYN_RECEIVED')
    t.arrives().is('ESTABLISHED').close().sends({ flags: 'FIN,ACK' })
    t.arrives({ flags: 'FIN,ACK' }).is('TIME_WAIT')
  })

  it('after CLOSING comes TIME_WAIT', () => void inState('CLOSING').arrives().is('TIME_WAIT'))

  it('SYN and FIN count one each, an ACK nothing', () => {
    const t = established()
    assert.equal(t.tcb.sndNxt, 1001)
    t.arrives({ seq: 5001 + 99_999 }).sends({ flags: 'ACK' })
    assert.equal(t.tcb.sndNxt, 1001)
    t.close().sends({ flags: 'FIN,ACK' })
    assert.equal(t.tcb.sndNxt, 1002)
  })

  it('half closed may last for ever: nothing is closed on behalf of the application', () => {
    const t = inState('CLOSE_WAIT')
    t.at(1e9).is('CLOSE_WAIT').sendsNothing()
    t.send('still here')
    t.sends({ flags: 'PSH,ACK', seq: 1001, ack: 5002, data: 'still here' })
    const other = inState('FIN_WAIT_2')
    other.at(1e9).arrives({ data: 'still here' }).reads('still here').is('FIN_WAIT_2')
  })

  it('the handshake ends with any acceptable ACK, its third segment or not', () => {
    const t = inState('SYN_RECEIVED')
    t.arrives({ seq: 5011, ack: 1001, data: 'later' }).is('ESTABLISHED').sends({ flags: 'ACK', ack: 5001 })
    t.arrives({ data: 'ten octets' }).reads('ten octetslater')
  })

  it('a RST is never answered and never sent again [U-08]', () => {
    for (const state of SYNCHRONIZED) {
      const t = inState(state)
      if (['CLOSING', 'LAST_ACK', 'TIME_WAIT'].includes(state)) continue
      t.abort().sends({ flags: 'RST' })
      assert.equal(t.tcb.deadline, Number.POSITIVE_INFINITY)
    }
  })
})

describe('returning to LISTEN', () => {
  it('leaves nothing of the failed handshake behind', () => {
    const t = inState('LISTEN')
    t.arrives({ flags: 'SYN', seq: 5000, data: 'old' }).drain()
    for (let i = 0; i < 3; i++) {
      t.expire()
      t.sends({ flags: 'SYN,ACK' })
    }
    t.arrives({ flags: 'RST', seq: 5001 }).is('LISTEN')
    t.arrives({ flags: 'SYN', seq: 9000, mss: 1460 }).sends({ flags: 'SYN,ACK', seq: 1000, ack: 9001 })
    assert.equal(t.expire(), 1000, 'the first RTO, not a backed-off one')
    t.sends({ flags: 'SYN,ACK' })
    t.arrives({ ack: 1001 }).is('ESTABLISHED').reads('')
  })

  it('what was queued for one peer is not sent to the next', () => {
    const t = inState('SYN_RECEIVED')
    t.send('for the first')
    t.arrives({ flags: 'RST', seq: 5001 }).is('LISTEN')
    t.arrives({ flags: 'SYN', seq: 9000 }).sends({ flags: 'SYN,ACK' })
    t.arrives({ ack: 1001 }).is('ESTABLISHED').sendsNothing()
  })

  it('a window scale that one peer refused is offered to the next', () => {
    const t = new Transcript({ config: { windowScaling: true, receiveBuffer: 1 << 20 } }).listen()
    t.arrives({ flags: 'SYN', seq: 5000 }).sends({ flags: 'SYN,ACK', windowScale: -1 })
    t.arrives({ flags: 'RST', seq: 5001 }).is('LISTEN')
    t.arrives({ flags: 'SYN', seq: 9000, windowScale: 2 }).sends({ flags: 'SYN,ACK', windowScale: 5 })
  })
})
