/**
 * For attacks by the hundred thousand: a stack on a link that only counts what it sends, and packets that are made by
 * changing a few octets of one mould.
 */
import type { Link, LinkReceiver } from '../../src/stack/link.js'
import type { Socket } from '../../src/stack/socket.js'
import { Stack, type StackOptions } from '../../src/stack/stack.js'
import { FakeEnvironment, OWN4, type TcpFields, tcpPacket } from './packets.js'

const IP = 20

interface Filling {
  /** As a number. */
  src?: number
  srcPort?: number
  dstPort?: number
  seq?: number
  ack?: number
  flags?: number
  window?: number
}

/** One IPv4 TCP packet whose addresses, ports and numbers can be changed quickly; its checksums follow. */
export class Mould {
  readonly bytes: Uint8Array
  private readonly view: DataView

  constructor(fields: TcpFields = {}) {
    this.bytes = tcpPacket(fields)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Fills what is named, and both checksums. */
  fill(f: Filling): this {
    const { view } = this
    if (f.src !== undefined) view.setUint32(12, f.src)
    if (f.srcPort !== undefined) view.setUint16(IP, f.srcPort)
    if (f.dstPort !== undefined) view.setUint16(IP + 2, f.dstPort)
    if (f.seq !== undefined) view.setUint32(IP + 4, f.seq)
    if (f.ack !== undefined) view.setUint32(IP + 8, f.ack)
    if (f.flags !== undefined) view.setUint8(IP + 13, f.flags)
    if (f.window !== undefined) view.setUint16(IP + 14, f.window)
    return this.seal()
  }

  /** Puts the checksums right after any change. */
  seal(): this {
    const { view } = this
    const length = this.bytes.length - IP
    view.setUint16(10, 0)
    view.setUint16(10, ~fold(this.sum(0, IP)))
    view.setUint16(IP + 16, 0)
    view.setUint16(IP + 16, ~fold(this.sum(12, IP) + 6 + length + this.sum(IP, this.bytes.length)))
    return this
  }

  private sum(from: number, to: number): number {
    let sum = 0
    for (let i = from; i + 1 < to; i += 2) sum += this.view.getUint16(i)
    return (to - from) & 1 ? sum + (this.bytes[to - 1]! << 8) : sum
  }
}

function fold(sum: number): number {
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff)
  return sum
}

/** What the stack sent last, as far as attackers look at it; it is read from IPv4 without options. */
export interface Seen {
  seq: number
  ack: number
  flags: number
  window: number
  length: number
}

/** A stack at 10.0.0.1 to which anybody may send anything; its answers are counted, and the last one is looked at. */
export class Target {
  readonly env: FakeEnvironment
  readonly stack: Stack
  packetsOut = 0
  bytesOut = 0
  /** What was sent in answer to the last packet; undefined if nothing was. */
  seen: Seen | undefined
  /** Told of each packet that is sent; the bytes die with the call. */
  onSend: ((bytes: Uint8Array) => void) | undefined
  private receiver!: LinkReceiver

  constructor(options: Partial<StackOptions> & { mtu?: number } = {}) {
    this.env = new FakeEnvironment()
    this.stack = new Stack({ ...options, env: this.env })
    const link: Link = {
      kind: 'ip',
      mtu: options.mtu ?? 1500,
      attach: receiver => {
        this.receiver = receiver
      },
      send: (bytes, offset, length) => this.took(bytes, offset, length),
      close: () => {},
    }
    const iface = this.stack.addInterface(link, { addresses: [`${OWN4}/24`] })
    this.stack.addRoute('default', iface)
  }

  private took(bytes: Uint8Array, offset: number, length: number): boolean {
    this.packetsOut++
    this.bytesOut += length
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length)
    const tcp = (view.getUint8(0) & 15) * 4
    if (view.getUint8(9) === 6)
      this.seen = {
        seq: view.getUint32(tcp + 4),
        ack: view.getUint32(tcp + 8),
        flags: view.getUint8(tcp + 13),
        window: view.getUint16(tcp + 14),
        length: length - tcp - (view.getUint8(tcp + 12) >>> 4) * 4,
      }
    this.onSend?.(bytes.subarray(offset, offset + length))
    return true
  }

  /** Gives it one packet, as a batch; how many it answers with. */
  give(bytes: Uint8Array): number {
    const before = this.packetsOut
    this.seen = undefined
    this.receiver.packet(bytes, 0, bytes.length)
    this.receiver.batchEnd()
    return this.packetsOut - before
  }
}

const ACK = 16
const SYN = 2
const bare = new Mould()

/** One peer's end of a connection to a target, by hand. */
export class Remote {
  seq: number
  ack = 0

  constructor(
    private readonly target: Target,
    readonly address: number,
    readonly port: number,
    private readonly dstPort = 80,
    readonly iss = 5000,
  ) {
    this.seq = iss
  }

  /** Sends a segment without text; how many packets it is answered with. */
  send(flags: number, window = 65535, seq = this.seq, ack = this.ack): number {
    const { address: src, port: srcPort, dstPort } = this
    return this.target.give(bare.fill({ src, srcPort, dstPort, flags, window, seq, ack }).bytes)
  }

  /** The handshake; `window` is that of the SYN and of the ACK. False if the SYN was not answered. */
  open(window = 65535): boolean {
    this.send(SYN, window)
    const { seen } = this.target
    if (!seen || (seen.flags & (SYN | ACK)) !== (SYN | ACK)) return false
    this.seq = (this.seq + 1) >>> 0
    this.ack = (seen.seq + 1) >>> 0
    this.send(ACK, window)
    return true
  }
}

/** A server that sends `bytes` to everybody who connects, and remembers how each connection ended. */
export function server(t: Target, bytes: number, after: (socket: Socket) => void = () => {}) {
  const sockets: Socket[] = []
  const ends: string[] = []
  // Held by reference: one for all of them.
  const payload = new Uint8Array(bytes)
  t.stack.listen({
    port: 80,
    synBacklog: 1 << 16,
    onConnection: socket => {
      sockets.push(socket)
      socket.handler = { closed: error => void ends.push(error ? `${error.code} ${error.message}` : '') }
      socket.send(payload)
      after(socket)
    },
  })
  return { sockets, ends }
}

/** From a host of its own each, answering everything with a closed window. */
export const holder = (t: Target, i: number, window = 0): Remote => {
  const remote = new Remote(t, 0x0b000000 + i, 2000)
  remote.open(window)
  return remote
}
