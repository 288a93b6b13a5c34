import { InvalidArgumentError } from 'commander'
import { type Cidr, IpAddress, parseCidr } from '../wire/address.js'

/** What the user asked for makes no sense: one line, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A parser for an option that wants an integer in a range. */
export const integer =
  (low: number, high: number) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isInteger(value) || value < low || value > high)
      throw new InvalidArgumentError(`It must be an integer from ${low} to ${high}.`)
    return value
  }

export const port = integer(0, 65535)

export function cidr(text: string): Cidr {
  try {
    return parseCidr(text)
  } catch {
    throw new InvalidArgumentError('It must be an address with a prefix length, such as 10.0.0.2/24.')
  }
}

export function address(text: string): IpAddress {
  const parsed = IpAddress.tryParse(text)
  if (!parsed) throw new InvalidArgumentError('It must be an IPv4 or IPv6 address.')
  return parsed
}

/** Colour on a terminal, unless NO_COLOR says no. */
export const wantsColour = (out: NodeJS.WriteStream = process.stdout): boolean =>
  process.env['FORCE_COLOR'] !== undefined || (out.isTTY === true && process.env['NO_COLOR'] === undefined)
