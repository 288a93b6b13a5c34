import type { Socket as TcpSocket } from '../../stack/socket.js'
import type { TcpError } from '../../tcp/errors.js'
import { type NetError, systemError } from './errors.js'
import type { IdleTimer } from './idle.js'
import type { Host } from './options.js'

/** What the parts of a socket share: its connection in the stack, and how far that has come to its end. */
export class Connection {
  /** From the SYN until the socket is destroyed. */
  live: TcpSocket | null = null
  /** Why the connection is over, while the program has not run into it. */
  failure: TcpError | null = null
  /** The program has been told of the other side's end. */
  ended = false

  constructor(
    readonly host: Host,
    /** Refreshed at every sign of life. */
    readonly idle: IdleTimer,
  ) {}

  /** Something happened; user code may be about to run. False if there is nobody to be told. */
  wakes(): boolean {
    if (this.live === null) return false
    this.host.woke()
    return true
  }

  /** What a write fails with. After the end of the other side, a reset is what Linux calls a broken pipe. */
  writeError(): NetError {
    const code = (this.failure ?? this.live?.tcb.error)?.code ?? 'EPIPE'
    return systemError(this.ended && code === 'ECONNRESET' ? 'EPIPE' : code, 'write')
  }

  /** The socket is about to connect anew. */
  forget(): void {
    this.failure = null
    this.ended = false
  }
}
