import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Conditions } from '../../src/sim/wire.js'
import { Losses } from '../support/worlds-losses.js'
import { open, type Pair, pair, utf8 } from '../support/worlds-pair.js'

/** A connection over a cable whose losses are counted, once it is open; `a` sends `text` and a second passes. */
function sendOver(text: string, prepare: (pair: Pair, losses: Losses) => void): Losses {
  const world = pair()
  const losses = new Losses([world.cable.forward, world.cable.backward])
  const { client, server } = open(world)
  prepare(world, losses)
  client.socket.send(utf8(text))
  world.world.runSync(world.world.now + 2000)
  assert.equal(server.text, text)
  return losses
}

const perfect: Conditions = { delay: 10 }

describe('what the wires of a world lost', () => {
  it('is data that did not arrive', () => {
    const losses = sendOver('hello', ({ cable }) => {
      cable.forward.nth(1, p => p.payloadLength > 0, 'drop')
    })
    assert.deepEqual([losses.segments, losses.bytes, losses.unheard], [1, 5, 0])
  })

  it('is data that arrived broken', () => {
    const losses = sendOver('hello', ({ cable, world }) => {
      cable.forward.conditions = { ...perfect, corrupt: 1 }
      world.at(world.now + 5, () => {
        cable.forward.conditions = perfect
      })
    })
    assert.deepEqual([losses.segments, losses.bytes, losses.unheard], [1, 5, 0])
  })

  it('is nothing if a copy of the broken segment is whole', () => {
    const losses = sendOver('hello', ({ cable, world }) => {
      cable.forward.conditions = { ...perfect, corrupt: 1, duplicate: 1 }
      world.at(world.now + 5, () => {
        cable.forward.conditions = perfect
      })
    })
    assert.deepEqual([losses.segments, losses.bytes, losses.unheard], [0, 0, 0])
  })

  it('is no lost acknowledgment, but what goes out again for want of it is told', () => {
    const losses = sendOver('hello', ({ cable }) => {
      cable.backward.nth(1, p => p.has('ACK'), 'drop')
    })
    assert.deepEqual([losses.segments, losses.bytes, losses.unheard], [0, 0, 5])
  })
})
