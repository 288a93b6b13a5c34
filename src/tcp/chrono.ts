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
  private readonly spent: Record<Limit, number> = { idle: 0, network: 0, receiver: 0, 'send-buffer': 0 }

  /** From `now` on it waits for this. */
  note(limit: Limit, now: number): void {
    if (limit === this.limit) return
    this.spent[this.limit] += now - this.since
    this.limit = limit
    this.since = now
  }

  get current(): Limit {
    return this.limit
  }

  /** Time spent waiting for `limit` until `now`. */
  total(limit: Limit, now: number): number {
    return this.spent[limit] + (limit === this.limit ? now - this.since : 0)
  }

  /** Time with anything to send or outstanding. */
  busy(now: number): number {
    return this.total('network', now) + this.total('receiver', now) + this.total('send-buffer', now)
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
