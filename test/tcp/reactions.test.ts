import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { arrivesInClosed } from '../../src/tcp/closed.js'
import { REACTIONS, type ReactionId } from '../../src/tcp/reactions.js'
import { TransmitSlot } from '../../src/tcp/slot.js'
import { STATE_NAMES, type State } from '../../src/tcp/states.js'
import { stackFrom } from '../support/stranger.js'
import {
  type Fields,
  flagBits,
  inState,
  type Setup,
  SYNCHRONIZED,
  seen,
  simultaneousOpen,
  Transcript,
} from '../support/transcript.js'

/**
 * What does not move a connection: for each row of REACTIONS and each state it names, what is sent, and that neither
 * the state nor SND.UNA, RCV.NXT or the right edge changes but where the row says so.
 */

type Named = State | 'SYN_RECEIVED (active)'

const begin = (state: Named, setup: Setup = {}) =>
  state === 'SYN_RECEIVED (active)' ? simultaneousOpen(setup) : inState(state, setup)

function reaction(
  id: ReactionId,
  states: readonly Named[],
  title: string,
  body: (t: Transcript, state: Named) => void,
  setup: Setup = {},
): void {
  for (const state of states)
    it(`${id} ${state}: ${title}`, () => {
      const t = begin(state, setup)
      const steps = t.path.length
      const { rcvNxt, sndUna } = t.tcb
      body(t, state)
      assert.deepEqual(t.path.slice(steps), [], 'the state changed')
      assert.ok(t.reactions.includes(id), `${id} was not the reaction, but ${t.reactions}`)
      if (id !== 'R24') assert.equal(t.tcb.rcvNxt, rcvNxt, 'RCV.NXT moved')
      if (id !== 'R33') assert.equal(t.tcb.sndUna, sndUna, 'SND.UNA moved')
    })
}

/** An empty ACK that says where we are: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, and no more than that. */
function acknowledges(t: Transcript): void {
  t.sends({ flags: 'ACK', seq: t.tcb.sndNxt, ack: t.tcb.rcvNxt })
  t.sendsNothing()
}

/** A RST at the number that was acknowledged, without ACK. */
function resets(t: Transcript, seq: number): void {
  t.sends({ flags: 'RST', seq, ack: 0, window: 0 })
  t.sendsNothing()
}

const HANDSHAKE = ['SYN_RECEIVED', 'SYN_RECEIVED (active)'] as const
const RECEIVING = ['ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2'] as const
const AFTER_FIN = ['CLOSE_WAIT', 'CLOSING', 'LAST_ACK', 'TIME_WAIT'] as const
const OPEN = SYNCHRONIZED.filter(state => state !== 'TIME_WAIT')

describe('CLOSED', () => {
  const arrives = (fields: Fields) => {
    const slot = new TransmitSlot()
    const id = arrivesInClosed(new Transcript().build(fields), slot)
    seen.reactions.add(id)
    return [id, slot.flags, slot.seq, slot.ack] as const
  }
  const none = [0, 0, 0]

  it('R01 CLOSED: a RST is not answered [U-05 U-08 U-23]', () => {
    assert.deepEqual(arrives({ flags: 'RST', seq: 7 }), ['R01', ...none])
    assert.deepEqual(arrives({ flags: 'RST,ACK,SYN,FIN', seq: 7, ack: 9, data: 3 }), ['R01', ...none])
  })

  const lengths: [string, number, number][] = [
    ['SYN', 0, 1],
    ['FIN', 0, 1],
    ['SYN,FIN', 0, 2],
    ['SYN', 10, 11],
    ['SYN,FIN', 10, 12],
    ['', 10, 10],
    ['', 0, 0],
  ]
  for (const [flags, data, length] of lengths)
    it(`R02 CLOSED: <${flags}> with ${data} octets: RST,ACK over all of it [U-05]`, () => {
      const rst = flagBits('RST,ACK')
      assert.deepEqual(arrives({ flags, seq: 7, data }), ['R02', rst, 0, 7 + length])
      assert.deepEqual(arrives({ flags, seq: -1, data }), ['R02', rst, 0, length - 1])
    })

  it('R03 CLOSED: with ACK: RST at SEG.ACK [U-05]', () => {
    for (const flags of ['ACK', 'SYN,ACK', 'FIN,ACK'])
      assert.deepEqual(arrives({ flags, seq: 7, ack: 99, data: 5 }), ['R03', flagBits('RST'), 99, 0])
  })
})

describe('LISTEN', () => {
  reaction('R04', ['LISTEN'], 'RST: nothing [U-09]', t => {
    t.arrives({ flags: 'RST', seq: 7 }).arrives({ flags: 'RST,ACK,SYN', seq: 7, ack: 9 }).sendsNothing()
  })

  reaction('R05', ['LISTEN'], 'ACK: RST at SEG.ACK [U-06]', t => {
    for (const flags of ['ACK', 'SYN,ACK', 'FIN,ACK']) {
      t.arrives({ flags, seq: 7, ack: 99, data: 5 })
      resets(t, 99)
    }
  })

  reaction('R06', ['LISTEN'], 'neither SYN nor ACK: nothing [U-23]', t => {
    for (const flags of ['', 'FIN', 'PSH,URG'])
      t.arrives({ flags, seq: 7, data: 5 }).reacts('R06').sendsNothing()
  })

  const strange: [string, string, string][] = [
    ['to the broadcast address', '10.0.0.2', '255.255.255.255'],
    ["to the subnet's broadcast address", '10.0.0.2', '10.0.0.255'],
    ['to a multicast group', '10.0.0.2', '224.0.0.1'],
    ['from a multicast group', '224.0.0.1', '10.0.0.1'],
    ['from the broadcast address', '255.255.255.255', '10.0.0.1'],
    ["from the subnet's broadcast address", '10.0.0.255', '10.0.0.1'],
    ['from 0.0.0.0', '0.0.0.0', '10.0.0.1'],
    ['from loopback', '127.0.0.1', '10.0.0.1'],
    ['from ourselves (LAND)', '10.0.0.1', '10.0.0.1'],
    ['to all IPv6 nodes', 'fd00::2', 'ff02::1'],
    ['from an IPv6 group', 'ff02::1', 'fd00::1'],
    ['from ::', '::', 'fd00::1'],
    ['from ::1', '::1', 'fd00::1'],
  ]
  for (const [title, from, to] of strange)
    it(`R07 LISTEN: SYN ${title}: nothing [MUST-57 MUST-63]`, () => {
      const { syn, sent, stack } = stackFrom(['10.0.0.1/24', 'fd00::1/64'])
      syn(from, to, 80)
      assert.equal(sent.length, 0)
      assert.equal(stack.census.halfOpen, 0)
      // The same from an honest address is answered.
      syn(from.includes(':') ? 'fd00::2' : '10.0.0.2', from.includes(':') ? 'fd00::1' : '10.0.0.1', 80)
      assert.equal(sent.length, 1)
      seen.reactions.add('R07')
    })
})

describe('SYN_SENT', () => {
  for (const ack of [1000, 999, 1002, -5])
    reaction('R08', ['SYN_SENT'], `ACK ${ack} is not for our SYN: RST there, and it goes on [U-06]`, t => {
      for (const flags of ['ACK', 'SYN,ACK', 'FIN,ACK']) {
        t.arrives({ flags, seq: 5000, ack })
        resets(t, ack >>> 0)
      }
      assert.equal(t.expire(), 1000)
      t.sends({ flags: 'SYN', seq: 1000 })
    })

  reaction('R09', ['SYN_SENT'], 'the same with RST: nothing [U-08 U-09]', t => {
    for (const ack of [1000, 999, 1002]) t.arrives({ flags: 'RST,ACK', seq: 5000, ack }).sendsNothing()
  })

  reaction('R10', ['SYN_SENT'], 'RST without ACK: nothing [U-09]', t => {
    t.arrives({ flags: 'RST', seq: 5000 }).arrives({ flags: 'RST,SYN', seq: 5000 }).sendsNothing()
  })

  reaction('R11', ['SYN_SENT'], 'acceptable ACK without SYN: nothing [U-23]', t => {
    t.arrives({ seq: 5000, ack: 1001 }).arrives({ flags: 'FIN,ACK', seq: 5000, ack: 1001, data: 3 })
    t.reacts('R11').sendsNothing()
  })

  reaction('R12', ['SYN_SENT'], 'FIN or data without SYN: nothing [U-23]', t => {
    for (const flags of ['', 'FIN', 'FIN,PSH,URG'])
      t.arrives({ flags, seq: 5000, data: 3 }).reacts('R12').sendsNothing()
  })
})

describe('SYN_RECEIVED', () => {
  reaction('R13', HANDSHAKE, 'the SYN again: our SYN,ACK again', t => {
    t.arrives({ flags: 'SYN', seq: 5000 })
    t.sends({ flags: 'SYN,ACK', seq: 1000, ack: 5001 })
    t.sendsNothing()
  })

  for (const ack of [1000, 1002])
    reaction('R14', HANDSHAKE, `ACK ${ack} acknowledges something else: RST there [U-06]`, t => {
      t.arrives({ ack })
      resets(t, ack)
    })

  reaction('R15', HANDSHAKE, 'no ACK: nothing', t => {
    for (const flags of ['', 'FIN', 'PSH,URG']) t.arrives({ flags, data: 3 }).reacts('R15').sendsNothing()
  })

  reaction('R16', ['SYN_RECEIVED (active)'], 'another SYN in the window: challenge ACK', t => {
    t.arrives({ flags: 'SYN', seq: 5002 })
    acknowledges(t)
    t.arrives({ flags: 'SYN,ACK', seq: 5002 })
    acknowledges(t)
  })

  reaction('R17', HANDSHAKE, 'outside the window: ACK', t => {
    t.arrives({ seq: 5001 + 40_000, data: 3 })
    acknowledges(t)
  })
})

describe('synchronized', () => {
  for (const [title, offset, data] of [
    ['before the window', -20, 10],
    ['right before RCV.NXT', -10, 10],
    ['at the right edge', 32768, 10],
    ['far beyond it', 1_000_000, 10],
    ['empty, before RCV.NXT', -1, 0],
    ['empty, beyond the right edge', 32769, 0],
  ] as const)
    reaction('R17', SYNCHRONIZED, `${title}: ACK, dropped [U-03 U-07]`, t => {
      const edge = t.tcb.rcvAdv - t.tcb.rcvNxt
      t.arrives({
        seq: t.tcb.rcvNxt + (offset >> 15 === 1 ? edge + (offset & 1) : offset),
        ack: t.tcb.sndUna,
        data,
      })
      acknowledges(t)
    })

  reaction('R17', SYNCHRONIZED, 'empty segments are answered ten times a second, no more (D01) [U-07]', t => {
    let answers = 0
    for (let i = 0; i < 100; i++) answers += t.arrives({ seq: t.tcb.rcvNxt - 1000 }).drain().length
    assert.equal(answers, 10)
  })

  for (const offset of [-1, 32768, 1_000_000])
    it(`R18: RST at RCV.NXT${offset < 0 ? offset : `+${offset}`}, outside the window: nothing, in every state [U-09 U-18]`, () => {
      for (const state of [...SYNCHRONIZED, ...HANDSHAKE]) {
        const t = begin(state)
        const at = offset === 32768 ? t.tcb.rcvAdv : t.tcb.rcvNxt + offset
        t.arrives({ flags: 'RST', seq: at }).sendsNothing()
        t.reacts(state === 'TIME_WAIT' ? 'TW_RST' : 'R18')
        t.is(state.startsWith('SYN_RECEIVED') ? 'SYN_RECEIVED' : (state as State))
      }
    })

  for (const offset of [1, 1000])
    reaction(
      'R19',
      [...OPEN, ...HANDSHAKE],
      `RST at RCV.NXT+${offset}, in the window: challenge ACK [U-09 U-18]`,
      t => {
        t.arrives({ flags: 'RST', seq: t.tcb.rcvNxt + offset })
        acknowledges(t)
      },
    )

  for (const offset of [-100_000, -1, 0, 1, 1000, 100_000])
    reaction(
      'R20',
      SYNCHRONIZED,
      `SYN at RCV.NXT${offset < 0 ? offset : `+${offset}`}: challenge ACK [U-19 U-07]`,
      t => {
        t.arrives({ flags: 'SYN', seq: t.tcb.rcvNxt + offset })
        acknowledges(t)
      },
      { config: { rfc6191: false } },
    )

  reaction('R21', SYNCHRONIZED, 'ACK beyond SND.NXT: ACK, dropped [U-07]', t => {
    t.arrives({ ack: t.tcb.sndNxt + 1, data: 'forged' })
    acknowledges(t)
    t.reads('')
  })

  reaction('R22', SYNCHRONIZED, 'ACK below SND.UNA-MAX.SND.WND: ACK, dropped [MAY-12 U-07]', t => {
    t.arrives({ ack: t.tcb.sndUna - t.tcb.maxSndWnd - 1, data: 'forged' })
    acknowledges(t)
    t.reads('')
  })

  reaction('R23', OPEN, 'an empty ACK at the right edge, from whoever has filled the window, counts', t => {
    t.arrives({ seq: t.tcb.rcvAdv, ack: t.tcb.sndUna }).sendsNothing().reacts('R23')
  })

  reaction('R23', SYNCHRONIZED, 'ACK of nothing new, within range: nothing', t => {
    t.arrives({ ack: t.tcb.sndUna }).sendsNothing().reacts('R23')
    t.arrives({ ack: t.tcb.sndUna - t.tcb.maxSndWnd }).sendsNothing()
  })

  it('R23 ESTABLISHED: the text beside an old ACK is taken', () => {
    const t = inState('ESTABLISHED')
    t.arrives({ ack: t.tcb.sndUna - 1, data: 'taken' }).reads('taken')
  })

  reaction('R35', OPEN, 'no ACK: nothing', t => {
    for (const flags of ['', 'FIN', 'PSH,URG'])
      t.arrives({ flags, data: 'lost' }).reacts('R35').sendsNothing()
  })

  it('R35 TIME_WAIT: no ACK: nothing', () => {
    const t = inState('TIME_WAIT')
    for (const flags of ['', 'FIN', 'PSH,URG'])
      t.arrives({ flags, data: 'lost' }).is('TIME_WAIT').sendsNothing()
  })
})

describe('text', () => {
  reaction('R24', RECEIVING, 'in order: delivered, and acknowledged', t => {
    const ack = t.tcb.sndUna
    t.arrives({ ack, data: 'hello ' }).arrives({ ack, data: 'world!' })
    t.sends({ flags: 'ACK', seq: t.tcb.sndNxt, ack: 5013 })
    t.sendsNothing().reads('hello world!')
  })

  reaction('R25', RECEIVING, 'out of order: kept, and announced at once, each [SHLD-31 MAY-13]', t => {
    const ack = t.tcb.sndUna
    t.arrives({ ack, seq: 5011, data: 'later' }).arrives({ ack, seq: 5016, data: 'still' })
    t.sends({ flags: 'ACK', ack: 5001, sack: [] })
    t.sends({ flags: 'ACK', ack: 5001 })
    t.sendsNothing().reads('')
    assert.deepEqual([t.tcb.reassembly!.bytes, t.tcb.reassembly!.count], [10, 1])
  })

  it('R25 ESTABLISHED: with SACK the ACK says what is here [RFC 2018]', () => {
    const t = inState('ESTABLISHED', { config: { sack: true }, syn: { sackPermitted: true } })
    t.arrives({ seq: 5011, data: 'later' }).sends({ flags: 'ACK', ack: 5001, sack: [[5011, 5016]] })
  })

  reaction('R26', AFTER_FIN, 'text after the FIN: ignored [U-24]', t => {
    t.arrives({ ack: t.tcb.sndUna, data: 'late' }).sendsNothing().reads('')
  })

  it('R26: URG after the FIN: ignored [U-24]', () => {
    for (const state of AFTER_FIN) {
      const t = inState(state)
      t.arrives({ flags: 'URG,ACK', ack: t.tcb.sndUna, urgent: 5 }).sendsNothing().tells().is(state)
    }
  })

  reaction('R27', ['CLOSE_WAIT', 'CLOSING', 'LAST_ACK'], 'the FIN again: ACK again', t => {
    t.arrives({ flags: 'FIN,ACK', seq: 5001, ack: t.tcb.sndUna })
    acknowledges(t)
  })

  reaction('R28', ['TIME_WAIT'], 'the FIN again: ACK again, and 2MSL begin again [MUST-13]', t => {
    t.at(59_000).arrives({ flags: 'FIN,ACK', seq: 5001 })
    acknowledges(t)
    assert.equal(t.tcb.deadline, 119_000)
  })

  /** Fills the receive buffer, so that the window is closed. */
  const full = (t: Transcript) => {
    while (t.tcb.rcvWnd > 0) t.arrives({ ack: t.tcb.sndUna, data: Math.min(1460, t.tcb.rcvWnd) }).drain()
  }
  for (const state of RECEIVING)
    describe(`R33 ${state}: the window is closed`, () => {
      const setup = { config: { receiveBuffer: 4096 } }
      const closed = () => {
        const t = inState(state, setup)
        full(t)
        return t
      }

      it('text is dropped and answered with an ACK and window 0 [U-15 U-22]', () => {
        const t = closed()
        const { rcvNxt } = t.tcb
        t.arrives({ ack: t.tcb.sndUna, data: 'probe' }).reacts('R33').is(state)
        t.sends({ flags: 'ACK', ack: rcvNxt, window: 0 })
        t.sendsNothing()
        assert.equal(t.tcb.rcvNxt, rcvNxt)
      })

      it('the ACK beside it counts [MUST-66]', () => {
        const t = closed()
        if (state === 'ESTABLISHED') t.send('data')
        t.drain()
        t.arrives({ ack: t.tcb.sndNxt, data: 'probe' })
        assert.equal(t.tcb.sndUna, t.tcb.sndNxt)
        t.is(state === 'FIN_WAIT_1' ? 'FIN_WAIT_2' : state)
      })

      it('URG beside it is told [MUST-66]', () => {
        const t = closed()
        t.tcb.events = 0
        t.arrives({ flags: 'URG,ACK', ack: t.tcb.sndUna, data: 'probe', urgent: 5 }).tells('URGENT')
      })

      it('RST resets [MUST-66]', () => {
        closed().arrives({ flags: 'RST' }).is('CLOSED').failedWith('ECONNRESET')
      })

      it('RST with text resets [SHLD-2 MUST-66]', () => {
        closed().arrives({ flags: 'RST', data: 'because' }).is('CLOSED').failedWith('ECONNRESET')
      })
    })
})

describe('calls', () => {
  reaction('R29', ['FIN_WAIT_1', 'FIN_WAIT_2'], 'a second CLOSE: closing, and no second FIN [U-26]', t => {
    t.refuses(() => t.close(), /connection closing/).sendsNothing()
  })

  reaction('R30', ['CLOSING', 'LAST_ACK', 'TIME_WAIT'], 'CLOSE, SEND, RECEIVE: closing [U-26 U-27]', t => {
    t.refuses(() => t.close(), /connection closing/).reacts('R30')
    t.refuses(() => t.send('more'), /connection closing/).reacts('R30')
    t.refuses(() => t.read(), /connection closing/)
      .reacts('R30')
      .sendsNothing()
  })

  reaction('R30', ['FIN_WAIT_1', 'FIN_WAIT_2'], 'SEND after CLOSE: closing [U-27]', t => {
    t.refuses(() => t.send('more'), /connection closing/).sendsNothing()
  })

  reaction('R30', ['CLOSE_WAIT'], 'RECEIVE when all is read: closing [U-28]', t => {
    t.refuses(() => t.read(), /connection closing/).sendsNothing()
  })

  reaction('R31', ['CLOSED'], 'any call but OPEN: there is no connection', t => {
    const calls = [() => t.send('x'), () => t.read(), () => t.close(), () => t.abort()]
    for (const call of calls) t.refuses(call, /connection does not exist/).reacts('R31')
    t.sendsNothing()
  })

  reaction(
    'R32',
    STATE_NAMES.filter(s => s !== 'CLOSED' && s !== 'LISTEN'),
    'OPEN: there is one already',
    t => {
      t.refuses(() => t.connect(), /connection already exists/)
      t.refuses(() => t.listen(), /connection already exists/).sendsNothing()
    },
  )

  it('R32 LISTEN: passive OPEN: there is one already', () => {
    const t = inState('LISTEN')
    t.refuses(() => t.listen(), /connection already exists/).is('LISTEN')
  })
})

describe('ICMP', () => {
  const soft = { kind: 'unreachable', cause: 'host', message: 'host unreachable' } as const
  const hard = { kind: 'unreachable', cause: 'port', message: 'port unreachable' } as const
  const sending = (t: Transcript) => {
    if (t.tcb.flight > 0) return
    t.send('data')
    t.drain()
  }
  const SENDING = [
    'SYN_SENT',
    ...HANDSHAKE,
    'ESTABLISHED',
    'FIN_WAIT_1',
    'CLOSE_WAIT',
    'CLOSING',
    'LAST_ACK',
  ] as const

  reaction('R34', SENDING, 'a soft error is reported, no more [MUST-56 SHLD-25 RFC 5461]', t => {
    sending(t)
    t.icmp(soft).tells('SOFT_ERROR').sendsNothing()
    assert.equal(t.tcb.softError?.code, 'EHOSTUNREACH')
  })

  reaction(
    'R34',
    SENDING.slice(1),
    'a hard error is a soft one once there is a connection [SHLD-26 RFC 5927 RFC 5461]',
    t => {
      sending(t)
      t.icmp(hard).tells('SOFT_ERROR').sendsNothing()
    },
  )

  it('R34: an error about what is not in flight is ignored, in every state [MUST-54 RFC 5927]', () => {
    for (const state of STATE_NAMES) {
      const t = inState(state)
      for (const error of [soft, hard]) for (const seq of [t.tcb.sndUna - 1, t.tcb.sndNxt]) t.icmp(error, seq)
      t.is(state).tells().sendsNothing()
    }
  })
})

it('every reaction of the table is taken by a test of this file', () => {
  const all = Object.keys(REACTIONS).filter(id => /^R\d\d$/.test(id)) as ReactionId[]
  assert.deepEqual(
    all.filter(id => !seen.reactions.has(id)),
    [],
  )
})
