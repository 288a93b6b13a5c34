import type { Fifo, Waiting } from './fifo.js'
import type { Queue } from './queue.js'

/** True if a queue of `limit` bytes that holds `bytes` has room; an empty one takes a packet of any size. */
export const hasRoom = (bytes: number, length: number, limit: number): boolean =>
  bytes === 0 || bytes + length <= limit

/** A queue that is full drops what comes; nothing else. */
export class DropTailQueue implements Queue {
  constructor(
    private readonly fifo: Fifo,
    private readonly limit: number,
  ) {}

  enqueue(packet: Waiting): boolean {
    if (!hasRoom(this.fifo.bytes, packet.bytes.length, this.limit)) return false
    this.fifo.push(packet)
    return true
  }

  dequeue(): Waiting | undefined {
    return this.fifo.shift()
  }
}
