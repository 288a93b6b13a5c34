import type { Socket, SocketHandler } from '../../src/stack/socket.js'
import { TcpError } from '../../src/tcp/errors.js'
import { OWN_TEXT, PEER_TEXT, sameBytes, textAt } from './bytes.js'
import { must } from './violation.js'

/** Whoever owns a connection: reads and writes by the streams that both sides are known to say, and minds his rights. */
export class User {
  /** Bytes handed to `send`, and got from `receive`. */
  sent = 0
  read = 0
  opened = false
  ended = false
  /** How many bytes there were, all in all, when the end was told. */
  private endAt = Number.POSITIVE_INFINITY
  closed = false
  /** Set when the owner closed, or gave up, his side. */
  closing = false
  given = false
  error: TcpError | null = null

  // What was true after the last action, by which the next state is judged. The peer's numbers are known once his SYN is.
  rcvNxt = 0
  rcvAdv = 0
  sndUna: number
  synchronized = false
  /** The right edge and the acknowledgment that went out last, once one has. */
  wireEdge = 0
  wireAck = 0
  spoken = false
  /** Where our FIN stands, once it was seen. */
  finAt: number | undefined

  constructor(
    readonly name: string,
    readonly socket: Socket,
    /** Reads at once what comes. */
    private readonly eager: boolean,
    /** What the peer says is known. */
    private readonly knows: boolean,
  ) {
    this.sndUna = socket.tcb.sndUna
  }

  get handler(): SocketHandler {
    return {
      open: () => {
        must(!this.opened && !this.closed, `${this.name}: open is told twice`)
        this.opened = true
      },
      readable: () => {
        must(!this.closed, `${this.name}: readable after closed`)
        must(this.socket.receiveQueued > 0, `${this.name}: readable, and nothing is there`)
        if (this.eager) this.receive()
      },
      end: () => {
        must(!this.ended && !this.closed, `${this.name}: end is told twice, or after closed`)
        must(this.socket.atEnd, `${this.name}: end is told too early`)
        this.ended = true
        this.endAt = this.read + this.socket.receiveQueued
      },
      writable: () => must(!this.closed, `${this.name}: writable after closed`),
      urgent: () => must(!this.closed, `${this.name}: urgent after closed`),
      softError: error => must(!this.closed && error instanceof TcpError, `${this.name}: softError`),
      closed: error => {
        must(!this.closed, `${this.name}: closed is told twice`)
        this.closed = true
        this.error = error
      },
    }
  }

  send(length: number, urgent: boolean): void {
    const bytes = textAt(OWN_TEXT, this.sent, length)
    // It may leave before `send` returns.
    this.sent += length
    try {
      this.socket.send(bytes, { urgent })
    } catch (error) {
      this.sent -= length
      throw error
    }
  }

  receive(max?: number): void {
    for (let left = max ?? Number.POSITIVE_INFINITY; left > 0; ) {
      const bytes = this.socket.receive(Math.min(left, 65536))
      if (!bytes) return
      must(bytes.length > 0, `${this.name}: received nothing, as if it were something`)
      if (this.knows) {
        const expected = textAt(PEER_TEXT, this.read, bytes.length)
        must(
          sameBytes(bytes, 0, expected, 0, bytes.length),
          () => `${this.name}: ${bytes.length} bytes at ${this.read} are not what the peer sent`,
        )
      }
      this.read += bytes.length
      left -= bytes.length
      must(this.read <= this.endAt, `${this.name}: bytes after the end`)
    }
  }
}
