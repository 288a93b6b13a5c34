// What the two ends agree on in their SYNs: estab's account of it and that of `ss -ti` must be the same.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import type { TcpConfig } from '../../src/tcp/config.js'
import { kernelTest } from '../support/kernel.js'
import { type Connection, fromEstab, fromKernel } from '../support/kernel-connection.js'
import { Content, KiB, MiB } from '../support/kernel-content.js'

const variants: [name: string, tcp: Partial<TcpConfig>][] = [
  ['all options', {}],
  ['no timestamps', { timestamps: false }],
  ['no SACK', { sack: false }],
  ['no window scaling', { windowScaling: false }],
  ['no options at all', { timestamps: false, sack: false, windowScaling: false }],
]

/** The sizes of headers, by version. */
const headers = { 4: 40, 6: 60 }

async function agree(c: Connection, version: 4 | 6, mtu: number): Promise<void> {
  const info = await c.kernelInfo()
  const status = c.end.socket.status()
  assert.equal(info['ts'] === 'yes', status.timestamps, 'timestamps')
  assert.equal(info['sack'] === 'yes', status.sack, 'SACK')
  // The kernel names first what it shifts the peer's window by, then its own.
  const scales = status.windowScaling ? `${status.rcvWscale},${status.sndWscale}` : undefined
  assert.equal(info['wscale'], scales, 'window scale')
  const mss = mtu - headers[version]
  const payload = mss - (status.timestamps ? 12 : 0)
  assert.equal(Number(info['mss']), payload, `the kernel's MSS`)
  assert.equal(status.sndMss, payload, `estab's MSS`)
  assert.equal(Number(info['advmss']), payload)
  assert.equal(status.advMss, mss)
  assert.equal(Number(info['pmtu']), mtu)
  assert.equal(status.pmtuSegment, mss + 20)
}

for (const version of [4, 6] as const) {
  describe(`what estab and the kernel agree on, IPv${version}`, kernelTest, () => {
    for (const [name, tcp] of variants) {
      it(`${name}: the kernel asks, estab asks [MUST-14 RFC 7323]`, async t => {
        const asked = await fromKernel(t, version, { tcp })
        await agree(asked, version, 1500)
        const asking = await fromEstab(t, version, { tcp })
        await agree(asking, version, 1500)
        for (const { end } of [asked, asking]) {
          const status = end.socket.status()
          assert.equal(status.timestamps, tcp.timestamps ?? true)
          assert.equal(status.sack, tcp.sack ?? true)
          assert.equal(status.windowScaling, tcp.windowScaling ?? true)
        }
      })
    }

    for (const mtu of version === 4 ? [576, 1280, 9000] : [1280, 9000]) {
      it(`an MTU of ${mtu}`, async t => {
        const c = await fromKernel(t, version, { mtu })
        await agree(c, version, mtu)
      })
    }

    it('a route of the kernel that is narrower than its link: it says so in its MSS [MUST-14 MUST-16]', async t => {
      const c = await fromEstab(t, version)
      const { estab } = c.pair.hosts(version)
      const narrow = version === 4 ? 700 : 1300
      execFileSync('ip', ['route', 'add', estab, 'dev', c.pair.tun.name, 'mtu', String(narrow)])
      const end = c.pair.connect(version, c.kernelPort)
      await end.untilOpen()
      const inward = c.pair.gate.watch('in')
      const outward = c.pair.gate.watch('out')
      await c.python.run('c = l.accept()[0]')
      assert.equal(end.socket.status().sndMss, narrow - headers[version] - 12)
      const content = new Content(256 * KiB)
      const drained = c.python.run('drain(c)')
      await end.pour(content)
      end.socket.close()
      assert.deepEqual(await drained, [content.length, content.digest])
      const digest = await c.python.run(`pour(c, ${256 * KiB})`)
      await c.python.run('c.close()')
      await end.hashing().untilEnd()
      assert.equal(end.receivedBytes, 256 * KiB)
      assert.ok(Math.max(...outward.map(p => p.bytes.length)) === narrow)
      assert.ok(Math.max(...inward.map(p => p.bytes.length)) === narrow)
      assert.equal(typeof digest, 'string')
    })

    it('a window of a megabyte, all of it used by the kernel', async t => {
      const c = await fromKernel(t, version)
      c.end.hashing().pause()
      const poured = c.python.run(`pour(c, ${3 * MiB})`)
      // What is less than a unit of the scale the header cannot say: to the kernel the window is closed.
      const unit = 2 ** c.end.socket.status().rcvWscale
      await c.end.until(() => c.end.socket.status().rcvWnd < unit, 'a full window')
      assert.ok(c.end.socket.receiveQueued > MiB - 2 * unit, String(c.end.socket.receiveQueued))
      c.end.resume()
      const digest = await poured
      await c.python.run('c.close()')
      await c.end.untilEnd()
      assert.equal(c.end.receivedBytes, 3 * MiB)
      assert.equal(c.end.digest, digest)
      // More than 16 bits could say.
      assert.ok(c.end.socket.status().rcvWscale > 0)
    })

    it('a window of the kernel that 16 bits could not say, used by estab', async t => {
      // Whoever minds the round trip (HyStart++) stops well before: on a TUN it grows many times over.
      const c = await fromEstab(t, version, { tcp: { congestion: 'reno' } })
      const content = new Content(16 * MiB)
      const drained = c.python.run('drain(c)')
      let flight = 0
      const { writable } = c.end
      c.end.writable = () => {
        flight = Math.max(flight, c.end.socket.status().flight)
        writable.call(c.end)
      }
      await c.end.pour(content)
      c.end.socket.close()
      assert.deepEqual(await drained, [content.length, content.digest])
      assert.ok(flight > 128 * KiB, `at most ${flight} bytes were in flight`)
    })
  })
}
