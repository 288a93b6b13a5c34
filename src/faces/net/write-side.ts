import type { Socket as NodeSocket } from 'node:net'
import type { Socket as TcpSocket } from '../../stack/socket.js'
import { TcpError } from '../../tcp/errors.js'
import { byteLength, bytesOf, type Chunk, own } from './chunks.js'
import type { Connection } from './connection.js'
import { closedBeforeConnection, socketClosed, systemError } from './errors.js'
import { SendBlocks } from './send-blocks.js'

/** How a stream is told that a write is done, or was in vain. */
export type Callback = (error?: Error | null) => void

/** Bytes. */
const LARGE = 16_384
/** A write that `destroy` cuts short fails since Node 22; before it was reported as done. */
const CANCELS = Number(process.versions.node.split('.')[0]) >= 22
const MORE = { more: true }
const NOTHING: readonly Chunk[] = []

/** From the program to the stack's send queue. The callback of a write that fills the queue is held back. */
export class WriteSide {
  readonly #stream: NodeSocket
  readonly #connection: Connection
  readonly #byReference: boolean
  /** Bytes given to the stack. */
  #sent = 0
  #blocks: SendBlocks | null = null
  /** What was written before the connection was open. */
  #pending = NOTHING
  /** What is pending was given to the stack with the call to connect. */
  #sentEarly = false
  #pushing = false
  /** The callback of a write that overfilled the send queue. */
  #waiting: Callback | null = null
  /** It is about to be called. */
  #settling = false

  constructor(stream: NodeSocket, connection: Connection, byReference: boolean) {
    this.#stream = stream
    this.#connection = connection
    this.#byReference = byReference
  }

  /** Bytes written, those included that still wait in the stream. */
  get bytes(): number {
    const buffered = (this.#stream as unknown as { writableBuffer?: Chunk[] }).writableBuffer ?? []
    let bytes = this.#sent
    for (const list of [buffered, this.#pending]) for (const part of list) bytes += byteLength(part)
    return bytes
  }

  // ---- before the connection is open ----

  #whenOpen(chunks: readonly Chunk[], callback: Callback): void {
    this.#pending = chunks
    const closed = () => callback(closedBeforeConnection())
    this.#stream.once('connect', () => {
      this.#stream.off('close', closed)
      if (this.#sentEarly) this.#wasSent(chunks, callback)
      else this.send(chunks, callback)
    })
    this.#stream.once('close', closed)
  }

  /** What was written so far, to go with the call to connect; undefined if nothing was. */
  takeEarly(): Uint8Array | undefined {
    this.#sentEarly = this.#pending.length > 0
    return this.#sentEarly ? own(this.#pending) : undefined
  }

  /** They are in the send queue already, or have arrived. */
  #wasSent(chunks: readonly Chunk[], callback: Callback): void {
    this.#pending = NOTHING
    this.#sentEarly = false
    for (const chunk of chunks) this.#sent += byteLength(chunk)
    callback()
  }

  // ---- while it is ----

  /** The stream's `_write` and `_writev`. */
  send(chunks: readonly Chunk[], callback: Callback): void {
    if (this.#stream.connecting) {
      this.#whenOpen(chunks, callback)
      return
    }
    this.#pending = NOTHING
    const connection = this.#connection
    const tcp = connection.live
    if (!tcp) {
      callback(socketClosed())
      return
    }
    connection.host.woke()
    connection.idle.refresh()
    if (connection.failure) {
      callback(connection.writeError())
      return
    }
    const pieces = this.#byReference ? chunks.map(bytesOf) : [this.#copy(chunks)]
    try {
      let more = true
      for (const bytes of pieces) {
        this.#sent += bytes.length
        more = this.#enqueue(tcp, bytes)
      }
      // The queue is looked at again: over the stack's loopback, acknowledgments are here before `send` returns.
      if (more || tcp.sendQueued < tcp.sendLimit) callback()
      else this.#waiting = callback
    } catch (error) {
      if (!(error instanceof TcpError)) throw error
      // Positions are not what they should be: nothing of this connection is used again.
      this.#blocks = null
      callback(connection.writeError())
    }
  }

  #copy(chunks: readonly Chunk[]): Uint8Array {
    const [first] = chunks
    if (chunks.length === 1 && typeof first!.chunk !== 'string') {
      this.#blocks ??= new SendBlocks()
      const copy = this.#blocks.copy(first!.chunk, this.#sent + first!.chunk.length)
      if (copy) return copy
    }
    return own(chunks)
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
      const { live } = this.#connection
      if (!this.#waiting && live?.tcb.moreComing) live.push()
    })
  }

  // ---- when a write is done ----

  /** What is acknowledged is not read again; and there may be room in the send queue. */
  acknowledged(): void {
    const connection = this.#connection
    const tcp = connection.live
    if (!tcp) return
    this.#blocks?.release(this.#sent - tcp.sendQueued)
    if (!this.#waiting) return
    connection.host.woke()
    // Only progress of a write that is stuck counts as activity: it is all that Node can see.
    connection.idle.refresh()
    if (tcp.sendQueued < tcp.sendLimit) this.#doneSoon()
  }

  /**
   * Not in between: Node tells of a write that is done in a turn of its own, when all ticks of the last one have run, and
   * http of Node 24 counts on it (what it has corked would wait for a 'drain' that has been).
   */
  #doneSoon(): void {
    if (this.#settling) return
    this.#settling = true
    process.nextTick(() =>
      queueMicrotask(() => {
        this.#settling = false
        if (this.#waiting && this.#connection.wakes()) this.#done(null)
      }),
    )
  }

  #done(error: Error | null): void {
    const callback = this.#waiting
    this.#waiting = null
    callback?.(error)
    this.#pushSoon()
  }

  /** The connection broke: a write that waits hears of it. */
  broke(): void {
    if (this.#waiting) this.#done(this.#connection.writeError())
  }

  /** The socket was destroyed, which cuts a write that waits short. */
  destroyed(): void {
    if (this.#waiting) this.#done(CANCELS ? systemError('ECANCELED', 'write') : null)
  }

  /** The socket is about to connect anew. */
  forget(): void {
    this.#sent = 0
    this.#blocks = null
    this.#pending = NOTHING
    this.#sentEarly = false
  }
}
