import { Fault } from './code-error.js'

/**
 * What a block can see and hold. A number with a whole value is an integer, any other a float; an integer beyond
 * 2^53 must come as a bigint to be exact. An array is a tuple. Booleans count as 0 and 1, as in Python.
 */
export type Value = number | bigint | string | boolean | null | readonly Value[]

/**
 * Values as Python has them. Integers are bigint, so that counters of 64 bits are exact; numbers are floats.
 * Integers, strings and sequences have a largest size, so that no short block can do unbounded work.
 */
export type Datum = bigint | number | string | boolean | null | Sequence

const LARGEST_INTEGER = 2n ** 2048n
export const LONGEST_STRING = 100_000
/** Of all values of a sequence together, those of the sequences in it included. */
const LARGEST_SEQUENCE = 10_000
const DEEPEST_SEQUENCE = 50

/** A tuple or a list. */
export class Sequence {
  /** Values in it, at every depth, and itself. */
  readonly size: number
  private readonly depth: number

  constructor(
    readonly shape: 'tuple' | 'list',
    readonly items: readonly Datum[],
  ) {
    let size = 1
    let depth = 1
    for (const item of items) {
      size += item instanceof Sequence ? item.size : 1
      if (item instanceof Sequence) depth = Math.max(depth, item.depth + 1)
    }
    if (size > LARGEST_SEQUENCE) throw new Fault(`a ${shape} of more than ${LARGEST_SEQUENCE} values`)
    if (depth > DEEPEST_SEQUENCE) throw new Fault(`a ${shape} nested more than ${DEEPEST_SEQUENCE} deep`)
    this.size = size
    this.depth = depth
  }
}

/** How many items a sequence may be asked to have before it is made. */
export function checkLength(length: bigint | number): number {
  if (length > LARGEST_SEQUENCE) throw new Fault(`a sequence of more than ${LARGEST_SEQUENCE} values`)
  return Number(length)
}

export function checkInteger(value: bigint): bigint {
  if (value > LARGEST_INTEGER || value < -LARGEST_INTEGER)
    throw new Fault('an integer of more than 2048 bits')
  return value
}

export function checkString(value: string): string {
  if (value.length > LONGEST_STRING) throw new Fault(`a string of more than ${LONGEST_STRING} characters`)
  return value
}

/** Python's name of a value's type, for messages. */
export function typeName(value: Datum): string {
  if (value === null) return 'NoneType'
  if (value instanceof Sequence) return value.shape
  switch (typeof value) {
    case 'bigint':
      return 'int'
    case 'number':
      return 'float'
    case 'string':
      return 'str'
    default:
      return 'bool'
  }
}

export function truth(value: Datum): boolean {
  if (value instanceof Sequence) return value.items.length > 0
  // Of a float, NaN is true in Python.
  if (typeof value === 'number') return value !== 0
  return Boolean(value)
}

/** The value as a number: bigint or float; undefined if it is none. A bool is the integer 0 or 1. */
export function numeric(value: Datum): bigint | number | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined
}

/** The value as an integer; undefined for anything else, a float with a whole value included. */
export function integer(value: Datum): bigint | undefined {
  const number = numeric(value)
  return typeof number === 'bigint' ? number : undefined
}

export function equal(a: Datum, b: Datum): boolean {
  const x = numeric(a)
  const y = numeric(b)
  // JavaScript's == of a bigint and a number compares their exact values, as Python does.
  // biome-ignore lint/suspicious/noDoubleEquals: see above
  if (x !== undefined && y !== undefined) return x == y
  if (a instanceof Sequence && b instanceof Sequence) {
    if (a.shape !== b.shape || a.items.length !== b.items.length) return false
    return a.items.every((item, i) => equal(item, b.items[i]))
  }
  return a === b
}

/** Negative if a < b, positive if a > b, 0 if equal, NaN if unordered (a NaN). Faults where Python raises TypeError. */
export function order(a: Datum, b: Datum, symbol: string): number {
  const x = numeric(a)
  const y = numeric(b)
  if (x !== undefined && y !== undefined) {
    if (x < y) return -1
    // biome-ignore lint/suspicious/noDoubleEquals: exact for a bigint and a number
    return x > y ? 1 : x == y ? 0 : Number.NaN
  }
  if (typeof a === 'string' && typeof b === 'string') return byCodePoint(a, b)
  if (a instanceof Sequence && b instanceof Sequence && a.shape === b.shape) {
    const shorter = Math.min(a.items.length, b.items.length)
    for (let i = 0; i < shorter; i++) {
      if (!equal(a.items[i], b.items[i])) return order(a.items[i], b.items[i], symbol)
    }
    return a.items.length - b.items.length
  }
  throw new Fault(`'${symbol}' not supported between '${typeName(a)}' and '${typeName(b)}'`)
}

/** Python orders strings by code point, JavaScript by UTF-16 unit. */
function byCodePoint(a: string, b: string): number {
  const x = [...a]
  const y = [...b]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (x[i] !== y[i]) return (x[i].codePointAt(0) ?? 0) - (y[i].codePointAt(0) ?? 0)
  }
  return x.length - y.length
}

/** How many units of work it takes to walk through a value. */
export function weight(value: Datum): number {
  if (value instanceof Sequence) return value.size
  return typeof value === 'string' ? 1 + (value.length >> 6) : 1
}
