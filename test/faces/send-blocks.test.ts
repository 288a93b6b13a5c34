import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SendBlocks } from '../../src/faces/net/send-blocks.js'

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value)

describe('blocks for large writes', () => {
  it('hold a copy, which does not change with the original', () => {
    const blocks = new SendBlocks()
    const original = bytes(20_000, 1)
    const copy = blocks.copy(original, 20_000)!
    original.fill(9)
    assert.deepEqual(copy, bytes(20_000, 1))
    assert.ok(copy.buffer.byteLength < 40_000)
  })

  it('are used again once everything in them is acknowledged, and not before', () => {
    const blocks = new SendBlocks()
    const first = blocks.copy(bytes(40_000, 1), 40_000)!
    const second = blocks.copy(bytes(40_000, 2), 80_000)!
    assert.notEqual(first.buffer, second.buffer)
    blocks.release(39_999)
    const third = blocks.copy(bytes(40_000, 3), 120_000)!
    assert.ok(third.buffer !== first.buffer && third.buffer !== second.buffer)
    blocks.release(79_999)
    // By another connection, too.
    assert.equal(new SendBlocks().copy(bytes(33_000, 4), 33_000)!.buffer, first.buffer)
    assert.deepEqual(second, bytes(40_000, 2))
  })

  it('are not for small writes, nor for very large ones', () => {
    const blocks = new SendBlocks()
    assert.equal(blocks.copy(bytes(16_383, 1), 16_383), undefined)
    assert.equal(blocks.copy(bytes((1 << 20) + 1, 1), (1 << 20) + 1), undefined)
  })

  it('are let go beyond eight mebibytes', () => {
    const blocks = new SendBlocks()
    const made = new Set<ArrayBufferLike>()
    for (let i = 1; i <= 20; i++) made.add(blocks.copy(bytes(1 << 20, i), i << 20)!.buffer)
    blocks.release(20 << 20)
    let again = 0
    for (let i = 1; i <= 20; i++) if (made.has(blocks.copy(bytes(1 << 20, i), i << 20)!.buffer)) again++
    assert.ok(again <= 8 && again >= 6, `${again}`)
  })
})
