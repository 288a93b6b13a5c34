import { getSystemErrorMap } from 'node:util'

/**
 * Errors as Node makes them: the same `code`, `errno`, `syscall`, `address`, `port` and message, so that programs
 * which look at any of these cannot tell the difference.
 */
export interface NetError extends Error {
  code: string
  errno?: number
  syscall?: string
  address?: string
  port?: number
  hostname?: string
  localAddress?: string
  localPort?: number
}

const numbers = new Map<string, number>()
const texts = new Map<string, string>()
for (const [number, [name, text]] of getSystemErrorMap()) {
  numbers.set(name, number)
  texts.set(name, text)
}

/** libuv's number for EAI_NONAME, which the system error map does not have under the name that Node shows. */
const ENOTFOUND = -3008

function make(message: string, code: string, syscall: string, more: Partial<NetError> = {}): NetError {
  const error = new Error(message) as NetError
  const errno = numbers.get(code)
  if (errno !== undefined) error.errno = errno
  error.code = code
  error.syscall = syscall
  return Object.assign(error, more)
}

/** `read ECONNRESET` */
export const systemError = (code: string, syscall: string): NetError =>
  make(`${syscall} ${code}`, code, syscall)

/** `connect ECONNREFUSED 10.0.0.2:80`, with ` - Local (10.0.0.1:4000)` if the program asked for a local end. */
export function addressError(
  code: string,
  syscall: string,
  address: string,
  port: number,
  local?: { address: string; port: number },
): NetError {
  const where = port > 0 ? `${address}:${port}` : address
  const from = local ? ` - Local (${local.address}:${local.port})` : ''
  const more: Partial<NetError> = { address }
  if (port) more.port = port
  return make(`${syscall} ${code} ${where}${from}`, code, syscall, more)
}

/** `listen EADDRINUSE: address already in use 10.0.0.2:80` */
export function listenError(code: string, address: string, port: number): NetError {
  const where = port > 0 ? `${address}:${port}` : address
  const more: Partial<NetError> = { address }
  if (port) more.port = port
  return make(`listen ${code}: ${texts.get(code) ?? code} ${where}`, code, 'listen', more)
}

/** `getaddrinfo ENOTFOUND example.org` */
export const lookupError = (hostname: string): NetError =>
  make(`getaddrinfo ENOTFOUND ${hostname}`, 'ENOTFOUND', 'getaddrinfo', { errno: ENOTFOUND, hostname })

/** Node's own errors, `TypeError [ERR_INVALID_ARG_TYPE]: …`. */
export function nodeError(
  code: string,
  message: string,
  Kind: ErrorConstructor | TypeErrorConstructor = Error,
): NetError {
  const error = new Kind(message) as NetError
  error.code = code
  // As Node does: the code shows in the stack, not in the name.
  const { name } = error
  error.name = `${name} [${code}]`
  void error.stack
  Object.defineProperty(error, 'name', { value: name, configurable: true, enumerable: false, writable: true })
  return error
}

export const socketClosed = () => nodeError('ERR_SOCKET_CLOSED', 'Socket is closed')
export const closedBeforeConnection = () =>
  nodeError('ERR_SOCKET_CLOSED_BEFORE_CONNECTION', 'Socket closed before the connection was established')
export const serverNotRunning = () => nodeError('ERR_SERVER_NOT_RUNNING', 'Server is not running.')
export const alreadyListening = () =>
  nodeError('ERR_SERVER_ALREADY_LISTEN', 'Listen method has been called more than once without closing.')
export const notAnAddress = (text: unknown) =>
  nodeError('ERR_INVALID_IP_ADDRESS', `Invalid IP address: ${text}`, TypeError)
export const badArgument = (name: string, value: unknown, why: string) =>
  nodeError('ERR_INVALID_ARG_VALUE', `The argument '${name}' ${why}. Received ${String(value)}`, TypeError)
export const badType = (name: string, expected: string, value: unknown) =>
  nodeError(
    'ERR_INVALID_ARG_TYPE',
    `The "${name}" argument must be of type ${expected}. Received ${value === null ? 'null' : `type ${typeof value}`}`,
    TypeError,
  )
export const missingPort = () =>
  nodeError('ERR_MISSING_ARGS', 'The "options" or "port" or "path" argument must be specified', TypeError)
