import { describe, it } from 'node:test'
import { fuzzed } from './fuzzed.js'

/** The other half of the million (`fuzz.test.ts`). */

describe('anything, but of a byte that comes twice both copies are the same', () => {
  it('on a link that carries IP packets: 150,000 packets', () =>
    fuzzed('consistent', 'ip', 4_000_001, 150_000))
  it('on Ethernet: 100,000 packets', () => fuzzed('consistent', 'ethernet', 6_000_001, 100_000))
})

describe('proper peers on a bad path, and a stranger', () => {
  it('on a link that carries IP packets: 150,000 packets', () => fuzzed('scripted', 'ip', 8_000_001, 150_000))
  it('on Ethernet: 100,000 packets', () => fuzzed('scripted', 'ethernet', 10_000_001, 100_000))
})
