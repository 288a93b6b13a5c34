import { takeEvents } from '../tcp/calls.js'
import { EV } from '../tcp/tcb.js'
import type { Socket, SocketHandler } from './socket.js'

/** Tells a connection's owner what has happened since he last heard. */
export function tell(socket: Socket, deliver: (work: () => void) => void): void {
  // Nobody has taken it yet: what happens is told to whoever does.
  if (socket.waitingIn) return
  const { tcb } = socket
  const events = takeEvents(tcb)
  if (events === 0 || socket.finished) return
  /** Each owner's answer may end the connection, or change who is to be told. */
  const say = (bit: number, call: (handler: SocketHandler) => void) => {
    if (events & bit && !socket.finished && tcb.error === null) deliver(() => call(socket.handler))
  }
  say(EV.OPEN, handler => handler.open?.())
  const { softError } = tcb
  if (softError) say(EV.SOFT_ERROR, handler => handler.softError?.(softError))
  say(EV.URGENT, handler => handler.urgent?.())
  // What came before a RST is still theirs to read.
  if (events & EV.READABLE && !socket.finished && socket.receiveQueued > 0)
    deliver(() => socket.handler.readable?.())
  say(EV.END, handler => handler.end?.())
  if (socket.handler.acknowledged) say(EV.ACKNOWLEDGED, handler => handler.acknowledged?.())
  say(EV.WRITABLE, handler => handler.writable?.())
  if (!(events & (EV.CLOSED | EV.TIME_WAIT)) || socket.finished) return
  socket.finished = true
  deliver(() => socket.handler.closed?.(tcb.error))
}
