import type { Duplex } from 'node:stream'
import type { Socket as TcpSocket } from '../../stack/socket.js'
import type { Connection } from './connection.js'
import { systemError } from './errors.js'
import type { OnRead } from './socket-options.js'

/**
 * From the stack's receive queue to the program, for as long as the program wants it: what stays in the queue closes the
 * window.
 */
export class ReadSide {
  /** Bytes that the program was given. */
  bytes = 0
  readonly #stream: Duplex
  readonly #connection: Connection
  /** Where data goes, if not to the stream. */
  readonly #onread: OnRead | null
  /** The stream wants data: the last `push` said so, or `_read` was called since. */
  #wanted = false
  #pulling = false

  constructor(stream: Duplex, connection: Connection, onread: OnRead | null) {
    this.#stream = stream
    this.#connection = connection
    this.#onread = onread
  }

  /** The stream's `_read`. */
  want(): void {
    this.#wanted = true
    this.pull()
  }

  /** The stack's word that there is something. */
  arrived(): void {
    if (this.#connection.wakes()) this.pull()
  }

  /** Takes what has come, and tells of the end behind it. */
  pull(): void {
    const connection = this.#connection
    const tcp = connection.live
    if (!tcp || !this.#wanted || this.#pulling || connection.ended) return
    this.#pulling = true
    try {
      while (this.#wanted && connection.live === tcp)
        if (!(this.#onread ? this.#readInto(tcp, this.#onread) : this.#pushNext(tcp))) break
    } finally {
      this.#pulling = false
    }
    if (connection.live !== tcp || tcp.receiveQueued > 0) return
    if (tcp.atEnd) {
      connection.ended = true
      connection.idle.refresh()
      this.#stream.push(null)
      // Makes 'end' come even if nobody listens for data, as there is none.
      this.#stream.read(0)
    } else if (connection.failure && this.#wanted)
      this.#stream.destroy(systemError(connection.failure.code, 'read'))
  }

  /** The bytes are the stack's own copy, handed on without another one. False if there are none. */
  #pushNext(tcp: TcpSocket): boolean {
    const bytes = tcp.receive()
    if (!bytes) return false
    this.bytes += bytes.length
    this.#connection.idle.refresh()
    // `_read` may be called inside `push`, and then counts.
    this.#wanted = false
    if (this.#stream.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))) this.#wanted = true
    return true
  }

  /** False if there was nothing, or the program has enough. */
  #readInto(tcp: TcpSocket, { buffer, callback }: OnRead): boolean {
    if (tcp.receiveQueued === 0) return false
    const into = typeof buffer === 'function' ? buffer() : buffer
    const length = tcp.receiveInto(into)
    if (length === 0) return false
    this.bytes += length
    this.#connection.idle.refresh()
    if (callback.call(this.#stream, length, into) !== false) return true
    this.#wanted = false
    return false
  }

  /** Streams pause by themselves, by not asking for more; `onread` has nobody else to tell. */
  pause(): void {
    if (this.#onread) this.#wanted = false
  }

  resume(): void {
    if (!this.#onread || !this.#connection.live || this.#wanted) return
    // Not inside the call: who resumes in the callback of a read is not called again before it returns.
    this.#wanted = true
    process.nextTick(() => this.arrived())
  }

  /** The connection broke. Destroys the socket if the program waits for data; false if it does not. */
  broke(): boolean {
    const { failure, ended } = this.#connection
    if (!failure || !this.#wanted || ended) return false
    this.#stream.destroy(systemError(failure.code, 'read'))
    return true
  }

  /** The socket is about to connect anew. */
  forget(): void {
    this.#wanted = false
    this.bytes = 0
  }
}
