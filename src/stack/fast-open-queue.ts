import type { Socket } from './socket.js'

/** One that ended by a RST keeps its place for this long, so that nobody can make room with forged ones. */
const AFTERMATH = 60_000

/**
 * A listener's connections that Fast Open has handed to their user before the handshake is over, RFC 7413 section 5.1:
 * no more than `most` at once, those that were reset meanwhile among them.
 */
export class FastOpenQueue {
  private readonly waiting = new Set<Socket>()
  /** When each place that a reset holds is free again, in order. */
  private readonly held: number[] = []

  constructor(public most: number) {}

  hasRoom(now: number): boolean {
    while (this.held.length > 0 && this.held[0]! <= now) this.held.shift()
    return this.waiting.size + this.held.length < this.most
  }

  join(socket: Socket): void {
    this.waiting.add(socket)
  }

  /** Its handshake is over, or it is. */
  leave(socket: Socket, now: number): void {
    if (!this.waiting.delete(socket)) return
    if (!socket.tcb.synAcked && socket.tcb.error?.code === 'ECONNRESET') this.held.push(now + AFTERMATH)
  }
}
