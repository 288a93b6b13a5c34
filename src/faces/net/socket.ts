import type { AddressInfo, Socket as NodeSocket } from 'node:net'
import { addAbortSignal, Duplex, type DuplexOptions } from 'node:stream'
import type { Socket as TcpSocket } from '../../stack/socket.js'
import { defineAccessors } from './accessors.js'
import { checkTimeout, familyName, normalize } from './arguments.js'
import type { Chunk } from './chunks.js'
import { Connection } from './connection.js'
import { badArgument, missingPort, socketClosed } from './errors.js'
import { allowWritesAgain, refuseWritesAfterEnd } from './half-close.js'
import { IdleTimer } from './idle.js'
import { Opening } from './opening.js'
import type { Host } from './options.js'
import { ReadSide } from './read-side.js'
import {
  type ConnectOptions,
  type SocketConnectOptions,
  type SocketOptions,
  streamOptions,
  toOnRead,
} from './socket-options.js'
import { Told } from './told.js'
import { Tuning } from './tuning.js'
import { type Callback, WriteSide } from './write-side.js'

/** A server as its sockets see it. */
export interface Counter {
  /** One of its sockets is gone. */
  released(): void
}

/** node:net's own type of socket, so that whatever takes one takes ours; nothing of its implementation. */
const Base = Duplex as unknown as new (options?: DuplexOptions) => NodeSocket

/**
 * A TCP connection as a stream, with the properties, methods, events and errors of `net.Socket` of node:net, over a
 * stack of ours.
 *
 * What differs: `_handle` is always null, so that `tls` and `http2` take it for a stream and not for a file
 * descriptor; `ref` and `unref` do nothing, since what keeps a process alive is its links; addresses can still be
 * read when it is closed; Unix sockets and file descriptors are not supported.
 *
 * Backpressure goes both ways: when the program does not read, the stack's receive queue fills up and the TCP window
 * closes; when the stack's send queue is full (`TcpConfig.sendBuffer`), the callbacks of writes are held back.
 */
export class Socket extends Base {
  /** The connection in the stack, once there is one, and still after its end: `socket.tcp.status()`. */
  tcp: TcpSocket | null = null
  /** The server that accepted it. http puts its own here. */
  server: unknown = null
  /** No file descriptor, no libuv. */
  readonly _handle = null
  /** The name asked for, which tls checks certificates against. */
  _host: string | null = null
  override connecting = false
  declare timeout?: number

  static {
    defineAccessors<Socket>(Socket.prototype, {
      localAddress: ({ tcp }) => tcp?.local.toString(),
      localPort: ({ tcp }) => tcp?.localPort,
      localFamily: ({ tcp }) => (tcp ? familyName(tcp.local) : undefined),
      remoteAddress: socket => socket.#peer?.remote.toString(),
      remotePort: socket => socket.#peer?.remotePort,
      remoteFamily: socket => (socket.#peer ? familyName(socket.#peer.remote) : undefined),
      bytesRead: socket => socket.#reader.bytes,
      bytesWritten: socket => socket.#writer.bytes,
      bufferSize: socket => (socket.pending && !socket.connecting ? undefined : socket.writableLength),
      pending: socket => socket.connecting || socket.#connection.live === null,
      readyState: socket => socket.#readyState,
    })
  }

  readonly #connection: Connection
  readonly #opening: Opening
  readonly #reader: ReadSide
  readonly #writer: WriteSide
  readonly #told: Told
  readonly #tuning: Tuning
  /** The same as `tcp` once it was open. */
  #peer: TcpSocket | null = null
  #counter: Counter | null = null
  #resetting = false

  constructor(host: Host, options: SocketOptions = {}) {
    super(streamOptions(options))
    const connection = new Connection(host, new IdleTimer(host.timers, () => this.#silence()))
    const reader = new ReadSide(this, connection, toOnRead(options.onread))
    const writer = new WriteSide(this, connection, Boolean(options.byReference))
    const opening = new Opening(this, connection, writer)
    this.#connection = connection
    this.#opening = opening
    this.#reader = reader
    this.#writer = writer
    this.#told = new Told(connection, opening, reader, writer, () => this.#opened())
    this.#tuning = new Tuning(options)
    refuseWritesAfterEnd(this)
    if (options.signal) addAbortSignal(options.signal, this)
  }

  // ---- opening ----

  /** Takes over a connection that a server accepted. */
  accepted(tcp: TcpSocket, server: Counter, paused: boolean): void {
    this.server = this.#counter = server
    this.tcp = this.#connection.live = this.#peer = tcp
    tcp.handler = this.#told
    this.#tuning.apply(tcp)
    if (paused) this.pause()
    else this.read(0)
  }

  override connect(options: SocketConnectOptions, listener?: () => void): this
  override connect(port: number | string, host: string, listener?: () => void): this
  override connect(port: number | string, listener?: () => void): this
  override connect(...args: unknown[]): this {
    const [options, listener] = normalize<ConnectOptions & { path?: string | null }>(args)
    if (listener) this.once('connect', listener)
    if (options.path)
      throw badArgument('options.path', options.path, 'is not supported: there are no Unix sockets here')
    if (options.port === undefined) throw missingPort()
    allowWritesAgain(this)
    if (this.destroyed) this.#revive()
    this.#connection.idle.refresh()
    this.connecting = true
    this.#opening.start(options, this.#told)
    return this
  }

  /** A socket that was closed can be connected anew. */
  #revive(): void {
    ;(this as unknown as { _undestroy(): void })._undestroy()
    this.tcp = this.#peer = this.#counter = null
    this.#resetting = false
    this.#connection.forget()
    this.#reader.forget()
    this.#writer.forget()
  }

  #opened(): void {
    const { idle, live } = this.#connection
    this.connecting = false
    this.#peer = live
    idle.refresh()
    this.#tuning.apply(live!)
    this.emit('connect')
    this.emit('ready')
    // The first read; or the end, if that is what came at once.
    if (!this.isPaused()) this.read(0)
  }

  // ---- reading ----

  override _read(): void {
    if (this.connecting || !this.#connection.live) this.once('connect', () => this._read())
    else this.#reader.want()
  }

  override pause(): this {
    this.#reader.pause()
    return super.pause()
  }

  override resume(): this {
    if (!this.connecting) this.#reader.resume()
    return super.resume()
  }

  // ---- writing ----

  override _write(chunk: Uint8Array | string, encoding: BufferEncoding, callback: Callback): void {
    this.#writer.send([{ chunk, encoding }], callback)
  }

  override _writev(chunks: Chunk[], callback: Callback): void {
    this.#writer.send(chunks, callback)
  }

  override _final(callback: Callback): void {
    if (this.connecting) {
      this.once('connect', () => this._final(callback))
      return
    }
    this.#connection.host.woke()
    // Later, as in libuv: what is called in the meantime may still prevent it. 'finish' goes before any answer.
    setImmediate(() => {
      this.#connection.host.woke()
      callback()
      const { live, failure } = this.#connection
      // A connection that broke has nothing to shut down; whoever reads will hear of it.
      if (!failure && live?.state !== 'CLOSED') live?.close()
    })
  }

  // ---- closing ----

  /** Ends it, and destroys it when everything is written. */
  override destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  /** Throws the connection away: the other side gets a RST. */
  override resetAndDestroy(): this {
    if (this.connecting) this.once('connect', () => this.#reset())
    else if (this.#connection.live) this.#reset()
    else this.destroy(socketClosed())
    return this
  }

  #reset(): void {
    this.#resetting = true
    this.destroy()
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#connection.host.woke()
    this.connecting = false
    this.#connection.idle.stop()
    const tcp = this.#connection.live
    this.#connection.live = null
    if (tcp) {
      tcp.handler = {}
      // With data unread the other side gets a RST, else a FIN behind what was written.
      if (this.#resetting) tcp.abort()
      else if (tcp.state !== 'CLOSED') tcp.release()
    }
    callback(error)
    const counter = this.#counter
    this.#counter = null
    // Node's comes when libuv has closed the descriptor, at the end of the turn.
    setImmediate(() => {
      this.#connection.host.woke()
      this.#writer.destroyed()
      this.emit('close', error !== null && error !== undefined)
    })
    counter?.released()
  }

  // ---- options ----

  /** 'timeout' after `ms` without activity; 0 turns it off. The socket stays as it is. */
  override setTimeout(ms: number, callback?: () => void): this {
    if (this.destroyed) return this
    checkTimeout(ms, callback)
    this.timeout = ms
    this.#connection.idle.start(ms)
    if (callback && ms === 0) this.removeListener('timeout', callback)
    else if (callback) this.once('timeout', callback)
    return this
  }

  #silence(): void {
    this.#connection.host.woke()
    this.emit('timeout')
  }

  override setNoDelay(enable = true): this {
    this.#tuning.setNoDelay(enable, this.#open)
    return this
  }

  /** Probes a silent connection after `initialDelay` ms; 0 leaves that as it is. */
  override setKeepAlive(enable = false, initialDelay = 0): this {
    this.#tuning.setKeepAlive(enable, initialDelay, this.#open)
    return this
  }

  /** The connection, while it can still carry something. */
  get #open(): TcpSocket | null {
    const { live } = this.#connection
    if (this.connecting || !live || live.state === 'CLOSED' || live.state === 'TIME_WAIT') return null
    return live
  }

  /** Does nothing: a connection does not keep the process alive, the link it runs over may. */
  override ref(): this {
    return this
  }

  /** Does nothing, as `ref`. */
  override unref(): this {
    return this
  }

  // ---- properties ----

  override address(): AddressInfo | Record<string, never> {
    const { tcp } = this
    return tcp ? { address: tcp.local.toString(), family: familyName(tcp.local), port: tcp.localPort } : {}
  }

  get #readyState(): NodeSocket['readyState'] {
    if (this.connecting) return 'opening'
    if (this.readable) return this.writable ? 'open' : 'readOnly'
    return this.writable ? 'writeOnly' : 'closed'
  }
}
