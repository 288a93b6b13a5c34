import type { Link, LinkReceiver } from './link.js'

const CAPACITY = 1024

/** The stack's way to itself. Packets wait in a queue, and the stack takes them when it has settled. */
export class LoopbackLink implements Link {
  readonly kind = 'ip'
  readonly mtu = 65535
  private readonly queue: Uint8Array[] = []
  private receiver: LinkReceiver | undefined

  attach(receiver: LinkReceiver): void {
    this.receiver = receiver
  }

  send(bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.queue.length >= CAPACITY) return false
    this.queue.push(bytes.slice(offset, offset + length))
    return true
  }

  get isEmpty(): boolean {
    return this.queue.length === 0
  }

  /** Delivers what waits now; what that brings forth waits for the next time. */
  deliver(): void {
    for (const packet of this.queue.splice(0)) this.receiver?.packet(packet, 0, packet.length)
  }

  close(): void {
    this.queue.length = 0
  }
}
