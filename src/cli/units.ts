import { InvalidArgumentError } from 'commander'
import * as units from '../sim/units.js'

/** Parsers of quantities with their units, for options. What they refuse is an InvalidArgumentError of one line. */

/** Reads as descriptions of worlds do (`sim/units.ts`), and complains as options do. */
const option =
  <T>(read: (text: string) => T) =>
  (text: string): T => {
    try {
      return read(text)
    } catch (error) {
      // The option's complaint has quoted it already.
      throw new InvalidArgumentError(`${(error as Error).message.replace(JSON.stringify(text), 'It')}.`)
    }
  }

/** '25ms', '1.5s', '200us', '2min': milliseconds. */
export const duration = option(units.duration)

/** '50mbit', '1.5gbit', '64kbit', '9600bit': bits per second. Prefixes are powers of 1000. */
export const rate = option(units.rate)

/** '1%', '0.01': a share from 0 to 1. */
export const percent = option(units.probability)

/** How much may wait for a line: so many bytes, packets of the MTU, or bandwidth-delay products. */
export interface QueueLength {
  value: number
  unit: 'bytes' | 'packets' | 'bdp'
}

const QUEUE_UNITS: Record<string, [unit: QueueLength['unit'], factor: number]> = {
  b: ['bytes', 1],
  kb: ['bytes', 1e3],
  mb: ['bytes', 1e6],
  kib: ['bytes', 1024],
  mib: ['bytes', 1024 ** 2],
  pkt: ['packets', 1],
  pkts: ['packets', 1],
  bdp: ['bdp', 1],
}

/** '256kb', '2mib', '100pkts', '1bdp'. kb and mb are powers of 1000, kib and mib of 1024. */
export function queueLength(text: string): QueueLength {
  const say = 'It must be a length with its unit (b, kb, mb, kib, mib, pkts, bdp), such as 256kb or 1bdp.'
  const [, digits, unit = ''] = /^(\d+(?:\.\d*)?|\.\d+)\s*([a-z]+)$/.exec(text.trim().toLowerCase()) ?? []
  const known = Object.hasOwn(QUEUE_UNITS, unit) ? QUEUE_UNITS[unit] : undefined
  if (!known || !(Number(digits) > 0)) throw new InvalidArgumentError(say)
  return { value: Number(digits) * known[1], unit: known[0] }
}

/** What holds for the two directions of a path. */
export interface EachWay<T> {
  forward: T
  back: T
}

/** Makes a parser for an option that may differ by direction: '50mbit' for both, '50mbit/5mbit' for there and back. */
export function eachWay<T>(parse: (text: string) => T): (text: string) => EachWay<T> {
  return text => {
    const parts = text.split('/')
    if (parts.length > 2)
      throw new InvalidArgumentError('It has at most one slash: there/back, such as 50mbit/5mbit.')
    const [forward, back] = parts.map(parse)
    return { forward: forward!, back: back === undefined ? forward! : back }
  }
}

/** 50000000 as '50 Mbit/s'. */
export function showRate(bits: number): string {
  const [factor, unit] =
    bits >= 1e9
      ? [1e9, 'Gbit/s']
      : bits >= 1e6
        ? [1e6, 'Mbit/s']
        : bits >= 1e3
          ? [1e3, 'kbit/s']
          : [1, 'bit/s']
  return `${Number((bits / (factor as number)).toPrecision(4))} ${unit}`
}

/** 0.001 as '0.1 %'. */
export const showPercent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`
