import type { IpAddress } from '../wire/address.js'

const MAX_ENTRIES = 1024
/** RFC 1191 section 6.3 and RFC 8201 section 4: a decreased PMTU is tried upwards after ten minutes. */
export const PMTU_LIFETIME = 600_000

/** Smallest MTU an ICMP error is believed about: less would only multiply our cost (CVE-2004-1060). */
const FLOOR_4 = 552
const FLOOR_6 = 1280

/** RFC 1191 section 7: what a router that names no MTU (as before 1990) may have meant. */
const PLATEAUS = [32000, 17914, 8166, 4352, 2002, 1492, 1006, 552]

/** Path MTUs learned from ICMP, by destination. */
export class PathMtuCache {
  private readonly entries = new Map<string, { mtu: number; expires: number }>()

  get(remote: IpAddress, now: number): { mtu: number; expires: number } | undefined {
    if (this.entries.size === 0) return undefined
    const key = remote.toString()
    const entry = this.entries.get(key)
    if (entry && entry.expires <= now) {
      this.entries.delete(key)
      return undefined
    }
    return entry
  }

  set(remote: IpAddress, mtu: number, now: number): number {
    const key = remote.toString()
    this.entries.delete(key)
    if (this.entries.size >= MAX_ENTRIES) this.entries.delete(this.entries.keys().next().value!)
    const expires = now + PMTU_LIFETIME
    this.entries.set(key, { mtu, expires })
    return expires
  }
}

/** The MTU an ICMP error means: what it says, above the floor; a plateau below `current` if it says nothing. */
export function believableMtu(version: 4 | 6, said: number, current: number): number {
  if (version === 6) return Math.max(said, FLOOR_6)
  if (said < 68) return PLATEAUS.find(mtu => mtu < current) ?? FLOOR_4
  return Math.max(said, FLOOR_4)
}
