import { ipLength, ipOffset, type SkipReason } from './link-layer.js'

/** An IP packet out of a capture. */
export interface CapturedPacket {
  /**
   * Milliseconds since the first packet of the file, rounded to the nanosecond; less than 0 for what the file has
   * later though it came earlier.
   */
  readonly time: number
  /** The IP packet, or what was captured of it, without the padding of its link. Shares the memory of the file. */
  readonly bytes: Uint8Array
  /** How long it was on the wire, in bytes, by its own account. */
  readonly length: number
  /** Some of its end was not captured. */
  readonly truncated: boolean
  /**
   * Tells the interfaces of a file apart: pcapng's number, the kernel's index in Linux cooked v2, the kind of packet
   * (to us, outgoing …) in v1.
   */
  readonly place: number
}

/** What a capture file has. */
export interface CaptureFile {
  readonly format: 'pcap' | 'pcapng'
  /** When its first packet was captured: ms since 1970-01-01 00:00 UTC. 0 if it has none. */
  readonly start: number
  /** The IP packets, in the order of the file. */
  readonly packets: CapturedPacket[]
  /** Packets of any kind: those above and those skipped. */
  readonly total: number
  /** What is not among `packets`, and why. */
  readonly skipped: Record<SkipReason, number>
  /** Packets without a time of their own (Simple Packet Blocks); they got that of the packet before. */
  readonly untimed: number
  /** The link types that packets came with (`LINKTYPE_` of tcpdump.org), in order of appearance. */
  readonly linkTypes: number[]
  /** The file ends in the middle of a packet or block: what was before that is here. */
  readonly truncated: boolean
}

/** A file that is no capture, or a broken one. `offset` is where, in bytes from its beginning. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError'

  /** The same in both languages, without the offset. */
  readonly text: { readonly en: string; readonly zh: string }

  constructor(
    en: string,
    zh: string,
    readonly offset: number,
  ) {
    super(`${en} (at byte ${offset})`)
    this.text = { en, zh }
  }
}

/** A moment as seconds since 1970 and a fraction of the next, since a double does not hold both. */
export interface Moment {
  readonly seconds: number
  readonly fraction: number
}

/** The largest packet there is, in bytes, as in Wireshark: on links that carry IP, and on any. */
export const MAX_IP_FRAME = 262_144
export const MAX_FRAME = 128 * 1024 * 1024

/** Collects the packets of a file, whichever its format is. */
export class PacketCollector {
  readonly packets: CapturedPacket[] = []
  readonly skipped: Record<SkipReason, number> = { 'not-ip': 0, 'unknown-link-type': 0, 'cut-short': 0 }
  private readonly linkTypes = new Set<number>()
  private first: Moment | undefined
  private last = 0
  private total = 0
  private untimed = 0

  constructor(private readonly bytes: Uint8Array) {}

  /**
   * A frame, of which `captured` bytes are at `at` (the caller has checked that), and which had `length` on the wire.
   */
  add(
    linkType: number,
    place: number,
    moment: Moment | undefined,
    at: number,
    captured: number,
    length: number,
  ): void {
    this.total++
    this.linkTypes.add(linkType)
    const time = this.timeOf(moment)
    const { bytes } = this
    const found = ipOffset(linkType, bytes, at, at + captured)
    if (typeof found === 'string') {
      this.skipped[found]++
      return
    }
    const wire = Math.max(length, captured) - (found.offset - at)
    const there = captured - (found.offset - at)
    const own = ipLength(bytes, found.offset, there, wire)
    if (typeof own === 'string') {
      this.skipped[own]++
      return
    }
    const kept = Math.min(there, own)
    this.packets.push({
      time,
      bytes: bytes.subarray(found.offset, found.offset + kept),
      length: own,
      truncated: kept < own,
      place: found.place ?? place,
    })
  }

  private timeOf(moment: Moment | undefined): number {
    if (!moment) {
      this.untimed++
      return this.last
    }
    this.first ??= moment
    const { seconds, fraction } = this.first
    const time = (moment.seconds - seconds) * 1000 + (moment.fraction - fraction) * 1000
    this.last = Math.round(time * 1e6) / 1e6
    return this.last
  }

  file(format: CaptureFile['format'], truncated: boolean): CaptureFile {
    const { packets, total, skipped, untimed, first } = this
    const start = first ? first.seconds * 1000 + first.fraction * 1000 : 0
    return { format, start, packets, total, skipped, untimed, linkTypes: [...this.linkTypes], truncated }
  }
}
