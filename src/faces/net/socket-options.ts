import type { TcpSocketConnectOpts } from 'node:net'
import type { DuplexOptions } from 'node:stream'
import { checkNumber, defined } from './arguments.js'
import { badArgument, badType } from './errors.js'

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

/** What the stream beneath a socket is made with. Throws node:net's errors for options that it does not take. */
export function streamOptions(options: SocketOptions): DuplexOptions {
  if (options === null || typeof options !== 'object') throw badType('options', 'of type object', options)
  for (const name of ['objectMode', 'readableObjectMode', 'writableObjectMode', 'fd', 'handle']) {
    const value = (options as Record<string, unknown>)[name]
    if (value) throw badArgument(`options.${name}`, value, 'is not supported')
  }
  if (options.keepAliveInitialDelay !== undefined)
    checkNumber(options.keepAliveInitialDelay, 'options.keepAliveInitialDelay')
  const { readable, writable, highWaterMark, readableHighWaterMark, writableHighWaterMark } = options
  return {
    ...defined({ readable, writable, highWaterMark, readableHighWaterMark, writableHighWaterMark }),
    allowHalfOpen: Boolean(options.allowHalfOpen),
    autoDestroy: true,
    // 'close' says whether there was an error, which the stream's own does not.
    emitClose: false,
    decodeStrings: false,
  }
}

/** As node:net does, anything that is no `onread` is passed over. */
export function toOnRead(value: unknown): OnRead | null {
  if (value === null || typeof value !== 'object') return null
  const { buffer, callback } = value as Partial<OnRead>
  const isOne =
    (buffer instanceof Uint8Array || typeof buffer === 'function') && typeof callback === 'function'
  return isOne ? (value as OnRead) : null
}
