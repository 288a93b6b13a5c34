import type { TcpSocketConnectOpts } from 'node:net'

/** Options of `new net.Socket()`; see node:net. Times in ms. */
export interface SocketOptions {
  /** Whether our side stays open when the other ends. Default false: it is ended as well. */
  allowHalfOpen?: boolean | undefined
  readable?: boolean | undefined
  writable?: boolean | undefined
  /** Destroys the socket when it is aborted. */
  signal?: AbortSignal | undefined
  /** Bytes that are buffered in the stream, besides what the stack holds in its send queue and its window. */
  highWaterMark?: number | undefined
  readableHighWaterMark?: number | undefined
  writableHighWaterMark?: number | undefined
  noDelay?: boolean | undefined
  keepAlive?: boolean | undefined
  keepAliveInitialDelay?: number | undefined
  /**
   * Data is copied into one buffer, and nothing comes as 'data': no memory is needed for each piece, which is the fastest
   * way to receive. `callback` is told how many bytes are in which buffer; false pauses.
   */
  onread?: OnRead | undefined
  /**
   * What is written is not copied: it must not change until the other side has acknowledged it, which is later than the
   * callback of the write. For what never changes, such as files in memory, and what is
   * piped from another connection. Default false. node:net does not have it.
   */
  byReference?: boolean | undefined
}

/** See node:net. */
export interface OnRead {
  buffer: Uint8Array | (() => Uint8Array)
  callback(bytesWritten: number, buffer: Uint8Array): boolean
}

/** Options of `socket.connect()`; see node:net. `autoSelectFamily` and what belongs to it are ignored. */
export type SocketConnectOptions = Omit<TcpSocketConnectOpts, 'onread'> & {
  /**
   * TCP Fast Open (RFC 7413), which node:net does not have: what is written in the same turn as the call rides on the SYN,
   * once the server has given us a cookie. It can arrive twice.
   */
  fastOpen?: boolean | undefined
}

/** Options of `net.connect()`: of the socket and of its connection, and an idle timeout in ms. */
export interface ConnectOptions extends SocketOptions, SocketConnectOptions {
  timeout?: number | undefined
}
