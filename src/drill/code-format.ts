import { exponential, fixed, general, shortest } from './code-decimal.js'
import { Fault } from './code-error.js'
import {
  checkString,
  type Datum,
  integer,
  LONGEST_STRING,
  numeric,
  Sequence,
  typeName,
} from './code-values.js'

/** Values as text: str, repr, the % operator of strings, and the format specifications of f-strings. */

/** As Python's str(). */
export function text(value: Datum): string {
  return typeof value === 'string' ? value : repr(value)
}

/** As Python's repr(). */
export function repr(value: Datum): string {
  if (value === null) return 'None'
  if (value instanceof Sequence) {
    const items = value.items.map(repr).join(', ')
    if (value.shape === 'list') return checkString(`[${items}]`)
    return checkString(value.items.length === 1 ? `(${items},)` : `(${items})`)
  }
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False'
    case 'number':
      return shortest(value)
    case 'string':
      return quoted(value)
    default:
      return String(value)
  }
}

function quoted(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
  let out = ''
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0
    if (character === quote || character === '\\') out += `\\${character}`
    else if (character === '\n') out += '\\n'
    else if (character === '\r') out += '\\r'
    else if (character === '\t') out += '\\t'
    else if (code < 32 || (code >= 127 && code < 161)) out += `\\x${code.toString(16).padStart(2, '0')}`
    else out += character
  }
  return checkString(quote + out + quote)
}

interface Layout {
  readonly fill: string
  /** `=` pads between the sign and the digits. */
  readonly align: '<' | '>' | '^' | '='
  readonly width: number
}

function pad(body: string, { fill, align, width }: Layout): string {
  if (width > LONGEST_STRING) throw new Fault(`a width of more than ${LONGEST_STRING}`)
  const missing = width - [...body].length
  if (missing <= 0) return body
  if (align === '<') return body + fill.repeat(missing)
  if (align === '^') return fill.repeat(missing >> 1) + body + fill.repeat(missing - (missing >> 1))
  const head = align === '=' ? (/^[-+ ]?(0[xXob])?/.exec(body)?.[0] ?? '') : ''
  return head + fill.repeat(missing) + body.slice(head.length)
}

/** A number in one of the types d b o x X e E f F g G %, its sign first. `alternate` is the flag #. */
function number(
  value: bigint | number,
  type: string,
  precision: number | undefined,
  alternate: boolean,
): string {
  const lower = type.toLowerCase()
  if (typeof value === 'bigint' && 'dboxn'.includes(lower)) {
    const base = { b: 2, o: 8, x: 16 }[lower] ?? 10
    const digits = (value < 0n ? -value : value).toString(base).padStart(precision ?? 0, '0')
    const body = (alternate && base !== 10 ? `0${lower}` : '') + digits
    return (value < 0n ? '-' : '') + (type === 'X' ? body.toUpperCase() : body)
  }
  const float = Number(value)
  if (typeof value === 'bigint' && !Number.isFinite(float))
    throw new Fault('int too large to convert to float')
  if (alternate) throw new Fault('the flag # with a float is not supported', 'unsupported')
  const digits = precision ?? 6
  let body: string
  if (lower === 'e') body = exponential(float, digits)
  else if (lower === 'g') body = general(float, digits)
  else if (lower === '%') body = `${fixed(float * 100, digits)}%`
  else body = fixed(float, digits)
  return type === lower ? body : body.toUpperCase()
}

function signed(body: string, sign: string): string {
  return body.startsWith('-') || (sign !== '+' && sign !== ' ') ? body : sign + body
}

const CONVERSION =
  /%(?:\((?<key>[^)]*)\))?(?<flags>[-+ 0#]*)(?<width>\*|\d*)(?:\.(?<precision>\*|\d*))?[hlL]?(?<type>.?)/gsu

/** `format % values`, values being a tuple or the one value. */
export function formatPercent(format: string, values: Datum): string {
  const given = values instanceof Sequence && values.shape === 'tuple' ? values.items : [values]
  let used = 0
  const next = (): Datum => {
    if (used >= given.length) throw new Fault('not enough arguments for format string')
    return given[used++]
  }
  const out = format.replace(CONVERSION, (...match) => {
    const groups: Record<string, string | undefined> = match[match.length - 1]
    const { key, flags = '', width = '', precision, type = '' } = groups
    if (type === '%') return '%'
    if (type === '') throw new Fault('incomplete format')
    if (key !== undefined) throw new Fault('format requires a mapping')
    if (width === '*' || precision === '*')
      throw new Fault('a width taken from the values (*) is not supported', 'unsupported')
    return convert(
      type,
      flags,
      Number(width),
      precision === undefined ? undefined : Number(precision),
      next(),
    )
  })
  // Python lets a list that nothing was taken from pass, as it would a mapping.
  const ignored = values instanceof Sequence && values.shape === 'list'
  if (used < given.length && !ignored) throw new Fault('not all arguments converted during string formatting')
  return checkString(out)
}

function convert(
  type: string,
  flags: string,
  width: number,
  precision: number | undefined,
  value: Datum,
): string {
  const left = flags.includes('-')
  if (type === 's' || type === 'r' || type === 'a') {
    const body = type === 's' ? text(value) : repr(value)
    const cut = precision === undefined ? body : [...body].slice(0, precision).join('')
    return pad(cut, { fill: ' ', align: left ? '<' : '>', width })
  }
  if (type === 'c') {
    const body = typeof value === 'string' ? value : character(value)
    if ([...body].length !== 1) throw new Fault('%c requires int or char')
    return pad(body, { fill: ' ', align: left ? '<' : '>', width })
  }
  if (!'diuoxXeEfFgG'.includes(type)) throw new Fault(`unsupported format character '${type}'`)
  let given = numeric(value)
  if (given === undefined) throw new Fault(`%${type} format: a number is required, not ${typeName(value)}`)
  if ('diu'.includes(type) && typeof given === 'number') given = truncate(given)
  if ('oxX'.includes(type) && typeof given === 'number') {
    throw new Fault(`%${type} format: an integer is required, not float`)
  }
  if ((precision ?? 0) > LONGEST_STRING) throw new Fault(`a precision of more than ${LONGEST_STRING} digits`)
  const body = number(given, 'diu'.includes(type) ? 'd' : type, precision, flags.includes('#'))
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const zero = flags.includes('0') && !left
  return pad(signed(body, sign), { fill: zero ? '0' : ' ', align: left ? '<' : zero ? '=' : '>', width })
}

function character(value: Datum): string {
  const code = integer(value)
  if (code === undefined) throw new Fault('%c requires int or char')
  if (code < 0n || code > 0x10ffffn) throw new Fault('%c arg not in range(0x110000)')
  return String.fromCodePoint(Number(code))
}

/** int() of a float. */
export function truncate(value: number): bigint {
  if (!Number.isFinite(value)) throw new Fault('cannot convert float NaN or infinity to integer')
  return BigInt(Math.trunc(value))
}

const SPECIFICATION =
  /^(?:(?<fill>.)?(?<align>[<>^=]))?(?<sign>[-+ ])?(?<alternate>#)?(?<zero>0)?(?<width>\d*)(?<group>[,_])?(?:\.(?<precision>\d+))?(?<type>[a-zA-Z%])?$/su

/** As Python's format(value, specification). */
export function formatSpecification(value: Datum, specification: string): string {
  if (specification === '') return text(value)
  const groups = SPECIFICATION.exec(specification)?.groups
  if (!groups) throw new Fault(`invalid format specification '${specification}'`)
  if (groups['group'])
    throw new Fault('digit grouping in a format specification is not supported', 'unsupported')
  const precision = groups['precision'] === undefined ? undefined : Number(groups['precision'])
  const width = Number(groups['width'])
  const zero = groups['zero'] !== undefined
  const type = groups['type']
  const layout = (usual: '<' | '>'): Layout => ({
    fill: groups['fill'] ?? (zero ? '0' : ' '),
    align: (groups['align'] as Layout['align'] | undefined) ?? (zero && usual === '>' ? '=' : usual),
    width,
  })
  if (typeof value === 'string') {
    if ((type ?? 's') !== 's' || groups['sign'] || groups['alternate'] || groups['align'] === '=') {
      throw new Fault(`invalid format specification '${specification}' for a str`)
    }
    return pad(precision === undefined ? value : [...value].slice(0, precision).join(''), layout('<'))
  }
  const given = numeric(value)
  if (given === undefined) {
    throw new Fault(`format specification '${specification}' for a value of type ${typeName(value)}`)
  }
  const known = typeof given === 'bigint' ? 'dboxXeEfFgG%' : 'eEfFgG%'
  if (type !== undefined && !known.includes(type)) {
    throw new Fault(`unknown format code '${type}' for a value of type ${typeName(value)}`)
  }
  if (typeof given === 'bigint' && precision !== undefined && 'dboxX'.includes(type ?? 'd')) {
    throw new Fault('precision not allowed in integer format specification')
  }
  if (type === undefined && typeof given === 'number' && precision !== undefined) {
    throw new Fault('a precision without a type in a format specification is not supported', 'unsupported')
  }
  const body =
    type === undefined && typeof given === 'number'
      ? shortest(given)
      : number(given, type ?? 'd', precision, groups['alternate'] !== undefined)
  return checkString(pad(signed(body, groups['sign'] ?? ''), layout('>')))
}
