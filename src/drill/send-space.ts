import type { Socket } from '../stack/socket.js'

/**
 * How much of a write a socket takes. POSIX says no more than that there is a buffer; hosts differ in what they count,
 * and scripts written for one see it.
 */
export interface SendSpace {
  /** Bytes of a write that are taken now, at most `wanted`. */
  take(wanted: number): number
  /** Whether poll() says that a write would take something. */
  readonly writable: boolean
}

/** A limit in bytes, filled to the last. */
export class PlainSpace implements SendSpace {
  constructor(
    private readonly socket: Socket,
    private readonly lowWater: () => number | undefined,
  ) {}

  private get room(): number {
    const low = this.lowWater()
    const room = this.socket.sendLimit - this.socket.sendQueued
    return low === undefined ? room : Math.min(room, low - this.socket.status().notSent)
  }

  take(wanted: number): number {
    return Math.max(0, Math.min(wanted, this.room))
  }

  get writable(): boolean {
    return this.room > 0
  }
}

/**
 * Linux's way: data is queued in buffers of many segments. Room is asked for only when a new one is begun, which is then
 * filled whatever the limit; and a writer that had to wait is let on when a third of the room is free.
 */
export class BufferedSpace implements SendSpace {
  /** Bytes in the last buffer, as long as any of it is unsent. */
  private last = 0
  private waiting = false

  constructor(
    private readonly socket: Socket,
    private readonly lowWater: () => number | undefined,
  ) {}

  /** Whole segments, up to half the largest window the peer has offered. */
  private get bufferSize(): number {
    const { mss, maxSndWnd } = this.socket.tcb
    const most = Math.min(65_535 - 320, maxSndWnd >>> 1)
    return Math.max(mss, most - (most % Math.max(1, mss)))
  }

  private get mayBegin(): boolean {
    const { sendQueued, sendLimit } = this.socket
    if (this.waiting && sendLimit - sendQueued < sendQueued >>> 1) return false
    return (
      sendQueued < sendLimit && this.socket.status().notSent < (this.lowWater() ?? Number.POSITIVE_INFINITY)
    )
  }

  take(wanted: number): number {
    this.last = Math.min(this.last, this.socket.status().notSent)
    let room = this.last > 0 ? this.bufferSize - this.last : 0
    if (room <= 0) {
      if (!this.mayBegin) {
        this.waiting = true
        return 0
      }
      this.waiting = false
      this.last = 0
      room = this.bufferSize
    }
    const taken = Math.min(wanted, room)
    this.last += taken
    return taken
  }

  get writable(): boolean {
    const { sendQueued, sendLimit } = this.socket
    const low = this.lowWater()
    return (
      sendLimit - sendQueued >= sendQueued >>> 1 &&
      (low === undefined || this.socket.status().notSent * 2 < low)
    )
  }
}
