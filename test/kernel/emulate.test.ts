// `estab emulate` between two namespaces inside the one that the tests run in: the kernel at both ends.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, it, type TestContext } from 'node:test'
import { Random } from '../../src/sim/random.js'
import { Wire } from '../../src/sim/wire.js'
import { Emulation, MAIN, Room } from '../support/emulated.js'
import { kernelTest } from '../support/kernel.js'
import { needs } from '../support/kernel-program.js'

const rooms = async (t: TestContext): Promise<[Room, Room]> => [await Room.open(t), await Room.open(t)]

/** Without IPv6 the kernels have nothing to say of their own: what passes is what a test sends. */
const ONLY_IPV4 = ['--address-a', '10.77.0.1/30', '--address-b', '10.77.0.2/30']

/**
 * Receives numbered datagrams until it has `count`; prints when it had them, and the numbers. Tests send no more than
 * the smallest receive buffer there is holds, so that it may be as slow as it likes.
 */
const collect = (count: number) => `
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('10.77.0.2', 7000))
s.settimeout(30)
print('ready')
got = [int(s.recv(2000)[:8]) for _ in range(${count})]
print(time.monotonic())
print(*got)
`

/** Sends `count` numbered datagrams of `size` bytes, headers not counted, and prints when it began. */
const scatter = (count: number, size: number, pause = 0) => `
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(time.monotonic())
for n in range(${count}):
    s.sendto(b'%08d' % n + bytes(${size - 8}), ('10.77.0.2', 7000))
    time.sleep(${pause})
`

/** The numbers of the packets that survive a wire in virtual time, of which nothing but loss is asked. */
function survivors(seed: number, loss: number, count: number): number[] {
  const wire = new Wire({ now: () => 0, at: () => {} }, new Random(seed).fork(), { loss })
  return Array.from({ length: count }, (_, n) => n).filter(() => {
    const { lost } = wire
    wire.send(new Uint8Array(20))
    return wire.lost === lost
  })
}

describe('emulate', kernelTest, () => {
  it('delays both ways, IPv4 and IPv6', { skip: needs('ping') }, async t => {
    const [a, b] = await rooms(t)
    const emulation = await Emulation.start(t, a, b, '--delay', '20ms/30ms')
    // One by one: where there was an answer, ping waits for the next no longer than two such round trips.
    const ping = async (from: Room, host: string) => {
      const said = await from.run('ping', '-q', '-c', '1', '-W', '20', host)
      assert.match(said, /1 received, 0% packet loss/)
      const took = Number(/= ([\d.]+)\//.exec(said)![1])
      assert.ok(took >= 50, `${took} ms`)
    }
    for (const host of ['fd77::2', '10.77.0.2']) for (let i = 0; i < 5; i++) await ping(a, host)
    for (let i = 0; i < 2; i++) await ping(b, '10.77.0.1')
    const { code, summary } = await emulation.end('SIGINT')
    assert.equal(code, 0)
    assert.equal(summary.forward.deliveredPackets, summary.forward.packets)
    assert.ok(summary.forward.packets >= 12 && summary.back.packets >= 12)
  })

  it('loses the very packets that the simulator loses from this seed', async t => {
    const [a, b] = await rooms(t)
    const [seed, count] = [7, 200]
    const expected = survivors(seed, 0.2, count)
    assert.ok(expected.length < count - 20)
    const options = ['--loss', '20%/0%', '--delay', '1ms', '--seed', String(seed), ...ONLY_IPV4]
    const emulation = await Emulation.start(t, a, b, ...options)
    const receiver = await b.serve(t, collect(expected.length))
    await a.python(scatter(count, 100))
    const [, got] = (await receiver.said).split('\n')
    assert.deepEqual(got!.split(' ').map(Number), expected)
    const { forward, back } = (await emulation.end('SIGTERM')).summary
    assert.equal(forward.packets, count)
    assert.equal(forward.lost, count - expected.length)
    assert.equal(forward.deliveredPackets, expected.length)
    assert.equal(forward.bytes, count * 128)
    assert.equal(forward.queueDrops + forward.reordered + forward.duplicated + forward.notRead, 0)
    assert.equal(back.packets, 0)
  })

  it('has a rate and a queue, and counts what the queue drops', async t => {
    const [a, b] = await rooms(t)
    // 1,000 bytes with their headers take 40 ms; 20 of them may wait.
    const emulation = await Emulation.start(t, a, b, '--rate', '200kbit', '--queue', '20kb', ...ONLY_IPV4)
    const receiver = await b.serve(t, collect(20))
    const began = Number(await a.python(scatter(60, 972)))
    const [ended, got] = (await receiver.said).split('\n')
    assert.deepEqual(got!.split(' ').map(Number), [...Array(20).keys()])
    assert.ok(Number(ended) - began >= 0.8, `${Number(ended) - began} s`)
    const { forward } = (await emulation.end('SIGINT')).summary
    assert.equal(forward.packets, 60)
    assert.equal(forward.lost, 0)
    assert.ok(forward.queueDrops > 0 && forward.queueDrops <= 40, `${forward.queueDrops}`)
  })

  it('lets packets overtake, twice come, and break', async t => {
    const [a, b] = await rooms(t)
    const options = ['--delay', '20ms', '--reorder', '10%', '--duplicate', '10%', ...ONLY_IPV4]
    const emulation = await Emulation.start(t, a, b, ...options, '--seed', '3')
    const receiver = await b.serve(t, collect(200))
    await a.python(scatter(200, 100, 0.001))
    await receiver.said
    const { forward } = (await emulation.end('SIGINT')).summary
    assert.ok(forward.reordered > 5 && forward.duplicated > 5, JSON.stringify(forward))
    assert.equal(forward.corrupted, 0)
  })

  it('carries a transfer whole over a path that does everything', async t => {
    const [a, b] = await rooms(t)
    const bad = ['--loss', '1%', '--reorder', '2%', '--duplicate', '2%', '--corrupt', '1%', '--jitter', '2ms']
    const emulation = await Emulation.start(t, a, b, '--rate', '100mbit', '--delay', '2ms', ...bad)
    for (const [from, to, host] of [
      [a, b, '10.77.0.2'],
      [b, a, 'fd77::1'],
    ] as const) {
      const family = host.includes(':') ? 'AF_INET6' : 'AF_INET'
      const server = await to.serve(
        t,
        `
import hashlib, socket
s = socket.create_server(('${host}', 7000), family=socket.${family})
print('ready')
c, _ = s.accept()
h = hashlib.sha256()
while piece := c.recv(1 << 16): h.update(piece)
print(h.hexdigest())
c.close()
`,
      )
      const sent = await from.python(`
import hashlib, os, socket
piece = os.urandom(1 << 20)
s = socket.create_connection(('${host}', 7000))
s.sendall(piece)
s.shutdown(socket.SHUT_WR)
s.recv(1)
print(hashlib.sha256(piece).hexdigest())
`)
      assert.equal(await server.said, sent)
    }
    const { forward, back } = (await emulation.end('SIGINT')).summary
    for (const counts of [forward, back]) {
      assert.ok(counts.lost > 0 && counts.duplicated > 0 && counts.corrupted > 0, JSON.stringify(counts))
      // The kernel cuts what it sends into packets: no offload makes a burst of them one.
      assert.ok(counts.longest <= 1500, `${counts.longest}`)
    }
  })

  it('leaves nothing behind, however it ends', async t => {
    const [a, b] = await rooms(t)
    const nothing = async () => {
      assert.deepEqual(await a.interfaces(), ['lo'])
      assert.deepEqual(await b.interfaces(), ['lo'])
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const emulation = await Emulation.start(t, a, b)
      assert.deepEqual(await a.interfaces(), ['lo', 'emulate0'])
      assert.equal((await emulation.end(signal)).code, 0)
      await nothing()
    }
    const short = await Emulation.start(t, a, b, '--duration', '100ms', '--name', 'short0')
    assert.equal((await short.end()).code, 0)
    await nothing()
    const killed = await Emulation.start(t, a, b)
    killed.child.kill('SIGKILL')
    await once(killed.child, 'exit')
    await nothing()
  })

  it('fails with one line if an interface is deleted under it', async t => {
    const [a, b] = await rooms(t)
    const emulation = await Emulation.start(t, a, b)
    await b.run('ip', 'link', 'delete', 'emulate0')
    assert.equal((await emulation.end()).code, 1)
    assert.deepEqual(await a.interfaces(), ['lo'])
  })

  it('routes what is asked for through the path', async t => {
    const [a, b] = await rooms(t)
    const routes = ['--route-a', 'default', '--route-b', '10.9.0.0/16', '--route-b', 'fd99::/64']
    await Emulation.start(t, a, b, ...routes)
    assert.match(await a.run('ip', '-4', 'route'), /^default dev emulate0/m)
    assert.match(await a.run('ip', '-6', 'route'), /^default dev emulate0/m)
    assert.match(await b.run('ip', 'route'), /^10\.9\.0\.0\/16 dev emulate0/m)
    assert.match(await b.run('ip', '-6', 'route'), /^fd99::\/64 dev emulate0/m)
  })

  it('with --create makes namespaces with names, and removes those it made', { skip: needs('ping') }, () => {
    // In a mount namespace with a /run of its own, so that the machine's names are not touched.
    const script = `
      mount -t tmpfs tmpfs /run
      ip netns add old
      "$@" emulate --create --a old --b new --json > /run/said & emulator=$!
      while ! grep -q ready /run/said; do kill -0 $emulator || exit 1; sleep 0.05; done
      ip netns exec old ping -q -c 1 10.77.0.2 > /run/ping
      ip netns exec new ping -q -c 1 127.0.0.1 > /run/ping
      kill -INT $emulator
      wait $emulator || exit 1
      ls /run/netns
      ip netns delete old`
    const args = ['-m', 'bash', '-ec', script, 'bash', process.execPath, MAIN]
    const { status, stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8', timeout: 60_000 })
    assert.equal(status, 0, stderr)
    assert.equal(stdout, 'old\n')
  })

  describe('refuses in one line', () => {
    const refuses = (status: number, line: RegExp, ...args: string[]) => {
      const result = spawnSync(process.execPath, [MAIN, 'emulate', ...args], {
        encoding: 'utf8',
        timeout: 60_000,
      })
      assert.match(result.stderr, /^estab: [^\n]+\n$/)
      assert.match(result.stderr, line)
      assert.equal(result.status, status)
      assert.equal(result.stdout, '')
    }

    it('one namespace as both ends', async t => {
      const a = await Room.open(t)
      refuses(2, /are one namespace/, '--a', a.pid, '--b', `/proc/${a.pid}/ns/net`)
      assert.deepEqual(await a.interfaces(), ['lo'])
    })

    it('a namespace that is not there', async t => {
      const a = await Room.open(t)
      refuses(1, /no network namespace estab-none .*--create makes it/, '--a', a.pid, '--b', 'estab-none')
      refuses(1, /no network namespace 99999999/, '--a', '99999999', '--b', a.pid)
      refuses(1, /not a network namespace/, '--a', '/dev/null', '--b', a.pid)
      assert.deepEqual(await a.interfaces(), ['lo'])
    })

    it('an interface that is there', async t => {
      const [a, b] = await rooms(t)
      await b.run('ip', 'tuntap', 'add', 'dev', 'emulate0', 'mode', 'tun')
      refuses(1, /there is an interface emulate0/, '--a', a.pid, '--b', b.pid)
      assert.deepEqual(await a.interfaces(), ['lo'])
      assert.deepEqual(await b.interfaces(), ['lo', 'emulate0'])
    })

    it('an address that the kernel does not want', async t => {
      const [a, b] = await rooms(t)
      refuses(1, /`ip -4 route add .*failed/, '--a', a.pid, '--b', b.pid, '--route-a', '10.77.0.0/30')
      assert.deepEqual(await a.interfaces(), ['lo'])
    })

    it('whoever may not', async t => {
      const [a, b] = await rooms(t)
      // In a user namespace of its own it has no rights to what is outside.
      const args = ['-U', process.execPath, MAIN, 'emulate', '--a', a.pid, '--b', b.pid]
      const { status, stderr } = spawnSync('unshare', args, { encoding: 'utf8', timeout: 60_000 })
      assert.equal(status, 1)
      assert.match(stderr, /^estab: [^\n]*(EACCES|not allowed)[^\n]*root[^\n]*\n$/)
    })
  })
})
