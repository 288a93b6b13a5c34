// The kernel set up in ways that are not the usual: without options, with cookies, with extensions that estab does
// not know; and firewalls, full queues, links that go down.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { kernelTest, openPair } from '../support/kernel.js'
import { type Connection, fromEstab, fromKernel } from '../support/kernel-connection.js'
import { Content, MiB } from '../support/kernel-content.js'
import { has } from '../support/kernel-gate.js'
import { filter } from '../support/kernel-loss.js'
import { needs } from '../support/kernel-program.js'
import { Python } from '../support/kernel-python.js'
import { ssInfo } from '../support/kernel-ss.js'
import { sysctl } from '../support/kernel-sysctl.js'

const nft = { skip: needs('nft') }

/** A megabyte each way, and a proper end. */
async function exchange(c: Connection): Promise<void> {
  c.end.hashing()
  const content = new Content(MiB)
  const digest = c.python.run(`pour(c, ${MiB})`)
  const poured = c.end.pour(content)
  assert.equal(await digest, await c.end.untilReceived(MiB).then(() => c.end.digest))
  const drained = c.python.run('drain(c)')
  await poured
  c.end.socket.close()
  assert.deepEqual(await drained, [content.length, content.digest])
  await c.python.run('c.close()')
  assert.equal(await c.end.untilClosed(), null)
}

for (const version of [4, 6] as const) {
  describe(`a kernel with other settings, IPv${version}`, kernelTest, () => {
    for (const [setting, option] of [
      ['tcp_timestamps', 'timestamps'],
      ['tcp_sack', 'sack'],
      ['tcp_window_scaling', 'windowScaling'],
    ] as const)
      it(`${setting} = 0`, async t => {
        sysctl(t, `ipv4/${setting}`, 0)
        for (const connect of [fromKernel, fromEstab]) {
          const c = await connect(t, version)
          const status = c.end.socket.status()
          for (const name of ['timestamps', 'sack', 'windowScaling'] as const)
            assert.equal(status[name], name !== option)
          await exchange(c)
        }
      })

    it('tcp_syncookies = 2: cookies for everybody', async t => {
      sysctl(t, 'ipv4/tcp_syncookies', 2)
      const c = await fromEstab(t, version)
      const info = await c.kernelInfo()
      const status = c.end.socket.status()
      assert.equal(info['wscale'], `${status.rcvWscale},${status.sndWscale}`)
      assert.equal(info['sack'], 'yes')
      await exchange(c)
    })

    it('tcp_ecn = 1: it offers ECN, and estab accepts [SHLD-8]', async t => {
      sysctl(t, 'ipv4/tcp_ecn', 1)
      const c = await fromKernel(t, version)
      assert.equal((await c.kernelInfo())['ecn'], 'yes')
      assert.ok(c.end.socket.status().ecn)
      await exchange(c)
    })

    it('tcp_fastopen = 5: data in the SYN', async t => {
      sysctl(t, 'ipv4/tcp_fastopen', 5)
      const pair = await openPair(t)
      const python = new Python(t)
      const { port, next } = pair.listen()
      const syns = pair.gate.watch('in', has('SYN'))
      // A call that waits, and that a signal interrupts meanwhile, Linux begins anew, and sends the data twice.
      await python.run(`c = new(${version}); c.setblocking(False)`)
      await python.run(`c.sendto(b'in a hurry', 0x20000000, ('${pair.hosts(version).estab}', ${port}))`)
      await python.run('c.setblocking(True)')
      const end = await next()
      await end.untilReceived(10)
      assert.equal(String(end.received), 'in a hurry')
      assert.equal(syns[0].length, 10)
      end.write('no haste')
      assert.equal(await python.run('c.recv(99)'), 'no haste')
    })

    it('MPTCP, which falls back to TCP', async t => {
      const pair = await openPair(t)
      const python = new Python(t)
      const { port, next } = pair.listen()
      try {
        await python.run(`c = socket(AF_INET${version === 6 ? '6' : ''}, SOCK_STREAM, 262)`)
      } catch {
        return t.skip('this kernel has no MPTCP')
      }
      await python.run(`c.connect(('${pair.hosts(version).estab}', ${port}))`)
      const end = await next()
      const kernelPort = await python.run<number>('c.getsockname()[1]')
      await exchange({ pair, python, end, kernelPort, estabPort: port } as Connection)
    })

    it('estab sends cookies, and the kernel comes back with them [RFC 4987]', async t => {
      const pair = await openPair(t)
      const python = new Python(t)
      const { port, next } = pair.listen(0, { synBacklog: 0 })
      await python.run(`c = new(${version})`)
      await python.run(`c.connect(('${pair.hosts(version).estab}', ${port}))`)
      const end = await next()
      assert.equal(pair.stack.counters.cookiesSent, 1)
      assert.equal(pair.stack.counters.cookiesAccepted, 1)
      const kernelPort = await python.run<number>('c.getsockname()[1]')
      const c = { pair, python, end, kernelPort, estabPort: port } as Connection
      const status = end.socket.status()
      assert.ok(status.sack && status.timestamps && status.windowScaling)
      const { wscale } = await ssInfo(kernelPort, port)
      assert.equal(wscale, `${status.rcvWscale},${status.sndWscale}`)
      await exchange(c)
    })
  })

  describe(`full queues, IPv${version}`, kernelTest, () => {
    it('of the kernel: estab waits until somebody accepts', async t => {
      const pair = await openPair(t)
      const python = new Python(t)
      await python.run(`l = served(${version}, '${pair.hosts(version).kernel}'); l.listen(0)`)
      const port = await python.run<number>('l.getsockname()[1]')
      const first = pair.connect(version, port)
      await first.untilOpen()
      await pair.untilKernel(port, first.socket.localPort, 'ESTAB')
      const lost = pair.gate.watch('out', p => has('SYN')(p))
      const second = pair.connect(version, port)
      await pair.signal.until(() => lost.length >= 2, 'another SYN')
      await python.run('a = l.accept()[0]')
      await second.untilOpen()
      second.write('at last')
      assert.equal(await python.run('l.accept()[0].recv(99)'), 'at last')
    })

    it('of estab: the kernel waits until somebody accepts', async t => {
      const pair = await openPair(t)
      const python = new Python(t)
      const listener = pair.stack.listen({ port: 80, backlog: 1 })
      const to = `('${pair.hosts(version).estab}', 80)`
      await python.run(`a = new(${version}); a.connect(${to})`)
      await pair.signal.until(() => listener.queue.length === 1, 'the first')
      const connected = python.run(`b = new(${version}); b.connect(${to})`)
      await pair.signal.until(() => pair.stack.counters.listenOverflows >= 1, 'an overflow')
      assert.ok(listener.accept())
      await connected
      await pair.signal.until(() => listener.queue.length === 1, 'the second')
    })
  })

  const family = version === 4 ? 'icmp' : 'icmpv6'
  describe(`firewalls and failures, IPv${version}`, kernelTest, () => {
    for (const [verdict, code, id] of [
      ['reject with tcp reset', 'ECONNREFUSED', 'T29'],
      [`reject with ${family} type port-unreachable`, 'ECONNREFUSED', 'T40'],
      [`reject with ${family} type admin-prohibited`, 'EACCES', 'T40'],
    ] as const)
      it(`${verdict}: ${code}${id === 'T40' ? ' [MUST-54]' : ''}`, nft, async t => {
        const pair = await openPair(t)
        filter(t, pair.tun.name, 9, verdict)
        const end = pair.connect(version, 9)
        assert.equal((await end.untilClosed())?.code, code)
        assert.equal(pair.moves.at(-1)?.id, id)
      })

    it('an ICMP error does not end an open connection [SHLD-26 RFC 5461]', nft, async t => {
      const c = await fromEstab(t, version)
      const remove = filter(t, c.pair.tun.name, c.kernelPort, `reject with ${family} type admin-prohibited`)
      c.end.write('hello')
      await c.end.until(() => c.end.softErrors.length > 0, 'a soft error')
      assert.equal(c.end.softErrors[0].code, 'EACCES')
      remove()
      assert.equal(await c.python.run('c.recv(9)'), 'hello')
      await exchange(c)
    })

    it('the interface goes down in the middle, and up again', async t => {
      const c = await fromEstab(t, version)
      const content = new Content(8 * MiB)
      const drained = c.python.run('drain(c)')
      const poured = c.end.pour(content)
      const { tun } = c.pair
      await c.end.until(() => c.end.socket.status().bytesAcked > MiB, 'a megabyte')
      execFileSync('ip', ['link', 'set', 'dev', tun.name, 'down'])
      await c.end.until(() => tun.counters.sendDown > 0, 'a packet too many')
      // IPv6 addresses go with the link.
      execFileSync('ip', ['link', 'set', 'dev', tun.name, 'up'])
      const { kernel } = c.pair.hosts(6)
      execFileSync('ip', ['address', 'replace', `${kernel}/64`, 'dev', tun.name, 'nodad'])
      await poured
      c.end.socket.close()
      assert.deepEqual(await drained, [content.length, content.digest])
    })

    it('the user timeout of estab [U-17]', async t => {
      const c = await fromEstab(t, version)
      c.pair.gate.lose('out')
      c.end.socket.setUserTimeout(500)
      c.end.write('anybody?')
      assert.equal((await c.end.untilClosed())?.code, 'ETIMEDOUT')
      assert.equal(c.pair.moves.at(-1)?.id, 'T38')
    })
  })
}
