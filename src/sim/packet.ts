import { type IpView, PROTO_TCP, parseIp, IpView as View } from '../wire/ip.js'
import { type FlagName, flagNames, SegmentView } from '../wire/tcp.js'

const ip: IpView = new View()
const seg = new SegmentView()

/** A packet in flight, as predicates see it. TCP fields are those of the header, sequence numbers unsigned. */
export interface PacketInfo {
  readonly bytes: Uint8Array
  readonly isTcp: boolean
  readonly srcPort: number
  readonly dstPort: number
  readonly seq: number
  readonly ack: number
  readonly window: number
  readonly flags: readonly FlagName[]
  readonly payloadLength: number
  /** True if the flag is set: `has('SYN', 'ACK')` wants both. */
  has(...names: FlagName[]): boolean
}

/** Reads a packet for a predicate; what is no TCP segment has only its bytes. */
export function describe(bytes: Uint8Array): PacketInfo {
  const isTcp =
    parseIp(ip, bytes, 0, bytes.length) === undefined &&
    ip.protocol === PROTO_TCP &&
    !ip.isFragment &&
    seg.parse(ip, true) === undefined
  const flags = isTcp ? flagNames(seg.flags) : []
  return {
    bytes,
    isTcp,
    srcPort: isTcp ? seg.srcPort : 0,
    dstPort: isTcp ? seg.dstPort : 0,
    seq: isTcp ? seg.seq >>> 0 : 0,
    ack: isTcp ? seg.ack >>> 0 : 0,
    window: isTcp ? seg.window : 0,
    flags,
    payloadLength: isTcp ? seg.payloadLength : 0,
    has: (...names) => isTcp && names.every(name => flags.includes(name)),
  }
}
