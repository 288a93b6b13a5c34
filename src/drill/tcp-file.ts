import type { Listener } from '../stack/listener.js'
import type { Socket, SocketHandler } from '../stack/socket.js'
import type { Stack } from '../stack/stack.js'
import type { TcpConfig } from '../tcp/config.js'
import { TcpError, type TcpErrorCode } from '../tcp/errors.js'
import { PROFILES } from '../tcp/profiles.js'
import type { State } from '../tcp/states.js'
import type { Conversation } from './conversation.js'
import type { FastOpenHost } from './fast-open.js'
import { BufferedSpace, PlainSpace, type SendSpace } from './send-space.js'
import type { Dialect } from './symbols.js'

/** Choices made by setsockopt, which a listener hands down to what it accepts. */
export interface SocketChoices {
  tcp: { -readonly [K in keyof TcpConfig]?: TcpConfig[K] }
  trafficClass: number
  hopLimit: number
  noDelay: boolean
  cork: boolean
  keepAlive: boolean
  /** In ms; undefined: as configured. */
  keepIdle: number | undefined
  keepInterval: number | undefined
  keepProbes: number | undefined
  userTimeout: number | undefined
  openTimeout: number | undefined
  /** Seconds; undefined while off. */
  linger: number | undefined
  reuseAddress: boolean
  receiveBuffer: number | undefined
  sendBuffer: number | undefined
  /** TCP_NOTSENT_LOWAT as it was set, and the limit it is; undefined for none. */
  notSentRaw: number
  notSentLowWater: number | undefined
  deferAccept: boolean
  inquire: boolean
  retransmissionLimit: number | undefined
  /** TCP_FASTOPEN and its kin, as they were set. */
  fastOpen: number
  fastOpenConnect: boolean
  fastOpenWithoutCookie: boolean
}

const FREEBSD_SCALES_FOR = PROFILES.freebsd.tcp.maxReceiveBuffer ?? 0

const defaultChoices = (): SocketChoices => ({
  tcp: {},
  trafficClass: 0,
  hopLimit: 64,
  noDelay: false,
  cork: false,
  keepAlive: false,
  keepIdle: undefined,
  keepInterval: undefined,
  keepProbes: undefined,
  userTimeout: undefined,
  openTimeout: undefined,
  linger: undefined,
  reuseAddress: false,
  receiveBuffer: undefined,
  sendBuffer: undefined,
  notSentRaw: 0,
  notSentLowWater: undefined,
  deferAccept: false,
  inquire: false,
  retransmissionLimit: undefined,
  fastOpen: 0,
  fastOpenConnect: false,
  fastOpenWithoutCookie: false,
})

/** A TCP socket as programs hold it: what socket(), bind(), listen(), connect() and accept() make of it. */
export class TcpFile {
  readonly kind = 'tcp'
  choices = defaultChoices()
  nonBlocking = false
  bound = false
  listener: Listener | undefined
  socket: Socket | undefined
  /** connect() was called and its result not told yet. */
  connecting = false
  /** SO_ERROR. */
  error: TcpErrorCode | undefined
  readShut = false
  writeShut = false
  /** connect() has said yes, and the first write will begin (TCP_FASTOPEN_CONNECT). */
  deferred = false
  /** What listen() was told. */
  backlog = 0
  /** The connection is over; nothing will change any more. */
  over = false
  /** Counts what happens, for edge-triggered watchers. */
  changes = 0
  /** How much a write takes; set with the connection. */
  space: SendSpace | undefined

  constructor(
    /** How the script's packets find it. */
    public conversation: Conversation,
    readonly family: 'AF_INET' | 'AF_INET6',
    private readonly dialect: Dialect,
    /** TCP_NOTSENT_LOWAT while it is not set; undefined for no limit. */
    private readonly usualLowWater: () => number | undefined,
  ) {}

  /** Tells what happens on the connection. */
  readonly handler: SocketHandler = {
    open: () => {
      this.connecting = false
      this.changes++
    },
    readable: () => {
      this.changes++
    },
    writable: () => {
      this.changes++
    },
    end: () => {
      this.changes++
    },
    closed: error => {
      this.changes++
      this.over = true
      this.connecting = false
      if (error) this.error = error.code
    },
  }

  private giveBack: (() => void) | undefined
  private readonly reservation = { trafficClass: 0, hopLimit: 64 }

  /** bind(): the port is this socket's, though nobody listens there. */
  reserve(stack: Stack, port: number): void {
    this.giveBack = stack.reserve(port, this.reservation)
  }

  unreserve(): void {
    this.giveBack?.()
  }

  /** What connections that open here start with, besides the stack's choices. */
  get connectionChoices(): Partial<TcpConfig> {
    const { tcp, receiveBuffer, sendBuffer } = this.choices
    return {
      ...tcp,
      ...(receiveBuffer === undefined ? {} : { receiveBuffer }),
      // FreeBSD scales for what a buffer could be, Linux for what it is.
      ...(receiveBuffer === undefined || this.dialect === 'linux'
        ? {}
        : { maxReceiveBuffer: FREEBSD_SCALES_FOR }),
      ...(sendBuffer === undefined ? {} : { sendBuffer }),
    }
  }

  /** After setsockopt(): what is not a connection yet has to be told. */
  optionsChanged(fastOpen: FastOpenHost): void {
    const { trafficClass, hopLimit } = this.choices
    Object.assign(this.reservation, { trafficClass, hopLimit })
    if (!this.listener) return
    this.listener.configure(this.connectionChoices)
    Object.assign(this.listener, { trafficClass, hopLimit })
    this.allowFastOpen(fastOpen)
  }

  /** As far as the host allows it. */
  allowFastOpen(fastOpen: FastOpenHost): void {
    const { listener, choices: c } = this
    if (!listener) return
    listener.setFastOpen(fastOpen.queueLength(c.fastOpen, this.backlog))
    listener.fastOpenWithoutCookie = fastOpen.choices.withoutCookie || c.fastOpenWithoutCookie
  }

  get state(): State {
    if (this.listener) return 'LISTEN'
    return this.socket?.state ?? 'CLOSED'
  }

  /** Takes a connection, with the choices of `from`. */
  adopt(socket: Socket): void {
    this.socket = socket
    socket.handler = this.handler
    const lowWater = () => this.choices.notSentLowWater ?? this.usualLowWater()
    this.space =
      this.dialect === 'linux' ? new BufferedSpace(socket, lowWater) : new PlainSpace(socket, lowWater)
    const { choices: c } = this
    socket.trafficClass = c.trafficClass
    socket.hopLimit = c.hopLimit
    if (c.noDelay) socket.setNoDelay(true)
    if (c.cork) socket.setCork(true)
    this.applyKeepAlive()
    if (c.userTimeout !== undefined) socket.setUserTimeout(c.userTimeout)
    if (c.sendBuffer !== undefined) socket.setSendBuffer(c.sendBuffer)
    if (c.receiveBuffer !== undefined) socket.tcb.mostReceiveBuffer = socket.tcb.receiveBuffer
    if (c.retransmissionLimit !== undefined) socket.setRetransmissionLimit(c.retransmissionLimit)
  }

  applyKeepAlive(): void {
    const { choices: c, socket } = this
    if (!socket || socket.state === 'CLOSED') return
    const { tcb } = socket
    if (!c.keepAlive && !tcb.keepAlive) return
    socket.setKeepAlive(c.keepAlive, c.keepIdle, c.keepInterval, c.keepProbes)
  }

  /** SO_ERROR is told once. */
  takeError(): TcpErrorCode | undefined {
    const { error } = this
    this.error = undefined
    return error
  }

  get readable(): boolean {
    const { socket } = this
    if (this.listener) return this.acceptable !== undefined
    if (!socket) return false
    return socket.receiveQueued > 0 || this.atEnd || this.error !== undefined
  }

  /** A connection that accept() would return. */
  get acceptable(): Socket | undefined {
    const first = this.listener?.queue[0]
    return first && (!this.choices.deferAccept || first.receiveQueued > 0 || first.atEnd) ? first : undefined
  }

  /** read() returns 0 once what is here is read. */
  get atEnd(): boolean {
    const { socket } = this
    if (!socket) return false
    return this.readShut || socket.atEnd || this.over || socket.state === 'CLOSED'
  }

  get writable(): boolean {
    const { socket } = this
    if (this.deferred && !socket) return true
    if (!socket || this.connecting) return false
    return this.writeShut || this.over || this.error !== undefined || this.space!.writable
  }
}

/** The code of an error of the stack's; anything else is a bug and goes on. */
export function codeOf(error: unknown): TcpErrorCode {
  if (error instanceof TcpError) return error.code
  throw error
}
