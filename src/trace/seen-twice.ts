import type { IpView } from '../wire/ip.js'
import { FIN, RST, type SegmentView, SYN } from '../wire/tcp.js'

/** Copies of a packet that a capture has twice are this close, in ms. */
const CLOSE = 1

interface Sight {
  readonly t: number
  readonly place: number
  readonly bytes: Uint8Array
  readonly at: number
}

/**
 * Tells packets that were captured twice (at several interfaces, with `-i any`, or before and after a router) from
 * segments that were sent twice. Remembers what was seen in the last millisecond or two.
 */
export class SeenTwice {
  private young = new Map<string, Sight>()
  private old = new Map<string, Sight>()
  private since = Number.NEGATIVE_INFINITY

  /** Whether this packet was seen before; one that was not is remembered. */
  is(ip: IpView, seg: SegmentView, t: number, place: number): boolean {
    if (t - this.since > CLOSE) {
      this.old = t - this.since > 2 * CLOSE ? new Map() : this.young
      this.young = new Map()
      this.since = t
    }
    const key = `${ip.fragmentId} ${seg.srcPort} ${seg.seq} ${seg.ack} ${seg.flags} ${seg.payloadLength}`
    const before = this.young.get(key) ?? this.old.get(key)
    const sight = { t, place, bytes: ip.bytes, at: ip.payloadOffset }
    if (before && t - before.t <= CLOSE && same(before, sight)) {
      // Without an identification two acknowledgments of a kind look like one; each may count to its receiver.
      const tellsNothing = ip.fragmentId === 0 && seg.payloadLength === 0 && !(seg.flags & (SYN | FIN | RST))
      if (!tellsNothing || before.place !== place) return true
    }
    this.young.set(key, sight)
    return false
  }
}

/** The segments are the same, but for checksums: a device may have filled them in between. */
function same(a: Sight, b: Sight): boolean {
  const length = Math.min(a.bytes.length - a.at, b.bytes.length - b.at)
  for (let i = 0; i < length; i++)
    if (i !== 16 && i !== 17 && a.bytes[a.at + i] !== b.bytes[b.at + i]) return false
  return true
}
