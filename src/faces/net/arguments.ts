import { IpAddress } from '../../wire/address.js'
import { badPort, badType, outOfRange } from './errors.js'

/** What `connect` and `listen` take in any of their forms, as an object and a callback. */
export type Normalized<T> = [options: Partial<T>, callback: (() => void) | undefined]

/** `(options, callback)`, `(port, host, callback)`, `(port, callback)` … as in node:net. */
export function normalize<T extends object>(args: readonly unknown[]): Normalized<T> {
  const [first, second] = args
  const last = args.at(-1)
  const callback = typeof last === 'function' ? (last as () => void) : undefined
  if (typeof first === 'object' && first !== null) return [first as Partial<T>, callback]
  if (args.length === 0) return [{}, undefined]
  const options: Record<string, unknown> = isPipeName(first) ? { path: first } : { port: first }
  if (typeof second === 'string' && !('path' in options)) options.host = second
  return [options as Partial<T>, callback]
}

/** Node takes a string that is no number for the path of a Unix socket. */
const isPipeName = (value: unknown): boolean => typeof value === 'string' && !(Number(value) >= 0)

/** A port as a number. Throws ERR_SOCKET_BAD_PORT, with the name given. */
export function toPort(value: number | string, name: string): number {
  const port = Number(value)
  if ((typeof value === 'string' && value.trim() === '') || port !== port >>> 0 || port > 65535)
    throw badPort(name, value)
  return port
}

export const isPort = (value: unknown): value is number | string =>
  typeof value === 'number' || typeof value === 'string'

/** Throws ERR_INVALID_ARG_TYPE for anything but a number. */
export function checkNumber(value: unknown, name: string): void {
  if (typeof value !== 'number') throw badType(name, 'of type number', value)
}

/** Throws node:net's errors for what `setTimeout` does not take. */
export function checkTimeout(ms: unknown, callback: unknown): void {
  if (typeof ms !== 'number') throw badType('msecs', 'of type number', ms)
  if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY))
    throw outOfRange('msecs', 'a non-negative finite number', ms)
  if (callback !== undefined && typeof callback !== 'function')
    throw badType('callback', 'of type function', callback)
}

/** An address of either version; an IPv4 one in IPv6 clothes (`::ffff:10.0.0.1`) is spoken to over IPv4. */
export function toAddress(text: string): IpAddress | undefined {
  const address = IpAddress.tryParse(text)
  return address?.isMapped ? IpAddress.v4(address.w3) : address
}

export const familyName = (address: IpAddress): 'IPv4' | 'IPv6' => (address.version === 4 ? 'IPv4' : 'IPv6')

/** Without the properties that are undefined. */
export function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
