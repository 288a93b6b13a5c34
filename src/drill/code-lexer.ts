import { CodeError } from './code-error.js'

/** Tokens of a code block. `newline` ends a logical line; `indent` and `dedent` enclose the lines of a suite. */
export interface Token {
  readonly kind:
    | 'name'
    | 'integer'
    | 'float'
    | 'string'
    | 'formatted'
    | 'operator'
    | 'newline'
    | 'indent'
    | 'dedent'
    | 'end'
  /** The name, the operator, the digits, the characters of a string, or what is within the quotes of an f-string. */
  readonly text: string
  /** Where it is in the block: `source.slice(from, to)`. */
  readonly from: number
  readonly to: number
  /** From 0. */
  readonly line: number
}

const OPERATORS = [
  ...['**=', '//=', '<<=', '>>=', '...'],
  ...[
    '**',
    '//',
    '<<',
    '>>',
    '<=',
    '>=',
    '==',
    '!=',
    '+=',
    '-=',
    '*=',
    '/=',
    '%=',
    '&=',
    '|=',
    '^=',
    '->',
    ':=',
    '@=',
  ],
  ...[
    '+',
    '-',
    '*',
    '/',
    '%',
    '@',
    '&',
    '|',
    '^',
    '~',
    '<',
    '>',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '.',
    ';',
    '=',
  ],
]
const NAME = /[A-Za-z_][A-Za-z_0-9]*/y
const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|(?:\d(?:_?\d)*)?\.?(?:\d(?:_?\d)*)?(?:[eE][-+]?\d+)?/y
const ESCAPES: Record<string, string> = {
  ...{ n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' },
  ...{ '\\': '\\', "'": "'", '"': '"', '\n': '' },
}
const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' }
/** Digits of the longest integer literal: as long as the integers may be. */
const LONGEST_NUMBER = 600

/** Tokens of a block, whose lines end in \n. The last is `end`. */
export function tokenize(source: string): Token[] {
  return new Lexer(source).run()
}

class Lexer {
  private readonly tokens: Token[] = []
  private readonly indents = [0]
  private readonly open: string[] = []
  private at = 0
  private line = 0

  constructor(private readonly source: string) {}

  run(): Token[] {
    // packetdrill drops the white space before a block's first character.
    this.skip(/[ \t\f]*/y)
    let fresh = true
    let first = true
    while (this.at < this.source.length) {
      if (fresh && this.open.length === 0) {
        const width = first ? 0 : this.indentation()
        first = false
        if (width === undefined) continue
        this.indent(width)
        fresh = false
      }
      fresh = this.next()
    }
    if (this.open.length > 0) this.fail(`'${this.open.at(-1)}' was never closed`)
    if (this.tokens.length > 0 && this.tokens.at(-1)?.kind !== 'newline') this.push('newline', '', this.at)
    while (this.indents.length > 1) {
      this.indents.pop()
      this.push('dedent', '', this.at)
    }
    this.push('end', '', this.at)
    return this.tokens
  }

  private fail(message: string, kind: 'syntax' | 'unsupported' = 'syntax'): never {
    throw new CodeError(kind, message, this.line)
  }

  private push(kind: Token['kind'], text: string, from: number, line = this.line): void {
    this.tokens.push({ kind, text, from, to: this.at, line })
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at
    return pattern.exec(this.source)?.[0] ?? ''
  }

  private skip(pattern: RegExp): void {
    this.at += this.match(pattern).length
  }

  /** The width of the white space that begins a line; undefined, and skipped, if the line has nothing else. */
  private indentation(): number | undefined {
    const blank = this.match(/[ \t\f]*(?:#[^\n]*)?(?:\n|$)/y)
    if (blank !== '' || this.at >= this.source.length) {
      this.at += blank.length
      if (blank.endsWith('\n')) this.line++
      return undefined
    }
    const space = this.match(/[ \t\f]*/y)
    this.at += space.length
    let width = 0
    for (const character of space) width = character === '\t' ? (width | 7) + 1 : width + 1
    return width
  }

  private indent(width: number): void {
    const present = this.indents.at(-1) ?? 0
    if (width > present) {
      this.indents.push(width)
      this.push('indent', '', this.at)
      return
    }
    while ((this.indents.at(-1) ?? 0) > width) {
      this.indents.pop()
      this.push('dedent', '', this.at)
    }
    if (this.indents.at(-1) !== width) this.fail('unindent does not match any outer indentation level')
  }

  /** Reads one token, or what lies between two; true if a logical line ended. */
  private next(): boolean {
    const character = this.source[this.at]
    if (character === ' ' || character === '\t' || character === '\f') {
      this.at++
      return false
    }
    if (character === '#') {
      this.skip(/[^\n]*/y)
      return false
    }
    if (character === '\n') return this.newline()
    if (character === '\\') {
      if (this.source[this.at + 1] !== '\n')
        this.fail('unexpected character after line continuation character')
      this.at += 2
      this.line++
      return false
    }
    if (this.string()) return false
    const name = this.match(NAME)
    if (name !== '') {
      this.at += name.length
      this.push('name', name, this.at - name.length)
      return false
    }
    if (/[0-9]/.test(character) || (character === '.' && /[0-9]/.test(this.source[this.at + 1] ?? '')))
      this.number()
    else this.operator()
    return false
  }

  private newline(): boolean {
    this.at++
    const ends = this.open.length === 0
    if (ends && this.tokens.length > 0 && this.tokens.at(-1)?.kind !== 'newline') {
      this.push('newline', '', this.at - 1)
    }
    this.line++
    return ends
  }

  private number(): void {
    const from = this.at
    const digits = this.match(NUMBER)
    this.at += digits.length
    const after = this.match(/[A-Za-z_0-9.]+/y)
    if (/^[jJ]$/.test(after)) this.fail('complex number', 'unsupported')
    // `1if x else y` is Python, barely; a number that runs into a name is far more often a slip.
    if (after !== '') this.fail(`invalid number '${digits}${after}'`)
    const plain = digits.replaceAll('_', '')
    if (plain.length > LONGEST_NUMBER) this.fail(`a number of more than ${LONGEST_NUMBER} digits`)
    const whole = /^0[xXoObB]|^\d+$/.test(plain)
    if (whole && /^0\d*[1-9]/.test(plain))
      this.fail('leading zeros in decimal integer literals are not permitted')
    this.push(whole ? 'integer' : 'float', plain, from)
  }

  private operator(): void {
    const from = this.at
    const text = OPERATORS.find(operator => this.source.startsWith(operator, from))
    if (text === undefined)
      this.fail(
        `invalid character ${JSON.stringify(String.fromCodePoint(this.source.codePointAt(from) ?? 0))}`,
      )
    if (CLOSING[text]) {
      if (this.open.length >= 100) this.fail('too many nested parentheses')
      this.open.push(text)
    } else if (')]}'.includes(text)) {
      const opened = this.open.pop()
      if (opened === undefined) this.fail(`unmatched '${text}'`)
      if (CLOSING[opened] !== text) this.fail(`closing parenthesis '${text}' does not match '${opened}'`)
    }
    this.at += text.length
    this.push('operator', text, from)
  }

  private string(): boolean {
    const opening = this.match(/[A-Za-z]{0,2}(?:'''|"""|'|")/y)
    const parts = /^([A-Za-z]*)(.+)$/.exec(opening)
    if (!parts) return false
    const prefix = parts[1].toLowerCase()
    const quote = parts[2]
    if (!['', 'r', 'u', 'f', 'fr', 'rf'].includes(prefix)) {
      if (['b', 'br', 'rb'].includes(prefix)) this.fail('bytes', 'unsupported')
      this.fail(`invalid string prefix '${prefix}'`)
    }
    const from = this.at
    const line = this.line
    this.at += opening.length
    const raw = prefix.includes('r')
    let value = ''
    while (!this.source.startsWith(quote, this.at)) {
      const character = this.source[this.at]
      if (character === undefined || (character === '\n' && quote.length === 1)) {
        throw new CodeError('syntax', 'unterminated string literal', line)
      }
      if (character === '\n') this.line++
      if (character === '\\') value += this.escape(raw)
      else {
        value += character
        this.at++
      }
    }
    this.at += quote.length
    this.push(prefix.includes('f') ? 'formatted' : 'string', value, from, line)
    return true
  }

  private escape(raw: boolean): string {
    const next = this.source[this.at + 1]
    if (next === undefined) this.fail('unterminated string literal')
    if (next === '\n') this.line++
    const coded = this.match(/\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{1,3})/y)
    if (coded !== '' && !raw) {
      this.at += coded.length
      const octal = /[0-7]/.test(coded[1])
      return String.fromCharCode(Number.parseInt(coded.slice(octal ? 1 : 2), octal ? 8 : 16))
    }
    if (!raw && (next === 'x' || next === 'u')) this.fail(`truncated \\${next} escape`)
    if (!raw && (next === 'N' || next === 'U')) this.fail(`escape \\${next}`, 'unsupported')
    this.at += 2
    return raw ? `\\${next}` : (ESCAPES[next] ?? `\\${next}`)
  }
}
