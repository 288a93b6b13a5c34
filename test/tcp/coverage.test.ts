import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { enter } from '../../src/tcp/enter.js'
import { mayTake, STATE_NAMES, type State, TRANSITION_LIST } from '../../src/tcp/states.js'
import { Transcript } from '../support/transcript.js'

/** The table itself. That each of its edges is taken is checked where they are taken: transitions, reactions. */

const inTable = (from: State, to: State) =>
  TRANSITION_LIST.filter(row => row.to === to && row.from.includes(from))

describe('enter', () => {
  for (const { id, from, to } of TRANSITION_LIST)
    it(`${id} leads from ${from.join(', ')} to ${to}, and from nowhere else`, () => {
      for (const state of STATE_NAMES) {
        const t = new Transcript()
        t.tcb.state = state
        const legal = (from as readonly State[]).includes(state)
        assert.equal(mayTake(id, state), legal)
        if (legal) {
          enter(t.tcb, id, 0)
          t.is(to)
        } else {
          assert.throws(() => enter(t.tcb, id, 0), {
            message: `estab: illegal transition ${id} from ${state}`,
          })
          t.is(state)
        }
      }
    })
})

describe('moves that no TCP makes', () => {
  const never: [State, State][] = [
    ['LISTEN', 'ESTABLISHED'],
    ['CLOSED', 'SYN_RECEIVED'],
    ['SYN_SENT', 'LISTEN'],
    ['SYN_SENT', 'FIN_WAIT_1'],
    ['ESTABLISHED', 'TIME_WAIT'],
    ['ESTABLISHED', 'LAST_ACK'],
    ['CLOSE_WAIT', 'TIME_WAIT'],
    ['CLOSE_WAIT', 'FIN_WAIT_1'],
    ['CLOSE_WAIT', 'FIN_WAIT_2'],
    ['CLOSE_WAIT', 'CLOSING'],
    ['FIN_WAIT_2', 'CLOSING'],
    ['FIN_WAIT_2', 'FIN_WAIT_1'],
    ['CLOSING', 'FIN_WAIT_2'],
    ['LAST_ACK', 'TIME_WAIT'],
    ['TIME_WAIT', 'ESTABLISHED'],
  ]
  for (const [from, to] of never) it(`${from} → ${to}`, () => assert.deepEqual(inTable(from, to), []))

  it('any state → itself', () => {
    for (const state of STATE_NAMES) assert.deepEqual(inTable(state, state), [])
  })

  it('CLOSING → CLOSED without a reset, an abort or a timeout', () => {
    const causes = inTable('CLOSING', 'CLOSED').map(row => row.cause)
    for (const cause of causes) assert.match(cause, /RST|ABORT|SYN in window|timeout|R2/)
  })
})

describe('the table', () => {
  it('leads to every state, and out of every state', () => {
    for (const state of STATE_NAMES) {
      assert.ok(
        TRANSITION_LIST.some(row => row.to === state),
        `nothing leads to ${state}`,
      )
      assert.ok(
        TRANSITION_LIST.some(row => row.from.includes(state)),
        `nothing leads out of ${state}`,
      )
    }
  })

  it('is in order, and complete in both languages', () => {
    const ids = TRANSITION_LIST.map(row => row.id)
    assert.deepEqual(ids, [...ids].sort())
    for (const row of TRANSITION_LIST) assert.ok(row.cause && row.section && row.en && row.zh, row.id)
  })
})
