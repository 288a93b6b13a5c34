import type { EventEmitter } from 'node:events'

/**
 * Whether Node has put its adapter for streams without a descriptor (JSStreamSocket) around a socket, as it does for
 * TLS and HTTP/2. There is no public way to ask; its listener is known by the error that it alone makes. If that ever
 * changes, a TLS socket whose peer half-closes may lose what it has not written by then.
 */
export const isAdapted = (socket: EventEmitter): boolean =>
  socket
    .listeners('data')
    .some(listener => listener.name === 'ondata' && String(listener).includes('ERR_STREAM_WRAP'))
