import { get16, set16 } from '../wire/bytes.js'
import { finish, sum } from '../wire/checksum.js'
import type { DropReason } from '../wire/drops.js'
import { type IpView, PROTO_ICMPV6, PROTO_TCP, PROTO_UDP } from '../wire/ip.js'
import { TimerNode } from './wheel.js'

const MAX_DATAGRAMS = 64
const MAX_BYTES = 1 << 20
const MAX_PIECES = 64
/** RFC 1122 section 3.3.2 and RFC 8200 section 4.5 say 60 s; what has not come in 30 will not. */
export const REASSEMBLY_TIMEOUT = 30_000

interface Piece {
  start: number
  end: number
  data: Uint8Array
}

/** A datagram of which some fragments have arrived. */
export class Datagram extends TimerNode {
  pieces: Piece[] = []
  bytes = 0
  /** Length of the payload, once the last fragment is here. */
  total = -1
  /** The first fragment as it came, and how much of it are headers up to (IPv6: without) the fragment header. */
  first: Uint8Array | undefined
  headerLength = 0
  protocol = 0
  /** Poisoned by an overlap: swallows the rest of its fragments until it times out (RFC 5722). */
  poisoned = false

  constructor(readonly key: string) {
    super()
  }
}

/**
 * Fragment reassembly (RFC 791, RFC 815's idea of a list of what is there, RFC 8200 section 4.5), bounded in
 * datagrams, bytes and pieces. Fragments that overlap drop the whole datagram, IPv4 too: nobody sends them in
 * earnest, and two readings of the same bytes are an attack (RFC 5722, RFC 3128).
 */
export class Fragments {
  private readonly datagrams = new Map<string, Datagram>()
  private bytes = 0

  /**
   * Takes a fragment. Returns the whole packet, headers included, once it is complete; a reason if the fragment was
   * dropped; undefined while parts are missing. `started` and `ended` let the caller keep the timer.
   */
  add(
    view: IpView,
    started: (datagram: Datagram) => void,
    ended: (datagram: Datagram) => void,
  ): Uint8Array | DropReason | undefined {
    const { fragmentOffset: start, payloadLength: length } = view
    const end = start + length
    if (length === 0 || (view.moreFragments && length % 8 !== 0)) return 'fragment-malformed'
    if (end > 65535) return 'fragment-too-big'
    // A first fragment without the whole TCP header, or one that could rewrite it (RFC 1858).
    if (view.protocol === PROTO_TCP && ((start === 0 && length < 20) || (start > 0 && start < 20)))
      return 'fragment-tiny'
    if (view.version === 6 && start === 0 && !holdsAllHeaders(view)) return 'fragment-tiny'
    const { version, src0, src1, src2, src3, dst0, dst1, dst2, dst3, fragmentId } = view
    const ends =
      version === 4
        ? `${src3} ${dst3} ${view.protocol}`
        : `${src0} ${src1} ${src2} ${src3} ${dst0} ${dst1} ${dst2} ${dst3}`
    const key = `${version} ${ends} ${fragmentId}`
    let datagram = this.datagrams.get(key)
    if (!datagram) {
      if (this.datagrams.size >= MAX_DATAGRAMS) return 'fragment-limit'
      datagram = new Datagram(key)
      this.datagrams.set(key, datagram)
      started(datagram)
    }
    if (datagram.poisoned) return 'fragment-overlap'
    if (this.bytes + length > MAX_BYTES || datagram.pieces.length >= MAX_PIECES) {
      ended(this.drop(datagram))
      return 'fragment-limit'
    }
    const at = datagram.pieces.findIndex(piece => piece.end > start)
    const next = at < 0 ? undefined : datagram.pieces[at]!
    // The very same fragment again is a duplicate of the network's making.
    if (next && next.start === start && next.end === end) return undefined
    const bad =
      (next !== undefined && next.start < end) ||
      (datagram.total >= 0 && (end > datagram.total || (!view.moreFragments && end !== datagram.total))) ||
      (!view.moreFragments && datagram.pieces.some(piece => piece.end > end))
    if (bad) {
      this.bytes -= datagram.bytes
      datagram.pieces = []
      datagram.bytes = 0
      datagram.first = undefined
      datagram.poisoned = true
      return 'fragment-overlap'
    }
    const data = view.bytes.slice(view.payloadOffset, view.payloadOffset + length)
    datagram.pieces.splice(at < 0 ? datagram.pieces.length : at, 0, { start, end, data })
    datagram.bytes += length
    this.bytes += length
    if (!view.moreFragments) datagram.total = end
    if (start === 0) {
      datagram.first = view.bytes.slice(view.offset, view.offset + view.totalLength)
      datagram.headerLength = (version === 4 ? view.payloadOffset : view.fragmentHeader) - view.offset
      datagram.protocol = view.protocol
    }
    if (datagram.bytes !== datagram.total) return undefined
    ended(this.drop(datagram))
    const most = version === 4 ? 65535 : 65535 + 40
    return datagram.headerLength + datagram.total > most ? 'fragment-too-big' : assemble(version, datagram)
  }

  /** Gives up on a datagram; its first fragment, if it came, is what an ICMP error would quote. */
  drop(datagram: Datagram): Datagram {
    if (this.datagrams.delete(datagram.key)) this.bytes -= datagram.bytes
    return datagram
  }
}

const UPPER_HEADER: Readonly<Record<number, number>> = { [PROTO_TCP]: 20, [PROTO_UDP]: 8, [PROTO_ICMPV6]: 8 }

/** RFC 7112: every header is in the first fragment, that of the upper protocol too; so filters need no other. */
function holdsAllHeaders(view: IpView): boolean {
  const { bytes } = view
  let at = view.payloadOffset
  const end = at + view.payloadLength
  let next = view.protocol
  // Hop-by-hop options, a routing header, destination options.
  while (next === 0 || next === 43 || next === 60) {
    if (at + 8 > end) return false
    next = bytes[at]!
    at += (bytes[at + 1]! + 1) << 3
  }
  return at + (UPPER_HEADER[next] ?? 0) <= end
}

/** The header before the fragment header named it; now it must name what followed. */
function patchNextHeader(header: Uint8Array, protocol: number): void {
  let at = 6
  let next = 40
  while (next < header.length) {
    at = next
    next += (header[next + 1]! + 1) << 3
  }
  header[at] = protocol
}

function assemble(version: 4 | 6, datagram: Datagram): Uint8Array {
  const header = datagram.first!.slice(0, datagram.headerLength)
  if (version === 6) patchNextHeader(header, datagram.protocol)
  const packet = new Uint8Array(header.length + datagram.total)
  packet.set(header)
  for (const piece of datagram.pieces) packet.set(piece.data, header.length + piece.start)
  if (version === 4) {
    set16(packet, 2, packet.length)
    set16(packet, 6, get16(packet, 6) & 0x4000)
    set16(packet, 10, 0)
    set16(packet, 10, finish(sum(packet, 0, header.length)))
  } else set16(packet, 4, packet.length - 40)
  return packet
}
