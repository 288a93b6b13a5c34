// Each step of spec/states.md with the kernel at the other end: what `ss -tan` shows of it, and what estab is in.
// Packets are held at the gate between the two for as long as it takes to look at the states in between.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { State } from '../../src/tcp/states.js'
import { kernelTest, openPair } from '../support/kernel.js'
import { fromEstab, fromKernel } from '../support/kernel-connection.js'
import { Content, MiB } from '../support/kernel-content.js'
import { flagged, has, isPureAck } from '../support/kernel-gate.js'
import { Python } from '../support/kernel-python.js'
import { ssState } from '../support/kernel-ss.js'

/** Short enough that a test can see the end of it. */
const msl = 150

const OPENED: State[] = ['CLOSED', 'SYN_SENT', 'ESTABLISHED']
const ACCEPTED: State[] = ['LISTEN', 'SYN_RECEIVED', 'ESTABLISHED']

for (const version of [4, 6] as const) {
  describe(`opening with the kernel, IPv${version}`, kernelTest, () => {
    it('kernel passive: SYN-RECV, ESTAB; estab SYN_SENT, ESTABLISHED', async t => {
      const pair = await openPair(t)
      const python = new Python(t)
      const { kernel } = pair.hosts(version)
      await python.run(`l = served(${version}, '${kernel}')`)
      const port = await python.run<number>('l.getsockname()[1]')
      assert.equal(await ssState(port, Number.NaN), 'gone')

      const synAck = pair.gate.hold('in')
      const ack = pair.gate.hold('out', isPureAck)
      const end = pair.connect(version, port)
      const local = end.socket.localPort
      await synAck.until(1)
      assert.equal(end.state, 'SYN_SENT')
      assert.equal(await ssState(port, local), 'SYN-RECV')
      synAck.release()
      await end.untilOpen()
      assert.equal(end.state, 'ESTABLISHED')
      await ack.until(1)
      assert.equal(await ssState(port, local), 'SYN-RECV')
      ack.release()
      await pair.untilKernel(port, local, 'ESTAB')
      assert.deepEqual(pair.path(local, port), OPENED)
    })

    it('kernel active: SYN-SENT, ESTAB; estab LISTEN, SYN_RECEIVED, ESTABLISHED', async t => {
      const pair = await openPair(t)
      const python = new Python(t)
      const { port, next } = pair.listen()
      const syn = pair.gate.hold('in')
      const synAck = pair.gate.hold('out')
      await python.run(`c = new(${version}); c.setblocking(False)`)
      await assert.rejects(python.run(`c.connect(('${pair.hosts(version).estab}', ${port}))`), {
        code: 'EINPROGRESS',
      })
      const local = await python.run<number>('c.getsockname()[1]')
      await syn.until(1)
      assert.equal(await ssState(local, port), 'SYN-SENT')
      const ack = pair.gate.hold('in', isPureAck)
      syn.release()
      await synAck.until(1)
      assert.deepEqual(pair.path(port, local), ['LISTEN', 'SYN_RECEIVED'])
      assert.equal(pair.stack.census.halfOpen, 1)
      assert.equal(await ssState(local, port), 'SYN-SENT')
      synAck.release()
      await ack.until(1)
      assert.equal(await ssState(local, port), 'ESTAB')
      assert.deepEqual(pair.path(port, local), ['LISTEN', 'SYN_RECEIVED'])
      ack.release()
      const end = await next()
      assert.equal(end.state, 'ESTABLISHED')
      assert.deepEqual(pair.path(port, local), ACCEPTED)
      assert.equal(await ssState(local, port), 'ESTAB')
    })

    it('simultaneously: SYNs cross, both come to SYN-RECEIVED and ESTABLISHED, data flows [MUST-10]', async t => {
      const pair = await openPair(t)
      const python = new Python(t)
      const { kernel, estab } = pair.hosts(version)
      await python.run(`c = new(${version}); c.bind(('${kernel}', 0)); c.setblocking(False)`)
      const kernelPort = await python.run<number>('c.getsockname()[1]')
      const estabPort = 7007

      const fromKernel = pair.gate.hold('in', flagged('SYN'))
      const fromEstab = pair.gate.hold('out', flagged('SYN'))
      // A SYN that is sent again is none.
      const kernelAnswers = pair.gate.hold('in', has('ACK'))
      const estabAnswers = pair.gate.hold('out', has('ACK'))
      const end = pair.connect(version, kernelPort, { localPort: estabPort })
      await assert.rejects(python.run(`c.connect(('${estab}', ${estabPort}))`), { code: 'EINPROGRESS' })
      await fromKernel.until(1)
      await fromEstab.until(1)
      assert.equal(await ssState(kernelPort, estabPort), 'SYN-SENT')
      assert.equal(end.state, 'SYN_SENT')

      fromKernel.release()
      fromEstab.release()
      await kernelAnswers.until(1)
      await estabAnswers.until(1)
      assert.ok(flagged('SYN', 'ACK')(kernelAnswers.packets[0]))
      assert.ok(flagged('SYN', 'ACK')(estabAnswers.packets[0]))
      assert.equal(await ssState(kernelPort, estabPort), 'SYN-RECV')
      assert.equal(end.state, 'SYN_RECEIVED')
      kernelAnswers.release()
      estabAnswers.release()

      await end.untilOpen()
      await pair.untilKernel(kernelPort, estabPort, 'ESTAB')
      assert.deepEqual(pair.path(estabPort, kernelPort), [
        'CLOSED',
        'SYN_SENT',
        'SYN_RECEIVED',
        'ESTABLISHED',
      ])
      await python.run('c.setblocking(True)')
      end.write('hello, kernel')
      assert.equal(await python.run('c.recv(100)'), 'hello, kernel')
      await python.run(`c.sendall(b'hello, estab')`)
      await end.untilReceived(12)
      assert.equal(String(end.received), 'hello, estab')
      end.socket.close()
      assert.equal(await python.run('c.recv(100)'), '')
      await python.run('c.close()')
      assert.equal(await end.untilClosed(), null)
    })
  })

  describe(`closing with the kernel, IPv${version}`, kernelTest, () => {
    it('estab first: kernel CLOSE-WAIT, LAST-ACK, gone; estab FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT [MUST-13]', async t => {
      const c = await fromEstab(t, version, { tcp: { msl } })
      const { gate } = c.pair
      await c.untilKernel('ESTAB')

      const kernelAck = gate.hold('in')
      c.end.socket.close()
      assert.equal(c.end.state, 'FIN_WAIT_1')
      await kernelAck.until(1)
      assert.equal(await c.kernelState(), 'CLOSE-WAIT')
      assert.equal(c.end.state, 'FIN_WAIT_1')
      kernelAck.release()
      assert.equal(c.end.state, 'FIN_WAIT_2')

      const lastAck = gate.hold('out')
      await c.python.run('c.close()')
      await lastAck.until(1)
      // Before anything else, as it will not be for long.
      assert.equal(c.end.state, 'TIME_WAIT')
      assert.equal(await c.kernelState(), 'LAST-ACK')
      lastAck.release()
      await c.untilKernel('gone')
      assert.equal(await c.end.untilClosed(), null)
      await c.untilEstab('CLOSED')
      assert.deepEqual(c.path, [...OPENED, 'FIN_WAIT_1', 'FIN_WAIT_2', 'TIME_WAIT', 'CLOSED'])
      const [began, over] = c.pair.moves.slice(-2)
      assert.ok(over.now - began.now >= 2 * msl, `TIME_WAIT of ${over.now - began.now} ms`)
    })

    it('kernel first: kernel FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT; estab CLOSE_WAIT, LAST_ACK, CLOSED', async t => {
      const c = await fromKernel(t, version, { patient: true })
      const { gate } = c.pair
      assert.equal(await c.kernelState(), 'ESTAB')

      const ack = gate.hold('out')
      await c.python.run('c.close()')
      await c.end.untilEnd()
      await ack.until(1)
      assert.equal(await c.kernelState(), 'FIN-WAIT-1')
      assert.equal(c.end.state, 'CLOSE_WAIT')
      ack.release()
      await c.untilKernel('FIN-WAIT-2')
      assert.equal(c.end.state, 'CLOSE_WAIT')

      const lastAck = gate.hold('in')
      c.end.socket.close()
      await lastAck.until(1)
      assert.equal(await c.kernelState(), 'TIME-WAIT')
      assert.equal(c.end.state, 'LAST_ACK')
      lastAck.release()
      assert.equal(await c.end.untilClosed(), null)
      assert.deepEqual(c.path, [...ACCEPTED, 'CLOSE_WAIT', 'LAST_ACK', 'CLOSED'])
      assert.deepEqual(c.pair.stack.census, { sockets: 0, halfOpen: 0, timeWait: 0, listeners: 1 })
      assert.equal(await c.kernelState(), 'TIME-WAIT')
    })

    it('simultaneously: FINs cross, both come to CLOSING and TIME-WAIT', async t => {
      const c = await fromKernel(t, version, { tcp: { msl }, patient: true })
      const { gate } = c.pair
      const kernelFin = gate.hold('in', has('FIN'))
      const estabFin = gate.hold('out', has('FIN'))
      const kernelAck = gate.hold('in', isPureAck)
      const estabAck = gate.hold('out', isPureAck)
      c.end.socket.close()
      await c.python.run('c.shutdown(SHUT_WR)')
      await kernelFin.until(1)
      await estabFin.until(1)
      assert.equal(await c.kernelState(), 'FIN-WAIT-1')
      assert.equal(c.end.state, 'FIN_WAIT_1')

      kernelFin.release()
      estabFin.release()
      await kernelAck.until(1)
      await estabAck.until(1)
      assert.equal(await c.kernelState(), 'CLOSING')
      assert.equal(c.end.state, 'CLOSING')
      kernelAck.release()
      estabAck.release()
      await c.untilKernel('TIME-WAIT')
      await c.untilEstab('CLOSED')
      assert.deepEqual(c.path, [...ACCEPTED, 'FIN_WAIT_1', 'CLOSING', 'TIME_WAIT', 'CLOSED'])
      assert.equal(await c.end.untilClosed(), null)
      assert.equal(await c.kernelState(), 'TIME-WAIT')
    })

    it('estab first, in three segments: FIN_WAIT_1 to TIME_WAIT', async t => {
      const c = await fromEstab(t, version)
      // The kernel acknowledges a FIN at once, or 40 ms later if its user is quick; that user closes in either case,
      // and the acknowledgment in the kernel's own FIN is the only one that comes through.
      c.pair.gate.lose('in', isPureAck)
      const inward = c.pair.gate.watch('in', has('FIN'))
      const outward = c.pair.gate.watch('out')
      const closed = c.python.run('(c.recv(1), c.close())')
      c.end.socket.close()
      await closed
      assert.equal(await c.end.untilClosed(), null)
      await c.untilKernel('gone')
      assert.deepEqual(inward[0]!.flags, ['FIN', 'ACK'])
      assert.deepEqual(outward[0]!.flags, ['FIN', 'ACK'])
      assert.deepEqual(outward.at(-1)!.flags, ['ACK'])
      assert.deepEqual(c.path, [...OPENED, 'FIN_WAIT_1', 'TIME_WAIT'])
    })

    it('kernel first, in three segments: FIN-WAIT-1 to TIME-WAIT', async t => {
      const c = await fromKernel(t, version, { patient: true })
      const inward = c.pair.gate.watch('in')
      const outward = c.pair.gate.watch('out')
      c.end.end = () => c.end.socket.close()
      await c.python.run('c.close()')
      assert.equal(await c.end.untilClosed(), null)
      await c.untilKernel('TIME-WAIT')
      assert.deepEqual(
        outward.map(p => p.flags),
        [['FIN', 'ACK']],
      )
      assert.deepEqual(
        inward.map(p => p.flags),
        [['FIN', 'ACK'], ['ACK']],
      )
      assert.deepEqual(c.path, [...ACCEPTED, 'CLOSE_WAIT', 'LAST_ACK', 'CLOSED'])
    })

    it('the last ACK of estab is lost: the FIN comes again, TIME_WAIT starts again [MUST-13]', async t => {
      // Long enough that the second FIN finds it, also on a machine that stands still for a while.
      const msl = 600
      const c = await fromEstab(t, version, { tcp: { msl } })
      c.end.socket.close()
      await c.untilEstab('FIN_WAIT_2')
      const fins = c.pair.gate.watch('in', has('FIN'))
      const lost = c.pair.gate.lose('out', isPureAck, 1)
      await c.python.run('c.close()')
      await c.pair.signal.until(() => lost.length === 1, 'the last ACK')
      await c.pair.signal.until(() => fins.length >= 2, 'a second FIN')
      await c.untilKernel('gone')
      await c.untilEstab('CLOSED')
      const again = c.pair.reactedAt.get('R28')!
      const over = c.pair.moves.at(-1)!.now
      assert.ok(over - again >= 2 * msl, `closed ${over - again} ms after the second FIN`)
      assert.deepEqual(c.path, [...OPENED, 'FIN_WAIT_1', 'FIN_WAIT_2', 'TIME_WAIT', 'CLOSED'])
    })

    it('the last ACK of the kernel is lost: estab sends its FIN again from LAST_ACK', async t => {
      const c = await fromKernel(t, version)
      await c.python.run('c.close()')
      await c.end.untilEnd()
      await c.untilKernel('FIN-WAIT-2')
      const fins = c.pair.gate.watch('out', has('FIN'))
      const lost = c.pair.gate.lose('in', isPureAck, 1)
      // A third FIN would be acknowledged to nobody, whose answer would end the kernel's TIME-WAIT.
      c.pair.gate.lose('out', has('RST'))
      c.end.socket.close()
      assert.equal(await c.end.untilClosed(), null)
      assert.equal(lost.length, 1)
      assert.ok(fins.length >= 2)
      assert.deepEqual(c.path, [...ACCEPTED, 'CLOSE_WAIT', 'LAST_ACK', 'CLOSED'])
      assert.equal(await c.kernelState(), 'TIME-WAIT')
    })

    it('estab closes its half, the kernel sends megabytes and then its FIN [MAY-1]', async t => {
      const c = await fromEstab(t, version)
      c.end.hashing().socket.close()
      await c.untilKernel('CLOSE-WAIT')
      assert.deepEqual(await c.python.run('drain(c)'), [0, new Content(0).digest])
      const digest = await c.python.run<string>(`pour(c, ${4 * MiB})`)
      assert.equal(await c.kernelState(), 'CLOSE-WAIT')
      assert.equal(c.end.state, 'FIN_WAIT_2')
      await c.python.run('c.close()')
      await c.end.untilEnd()
      assert.equal(c.end.receivedBytes, 4 * MiB)
      assert.equal(c.end.digest, digest)
      await c.untilKernel('gone')
    })

    it('the kernel closes its half, estab sends megabytes and then its FIN [U-10]', async t => {
      const c = await fromKernel(t, version, { patient: true })
      await c.python.run('c.shutdown(SHUT_WR)')
      await c.end.untilEnd()
      await c.untilKernel('FIN-WAIT-2')
      const drained = c.python.run('drain(c)')
      const content = new Content(4 * MiB)
      await c.end.pour(content)
      assert.equal(c.end.state, 'CLOSE_WAIT')
      assert.equal(await c.kernelState(), 'FIN-WAIT-2')
      c.end.socket.close()
      assert.deepEqual(await drained, [content.length, content.digest])
      assert.equal(await c.end.untilClosed(), null)
      assert.equal(await c.kernelState(), 'TIME-WAIT')
    })
  })
}
