import type { Socket as TcpSocket } from '../../stack/socket.js'
import type { SocketOptions } from './socket-options.js'

/** What the program asked of TCP: remembered while there is no connection, and told to the next one. */
export class Tuning {
  #noDelay: boolean
  #keepAlive: boolean
  /** ms; 0 for what the stack has. */
  #keepAliveDelay: number

  constructor(options: SocketOptions) {
    this.#noDelay = Boolean(options.noDelay)
    this.#keepAlive = Boolean(options.keepAlive)
    this.#keepAliveDelay = toDelay(options.keepAliveInitialDelay)
  }

  /** For a connection that has just opened. */
  apply(tcp: TcpSocket): void {
    if (this.#noDelay) tcp.setNoDelay(true)
    if (this.#keepAlive) tcp.setKeepAlive(true, this.#keepAliveDelay || undefined)
  }

  setNoDelay(on: boolean, tcp: TcpSocket | null): void {
    this.#noDelay = Boolean(on)
    tcp?.setNoDelay(this.#noDelay)
  }

  setKeepAlive(on: boolean, delay: number, tcp: TcpSocket | null): void {
    this.#keepAlive = Boolean(on)
    this.#keepAliveDelay = toDelay(delay)
    tcp?.setKeepAlive(this.#keepAlive, this.#keepAliveDelay || undefined)
  }
}

const toDelay = (value: number | undefined): number => Math.max(0, Number(value) || 0)
