import type { Random } from '../../src/sim/random.js'
import type { SegmentView } from '../../src/wire/tcp.js'
import type { Packet } from './actions.js'
import { ACK, FIN, ipPacket, mend, PEER_TEXT, PSH, RST, SYN, tcpSegment, textAt } from './bytes.js'
import type { Host } from './places.js'
import { timestampsOption } from './segments.js'
import { after, must } from './violation.js'

/** A segment of the stack's, as it reached its peer. */
export interface Arrived {
  seq: number
  ack: number
  flags: number
  window: number
  length: number
  windowScale: number
  timestamps: boolean
  tsVal: number
}

export const arrivedOf = (seg: SegmentView): Arrived => ({
  seq: seg.seq,
  ack: seg.ack,
  flags: seg.flags,
  window: seg.window,
  length: seg.payloadLength,
  windowScale: seg.windowScale,
  timestamps: seg.hasTimestamps,
  tsVal: seg.tsVal,
})

const SCALE = 4
const LARGEST = 1460

/**
 * The other end of a connection, as a proper TCP in as few lines as will do: it keeps nothing that is out of order, has
 * no timers (a script says when it sends again), and says a text that is known in advance.
 */
export class Peer {
  /** What the stack sent and has not reached us yet. */
  readonly inbox: Arrived[] = []
  private opened = false
  private synClock = 0
  private scale = 0
  private ownScale = 0
  private timestamps = false
  private echo = 0
  // What we have of the stack's stream, and of ours: positions are octets of text after the SYN.
  private theirIss = 0
  private rcvNxt = 0
  private promised = 0
  /** Octets of text that the stack has acknowledged, and that were ever sent. */
  acked = 0
  private sent = 0
  private edge = 0
  private finAcked = false
  theirFin = false

  constructor(
    readonly host: Host,
    readonly remotePort: number,
    readonly localPort: number,
    private readonly iss: number,
    /** How much we have to say. */
    readonly length: number,
    /** The stack opened. */
    private readonly passive: boolean,
  ) {}

  get isOpen(): boolean {
    return this.opened
  }

  /** Octets of the stack's text that are here. */
  get heard(): number {
    return this.opened ? after(this.rcvNxt, (this.theirIss + 1) | 0) - (this.theirFin ? 1 : 0) : 0
  }

  /** Everything was said, and every word acknowledged. */
  get isDone(): boolean {
    return this.opened && this.finAcked && this.theirFin
  }

  get hasSpoken(): boolean {
    return this.opened && this.acked === this.length
  }

  take(a: Arrived): void {
    if (a.flags & RST) {
      // Both have closed, and the stack's TIME_WAIT ended before our FIN came again: as good as the ACK that was lost.
      if (this.theirFin && this.mayEnd) this.finAcked = true
      return
    }
    if (a.flags & SYN) {
      if (!this.opened) this.open(a)
      return
    }
    if (!this.opened) return
    if (a.timestamps) this.echo = a.tsVal
    const acked = after(a.ack, (this.iss + 1) | 0)
    must(acked <= this.length + 1, 'the peer is told that more has arrived than he sent')
    if (acked > this.length) this.finAcked = true
    this.acked = Math.max(this.acked, Math.min(acked, this.length))
    this.edge = Math.max(this.edge, acked + (a.window << this.ownScale))
    const end = (a.seq + a.length) | 0
    if (after(a.seq, this.rcvNxt) > 0 || after(end, this.rcvNxt) < 0) return
    this.rcvNxt = end
    if (a.flags & FIN) {
      this.theirFin = true
      this.rcvNxt = (end + 1) | 0
    }
  }

  private open(a: Arrived): void {
    if (this.passive !== ((a.flags & ACK) === 0)) return
    this.opened = true
    this.theirIss = a.seq
    this.rcvNxt = this.promised = (a.seq + 1) | 0
    this.timestamps = a.timestamps
    this.echo = a.tsVal
    this.ownScale = Math.max(0, a.windowScale)
    this.scale = a.windowScale >= 0 ? SCALE : 0
    // The window of a SYN is not scaled; a SYN that is no answer promises nothing for our text yet.
    this.edge = a.flags & ACK ? a.window : 0
  }

  private packet(seq: number, flags: number, window: number, options: number[], text: Uint8Array): Packet {
    const { host, remotePort, localPort } = this
    const ack = flags & ACK ? this.rcvNxt : 0
    const segment = tcpSegment(remotePort, localPort, seq, ack, flags, window, options, text)
    return { bytes: mend(ipPacket(host.bytes, host.own, 6, segment)), frame: false }
  }

  /** Our SYN, or SYN,ACK. */
  syn(now: number): Packet {
    // Once it is answered only the network repeats a SYN, with the time it had: a later one would be a new connection's.
    if (!this.opened || this.passive) this.synClock = Math.floor(now)
    const options = [
      2,
      4,
      LARGEST >>> 8,
      LARGEST & 255,
      4,
      2,
      ...timestampsOption(this.synClock, this.passive ? this.echo : 0).slice(2),
    ]
    if (!this.passive || this.scale > 0) options.push(1, 3, 3, SCALE)
    if (this.passive && !this.timestamps) options.splice(6, 10)
    return this.packet(this.iss, this.passive ? SYN | ACK : SYN, 65535, options, NONE)
  }

  private window(random: Random, generous: boolean): number {
    const wanted = generous ? 60_000 : random.pick([0, 1, 500, 5000, 60_000])
    const unit = 1 << this.scale
    const least = Math.max(0, after(this.promised, this.rcvNxt))
    const field = Math.min(65535, Math.ceil(Math.max(least, wanted) / unit))
    const edge = (this.rcvNxt + field * unit) | 0
    if (after(edge, this.promised) > 0) this.promised = edge
    return field
  }

  /** Text from `position` on, as far as the window goes; nothing but an acknowledgment if that is not far. */
  speak(random: Random, now: number, position: number, most: number, generous: boolean): Packet {
    const end = Math.max(position, Math.min(this.length, this.edge, position + most))
    this.sent = Math.max(this.sent, end)
    const fin = end === this.length && position <= end && this.mayEnd ? FIN : 0
    const options = this.timestamps ? timestampsOption(Math.floor(now), this.echo) : []
    const text = textAt(PEER_TEXT, position, end - position)
    const push = end > position ? PSH : 0
    return this.packet(
      this.iss + 1 + position,
      ACK | push | fin,
      this.window(random, generous),
      options,
      text,
    )
  }

  /** The FIN may go as soon as all the text has. */
  mayEnd = false

  /** Any segment that we might send, or that the network still has of us. */
  something(random: Random, now: number): Packet {
    const dice = random.next()
    const most = random.pick([1, 7, 536, LARGEST])
    if (dice < 0.55) return this.speak(random, now, this.sent, most, false)
    if (dice < 0.85) return this.speak(random, now, this.acked, most, false)
    return this.speak(random, now, random.integer(0, this.sent), most, false)
  }
}

const NONE = new Uint8Array(0)
