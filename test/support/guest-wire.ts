import type { Duplex } from 'node:stream'
import type { Link, LinkReceiver } from '../../src/stack/link.js'

/** In front of each frame QEMU says how long it is, in four bytes. */
const PREFIX = 4
const MTU = 1500
/**
 * After so many frames estab acknowledges what came. Of an acknowledgment of eight segments or more Linux takes most to have
 * been marked where it is in doubt, though the option says otherwise.
 */
const BURST = 4

/** The cable to a machine in QEMU: a stream of Ethernet frames (`-netdev socket`). One link at a time is plugged in. */
export class GuestWire {
  readonly #stream: Duplex
  #receiver: LinkReceiver | undefined
  #rest: Buffer = Buffer.alloc(0)

  constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', (data: Buffer) => this.#receive(data))
    stream.on('error', error => this.#receiver?.failed(error))
  }

  /** A card with this station address, in the place of any other. */
  plug(hardwareAddress: Uint8Array): Link {
    let mine: LinkReceiver | undefined
    return {
      kind: 'ethernet',
      mtu: MTU,
      hardwareAddress,
      attach: receiver => {
        mine = this.#receiver = receiver
      },
      send: (bytes, offset, length) => {
        const frame = Buffer.alloc(PREFIX + length)
        frame.writeUInt32BE(length)
        frame.set(bytes.subarray(offset, offset + length), PREFIX)
        this.#stream.write(frame)
        return true
      },
      close: () => {
        if (this.#receiver === mine) this.#receiver = undefined
      },
    }
  }

  #receive(data: Buffer): void {
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, data]) : data
    for (let i = 1; rest.length >= PREFIX && rest.length >= PREFIX + rest.readUInt32BE(); i++) {
      const length = rest.readUInt32BE()
      this.#receiver?.packet(rest, PREFIX, length)
      rest = rest.subarray(PREFIX + length)
      if (i % BURST === 0) this.#receiver?.batchEnd()
    }
    this.#rest = rest
    this.#receiver?.batchEnd()
  }
}
