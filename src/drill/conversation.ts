import { ACK, SYN } from '../wire/tcp.js'
import type { LiveNumbers, Tuple } from './build-packet.js'
import type { LiveSegment } from './live-packet.js'
import type { TcpSpec } from './script.js'

/**
 * How far a connection has come, as the script's reader follows it: which sequence numbers are known, and to what a
 * packet of the script belongs.
 */
export type Stage =
  /** socket() or bind(): packets find no connection. */
  'new' | 'listening' | 'connecting' | 'syn-sent' | 'syn-received' | 'syn-ack-sent' | 'open'

/**
 * One connection as a script speaks of it. SYNs carry sequence numbers as they are; in all other segments they count
 * from the ISN of their side. The script's ISN of the stack is what the script writes, the real one is what the stack
 * chose; the script's own ISN is real.
 */
export class Conversation {
  stage: Stage
  /** The ports in use; 0 until the stack has chosen one. */
  localPort: number
  remotePort: number
  private scriptLocalIsn = 0
  private liveLocalIsn = 0
  private remoteIsn = 0
  /** The number of the script's last SYN without ACK. */
  private offered = 0
  /** TSvals of the stack by what the script wrote in their place. */
  private readonly timestamps = new Map<number, number>()
  private firstTimestamp: { script: number; live: number } | undefined

  constructor(stage: Stage, localPort: number, remotePort: number) {
    this.stage = stage
    this.localPort = localPort
    this.remotePort = remotePort
  }

  matches(live: LiveSegment): boolean {
    return live.localPort === this.localPort && live.remotePort === this.remotePort
  }

  tuple(addresses: Pick<Tuple, 'local' | 'remote'>): Tuple {
    return { ...addresses, localPort: this.localPort, remotePort: this.remotePort }
  }

  /** A SYN of the script's (or whatever else comes first): its number is the ISN. */
  remoteBegins(seq: number): void {
    this.remoteIsn = seq | 0
  }

  /** A SYN without ACK: where a connection may begin, or begin again. */
  offers(seq: number): void {
    this.offered = seq | 0
  }

  /**
   * Whether this SYN,ACK answers a SYN other than the one the connection began with: the first came to nothing, or is
   * in TIME_WAIT. The new number counts from then on.
   */
  beginsAnew(live: LiveSegment): boolean {
    if (this.offered === this.remoteIsn || live.ack !== ((this.offered + 1) | 0)) return false
    this.remoteIsn = this.offered
    return true
  }

  /** A SYN or SYN,ACK of the stack's, and what the script calls its number. */
  localBegins(scriptSeq: number, liveSeq: number): void {
    this.scriptLocalIsn = scriptSeq | 0
    this.liveLocalIsn = liveSeq
  }

  /** The stack's ISN is this one, as far as is known. */
  matchesIsn(liveSeq: number): boolean {
    return this.liveLocalIsn === liveSeq
  }

  private localOffset(syn: boolean): number {
    return syn ? (this.liveLocalIsn - this.scriptLocalIsn) | 0 : this.liveLocalIsn
  }

  /** Numbers of a script segment as the stack is to see them; a message if its timestamp echoes nothing. */
  toLive(spec: TcpSpec, scaledEcho: boolean): LiveNumbers | string {
    const syn = (spec.flags & SYN) !== 0
    const seqOffset = syn || spec.sequence === 'absolute' ? 0 : this.remoteIsn
    const ackOffset = this.localOffset(syn)
    const ecr = this.liveEcho(spec, scaledEcho)
    if (typeof ecr === 'string') return ecr
    const hasAck = (spec.flags & ACK) !== 0
    return {
      seq: (spec.seq + seqOffset) | 0,
      ack: hasAck ? (spec.ack + ackOffset) | 0 : spec.ack | 0,
      sackOffset: ackOffset,
      ecr,
    }
  }

  private liveEcho(spec: TcpSpec, scaled: boolean): number | string {
    if (spec.options === 'any') return 0
    const option = spec.options.find(o => o.kind === 'TS')
    if (option?.kind !== 'TS') return 0
    if (option.absoluteEcr || !(spec.flags & ACK)) return option.ecr | 0
    const known = this.timestamps.get(option.ecr)
    if (known !== undefined) return known
    const first = this.firstTimestamp
    if (scaled && first) return (option.ecr - first.script + first.live) | 0
    return `timestamp ecr ${option.ecr} echoes no TSval that the stack has sent`
  }

  /** SEG.SEQ of a segment of the stack's, as the script counts. */
  scriptSeq(live: LiveSegment, absolute: boolean): number {
    if (absolute) return live.seq >>> 0
    return (live.seq - this.localOffset((live.flags & SYN) !== 0)) >>> 0
  }

  scriptAck(live: LiveSegment): number {
    if (!(live.flags & ACK)) return live.ack >>> 0
    return (live.ack - this.remoteOffset(live)) >>> 0
  }

  /** What SACK edges of the stack's segment have added to become the script's. */
  scriptSackOffset(live: LiveSegment): number {
    return -this.remoteOffset(live) | 0
  }

  private remoteOffset(live: LiveSegment): number {
    return live.flags & SYN ? 0 : this.remoteIsn
  }

  /** A quoted sequence number of the stack's. */
  quotedSeq(scriptSeq: number): number {
    return (scriptSeq + this.liveLocalIsn) | 0
  }

  /** Notes the TSval the stack used where the script wrote `script`, and returns it as the script counts. */
  timestamp(script: number | undefined, live: number): number {
    if (script !== undefined) this.timestamps.set(script, live | 0)
    this.firstTimestamp ??= { script: script ?? 0, live }
    return (this.firstTimestamp.script + (live - this.firstTimestamp.live)) >>> 0
  }
}
