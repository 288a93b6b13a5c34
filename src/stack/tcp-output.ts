import type { TransmitSlot } from '../tcp/slot.js'
import type { Tcb } from '../tcp/tcb.js'
import { transmit } from '../tcp/transmit.js'
import { Gathered } from '../wire/gathered.js'
import { PROTO_TCP } from '../wire/ip.js'
import { checksumPartly, checksumTcp, RST, TCP_HEADER, writeTcp } from '../wire/tcp.js'
import type { Context } from './context.js'
import type { Flow } from './flow.js'
import type { IpLayer } from './ip-layer.js'
import type { Path } from './path.js'

const HOP_LIMIT = 64

/** DSCP, in the upper six bits, and TTL or hop limit of a packet. */
export interface PacketChoices {
  trafficClass?: number
  hopLimit?: number
}

/** The most headers take in a packet: IPv6, TCP and all its options. */
const HEADERS = 40 + 60

/** What the link takes at once, for links that segment themselves. */
function burstOf({ iface }: Path): number {
  return Math.min(iface.link.segmentation ?? 0, 65_535 - HEADERS)
}

/** Of more pieces than this a payload is copied together. */
const MOST_PIECES = 4

/** Turns what a machine wants sent into packets. */
export class TcpOutput {
  private readonly gathered = new Gathered()

  constructor(
    private readonly context: Context,
    private readonly ip: IpLayer,
    private readonly slot: TransmitSlot,
  ) {}

  /** Sends everything that is ready on a connection. */
  send(tcb: Tcb, path: Path, flow: Flow): void {
    const { slot } = this
    slot.burst = tcb.accurate?.mayBeCut === false ? 0 : burstOf(path)
    while (transmit(tcb, this.context.now, slot))
      this.emit(tcb, path, slot, flow.localPort, flow.remotePort, flow.trafficClass, flow.hopLimit)
  }

  /** Sends a segment that belongs to no connection, and so has no payload. */
  reply(
    path: Path,
    slot: TransmitSlot,
    localPort: number,
    remotePort: number,
    { trafficClass = 0, hopLimit = HOP_LIMIT }: PacketChoices = {},
  ): void {
    this.emit(null, path, slot, localPort, remotePort, trafficClass, hopLimit)
  }

  /** Builds the segment in the interface's buffer: headers from the slot, payload straight from the send queue. */
  private emit(
    tcb: Tcb | null,
    path: Path,
    slot: TransmitSlot,
    localPort: number,
    remotePort: number,
    trafficClass: number,
    hopLimit: number,
  ): void {
    const { buffer, headroom } = path.iface
    const at = headroom + path.ipHeader
    const { counters } = this.context
    const { seq, ack, flags, window, urgentPointer, options, optionsLength, payloadLength } = slot
    writeTcp(buffer, at, localPort, remotePort, seq, ack, flags, window, urgentPointer, optionsLength)
    for (let i = 0; i < optionsLength; i++) buffer[at + TCP_HEADER + i] = options[i]!
    const header = TCP_HEADER + optionsLength
    const gathered = this.gather(tcb, path, slot)
    if (payloadLength > 0 && !gathered)
      tcb!.sendQueue.copy(slot.payloadAt, payloadLength, buffer, at + header)
    const length = header + payloadLength
    if (slot.segmentSize > 0) checksumPartly(buffer, at, length, path.pseudo)
    else checksumTcp(buffer, at, length, path.pseudo)
    counters.segmentsOut += slot.segments
    if (flags & RST) counters.resetsOut++
    this.ip.send(
      path,
      PROTO_TCP,
      length,
      (trafficClass & 0xfc) | slot.ecn,
      hopLimit,
      slot.segmentSize,
      gathered,
    )
    gathered?.clear()
  }

  /** Where the payload lies, if the link takes it from there: of large ones, whose checksum is the link's to make. */
  private gather(
    tcb: Tcb | null,
    { iface }: Path,
    { segmentSize, payloadAt, payloadLength }: TransmitSlot,
  ): Gathered | null {
    // Whoever watches packets is shown whole ones.
    if (
      segmentSize === 0 ||
      iface.mac !== undefined ||
      !iface.link.sendGathered ||
      this.context.observer?.packet
    )
      return null
    const { gathered } = this
    // Also what a link that has thrown has left there.
    gathered.clear()
    return tcb!.sendQueue.gather(payloadAt, payloadLength, gathered, MOST_PIECES) ? gathered : null
  }
}
