import * as http from 'node:http'
import * as https from 'node:https'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Net } from './net.js'
import { Socket } from './socket.js'

/** An agent for `http.request` and everything that takes one: its connections run over `net`. */
export function createAgent(net: Net, options?: http.AgentOptions): http.Agent {
  return new (class extends http.Agent {
    override createConnection(target: object): Duplex {
      return net.connect(target as { port: number })
    }
  })(options)
}

/** An agent for `https.request`: TLS over connections of `net`. */
export function createSecureAgent(net: Net, options?: https.AgentOptions): https.Agent {
  return new (class extends https.Agent {
    override createConnection(target: object): Duplex {
      const socket = net.connect(target as { port: number })
      const secure = super.createConnection({ ...target, socket } as never) as TLSSocket
      return lendAddresses(secure, socket)
    }
  })(options)
}

const LENT = [
  'remoteAddress',
  'remotePort',
  'remoteFamily',
  'localAddress',
  'localPort',
  'localFamily',
] as const

/**
 * Gives a TLS socket the addresses of the connection it runs over. It asks its file descriptor for them, and has none
 * here; frameworks want them for `req.ip`.
 */
export function lendAddresses(secure: TLSSocket, socket: Socket): TLSSocket {
  for (const name of LENT)
    Object.defineProperty(secure, name, { get: () => socket[name], configurable: true })
  secure.address = () => socket.address()
  return secure
}

/**
 * The connection beneath a TLS socket that a `tls.Server` made for itself out of ours. There is no public way to ask
 * for it; where the private one is missing, that server's sockets have no addresses, and all else is well.
 */
export function connectionBeneath(secure: TLSSocket): Socket | undefined {
  const inner = secure as unknown as { _handle?: { _parentWrap?: { stream?: unknown } } }
  const stream = inner._handle?._parentWrap?.stream
  return stream instanceof Socket ? stream : undefined
}
