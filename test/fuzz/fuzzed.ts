import assert from 'node:assert/strict'
import type { Mode } from './actions.js'
import { poolOf, readCorpus } from './corpus.js'
import { playMany } from './report.js'

/** What packets and calls cannot reach in a `Stack` (docs/fuzzing.md says why). */
export const NEVER = {
  transitions: ['T03 LISTEN', 'T04 LISTEN', 'T26 LISTEN'],
  // SYNFIN: only `dropSynFin` says it, a choice of the FreeBSD profile, and no world takes that.
  reactions: ['R07', 'R32', 'SYNFIN'],
  // A stack alone has no ring.
  drops: ['ring-full'] as readonly string[],
}

/** How many of the rarest places a run of this size may miss: which ones changes with every change of the stack. */
const MISSED = 4

const isOfEthernet = (key: string): boolean => /^(ethernet|arp|ndp)-/.test(key)

/**
 * Plays worlds until so many packets were given; a failure says how to see it again. A fuzzer that does not get
 * anywhere finds nothing: nearly all there is must have been reached.
 */
export function fuzzed(mode: Mode, kind: 'ip' | 'ethernet', from: number, packets: number): void {
  const { coverage } = playMany({ from, packets, mode, kind, pool: poolOf(readCorpus()) })
  const { missing, transitions, reactions, drops } = coverage
  if (mode === 'scripted') {
    for (const id of ['T18 FIN_WAIT_1', 'T20 CLOSING', 'T22 LAST_ACK', 'T23 TIME_WAIT'])
      assert.ok(transitions.has(id), `${id} was not taken`)
    for (const key of ['R19 ESTABLISHED', 'R20 ESTABLISHED', 'R25 ESTABLISHED'])
      assert.ok(reactions.has(key), `${key} was not seen`)
    assert.ok(drops.has('tcp-bad-checksum'))
    return
  }
  const ids = new Set([...transitions.keys()].map(key => key.split(' ')[0]))
  const places = {
    // A transition from any of the states that it leads from.
    transitions: missing.transitions.filter(key => !ids.has(key.split(' ')[0])),
    reactions: missing.reactions,
    drops: missing.drops.filter(reason => kind === 'ethernet' || !isOfEthernet(reason)),
  }
  for (const name of ['transitions', 'reactions', 'drops'] as const) {
    const left = places[name].filter(key => !NEVER[name].includes(key))
    assert.ok(left.length <= MISSED, `${name} that were not reached: ${left.join(', ')}`)
    // Whoever makes one of these reachable should say so here and in docs/fuzzing.md.
    assert.deepEqual(
      NEVER[name].filter(key => !missing[name].includes(key)),
      [],
    )
  }
}
