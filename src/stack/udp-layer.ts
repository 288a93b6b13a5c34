import { TcpError } from '../tcp/errors.js'
import { IpAddress } from '../wire/address.js'
import { type IpView, PROTO_UDP, pseudoSum } from '../wire/ip.js'
import { UDP_HEADER, UdpView, writeUdp } from '../wire/udp.js'
import type { IpLayer } from './ip-layer.js'
import type { Ring } from './ring.js'

export interface UdpMessage {
  /** The receiver's to keep. */
  readonly bytes: Uint8Array
  readonly remote: IpAddress
  readonly remotePort: number
  readonly local: IpAddress
}

export interface UdpPort {
  readonly port: number
  /** Sends a datagram; throws a TcpError with EMSGSIZE or ENETUNREACH. */
  send(bytes: Uint8Array, remote: IpAddress, remotePort: number, local?: IpAddress): void
  close(): void
}

/** As much of UDP as a TCP stack needs beside it: ports with a handler, and errors for those without one. */
export class UdpLayer {
  private readonly view = new UdpView()
  private readonly ports = new Map<number, (message: UdpMessage, port: UdpPort) => void>()
  private readonly handles = new Map<number, UdpPort>()

  constructor(
    private readonly ip: IpLayer,
    private readonly ring: Ring,
    private readonly act: (work: () => void) => void,
    private readonly deliver: (work: () => void) => void,
  ) {}

  bind(port: number, receive: (message: UdpMessage, port: UdpPort) => void): UdpPort {
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw new RangeError(`port must be 1 .. 65535, not ${port}`)
    if (this.ports.has(port)) throw new TcpError('EADDRINUSE', `UDP port ${port} is in use`)
    const handle: UdpPort = {
      port,
      send: (bytes, remote, remotePort, local) =>
        this.act(() => this.send(port, bytes, remote, remotePort, local)),
      close: () => {
        if (this.handles.get(port) !== handle) return
        this.ports.delete(port)
        this.handles.delete(port)
      },
    }
    this.ports.set(port, receive)
    this.handles.set(port, handle)
    return handle
  }

  /** Returns false if nobody is bound to the port, for an ICMP error. */
  receive(ip: IpView, multicast: boolean): boolean {
    const { view } = this
    const reason = view.parse(ip)
    if (reason) {
      this.ip.drop(reason)
      return true
    }
    const receive = this.ports.get(view.dstPort)
    if (!receive) {
      // A group's datagram is one for each stack that gets it.
      if (!multicast && this.ring.handOn(ip)) return true
      this.ip.drop('udp-no-port')
      return false
    }
    const message: UdpMessage = {
      bytes: ip.bytes.slice(view.payloadOffset, view.payloadOffset + view.payloadLength),
      remote: IpAddress.fromWords(ip.version, ip.src0, ip.src1, ip.src2, ip.src3),
      remotePort: view.srcPort,
      local: IpAddress.fromWords(ip.version, ip.dst0, ip.dst1, ip.dst2, ip.dst3),
    }
    const handle = this.handles.get(view.dstPort)!
    this.deliver(() => receive(message, handle))
    return true
  }

  private send(
    port: number,
    bytes: Uint8Array,
    remote: IpAddress,
    remotePort: number,
    local?: IpAddress,
  ): void {
    if (bytes.length > 65507)
      throw new TcpError('EMSGSIZE', `a datagram of ${bytes.length} bytes is too long`)
    const path = this.ip.path(remote, local?.isMulticast || local?.isBroadcast ? undefined : local)
    const message = new Uint8Array(UDP_HEADER + bytes.length)
    message.set(bytes, UDP_HEADER)
    writeUdp(message, 0, port, remotePort, bytes.length, pseudoSum(path.local, path.remote, PROTO_UDP))
    this.ip.sendMessage(path, PROTO_UDP, message)
  }
}
