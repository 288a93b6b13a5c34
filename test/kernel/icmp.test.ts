// What estab's host does beside TCP: it answers the kernel's ping, and says which UDP ports nobody listens to.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { kernelTest, openPair } from '../support/kernel.js'
import { atEnd } from '../support/kernel-cleanup.js'
import { queueEverything } from '../support/kernel-loss.js'

const run = promisify(execFile)

async function udp(t: TestContext, version: 4 | 6, port: number, host: string): Promise<Socket> {
  const socket = createSocket(`udp${version}`)
  atEnd(t, () => new Promise(resolve => socket.close(() => resolve())))
  socket.connect(port, host)
  await once(socket, 'connect')
  return socket
}

for (const version of [4, 6] as const) {
  describe(`the host beside TCP, IPv${version}`, kernelTest, () => {
    // Up to 15 bytes there is no room for a time; 1452 and 1472 fill a packet, and one more makes two.
    const sizes = [0, 1, 7, 8, 15, 16, 55, 56, 1452, 1453, 1472, 1473, 2960, 4000, 8000]

    it(`answers ping with ${sizes[0]} to ${sizes.at(-1)} bytes [RFC ${version === 4 ? 792 : 4443}]`, async t => {
      const pair = await openPair(t)
      const { estab } = pair.hosts(version)
      for (const size of sizes) {
        const { stdout } = await run('ping', ['-n', '-c', '1', '-W', '5', '-s', String(size), estab])
        assert.match(stdout, /1 packets transmitted, 1 received/, stdout)
        assert.doesNotMatch(stdout, /wrong data|DUP|truncated/, stdout)
      }
      assert.equal(pair.stack.counters.echoReplies, sizes.length)
    })

    it('answers pings that come in a flood', async t => {
      const pair = await openPair(t)
      queueEverything(pair.tun.name)
      const { estab } = pair.hosts(version)
      // Answers that come in one burst may be more than ping's own socket holds: with -w it goes on until it has 200.
      const flood = ['-q', '-l', '20', '-i', '0', '-s', '3000', '-c', '200', '-w', '60']
      const { stdout } = await run('ping', ['-n', ...flood, estab])
      const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(stdout)!.map(Number)
      assert.ok(received! >= 200, stdout)
      const { counters } = pair.stack
      await pair.signal.until(() => counters.echoReplies >= sent!, `${sent} answers`)
      assert.equal(counters.echoReplies, sent)
      assert.doesNotMatch(stdout, /wrong data|DUP|truncated/, stdout)
    })

    it('takes and sends UDP of any size', async t => {
      const pair = await openPair(t)
      pair.stack.bindUdp(7, (message, port) => port.send(message.bytes, message.remote, message.remotePort))
      const socket = await udp(t, version, 7, pair.hosts(version).estab)
      for (const size of [0, 1, 512, 1452, 1453, 1473, 8000, 60_000]) {
        const sent = Buffer.alloc(size, 'estab')
        const answer = once(socket, 'message')
        socket.send(sent)
        const [received] = await answer
        assert.deepEqual(received, sent)
      }
    })

    it('says that nobody listens to a UDP port: ECONNREFUSED [RFC 1122]', async t => {
      const pair = await openPair(t)
      const socket = await udp(t, version, 9, pair.hosts(version).estab)
      const failed = once(socket, 'error')
      socket.send('anybody?')
      const [error] = await failed
      assert.equal(error.code, 'ECONNREFUSED')
      assert.equal(pair.stack.counters.icmpErrorsOut, 1)
    })

    it('says that it knows no such protocol', async t => {
      const pair = await openPair(t)
      const { estab } = pair.hosts(version)
      const script = `
from socket import *
s = socket(AF_INET${version === 6 ? '6' : ''}, SOCK_RAW, 253)
${version === 4 ? 's.setsockopt(IPPROTO_IP, 11, 1)' : 's.setsockopt(IPPROTO_IPV6, 25, 1)'}
s.connect(('${estab}', 0))
s.send(b'experiment')
s.settimeout(5)
try: s.recv(1)
except OSError as e: print(e.errno)`
      const { stdout } = await run('python3', ['-c', script])
      // ENOPROTOOPT, or EPROTO for a parameter problem.
      assert.equal(stdout.trim(), version === 4 ? '92' : '71')
    })
  })
}
