import { TcpError } from '../tcp/errors.js'
import { IpAddress } from '../wire/address.js'
import { Listener, type ListenOptions } from './listener.js'
import type { EphemeralPorts } from './ports.js'
import type { SocketHost } from './socket.js'
import type { PacketChoices } from './tcp-output.js'
import type { TcpShared } from './tcp-shared.js'

/** Which ports are taken, and by whom: listeners, and others for whom they are kept. */
export class Listeners implements Iterable<Listener> {
  private readonly byPort = new Map<number, Listener[]>()
  /** Ports kept for somebody who does not listen on them, and how RSTs from them are sent. */
  private readonly reserved = new Map<number, PacketChoices>()

  constructor(
    private readonly shared: TcpShared,
    private readonly ports: EphemeralPorts,
    private readonly host: Pick<SocketHost, 'batch'>,
    /** A listener is closed: what is half open or not taken is nobody's. */
    private readonly left: (listener: Listener) => void,
  ) {}

  *[Symbol.iterator](): Iterator<Listener> {
    for (const listeners of this.byPort.values()) yield* listeners
  }

  get count(): number {
    let count = 0
    for (const { length } of this.byPort.values()) count += length
    return count
  }

  listen(options: ListenOptions): Listener {
    const { port, address } = options
    if (!Number.isInteger(port) || port < 0 || port > 65535)
      throw new RangeError(`port must be 0 .. 65535, not ${port}`)
    if (address && !address.isUnspecified && !this.shared.ip.owns(address))
      throw new TcpError('EADDRNOTAVAIL', `${address} is not an address of this stack`)
    const chosen = port === 0 ? this.freePort() : port
    const listener = new Listener({ ...options, port: chosen }, this.shared.config, closing =>
      this.host.batch(() => this.remove(closing)),
    )
    const others = this.byPort.get(chosen) ?? []
    if (others.some(other => overlaps(other.address, address)))
      throw new TcpError('EADDRINUSE', `port ${chosen} is in use`)
    others.push(listener)
    this.byPort.set(chosen, others)
    this.tellState(listener, true)
    return listener
  }

  private freePort(): number {
    return this.ports.pick(IpAddress.any4, IpAddress.any4, 0, port => !this.isTaken(port))
  }

  private remove(listener: Listener): void {
    const rest = (this.byPort.get(listener.port) ?? []).filter(other => other !== listener)
    if (rest.length > 0) this.byPort.set(listener.port, rest)
    else this.byPort.delete(listener.port)
    this.tellState(listener, false)
    this.left(listener)
  }

  private tellState(listener: Listener, open: boolean): void {
    const name = {
      local: listener.address?.toString() ?? '*',
      localPort: listener.port,
      remote: undefined,
      remotePort: undefined,
    }
    const { observer, env } = this.shared.context
    if (open) observer?.state?.(name, 'CLOSED', 'LISTEN', 'T01', env.now())
    else observer?.state?.(name, 'LISTEN', 'CLOSED', 'T11', env.now())
  }

  /** Keeps a port, until what is returned is called. Throws a TcpError with EADDRINUSE. */
  reserve(port: number, choices: PacketChoices): () => void {
    const { reserved } = this
    if (reserved.has(port)) throw new TcpError('EADDRINUSE', `port ${port} is in use`)
    reserved.set(port, choices)
    return () => {
      if (reserved.get(port) === choices) reserved.delete(port)
    }
  }

  /** How RSTs from a port are to be sent, if somebody keeps it. */
  choicesFor(port: number): PacketChoices | undefined {
    return this.reserved.get(port)
  }

  isTaken(port: number): boolean {
    return this.byPort.has(port) || this.reserved.has(port)
  }

  /** Who listens there: on the very address before on any. */
  find(local: IpAddress, port: number): Listener | undefined {
    const candidates = this.byPort.get(port)
    if (!candidates) return undefined
    return candidates.find(l => l.address?.equals(local)) ?? candidates.find(l => l.matches(local))
  }
}

function overlaps(a: IpAddress | undefined, b: IpAddress | undefined): boolean {
  if (!a || !b) return true
  if (a.version !== b.version) return false
  return a.isUnspecified || b.isUnspecified || a.equals(b)
}
