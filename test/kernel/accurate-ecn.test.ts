// Accurate ECN (RFC 9768) with Linux: what each side says that arrived marked is what the gate between them has marked.
// Linux 6.18 has the code and refuses to turn it on (`net.ipv4.tcp_ecn` stops at 2). There what needs it is left out, and
// the scripts of Linux's own selftests are what there is (docs/drill.md).
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it, type TestContext } from 'node:test'
import type { TcpConfig } from '../../src/tcp/config.js'
import { kernelTest, type Version } from '../support/kernel.js'
import { type Connection, fromEstab, fromKernel } from '../support/kernel-connection.js'
import { Content, KiB } from '../support/kernel-content.js'
import { CE, ECT0, ecnField, kernelMarks, markAs, NOT_ECT } from '../support/kernel-ecn.js'
import { has } from '../support/kernel-gate.js'
import { sysctl } from '../support/kernel-sysctl.js'

/** The kernel asks for it, and agrees to it. */
const ACCURATE = 3
/** RFC 3168 only. */
const CLASSIC = 1

const asking: Partial<TcpConfig> = { ecn: 'request', accurateEcn: 'request' }

const open = {
  'estab asks': (t: TestContext, version: Version) => fromEstab(t, version, { tcp: asking }),
  'the kernel asks': (t: TestContext, version: Version) => fromKernel(t, version),
}

/** Whether this kernel lets it be turned on. */
function speaks(): boolean {
  try {
    const before = readFileSync(TCP_ECN)
    writeFileSync(TCP_ECN, String(ACCURATE))
    writeFileSync(TCP_ECN, before)
    return true
  } catch {
    return false
  }
}

const TCP_ECN = '/proc/sys/net/ipv4/tcp_ecn'
const both = !kernelTest.skip && speaks()

/** Marks every `n`-th packet with text on it, as a congested router would; returns how many, and their octets. */
function congest(c: Connection, direction: 'in' | 'out', n: number): { packets: number; octets: number } {
  const marked = { packets: 0, octets: 0 }
  let seen = 0
  c.pair.gate.alter(
    direction,
    p => p.length > 0 && ecnField(p) === ECT0 && ++seen % n === 0,
    p => {
      markAs(p, CE)
      marked.packets++
      marked.octets += p.length
    },
  )
  return marked
}

for (const version of [4, 6] as const) {
  describe(`accurate ECN with the kernel, IPv${version}`, kernelTest, () => {
    for (const who of both ? (['estab asks', 'the kernel asks'] as const) : []) {
      it(`${who}: agreed, and nothing is marked on a clean path [RFC 9768]`, async t => {
        sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
        const c = await open[who](t, version)
        assert.equal(c.end.socket.status().accurateEcn, true)
        const outward = c.pair.gate.watch('out', p => p.length > 0)
        const inward = c.pair.gate.watch('in', p => p.length > 0)
        const content = new Content(256 * KiB)
        const drained = c.python.run(`[drain(c), pour(c, ${256 * KiB})]`)
        await c.end.hashing().pour(content)
        c.end.socket.close()
        const [[length, digest], poured] = (await drained) as [[number, string], string]
        assert.deepEqual([length, digest], [content.length, content.digest])
        const marks = await kernelMarks(c.python)
        await c.end.until(() => c.end.receivedBytes === 256 * KiB, 'what the kernel sends')
        assert.equal(c.end.digest, poured)
        const status = c.end.socket.status()
        assert.deepEqual([status.deliveredCe, status.receivedCe], [0, 0])
        assert.deepEqual([marks.delivered_ce, marks.received_ce], [0, 0])
        // It got all of ours marked ECT(0), and has told us so.
        assert.equal(marks.received_e0_bytes, 256 * KiB)
        assert.equal(status.deliveredEcnOctets.ect0, 256 * KiB)
        for (const p of [...outward, ...inward]) assert.equal(ecnField(p), ECT0)
      })

      it(`${who}: marks on what estab sends are counted by the kernel, told, and answered [RFC 9768]`, async t => {
        sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
        const c = await open[who](t, version)
        const marked = congest(c, 'out', 7)
        const content = new Content(512 * KiB)
        const drained = c.python.run('drain(c)')
        await c.end.pour(content)
        c.end.socket.close()
        assert.deepEqual(await drained, [content.length, content.digest])
        await c.untilEstab('FIN_WAIT_2')
        const status = c.end.socket.status()
        const marks = await kernelMarks(c.python)
        assert.ok(marked.packets > 10)
        assert.deepEqual([marks.received_ce, marks.received_ce_bytes], [marked.packets, marked.octets])
        assert.deepEqual([status.deliveredCe, status.deliveredEcnOctets.ce], [marked.packets, marked.octets])
        // Answered, though nothing was lost.
        assert.ok(status.ssthresh < 1 << 30, String(status.ssthresh))
        assert.equal(status.segmentsRetransmitted, 0)
      })

      it(`${who}: marks on what the kernel sends are counted by estab, and told [RFC 9768]`, async t => {
        sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
        const c = await open[who](t, version)
        const marked = congest(c, 'in', 7)
        const poured = c.python.run(`pour(c, ${512 * KiB})`)
        await c.end.hashing().until(() => c.end.receivedBytes === 512 * KiB, 'what the kernel sends')
        assert.equal(await poured, c.end.digest)
        // Its last acknowledgment may have been on its way.
        c.end.write('!')
        assert.equal(await c.python.run('c.recv(1)'), '!')
        const marks = await kernelMarks(c.python)
        const status = c.end.socket.status()
        assert.ok(marked.packets > 5)
        assert.equal(status.receivedCe, marked.packets)
        assert.equal(marks.delivered_ce, marked.packets)
        assert.equal(marks.delivered_ce_bytes, marked.octets)
      })
    }

    if (both)
      it('the kernel asks, and estab only knows RFC 3168: that is agreed on', async t => {
        sysctl(t, 'ipv4/tcp_ecn', ACCURATE)
        const c = await fromKernel(t, version, { tcp: { accurateEcn: 'off' } })
        assert.equal(c.end.socket.status().accurateEcn, false)
        assert.equal(c.end.socket.status().ecn, true, 'RFC 3168 is what is left')
      })

    it('estab asks, and the kernel only knows RFC 3168: that is agreed on', async t => {
      sysctl(t, 'ipv4/tcp_ecn', CLASSIC)
      const c = await fromEstab(t, version, { tcp: asking })
      assert.equal(c.end.socket.status().accurateEcn, false)
      assert.equal(c.end.socket.status().ecn, true)
    })

    it('estab asks, and the kernel will not: no ECN at all', async t => {
      sysctl(t, 'ipv4/tcp_ecn', 0)
      const c = await fromEstab(t, version, { tcp: asking })
      const data = c.pair.gate.watch('out', p => p.length > 0)
      c.end.write('plain')
      assert.equal(await c.python.run('c.recv(5)'), 'plain')
      assert.equal(c.end.socket.status().ecn, false)
      assert.equal(ecnField(data[0]!), NOT_ECT)
      assert.ok(!has('AE')(data[0]!))
    })
  })
}
