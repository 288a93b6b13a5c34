// A program that was held up: its timers are due, and what would have stopped them waits in the link, unread.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Link, LinkReceiver } from '../../src/stack/link.js'
import { Stack } from '../../src/stack/stack.js'
import { IpAddress } from '../../src/wire/address.js'
import { FakeEnvironment } from '../support/packets.js'

/** An end of a cable whose packets wait until somebody reads them. */
class Unread implements Link {
  readonly kind = 'ip'
  readonly mtu = 1500
  other: Unread | undefined
  #receiver: LinkReceiver | undefined
  readonly #waiting: Uint8Array[] = []

  attach(receiver: LinkReceiver): void {
    this.#receiver = receiver
  }

  send(bytes: Uint8Array, offset: number, length: number): boolean {
    this.other!.#waiting.push(bytes.slice(offset, offset + length))
    return true
  }

  close(): void {}

  read(): void {
    for (const packet of this.#waiting.splice(0)) this.#receiver!.packet(packet, 0, packet.length)
    this.#receiver!.batchEnd()
  }
}

class Collected extends Unread {
  collect(): void {
    this.read()
  }
}

/** A client has sent 100 bytes, and was held up for two seconds while they were acknowledged. */
function heldUp(link: Unread) {
  const environments = [new FakeEnvironment(1), new FakeEnvironment(2)] as const
  const links = [link, new Unread()] as const
  links[0].other = links[1]
  links[1].other = links[0]
  const stacks = environments.map((env, i) => {
    const stack = new Stack({ env })
    stack.addInterface(links[i]!, { addresses: [`10.0.0.${i + 1}/24`] })
    return stack
  })
  const [client, server] = stacks as [Stack, Stack]
  server.listen({ port: 80, onConnection: () => {} })
  const socket = client.connect({ remote: IpAddress.parse('10.0.0.2'), port: 80 })
  for (const side of [1, 0, 1]) links[side]!.read()
  socket.send(new Uint8Array(100))
  links[1].read()
  environments[1].pass(100)
  environments[0].time += 2000
  environments[0].pass(0)
  assert.deepEqual(environments[0].errors, [])
  return socket.status()
}

describe('timers that are late', () => {
  it('what has come is taken before they are run', () => {
    const { timeouts, segmentsRetransmitted, bytesAcked } = heldUp(new Collected())
    assert.deepEqual(
      { timeouts, segmentsRetransmitted, bytesAcked },
      { timeouts: 0, segmentsRetransmitted: 0, bytesAcked: 100 },
    )
  })

  it('a link that hands over everything by itself need not be asked', () => {
    const { segmentsRetransmitted, bytesAcked } = heldUp(new Unread())
    assert.deepEqual({ segmentsRetransmitted, bytesAcked }, { segmentsRetransmitted: 1, bytesAcked: 0 })
  })
})
