import { createHash } from 'node:crypto'
import type { Socket, SocketHandler } from '../../src/stack/socket.js'
import type { TcpError } from '../../src/tcp/errors.js'
import type { State } from '../../src/tcp/states.js'
import type { Content } from './kernel-content.js'
import type { Signal } from './kernel-signal.js'

/** estab's end of a connection, with promises for what its handler is told. It reads all that comes, at once. */
export class End implements SocketHandler {
  socket!: Socket
  isOpen = false
  ended = false
  /** How it ended, once it has; null for a proper close. */
  error: TcpError | null | undefined
  softErrors: TcpError[] = []
  urgents = 0
  receivedBytes = 0
  /** What came, unless it is hashed. */
  received: Buffer = Buffer.alloc(0)
  #hash: ReturnType<typeof createHash> | undefined
  #reading = true
  readonly #signal: Signal

  constructor(signal: Signal) {
    this.#signal = signal
  }

  take(socket: Socket): this {
    this.socket = socket
    socket.handler = this
    return this
  }

  get state(): State {
    return this.socket.state
  }

  open(): void {
    this.isOpen = true
    this.#signal.notify()
  }

  readable(): void {
    if (this.#reading) this.#read()
    this.#signal.notify()
  }

  writable(): void {
    this.#signal.notify()
  }

  end(): void {
    this.ended = true
    this.#signal.notify()
  }

  urgent(): void {
    this.urgents++
    this.#signal.notify()
  }

  softError(error: TcpError): void {
    this.softErrors.push(error)
    this.#signal.notify()
  }

  closed(error: TcpError | null): void {
    this.error = error
    this.#signal.notify()
  }

  /** From now on what comes is only counted and hashed. */
  hashing(): this {
    this.#hash = createHash('sha256')
    return this
  }

  /** The SHA-256 of all that came. */
  get digest(): string {
    return this.#hash?.digest('hex') ?? ''
  }

  pause(): void {
    this.#reading = false
  }

  resume(): void {
    this.#reading = true
    this.#read()
  }

  write(text: string): void {
    this.socket.send(Buffer.from(text))
  }

  /** Sends all of it, at the pace of the connection; resolves when the last byte is queued. */
  async pour(content: Content, ms?: number): Promise<void> {
    for (const piece of content.pieces()) {
      if (this.socket.send(piece)) continue
      await this.until(() => this.socket.sendQueued < this.socket.sendLimit, 'room to send', ms)
    }
  }

  async until(condition: () => boolean, what: string, ms?: number): Promise<void> {
    await this.#signal.until(condition, () => `${what} (${this.state}, ${this.error?.message})`, ms)
  }

  untilOpen(): Promise<void> {
    return this.until(() => this.isOpen, 'an open connection')
  }

  untilState(state: State): Promise<void> {
    return this.until(() => this.state === state, state)
  }

  untilEnd(ms?: number): Promise<void> {
    return this.until(() => this.ended, 'the end of what the kernel sends', ms)
  }

  /** Resolves to why it ended; null if properly. */
  async untilClosed(ms?: number): Promise<TcpError | null> {
    await this.until(() => this.error !== undefined, 'the end of the connection', ms)
    return this.error as TcpError | null
  }

  async untilReceived(bytes: number, ms?: number): Promise<void> {
    await this.until(() => this.receivedBytes >= bytes, `${bytes} bytes`, ms)
  }

  #read(): void {
    let piece: Uint8Array | undefined
    while ((piece = this.socket.receiveQueued > 0 ? this.socket.receive() : undefined)) {
      this.receivedBytes += piece.length
      if (this.#hash) this.#hash.update(piece)
      else this.received = Buffer.concat([this.received, piece])
    }
  }
}
