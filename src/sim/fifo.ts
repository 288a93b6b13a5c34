/** A packet that waits for the line. */
export interface Waiting {
  /** A queue that marks puts a marked copy here: what was sent belongs to whoever sent it. */
  bytes: Uint8Array
  /** When it was queued, in ms. */
  readonly at: number
  /** Interceptors' wishes: ms by which it arrives late, and when copies follow it. */
  readonly held: number
  readonly repeats: readonly number[]
}

/** Packets in the order in which they came, and how many bytes they are. */
export class Fifo {
  private items: (Waiting | undefined)[] = []
  private first = 0
  bytes = 0

  get length(): number {
    return this.items.length - this.first
  }

  get head(): Waiting | undefined {
    return this.items[this.first]
  }

  push(packet: Waiting): void {
    this.items.push(packet)
    this.bytes += packet.bytes.length
  }

  shift(): Waiting | undefined {
    const packet = this.items[this.first]
    if (!packet) return undefined
    this.items[this.first++] = undefined
    this.bytes -= packet.bytes.length
    if (this.first > 64 && this.first * 2 > this.items.length) {
      this.items = this.items.slice(this.first)
      this.first = 0
    }
    return packet
  }
}
