import type { Tcb } from './tcb.js'

/** What a sender with data is waiting for. */
export type Limit = 'idle' | 'network' | 'receiver' | 'send-buffer'

/**
 * Where a sender's time goes, as Linux's `busy_time`, `rwnd_limited` and `sndbuf_limited` tell it: looked at after
 * each time it could send. Times in ms.
 */
export class Chrono {
  private limit: Limit = 'idle'
  private since = 0
  private network = 0
  private receiver = 0
  private sendBuffer = 0

  /** From `now` on it waits for this. */
  note(limit: Limit, now: number): void {
    if (limit === this.limit) return
    const spent = now - this.since
    if (this.limit === 'network') this.network += spent
    else if (this.limit === 'receiver') this.receiver += spent
    else if (this.limit === 'send-buffer') this.sendBuffer += spent
    this.limit = limit
    this.since = now
  }

  get current(): Limit {
    return this.limit
  }

  /** Time spent waiting for the peer's window, and for room in the send buffer, until `now`. */
  waitedForReceiver(now: number): number {
    return this.receiver + (this.limit === 'receiver' ? now - this.since : 0)
  }

  waitedForBuffer(now: number): number {
    return this.sendBuffer + (this.limit === 'send-buffer' ? now - this.since : 0)
  }

  /** Time with anything to send or outstanding. */
  busy(now: number): number {
    const current = this.limit === 'idle' ? 0 : now - this.since
    return this.network + this.receiver + this.sendBuffer + current
  }
}

/** What holds the sender back now that it has sent what it could. */
export function limitOf(tcb: Tcb): Limit {
  if (tcb.unsent <= 0) {
    if (tcb.flight === 0) return 'idle'
    // Everything is in flight, and the user may add no more until some of it is acknowledged.
    return tcb.sendQueue.length >= tcb.sendLimit ? 'send-buffer' : 'network'
  }
  return tcb.sndWnd - tcb.flight < Math.min(tcb.mss, tcb.unsent) ? 'receiver' : 'network'
}
