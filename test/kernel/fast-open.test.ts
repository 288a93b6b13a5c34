// TCP Fast Open (RFC 7413) with Linux, which counts what it does of it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it, type TestContext } from 'node:test'
import { kernelTest, openPair, type Version } from '../support/kernel.js'
import { Content, KiB } from '../support/kernel-content.js'
import { Python } from '../support/kernel-python.js'
import { sysctl } from '../support/kernel-sysctl.js'

/** Linux as a client and as a server, both. */
const BOTH = 3

/** What the kernel of this namespace has counted, absolutely. */
function counted(name: string): number {
  const line = execFileSync('nstat', ['-asz', name], { encoding: 'utf8' }).split('\n')
  return Number(
    line
      .find(l => l.startsWith(name))
      ?.trim()
      .split(/\s+/)[1] ?? Number.NaN,
  )
}

function turnOn(t: TestContext): void {
  sysctl(t, 'ipv4/tcp_fastopen', BOTH)
  execFileSync('ip', ['tcp_metrics', 'flush', 'all'])
}

/** A server of the kernel's, `l` in `python`, that takes data from SYNs. */
async function kernelServer(t: TestContext, version: Version) {
  turnOn(t)
  const python = new Python(t)
  const pair = await openPair(t, { patient: true })
  await python.run(`l = served(${version}, '${pair.hosts(version).kernel}')`)
  await python.run('l.setsockopt(SOL_TCP, 23, 8)')
  return { python, pair, port: await python.run<number>('l.getsockname()[1]') }
}

for (const version of [4, 6] as const) {
  describe(`Fast Open with the kernel, IPv${version}`, kernelTest, () => {
    it("estab's data rides on its SYN to a server of Linux's, once it has its cookie", async t => {
      const { python, pair, port } = await kernelServer(t, version)
      const passive = counted('TcpExtTCPFastOpenPassive')
      const asking = pair.connect(version, port, { fastOpen: true, data: Buffer.from('first') })
      await asking.untilOpen()
      await python.run('c = l.accept()[0]')
      assert.equal(await python.run('c.recv(100)'), 'first')
      assert.equal(asking.socket.status().synData, false)
      assert.equal(counted('TcpExtTCPFastOpenPassive'), passive)

      const content = new Content(256 * KiB)
      const [head] = content.pieces()
      const fast = pair.connect(version, port, { fastOpen: true, data: head! })
      const drained = python.run('drain(l.accept()[0])')
      await fast.untilOpen()
      assert.equal(fast.socket.status().synData, true)
      assert.equal(counted('TcpExtTCPFastOpenPassive'), passive + 1)
      const rest = [...content.pieces()].slice(1)
      for (const piece of rest) fast.socket.send(piece)
      fast.socket.close()
      assert.deepEqual(await drained, [content.length, content.digest])
      assert.equal(fast.socket.status().segmentsRetransmitted, 0)
    })

    it("a cookie of the wrong kernel's is refused, and replaced", async t => {
      const { python, pair, port } = await kernelServer(t, version)
      await pair.connect(version, port, { fastOpen: true }).untilOpen()
      // Another key, and what was given is worth nothing.
      await python.run('l.setsockopt(SOL_TCP, 33, bytes(range(16)))')
      await python.run('l.accept()[0].close()')
      for (const [data, taken] of [
        ['refused', false],
        ['taken', true],
      ] as const) {
        const end = pair.connect(version, port, { fastOpen: true, data: Buffer.from(data) })
        await end.untilOpen()
        await python.run('c = l.accept()[0]')
        assert.equal(await python.run('c.recv(100)'), data)
        assert.equal(end.socket.status().synData, taken)
      }
    })

    it("Linux's data rides on its SYN to a server of estab's", async t => {
      turnOn(t)
      const python = new Python(t)
      const pair = await openPair(t)
      const { port, next } = pair.listen(0, { fastOpen: 8 })
      const to = `('${pair.hosts(version).estab}', ${port})`
      const active = counted('TcpExtTCPFastOpenActive')
      await python.run(`c = new(${version})\nc.sendto(b'first', MSG_FASTOPEN, ${to})`)
      const first = await next()
      await first.until(() => first.received.toString() === 'first', 'the data')
      assert.equal(pair.stack.counters.fastOpenCookiesSent, 1)
      // A call that waits, and that a signal interrupts meanwhile, Linux begins anew, and sends the data twice.
      const nonblocking = `d = new(${version})\nd.setblocking(False)`
      await python.run(`${nonblocking}\nd.sendto(b'second', MSG_FASTOPEN, ${to})\nd.setblocking(True)`)
      const second = await next()
      await second.until(() => second.received.toString() === 'second', 'the data')
      assert.equal(second.socket.status().synData, true)
      assert.equal(pair.stack.counters.fastOpens, 1)
      assert.equal(counted('TcpExtTCPFastOpenActive'), active + 1)
      // Its own word: TCPI_OPT_SYN_DATA.
      assert.equal(await python.run('d.getsockopt(SOL_TCP, TCP_INFO, 8)[5] & 32'), 32)
      second.write('answer')
      assert.equal(await python.run('d.recv(100)'), 'answer')
    })
  })
}

describe('Fast Open and curl', kernelTest, () => {
  it('curl --tcp-fastopen fetches from a server of estab', async t => {
    turnOn(t)
    const pair = await openPair(t)
    const version: Version = 4
    const { port, next } = pair.listen(0, { fastOpen: 8 })
    const { execFile } = await import('node:child_process')
    for (const expected of [0, 1]) {
      const url = `http://${pair.hosts(version).estab}:${port}/`
      const fetched = new Promise<string>((resolve, reject) =>
        execFile('curl', ['-s', '--tcp-fastopen', '--max-time', '20', url], (error, out) =>
          error ? reject(error) : resolve(out),
        ),
      )
      const end = await next()
      await end.until(() => end.received.includes('\r\n\r\n'), 'the request')
      end.write('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nyes')
      end.socket.close()
      assert.equal(await fetched, 'yes')
      assert.equal(pair.stack.counters.fastOpens, expected)
    }
  })
})
