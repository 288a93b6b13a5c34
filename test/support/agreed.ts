import assert from 'node:assert/strict'
import type { Version } from './estab-host.js'
import type { LinuxConnection } from './linux-connection.js'

/** Options of SYNs, by the names of estab's settings: each is used if both ends want it. */
export type Wishes = Record<'timestamps' | 'sack' | 'windowScaling', boolean>

const MTU = 1500
/** The sizes of headers, by version. */
const headers = { 4: 40, 6: 60 }

/** estab's status and `ss -ti` say the same of the options of a connection's SYNs. */
export async function sameOfOptions(
  c: LinuxConnection,
  version: Version,
  expected: Wishes,
  what: string,
): Promise<void> {
  const info = await c.kernelInfo()
  const status = c.end.socket.status()
  for (const name of ['timestamps', 'sack', 'windowScaling'] as const)
    assert.equal(status[name], expected[name], `${what}: estab, ${name}`)
  assert.equal(info['ts'] === 'yes', expected.timestamps, `${what}: the kernel, timestamps`)
  assert.equal(info['sack'] === 'yes', expected.sack, `${what}: the kernel, SACK`)
  // The kernel names first what it shifts the peer's window by, then its own.
  const scales = expected.windowScaling ? `${status.rcvWscale},${status.sndWscale}` : undefined
  assert.equal(info['wscale'], scales, `${what}: window scale`)
  if (expected.windowScaling) assert.ok(status.rcvWscale > 0 && status.sndWscale > 0, `${what}: by nothing`)
  else assert.equal(status.rcvWscale + status.sndWscale, 0, `${what}: estab scales`)
  const mss = MTU - headers[version] - (expected.timestamps ? 12 : 0)
  assert.equal(status.sndMss, mss, `${what}: estab's MSS`)
  assert.equal(Number(info['mss']), mss, `${what}: the kernel's MSS`)
}
