// Segmentation offload: what the kernel hands over before it has cut it up, and takes to cut up itself.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { writeOffload } from '../../src/links/tun-offload.js'
import { kernelTest } from '../support/kernel.js'
import { fromEstab } from '../support/kernel-connection.js'
import { Content, MiB } from '../support/kernel-content.js'

const SIZE = 8 * MiB
const offload = { offload: true, patient: true }
const run = promisify(execFile)

/** Segments with a wrong checksum that the kernel of this namespace has had. */
const badChecksums = (): number =>
  Number(execFileSync('nstat', ['-asz', 'TcpInCsumErrors'], { encoding: 'utf8' }).match(/Errors +(\d+)/)![1])

for (const version of [4, 6] as const) {
  describe(`a TUN with segmentation offload, IPv${version}`, kernelTest, () => {
    it('carries both ways in segments of tens of kilobytes', async t => {
      const c = await fromEstab(t, version, offload)
      const bad = badChecksums()
      const { counters } = c.pair.tun
      const taken = c.python.run(`take(c, ${SIZE})`)
      await c.end.pour(new Content(SIZE))
      await taken
      const { sent, sentBytes } = counters
      assert.ok(sentBytes / sent > 10_000, `${sentBytes} bytes in ${sent} packets`)
      const poured = c.python.run(`pour(c, ${SIZE})`)
      await c.end.untilReceived(SIZE)
      await poured
      const { received, receivedBytes } = counters
      assert.ok(receivedBytes / received > 5000, `${receivedBytes} bytes in ${received} packets`)
      assert.equal(badChecksums(), bad)
      const status = c.end.socket.status()
      assert.deepEqual([status.segmentsRetransmitted, status.outOfOrderIn, status.duplicateIn], [0, 0, 0])
      const info = await c.kernelInfo()
      assert.equal(info['retrans'], undefined)
      // Counted as they would be on a wire. The kernel counts what it sends so, but not what it has from a TUN.
      assert.equal(status.dataSegmentsIn, Number(info['data_segs_out']))
      for (const segments of [status.dataSegmentsIn, status.dataSegmentsOut])
        assert.ok(segments >= SIZE / 1448 && segments < SIZE / 1000, String(segments))
    })

    it('answers what is no TCP', async t => {
      const { pair } = await fromEstab(t, version, offload)
      const host = pair.hosts(version).estab
      const { stdout } = await run('ping', ['-c', '1', '-s', '1400', host])
      assert.match(stdout, / 0% packet loss/)
    })
  })
}

describe('the header of offload', () => {
  const header = (packet: number[], segmentSize: number) => {
    const b = Uint8Array.from([...new Array<number>(10).fill(0xee), ...packet])
    writeOffload(b, 0, segmentSize)
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

  it('says that only the first piece has CWR', () => {
    assert.deepEqual(header([...ipv4, ...tcp(0x90)], 1448).slice(0, 2), [1, 0x81])
  })
})
