import type { EventEmitter } from 'node:events'
import { BlockList, isIP, isIPv4, isIPv6, SocketAddress } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Stack } from '../../stack/stack.js'
import { connectionBeneath, lendAddresses } from './agent.js'
import { normalize } from './arguments.js'
import { type NetOptions, toHost } from './options.js'
import { type ListenOptions, Server, type ServerOptions } from './server.js'
import { Socket } from './socket.js'
import type { ConnectOptions, SocketOptions } from './socket-options.js'

/** node:net over one stack. What is not here of node:net has no meaning without an operating system. */
export interface Net {
  readonly stack: Stack
  /** Opens a connection. The last argument, if a function, listens for 'connect'. */
  connect(options: ConnectOptions, listener?: () => void): Socket
  connect(port: number | string, host?: string, listener?: () => void): Socket
  connect(port: number | string, listener?: () => void): Socket
  /** The same as `connect`. */
  createConnection: Net['connect']
  createServer(listener?: (socket: Socket) => void): Server
  createServer(options?: ServerOptions, listener?: (socket: Socket) => void): Server
  /**
   * Lets a server of Node's, of `http`, `https`, `http2`, `tls` or `net`, take the connections to an address of the
   * stack. The rest of the arguments is that of `server.listen()`, which it stands for.
   *
   * ```ts
   * net.serve(http.createServer(handler), 80)
   * net.serve(https.createServer({ key, cert }, handler), 443, '10.0.0.1', () => console.log('listening'))
   * ```
   *
   * The server hears 'listening', so that its own timeouts are in force, and its idle connections are closed when the
   * server that this returns is closed. Nagle's algorithm is off, as Node has it for http: TLS and HTTP/2 write in
   * short pieces, and cannot turn it off themselves on a connection that is not a file descriptor.
   */
  serve(server: EventEmitter, options: ListenOptions, listener?: () => void): Server
  serve(server: EventEmitter, port?: number, host?: string, backlog?: number, listener?: () => void): Server
  serve(server: EventEmitter, port?: number, host?: string, listener?: () => void): Server
  serve(server: EventEmitter, port?: number, listener?: () => void): Server
  /** `new net.Socket(options).connect(…)` */
  readonly Socket: new (
    options?: SocketOptions,
  ) => Socket
  /** `new net.Server(options, listener)` */
  readonly Server: new (
    options?: ServerOptions | ((socket: Socket) => void),
    listener?: (socket: Socket) => void,
  ) => Server
  readonly isIP: typeof isIP
  readonly isIPv4: typeof isIPv4
  readonly isIPv6: typeof isIPv6
  readonly BlockList: typeof BlockList
  readonly SocketAddress: typeof SocketAddress
}

/**
 * What node:net is to the operating system, for a stack.
 *
 * ```ts
 * const net = createNet(stack)
 *
 * const server = net.createServer(socket => socket.pipe(socket)).listen(7)
 * const socket = net.connect(7, '10.0.0.2')
 * ```
 *
 * Node's protocols run over it, on either side, since they only want streams:
 *
 * ```ts
 * // http, https, http2 and tls servers: they take 'connection' events, and serve() passes them on.
 * net.serve(http.createServer(handler), 80)
 * net.createServer().listen(80).on('connection', socket => httpServer.emit('connection', socket))
 *
 * // http and https clients, one connection per request, or with an agent that keeps them
 * http.get({ host, port, createConnection: () => net.connect(port, host) })
 * http.get({ host, port, agent: createAgent(net, { keepAlive: true }) })
 * https.get({ host, port, ca, agent: createSecureAgent(net) })
 *
 * // tls
 * tls.connect({ socket: net.connect({ port: 443, host, noDelay: true }), servername, ca })
 * new tls.TLSSocket(socket, { isServer: true, key, cert })
 *
 * // http2
 * http2.connect(`http://${host}`, { createConnection: () => net.connect({ port: 80, host, noDelay: true }) })
 * net.createServer(socket => http2.performServerHandshake(socket).on('stream', …))
 * ```
 */
export function createNet(stack: Stack, options: NetOptions = {}): Net {
  const host = toHost(stack, options)

  class BoundSocket extends Socket {
    constructor(options?: SocketOptions) {
      super(host, options)
    }
  }
  class BoundServer extends Server {
    constructor(options?: ServerOptions | ((socket: Socket) => void), listener?: (socket: Socket) => void) {
      super(host, options, listener)
    }
  }
  Object.defineProperty(BoundSocket, 'name', { value: 'Socket' })
  Object.defineProperty(BoundServer, 'name', { value: 'Server' })

  const connect = (...args: unknown[]): Socket => {
    const [options, listener] = normalize<ConnectOptions>(args)
    const socket = new BoundSocket(options)
    if (options.timeout) socket.setTimeout(options.timeout)
    return socket.connect(options as ConnectOptions, listener)
  }

  return {
    stack,
    connect,
    createConnection: connect,
    createServer: (
      options?: ServerOptions | ((socket: Socket) => void),
      listener?: (socket: Socket) => void,
    ) => new BoundServer(options, listener),
    serve: (server: EventEmitter, ...args: unknown[]) =>
      serve(new BoundServer(settingsOf(server)), server, args),
    Socket: BoundSocket,
    Server: BoundServer,
    isIP,
    isIPv4,
    isIPv6,
    BlockList,
    SocketAddress,
  }
}

/** A server of Node's keeps the options of its sockets under their names; the delay in seconds. */
function settingsOf(server: EventEmitter): ServerOptions {
  const { allowHalfOpen, pauseOnConnect, keepAlive, keepAliveInitialDelay, highWaterMark } =
    server as ServerOptions
  const delay = (keepAliveInitialDelay ?? 0) * 1000
  return {
    allowHalfOpen,
    pauseOnConnect,
    noDelay: true,
    keepAlive,
    keepAliveInitialDelay: delay,
    highWaterMark,
  }
}

function serve(front: Server, server: EventEmitter, args: unknown[]): Server {
  const isSecure = (secure: TLSSocket) => {
    const socket = connectionBeneath(secure)
    if (socket) lendAddresses(secure, socket)
  }
  server.prependListener('secureConnection', isSecure)
  front.on('connection', socket => server.emit('connection', socket))
  front.on('listening', () => server.emit('listening'))
  front.on('error', error => {
    if (server.listenerCount('error') > 0) server.emit('error', error)
    else if (front.listenerCount('error') === 1) throw error
  })
  const { close } = front
  let closing = false
  front.close = callback => {
    close.call(front, callback)
    if (closing) return front
    closing = true
    // An http server closes its idle connections and stops its clocks in `close`, and only there.
    const { close: closeServer } = server as { close?: () => void }
    closeServer?.call(server)
    return front
  }
  server.once('close', () => {
    closing = true
    server.off('secureConnection', isSecure)
    if (front.listening) front.close()
  })
  return front.listen(...(args as []))
}
