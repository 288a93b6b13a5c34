import { Fault } from './code-error.js'

/** Floats in decimal as Python writes them, exactly rounded, half to even. */

const MOST_DIGITS = 400

/** |x| * 10^digits as the nearest integer, half to even; x is finite. */
function scaled(x: number, digits: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(x))
  const word = view.getBigUint64(0)
  const biased = Number(word >> 52n)
  const fraction = word & ((1n << 52n) - 1n)
  const exponent = (biased || 1) - 1075
  let numerator = biased === 0 ? fraction : fraction | (1n << 52n)
  let denominator = 1n
  if (exponent > 0) numerator <<= BigInt(exponent)
  else denominator <<= BigInt(-exponent)
  if (digits > 0) numerator *= 10n ** BigInt(digits)
  else denominator *= 10n ** BigInt(-digits)
  const quotient = numerator / denominator
  const twice = 2n * (numerator - quotient * denominator)
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n)
  return up ? quotient + 1n : quotient
}

const negative = (x: number) => x < 0 || Object.is(x, -0)

function special(x: number): string | undefined {
  if (Number.isNaN(x)) return 'nan'
  if (!Number.isFinite(x)) return x < 0 ? '-inf' : 'inf'
  return undefined
}

function checkDigits(digits: number): void {
  if (digits > MOST_DIGITS) throw new Fault(`a precision of more than ${MOST_DIGITS} digits`)
}

/** As C's %.<digits>f. */
export function fixed(x: number, digits: number): string {
  checkDigits(digits)
  const text = special(x)
  if (text !== undefined) return text
  const all = String(scaled(x, digits)).padStart(digits + 1, '0')
  const whole = all.slice(0, all.length - digits)
  const fraction = digits > 0 ? `.${all.slice(all.length - digits)}` : ''
  return (negative(x) ? '-' : '') + whole + fraction
}

/** The `count` leading decimal digits of a finite x, rounded, and the power of ten of the first of them. */
function leading(x: number, count: number): { digits: string; exponent: number } {
  if (x === 0) return { digits: '0'.repeat(count), exponent: 0 }
  let exponent = Number(x.toExponential().split('e')[1])
  // The shortest form may have been rounded up to the next power of ten, and so may the result.
  if (String(scaled(x, count - 1 - exponent)).length < count) exponent--
  let digits = String(scaled(x, count - 1 - exponent))
  if (digits.length > count) {
    exponent++
    digits = digits.slice(0, count)
  }
  return { digits, exponent }
}

const exponentText = (exponent: number) =>
  `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`

/** As C's %.<digits>e. */
export function exponential(x: number, digits: number): string {
  checkDigits(digits)
  const text = special(x)
  if (text !== undefined) return text
  const lead = leading(x, digits + 1)
  const fraction = digits > 0 ? `.${lead.digits.slice(1)}` : ''
  return (negative(x) ? '-' : '') + lead.digits[0] + fraction + exponentText(lead.exponent)
}

/** As C's %.<precision>g. */
export function general(x: number, precision: number): string {
  checkDigits(precision)
  const text = special(x)
  if (text !== undefined) return text
  const count = precision || 1
  const { exponent } = leading(x, count)
  if (exponent >= -4 && exponent < count) return withoutZeros(fixed(x, count - 1 - exponent))
  const [digits, power] = exponential(x, count - 1).split('e')
  return `${withoutZeros(digits)}e${power}`
}

const withoutZeros = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

/** As Python's repr of a float: the fewest digits that give the same double. */
export function shortest(x: number): string {
  const text = special(x)
  if (text !== undefined) return text
  const [digits, power] = Math.abs(x).toExponential().split('e')
  const exponent = Number(power)
  const sign = negative(x) ? '-' : ''
  if (x !== 0 && (exponent < -4 || exponent >= 16)) return sign + digits + exponentText(exponent)
  const plain = digits.replace('.', '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${plain}`
  const whole = plain.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${plain.slice(exponent + 1) || '0'}`
}

/** round(x, digits): the double nearest to x rounded to that many decimals, half to even; digits may be negative. */
export function roundDecimal(x: number, digits: number): number {
  if (!Number.isFinite(x) || digits > 330) return x
  if (digits < -330) return negative(x) ? -0 : 0
  const rounded = Number(`${scaled(x, digits)}e${-digits}`)
  return negative(x) ? -rounded : rounded
}

/** round(x): the nearest integer, half to even; x is finite. */
export function roundInteger(x: number): bigint {
  return x < 0 ? -scaled(x, 0) : scaled(x, 0)
}
