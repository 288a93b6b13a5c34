import { roundDecimal, roundInteger } from './code-decimal.js'
import { Fault } from './code-error.js'
import { repr, text, truncate } from './code-format.js'
import { binary, toFloat } from './code-operators.js'
import {
  checkInteger,
  checkLength,
  type Datum,
  integer,
  numeric,
  order,
  Sequence,
  truth,
  typeName,
} from './code-values.js'

/** Of an integer that is read from a string. */
const LONGEST_DIGITS = 100

interface Builtin {
  readonly least: number
  readonly most: number
  readonly call: (args: readonly Datum[]) => Datum
}

/** The functions that blocks may call. `print` is the evaluator's own. */
export const BUILTINS: Readonly<Record<string, Builtin>> = {
  print: { least: 0, most: Number.POSITIVE_INFINITY, call: () => null },
  abs: { least: 1, most: 1, call: ([x]) => absolute(x) },
  all: { least: 1, most: 1, call: ([x]) => elements(x).every(truth) },
  any: { least: 1, most: 1, call: ([x]) => elements(x).some(truth) },
  bool: { least: 0, most: 1, call: ([x = false]) => truth(x) },
  float: { least: 0, most: 1, call: ([x = 0]) => toFloatValue(x) },
  hex: { least: 1, most: 1, call: ([x]) => hexadecimal(x) },
  int: { least: 0, most: 2, call: ([x = 0n, base]) => toInteger(x, base) },
  len: { least: 1, most: 1, call: ([x]) => BigInt(elements(x).length) },
  list: { least: 0, most: 1, call: ([x = '']) => new Sequence('list', elements(x)) },
  max: { least: 1, most: Number.POSITIVE_INFINITY, call: args => extreme('max', args) },
  min: { least: 1, most: Number.POSITIVE_INFINITY, call: args => extreme('min', args) },
  pow: { least: 2, most: 2, call: ([x, y]) => binary('**', x, y) },
  range: { least: 1, most: 3, call: args => range(args) },
  repr: { least: 1, most: 1, call: ([x]) => repr(x) },
  round: { least: 1, most: 2, call: ([x, digits = null]) => round(x, digits) },
  str: { least: 0, most: 1, call: ([x = '']) => text(x) },
  sum: { least: 1, most: 2, call: ([x, start = 0n]) => sum(x, start) },
  tuple: { least: 0, most: 1, call: ([x = '']) => new Sequence('tuple', elements(x)) },
}

export function call(name: string, args: readonly Datum[]): Datum {
  const { least, most, call } = BUILTINS[name]
  if (args.length < least || args.length > most) {
    throw new Fault(
      `${name}() takes ${least === most ? least : `${least} to ${most}`} arguments, not ${args.length}`,
    )
  }
  return call(args)
}

/** What a loop over the value goes through. */
export function elements(value: Datum): readonly Datum[] {
  if (value instanceof Sequence) return value.items
  if (typeof value === 'string') return [...value]
  throw new Fault(`'${typeName(value)}' object is not iterable`)
}

function number(value: Datum, name: string): bigint | number {
  const given = numeric(value)
  if (given === undefined) throw new Fault(`bad operand type for ${name}(): '${typeName(value)}'`)
  return given
}

function wholeNumber(value: Datum): bigint {
  const given = integer(value)
  if (given === undefined) throw new Fault(`'${typeName(value)}' object cannot be interpreted as an integer`)
  return given
}

function absolute(value: Datum): Datum {
  const given = number(value, 'abs')
  if (typeof given === 'number') return Math.abs(given)
  return given < 0n ? -given : given
}

function toFloatValue(value: Datum): number {
  if (typeof value !== 'string') return toFloat(number(value, 'float'))
  const body = value.trim().toLowerCase()
  const special = /^([-+]?)(inf|infinity|nan)$/.exec(body)
  if (special) return special[2] === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(body)) {
    throw new Fault(`could not convert string to float: ${repr(value)}`)
  }
  return Number(body)
}

function hexadecimal(value: Datum): string {
  const given = wholeNumber(value)
  return given < 0n ? `-0x${(-given).toString(16)}` : `0x${given.toString(16)}`
}

function toInteger(value: Datum, base: Datum | undefined): bigint {
  if (typeof value === 'string')
    return parseInteger(value, base === undefined ? 10 : Number(wholeNumber(base)))
  if (base !== undefined) throw new Fault("int() can't convert non-string with explicit base")
  const given = number(value, 'int')
  return typeof given === 'bigint' ? given : checkInteger(truncate(given))
}

function parseInteger(value: string, base: number): bigint {
  if (base !== 0 && (base < 2 || base > 36)) throw new Fault('int() base must be >= 2 and <= 36, or 0')
  const wrong = () => new Fault(`invalid literal for int() with base ${base}: ${repr(value)}`)
  const parts = /^([-+]?)(0[xXoObB])?([0-9a-zA-Z]+)$/.exec(value.trim())
  if (!parts) throw wrong()
  const [, sign, prefix = '', rest] = parts
  const named = { x: 16, o: 8, b: 2 }[prefix[1]?.toLowerCase() ?? '']
  const radix = base || named || 10
  // Where the prefix is not of this base, it is digits: int('0b1', 16).
  const digits = named === radix ? rest : prefix + rest
  if (base === 0 && !named && /^0+[1-9]/.test(digits)) throw wrong()
  if (digits.length > LONGEST_DIGITS) throw new Fault(`a number of more than ${LONGEST_DIGITS} digits`)
  let result = 0n
  for (const character of digits) {
    const digit = Number.parseInt(character, 36)
    if (!(digit < radix)) throw wrong()
    result = result * BigInt(radix) + BigInt(digit)
  }
  return sign === '-' ? -result : result
}

function extreme(name: 'max' | 'min', args: readonly Datum[]): Datum {
  const items = args.length === 1 ? elements(args[0]) : args
  if (items.length === 0) throw new Fault(`${name}() arg is an empty sequence`)
  let best = items[0]
  for (const item of items.slice(1)) {
    if (name === 'max' ? order(item, best, '>') > 0 : order(item, best, '<') < 0) best = item
  }
  return best
}

function range(args: readonly Datum[]): Sequence {
  const numbers = args.map(wholeNumber)
  const [start, stop] = numbers.length === 1 ? [0n, numbers[0]] : numbers
  const step = numbers[2] ?? 1n
  if (step === 0n) throw new Fault('range() arg 3 must not be zero')
  const distance = step > 0n ? stop - start : start - stop
  const size = step > 0n ? step : -step
  const length = checkLength(distance <= 0n ? 0n : (distance + size - 1n) / size)
  return new Sequence(
    'list',
    Array.from({ length }, (_, i) => start + BigInt(i) * step),
  )
}

function round(value: Datum, digits: Datum): Datum {
  const given = number(value, 'round')
  if (digits === null) {
    if (typeof given === 'bigint') return given
    if (!Number.isFinite(given)) throw new Fault('cannot convert float NaN or infinity to integer')
    return roundInteger(given)
  }
  const places = wholeNumber(digits)
  const limited = places > 400n ? 400 : places < -2100n ? -2100 : Number(places)
  return typeof given === 'number' ? roundDecimal(given, limited) : roundTens(given, limited)
}

/** An integer to a multiple of 10^-digits, half to even. */
function roundTens(value: bigint, digits: number): bigint {
  if (digits >= 0) return value
  const unit = 10n ** BigInt(-digits)
  const size = value < 0n ? -value : value
  const quotient = size / unit
  const twice = 2n * (size % unit)
  const up = twice > unit || (twice === unit && quotient % 2n === 1n)
  const rounded = (up ? quotient + 1n : quotient) * unit
  return checkInteger(value < 0n ? -rounded : rounded)
}

function sum(value: Datum, start: Datum): Datum {
  if (typeof start === 'string') throw new Fault("sum() can't sum strings")
  if (start instanceof Sequence) throw new Fault('sum() of sequences is not supported', 'unsupported')
  return elements(value).reduce((total, item) => binary('+', total, item), start)
}
