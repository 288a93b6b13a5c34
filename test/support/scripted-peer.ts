import type { ConnectOptions } from '../../src/stack/active-opens.js'
import { Socket, type SocketHandler } from '../../src/stack/socket.js'
import type { Stack } from '../../src/stack/stack.js'
import { IpAddress } from '../../src/wire/address.js'
import type { SegmentView } from '../../src/wire/tcp.js'
import {
  type FakeEnvironment,
  type FakeLink,
  type Ipv4Fields,
  type Ipv6Fields,
  ipv4,
  ipv6,
  OWN4,
  OWN6,
  PEER4,
  PEER6,
  type RigOptions,
  readSegment,
  rig,
  type TcpFields,
  tcp,
} from './packets.js'

/**
 * A whole stack, and a peer whose packets a test makes by hand, byte by byte: what TcpLayer, the IP layer and the
 * machine do together, in time that the test moves.
 */

export const FIN = 1
export const SYN = 2
export const RST = 4
export const PSH = 8
export const ACK = 16
export const URG = 32

/** Options are off, so that segments are bare, unless a test says otherwise. */
export const PLAIN = { timestamps: false, sack: false, windowScaling: false } as const

export interface PeerOptions extends RigOptions {
  six?: boolean
  /** Options of the peer's SYN, as bytes; an MSS of 1460 if absent. */
  synOptions?: ArrayLike<number>
  window?: number
  connect?: Partial<ConnectOptions>
  handler?: SocketHandler
}

const MSS_1460 = [2, 4, 5, 0xb4]

/** What a user was told, in order. */
export class Told implements SocketHandler {
  readonly told: string[] = []
  open = () => void this.told.push('open')
  readable = () => void this.told.push('readable')
  end = () => void this.told.push('end')
  urgent = () => void this.told.push('urgent')
  softError = (e: { code: string }) => void this.told.push(`soft ${e.code}`)
  closed = (e: { code: string } | null) => void this.told.push(e ? `closed ${e.code}` : 'closed')
}

export class ScriptedPeer {
  readonly stack: Stack
  readonly env: FakeEnvironment
  readonly link: FakeLink
  readonly handler: SocketHandler
  readonly own: string
  readonly peer: string
  socket!: Socket
  /** What the peer's next segment begins at, and its own ports. */
  seq = 5000
  port = 4000
  ownPort = 80
  private readonly options: PeerOptions

  constructor(options: PeerOptions = {}) {
    this.options = options
    const { six = false, tcp: config = {}, ...rest } = options
    const { stack, env, link } = rig({ ...rest, tcp: { ...PLAIN, ...config } })
    this.stack = stack
    this.env = env
    this.link = link
    this.handler = options.handler ?? new Told()
    this.own = six ? OWN6 : OWN4
    this.peer = six ? PEER6 : PEER4
  }

  /** What the user was told. */
  get told(): string[] {
    return (this.handler as Told).told
  }

  /** A segment of the peer's, as a packet: in order and acknowledging everything, but for what is named. */
  packet(fields: TcpFields = {}, ip: Ipv4Fields & Ipv6Fields = {}): Uint8Array {
    const tcb = this.socket?.tcb
    const bytes = tcp({
      src: this.peer,
      dst: this.own,
      srcPort: this.port,
      dstPort: this.ownPort,
      seq: this.seq,
      ack: (tcb?.sndNxt ?? 0) >>> 0,
      flags: ACK,
      ...fields,
    })
    return this.own.includes(':')
      ? ipv6({ src: this.peer, dst: this.own, next: 6, ...ip }, bytes)
      : ipv4({ src: this.peer, dst: this.own, protocol: 6, ...ip }, bytes)
  }

  /** The peer says this; what the stack answers at once. */
  say(fields: TcpFields = {}, ip: Ipv4Fields & Ipv6Fields = {}): SegmentView[] {
    return this.hears(this.link.give(this.packet(fields, ip)))
  }

  /** Text of so many octets, in order. */
  text(length: number, fields: TcpFields = {}): SegmentView[] {
    const answers = this.say({ payload: new Uint8Array(length).fill(0x61), flags: ACK | PSH, ...fields })
    this.seq += length
    return answers
  }

  /** Everything the user can read. */
  read(): number[] {
    const all: number[] = []
    for (let bytes = this.socket.receive(); bytes; bytes = this.socket.receive()) all.push(...bytes)
    return all
  }

  hears(packets: Uint8Array[]): SegmentView[] {
    return packets.map(readSegment)
  }

  /** What the stack has sent since the last time. */
  heard(): SegmentView[] {
    return this.hears(this.link.take())
  }

  /** Lets `ms` pass; what is sent meanwhile. */
  pass(ms: number): SegmentView[] {
    this.env.pass(ms)
    return this.heard()
  }

  /** The stack opens a connection to the peer, who answers. */
  connected(): this {
    this.connecting()
    const { synOptions = MSS_1460, window = 65535 } = this.options
    this.say({ flags: SYN | ACK, options: synOptions, window })
    this.seq++
    return this
  }

  /** The stack opens a connection to the peer, who says nothing yet. Returns the SYN, as a packet. */
  connecting(): Uint8Array {
    const remote = IpAddress.parse(this.peer)
    this.socket = this.stack.connect({ remote, port: 4000, handler: this.handler, ...this.options.connect })
    this.ownPort = this.socket.localPort
    this.port = this.socket.remotePort
    return this.link.take()[0]!
  }

  /** The peer opens a connection to the stack's port 80. */
  accepted(): this {
    this.stack.listen({
      port: 80,
      onConnection: socket => {
        this.socket = socket
        socket.handler = this.handler
      },
    })
    const { synOptions = MSS_1460, window = 65535 } = this.options
    const [synAck] = this.say({ flags: SYN, options: synOptions, window, ack: 0 })
    this.seq++
    this.say({ ack: (synAck!.seq + 1) >>> 0, window })
    if (!(this.socket instanceof Socket)) throw new Error('it did not open')
    return this
  }
}
