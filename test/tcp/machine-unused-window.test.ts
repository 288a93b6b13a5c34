import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { established, type Transcript } from '../support/transcript.js'

/** What becomes of a window that nobody uses: RFC 5681 section 4.1, RFC 7661. */

const MINUTE = 60_000
const MSS = 1000

/** Sends and is acknowledged until the window is `segments` large; the initial one is ten. */
function grown(unusedWindow: 'restart' | 'halve' | 'keep', segments: number): Transcript {
  const t = established({
    config: { unusedWindow, congestion: 'reno', nagle: false, windowScaling: true },
    syn: { mss: MSS, windowScale: 4 },
  })
  for (let round = 0; round < 20 && t.tcb.congestion.cwnd < segments * MSS; round++)
    say(t, Math.floor(t.tcb.congestion.cwnd / MSS) * MSS)
  return t
}

/** So many octets go out and are acknowledged at once, fifty milliseconds later. */
function say(t: Transcript, length: number): void {
  t.send(length)
  t.drain()
  t.advance(50).arrives({ ack: t.tcb.sndNxt })
}

describe('a window that is not used', () => {
  it("'restart': after an RTO of silence it is the initial one [RFC 5681]", () => {
    const t = grown('restart', 40)
    t.advance(MINUTE)
    say(t, MSS)
    assert.equal(t.tcb.congestion.cwnd, 10 * MSS)
  })

  it("'keep': it stays", () => {
    const t = grown('keep', 40)
    const { cwnd } = t.tcb.congestion
    t.advance(60 * MINUTE)
    say(t, MSS)
    assert.equal(t.tcb.congestion.cwnd, cwnd)
  })

  it("'halve': it stays for five minutes, then half of it goes, down to the initial one [RFC 7661]", () => {
    const t = grown('halve', 40)
    const { cwnd } = t.tcb.congestion
    const began = t.tcb.validatedAt
    t.at(began + 4 * MINUTE)
    say(t, MSS)
    assert.equal(t.tcb.congestion.cwnd, cwnd)
    t.at(began + 5 * MINUTE)
    say(t, MSS)
    assert.equal(t.tcb.congestion.cwnd, cwnd / 2)
    assert.equal(t.tcb.congestion.ssthresh, Number.POSITIVE_INFINITY)
    t.at(began + 14 * MINUTE)
    say(t, MSS)
    assert.equal(t.tcb.congestion.cwnd, Math.max(10 * MSS, cwnd / 4))
    t.at(began + 60 * MINUTE)
    say(t, MSS)
    assert.equal(t.tcb.congestion.cwnd, 10 * MSS)
  })

  it("'halve': also where a little is said all the time, and not where half of it is used [RFC 7661]", () => {
    const idle = grown('halve', 40)
    const busy = grown('halve', 40)
    const { cwnd } = idle.tcb.congestion
    for (let minute = 0; minute < 11; minute++) {
      for (const [t, length] of [
        [idle, MSS],
        [busy, cwnd / 2],
      ] as const) {
        say(t, length)
        t.advance(MINUTE)
      }
    }
    assert.equal(idle.tcb.congestion.cwnd, Math.max(10 * MSS, cwnd / 4))
    assert.ok(busy.tcb.congestion.cwnd >= cwnd)
  })
})
