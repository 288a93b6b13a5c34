import type { Socket as NodeSocket } from 'node:net'
import { Duplex } from 'node:stream'
import { isAdapted } from './adapter.js'
import { nodeError } from './errors.js'

/** When the other side has ended, and ours is not to stay open, whoever writes gets a broken pipe, as in node:net. */
export function refuseWritesAfterEnd(socket: NodeSocket): void {
  socket.on('end', () => {
    // Node's adapter ends us when TLS or HTTP/2 above it has said its last; that may be more than a word.
    if (isAdapted(socket)) socket.allowHalfOpen = true
    else if (!socket.allowHalfOpen) socket.write = writeAfterEnd
  })
}

/** The socket is about to connect anew. */
export function allowWritesAgain(socket: NodeSocket): void {
  if (Object.hasOwn(socket, 'write')) delete (socket as { write?: unknown }).write
}

/** What `write` is once the other side has ended and took ours with it. */
function writeAfterEnd(this: NodeSocket, ...args: unknown[]): boolean {
  if (!this.writableEnded) return Duplex.prototype.write.apply(this, args as Parameters<Duplex['write']>)
  const error = nodeError('EPIPE', 'This socket has been ended by the other party')
  const callback = args.find(arg => typeof arg === 'function') as ((error: Error) => void) | undefined
  if (callback) process.nextTick(callback, error)
  this.destroy(error)
  return false
}
