// Windows that close and open again, silence that is asked about, and urgent data, with the kernel at the other end.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kernelTest } from '../support/kernel.js'
import { type Connection, fromEstab, fromKernel } from '../support/kernel-connection.js'
import { Content, KiB, MiB } from '../support/kernel-content.js'
import { isPureAck, type Packet } from '../support/kernel-gate.js'

/** A kernel that can hold little. */
const SMALL_BUFFER = 'l.setsockopt(SOL_SOCKET, SO_RCVBUF, 8192)'

/** What fills the kernel's window, and more. */
async function fillKernel(c: Connection, content: Content): Promise<Promise<void>> {
  const poured = c.end.pour(content)
  await c.end.until(() => c.end.socket.status().sndWnd === 0, 'a closed window')
  return poured
}

/** Resolves once the kernel probes a closed window of estab's. */
async function untilKernelPersists(c: Connection): Promise<void> {
  const probes = c.pair.gate.watch('in', isPureAck)
  for (;;) {
    const { timer } = await c.kernelInfo()
    if (timer?.startsWith('(persist')) return
    // Its timer starts at the last acknowledgment: each look is after a packet, or a little later.
    await c.pair.signal.next(20)
    assert.ok(probes.length < 10, `still ${timer}`)
  }
}

for (const version of [4, 6] as const) {
  describe(`windows with the kernel, IPv${version}`, kernelTest, () => {
    it('the reader in the kernel stops: estab probes, and goes on [MUST-36 MUST-37]', async t => {
      const c = await fromEstab(t, version, { prepare: SMALL_BUFFER })
      const content = new Content(256 * KiB)
      const poured = fillKernel(c, content)
      await poured
      const { timers } = c.pair
      const { timeouts } = c.end.socket.status()
      await c.pair.signal.until(() => timers.filter(t => t === 'persist').length >= 3, 'three probes')
      assert.equal(c.end.socket.status().timeouts, timeouts)
      assert.equal(await c.kernelState(), 'ESTAB')
      const drained = c.python.run('drain(c)')
      await c.end.until(() => c.end.socket.sendQueued === 0, 'all sent')
      c.end.socket.close()
      assert.deepEqual(await drained, [content.length, content.digest])
    })

    it('the kernel opens its window, and estab does not hear of it: a probe finds out [MUST-36]', async t => {
      const c = await fromEstab(t, version, { prepare: SMALL_BUFFER })
      const content = new Content(256 * KiB)
      await fillKernel(c, content)
      const probes = c.pair.timers.filter(t => t === 'persist').length
      // Until the next probe, everything the kernel says is lost.
      const lost = c.pair.gate.hold('in', isPureAck)
      const drained = c.python.run('drain(c)')
      await lost.until(1)
      await c.pair.signal.until(
        () => c.pair.timers.filter(t => t === 'persist').length > probes,
        'another probe',
      )
      lost.lose()
      await c.end.until(() => c.end.socket.sendQueued === 0, 'all sent')
      c.end.socket.close()
      assert.deepEqual(await drained, [content.length, content.digest])
    })

    it('the reader at estab stops: the kernel persists, and goes on [MAY-8 U-15]', async t => {
      const c = await fromKernel(t, version, { tcp: { receiveBuffer: 64 * KiB } })
      c.end.hashing().pause()
      const poured = c.python.run(`pour(c, ${4 * MiB})`)
      await c.end.until(() => c.end.socket.status().rcvWnd === 0, 'a full window')
      await untilKernelPersists(c)
      c.end.resume()
      const digest = await poured
      await c.python.run('c.close()')
      await c.end.untilEnd()
      assert.equal(c.end.receivedBytes, 4 * MiB)
      assert.equal(c.end.digest, digest)
    })

    it('estab opens its window, and the kernel does not hear of it: its probe finds out', async t => {
      const c = await fromKernel(t, version, { tcp: { receiveBuffer: 64 * KiB } })
      c.end.hashing().pause()
      const poured = c.python.run(`pour(c, ${1 * MiB})`)
      await c.end.until(() => c.end.socket.status().rcvWnd === 0, 'a full window')
      await untilKernelPersists(c)
      const lost = c.pair.gate.lose('out', isPureAck, 1)
      c.end.resume()
      await c.pair.signal.until(() => lost.length === 1, 'a window update')
      const digest = await poured
      await c.python.run('c.close()')
      await c.end.untilEnd()
      assert.equal(c.end.digest, digest)
    })
  })

  describe(`keep-alive with the kernel, IPv${version}`, { ...kernelTest, concurrency: true }, () => {
    /** Segments that ask for a sign of life: the octet before the next one, acknowledged long ago. */
    const isProbe = (next: () => number) => (p: Packet) => p.isTcp && p.seq === ((next() - 1) | 0)

    it('the kernel asks, estab answers', async t => {
      const c = await fromKernel(t, version)
      const { tcb } = c.end.socket
      const probes = c.pair.gate.watch(
        'in',
        isProbe(() => tcb.rcvNxt),
      )
      const answers = c.pair.gate.watch('out')
      // One answer missing would be the end, two seconds later.
      await c.python.run(
        `for option, value in ((TCP_KEEPIDLE, 1), (TCP_KEEPINTVL, 2), (TCP_KEEPCNT, 1)):
    c.setsockopt(IPPROTO_TCP, option, value)
c.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)`,
      )
      await c.pair.signal.until(() => probes.length >= 3 && answers.length >= 3, 'three questions')
      assert.equal(await c.kernelState(), 'ESTAB')
      assert.ok(answers.every(isPureAck))
    })

    it('the kernel asks, nobody answers: the kernel gives up', async t => {
      const c = await fromKernel(t, version)
      c.pair.gate.lose('out')
      await c.python.run(
        `for option, value in ((TCP_KEEPIDLE, 1), (TCP_KEEPINTVL, 1), (TCP_KEEPCNT, 1)):
    c.setsockopt(IPPROTO_TCP, option, value)
c.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)`,
      )
      await assert.rejects(c.python.run('c.recv(1)'), { code: 'ETIMEDOUT' })
      // Its RST arrives.
      assert.equal((await c.end.untilClosed())?.code, 'ECONNRESET')
    })

    it('estab asks, the kernel answers [MUST-27 SHLD-12 MAY-5]', async t => {
      const c = await fromKernel(t, version)
      const { tcb } = c.end.socket
      const probes = c.pair.gate.watch(
        'out',
        isProbe(() => tcb.sndNxt),
      )
      const answers = c.pair.gate.watch('in', isPureAck)
      // Linux answers such a segment once in 500 ms (tcp_invalid_ratelimit), and may be read of a little later.
      c.end.socket.setKeepAlive(true, 600, 5000, 1)
      await c.pair.signal.until(() => probes.length >= 3 && answers.length >= 3, 'three questions')
      assert.equal(c.end.state, 'ESTABLISHED')
    })

    it('estab asks, nobody answers: estab gives up', async t => {
      const c = await fromKernel(t, version)
      c.pair.gate.lose('in')
      c.end.socket.setKeepAlive(true, 100, 100, 3)
      assert.equal((await c.end.untilClosed())?.code, 'ETIMEDOUT')
      assert.equal(c.pair.moves.at(-1)?.id, 'T41')
      // Its RST arrives.
      await assert.rejects(c.python.run('c.recv(1)'), { code: 'ECONNRESET' })
    })
  })

  describe(`urgent data with the kernel, IPv${version}`, kernelTest, () => {
    it('from estab, out of band [MUST-30 MUST-62]', async t => {
      const c = await fromEstab(t, version)
      c.end.write('abc')
      c.end.socket.send(Buffer.from('d!'), { urgent: true })
      c.end.write('ef')
      await c.end.until(() => c.end.socket.sendQueued === 0, 'the acknowledgment')
      // As Linux takes it, the last octet of urgent data is all there is, and beside the stream.
      assert.equal(await c.python.run('c.recv(9, MSG_OOB)'), '!')
      assert.equal(await c.python.run('c.recv(9)'), 'abcd')
      assert.equal(await c.python.run('c.recv(9)'), 'ef')
    })

    it('from estab, in line, up to the mark [MUST-30 MUST-62 RFC 6093]', async t => {
      const c = await fromEstab(t, version)
      await c.python.run('c.setsockopt(SOL_SOCKET, SO_OOBINLINE, 1)')
      await c.python.run(
        `import fcntl, array
def mark():
    flag = array.array('i', [0])
    fcntl.ioctl(c.fileno(), 0x8905, flag)
    return flag[0]`,
      )
      c.end.write('abc')
      c.end.socket.send(Buffer.from('d!'), { urgent: true })
      c.end.write('ef')
      await c.end.until(() => c.end.socket.sendQueued === 0, 'the acknowledgment')
      assert.equal(await c.python.run('mark()'), 0)
      // A read stops at the mark.
      assert.equal(await c.python.run('c.recv(9)'), 'abcd')
      assert.equal(await c.python.run('mark()'), 1)
      assert.equal(await c.python.run('c.recv(9)'), '!ef')
    })

    it('from the kernel [MUST-30 MUST-33 RFC 6093]', async t => {
      const c = await fromKernel(t, version)
      c.end.pause()
      await c.python.run(`c.sendall(b'abc')`)
      await c.python.run(`c.send(b'd!', MSG_OOB)`)
      await c.python.run(`c.sendall(b'ef')`)
      await c.end.until(() => c.end.socket.receiveQueued === 7, '7 bytes')
      assert.equal(c.end.urgents, 1)
      assert.equal(c.end.socket.status().urgentRemaining, 5)
      c.end.resume()
      assert.equal(String(c.end.received), 'abcd!ef')
      assert.equal(c.end.socket.status().urgentRemaining, 0)
    })
  })
}
