import { getSystemErrorMap, inspect } from 'node:util'

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
/** `badArgument('options.onread', value, 'is not supported')` */
export const badArgument = (name: string, value: unknown, why: string) =>
  nodeError(
    'ERR_INVALID_ARG_VALUE',
    `The ${kindOf(name)} '${name}' ${why}. Received ${inspect(value)}`,
    TypeError,
  )
/** `badType('port', 'one of type number or string', value)` */
export const badType = (name: string, expected: string, value: unknown) =>
  nodeError(
    'ERR_INVALID_ARG_TYPE',
    `The "${name}" ${kindOf(name)} must be ${expected}. Received ${what(value)}`,
    TypeError,
  )
export const badPort = (name: string, value: unknown) =>
  nodeError('ERR_SOCKET_BAD_PORT', `${name} should be >= 0 and < 65536. Received ${what(value)}.`, RangeError)
export const outOfRange = (name: string, range: string, value: unknown) =>
  nodeError(
    'ERR_OUT_OF_RANGE',
    `The value of "${name}" is out of range. It must be ${range}. Received ${value}`,
    RangeError,
  )
export const missingPort = () =>
  nodeError('ERR_MISSING_ARGS', 'The "options" or "port" or "path" argument must be specified', TypeError)

const kindOf = (name: string): string => (name.includes('.') ? 'property' : 'argument')

/** A value in Node's words. */
function what(value: unknown): string {
  if (value == null) return String(value)
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value === 'object')
    return `an instance of ${value.constructor?.name ?? inspect(value, { depth: -1 })}`
  const text = inspect(value)
  return `type ${typeof value} (${text.length > 28 ? `${text.slice(0, 25)}...` : text})`
}
