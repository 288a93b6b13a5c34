import type { Flow } from '../../src/stack/flow.js'
import { HalfOpen } from '../../src/stack/half-open.js'
import { Socket } from '../../src/stack/socket.js'
import type { Stack } from '../../src/stack/stack.js'
import { ASKS } from '../../src/tcp/accurate-ecn.js'
import { IpView, parseIp } from '../../src/wire/ip.js'
import { AE, SegmentView } from '../../src/wire/tcp.js'
import { UdpView } from '../../src/wire/udp.js'
import {
  ACK,
  CWR,
  ECE,
  FIN,
  found,
  get16,
  get32,
  isMended,
  locate,
  locateQuoted,
  OWN_MAC,
  OWN_TEXT,
  RST,
  SYN,
  sameBytes,
  textAt,
  URG,
} from './bytes.js'
import type { Heard } from './flows.js'
import type { User } from './user.js'
import { after, must } from './violation.js'

/** Somebody is asked for his station address. */
export interface Question {
  address: Uint8Array
}

const HEARD = 16
/** ICMP errors a second, as the stack's limit is documented. */
const ERROR_RATE = 100

/** SYN,ACKs of accurate ECN: how the SYN was marked. */
const ACCURATE = [CWR, CWR | ECE, AE, AE | CWR]

/** Looks at everything that a stack sends: with its own parsers, and with others that are not. */
export class Output {
  /** Since the batch began: packets, segments without text, packets that are not TCP, and bytes of these two. */
  packets = 0
  bareBytes = 0
  bare = 0
  other = 0
  /** The batch brought nothing but a RST. */
  forbidReset = false
  /** SYN,ACKs and addresses asked for, for whoever answers. */
  readonly heard: Heard[] = []
  readonly questions: Question[] = []
  private readonly view = new IpView()
  private readonly segment = new SegmentView()
  private readonly udp = new UdpView()
  private errorsSince = Number.NEGATIVE_INFINITY
  private errors = 0

  constructor(
    private readonly kind: 'ip' | 'ethernet',
    private readonly mtu: number,
    private readonly users: ReadonlyMap<Socket, User>,
    private readonly now: () => number,
  ) {}

  stack!: Stack
  /** Told of each segment, for a script in which somebody answers. */
  onSegment: ((segment: SegmentView) => void) | undefined

  begin(forbidReset: boolean): void {
    this.packets = this.bareBytes = this.bare = this.other = 0
    this.forbidReset = forbidReset
  }

  /** An IP packet that was made just now; on Ethernet it may have to wait for a neighbour. */
  made(b: Uint8Array): void {
    this.ip(b)
    locate(b)
    const { protocol, at, length, whole } = found
    if (!whole) return
    if (protocol === 6) this.tcp(b)
    else if (protocol === 17)
      must(this.udp.parse(this.view) === undefined, 'a UDP datagram that we would drop')
    else if (protocol === 1 || protocol === 58) this.icmp(b, at, length)
    else must(false, `protocol ${protocol} is not spoken here`)
  }

  /** One frame or packet that leaves. */
  sent(b: Uint8Array): void {
    this.packets++
    if (this.kind === 'ip') {
      this.count(b)
      return
    }
    must(b.length >= 14 && sameBytes(b, 6, OWN_MAC, 0, 6), 'a frame that is not from us')
    const type = get16(b, 12)
    if (type === 0x0806) {
      this.arp(b)
      return
    }
    must(type === (b[14]! >>> 4 === 4 ? 0x0800 : 0x86dd), 'an EtherType that is not the packet’s')
    const packet = b.subarray(14)
    this.ip(packet)
    this.count(packet)
  }

  private count(b: Uint8Array): void {
    locate(b)
    const { protocol, at, length, whole } = found
    if (!whole || protocol !== 6) this.other++
    else if ((b[at + 12]! >>> 4) * 4 === length) this.bare++
    else return
    this.bareBytes += b.length
  }

  private arp(b: Uint8Array): void {
    this.other++
    const operation = get16(b, 20)
    must(
      b.length === 42 && get32(b, 14) === 0x10800 && get16(b, 18) === 0x604,
      'an ARP packet of another kind',
    )
    must(operation === 1 || operation === 2, 'an ARP operation that is none')
    must(sameBytes(b, 22, OWN_MAC, 0, 6), 'an ARP packet that is not from us')
    if (operation === 1) this.questions.push({ address: b.slice(38, 42) })
  }

  private ip(b: Uint8Array): void {
    const { view } = this
    const reason = parseIp(view, b, 0, b.length)
    must(reason === undefined, () => `sent what we would drop: ${reason}`)
    must(view.totalLength === b.length, 'a length that is not the packet’s')
    must(isMended(b), 'a wrong checksum')
    must(b.length <= this.mtu, () => `${b.length} bytes on a link of ${this.mtu}`)
    const { w0, w1, w2, w3 } = { w0: view.src0, w1: view.src1, w2: view.src2, w3: view.src3 }
    must(this.stack['ip'].ownsAnywhere(view.version, w0, w1, w2, w3), 'a source that is not ours')
  }

  private icmp(b: Uint8Array, at: number, length: number): void {
    const type = b[at]!
    const four = b[0]! >>> 4 === 4
    if (type === 135) {
      this.questions.push({ address: b.slice(at + 8, at + 24) })
      must(b[7] === 255 && length === 32, 'a solicitation that we would drop')
    }
    if (four ? type === 0 || type === 8 : type >= 128) return
    must(four ? b.length <= 576 : b.length <= 1280, 'an ICMP error that is too long')
    const now = this.now()
    if (now - this.errorsSince >= 1000) {
      this.errorsSince = now
      this.errors = 0
    }
    must(++this.errors <= ERROR_RATE, 'too many ICMP errors')
    const quoted = b[at + 8]! >>> 4
    must(quoted === (four ? 4 : 6), 'an ICMP error that quotes no packet')
    // Never about another ICMP error (RFC 1122 section 3.2.2, RFC 4443 section 2.4), whatever stands in front of it.
    if (!locateQuoted(b.subarray(at + 8)) || found.protocol !== (four ? 1 : 58) || found.length === 0) return
    const inner = b[at + 8 + found.at]!
    must(four ? ![3, 4, 5, 11, 12].includes(inner) : inner >= 128, 'an ICMP error about an error')
  }

  private tcp(b: Uint8Array): void {
    const { view, segment: seg } = this
    const reason = seg.parse(view)
    must(reason === undefined, () => `a segment that we would drop: ${reason}`)
    const at = view.payloadOffset
    const { flags, payloadLength: length } = seg
    must(!seg.badOptions, 'options that are not well formed')
    must((b[at + 12]! & 14) === 0, 'reserved bits')
    must(seg.srcPort !== 0 && seg.dstPort !== 0, 'port 0')
    must((flags & ACK) !== 0 || seg.ack === 0, 'an acknowledgment number without ACK')
    must(
      ((flags & URG) !== 0) === seg.urgentPointer > 0,
      'an urgent pointer without URG, or the other way round',
    )
    this.onSegment?.(seg)
    if (flags & RST) {
      must(!this.forbidReset, 'a RST in answer to a RST')
      must(length === 0 && seg.optionsLength === 0 && (flags & (SYN | FIN)) === 0, 'a RST with company')
      return
    }
    const offers = seg.mss >= 0 || seg.windowScale >= 0 || seg.sackPermitted
    if (flags & SYN) {
      must(seg.mss >= 0, 'a SYN without MSS')
      must((flags & FIN) === 0 && length === 0, 'a SYN with text or FIN')
      must(seg.windowScale <= 14, 'a window scale that nobody may send')
      if (flags & ACK) this.hear(seg)
    } else {
      must(!offers, 'MSS, window scale or SACK-permitted on what is no SYN')
      must((flags & ACK) !== 0, 'a segment without ACK')
    }
    const flow = this.flow(view, seg)
    if (flow instanceof Socket) this.ofSocket(flow, b)
    else must(length === 0 && (flags & FIN) === 0, 'text or FIN from no connection')
    this.ecn(flow)
  }

  /** RFC 3168: nothing that was not agreed on, and ECT on new text alone. */
  private ecn(flow: Flow | null): void {
    const { flags, payloadLength: length } = this.segment
    const marked = this.view.trafficClass & 3
    const tcb = flow instanceof Socket ? flow.tcb : undefined
    if (flags & SYN) {
      const said = flags & (AE | ECE | CWR)
      const { ecn, accurateEcn } = this.stack.config
      const agrees = said === ECE ? ecn !== 'off' : ACCURATE.includes(said) && accurateEcn !== 'off'
      must(marked === 0, 'a SYN that is marked')
      if (flags & ACK) must(said === 0 || (ecn !== 'off' && agrees), 'agrees to ECN')
      else
        must(
          said === 0 || (ecn === 'request' && said === (accurateEcn === 'request' ? ASKS : ECE | CWR)),
          'asks for ECN',
        )
      return
    }
    if (flow instanceof HalfOpen && this.stack.config.accurateEcn !== 'off') {
      must(marked === 0, 'a mark before the connection is open')
      return
    }
    if (tcb?.accurate) {
      must(marked === 0 || (marked === 2 && length > 0 && tcb.accurate.mayMark), 'a mark on what is no text')
      return
    }
    must((flags & AE) === 0, 'accurate ECN that was not agreed on')
    if (!tcb?.ecn) must((flags & (ECE | CWR)) === 0 && marked === 0, 'ECN that was not agreed on')
    else
      must(marked === 0 || (marked === 2 && length > 0 && (flags & RST) === 0), 'a mark on what is no text')
    if (flags & CWR) must(length > 0, 'CWR without text')
  }

  private flow(v: IpView, seg: SegmentView): Flow | null {
    return this.stack['table'].find(
      v.src0,
      v.src1,
      v.src2,
      v.src3,
      v.dst0,
      v.dst1,
      v.dst2,
      v.dst3,
      seg.srcPort,
      seg.dstPort,
    )
  }

  private hear(seg: SegmentView): void {
    if (this.heard.length >= HEARD) this.heard.shift()
    this.heard.push({
      remotePort: seg.dstPort,
      localPort: seg.srcPort,
      seq: seg.ack,
      ack: (seg.seq + 1) | 0,
      ts: seg.tsEcr,
      echo: seg.tsVal,
    })
  }

  /** What a connection says must be what its user said, within what its peer allows. */
  private ofSocket(socket: Socket, b: Uint8Array): void {
    const { segment: seg } = this
    const { tcb } = socket
    const { flags, payloadLength: length } = seg
    if (flags & ACK) must(seg.ack === tcb.rcvNxt, 'an acknowledgment that is not RCV.NXT')
    if (flags & SYN) {
      must(seg.seq === tcb.iss, 'a SYN that is not at ISS')
      return
    }
    must(b.length <= socket.path.mtu, () => `${b.length} bytes on a path of ${socket.path.mtu}`)
    must(seg.hasTimestamps === tcb.timestamps, 'timestamps that were not agreed on, or are missing')
    this.sackBlocks(tcb.rcvNxt, tcb.rcvAdv, tcb.config.dsack)
    const end = (seg.seq + length) | 0
    must(after(end, tcb.sndNxt) <= 0, 'text after SND.NXT')
    const user = this.users.get(socket)
    if (length > 0) {
      must(seg.optionsLength + length <= Math.max(tcb.peerMss, tcb.config.minMss), 'more than the peer’s MSS')
      // A segment may lie beyond the window only if it probes it (MUST-36 and SHLD-16).
      const begins = tcb.synAcked ? tcb.sndUna : (tcb.iss + 1) | 0
      const edge = (begins + tcb.sndWnd) | 0
      must(length === 1 || after(end, edge) <= 0, 'text beyond the window')
    }
    if (!user) return
    const position = after(seg.seq, (tcb.iss + 1) | 0)
    if (length > 0) {
      // Positions wrap with sequence numbers; a fuzzed world never sends so much.
      must(position >= 0 && position + length <= user.sent, 'text that nobody sent')
      must(
        sameBytes(b, seg.payloadOffset, textAt(OWN_TEXT, position, length), 0, length),
        () => `text at ${position} that is not what the user sent`,
      )
    }
    if (flags & FIN) {
      must(position + length === user.sent, 'a FIN before the end')
      must(user.finAt === undefined || user.finAt === end, 'a FIN that moves')
      user.finAt = end
    }
    this.edges(user, tcb.windowScaling ? tcb.rcvScale : 0)
  }

  /** Neither the acknowledgment nor the right edge goes back on the wire, but for less than one unit (RFC 7323 2.4). */
  private edges(user: User, scale: number): void {
    const { ack, window } = this.segment
    const edge = (ack + (window << scale)) | 0
    if (user.spoken) {
      must(after(ack, user.wireAck) >= 0, 'an acknowledgment that goes back')
      must(
        after(edge, user.wireEdge) > -(1 << scale),
        () => `a window that shrinks by ${user.wireEdge - edge}`,
      )
    }
    user.wireAck = ack
    if (!user.spoken || after(edge, user.wireEdge) > 0) user.wireEdge = edge
    user.spoken = true
  }

  /** Ranges in the window with gaps around them; before them, perhaps, what came twice (RFC 2883). */
  private sackBlocks(low: number, high: number, dsack: boolean): void {
    const { sackCount, sackEdges } = this.segment
    const left = (i: number) => sackEdges[2 * i]!
    const right = (i: number) => sackEdges[2 * i + 1]!
    const within = (i: number) =>
      i > 0 && after(left(0), left(i)) >= 0 && after(right(0), right(i)) <= 0 && after(right(0), left(0)) > 0
    const old = sackCount > 0 && after(right(0), low) <= 0
    const repeated = dsack && (old || Array.from({ length: sackCount }, (_, i) => i).some(within))
    for (let i = 0; i < sackCount; i++) {
      must(after(right(i), left(i)) > 0, 'a SACK block that is empty')
      if (i === 0 && repeated) continue
      must(
        after(left(i), low) > 0 && after(right(i), high) <= 0,
        () => `SACK block ${i} of ${sackCount}, ${left(i) - low}..${right(i) - low}, is outside the window`,
      )
      for (let j = repeated ? 1 : 0; j < i; j++)
        must(after(left(i), right(j)) > 0 || after(left(j), right(i)) > 0, 'SACK blocks that touch')
    }
  }
}
