// What each end may do without, and what the two then do together: every combination of estab's choices and the
// kernel's, whoever opens. `ss -ti` and estab's status say the same, and that is what both were willing to do.
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { TcpConfig } from '../../src/tcp/config.js'
import { sameOfOptions, type Wishes } from '../support/agreed.js'
import { kernelTest, openPair, type Pair, type Version } from '../support/kernel.js'
import { Connection } from '../support/kernel-connection.js'
import type { Packet } from '../support/kernel-gate.js'
import { Python } from '../support/kernel-python.js'
import { sysctl } from '../support/kernel-sysctl.js'

const openers = ['estab', 'the kernel'] as const
type Opener = (typeof openers)[number]

/** Options of SYNs: each is used if both ends want it. */
const options = [
  { name: 'timestamps', sysctl: 'ipv4/tcp_timestamps' },
  { name: 'sack', sysctl: 'ipv4/tcp_sack' },
  { name: 'windowScaling', sysctl: 'ipv4/tcp_window_scaling' },
] as const

const everyWish: Wishes[] = [true, false].flatMap(timestamps =>
  [true, false].flatMap(sack => [true, false].map(windowScaling => ({ timestamps, sack, windowScaling }))),
)

const wished = (wishes: Wishes) =>
  options
    .filter(({ name }) => wishes[name])
    .map(({ name }) => name)
    .join(', ') || 'no options'

/** Whether an end asks for ECN when it opens, and agrees when it is asked. */
interface Attitude {
  asks: boolean
  agrees: boolean
}

// AccECN (`net.ipv4.tcp_ecn` of 3 and above) gets rows in these two, and what is agreed a word in `sameOfEcn`.
const estabsEcn: [ecn: TcpConfig['ecn'], attitude: Attitude][] = [
  ['off', { asks: false, agrees: false }],
  ['accept', { asks: false, agrees: true }],
  ['request', { asks: true, agrees: true }],
]
const kernelsEcn: [tcpEcn: number, attitude: Attitude][] = [
  [0, { asks: false, agrees: false }],
  [1, { asks: true, agrees: true }],
  [2, { asks: false, agrees: true }],
]

/** A connection of a pair that has many: the kernel's socket is Python's `c`, in place of any that was. */
async function open(
  pair: Pair,
  python: Python,
  version: Version,
  opener: Opener,
  tcp: Partial<TcpConfig>,
): Promise<Connection> {
  const { kernel, estab } = pair.hosts(version)
  if (opener === 'estab') {
    await python.run(`l = served(${version}, '${kernel}')`)
    const port = await python.run<number>('l.getsockname()[1]')
    const end = pair.connect(version, port, { tcp })
    await end.untilOpen()
    await python.run('c = l.accept()[0]; l.close()')
    return new Connection(pair, python, end, port, end.socket.localPort)
  }
  const { port, next } = pair.listen(0, { tcp })
  await python.run(`c = new(${version}); c.connect(('${estab}', ${port}))`)
  const kernelPort = await python.run<number>('c.getsockname()[1]')
  return new Connection(pair, python, await next(), kernelPort, port)
}

/** Says a word each way: marks are on what carries data. */
async function sameOfEcn(c: Connection, expected: boolean, what: string): Promise<void> {
  assert.equal(c.end.socket.status().ecn, expected, `${what}: estab`)
  const before = await c.kernelInfo()
  assert.equal(before['ecn'] === 'yes', expected, `${what}: the kernel`)
  assert.equal(before['ecnseen'], undefined, `${what}: nothing was sent yet`)
  c.end.write('ping')
  assert.equal(await c.python.run('c.recv(4)'), 'ping')
  assert.equal((await c.kernelInfo())['ecnseen'] === 'yes', expected, `${what}: what the kernel saw`)
  const data = c.pair.gate.watch('in', p => p.dstPort === c.estabPort && p.length > 0)
  await c.python.run(`c.sendall(b'pong')`)
  await c.end.untilReceived(4)
  assert.equal(ecnField(data[0]), expected ? ECT0 : 0, `${what}: what estab saw`)
}

const ECT0 = 2
const ecnField = ({ version, bytes }: Packet) => (version === 4 ? bytes[1] : bytes[1] >> 4) & 3

async function bench(t: TestContext): Promise<[Pair, Python]> {
  return [await openPair(t), new Python(t)]
}

for (const version of [4, 6] as const) {
  describe(`what both were willing to do, IPv${version}`, kernelTest, () => {
    for (const estabs of everyWish)
      it(`estab wants ${wished(estabs)}`, async t => {
        const [pair, python] = await bench(t)
        for (const kernels of everyWish) {
          for (const { name, sysctl: path } of options) sysctl(t, path, Number(kernels[name]))
          const both = Object.fromEntries(options.map(({ name }) => [name, estabs[name] && kernels[name]]))
          for (const opener of openers) {
            const c = await open(pair, python, version, opener, estabs)
            await sameOfOptions(
              c,
              version,
              both as Wishes,
              `${opener} opens, the kernel wants ${wished(kernels)}`,
            )
          }
        }
      })

    for (const [ecn, estabs] of estabsEcn)
      for (const [tcpEcn, kernels] of kernelsEcn)
        it(`estab's ecn is '${ecn}', tcp_ecn is ${tcpEcn}`, async t => {
          const [pair, python] = await bench(t)
          sysctl(t, 'ipv4/tcp_ecn', tcpEcn)
          for (const opener of openers) {
            const [first, second] = opener === 'estab' ? [estabs, kernels] : [kernels, estabs]
            const c = await open(pair, python, version, opener, { ecn })
            await sameOfEcn(c, first.asks && second.agrees, `${opener} opens`)
          }
        })
  })
}
