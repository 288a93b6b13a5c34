import { takeEvents } from '../tcp/calls.js'
import { EV } from '../tcp/tcb.js'
import type { Socket } from './socket.js'

/** Runs code of the user's; what it throws harms nobody else. */
export type Run = <T>(call: (argument: T) => void, argument: T) => void

// Not made anew for each segment.
const open = (socket: Socket): void => socket.handler.open?.()
const urgent = (socket: Socket): void => socket.handler.urgent?.()
const readable = (socket: Socket): void => socket.handler.readable?.()
const end = (socket: Socket): void => socket.handler.end?.()
const acknowledged = (socket: Socket): void => socket.handler.acknowledged?.()
const writable = (socket: Socket): void => socket.handler.writable?.()
const closed = (socket: Socket): void => socket.handler.closed?.(socket.tcb.error)

/** Tells a connection's owner what has happened since he last heard. */
export function tell(socket: Socket, run: Run): void {
  // Nobody has taken it yet: what happens is told to whoever does.
  if (socket.waitingIn) return
  const events = takeEvents(socket.tcb)
  if (events === 0 || socket.finished) return
  // Each answer of the owner's may end the connection, or change who is to be told.
  if (events & EV.OPEN && isAlive(socket)) run(open, socket)
  if (events & EV.SOFT_ERROR && isAlive(socket)) tellSoftError(socket, run)
  if (events & EV.URGENT && isAlive(socket)) run(urgent, socket)
  // What came before a RST is still theirs to read.
  if (events & EV.READABLE && !socket.finished && socket.receiveQueued > 0) run(readable, socket)
  if (events & EV.END && isAlive(socket)) run(end, socket)
  if (events & EV.ACKNOWLEDGED && socket.handler.acknowledged && isAlive(socket)) run(acknowledged, socket)
  if (events & EV.WRITABLE && isAlive(socket)) run(writable, socket)
  if (!(events & (EV.CLOSED | EV.TIME_WAIT)) || socket.finished) return
  socket.finished = true
  run(closed, socket)
}

const isAlive = ({ finished, tcb }: Socket): boolean => !finished && tcb.error === null

function tellSoftError(socket: Socket, run: Run): void {
  const { softError } = socket.tcb
  if (softError) run(() => socket.handler.softError?.(softError), socket)
}
