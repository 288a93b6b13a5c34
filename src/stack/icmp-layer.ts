import { TcpError } from '../tcp/errors.js'
import type { IcmpError } from '../tcp/icmp.js'
import type { IcmpCause } from '../tcp/icmp-policy.js'
import { IpAddress } from '../wire/address.js'
import { set32 } from '../wire/bytes.js'
import { ICMP_HEADER, ICMP4, ICMP6, IcmpView, QuotedSegment, writeIcmp } from '../wire/icmp.js'
import { type IpView, PROTO_ICMP, PROTO_ICMPV6, pseudoSum } from '../wire/ip.js'
import { findIcmpv6 } from '../wire/ipv6.js'
import type { Context } from './context.js'
import type { Interface } from './interface.js'
import type { IpLayer } from './ip-layer.js'
import type { Ring } from './ring.js'

/** Errors sent each second, at most (RFC 4443 section 2.4 (f), RFC 1812 section 4.3.2.8). */
const ERROR_RATE = 100

const ERRORS4: ReadonlySet<number> = new Set([
  ICMP4.UNREACHABLE,
  ICMP4.SOURCE_QUENCH,
  ICMP4.REDIRECT,
  ICMP4.TIME_EXCEEDED,
  ICMP4.PARAMETER_PROBLEM,
])

/** What an error tells TCP about one of its segments; `mtu` is what a too-big error says, 0 if nothing. */
export interface TcpIcmp {
  error: Exclude<IcmpError, { kind: 'too-big' }> | { kind: 'too-big'; mtu: number }
  quoted: QuotedSegment
  version: 4 | 6
}

/** ICMP as a host speaks it: echo, errors about our segments to TCP, errors about others' packets to them. */
export class IcmpLayer {
  private readonly view = new IcmpView()
  private readonly quoted = new QuotedSegment()
  private errorsIn = { since: Number.NEGATIVE_INFINITY, count: 0 }
  /** Returns whether there is anybody whom the error is about. */
  onTcpError!: (icmp: TcpIcmp) => boolean

  constructor(
    private readonly context: Context,
    private readonly ip: IpLayer,
    private readonly ring: Ring,
  ) {}

  receive(ip: IpView, iface: Interface, multicast: boolean): void {
    const { view } = this
    const reason = view.parse(ip)
    if (reason) return this.ip.drop(reason)
    if (ip.version === 4) this.receive4(ip, multicast)
    else this.receive6(ip, iface, multicast)
  }

  private receive4(ip: IpView, multicast: boolean): void {
    const { type, code, rest } = this.view
    switch (type) {
      case ICMP4.ECHO_REQUEST:
        // A broadcast ping may be ignored (RFC 1122 section 3.2.2.6), and ought to be: "smurf".
        if (!multicast) this.reply(ip, PROTO_ICMP, ICMP4.ECHO_REPLY)
        return
      case ICMP4.UNREACHABLE:
        return this.error(ip, code === 4 ? { kind: 'too-big', mtu: rest & 0xffff } : unreachable4(code))
      case ICMP4.TIME_EXCEEDED:
        return this.error(
          ip,
          code === 1
            ? REASSEMBLY
            : { kind: 'unreachable', cause: 'time-exceeded', message: 'time to live exceeded' },
        )
      case ICMP4.PARAMETER_PROBLEM:
        return this.error(ip, PARAMETER)
      case ICMP4.SOURCE_QUENCH:
        // MUST-55, RFC 6633.
        this.context.counters.sourceQuenchIgnored++
        return
      case ICMP4.ECHO_REPLY:
        return
      default:
        this.ip.drop('icmp-unknown-type')
    }
  }

  private receive6(ip: IpView, iface: Interface, multicast: boolean): void {
    const { type, code, rest } = this.view
    switch (type) {
      case ICMP6.ECHO_REQUEST:
        if (!multicast) this.reply(ip, PROTO_ICMPV6, ICMP6.ECHO_REPLY)
        return
      case ICMP6.UNREACHABLE:
        return this.error(ip, unreachable6(code))
      case ICMP6.PACKET_TOO_BIG:
        return this.error(ip, { kind: 'too-big', mtu: rest >>> 0 })
      case ICMP6.TIME_EXCEEDED:
        return this.error(
          ip,
          code === 1
            ? REASSEMBLY
            : { kind: 'unreachable', cause: 'time-exceeded', message: 'hop limit exceeded' },
        )
      case ICMP6.PARAMETER_PROBLEM:
        return this.error(ip, code === 1 ? unreachable('next-header', 'next header not known') : PARAMETER)
      case ICMP6.NEIGHBOR_SOLICITATION:
      case ICMP6.NEIGHBOR_ADVERTISEMENT: {
        const reason = this.ip.resolver.ndp(iface, ip, type, code)
        if (reason) this.ip.drop(reason)
        return
      }
      case ICMP6.ECHO_REPLY:
      case ICMP6.ROUTER_SOLICITATION:
      case ICMP6.ROUTER_ADVERTISEMENT:
        return
      default:
        this.ip.drop('icmp-unknown-type')
    }
  }

  /** An error about something we sent; only TCP wants to know. */
  private error(ip: IpView, error: TcpIcmp['error']): void {
    this.context.counters.icmpErrorsIn++
    const { payloadOffset, payloadLength } = this.view
    const quote = this.quoted.parse(ip.version, ip.bytes, payloadOffset, payloadLength)
    if (quote === 'malformed') return this.ip.drop('icmp-malformed')
    if (quote === 'tcp' && !this.onTcpError({ error, quoted: this.quoted, version: ip.version }))
      this.ring.handOn(ip)
  }

  private reply(ip: IpView, protocol: number, type: number): void {
    const source = IpAddress.fromWords(ip.version, ip.src0, ip.src1, ip.src2, ip.src3)
    if (source.isUnspecified) return
    const local = IpAddress.fromWords(ip.version, ip.dst0, ip.dst1, ip.dst2, ip.dst3)
    const message = ip.bytes.slice(ip.payloadOffset, ip.payloadOffset + ip.payloadLength)
    this.context.counters.echoReplies++
    this.send(local, source, protocol, message, type, 0)
  }

  private send(
    local: IpAddress,
    remote: IpAddress,
    protocol: number,
    message: Uint8Array,
    type: number,
    code: number,
  ): void {
    try {
      const path = this.ip.path(remote, local)
      const pseudo = protocol === PROTO_ICMPV6 ? pseudoSum(local, remote, protocol) : 0
      writeIcmp(message, 0, message.length, type, code, pseudo)
      this.ip.sendMessage(path, protocol, message)
    } catch (error) {
      // No way back to whoever asked: counted as `noRoute` where it was found.
      if (!(error instanceof TcpError)) throw error
    }
  }

  /** An error about a packet we received; never about ICMP errors or groups (RFC 1122 3.2.2, RFC 4443 2.4). */
  sendError(ip: IpView, type4: number, code4: number, type6: number, code6: number, pointer6 = 0): void {
    const { counters, now } = this.context
    const remote = IpAddress.fromWords(ip.version, ip.src0, ip.src1, ip.src2, ip.src3)
    if (remote.isUnspecified || remote.isMulticast || remote.isBroadcast) return
    if ((ip.isFragment && ip.fragmentOffset > 0) || isError(ip)) return
    if (now - this.errorsIn.since >= 1000) this.errorsIn = { since: now, count: 0 }
    if (this.errorsIn.count++ >= ERROR_RATE) {
      counters.icmpErrorsLimited++
      return
    }
    counters.icmpErrorsOut++
    const local = IpAddress.fromWords(ip.version, ip.dst0, ip.dst1, ip.dst2, ip.dst3)
    // As much of the packet as fits the minimum MTU of its version.
    const most = ip.version === 4 ? 576 - 20 - ICMP_HEADER : 1280 - 40 - ICMP_HEADER
    const quote = ip.bytes.subarray(ip.offset, ip.offset + Math.min(ip.totalLength, most))
    const message = new Uint8Array(ICMP_HEADER + quote.length)
    if (ip.version === 6) set32(message, 4, pointer6)
    message.set(quote, ICMP_HEADER)
    if (ip.version === 4) this.send(local, remote, PROTO_ICMP, message, type4, code4)
    else this.send(local, remote, PROTO_ICMPV6, message, type6, code6)
  }
}

/** What must not be answered with an error: another one, also behind a header for which the packet is refused. */
function isError({ version, protocol, bytes, offset, totalLength, payloadOffset }: IpView): boolean {
  if (version === 4) return protocol === PROTO_ICMP && ERRORS4.has(bytes[payloadOffset]!)
  const at = findIcmpv6(bytes, offset, offset + totalLength)
  return at >= 0 && bytes[at]! < 128
}

const unreachable = (cause: IcmpCause, message: string): TcpIcmp['error'] => ({
  kind: 'unreachable',
  cause,
  message,
})

const REASSEMBLY = unreachable('reassembly', 'fragment reassembly time exceeded')
const PARAMETER = unreachable('parameter', 'parameter problem')

/** RFC 792, with the codes of RFC 1122 section 3.2.2.1 and RFC 1812 section 5.2.7.1. */
function unreachable4(code: number): TcpIcmp['error'] {
  switch (code) {
    case 2:
      return unreachable('protocol', 'protocol unreachable')
    case 3:
      return unreachable('port', 'port unreachable')
    case 9:
      return unreachable('prohibited-network', 'network administratively prohibited')
    case 10:
    case 13:
      return unreachable('prohibited', 'administratively prohibited')
    case 0:
    case 6:
      return unreachable('network', 'network unreachable')
    default:
      return unreachable('host', 'host unreachable')
  }
}

/** RFC 4443 section 3.1. */
function unreachable6(code: number): TcpIcmp['error'] {
  switch (code) {
    case 4:
      return unreachable('port', 'port unreachable')
    case 1:
    case 5:
    case 6:
      return unreachable('prohibited', 'administratively prohibited')
    case 0:
      return unreachable('network', 'no route to destination')
    default:
      return unreachable('host', 'address unreachable')
  }
}
