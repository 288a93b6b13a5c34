// How connections end against the rules, with the kernel at the other end: refused, reset, aborted, forgotten; and
// how an old one makes way for a new one.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kernelTest, openPair } from '../support/kernel.js'
import { fromEstab, fromKernel } from '../support/kernel-connection.js'
import { Content, KiB, MiB } from '../support/kernel-content.js'
import { flagged, has } from '../support/kernel-gate.js'
import { Python } from '../support/kernel-python.js'

for (const version of [4, 6] as const) {
  describe(`resets with the kernel, IPv${version}`, kernelTest, () => {
    it('estab refuses the kernel', async t => {
      const pair = await openPair(t)
      const python = new Python(t)
      await python.run(`c = new(${version})`)
      await assert.rejects(python.run(`c.connect(('${pair.hosts(version).estab}', 9))`), {
        code: 'ECONNREFUSED',
      })
      assert.ok(pair.reactions.includes('R02'))
    })

    it('the kernel refuses estab', async t => {
      const pair = await openPair(t)
      const end = pair.connect(version, 9)
      const error = await end.untilClosed()
      assert.equal(error?.code, 'ECONNREFUSED')
      assert.deepEqual(pair.path(end.socket.localPort, 9), ['CLOSED', 'SYN_SENT', 'CLOSED'])
      assert.equal(pair.moves.at(-1)?.id, 'T29')
    })

    it('the kernel resets an open connection [MUST-12]', async t => {
      const c = await fromKernel(t, version)
      await c.python.run('linger(c); c.close()')
      const error = await c.end.untilClosed()
      assert.equal(error?.code, 'ECONNRESET')
      assert.equal(c.pair.moves.at(-1)?.id, 'T32')
      assert.equal(await c.kernelState(), 'gone')
    })

    it('estab resets an open connection', async t => {
      const c = await fromEstab(t, version)
      const read = c.python.run('c.recv(1)')
      c.end.socket.abort()
      await assert.rejects(read, { code: 'ECONNRESET' })
      assert.equal(c.pair.moves.at(-1)?.id, 'T27')
      assert.equal(await c.kernelState(), 'gone')
      assert.equal(c.pair.stack.census.sockets, 0)
    })

    it('estab aborts with data in flight', async t => {
      const c = await fromEstab(t, version)
      await c.pair.signal.until(() => {
        // Until the kernel's buffers are full: nobody reads.
        while (c.end.socket.send(new Uint8Array(65536))) {}
        return c.end.socket.status().sndWnd === 0
      }, 'a full window')
      c.end.socket.abort()
      await c.untilKernel('gone')
      await assert.rejects(c.python.run('drain(c)'), { code: 'ECONNRESET' })
    })

    it('the kernel aborts with data in flight', async t => {
      const c = await fromKernel(t, version)
      c.end.pause()
      const written = await c.python.run<number>('fill(c)')
      await c.pair.signal.until(() => c.end.socket.receiveQueued > 0, 'data')
      assert.ok(written >= 64 * KiB, String(written))
      await c.python.run('linger(c); c.close()')
      const error = await c.end.untilClosed()
      assert.equal(error?.code, 'ECONNRESET')
      assert.equal(await c.kernelState(), 'gone')
    })

    it('the kernel closes with data unread: a reset', async t => {
      const c = await fromKernel(t, version)
      c.end.write('nobody will read this')
      await c.pair.signal.until(() => c.end.socket.sendQueued === 0, 'the acknowledgment')
      await c.python.run('c.close()')
      assert.equal((await c.end.untilClosed())?.code, 'ECONNRESET')
    })

    it('estab releases with data unread: a reset [SHLD-3]', async t => {
      const c = await fromKernel(t, version)
      c.end.pause()
      await c.python.run(`c.sendall(b'nobody will read this')`)
      await c.pair.signal.until(() => c.end.socket.receiveQueued > 0, 'data')
      const read = c.python.run('c.recv(1)')
      c.end.socket.release()
      await assert.rejects(read, { code: 'ECONNRESET' })
      assert.equal(c.pair.moves.at(-1)?.id, 'T37')
    })

    it('estab was switched off and on again: what the kernel sends is answered with RST [U-05]', async t => {
      const c = await fromKernel(t, version, { patient: true })
      c.pair.stack.crash()
      c.pair.boot()
      assert.equal(await c.kernelState(), 'ESTAB')
      const resets = c.pair.gate.watch('out', has('RST'))
      await c.python.run(`c.sendall(b'still there?')`)
      await assert.rejects(c.python.run('c.recv(1)'), { code: 'ECONNRESET' })
      await c.untilKernel('gone')
      assert.equal(resets.length, 1)
      assert.ok(c.pair.reactions.includes('R03'))
    })

    it('the kernel lost its end without a word: what estab sends is answered with RST', async t => {
      const c = await fromKernel(t, version)
      // The reset it says goodbye with is lost.
      const lost = c.pair.gate.lose('in', has('RST'), 1)
      await c.python.run('linger(c); c.close()')
      await c.pair.signal.until(() => lost.length === 1, 'a RST')
      assert.equal(c.end.state, 'ESTABLISHED')
      c.end.write('still there?')
      assert.equal((await c.end.untilClosed())?.code, 'ECONNRESET')
    })

    it('half-open: estab forgot, and connects again from the same port', async t => {
      // RFC 9293 figure 9: the old end answers the SYN with an ACK, which gets it a RST; then the SYN comes again.
      const c = await fromEstab(t, version)
      const { estabPort, kernelPort } = c
      c.pair.stack.crash()
      c.pair.boot()
      const end = c.pair.connect(version, kernelPort, { localPort: estabPort })
      await end.untilOpen()
      assert.ok(c.pair.reactions.includes('R08'))
      await assert.rejects(c.python.run('c.recv(1)'), { code: 'ECONNRESET' })
      await c.python.run('c = l.accept()[0]')
      end.write('new')
      assert.equal(await c.python.run('c.recv(9)'), 'new')
    })
  })

  describe(`TIME-WAIT with the kernel, IPv${version}`, kernelTest, () => {
    it('the kernel connects again from the same port, into the TIME_WAIT of estab', async t => {
      const pair = await openPair(t)
      const python = new Python(t)
      const { kernel, estab } = pair.hosts(version)
      const { port, next } = pair.listen()
      await python.run(
        `def dial(local):
    global c
    c = new(${version})
    c.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    c.bind(('${kernel}', local))
    c.connect(('${estab}', ${port}))
    return c.getsockname()[1]`,
      )
      const kernelPort = await python.run<number>('dial(0)')
      const first = await next()
      first.socket.close()
      await pair.untilKernel(kernelPort, port, 'CLOSE-WAIT')
      await python.run('c.close()')
      await pair.untilMove(port, kernelPort, 'TIME_WAIT')
      await pair.untilKernel(kernelPort, port, 'gone')
      assert.equal(pair.stack.census.timeWait, 1)

      assert.equal(await python.run('dial(' + kernelPort + ')'), kernelPort)
      const second = await next()
      assert.equal(pair.stack.counters.timeWaitReused, 1)
      assert.ok(pair.moves.some(m => m.id === 'T24'))
      assert.deepEqual(pair.path(port, kernelPort).slice(-3), ['TIME_WAIT', 'SYN_RECEIVED', 'ESTABLISHED'])
      assert.equal(pair.stack.census.timeWait, 0)
      const content = new Content(1 * MiB)
      const drained = python.run('drain(c)')
      await second.pour(content)
      second.socket.close()
      assert.deepEqual(await drained, [content.length, content.digest])
    })

    it('estab connects again from the same port, into the TIME-WAIT of the kernel', async t => {
      const c = await fromEstab(t, version, { patient: true })
      const { estabPort, kernelPort } = c
      await c.python.run('c.close()')
      await c.end.untilEnd()
      c.end.socket.close()
      assert.equal(await c.end.untilClosed(), null)
      await c.untilKernel('TIME-WAIT')
      const again = c.pair.connect(version, kernelPort, { localPort: estabPort })
      await again.untilOpen()
      await c.untilKernel('ESTAB')
      await c.python.run('c = l.accept()[0]')
      again.write('again')
      assert.equal(await c.python.run('c.recv(9)'), 'again')
    })

    it('a RST into the TIME_WAIT of estab is ignored', async t => {
      const c = await fromEstab(t, version)
      const sent = c.pair.gate.watch('out')
      c.end.socket.close()
      await c.untilKernel('CLOSE-WAIT')
      await c.python.run('c.close()')
      await c.untilEstab('TIME_WAIT')
      await c.untilKernel('gone')
      // The last ACK arrives twice, and finds nobody the second time (RFC 1337 section 2).
      const reset = c.pair.gate.hold('in', flagged('RST'))
      c.pair.gate.slip('out', sent.at(-1)!)
      await reset.until(1)
      reset.release()
      assert.ok(c.pair.reactions.includes('TW_RST'))
      assert.equal(c.path.at(-1), 'TIME_WAIT')
    })
  })
}
