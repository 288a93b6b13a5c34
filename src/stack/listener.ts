import { type TcpConfig, tcpConfig } from '../tcp/config.js'
import type { IpAddress } from '../wire/address.js'
import { FastOpenQueue } from './fast-open-queue.js'
import type { Socket } from './socket.js'

export interface ListenOptions {
  port: number
  /** The local address; any of either version if absent. */
  address?: IpAddress
  /** Connections that may wait to be accepted. */
  backlog?: number
  /** Handshakes that may be half open before cookies are sent (or SYNs dropped). */
  synBacklog?: number
  synCookies?: boolean
  /** Choices of the connections that open here, besides the stack's. */
  tcp?: Partial<TcpConfig>
  /**
   * TCP Fast Open (RFC 7413): how many connections may be open by a cookie alone, their handshake not over; 0, which
   * turns it off, if absent. Data on a SYN can reach the user twice: for services that can bear it.
   */
  fastOpen?: number
  trafficClass?: number
  hopLimit?: number
  /** Connections accepted here that may be there at once; no limit of its own if absent (see `Limits`). */
  maxConnections?: number
  /** Takes each connection as it opens; without it they wait in a queue for `accept`. */
  onConnection?: (socket: Socket) => void
}

/** A passive OPEN: what SYNs to one port turn into connections (RFC 9293 section 3.9.1.1, MUST-41, MUST-42). */
export class Listener {
  readonly port: number
  readonly address: IpAddress | undefined
  readonly backlog: number
  readonly synBacklog: number
  readonly synCookies: boolean
  readonly maxConnections: number
  onConnection: ((socket: Socket) => void) | undefined
  /** Undefined: the stack's. */
  config: TcpConfig | undefined
  trafficClass: number
  hopLimit: number
  readonly queue: Socket[] = []
  /** Connections that have opened in this batch and are not in the queue yet. */
  newborn = 0
  /** Its half-open connections. */
  halfOpen = 0
  /** When a cookie was last sent; only then are cookies believed (Lell 2013). */
  overflowedAt = Number.NEGATIVE_INFINITY
  closed = false
  /** Those that Fast Open has opened and whose handshake is not over. */
  readonly early: FastOpenQueue
  /** RFC 7413 section 4.1.2: a SYN without a cookie will do, where addresses cannot be forged. */
  fastOpenWithoutCookie = false
  /** Waiters of `accept`. */
  onQueued: (() => void) | undefined

  constructor(
    options: ListenOptions,
    private readonly base: TcpConfig,
    private readonly stop: (listener: Listener) => void,
  ) {
    this.port = options.port
    this.address = options.address
    this.backlog = options.backlog ?? 511
    this.synBacklog = options.synBacklog ?? 1024
    this.synCookies = options.synCookies ?? true
    this.maxConnections = options.maxConnections ?? Number.POSITIVE_INFINITY
    this.onConnection = options.onConnection
    this.early = new FastOpenQueue(checkedCount(options.fastOpen ?? 0, 'fastOpen'))
    this.config = options.tcp && tcpConfig(options.tcp, base)
    this.trafficClass = options.trafficClass ?? 0
    this.hopLimit = options.hopLimit ?? 64
  }

  /** Changes choices of connections that will open here. */
  configure(overrides: Partial<TcpConfig>): void {
    this.config = tcpConfig(overrides, this.config ?? this.base)
  }

  /** Turns Fast Open on, for at most so many at once, or off. Throws a RangeError. */
  setFastOpen(most: number): void {
    this.early.most = checkedCount(most, 'fastOpen')
  }

  /** The oldest open connection nobody has taken yet. */
  accept(): Socket | undefined {
    const socket = this.queue.shift()
    socket?.taken()
    return socket
  }

  get isFull(): boolean {
    return !this.onConnection && this.queue.length + this.newborn >= this.backlog
  }

  /** False when as many handshakes are half open as may be. */
  get hasRoom(): boolean {
    return !this.isFull && this.halfOpen < this.synBacklog
  }

  /** The stack's: a new connection waits here. */
  push(socket: Socket): void {
    socket.waitingIn = this
    this.queue.push(socket)
  }

  /** The stack's: a connection that was reset before anybody took it is work for nobody. */
  drop(socket: Socket): void {
    const i = this.queue.indexOf(socket)
    if (i >= 0) this.queue.splice(i, 1)
  }

  matches(address: IpAddress): boolean {
    return (
      this.address === undefined ||
      this.address.equals(address) ||
      (this.address.isUnspecified && this.address.version === address.version)
    )
  }

  /** Stops listening: half-open connections and those nobody took are reset; open ones live on. Idempotent. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.stop(this)
  }
}

function checkedCount(n: number, name: string): number {
  if (!(Number.isInteger(n) && n >= 0)) throw new RangeError(`${name} must be a whole number, not ${n}`)
  return n
}
