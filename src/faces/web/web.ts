import type { ListenOptions } from '../../stack/listener.js'
import type { Stack } from '../../stack/stack.js'
import { IpAddress } from '../../wire/address.js'
import { Connection, type ConnectionOptions } from './connection.js'

export interface WebAddress {
  hostname: string
  port: number
}

export interface WebConnectOptions extends ConnectionOptions {
  /** Local port; chosen if absent. */
  localPort?: number
  /** TCP Fast Open, and the first bytes, which then ride on the SYN: see `ConnectOptions` of the stack. */
  fastOpen?: boolean
  data?: Uint8Array
}

/** Connections as they come: `for await (const connection of listener)`. */
export interface WebListener extends AsyncIterable<Connection> {
  readonly port: number
  /** Stops listening; the iteration ends. Open connections live on. */
  close(): void
}

export interface Web {
  /**
   * Connects, at once: wait for `opened`. The address is `host:port`, `[v6]:port` or `{ hostname, port }`. Throws a
   * TypeError for an address that is none, a TcpError if there is no way to it.
   */
  connect(address: string | WebAddress, options?: WebConnectOptions): Connection
  /** Listens on a port (0: any that is free). Throws a TcpError with EADDRINUSE. */
  listen(
    options: Pick<ListenOptions, 'port' | 'backlog' | 'fastOpen'> & { hostname?: string } & ConnectionOptions,
  ): WebListener
}

/** The stack as the web platform would have it; runs in browsers, Deno, Bun and Node. */
export function createWeb(stack: Stack): Web {
  return {
    connect(address, options = {}) {
      const { hostname, port } = typeof address === 'string' ? parseAddress(address) : address
      const { localPort, fastOpen, data } = options
      const remote = hostname === 'localhost' ? IpAddress.loopback4 : IpAddress.parse(hostname)
      return new Connection(
        stack.connect({
          remote,
          port,
          ...(localPort === undefined ? {} : { localPort }),
          ...(fastOpen ? { fastOpen } : {}),
          ...(data ? { data } : {}),
        }),
        options,
      )
    },
    listen({ port, hostname, backlog, fastOpen, ...options }) {
      const address = hostname === undefined ? undefined : IpAddress.parse(hostname)
      let wake: (() => void) | undefined
      const listener = stack.listen({
        port,
        ...(address ? { address } : {}),
        ...(backlog === undefined ? {} : { backlog }),
        ...(fastOpen === undefined ? {} : { fastOpen }),
      })
      listener.onQueued = () => wake?.()
      async function* connections(): AsyncGenerator<Connection> {
        while (!listener.closed) {
          const socket = listener.accept()
          if (socket) {
            yield new Connection(socket, options)
            continue
          }
          await new Promise<void>(resolve => {
            wake = resolve
          })
        }
      }
      return {
        port: listener.port,
        close: () => {
          listener.close()
          wake?.()
        },
        [Symbol.asyncIterator]: connections,
      }
    },
  }
}

function parseAddress(text: string): WebAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65535) throw new TypeError(`not an address with a port: ${JSON.stringify(text)}`)
  return { hostname: (match[1] ?? match[2])!, port }
}
