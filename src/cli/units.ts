import { InvalidArgumentError } from 'commander'

/** Parsers of quantities with their units, for options. What they refuse is an InvalidArgumentError of one line. */

const NUMBER = /^(\d+(?:\.\d*)?|\.\d+)\s*([a-z%]*)$/i

function split(text: string, say: string): { value: number; unit: string } {
  const match = NUMBER.exec(text.trim())
  if (!match) throw new InvalidArgumentError(say)
  return { value: Number(match[1]), unit: match[2]!.toLowerCase() }
}

/** A parser of numbers with one of `units`, each with what it is a multiple of; 0 needs none. */
function quantity(units: Record<string, number>, say: string): (text: string) => number {
  return text => {
    const { value, unit } = split(text, say)
    const factor = Object.hasOwn(units, unit) ? units[unit] : value === 0 && unit === '' ? 1 : undefined
    if (factor === undefined) throw new InvalidArgumentError(say)
    return value * factor
  }
}

/** '25ms', '1.5s', '200us', '2min': milliseconds. */
export const duration = quantity(
  { us: 0.001, µs: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000 },
  'It must be a time with its unit (us, ms, s, min), such as 25ms.',
)

/** '50mbit', '1.5gbit', '64kbit', '9600bit': bits per second. Prefixes are powers of 1000. */
export const rate = quantity(
  { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 },
  'It must be a rate with its unit (bit, kbit, mbit, gbit a second), such as 50mbit.',
)

/** '1%', '0.1%': a share from 0 to 1. */
export function percent(text: string): number {
  const say = 'It must be a percentage from 0% to 100%, such as 0.1%.'
  const value = quantity({ '%': 0.01 }, say)(text)
  if (value > 1) throw new InvalidArgumentError(say)
  return value
}

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
  const { value, unit } = split(text, say)
  const known = Object.hasOwn(QUEUE_UNITS, unit) ? QUEUE_UNITS[unit] : undefined
  if (!known || value <= 0) throw new InvalidArgumentError(say)
  return { value: value * known[1], unit: known[0] }
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
