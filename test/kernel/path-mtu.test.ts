// Paths that are narrower than the links at their ends: RFC 1191 and RFC 8201, between estab and the kernel with a
// router made by hand, and between two stacks with the kernel as the router.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { IpAddress } from '../../src/wire/address.js'
import { kernelTest, openPair } from '../support/kernel.js'
import { fromEstab, fromKernel } from '../support/kernel-connection.js'
import { Content, MiB } from '../support/kernel-content.js'
import { End } from '../support/kernel-end.js'
import { isTcp, type Packet } from '../support/kernel-gate.js'
import { forwarding, narrow } from '../support/kernel-router.js'

const SIZE = 2 * MiB
const headers = { 4: 20, 6: 40 }

const longest = (packets: Packet[]) => Math.max(...packets.map(p => p.bytes.length))

for (const version of [4, 6] as const) {
  const mtu = version === 4 ? 900 : 1300

  describe(`path MTU with the kernel, IPv${version}`, kernelTest, () => {
    it(`estab hears that its packets are too big, and makes them smaller [U-12 RFC ${version === 4 ? 1191 : 8201}]`, async t => {
      const c = await fromEstab(t, version, { patient: true })
      const refused = narrow(c.pair.gate, 'out', mtu)
      const passed = c.pair.gate.watch('out')
      const content = new Content(SIZE)
      const drained = c.python.run('drain(c)')
      await c.end.pour(content)
      c.end.socket.close()
      assert.deepEqual(await drained, [content.length, content.digest])
      const status = c.end.socket.status()
      assert.equal(status.pmtuSegment, mtu - headers[version])
      assert.equal(status.sndMss, mtu - headers[version] - 20 - 12)
      assert.equal(longest(passed), mtu)
      assert.equal(longest(refused), 1500)
      assert.ok(refused.length <= 10, `${refused.length} packets were too big: more than the first window`)
      assert.equal(status.timeouts, 0)
      // What was learned is for the path, not for one connection.
      const next = c.pair.connect(version, c.kernelPort)
      await next.untilOpen()
      assert.equal(next.socket.status().sndMss, status.sndMss)
    })

    it('nobody says that they are too big: estab finds out by itself [RFC 4821]', async t => {
      // R1 is what starts it; with three retransmissions it would take longer.
      const c = await fromEstab(t, version, { tcp: { r1: 1 } })
      const vanished = c.pair.gate.lose('out', p => p.bytes.length > mtu)
      const content = new Content(SIZE)
      const drained = c.python.run('drain(c)')
      await c.end.pour(content)
      c.end.socket.close()
      assert.deepEqual(await drained, [content.length, content.digest])
      const { pmtuSegment, segmentsOut } = c.end.socket.status()
      assert.ok(vanished.length > 0 && vanished.length < 40, `${vanished.length} of ${segmentsOut} vanished`)
      assert.ok(pmtuSegment <= mtu - headers[version], String(pmtuSegment))
    })

    it('the kernel hears the same of its packets', async t => {
      const c = await fromKernel(t, version)
      const refused = narrow(c.pair.gate, 'in', mtu)
      const passed = c.pair.gate.watch('in')
      c.end.hashing()
      const digest = await c.python.run(`pour(c, ${SIZE})`)
      await c.end.untilReceived(SIZE)
      assert.equal(Number((await c.kernelInfo())['pmtu']), mtu)
      await c.python.run('c.close()')
      await c.end.untilEnd()
      assert.equal(c.end.digest, digest)
      assert.equal(longest(passed), mtu)
      assert.ok(refused.length > 0)
    })

    it(`the kernel is a router with a narrow link behind it [U-12 RFC ${version === 4 ? 1191 : 8201}]`, async t => {
      // The host behind it believes in an MTU of 1500, so that its MSS does not give the secret away.
      const behind = version === 4 ? 1000 : 1280
      forwarding(t)
      const near = await openPair(t, { routed: true })
      const far = await openPair(t, { routed: true, mtu: version === 4 ? 1280 : behind, stackMtu: 1500 })
      if (version === 4) setMtu(far.tun.name, behind)
      const { port, next } = far.listen()
      const end = new End(near.signal)
      const remote = IpAddress.parse(far.hosts(version).estab)
      end.take(near.stack.connect({ remote, port, handler: end }))
      await end.untilOpen()
      const peer = (await next()).hashing()
      const sent = near.gate.watch('out', isTcp)
      const arrived = far.gate.watch('in', isTcp)
      const content = new Content(SIZE)
      await end.pour(content)
      end.socket.close()
      await peer.untilEnd()
      assert.equal(peer.digest, content.digest)
      assert.equal(longest(sent), 1500)
      assert.equal(longest(arrived), behind)
      assert.equal(end.socket.status().pmtuSegment, behind - headers[version])
      assert.equal(near.stack.counters.icmpErrorsIn > 0, true)
    })
  })
}

/** IPv6 goes away from an interface of less than 1280 bytes. */
function setMtu(name: string, mtu: number): void {
  execFileSync('ip', ['link', 'set', 'dev', name, 'mtu', String(mtu)])
}
