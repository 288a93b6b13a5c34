import * as calls from '../tcp/calls.js'
import { type TcpConfig, tcpConfig } from '../tcp/config.js'
import type { ControllerChoice } from '../tcp/controllers.js'
import { TcpError } from '../tcp/errors.js'
import type { FastOpen } from '../tcp/fast-open.js'
import { gt } from '../tcp/sequence.js'
import { Tcb } from '../tcp/tcb.js'
import type { IpAddress } from '../wire/address.js'
import type { Flow } from './flow.js'
import type { IdleWalk } from './idle.js'
import type { Listeners } from './listeners.js'
import type { Path } from './path.js'
import type { EphemeralPorts } from './ports.js'
import { Socket, type SocketHandler, type SocketHost } from './socket.js'
import type { TcpShared } from './tcp-shared.js'
import { TimeWait } from './time-wait.js'
import type { TimeWaits } from './time-waits.js'
import { watch } from './watch.js'

export interface ConnectOptions {
  remote: IpAddress
  port: number
  /** Local address and port; chosen if absent (MUST-43, MUST-44). */
  local?: IpAddress
  localPort?: number
  handler?: SocketHandler
  congestion?: ControllerChoice
  /**
   * TCP Fast Open (RFC 7413): a cookie is asked for, and once we have one `data` rides on the SYN. It can reach the
   * other side's user twice: for requests that can bear it.
   */
  fastOpen?: boolean
  /** The first bytes to send, as by `send`. */
  data?: Uint8Array
  /** How long to try, in ms, if less than R2 for SYN. */
  timeout?: number
  /** Choices of this connection, besides the stack's. */
  tcp?: Partial<TcpConfig>
  trafficClass?: number
  hopLimit?: number
}

/** What those connections that there are do for one that joins them. */
export interface Others {
  /** What is in the way of a new one: null also if it was closed in this very batch. */
  living(flow: Flow | null): Flow | null
  /** It is sent for when the batch ends. */
  markDirty(socket: Socket): void
}

/** Active opens: which addresses and which port, and the machine that sends the SYN. */
export class ActiveOpens {
  constructor(
    private readonly shared: TcpShared,
    private readonly host: SocketHost,
    private readonly ports: EphemeralPorts,
    private readonly listeners: Listeners,
    private readonly timeWaits: TimeWaits,
    private readonly idle: IdleWalk,
    private readonly others: Others,
  ) {}

  connect(options: ConnectOptions): Socket {
    const { remote, port } = options
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw new RangeError(`port must be 1 .. 65535, not ${port}`)
    const { localPort } = options
    if (localPort !== undefined && (!Number.isInteger(localPort) || localPort < 0 || localPort > 65535))
      throw new RangeError(`local port must be 0 .. 65535, not ${localPort}`)
    if (options.timeout !== undefined && !(options.timeout > 0))
      throw new RangeError(`timeout must be positive, not ${options.timeout}`)
    // MUST-46: addresses that no connection can have.
    if (
      remote.isUnspecified ||
      remote.isMulticast ||
      remote.isBroadcast ||
      remote.isMapped ||
      this.isSubnetBroadcast(remote)
    )
      throw new TcpError('EADDRNOTAVAIL', `cannot connect to ${remote}`)
    const { shared } = this
    const path = shared.ip.path(remote, options.local)
    const chosen =
      localPort || this.ports.pick(path.local, remote, port, p => this.isFree(path.local, p, remote, port))
    const old = this.others.living(shared.table.get(path.local, chosen, remote, port))
    const now = shared.context.now
    const tuple = { local: path.local, localPort: chosen, remote, remotePort: port }
    const config = options.tcp && tcpConfig(options.tcp, shared.config)
    const p = shared.parameters(path, tuple, config, options.congestion)
    if (old instanceof TimeWait) {
      // Our own old incarnation may be opened anew if timestamps set the two apart (RFC 6191).
      const { record } = old
      if (!shared.config.rfc6191 || record.tsRecentAt < 0)
        throw new TcpError('EADDRINUSE', `${path.local} port ${chosen} is in TIME_WAIT`)
      if (!gt(p.iss, record.sndNxt)) p.iss = (record.sndNxt + 65536) | 0
      this.timeWaits.forget(old)
    } else if (old)
      throw new TcpError('EADDRINUSE', `${path.local} port ${chosen} to ${remote} port ${port} is in use`)
    if (options.fastOpen) p.fastOpen = this.fastOpenAttempt(options, path)
    const tcb = new Tcb(p)
    if (options.timeout !== undefined) tcb.openTimeout = options.timeout
    const socket = new Socket(this.host, tcb, path, path.local, chosen, remote, port)
    shared.hostCache.begin(socket, now)
    if (options.handler) socket.handler = options.handler
    socket.trafficClass = options.trafficClass ?? 0
    socket.hopLimit = options.hopLimit ?? 64
    tcb.observer = watch(shared.context, socket)
    shared.table.add(socket)
    this.idle.joined()
    calls.open(tcb, 'active', now)
    if (options.data) calls.send(tcb, options.data, now)
    this.others.markDirty(socket)
    return socket
  }

  private isFree(local: IpAddress, port: number, remote: IpAddress, remotePort: number): boolean {
    return (
      !this.listeners.isTaken(port) &&
      this.others.living(this.shared.table.get(local, port, remote, remotePort)) === null
    )
  }

  private isSubnetBroadcast(address: IpAddress): boolean {
    return address.version === 4 && this.shared.ip.interfaces.some(i => i.isSubnetBroadcast(address.w3))
  }

  /** What would be tried with these options. */
  fastOpenAttempt(
    { remote, port, tcp }: Pick<ConnectOptions, 'remote' | 'port' | 'tcp'>,
    path: Path,
  ): FastOpen | null {
    const most = Math.min(path.maxSegment - 20, tcp?.maxMss ?? this.shared.config.maxMss)
    return this.shared.fastOpenCache.attempt(remote, port, most, this.shared.context.env.now())
  }
}
