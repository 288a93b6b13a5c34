/** Why a connection ended, or a call failed, as the codes that POSIX gives to what RFC 9293 says in words. */
export type TcpErrorCode =
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'ECONNABORTED'
  | 'ETIMEDOUT'
  | 'EHOSTUNREACH'
  | 'ENETUNREACH'
  | 'EPROTO'
  | 'ENOPROTOOPT'
  | 'EACCES'
  | 'ENOTCONN'
  | 'EISCONN'
  | 'EPIPE'
  | 'EINVAL'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EMSGSIZE'
  | 'ENOBUFS'
  | 'EAFNOSUPPORT'

export class TcpError extends Error {
  override readonly name = 'TcpError'
  constructor(
    readonly code: TcpErrorCode,
    message: string,
  ) {
    super(message)
  }
}
