import type { Socket as NodeSocket } from 'node:net'
import type { SocketHandler, Socket as TcpSocket } from '../../stack/socket.js'
import { TcpError } from '../../tcp/errors.js'
import type { IpAddress } from '../../wire/address.js'
import { checkNumber, defined, isPort, toAddress, toPort } from './arguments.js'
import { type Attempt, attemptError, NOWHERE } from './attempt.js'
import type { Connection } from './connection.js'
import { badType, notAnAddress } from './errors.js'
import type { SocketConnectOptions } from './socket-options.js'
import type { WriteSide } from './write-side.js'

/** Errors that say that there is no way to the other host: no use trying for three minutes, as TCP would. */
const NO_WAY: readonly string[] = ['EHOSTUNREACH', 'ENETUNREACH', 'EACCES']

/** What opening needs of its socket. */
export interface Opener extends Pick<NodeSocket, 'connecting' | 'emit' | 'destroy'> {
  _host: string | null
  tcp: TcpSocket | null
}

/**
 * From the options of `connect` to the SYN, and to the error if nothing comes of it. Whatever is found out late is for
 * nobody if the socket is not connecting any more.
 */
export class Opening {
  readonly #socket: Opener
  readonly #connection: Connection
  readonly #writer: WriteSide
  #attempt = NOWHERE

  constructor(socket: Opener, connection: Connection, writer: WriteSide) {
    this.#socket = socket
    this.#connection = connection
    this.#writer = writer
  }

  /** The socket waits for a connection. */
  get isUnderWay(): boolean {
    return this.#socket.connecting
  }

  /** Throws node:net's errors for options that make no sense. `handler` hears of the connection. */
  start(options: Partial<SocketConnectOptions>, handler: SocketHandler): void {
    const { localAddress, localPort } = options
    const name = options.host || 'localhost'
    if (localAddress && !toAddress(localAddress)) throw notAnAddress(localAddress)
    if (localPort) checkNumber(localPort, 'options.localPort')
    if (!isPort(options.port)) throw badType('options.port', 'one of type number or string', options.port)
    const port = toPort(options.port, 'Port')
    // In a tick of its own: whoever called has yet to add listeners, also if a lookup answered at once.
    // With Fast Open the SYN waits for what is written in this turn, by http's agent a few ticks later.
    const soon = options.fastOpen ? setImmediate : process.nextTick
    const go = (remote: IpAddress, address: string) =>
      soon(() => {
        if (!this.#socket.connecting) return
        const local = localAddress ? toAddress(localAddress) : undefined
        const from =
          localAddress || localPort
            ? { address: localAddress || (remote.version === 4 ? '0.0.0.0' : '::'), port: localPort || 0 }
            : undefined
        this.#try({ remote, address, port, local, from, fastOpen: options.fastOpen === true }, handler)
      })
    const literal = toAddress(name)
    if (literal) go(literal, name)
    else this.#lookup(name, options, go)
  }

  #lookup(
    name: string,
    options: Partial<SocketConnectOptions>,
    go: (remote: IpAddress, address: string) => void,
  ): void {
    const socket = this.#socket
    const { host } = this.#connection
    if (options.lookup != null && typeof options.lookup !== 'function')
      throw badType('options.lookup', 'of type function', options.lookup)
    socket._host = name
    const lookup = options.lookup ?? host.lookup
    const family = options.family as number | string | undefined
    const version = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : Number(family ?? 0)
    lookup(name, { family: version, hints: options.hints ?? 0 }, (error, found, foundFamily) => {
      host.woke()
      const [first] = Array.isArray(found) ? found : [{ address: found, family: foundFamily }]
      socket.emit('lookup', error as Error, first?.address as string, first?.family as number, name)
      // It may have been destroyed meanwhile.
      if (!socket.connecting) return
      const address = error ? undefined : toAddress(String(first?.address))
      if (address) go(address, String(first?.address))
      else process.nextTick(() => socket.destroy(error ?? notAnAddress(first?.address)))
    })
  }

  #try(attempt: Attempt, handler: SocketHandler): void {
    const socket = this.#socket
    this.#attempt = attempt
    socket.emit('connectionAttempt', attempt.address, attempt.port, attempt.remote.version)
    if (!socket.connecting) return
    if (this.#connection.live) {
      socket.destroy(attemptError(attempt, 'EISCONN'))
      return
    }
    // Port 0 can be dialled, and nobody ever answers there.
    if (attempt.port === 0) {
      this.failed('ECONNREFUSED')
      return
    }
    try {
      this.#begin(attempt, handler)
    } catch (error) {
      if (!(error instanceof TcpError)) throw error
      this.failed(error.code)
    }
  }

  /** The SYN. Throws a TcpError. */
  #begin({ remote, port, local, from, fastOpen }: Attempt, handler: SocketHandler): void {
    const options = defined({
      local,
      localPort: from?.port || undefined,
      fastOpen: fastOpen || undefined,
      data: fastOpen ? this.#writer.takeEarly() : undefined,
    })
    const tcp = this.#connection.host.stack.connect({ remote, port, ...options, handler })
    this.#socket.tcp = this.#connection.live = tcp
  }

  /**
   * Something is wrong on the way. TCP itself would go on trying (MUST-56); programs made for Node count on hearing of it,
   * as Linux lets them.
   */
  hindered({ code }: TcpError): void {
    if (NO_WAY.includes(code) && this.#connection.wakes() && this.#socket.connecting) this.failed(code)
  }

  /** Nothing came of it. */
  failed(code: string): void {
    const attempt = this.#attempt
    const error = attemptError(attempt, code)
    this.#socket.emit('connectionAttemptFailed', attempt.address, attempt.port, attempt.remote.version, error)
    this.#socket.destroy(error)
  }
}
