import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const PROGRAM = fileURLToPath(new URL('../support/million-segments.js', import.meta.url))
/** MB for new objects: 16 bytes for each segment fill it once. */
const SPACE = ['--min-semi-space-size=16', '--max-semi-space-size=16']

async function play(what: string): Promise<{ collections: number; segments: number; each: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [...SPACE, PROGRAM, what])
  return JSON.parse(stdout) as { collections: number; segments: number; each: number }
}

describe('a million segments in steady state', () => {
  for (const length of [1448, 100, 1])
    it(`received and read, ${length} octets in each: no garbage`, async () => {
      const { collections, segments, each } = await play(String(length))
      assert.deepEqual([segments, each], [1_000_000, length])
      // None, as a rule. Now and then the compiler leaves a number in a box; a view for each segment would be seven.
      assert.ok(collections <= 3, `${collections} collections`)
    })

  it('sent: not more than one view of the bytes for each', async () => {
    const { collections } = await play('send')
    assert.ok(collections <= 12, `${collections} collections`)
  })
})
