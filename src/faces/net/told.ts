import type { SocketHandler } from '../../stack/socket.js'
import type { TcpError } from '../../tcp/errors.js'
import type { Connection } from './connection.js'
import type { Opening } from './opening.js'
import type { ReadSide } from './read-side.js'
import type { WriteSide } from './write-side.js'

/** What the stack tells of a connection, handed on to the part of the socket that it is for. */
export class Told implements SocketHandler {
  readonly #connection: Connection
  readonly #opening: Opening
  readonly #reader: ReadSide
  readonly #writer: WriteSide
  readonly #opened: () => void

  constructor(
    connection: Connection,
    opening: Opening,
    reader: ReadSide,
    writer: WriteSide,
    opened: () => void,
  ) {
    this.#connection = connection
    this.#opening = opening
    this.#reader = reader
    this.#writer = writer
    this.#opened = opened
  }

  open(): void {
    if (this.#connection.wakes()) this.#opened()
  }

  readable(): void {
    this.#reader.arrived()
  }

  end(): void {
    this.#reader.arrived()
  }

  acknowledged(): void {
    this.#writer.acknowledged()
  }

  softError(error: TcpError): void {
    this.#opening.hindered(error)
  }

  /**
   * If it broke, a program learns of it when it next reads or writes, as in Node, which most always do: one that has
   * paused first gets what was received before.
   */
  closed(error: TcpError | null): void {
    if (!this.#connection.wakes()) return
    if (this.#opening.isUnderWay) this.#opening.failed(error?.code ?? 'ECONNABORTED')
    else if (error) {
      this.#connection.failure = error
      if (!this.#reader.broke()) this.#writer.broke()
    } else this.#reader.pull()
  }
}
