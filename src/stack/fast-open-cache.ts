import { activeFastOpen, type FastOpen, NO_COOKIE } from '../tcp/fast-open.js'
import type { Tcb } from '../tcp/tcb.js'
import type { IpAddress } from '../wire/address.js'
import { MAX_OPTIONS } from '../wire/tcp.js'

/** Servers remembered, and refusals; those that were longest not heard of go first. */
const MOST = 1024
/** After a refusal Fast Open rests for this long, and twice as long after each that follows, 64 minutes at most. */
const FIRST_REST = 60_000
const LONGEST_REST = 64 * FIRST_REST

interface Known {
  cookie: Uint8Array
  experimental: boolean
  /** The MSS its last SYN,ACK announced. */
  mss: number
}

interface Refusal {
  until: number
  rest: number
}

/**
 * What a client knows of servers' Fast Open, RFC 7413 section 4.1.3: the cookie and MSS of each address, and the
 * services that did not answer to it, which are opened in the ordinary way for a while (section 4.1.3.1).
 */
export class FastOpenCache {
  private readonly known = new Map<string, Known>()
  private readonly refusals = new Map<string, Refusal>()

  /** What to try; null for an ordinary opening. `most`: payload that fits the path beside a SYN without options. */
  attempt(remote: IpAddress, port: number, most: number, now: number): FastOpen | null {
    const refusal = this.refusals.get(service(remote, port))
    if (refusal && now < refusal.until) return null
    const known = this.known.get(host(remote))
    if (!known) return activeFastOpen(NO_COOKIE, false, 0)
    // Room for all options a middlebox may think of.
    const room = Math.max(0, Math.min(known.mss, most) - MAX_OPTIONS)
    return activeFastOpen(known.cookie, known.experimental, room)
  }

  /** What came of it, once the connection is open or will not be. */
  learn(remote: IpAddress, port: number, tcb: Tcb, now: number): void {
    const { fastOpen, synAcked, synRetransmitted, peerMss } = tcb
    if (!fastOpen?.offer) return
    const { cookie, experimental, sent, taken } = fastOpen
    if (cookie) this.remember(remote, { cookie, experimental, mss: peerMss })
    const tookSome = sent > 0 && (taken || tcb.bytesAcked > 0)
    if (synAcked && (cookie || tookSome)) {
      this.refusals.delete(service(remote, port))
      const known = this.known.get(host(remote))
      if (known) known.mss = peerMss
    } else if (synAcked || synRetransmitted || isTrouble(tcb)) this.refuse(service(remote, port), now)
  }

  /** Forgets everything. */
  clear(): void {
    this.known.clear()
    this.refusals.clear()
  }

  private remember(remote: IpAddress, known: Known): void {
    put(this.known, host(remote), known)
  }

  private refuse(key: string, now: number): void {
    const before = this.refusals.get(key)
    const rest = before ? Math.min(2 * before.rest, LONGEST_REST) : FIRST_REST
    put(this.refusals, key, { until: now + rest, rest })
  }
}

/** The network would not have it. That nobody is there, or that the user gave up, says nothing about Fast Open. */
const isTrouble = ({ error }: Tcb): boolean =>
  error !== null && error.code !== 'ECONNREFUSED' && error.code !== 'ECONNABORTED'

/** The newest at the end, and no more than there may be. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > MOST) map.delete(map.keys().next().value!)
}

/** Not a number's name: V8 hashed those without a seed (CVE-2026-21717). */
const host = (address: IpAddress): string => `host ${address}`
const service = (address: IpAddress, port: number): string => `service ${address} ${port}`
