import type { Tcb } from '../tcp/tcb.js'
import type { IpAddress } from '../wire/address.js'
import type { Socket } from './socket.js'

/** Hosts remembered; those not heard of for longest go first. */
const MOST = 1024
/** What is older says nothing any more, in ms. */
const LIFETIME = 3_600_000

interface Known {
  /** In ms, and bytes; -1 and Infinity where nothing was learnt. */
  srtt: number
  rttvar: number
  ssthresh: number
  at: number
  /** The connection opened last, as long as it lives. */
  latest: Socket | null
}

/**
 * What one connection has learnt of a path, for the next one to the same host: TCB sharing, RFC 9040. Those that are over
 * leave it behind (temporal sharing), those that are there lend it (ensemble sharing). The path's MTU and the cookies of
 * Fast Open have caches of their own.
 */
export class HostCache {
  private readonly hosts = new Map<string, Known>()

  /** A connection begins: it starts from what is known. */
  begin(socket: Socket, now: number): void {
    const { remote, tcb } = socket
    if (!tcb.config.shareState) return
    const key = keyOf(remote)
    const known = this.hosts.get(key)
    if (known?.latest && isOpen(known.latest.tcb)) learn(known, known.latest.tcb, now)
    if (known && now - known.at < LIFETIME) {
      tcb.rto.adopt(known.srtt, known.rttvar)
      if (known.ssthresh !== Number.POSITIVE_INFINITY) tcb.congestion.startTo?.(known.ssthresh)
    }
    this.put(key, { ...(known ?? UNKNOWN), latest: socket })
  }

  /** A connection is over. */
  end(socket: Socket, now: number): void {
    const { remote, tcb } = socket
    if (!tcb.config.shareState) return
    const key = keyOf(remote)
    const known = this.hosts.get(key)
    if (!known) return
    learn(known, tcb, now)
    if (known.latest === socket) known.latest = null
    this.put(key, known)
  }

  private put(key: string, known: Known): void {
    this.hosts.delete(key)
    this.hosts.set(key, known)
    if (this.hosts.size > MOST) this.hosts.delete(this.hosts.keys().next().value!)
  }
}

const UNKNOWN: Known = {
  srtt: -1,
  rttvar: 0,
  ssthresh: Number.POSITIVE_INFINITY,
  at: Number.NEGATIVE_INFINITY,
  latest: null,
}

const isOpen = (tcb: Tcb): boolean => tcb.openedAt >= 0 && tcb.state !== 'CLOSED'

/** Old and new by halves, as far as there is anything new (RFC 9040 section 6.1 leaves the mixture open). */
function learn(known: Known, tcb: Tcb, now: number): void {
  const { srtt, rttvar } = tcb.rto
  if (tcb.openedAt < 0 || srtt < 0) return
  const stale = known.srtt < 0 || now - known.at >= LIFETIME
  known.srtt = stale ? srtt : (known.srtt + srtt) / 2
  known.rttvar = stale ? rttvar : (known.rttvar + rttvar) / 2
  const { ssthresh } = tcb.congestion
  // Without a loss nothing was learnt of how much the path holds.
  if (ssthresh !== Number.POSITIVE_INFINITY)
    known.ssthresh =
      stale || known.ssthresh === Number.POSITIVE_INFINITY ? ssthresh : (known.ssthresh + ssthresh) / 2
  known.at = now
}

/** Not a number's name: V8 hashed those without a seed (CVE-2026-21717). */
const keyOf = (address: IpAddress): string => `host ${address}`
