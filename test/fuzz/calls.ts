import { TcpError } from '../../src/tcp/errors.js'
import type { ReactionId } from '../../src/tcp/reactions.js'
import { IpAddress } from '../../src/wire/address.js'
import type { CallName } from './actions.js'
import { OWN_TEXT, textAt } from './bytes.js'
import type { User } from './user.js'
import { must } from './violation.js'
import type { FuzzWorld } from './world.js'

/** A user's call. A TcpError is an answer; anything else that is thrown is a failure. */
export function call(world: FuzzWorld, name: CallName, on: string, args: readonly number[]): void {
  answering(() => {
    const user = world.byName.get(on)
    if (user) ofSocket(world, user, name, args)
    else ofStack(world, name, on, args)
  })
}

function answering(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof TcpError)) throw error
  }
}

function ofStack(world: FuzzWorld, name: CallName, on: string, args: readonly number[]): void {
  const { stack, listeners, udpPorts } = world
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = args
  switch (name) {
    case 'connect':
      // Remote port, local port, then the traffic class and how long to try in ms.
      world.own(
        stack.connect({
          remote: IpAddress.parse(on),
          port: a,
          localPort: b,
          trafficClass: c,
          ...(d > 0 ? { timeout: d } : {}),
        }),
        false,
      )
      return
    case 'listen':
      // Port, backlog (0: every connection is taken at once), most half open, cookies, most that Fast Open hands over.
      if (listeners.has(a)) return
      listeners.set(
        a,
        stack.listen({
          fastOpen: e,
          port: a,
          ...(on === '*' ? {} : { address: IpAddress.parse(on) }),
          ...(b > 0 ? { backlog: b } : { onConnection: socket => void world.own(socket, true) }),
          synBacklog: c,
          synCookies: d > 0,
        }),
      )
      // Nobody here has seen a cookie.
      listeners.get(a)!.fastOpenWithoutCookie = true
      return
    case 'unlisten':
      listeners.get(a)?.close()
      listeners.delete(a)
      return
    case 'accept': {
      const socket = listeners.get(a)?.accept()
      if (socket) world.own(socket, true)
      return
    }
    case 'udp-bind':
      if (udpPorts.has(a)) return
      // An odd port says back what it hears.
      udpPorts.set(
        a,
        stack.bindUdp(a, ({ bytes, remote, remotePort, local }, port) => {
          if (a & 1 && remotePort !== 0)
            answering(() => port.send(bytes, remote, remotePort, local.isMulticast ? undefined : local))
        }),
      )
      return
    case 'udp-send':
      udpPorts.get(a)?.send(textAt(OWN_TEXT, 0, b), IpAddress.parse(on), c)
      return
    case 'udp-close':
      udpPorts.get(a)?.close()
      udpPorts.delete(a)
      return
  }
}

function ofSocket(world: FuzzWorld, user: User, name: CallName, args: readonly number[]): void {
  const { socket } = user
  const { tcb } = socket
  const [a = 0, b = 0, c = 0] = args
  tcb.reaction = ''
  try {
    switch (name) {
      case 'send':
      case 'urgent':
        user.send(a, name === 'urgent')
        return
      case 'receive':
        user.receive(a)
        return
      case 'close':
        user.closing = true
        socket.close()
        return
      case 'release':
        user.closing = user.given = true
        socket.release()
        return
      case 'abort':
        user.closing = user.given = true
        socket.abort()
        return
      case 'no-delay':
        socket.setNoDelay(a > 0)
        return
      case 'cork':
        socket.setCork(a > 0)
        return
      case 'keep-alive':
        socket.setKeepAlive(a > 0, a || 1000, b, c)
        return
      case 'user-timeout':
        socket.setUserTimeout(a)
        return
      case 'r2':
        socket.setRetransmissionLimit(a)
        return
      case 'status':
        for (const [field, value] of Object.entries(socket.status()))
          must(!Number.isNaN(value), `${user.name}: ${field} is not a number`)
        return
    }
  } finally {
    const reaction = tcb.reaction as ReactionId | ''
    if (reaction !== '') world.reaction(tcb.state, reaction)
  }
}
