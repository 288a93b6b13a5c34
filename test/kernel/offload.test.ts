// Segmentation offload: what the kernel hands over before it has cut it up, and takes to cut up itself.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { writeOffload } from '../../src/links/tun-offload.js'
import { kernelTest, type PairOptions, type Version } from '../support/kernel.js'
import { fromEstab } from '../support/kernel-connection.js'
import { Content, MiB } from '../support/kernel-content.js'
import { queueEverything } from '../support/kernel-loss.js'
import { needs } from '../support/kernel-program.js'
import { Python } from '../support/kernel-python.js'

const SIZE = 8 * MiB
const offload = { offload: true, patient: true }
const run = promisify(execFile)

/** Segments with a wrong checksum that the kernel of this namespace has had. */
const badChecksums = (): number =>
  Number(execFileSync('nstat', ['-asz', 'TcpInCsumErrors'], { encoding: 'utf8' }).match(/Errors +(\d+)/)![1])

/** Sends so much each way; what arrives is what was sent, and went once. */
async function bothWays(t: TestContext, version: Version, options: PairOptions) {
  const c = await fromEstab(t, version, options)
  queueEverything(c.pair.tun.name)
  const { counters } = c.pair.tun
  const content = new Content(SIZE)
  const taken = c.python.run(`take(c, ${SIZE})`)
  await c.end.pour(content)
  assert.equal(await taken, content.digest)
  const out = { packets: counters.sent, bytes: counters.sentBytes }
  c.end.hashing()
  const poured = c.python.run(`pour(c, ${SIZE})`)
  await c.end.untilReceived(SIZE)
  assert.equal(c.end.digest, await poured)
  const back = { packets: counters.received, bytes: counters.receivedBytes }
  const status = c.end.socket.status()
  assert.deepEqual([status.segmentsRetransmitted, status.outOfOrderIn, status.duplicateIn], [0, 0, 0])
  const info = await c.kernelInfo()
  assert.equal(info['retrans'], undefined)
  return { pair: c.pair, out, back, status, info }
}

const links = [
  ['tun', 4],
  ['tun', 6],
  ['tap', 4],
  ['tap', 6],
] as const

for (const [mode, version] of links) {
  describe(`a ${mode} with segmentation offload, IPv${version}`, kernelTest, () => {
    it('carries both ways in segments of tens of kilobytes', async t => {
      const bad = badChecksums()
      const { out, back, status, info } = await bothWays(t, version, { ...offload, mode })
      assert.ok(out.bytes / out.packets > 10_000, `${out.bytes} bytes in ${out.packets} packets`)
      assert.ok(back.bytes / back.packets > 5000, `${back.bytes} bytes in ${back.packets} packets`)
      assert.equal(badChecksums(), bad)
      // Counted as they would be on a wire. The kernel counts what it sends so, but not what it has from us.
      assert.equal(status.dataSegmentsIn, Number(info['data_segs_out']))
      for (const segments of [status.dataSegmentsIn, status.dataSegmentsOut])
        assert.ok(segments >= SIZE / 1448 && segments < SIZE / 1000, String(segments))
    })

    it('answers what is no TCP', async t => {
      const { pair } = await fromEstab(t, version, { ...offload, mode })
      const host = pair.hosts(version).estab
      const { stdout } = await run('ping', ['-c', '1', '-s', '1400', host])
      assert.match(stdout, / 0% packet loss/)
    })

    it('whose receiver knows nothing of it gets whole packets', async t => {
      const { back, pair } = await bothWays(t, version, { patient: true, mode })
      assert.equal(pair.tun.headroom, 10)
      assert.ok(back.bytes / back.packets <= 1514, `${back.bytes} bytes in ${back.packets} packets`)
    })
  })
}

describe('a tap whose kernel side was told to cut up what it sends itself', kernelTest, () => {
  it('carries both ways', { skip: needs('ethtool') }, async t => {
    const options: PairOptions = { ...offload, mode: 'tap' }
    const { pair } = await fromEstab(t, 4, options)
    execFileSync('ethtool', ['-K', pair.tun.name, 'tso', 'off', 'gso', 'off', 'tx', 'off'])
    const { port, next } = pair.listen()
    const python = new Python(t)
    await python.run('c = new(4)')
    await python.run(`c.connect(('${pair.hosts(4).estab}', ${port}))`)
    const end = (await next()).hashing()
    const before = { ...pair.tun.counters }
    const poured = python.run(`pour(c, ${SIZE})`)
    await end.untilReceived(SIZE)
    assert.equal(end.digest, await poured)
    const { received, receivedBytes } = pair.tun.counters
    const each = (receivedBytes - before.receivedBytes) / (received - before.received)
    assert.ok(each <= 1514, `${each} bytes in each packet`)
  })
})

describe('the header of offload', () => {
  const header = (packet: number[], segmentSize: number, linkHeader = 0) => {
    const b = Uint8Array.from([...new Array<number>(10 + linkHeader).fill(0xee), ...packet])
    writeOffload(b, 0, segmentSize, linkHeader)
    const view = new DataView(b.buffer)
    // The byte order of the machine, which is little-endian wherever this is tested.
    return [b[0], b[1], ...[2, 4, 6, 8].map(at => view.getUint16(at, true))]
  }
  const tcp = (flags: number) => [
    ...new Array<number>(12).fill(0),
    8 << 4,
    flags,
    ...new Array<number>(18).fill(0),
  ]
  const ipv4 = [0x45, ...new Array<number>(19).fill(0)]
  const ipv6 = [0x60, ...new Array<number>(39).fill(0)]

  it('asks for nothing where the packet is whole', () => {
    assert.deepEqual(header([...ipv4, ...tcp(0x10)], 0), [0, 0, 0, 0, 0, 0])
  })

  it('says where the headers end, how large the pieces are, and where the checksum is', () => {
    assert.deepEqual(header([...ipv4, ...tcp(0x10)], 1448), [1, 1, 52, 1448, 20, 16])
    assert.deepEqual(header([...ipv6, ...tcp(0x10)], 1428), [1, 4, 72, 1428, 40, 16])
  })

  it('counts from where an Ethernet header begins', () => {
    assert.deepEqual(header([...ipv4, ...tcp(0x10)], 1448, 14), [1, 1, 66, 1448, 34, 16])
    assert.deepEqual(header([...ipv6, ...tcp(0x10)], 1428, 14), [1, 4, 86, 1428, 54, 16])
  })

  it('says that only the first piece has CWR', () => {
    assert.deepEqual(header([...ipv4, ...tcp(0x90)], 1448).slice(0, 2), [1, 0x81])
  })
})
