import type { Socket } from '../../stack/socket.js'
import type { TcpError } from '../../tcp/errors.js'
import type { TcpStatus } from '../../tcp/status.js'

/** Where a connection leads, as text: `10.0.0.2:80`, `[2001:db8::1]:80`. */
export interface ConnectionInfo {
  readonly remoteAddress: string
  readonly localAddress: string
}

export interface ConnectionOptions {
  /** Keeps the writing side open when the peer has closed its own; false (the default) closes both. */
  allowHalfOpen?: boolean
}

const endpoint = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/**
 * A connection as WHATWG streams, in the shape of the WinterTC sockets API: bytes in, bytes out, and promises for its
 * beginning and its end. Backpressure works both ways: what is not read closes the TCP window, and `write` waits
 * while the send queue is full.
 */
export class Connection {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
  /** Fulfilled when the connection is open; rejected with a TcpError if it cannot be opened. */
  readonly opened: Promise<ConnectionInfo>
  /** Fulfilled when the connection has ended properly; rejected with a TcpError if it was reset or timed out. */
  readonly closed: Promise<void>

  private reader!: ReadableByteStreamController
  private writer!: WritableStreamDefaultController
  private wantsMore: (() => void) | undefined
  private hasRoom: (() => void) | undefined
  private readEnded = false
  private writeEnded = false
  private failed: TcpError | Error | undefined

  constructor(
    private readonly socket: Socket,
    { allowHalfOpen = false }: ConnectionOptions = {},
  ) {
    const isOpen = withResolvers<ConnectionInfo>()
    const isClosed = withResolvers<void>()
    this.opened = isOpen.promise
    this.closed = isClosed.promise
    // Nobody has to look at both.
    this.opened.catch(() => {})
    this.closed.catch(() => {})

    const open = () =>
      isOpen.resolve({
        remoteAddress: endpoint(socket.remote.toString(), socket.remotePort),
        localAddress: endpoint(socket.local.toString(), socket.localPort),
      })
    if (!socket.isOpening) open()

    this.readable = new ReadableStream({
      type: 'bytes',
      start: controller => {
        this.reader = controller
      },
      pull: () => this.pull(),
      cancel: () => this.stopReading(),
    })
    this.writable = new WritableStream<Uint8Array>(
      {
        start: controller => {
          this.writer = controller
        },
        write: chunk => this.write(chunk),
        // CLOSE in SYN_SENT would delete the connection (RFC 9293 section 3.10.4), and what was written with it.
        close: () => this.opened.then(() => this.finish()),
        abort: () => this.abort(),
      },
      { highWaterMark: 65536, size: chunk => chunk?.byteLength ?? 0 },
    )

    socket.handler = {
      open,
      readable: () => this.wantsMore?.(),
      writable: () => this.release(),
      end: () => {
        this.wantsMore?.()
        // Closing the stream, and not only the connection, keeps what was written before and refuses the rest.
        if (!allowHalfOpen && !this.writeEnded && !this.writable.locked)
          void this.writable.close().catch(() => {})
        else if (!allowHalfOpen) this.finish()
      },
      closed: error => {
        if (error) this.fail(error)
        this.wantsMore?.()
        this.release()
        if (error) {
          isOpen.reject(error)
          isClosed.reject(error)
        } else {
          isOpen.reject(new Error('closed before it was open'))
          isClosed.resolve()
        }
      },
    }
  }

  private fail(error: Error): void {
    this.failed = error
    if (!this.readEnded) {
      this.readEnded = true
      this.reader.error(error)
    }
    if (!this.writeEnded) {
      this.writeEnded = true
      this.writer.error(error)
    }
  }

  private release(): void {
    if (this.failed || this.socket.sendQueued < this.socket.sendLimit) this.hasRoom?.()
  }

  /** Hands over what is waiting, or waits; one chunk for each time the reader asks. */
  private async pull(): Promise<void> {
    while (!this.readEnded) {
      const request = this.reader.byobRequest
      const chunk = this.socket.receive(request?.view?.byteLength)
      if (chunk) {
        const view = request?.view
        if (request && view) {
          new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(chunk)
          request.respond(chunk.length)
        } else this.reader.enqueue(chunk.slice())
        return
      }
      if (this.socket.atEnd || this.socket.state === 'CLOSED') {
        this.readEnded = true
        this.reader.close()
        this.reader.byobRequest?.respond(0)
        return
      }
      await new Promise<void>(resolve => {
        this.wantsMore = resolve
      })
      this.wantsMore = undefined
    }
  }

  private async write(chunk: Uint8Array): Promise<void> {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a chunk must be a Uint8Array')
    // The stack keeps bytes until they are acknowledged; their owner may change them once `write` is done.
    this.socket.send(chunk.slice())
    while (!this.failed && this.socket.sendQueued >= this.socket.sendLimit) {
      await new Promise<void>(resolve => {
        this.hasRoom = resolve
      })
      this.hasRoom = undefined
    }
    if (this.failed) throw this.failed
  }

  /** FIN, once: what was written goes out before it. */
  private finish(): void {
    if (this.writeEnded) return
    this.writeEnded = true
    const { state } = this.socket
    if (state === 'SYN_SENT') this.socket.abort()
    else if (state !== 'CLOSED' && state !== 'TIME_WAIT') this.socket.close()
    if (this.readEnded) this.socket.release()
  }

  private stopReading(): void {
    if (this.readEnded) return
    this.readEnded = true
    // With nobody to read and nothing more to write the connection is closed for good.
    if (this.writeEnded && this.socket.state !== 'CLOSED') this.socket.release()
  }

  /** Closes both directions after what was written is sent; unread data is given up. Resolves as `closed` does. */
  close(): Promise<void> {
    if (!this.readEnded) {
      this.readEnded = true
      this.reader.close()
      this.reader.byobRequest?.respond(0)
    }
    if (!this.writeEnded) {
      if (this.writable.locked) this.finish()
      else void this.writable.close().catch(() => {})
    }
    if (this.writeEnded && this.socket.state !== 'CLOSED') this.socket.release()
    return this.closed
  }

  /** Throws the connection away: the peer gets a RST. */
  abort(): void {
    this.writeEnded = true
    this.socket.abort()
  }

  /** STATUS: what Linux's TCP_INFO tells. */
  status(): TcpStatus {
    return this.socket.status()
  }
}

/** `Promise.withResolvers` for Node 20. */
function withResolvers<T>() {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
