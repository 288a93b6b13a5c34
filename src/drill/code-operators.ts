import { Fault } from './code-error.js'
import { formatPercent } from './code-format.js'
import {
  checkInteger,
  checkLength,
  checkString,
  type Datum,
  integer,
  numeric,
  Sequence,
  typeName,
} from './code-values.js'

/** Python's operators on values, comparisons aside. They fault where Python raises TypeError and the like. */

export function unary(operator: string, value: Datum): Datum {
  const number = numeric(value)
  if (number !== undefined) {
    if (operator === '-') return -number
    if (operator === '+') return number
    if (operator === '~' && typeof number === 'bigint') return ~number
  }
  throw new Fault(`bad operand type for unary ${operator}: '${typeName(value)}'`)
}

export function binary(operator: string, a: Datum, b: Datum): Datum {
  if (operator === '%' && typeof a === 'string') return formatPercent(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') {
    if (operator === '&') return a && b
    if (operator === '|') return a || b
    if (operator === '^') return a !== b
  }
  const x = numeric(a)
  const y = numeric(b)
  if (x !== undefined && y !== undefined) {
    const result =
      typeof x === 'bigint' && typeof y === 'bigint'
        ? integers(operator, x, y)
        : floats(operator, toFloat(x), toFloat(y))
    if (result !== undefined) return result
  }
  const sequence = sequences(operator, a, b)
  if (sequence !== undefined) return sequence
  throw new Fault(`unsupported operand types for ${operator}: '${typeName(a)}' and '${typeName(b)}'`)
}

function integers(operator: string, x: bigint, y: bigint): Datum | undefined {
  switch (operator) {
    case '+':
      return checkInteger(x + y)
    case '-':
      return checkInteger(x - y)
    case '*':
      return checkInteger(x * y)
    case '/':
      return divide(x, y)
    case '//':
      return floorDivide(x, y)
    case '%':
      return x - floorDivide(x, y) * y
    case '**':
      return power(x, y)
    case '&':
      return x & y
    case '|':
      return x | y
    case '^':
      return x ^ y
    case '<<':
      return shiftLeft(x, y)
    case '>>':
      if (y < 0n) throw new Fault('negative shift count')
      return x >> y
    default:
      return undefined
  }
}

function floats(operator: string, x: number, y: number): Datum | undefined {
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    case '/':
      if (y === 0) throw new Fault('division by zero')
      return x / y
    case '//':
      return floatFloor(x, y)
    case '%':
      return floatModulo(x, y)
    case '**':
      return floatPower(x, y)
    default:
      return undefined
  }
}

function sequences(operator: string, a: Datum, b: Datum): Datum | undefined {
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') return checkString(a + b)
    if (a instanceof Sequence && b instanceof Sequence && a.shape === b.shape) {
      return new Sequence(a.shape, [...a.items, ...b.items])
    }
  }
  if (operator === '*') {
    const count = integer(a) ?? integer(b)
    const repeated = integer(a) === undefined ? a : b
    if (count !== undefined && (typeof repeated === 'string' || repeated instanceof Sequence)) {
      return repeat(repeated, count)
    }
  }
  return undefined
}

function repeat(value: string | Sequence, times: bigint): Datum {
  const count = times < 0n ? 0n : times
  if (BigInt.asIntN(64, times) !== times) throw new Fault("cannot fit 'int' into an index-sized integer")
  if (typeof value === 'string') {
    if (value === '') return ''
    return checkString(value.repeat(checkLength(count)))
  }
  const length = checkLength(BigInt(value.items.length) * count)
  const items = Array.from({ length }, (_, i) => value.items[i % value.items.length])
  return new Sequence(value.shape, items)
}

/** As a double. Faults where Python raises OverflowError. */
export function toFloat(value: bigint | number): number {
  const float = Number(value)
  if (typeof value === 'bigint' && !Number.isFinite(float))
    throw new Fault('int too large to convert to float')
  return float
}

/** x / y as the nearest double, also where neither has a double of its own. */
function divide(x: bigint, y: bigint): number {
  if (y === 0n) throw new Fault('division by zero')
  const float = Number(x) / Number(y)
  if (Number.isSafeInteger(Number(x)) && Number.isSafeInteger(Number(y))) return float
  // At least 64 bits of quotient, the last of them telling whether anything was cut off, round to the right double.
  const shift = BigInt(Math.max(0, 66 + bits(y) - bits(x)))
  const scaled = (x < 0n ? -x : x) << shift
  const divisor = y < 0n ? -y : y
  let quotient = scaled / divisor
  if (quotient * divisor !== scaled) quotient |= 1n
  const half = Number(shift / 2n)
  const size = (Number(quotient) / 2 ** half) * 2 ** -(Number(shift) - half)
  if (!Number.isFinite(size)) throw new Fault('integer division result too large for a float')
  return x < 0n === y < 0n ? size : -size
}

const bits = (value: bigint) => (value < 0n ? -value : value).toString(2).length

function floorDivide(x: bigint, y: bigint): bigint {
  if (y === 0n) throw new Fault('integer division or modulo by zero')
  const quotient = x / y
  return quotient * y !== x && x < 0n !== y < 0n ? quotient - 1n : quotient
}

function power(x: bigint, y: bigint): Datum {
  if (y < 0n) return floatPower(toFloat(x), toFloat(y))
  if (x === 0n || x === 1n) return y === 0n ? 1n : x
  if (x === -1n) return y % 2n === 0n ? 1n : -1n
  if (y * BigInt(bits(x) - 1) > 2048n) throw new Fault('an integer of more than 2048 bits')
  return checkInteger(x ** y)
}

function shiftLeft(x: bigint, y: bigint): bigint {
  if (y < 0n) throw new Fault('negative shift count')
  if (x === 0n) return 0n
  if (y > 2048n) throw new Fault('an integer of more than 2048 bits')
  return checkInteger(x << y)
}

/** The last digit may differ from Python's: neither language promises the nearest double. */
function floatPower(x: number, y: number): number {
  if (x === 0 && y < 0) throw new Fault('0.0 cannot be raised to a negative power')
  if (x < 0 && Number.isFinite(x) && Number.isFinite(y) && !Number.isInteger(y)) {
    throw new Fault('a complex number')
  }
  // C's pow, and so Python's, says 1 where JavaScript says NaN.
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1
  const result = x ** y
  if (!Number.isFinite(result) && Number.isFinite(x) && Number.isFinite(y)) {
    throw new Fault('result too large for a float')
  }
  return result
}

/** The remainder with the sign of the divisor. */
function floatModulo(x: number, y: number): number {
  if (y === 0) throw new Fault('float modulo by zero')
  const remainder = x % y
  if (remainder === 0) return y < 0 ? -0 : 0
  return remainder < 0 !== y < 0 ? remainder + y : remainder
}

function floatFloor(x: number, y: number): number {
  if (y === 0) throw new Fault('float floor division by zero')
  const quotient = (x - floatModulo(x, y)) / y
  if (quotient === 0) return x / y < 0 || Object.is(x / y, -0) ? -0 : 0
  // x less its remainder is a multiple of y up to rounding.
  const floor = Math.floor(quotient)
  return quotient - floor > 0.5 ? floor + 1 : floor
}
