import type { DropReason } from '../wire/drops.js'
import { IpView, PROTO_TCP, parseIp } from '../wire/ip.js'
import { AE, SegmentView, TCP_HEADER } from '../wire/tcp.js'

/** A TCP segment that the stack has sent, its numbers as the stack counts them. */
export interface LiveSegment {
  /** When it was sent, in microseconds of virtual time. */
  readonly at: number
  readonly bytes: Uint8Array
  readonly trafficClass: number
  readonly hopLimit: number
  readonly flowLabel: number
  readonly localPort: number
  readonly remotePort: number
  readonly seq: number
  readonly ack: number
  readonly flags: number
  /** AccECN's AE flag, and the three reserved bits beside it. */
  readonly ae: boolean
  readonly reserved: number
  readonly window: number
  readonly urgent: number
  readonly optionsAt: number
  readonly optionsEnd: number
  readonly length: number
}

const ip = new IpView()
const segment = new SegmentView()

/**
 * What the stack sent, if it is TCP; the reason if it is malformed; undefined for anything else. What is `vouched` for
 * has no checksum that could be verified.
 */
export function readLive(
  bytes: Uint8Array,
  at: number,
  vouched: boolean,
): LiveSegment | DropReason | undefined {
  const bad = parseIp(ip, bytes, 0, bytes.length)
  if (bad !== undefined) return bad
  if (ip.protocol !== PROTO_TCP) return undefined
  const reason = segment.parse(ip, vouched)
  if (reason !== undefined) return reason
  const header = ip.payloadOffset
  const octet = bytes[header + 12]!
  return {
    at,
    bytes,
    trafficClass: ip.trafficClass,
    hopLimit: ip.hopLimit,
    flowLabel: ip.version === 6 ? ((bytes[1]! & 15) << 16) | (bytes[2]! << 8) | bytes[3]! : 0,
    localPort: segment.srcPort,
    remotePort: segment.dstPort,
    seq: segment.seq,
    ack: segment.ack,
    flags: segment.flags & 0xff,
    ae: (segment.flags & AE) !== 0,
    reserved: (octet >> 1) & 7,
    window: segment.window,
    urgent: segment.urgentPointer,
    optionsAt: header + TCP_HEADER,
    optionsEnd: header + TCP_HEADER + segment.optionsLength,
    length: segment.payloadLength,
  }
}
