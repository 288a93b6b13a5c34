import { IpAddress } from '../../wire/address.js'
import { addressError, type NetError } from './errors.js'

/** One attempt to connect: whom to, and from where. */
export interface Attempt {
  remote: IpAddress
  /** The same in the words in which it was asked for, or was found. */
  address: string
  port: number
  local: IpAddress | undefined
  /** The local end, if one was asked for; what of it was not is a wildcard. */
  from: { address: string; port: number } | undefined
  fastOpen: boolean
}

/** Nothing was asked for yet. */
export const NOWHERE: Attempt = {
  remote: IpAddress.any4,
  address: '',
  port: 0,
  local: undefined,
  from: undefined,
  fastOpen: false,
}

/** Why an attempt failed, naming both ends as node:net does. */
export function attemptError({ address, port, from }: Attempt, code: string): NetError {
  if (from && (code === 'EADDRNOTAVAIL' || code === 'EADDRINUSE'))
    return addressError(code, 'bind', from.address, from.port)
  if (!from?.port) return addressError(code, 'connect', address, port)
  const error = addressError(code, 'connect', address, port, from)
  return Object.assign(error, { localAddress: from.address, localPort: from.port })
}
