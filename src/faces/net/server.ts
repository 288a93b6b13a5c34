import { EventEmitter } from 'node:events'
import type {
  AddressInfo,
  ListenOptions as NodeListenOptions,
  Server as NodeServer,
  ServerOpts,
} from 'node:net'
import type { Listener } from '../../stack/listener.js'
import type { Socket as TcpSocket } from '../../stack/socket.js'
import { TcpError } from '../../tcp/errors.js'
import type { IpAddress } from '../../wire/address.js'
import { defineAccessors } from './accessors.js'
import { checkNumber, familyName, isPort, normalize, toAddress, toPort } from './arguments.js'
import {
  alreadyListening,
  badArgument,
  badType,
  listenError,
  notAnAddress,
  serverNotRunning,
} from './errors.js'
import type { Host } from './options.js'
import { type Counter, Socket } from './socket.js'

/** Options of `net.createServer()`; see node:net. */
export type ServerOptions = ServerOpts & {
  /** Of the connections it accepts; see `SocketOptions`. node:net does not have it. */
  byReference?: boolean | undefined
}

/** Options of `server.listen()`; see node:net. */
export type ListenOptions = Pick<
  NodeListenOptions,
  'port' | 'host' | 'backlog' | 'ipv6Only' | 'signal' | 'exclusive'
> & {
  /** TCP Fast Open (RFC 7413), which node:net does not have: how many connections may live on a cookie alone. */
  fastOpen?: number | undefined
}

/** node:net's own type of server; nothing of its implementation. */
const Base = EventEmitter as unknown as new () => NodeServer

/**
 * A listener with the methods, events and errors of `net.Server` of node:net, over a stack of ours. `ref` and `unref`
 * do nothing. Without a host it takes connections of both versions, which `address()` shows as `::`; unlike Node's it
 * gives IPv4 peers their own addresses (`10.0.0.1`, not `::ffff:10.0.0.1`).
 */
export class Server extends Base implements Counter {
  allowHalfOpen: boolean
  pauseOnConnect: boolean
  noDelay: boolean
  keepAlive: boolean
  /** Seconds, as in Node. */
  keepAliveInitialDelay: number
  highWaterMark: number | undefined
  /** Of connections accepted from now on. */
  byReference: boolean
  declare maxConnections: number

  static {
    defineAccessors<Server>(Server.prototype, { listening: server => server.#listener !== null })
  }

  readonly #host: Host
  #listener: Listener | null = null
  #fastOpen: number | undefined
  #connections = 0
  /** Counts calls of `listen` and `close`, so that a lookup knows that it comes too late. */
  #generation = 0

  constructor(
    host: Host,
    options?: ServerOptions | ((socket: Socket) => void),
    listener?: (socket: Socket) => void,
  ) {
    super()
    if (options != null && typeof options !== 'object' && typeof options !== 'function')
      throw badType('options', 'of type object', options)
    const settings = typeof options === 'object' && options !== null ? options : {}
    for (const name of ['keepAliveInitialDelay', 'highWaterMark'] as const)
      if (settings[name] !== undefined) checkNumber(settings[name], `options.${name}`)
    const onConnection = typeof options === 'function' ? options : listener
    if (typeof onConnection === 'function') this.on('connection', onConnection)
    this.#host = host
    this.allowHalfOpen = Boolean(settings.allowHalfOpen)
    this.pauseOnConnect = Boolean(settings.pauseOnConnect)
    this.noDelay = Boolean(settings.noDelay)
    this.keepAlive = Boolean(settings.keepAlive)
    this.keepAliveInitialDelay = Math.max(0, Math.trunc((settings.keepAliveInitialDelay ?? 0) / 1000))
    this.highWaterMark = settings.highWaterMark
    this.byReference = Boolean(settings.byReference)
  }

  /** Starts listening. 'listening' or 'error' tells what came of it. Port 0, or none: one that is free. */
  override listen(port?: number | string, host?: string, backlog?: number, listener?: () => void): this
  override listen(port?: number | string, host?: string, listener?: () => void): this
  override listen(port?: number | string, backlog?: number, listener?: () => void): this
  override listen(port?: number | string, listener?: () => void): this
  override listen(options: ListenOptions, listener?: () => void): this
  override listen(listener?: () => void): this
  override listen(...args: unknown[]): this {
    const [options, callback] = normalize<ListenOptions & { path?: string }>(
      args.length === 0 || typeof args[0] === 'function' || args[0] === null ? [0, ...args.slice(-1)] : args,
    )
    if (this.#listener) throw alreadyListening()
    if (options.path || (options as { fd?: number }).fd !== undefined)
      throw badArgument(
        'options',
        options,
        'may only name a port: there are no Unix sockets or descriptors here',
      )
    if (!('port' in options)) throw badArgument('options', options, 'must have the property "port" or "path"')
    const wanted = options.port ?? 0
    if (!isPort(wanted)) throw badArgument('options', options, 'is invalid')
    const port = toPort(wanted, 'options.port')
    if (options.fastOpen !== undefined) checkNumber(options.fastOpen, 'options.fastOpen')
    if (callback) this.once('listening', callback)
    const backlog =
      options.backlog ||
      args
        .slice(1, 3)
        .map(Number)
        .find(n => n > 0)
    this.#fastOpen = options.fastOpen
    const generation = ++this.#generation
    this.#closeOnAbort(options.signal)
    const host = options.host
    if (!host) {
      this.#open(port, undefined, '::', backlog)
      return this
    }
    const literal = toAddress(host)
    if (literal) {
      this.#openAt(port, literal, host, options.ipv6Only, backlog)
      return this
    }
    this.#host.lookup(host, {}, (error, found) => {
      if (generation !== this.#generation) return
      this.#host.woke()
      const text = Array.isArray(found) ? found[0]?.address : found
      const address = error ? undefined : toAddress(String(text))
      if (address) this.#openAt(port, address, String(text), options.ipv6Only, backlog)
      else this.emit('error', error ?? notAnAddress(text))
    })
    return this
  }

  /** `::` means both versions unless it is told otherwise. */
  #openAt(
    port: number,
    address: IpAddress,
    text: string,
    ipv6Only: boolean | undefined,
    backlog?: number,
  ): void {
    const both = address.version === 6 && address.isUnspecified && !ipv6Only
    this.#open(port, both ? undefined : address, text, backlog)
  }

  #open(port: number, address: IpAddress | undefined, text: string, backlog: number | undefined): void {
    try {
      this.#listener = this.#host.stack.listen({
        port,
        ...(address ? { address } : {}),
        ...(backlog ? { backlog } : {}),
        ...(this.#fastOpen ? { fastOpen: this.#fastOpen } : {}),
        onConnection: tcp => this.#accept(tcp),
      })
    } catch (error) {
      if (!(error instanceof TcpError)) throw error
      process.nextTick(() => {
        this.#host.woke()
        this.emit('error', listenError(error.code, text, port))
      })
      return
    }
    const opened = this.#listener
    process.nextTick(() => {
      this.#host.woke()
      if (this.#listener === opened) this.emit('listening')
    })
  }

  #closeOnAbort(signal: AbortSignal | undefined): void {
    if (signal === undefined) return
    const abort = () => void this.close()
    if (signal.aborted) {
      process.nextTick(abort)
      return
    }
    signal.addEventListener('abort', abort, { once: true })
    this.once('close', () => signal.removeEventListener('abort', abort))
  }

  #accept(tcp: TcpSocket): void {
    if (this.maxConnections > 0 && this.#connections >= this.maxConnections) {
      tcp.release()
      this.#tell('drop', {
        localAddress: tcp.local.toString(),
        localPort: tcp.localPort,
        localFamily: familyName(tcp.local),
        remoteAddress: tcp.remote.toString(),
        remotePort: tcp.remotePort,
        remoteFamily: familyName(tcp.remote),
      })
      return
    }
    const { highWaterMark } = this
    const socket = new Socket(this.#host, {
      allowHalfOpen: this.allowHalfOpen,
      noDelay: this.noDelay,
      keepAlive: this.keepAlive,
      keepAliveInitialDelay: this.keepAliveInitialDelay * 1000,
      highWaterMark,
      byReference: this.byReference,
    })
    this.#connections++
    // It hears of everything from now on, and tells of it after 'connection'.
    socket.accepted(tcp, this, this.pauseOnConnect)
    this.#tell('connection', socket)
  }

  #tell(event: string, argument: unknown): void {
    this.#host.woke()
    this.emit(event, argument)
  }

  /** One of its sockets is gone. */
  released(): void {
    this.#connections--
    this.#closeIfDone()
  }

  /** Takes no more connections; 'close' comes when those it has are gone too. */
  override close(callback?: (error?: Error) => void): this {
    this.#generation++
    const wasListening = this.#listener !== null
    if (typeof callback === 'function')
      this.once('close', () => (wasListening ? callback() : callback(serverNotRunning())))
    const listener = this.#listener
    this.#listener = null
    listener?.close()
    this.#closeIfDone()
    return this
  }

  #closeIfDone(): void {
    if (this.#listener || this.#connections > 0) return
    process.nextTick(() => {
      this.#host.woke()
      this.emit('close')
    })
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#listener) return
    await new Promise<void>((resolve, reject) => {
      this.close(error => (error ? reject(error) : resolve()))
    })
  }

  override address(): AddressInfo | null {
    const listener = this.#listener
    if (!listener) return null
    const { address, port } = listener
    return { address: address?.toString() ?? '::', family: address ? familyName(address) : 'IPv6', port }
  }

  override getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(() => callback(null, this.#connections))
    return this
  }

  /** Does nothing: a listener does not keep the process alive, the links it hears from may. */
  override ref(): this {
    return this
  }

  /** Does nothing, as `ref`. */
  override unref(): this {
    return this
  }
}
