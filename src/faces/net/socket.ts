import type { AddressInfo, Socket as NodeSocket } from 'node:net'
import { addAbortSignal, Duplex, type DuplexOptions } from 'node:stream'
import type { SocketHandler, Socket as TcpSocket } from '../../stack/socket.js'
import { TcpError } from '../../tcp/errors.js'
import type { IpAddress } from '../../wire/address.js'
import { isAdapted } from './adapter.js'
import { checkNumber, familyName, isPort, normalize, toAddress, toPort } from './arguments.js'
import { byteLength, bytesOf, type Chunk, own } from './chunks.js'
import {
  addressError,
  badArgument,
  badType,
  closedBeforeConnection,
  missingPort,
  nodeError,
  notAnAddress,
  outOfRange,
  socketClosed,
  systemError,
} from './errors.js'
import { IdleTimer } from './idle.js'
import type { Host } from './options.js'
import { SendBlocks } from './send-blocks.js'
import type { ConnectOptions, OnRead, SocketConnectOptions, SocketOptions } from './socket-options.js'

/** A server as its sockets see it. */
export interface Counter {
  /** One of its sockets is gone. */
  released(): void
}

/** Errors that say that there is no way to the other host: no use trying for three minutes, as TCP would. */
const NO_WAY: readonly string[] = ['EHOSTUNREACH', 'ENETUNREACH', 'EACCES']

/** Bytes. */
const LARGE = 16_384
/** A write that `destroy` cuts short fails since Node 22; before it was reported as done. */
const CANCELS = Number(process.versions.node.split('.')[0]) >= 22
const MORE = { more: true }

type Callback = (error?: Error | null) => void

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
    // node:net declares these as properties, and has them as accessors too.
    const getters: Record<string, (socket: Socket) => unknown> = {
      localAddress: ({ tcp }) => tcp?.local.toString(),
      localPort: ({ tcp }) => tcp?.localPort,
      localFamily: ({ tcp }) => (tcp ? familyName(tcp.local) : undefined),
      remoteAddress: socket => socket.#peer?.remote.toString(),
      remotePort: socket => socket.#peer?.remotePort,
      remoteFamily: socket => (socket.#peer ? familyName(socket.#peer.remote) : undefined),
      bytesRead: socket => socket.#bytesRead,
      // Those included that still wait in the stream.
      bytesWritten: socket => socket.#bytesWritten,
      bufferSize: socket => (socket.pending && !socket.connecting ? undefined : socket.writableLength),
      pending: socket => socket.connecting || socket.#live === null,
      readyState: socket => socket.#readyState,
    }
    for (const [name, get] of Object.entries(getters)) {
      Object.defineProperty(Socket.prototype, name, {
        get(this: Socket) {
          return get(this)
        },
        configurable: true,
        enumerable: true,
      })
    }
  }

  readonly #host: Host
  readonly #idle: IdleTimer
  /** The same as `tcp` from the SYN until it is destroyed. */
  #live: TcpSocket | null = null
  /** The same as `tcp` once it was open. */
  #peer: TcpSocket | null = null
  #counter: Counter | null = null
  #noDelay: boolean
  readonly #byReference: boolean
  #keepAlive: boolean
  #keepAliveDelay: number
  /** What was asked for, to be named in errors. */
  #target = { address: '', port: 0, family: 4 }
  #askedLocal: { address: string; port: number } | undefined
  /** The stream wants data: the last `push` said so, or `_read` was called since. */
  #reading = false
  #pulling = false
  #ended = false
  /** Where data goes, if not to the stream. */
  readonly #onread: OnRead | null
  #bytesRead = 0
  #bytesSent = 0
  #blocks: SendBlocks | null = null
  #pushing = false
  /** The callback of a write that overfilled the send queue. */
  #waiting: Callback | null = null
  /** It is about to be called. */
  #settling = false
  /** A write that came before the connection was open. */
  #pending: readonly Chunk[] = []
  /** What is pending was given to the stack with the call to connect. */
  #sentEarly = false
  /** Why the connection is over, while the program has not run into it. */
  #failure: TcpError | null = null
  #resetting = false

  constructor(host: Host, options: SocketOptions = {}) {
    if (options === null || typeof options !== 'object') throw badType('options', 'of type object', options)
    for (const name of ['objectMode', 'readableObjectMode', 'writableObjectMode', 'fd', 'handle']) {
      const value = (options as Record<string, unknown>)[name]
      if (value) throw badArgument(`options.${name}`, value, 'is not supported')
    }
    if (options.keepAliveInitialDelay !== undefined)
      checkNumber(options.keepAliveInitialDelay, 'options.keepAliveInitialDelay')
    const { readable, writable, highWaterMark, readableHighWaterMark, writableHighWaterMark } = options
    super({
      ...defined({ readable, writable, highWaterMark, readableHighWaterMark, writableHighWaterMark }),
      allowHalfOpen: Boolean(options.allowHalfOpen),
      autoDestroy: true,
      // 'close' says whether there was an error, which the stream's own does not.
      emitClose: false,
      decodeStrings: false,
    })
    this.#host = host
    this.#idle = new IdleTimer(host.timers, () => this.#silence())
    this.#onread = isOnRead(options.onread) ? options.onread : null
    this.#noDelay = Boolean(options.noDelay)
    this.#byReference = Boolean(options.byReference)
    this.#keepAlive = Boolean(options.keepAlive)
    this.#keepAliveDelay = Math.max(0, Number(options.keepAliveInitialDelay) || 0)
    this.on('end', () => {
      // Node's adapter ends us when TLS or HTTP/2 above it has said its last; that may be more than a word.
      if (isAdapted(this)) this.allowHalfOpen = true
      else if (!this.allowHalfOpen) this.write = writeAfterEnd
    })
    if (options.signal) addAbortSignal(options.signal, this)
  }

  // ---- opening ----

  /** Takes over a connection that a server accepted. */
  accepted(tcp: TcpSocket, server: Counter, paused: boolean): void {
    this.server = this.#counter = server
    this.tcp = this.#live = this.#peer = tcp
    tcp.handler = this.#handler
    this.#applyOptions()
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
    if (Object.hasOwn(this, 'write')) delete (this as { write?: unknown }).write
    if (this.destroyed) this.#revive()
    this.#idle.refresh()
    this.connecting = true
    this.#lookup(options)
    return this
  }

  /** A socket that was closed can be connected anew. */
  #revive(): void {
    ;(this as unknown as { _undestroy(): void })._undestroy()
    this.tcp = this.#peer = this.#counter = this.#failure = null
    this.#reading = this.#ended = this.#resetting = false
    this.#bytesRead = this.#bytesSent = 0
    this.#blocks = null
    this.#pending = []
    this.#sentEarly = false
  }

  #lookup(options: Partial<SocketConnectOptions>): void {
    const { localAddress, localPort } = options
    const name = options.host || 'localhost'
    if (localAddress && !toAddress(localAddress)) throw notAnAddress(localAddress)
    if (localPort) checkNumber(localPort, 'options.localPort')
    if (!isPort(options.port)) throw badType('options.port', 'one of type number or string', options.port)
    const port = toPort(options.port, 'Port')
    // In a tick of its own: whoever called has yet to add listeners, also if a lookup answered at once.
    // With Fast Open the SYN waits for what is written in this turn, by http's agent a few ticks later.
    const soon = options.fastOpen ? setImmediate : process.nextTick
    const go = (address: IpAddress, text: string) =>
      soon(() => {
        if (!this.connecting) return
        this.#target = { address: text, port, family: address.version }
        this.#askedLocal =
          localAddress || localPort
            ? { address: localAddress || (address.version === 4 ? '0.0.0.0' : '::'), port: localPort || 0 }
            : undefined
        this.#open(address, localAddress ? toAddress(localAddress) : undefined, options.fastOpen === true)
      })
    const literal = toAddress(name)
    if (literal) {
      go(literal, name)
      return
    }
    if (options.lookup != null && typeof options.lookup !== 'function')
      throw badType('options.lookup', 'of type function', options.lookup)
    this._host = name
    const lookup = options.lookup ?? this.#host.lookup
    const family = options.family as number | string | undefined
    const version = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : Number(family ?? 0)
    lookup(name, { family: version, hints: options.hints ?? 0 }, (error, found, foundFamily) => {
      this.#host.woke()
      const [first] = Array.isArray(found) ? found : [{ address: found, family: foundFamily }]
      this.emit('lookup', error as Error, first?.address as string, first?.family as number, name)
      // It may have been destroyed meanwhile.
      if (!this.connecting) return
      const address = error ? undefined : toAddress(String(first?.address))
      if (address) go(address, String(first?.address))
      else process.nextTick(() => this.destroy(error ?? notAnAddress(first?.address)))
    })
  }

  #open(remote: IpAddress, local: IpAddress | undefined, fastOpen: boolean): void {
    const { address, port, family } = this.#target
    this.emit('connectionAttempt', address, port, family)
    if (!this.connecting) return
    if (this.#live) {
      this.destroy(this.#connectError('EISCONN'))
      return
    }
    // Port 0 can be dialled, and nobody ever answers there.
    if (port === 0) {
      this.#refused('ECONNREFUSED')
      return
    }
    const localPort = this.#askedLocal?.port
    try {
      this.#sentEarly = fastOpen && this.#pending.length > 0
      const options = defined({
        local,
        localPort: localPort || undefined,
        fastOpen: fastOpen || undefined,
        data: this.#sentEarly ? own(this.#pending) : undefined,
      })
      this.tcp = this.#live = this.#host.stack.connect({ remote, port, ...options, handler: this.#handler })
    } catch (error) {
      if (!(error instanceof TcpError)) throw error
      this.#live = null
      this.tcp = null
      this.#refused(error.code)
    }
  }

  #act(work: (tcp: TcpSocket) => void): void {
    const tcp = this.#live
    if (tcp) work(tcp)
  }

  #applyOptions(): void {
    if (this.#noDelay) this.#act(tcp => tcp.setNoDelay(true))
    if (this.#keepAlive) this.#act(tcp => tcp.setKeepAlive(true, this.#keepAliveDelay || undefined))
  }

  #refused(code: string): void {
    const error = this.#connectError(code)
    const { address, port, family } = this.#target
    this.emit('connectionAttemptFailed', address, port, family, error)
    this.destroy(error)
  }

  #connectError(code: string) {
    const { address, port } = this.#target
    const asked = this.#askedLocal
    if (asked && (code === 'EADDRNOTAVAIL' || code === 'EADDRINUSE'))
      return addressError(code, 'bind', asked.address, asked.port)
    if (!asked?.port) return addressError(code, 'connect', address, port)
    const error = addressError(code, 'connect', address, port, asked)
    return Object.assign(error, { localAddress: asked.address, localPort: asked.port })
  }

  // ---- what the stack tells ----

  readonly #handler: SocketHandler = {
    open: () => this.#told(() => this.#opened()),
    readable: () => this.#told(() => this.#pull()),
    end: () => this.#told(() => this.#pull()),
    acknowledged: () => {
      if (this.#live) this.#blocks?.release(this.#bytesSent - this.#live.sendQueued)
      if (this.#waiting) this.#told(() => this.#drained())
    },
    softError: error => {
      // TCP itself would go on trying (MUST-56); programs made for Node count on hearing of it, as Linux lets them.
      if (NO_WAY.includes(error.code)) this.#told(() => this.connecting && this.#refused(error.code))
    },
    closed: error => this.#told(() => this.#closed(error)),
  }

  #told(work: () => unknown): void {
    if (this.#live === null) return
    this.#host.woke()
    work()
  }

  #opened(): void {
    this.connecting = false
    this.#peer = this.#live
    this.#idle.refresh()
    this.#applyOptions()
    this.emit('connect')
    this.emit('ready')
    // The first read; or the end, if that is what came at once.
    if (!this.isPaused()) this.read(0)
  }

  #drained(): void {
    if (!this.#waiting || !this.#live) return
    // Only progress of a write that is stuck counts as activity: it is all that Node can see.
    this.#idle.refresh()
    if (this.#live.sendQueued < this.#live.sendLimit) this.#writtenSoon()
  }

  /**
   * Not in between: Node tells of a write that is done in a turn of its own, when all ticks of the last one have run, and
   * http of Node 24 counts on it (what it has corked would wait for a 'drain' that has been).
   */
  #writtenSoon(): void {
    if (this.#settling) return
    this.#settling = true
    process.nextTick(() =>
      queueMicrotask(() => {
        this.#settling = false
        if (this.#waiting) this.#told(() => this.#written(null))
      }),
    )
  }

  #closed(error: TcpError | null): void {
    if (this.connecting) this.#refused(error?.code ?? 'ECONNABORTED')
    else if (error) this.#fail(error)
    else this.#pull()
  }

  /**
   * The connection broke. As in Node, a program learns of it when it next reads or writes, which most always do: one
   * that has paused first gets what was received before.
   */
  #fail(error: TcpError): void {
    this.#failure = error
    if (this.#reading && !this.#ended) this.destroy(systemError(error.code, 'read'))
    else if (this.#waiting) this.#written(systemError(this.#writeFailure(), 'write'))
  }

  /** After the end of the other side, a reset is what Linux calls a broken pipe. */
  #writeFailure(): string {
    const code = (this.#failure ?? this.tcp?.tcb.error)?.code ?? 'EPIPE'
    return this.#ended && code === 'ECONNRESET' ? 'EPIPE' : code
  }

  // ---- reading ----

  override _read(): void {
    if (this.connecting || !this.#live) {
      this.once('connect', () => this._read())
      return
    }
    this.#reading = true
    this.#pull()
  }

  /**
   * Takes what is in the receive queue for as long as the stream wants it; what stays there closes the window. The
   * bytes are the stack's own copy, handed on without another one.
   */
  #pull(): void {
    const tcp = this.#live
    if (!tcp || !this.#reading || this.#pulling || this.#ended) return
    this.#pulling = true
    try {
      while (this.#reading && this.#live === tcp) {
        if (this.#onread) {
          if (!this.#readInto(tcp, this.#onread)) break
          continue
        }
        const bytes = tcp.receive()
        if (!bytes) break
        this.#bytesRead += bytes.length
        this.#idle.refresh()
        // `_read` may be called inside `push`, and then counts.
        this.#reading = false
        if (this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))) this.#reading = true
      }
    } finally {
      this.#pulling = false
    }
    if (this.#live !== tcp || tcp.receiveQueued > 0) return
    if (tcp.atEnd) {
      this.#ended = true
      this.#idle.refresh()
      this.push(null)
      // Makes 'end' come even if nobody listens for data, as there is none.
      this.read(0)
    } else if (this.#failure && this.#reading) this.destroy(systemError(this.#failure.code, 'read'))
  }

  /** False if there was nothing, or the program has enough. */
  #readInto(tcp: TcpSocket, { buffer, callback }: OnRead): boolean {
    if (tcp.receiveQueued === 0) return false
    const into = typeof buffer === 'function' ? buffer() : buffer
    const length = tcp.receiveInto(into)
    if (length === 0) return false
    this.#bytesRead += length
    this.#idle.refresh()
    if (callback.call(this, length, into) !== false) return true
    this.#reading = false
    return false
  }

  override pause(): this {
    if (this.#onread) this.#reading = false
    return super.pause()
  }

  override resume(): this {
    if (this.#onread && !this.connecting && this.#live && !this.#reading) {
      // Not inside the call: who resumes in the callback of a read is not called again before it returns.
      this.#reading = true
      process.nextTick(() => this.#told(() => this.#pull()))
    }
    return super.resume()
  }

  // ---- writing ----

  override _write(chunk: Uint8Array | string, encoding: BufferEncoding, callback: Callback): void {
    this.#send([{ chunk, encoding }], callback)
  }

  override _writev(chunks: Chunk[], callback: Callback): void {
    this.#send(chunks, callback)
  }

  #send(chunks: readonly Chunk[], callback: Callback): void {
    if (this.connecting) {
      this.#pending = chunks
      const closed = () => callback(closedBeforeConnection())
      this.once('connect', () => {
        this.off('close', closed)
        if (this.#sentEarly) this.#wasSent(chunks, callback)
        else this.#send(chunks, callback)
      })
      this.once('close', closed)
      return
    }
    this.#pending = []
    const tcp = this.#live
    if (!tcp) {
      callback(socketClosed())
      return
    }
    this.#host.woke()
    this.#idle.refresh()
    if (this.#failure) {
      callback(systemError(this.#writeFailure(), 'write'))
      return
    }
    const pieces = this.#byReference ? chunks.map(bytesOf) : [this.#copy(chunks)]
    try {
      let more = true
      for (const bytes of pieces) {
        this.#bytesSent += bytes.length
        more = this.#enqueue(tcp, bytes)
      }
      // The queue is looked at again: over the stack's loopback, acknowledgments are here before `send` returns.
      if (more || tcp.sendQueued < tcp.sendLimit) callback()
      else this.#waiting = callback
    } catch (error) {
      if (!(error instanceof TcpError)) throw error
      // Positions are not what they should be: nothing of this connection is used again.
      this.#blocks = null
      callback(systemError(this.#writeFailure(), 'write'))
    }
  }

  /**
   * Large writes mostly come one after the other: what is left of one that fills no segment waits for the next. Returns as
   * `send` does.
   */
  #enqueue(tcp: TcpSocket, bytes: Uint8Array): boolean {
    if (bytes.length < LARGE) return tcp.send(bytes)
    this.#pushSoon()
    return tcp.send(bytes, MORE)
  }

  /** After all ticks, since 'drain', in which the next one is written, comes in one; or when the queue has room again. */
  #pushSoon(): void {
    if (this.#pushing) return
    this.#pushing = true
    queueMicrotask(() => {
      this.#pushing = false
      if (!this.#waiting && this.#live?.tcb.moreComing) this.#live.push()
    })
  }

  #copy(chunks: readonly Chunk[]): Uint8Array {
    const [first] = chunks
    if (chunks.length === 1 && typeof first!.chunk !== 'string') {
      this.#blocks ??= new SendBlocks()
      const copy = this.#blocks.copy(first!.chunk, this.#bytesSent + first!.chunk.length)
      if (copy) return copy
    }
    return own(chunks)
  }

  /** They are in the send queue already, or have arrived. */
  #wasSent(chunks: readonly Chunk[], callback: Callback): void {
    this.#pending = []
    this.#sentEarly = false
    for (const chunk of chunks) this.#bytesSent += byteLength(chunk)
    callback()
  }

  #written(error: Error | null): void {
    const callback = this.#waiting
    this.#waiting = null
    callback?.(error)
    this.#pushSoon()
  }

  override _final(callback: Callback): void {
    if (this.pending && this.connecting) {
      this.once('connect', () => this._final(callback))
      return
    }
    this.#host.woke()
    // Later, as in libuv: what is called in the meantime may still prevent it. 'finish' goes before any answer.
    setImmediate(() => {
      this.#host.woke()
      callback()
      // A connection that broke has nothing to shut down; whoever reads will hear of it.
      if (!this.#failure && this.#live?.state !== 'CLOSED') this.#act(tcp => tcp.close())
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
    else if (this.#live) this.#reset()
    else this.destroy(socketClosed())
    return this
  }

  #reset(): void {
    this.#resetting = true
    this.destroy()
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#host.woke()
    this.connecting = false
    this.#idle.stop()
    const tcp = this.#live
    this.#live = null
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
      this.#host.woke()
      this.#written(CANCELS ? systemError('ECANCELED', 'write') : null)
      this.emit('close', error !== null && error !== undefined)
    })
    counter?.released()
  }

  // ---- options ----

  /** 'timeout' after `ms` without activity; 0 turns it off. The socket stays as it is. */
  override setTimeout(ms: number, callback?: () => void): this {
    if (this.destroyed) return this
    if (typeof ms !== 'number') throw badType('msecs', 'of type number', ms)
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY))
      throw outOfRange('msecs', 'a non-negative finite number', ms)
    if (callback !== undefined && typeof callback !== 'function')
      throw badType('callback', 'of type function', callback)
    this.timeout = ms
    this.#idle.start(ms)
    if (callback && ms === 0) this.removeListener('timeout', callback)
    else if (callback) this.once('timeout', callback)
    return this
  }

  #silence(): void {
    this.#host.woke()
    this.emit('timeout')
  }

  override setNoDelay(enable = true): this {
    this.#noDelay = Boolean(enable)
    if (this.#isOpen) this.#act(tcp => tcp.setNoDelay(this.#noDelay))
    return this
  }

  /** Probes a silent connection after `initialDelay` ms; 0 leaves that as it is. */
  override setKeepAlive(enable = false, initialDelay = 0): this {
    this.#keepAlive = Boolean(enable)
    this.#keepAliveDelay = Math.max(0, Number(initialDelay) || 0)
    if (this.#isOpen) this.#act(tcp => tcp.setKeepAlive(this.#keepAlive, this.#keepAliveDelay || undefined))
    return this
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

  get #isOpen(): boolean {
    return (
      this.#live !== null &&
      !this.connecting &&
      this.#live.state !== 'CLOSED' &&
      this.#live.state !== 'TIME_WAIT'
    )
  }

  override address(): AddressInfo | Record<string, never> {
    const { tcp } = this
    return tcp ? { address: tcp.local.toString(), family: familyName(tcp.local), port: tcp.localPort } : {}
  }

  get #bytesWritten(): number {
    const buffered = (this as unknown as { writableBuffer?: Chunk[] }).writableBuffer ?? []
    let bytes = this.#bytesSent
    for (const list of [buffered, this.#pending]) for (const part of list) bytes += byteLength(part)
    return bytes
  }

  get #readyState(): NodeSocket['readyState'] {
    if (this.connecting) return 'opening'
    if (this.readable) return this.writable ? 'open' : 'readOnly'
    return this.writable ? 'writeOnly' : 'closed'
  }
}

/** As node:net does, anything else is passed over. */
function isOnRead(value: unknown): value is OnRead {
  if (value === null || typeof value !== 'object') return false
  const { buffer, callback } = value as Partial<OnRead>
  return (buffer instanceof Uint8Array || typeof buffer === 'function') && typeof callback === 'function'
}

/** What `write` is once the other side has ended and took ours with it. */
function writeAfterEnd(this: Socket, ...args: unknown[]): boolean {
  if (!this.writableEnded) return Duplex.prototype.write.apply(this, args as Parameters<Duplex['write']>)
  const error = nodeError('EPIPE', 'This socket has been ended by the other party')
  const callback = args.find(arg => typeof arg === 'function') as Callback | undefined
  if (callback) process.nextTick(callback, error)
  this.destroy(error)
  return false
}

/** Without the properties that are undefined. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
