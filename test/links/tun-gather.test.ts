import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { canGather, GatheringWriter } from '../../src/links/tun-gather.js'
import { getLibc, type Libc } from '../../src/links/tun-libc.js'
import { Gathered } from '../../src/wire/gathered.js'

function libc(): Libc | undefined {
  try {
    const found = getLibc()
    return canGather(found) ? found : undefined
  } catch {
    return undefined
  }
}
const found = process.platform === 'linux' ? libc() : undefined
const skip = found ? false : 'needs Linux, koffi, and addresses of 64 bits'

/** A writer to a file, and what is in it. */
function file(t: TestContext) {
  const folder = mkdtempSync(path.join(tmpdir(), 'estab-gather-'))
  const name = path.join(folder, 'written')
  const fd = openSync(name, 'w')
  t.after(() => {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  })
  return { writer: new GatheringWriter(found!, fd), written: () => readFileSync(name) }
}

const numbered = (length: number, from: number) => Uint8Array.from({ length }, (_, i) => from + i)

describe('parts of a packet that lie in several places', { skip }, () => {
  it('are written one behind the other, wherever in their buffers they begin', t => {
    const { writer, written } = file(t)
    const head = numbered(100, 0)
    const whole = new Uint8Array(new SharedArrayBuffer(5000), 1000, 3000).fill(200)
    const parts: [Uint8Array, number, number][] = [
      [numbered(70_000, 3), 11, 60_000],
      [Buffer.from('small ones are moved about by the collector, unless they are looked at'), 6, 4],
      [whole, 2999, 1],
      [whole.subarray(10), 0, 2990],
    ]
    const payload = new Gathered()
    for (const part of parts) payload.add(...part)
    for (let again = 0; again < 2; again++)
      assert.equal(writer.write(head, 30, 50, payload), 50 + payload.length)
    const once = Buffer.concat([
      head.subarray(30, 80),
      ...parts.map(([bytes, from, length]) => bytes.subarray(from, from + length)),
    ])
    assert.ok(written().equals(Buffer.concat([once, once])))
  })

  it('are refused where they end behind their buffer, also because that was transferred away', t => {
    const { writer, written } = file(t)
    const head = numbered(20, 0)
    const chunk = numbered(5000, 1)
    const of = (from: number, length: number) => {
      const payload = new Gathered()
      payload.add(chunk, from, length)
      return payload
    }
    assert.equal(writer.write(head, 0, 20, of(0, 5000)), 5020)
    assert.throws(() => writer.write(head, 0, 20, of(1, 5000)), RangeError)
    assert.throws(() => writer.write(head, 1, 20, of(0, 5000)), RangeError)
    structuredClone(chunk, { transfer: [chunk.buffer] })
    assert.throws(() => writer.write(head, 0, 20, of(0, 5000)), RangeError)
    assert.equal(written().length, 5020)
  })
})
