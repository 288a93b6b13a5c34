// One packet in twenty is lost, in each direction, data and acknowledgments alike, and nothing of what was sent is.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kernelTest } from '../support/kernel.js'
import { type Connection, fromEstab, fromKernel } from '../support/kernel-connection.js'
import { Content, MiB } from '../support/kernel-content.js'
import { disorder, loseInKernel, loseOnLink } from '../support/kernel-loss.js'
import { needs } from '../support/kernel-program.js'

const soak = process.env.ESTAB_SOAK === '1'
const PERCENT = 5
const MOST = 64 * MiB
/** NewReno gets through this much loss only by its timer, time and again: 3 s for each MiB. */
const FROM_ESTAB = soak ? MOST : 2 * MiB
/** Linux with CUBIC needs 0.6 s for each MiB here, whether it talks to estab or to itself. */
const ON_LINK = soak ? MOST : 4 * MiB

const options = { ...kernelTest, timeout: 900_000 }
const nft = { skip: needs('nft') }

/** What Linux has everywhere and does by default; this machine's own default may be another. */
const CUBIC = `setsockopt(IPPROTO_TCP, TCP_CONGESTION, b'cubic')`

async function toEstab(c: Connection, size: number): Promise<void> {
  c.end.hashing()
  const digest = await c.python.run(`pour(c, ${size})`)
  await c.python.run('c.shutdown(SHUT_WR)')
  await c.end.untilEnd(300_000)
  assert.equal(c.end.receivedBytes, size)
  assert.equal(c.end.digest, digest)
}

async function toKernel(c: Connection, size: number): Promise<void> {
  const content = new Content(size)
  const drained = c.python.run('drain(c)')
  await c.end.pour(content, 300_000)
  c.end.socket.close()
  assert.deepEqual(await drained, [content.length, content.digest])
}

for (const version of [4, 6] as const) {
  describe(`loss between estab and the kernel, IPv${version}`, options, () => {
    it(`${MOST / MiB} MiB from the kernel, which loses ${PERCENT} % both ways`, nft, async t => {
      const c = await fromKernel(t, version, { prepare: `c.${CUBIC}` })
      loseInKernel(t, c.pair.tun.name, PERCENT)
      await toEstab(c, MOST)
      // What is dropped on its way out Linux mostly notices itself, and sends again before anything overtakes it.
      const again = Number((await c.kernelInfo())['bytes_retrans'] ?? 0)
      const { outOfOrderIn, duplicateIn } = c.end.socket.status()
      assert.ok(outOfOrderIn + duplicateIn + again > 0)
    })

    it(`${FROM_ESTAB / MiB} MiB from estab, the kernel loses ${PERCENT} % both ways`, nft, async t => {
      const c = await fromEstab(t, version)
      loseInKernel(t, c.pair.tun.name, PERCENT)
      await toKernel(c, FROM_ESTAB)
      assert.ok(c.end.socket.status().segmentsRetransmitted > 0)
    })

    it(`${ON_LINK / MiB} MiB from the kernel, the link loses ${PERCENT} % both ways`, async t => {
      const c = await fromKernel(t, version, { prepare: `c.${CUBIC}` })
      loseOnLink(c.pair.gate, PERCENT, version)
      await toEstab(c, ON_LINK)
      assert.ok(Number((await c.kernelInfo())['bytes_retrans']) > 0)
    })

    it(`${MOST / 4 / MiB} MiB each way, the link disorders and doubles`, async t => {
      const c = await fromKernel(t, version, { prepare: `c.${CUBIC}` })
      disorder(c.pair.gate, PERCENT, version)
      await toEstab(c, MOST / 4)
      const back = await fromEstab(t, version)
      disorder(back.pair.gate, PERCENT, version)
      await toKernel(back, MOST / 4)
      assert.ok(c.end.socket.status().duplicateIn > 0)
      // Nothing is lost: a machine that stood still for long may let the timer expire, which is then found out.
      const { timeouts, spuriousRecoveries } = back.end.socket.status()
      assert.ok(timeouts <= spuriousRecoveries, `${timeouts} timeouts, ${spuriousRecoveries} taken back`)
    })

    it(`${FROM_ESTAB / 2 / MiB} MiB from estab, the link loses ${PERCENT} % both ways`, async t => {
      const c = await fromEstab(t, version)
      loseOnLink(c.pair.gate, PERCENT, version)
      await toKernel(c, FROM_ESTAB / 2)
      assert.ok(c.end.socket.status().segmentsRetransmitted > 0)
    })
  })
}
