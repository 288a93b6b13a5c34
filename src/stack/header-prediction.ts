import { predictedArrives, predictsText } from '../tcp/prediction.js'
import { distance } from '../tcp/sequence.js'
import { get16, get32 } from '../wire/bytes.js'
import { sum, verifies } from '../wire/checksum.js'
import { ETHERNET_HEADER, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../wire/ethernet.js'
import { type IpView, PROTO_TCP, pseudoSumOf } from '../wire/ip.js'
import { IPV4_HEADER } from '../wire/ipv4.js'
import { IPV6_HEADER } from '../wire/ipv6.js'
import { ACK, AE, MAX_OPTIONS, PSH, type SegmentView } from '../wire/tcp.js'
import type { Interface } from './interface.js'
import type { Socket } from './socket.js'
import type { TcpShared } from './tcp-shared.js'

/** The bits of each word of a header that are the same all along a run. */
const TCP_MASK = [
  ~0, // ports
  0, // the sequence number
  ~0, // the acknowledgment number
  ~(PSH << 16), // data offset, flags, window
  0x0000_ffff, // not the checksum
  ...new Array<number>(MAX_OPTIONS / 4).fill(~0),
]
const IPV4_MASK = Int32Array.of(
  0xffff_0000, // not the length
  0x0000_ffff, // not the identification
  0xffff_0000, // not the checksum
  ~0,
  ~0,
  ...TCP_MASK,
)
const IPV6_MASK = Int32Array.of(
  ~0,
  0x0000_ffff, // not the length
  ...new Array<number>(8).fill(~0),
  ...TCP_MASK,
)

/** Where flags are in their word. */
const ALL_FLAGS = (AE | 0xff) << 16
const BARE_ACK = ACK << 16
const PUSH = PSH << 16

/**
 * Runs of segments: in a burst, a packet mostly continues the text of the one before, and has the same header but for its
 * sequence number. What was found out about that one, from its addresses to its acknowledgment, then holds for this one and
 * is not looked at again; checksums are. Whatever is not as predicted goes the long way.
 */
export class HeaderPrediction {
  /** Whose text may go on; null if anything else has happened since it came. */
  private socket: Socket | null = null
  /** Whose segment was the last to go the long way. */
  private last: Socket | null = null
  /** Where the last packet came from, if it is one that may begin a run. */
  private iface: Interface | null = null
  /** Its header, and what is compared of it. */
  private readonly words = new Int32Array(IPV6_MASK.length)
  private mask = IPV4_MASK
  /** Lengths in bytes: of the IP header, and with TCP's behind it. */
  private ipHeader = 0
  private header = 0
  /** The sum of the pseudo-header without the length. */
  private pseudo = 0

  constructor(
    private readonly shared: TcpShared,
    private readonly segment: SegmentView,
  ) {}

  /** Something else happens: a call of the user's, an alarm, the end of the batch. */
  forget(): void {
    this.socket = this.last = this.iface = null
  }

  /** Takes one packet or frame if it is as predicted; otherwise it goes the long way, and nothing is predicted. */
  takes(iface: Interface, b: Uint8Array, offset: number, length: number): boolean {
    if (this.socket !== null && iface === this.iface) {
      const taken =
        iface.mac === undefined
          ? this.takesPacket(this.socket, b, offset, length)
          : this.isFrame(iface.mac, b, offset) &&
            this.takesPacket(this.socket, b, offset + ETHERNET_HEADER, length - ETHERNET_HEADER)
      if (taken) return true
    }
    this.socket = null
    this.iface = iface
    return false
  }

  /** A packet has gone the long way, with a segment for `socket` in it. Two in a row promise a run. */
  expect(socket: Socket, ip: IpView): void {
    const isSecond = socket === this.last
    this.last = socket
    if (isSecond) this.predict(socket, ip)
  }

  private predict(socket: Socket, ip: IpView): void {
    const { iface, segment: seg, words } = this
    const { bytes, offset, version } = ip
    if (!iface?.headerPrediction || ip.vouched || seg.badOptions || !predictsText(socket.tcb, seg)) return
    const ipHeader = ip.payloadOffset - offset
    if (ipHeader !== (version === 4 ? IPV4_HEADER : IPV6_HEADER)) return
    const header = seg.optionsOffset + seg.optionsLength - offset
    for (let i = 0, at = offset; 4 * i < header; i++, at += 4) words[i] = get32(bytes, at)
    if ((words[(ipHeader >>> 2) + 3]! & ALL_FLAGS & ~PUSH) !== BARE_ACK) return
    this.mask = version === 4 ? IPV4_MASK : IPV6_MASK
    this.ipHeader = ipHeader
    this.header = header
    this.pseudo = pseudoSumOf(ip, PROTO_TCP, 0)
    this.socket = socket
  }

  /** For this station alone, as the one before was. */
  private isFrame(mac: Uint8Array, b: Uint8Array, offset: number): boolean {
    for (let i = 0; i < 6; i++) if (b[offset + i] !== mac[i]) return false
    return get16(b, offset + 12) === (this.mask === IPV4_MASK ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6)
  }

  private takesPacket(socket: Socket, b: Uint8Array, offset: number, length: number): boolean {
    const { header, ipHeader, words, mask } = this
    const { rcvNxt, rcvAdv } = socket.tcb
    if (length <= header || get32(b, offset + ipHeader + 4) !== rcvNxt) return false
    for (let i = 0, at = offset; 4 * i < header; i++, at += 4)
      if (((get32(b, at) ^ words[i]!) & mask[i]!) !== 0) return false
    // What the link has behind the packet is padding.
    const version4 = mask === IPV4_MASK
    const size = version4 ? get16(b, offset + 2) : IPV6_HEADER + get16(b, offset + 4)
    if (size <= header || size > length || size - header > distance(rcvNxt, rcvAdv)) return false
    if (version4 && !verifies(sum(b, offset, IPV4_HEADER))) return false
    const rest = size - ipHeader
    if (!verifies(this.pseudo + rest + sum(b, offset + ipHeader, rest))) return false
    this.arrives(socket, b, offset, size)
    return true
  }

  private arrives(socket: Socket, bytes: Uint8Array, offset: number, size: number): void {
    const { shared, segment: seg, header } = this
    const { counters, now, observer } = shared.context
    counters.packetsIn++
    counters.segmentsIn++
    counters.segmentsPredicted++
    const iface = this.iface!
    iface.received++
    observer?.packet?.('in', iface, bytes, offset, size, now)
    // What else is in the view is what the segment before has left there.
    const { tcb } = socket
    seg.bytes = bytes
    seg.lender = null
    seg.seq = tcb.rcvNxt
    seg.payloadOffset = offset + header
    seg.payloadLength = seg.segmentSize = size - header
    seg.segments = 1
    seg.repeats = false
    predictedArrives(tcb, seg, now)
    shared.observeReaction(socket, tcb)
  }
}
