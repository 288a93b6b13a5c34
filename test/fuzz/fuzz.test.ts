import { describe, it } from 'node:test'
import { fuzzed } from './fuzzed.js'

/** Half of the million; the other half is in `fuzz-streams.test.ts`, so that two cores can share them. */

describe('anything at all, from anybody', () => {
  it('on a link that carries IP packets: 300,000 packets', () => fuzzed('hostile', 'ip', 1, 300_000))
  it('on Ethernet: 200,000 packets', () => fuzzed('hostile', 'ethernet', 2_000_001, 200_000))
})
