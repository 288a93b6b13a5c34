import { cookieOf, hasCookie } from '../tcp/fast-open.js'
import { SipHash } from '../tcp/siphash.js'
import type { IpAddress } from '../wire/address.js'
import type { SegmentView } from '../wire/tcp.js'
import type { Environment } from './environment.js'

/** A key of our own is good for this long, and for as long again as the one before. */
const LIFETIME = 12 * 3600 * 1000

/**
 * Fast Open cookies as a server makes and checks them, RFC 7413 section 4.1.2: a MAC of both addresses, eight bytes
 * long, made as Linux makes them, so that hosts behind one address can share a key. The key before is believed too,
 * and who shows a cookie from it is given a new one.
 */
export class FastOpenKeys {
  private current: SipHash | null = null
  private last: SipHash | null = null
  private madeAt = 0
  /** Somebody has said what the keys are: they do not change by themselves. */
  private isGiven = false
  private readonly words = new Int32Array(8)

  constructor(private readonly env: Environment) {}

  /** `key` and `last` are 16 bytes each. Throws a RangeError for others. */
  set(key: Uint8Array, last?: Uint8Array): void {
    const fresh = new SipHash(key)
    this.last = last ? new SipHash(last) : null
    this.current = fresh
    this.isGiven = true
  }

  /** The cookie that `remote` gets from `local`. */
  cookie(local: IpAddress, remote: IpAddress, now: number): Uint8Array {
    return this.make(this.keyAt(now), local, remote)
  }

  /** Whether the SYN's cookie is one of ours: from the key of now, from the one before, or not at all. */
  check(seg: SegmentView, local: IpAddress, remote: IpAddress, now: number): 'current' | 'last' | 'bad' {
    if (!hasCookie(seg)) return 'bad'
    const shown = cookieOf(seg)
    const current = this.keyAt(now)
    if (equal(shown, this.make(current, local, remote))) return 'current'
    return this.last && equal(shown, this.make(this.last, local, remote)) ? 'last' : 'bad'
  }

  private keyAt(now: number): SipHash {
    if (this.current && (this.isGiven || now - this.madeAt < LIFETIME)) return this.current
    // Where nobody came for two lifetimes, the one before is too old as well.
    this.last = this.current && now - this.madeAt < 2 * LIFETIME ? this.current : null
    const bytes = new Uint8Array(16)
    this.env.fillRandom(bytes)
    this.madeAt = now
    this.current = new SipHash(bytes)
    return this.current
  }

  private make(key: SipHash, local: IpAddress, remote: IpAddress): Uint8Array {
    const { words } = this
    let n = 0
    for (const { version, w0, w1, w2, w3 } of [remote, local])
      for (const word of version === 4 ? [w3] : [w0, w1, w2, w3]) words[n++] = swap(word)
    const cookie = new Uint8Array(8)
    const view = new DataView(cookie.buffer)
    view.setInt32(0, key.hash(words, n), true)
    view.setInt32(4, key.high, true)
    return cookie
  }
}

/** The bytes of a word the other way round: SipHash reads little-endian, addresses are big-endian. */
const swap = (w: number): number =>
  ((w & 0xff) << 24) | ((w & 0xff00) << 8) | ((w >>> 8) & 0xff00) | (w >>> 24)

/** In a time that does not depend on where they differ. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}
