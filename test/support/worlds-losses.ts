/** What the wires of a random world took from TCP's data, so that what was sent again can be held against it. */
import type { Fate, Wire } from '../../src/sim/wire.js'
import { get16, get32 } from '../../src/wire/bytes.js'
import { PROTO_TCP } from '../../src/wire/ip.js'
import { ACK, SYN } from '../../src/wire/tcp.js'

/** What one end of a connection sends; places are octets from its beginning. */
interface Stream {
  readonly iss: number
  sentTo: number
  /** Which octets arrived, or are on their way. */
  arrives: Uint8Array
  /** How far the other end has acknowledged, and how far it has been heard. */
  ackedTo: number
  heardTo: number
}

export class Losses {
  /** Segments with data that did not arrive whole, and the octets of data in them. */
  segments = 0
  bytes = 0
  /** Octets sent again that had arrived, because every acknowledgment of them was lost. */
  unheard = 0
  private readonly streams = [new Map<number, Stream>(), new Map<number, Stream>()] as const
  /** The data of the segment that has just been broken: a copy of it may still make that good. */
  private broken = 0

  /** Counts from here on what becomes of the packets between two hosts. */
  constructor(wires: readonly [Wire, Wire]) {
    for (const [i, wire] of wires.entries()) {
      const { tap } = wire
      wire.tap = (bytes, fate, sentAt, arrivesAt) => {
        tap?.(bytes, fate, sentAt, arrivesAt)
        this.take(i as 0 | 1, bytes, fate)
      }
    }
  }

  private take(from: 0 | 1, bytes: Uint8Array, fate: Fate): void {
    const [at, protocol] = bytes[0]! >>> 4 === 6 ? [40, bytes[6]] : [20, bytes[9]]
    if (protocol !== PROTO_TCP) return
    // A flipped bit may be one of these; that is rare enough.
    const length = Math.max(0, bytes.length - at - ((bytes[at + 12]! >>> 4) << 2))
    this.countLoss(length, fate)
    const flags = bytes[at + 13]!
    const [source, destination] = [get16(bytes, at), get16(bytes, at + 2)]
    const arrives = fate === 'delivered' || fate === 'duplicated'
    if (flags & ACK) {
      const answered = this.streams[from === 0 ? 1 : 0].get((destination << 16) | source)
      if (answered) acknowledge(answered, get32(bytes, at + 8), arrives)
    }
    const key = (source << 16) | destination
    const seq = get32(bytes, at + 4) | 0
    if (flags & SYN && fate !== 'corrupted' && this.streams[from].get(key)?.iss !== seq)
      this.streams[from].set(key, begin(seq))
    const stream = this.streams[from].get(key)
    if (!stream || length === 0) return
    const start = (seq - stream.iss - 1) | 0
    if (start < 0 || start > stream.sentTo) return
    if (fate !== 'duplicated')
      for (let place = start; place < Math.min(start + length, stream.sentTo); place++)
        if (stream.arrives[place] && place < stream.ackedTo && place >= stream.heardTo) this.unheard++
    stream.sentTo = Math.max(stream.sentTo, start + length)
    if (arrives) noteArrival(stream, start, start + length)
  }

  private countLoss(length: number, fate: Fate): void {
    // Copies are told of right after what they are copies of, and are whole.
    if (fate === 'duplicated' && this.broken > 0) {
      this.segments--
      this.bytes -= this.broken
    }
    this.broken = fate === 'corrupted' ? length : 0
    if (length === 0 || (fate !== 'lost' && fate !== 'corrupted')) return
    this.segments++
    this.bytes += length
  }
}

const begin = (iss: number): Stream => ({
  iss,
  sentTo: 0,
  arrives: new Uint8Array(1 << 10),
  ackedTo: 0,
  heardTo: 0,
})

function acknowledge(stream: Stream, ack: number, arrives: boolean): void {
  const to = (ack - stream.iss - 1) | 0
  if (to > stream.sentTo + 1) return
  stream.ackedTo = Math.max(stream.ackedTo, to)
  if (arrives) stream.heardTo = Math.max(stream.heardTo, to)
}

function noteArrival(stream: Stream, start: number, end: number): void {
  if (end > stream.arrives.length) {
    const more = new Uint8Array(Math.max(end, 2 * stream.arrives.length))
    more.set(stream.arrives)
    stream.arrives = more
  }
  stream.arrives.fill(1, start, end)
}
