import type { StackObserver } from '../stack/observe.js'
import { get16, get32 } from '../wire/bytes.js'
import { PROTO_TCP } from '../wire/ip.js'
import { ACK, OPTION_NOP, OPTION_SACK, SYN, TCP_HEADER } from '../wire/tcp.js'
import { Points } from './points.js'
import { Numbers } from './statistics.js'

/** What a time–sequence graph shows of one direction of a connection; sequence numbers are bytes from its beginning. */
export interface SequencePoints {
  /** The end of each segment sent for the first time, and of those sent again. */
  readonly sent: Points
  readonly retransmitted: Points
  /** The cumulative acknowledgment, and the ends of blocks of selective ones, as they reach the sender. */
  readonly acked: Points
  readonly sacked: Points
  /** The end of each segment as it reaches the receiver. */
  readonly received: Points
}

/** A data segment in flight: where it ends, when it was sent, whether it was sent again. */
interface Outstanding {
  readonly end: number
  readonly at: number
  again: boolean
}

/** Most segments that are remembered; beyond that some round trips go unmeasured. */
const MOST_OUTSTANDING = 1 << 17

/**
 * Watches a sender's packets and says, without asking its TCP: round-trip times (each acknowledgment of new data,
 * except of data sent twice, Karn's rule), retransmissions, and the points of a time–sequence graph. There must be no
 * other TCP connection on the sender's host with the same remote port.
 */
export class SequenceWatch {
  readonly points: SequencePoints
  /** Round-trip times in ms, in order. */
  readonly rtts = new Numbers()
  retransmissions = 0
  retransmittedBytes = 0
  /** Told of each round trip. */
  onRtt: ((rtt: number) => void) | undefined
  private iss: number | undefined
  private sentTo = 0
  private ackedTo = 0
  private receivedTo = 0
  private sackedTo = 0
  private outstanding: Outstanding[] = []
  private first = 0

  /**
   * The points of the time from `from` to `to` (ms) are kept, as many as can be told apart in a graph `width` points
   * wide.
   */
  constructor(
    private readonly port: number,
    private readonly from = 0,
    private readonly to = Number.POSITIVE_INFINITY,
    width = 2000,
  ) {
    const apart = Number.isFinite(to) ? (to - from) / width : 0
    this.points = {
      sent: new Points(apart),
      retransmitted: new Points(0),
      acked: new Points(apart),
      sacked: new Points(0),
      received: new Points(apart),
    }
  }

  /** What the sender's stack is to be observed by. */
  readonly sender: StackObserver = {
    packet: (direction, _iface, bytes, offset, _length, now) => {
      const at = tcpAt(bytes, offset)
      if (at < 0 || get16(bytes, direction === 'out' ? at + 2 : at) !== this.port) return
      if (direction === 'out') this.sends(bytes, at, payloadOf(bytes, offset, at), now)
      else this.hears(bytes, at, now)
    },
  }

  /** What the receiver's stack is to be observed by. */
  readonly receiver: StackObserver = {
    packet: (direction, _iface, bytes, offset, _length, now) => {
      if (direction !== 'in' || this.iss === undefined || now < this.from || now > this.to) return
      const at = tcpAt(bytes, offset)
      if (at < 0 || get16(bytes, at + 2) !== this.port) return
      const length = payloadOf(bytes, offset, at)
      if (length === 0) return
      const end = this.unwrap(get32(bytes, at + 4), this.receivedTo) + length
      this.receivedTo = Math.max(this.receivedTo, end)
      this.points.received.add(now, end)
    },
  }

  private sends(bytes: Uint8Array, at: number, length: number, now: number): void {
    const flags = bytes[at + 13]!
    // Data begins behind the SYN.
    if (flags & SYN) this.iss = (get32(bytes, at + 4) + 1) | 0
    if (length === 0 || this.iss === undefined) return
    const start = this.unwrap(get32(bytes, at + 4), this.sentTo)
    const end = start + length
    const shown = now >= this.from && now <= this.to
    const again = start < this.sentTo
    if (again) {
      this.retransmissions++
      this.retransmittedBytes += length
      this.sentAgain(start, end)
      if (shown) this.points.retransmitted.add(now, end)
    } else if (shown) this.points.sent.add(now, end)
    if (end > this.sentTo) {
      this.sentTo = end
      if (this.outstanding.length - this.first < MOST_OUTSTANDING)
        this.outstanding.push({ end, at: now, again })
    }
  }

  private hears(bytes: Uint8Array, at: number, now: number): void {
    if (this.iss === undefined || !(bytes[at + 13]! & ACK)) return
    const ack = this.unwrap(get32(bytes, at + 8), this.ackedTo)
    const shown = now >= this.from && now <= this.to
    if (ack > this.ackedTo && ack <= this.sentTo) {
      this.ackedTo = ack
      this.measure(ack, now)
      if (shown) this.points.acked.add(now, ack)
    }
    if (shown) this.showSack(bytes, at, now)
  }

  /** The newest segment acknowledged, unless any of those acknowledged with it was sent twice. */
  private measure(ack: number, now: number): void {
    const { outstanding } = this
    let newest = -1
    let again = false
    let i = this.first
    for (; i < outstanding.length && outstanding[i]!.end <= ack; i++) {
      newest = outstanding[i]!.at
      if (outstanding[i]!.again) again = true
    }
    this.first = i
    if (i > 1024 && i * 2 > outstanding.length) {
      this.outstanding = outstanding.slice(i)
      this.first = 0
    }
    if (newest < 0 || again) return
    this.rtts.push(now - newest)
    this.onRtt?.(now - newest)
  }

  private sentAgain(start: number, end: number): void {
    const { outstanding } = this
    let low = this.first
    let high = outstanding.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (outstanding[middle]!.end <= start) low = middle + 1
      else high = middle
    }
    for (let i = low; i < outstanding.length; i++) {
      outstanding[i]!.again = true
      if (outstanding[i]!.end >= end) return
    }
  }

  private showSack(bytes: Uint8Array, at: number, now: number): void {
    const end = at + ((bytes[at + 12]! >>> 4) << 2)
    for (let i = at + TCP_HEADER; i + 1 < end; ) {
      const kind = bytes[i]!
      if (kind === 0) return
      if (kind === OPTION_NOP) {
        i++
        continue
      }
      const size = bytes[i + 1]!
      if (size < 2) return
      // The first block is the newest; the others repeat what earlier ones said.
      if (kind === OPTION_SACK && size >= 10) {
        const edge = this.unwrap(get32(bytes, i + 6), this.ackedTo)
        if (edge > this.ackedTo && edge !== this.sackedTo) this.points.sacked.add(now, edge)
        this.sackedTo = edge
        return
      }
      i += size
    }
  }

  /** A sequence number as bytes from the beginning, which may be more than 2^32: the one nearest to `near`. */
  private unwrap(seq: number, near: number): number {
    return near + ((seq - ((this.iss! + near) | 0)) | 0)
  }
}

/** Where the TCP header of a packet begins; -1 if it has none. */
function tcpAt(bytes: Uint8Array, offset: number): number {
  if (bytes[offset]! >>> 4 === 4)
    return bytes[offset + 9] === PROTO_TCP ? offset + ((bytes[offset]! & 15) << 2) : -1
  return bytes[offset + 6] === PROTO_TCP ? offset + 40 : -1
}

function payloadOf(bytes: Uint8Array, offset: number, at: number): number {
  const end = bytes[offset]! >>> 4 === 4 ? get16(bytes, offset + 2) : 40 + get16(bytes, offset + 4)
  return offset + end - at - ((bytes[at + 12]! >>> 4) << 2)
}
