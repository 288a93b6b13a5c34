/** A script that cannot be read, and where. */
export class ScriptSyntaxError extends Error {
  override readonly name = 'ScriptSyntaxError'
  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(message)
  }
}

/** White space, `// …` to the end of the line, and C comments. */
const BLANK = /(?:[ \t\r\n\f\v]+|\/\/[^\n]*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)+/y
const NUMBER = /\d+(?:\.(?!\.)\d*)?|\.(?!\.)\d+/y
const HEX = /0[xX][0-9a-fA-F]+/y
const INTEGER = /\d+/y
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y

/** Characters of a script, taken from the front; comments and white space between tokens are passed over. */
export class Scanner {
  at = 0
  /** Where lines were last counted, and how many there were before it. */
  private countedTo = 0
  private lines = 0

  private depth = 0

  constructor(readonly text: string) {}

  /** Reads something that may hold more of its own kind; nesting is bounded, for whoever means harm. */
  nested<T>(read: () => T): T {
    if (++this.depth > 64) throw this.error('this is nested too deeply')
    const result = read()
    this.depth--
    return result
  }

  get done(): boolean {
    this.blank()
    return this.at >= this.text.length
  }

  /** The line of the next token, from 1. */
  get line(): number {
    this.blank()
    return this.lineOf(this.at)
  }

  private lineOf(at: number): number {
    if (at < this.countedTo) this.countedTo = this.lines = 0
    for (let i = this.countedTo; i < at; i++) if (this.text.charCodeAt(i) === 10) this.lines++
    this.countedTo = at
    return this.lines + 1
  }

  /** An error at the next token. */
  error(message: string): ScriptSyntaxError {
    this.blank()
    const column = this.at - this.text.lastIndexOf('\n', this.at - 1)
    return new ScriptSyntaxError(message, this.lineOf(this.at), column)
  }

  /** An error at a token that was taken already. */
  errorAt(start: number, message: string): ScriptSyntaxError {
    this.at = start
    return this.error(message)
  }

  /** "expected …, found …" at the next token. */
  expected(what: string): ScriptSyntaxError {
    this.blank()
    const rest = this.text.slice(this.at)
    const found = /^(?:[A-Za-z0-9_]+|.)/.exec(rest)?.[0]
    return this.error(`expected ${what}, found ${found === undefined ? 'the end' : JSON.stringify(found)}`)
  }

  private blank(): void {
    BLANK.lastIndex = this.at
    if (BLANK.test(this.text)) this.at = BLANK.lastIndex
    if (this.text.startsWith('/*', this.at)) {
      const column = this.at - this.text.lastIndexOf('\n', this.at - 1)
      throw new ScriptSyntaxError('this comment does not end', this.lineOf(this.at), column)
    }
  }

  private match(pattern: RegExp): string | undefined {
    this.blank()
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (!found) return undefined
    this.at = pattern.lastIndex
    return found[0]
  }

  /** True if `text` is next. */
  sees(text: string): boolean {
    this.blank()
    return this.text.startsWith(text, this.at)
  }

  /** Takes `text` if it is next. */
  take(text: string): boolean {
    if (!this.sees(text)) return false
    this.at += text.length
    return true
  }

  need(text: string): void {
    if (!this.take(text)) throw this.expected(JSON.stringify(text))
  }

  /** The next word, without taking it. */
  peekWord(): string | undefined {
    const { at } = this
    const word = this.word()
    this.at = at
    return word
  }

  word(): string | undefined {
    return this.match(WORD)
  }

  /** Takes this very word, if it is next. */
  takeWord(word: string): boolean {
    if (this.peekWord() !== word) return false
    this.word()
    return true
  }

  /** Whatever matches, for tokens that follow no common rule. `pattern` must be sticky. */
  pattern(pattern: RegExp): string | undefined {
    return this.match(pattern)
  }

  /** A non-negative decimal or hexadecimal integer. */
  integer(what: string, most = Number.MAX_SAFE_INTEGER): number {
    const start = this.at
    const text = this.match(HEX) ?? this.match(INTEGER)
    if (text === undefined) throw this.expected(what)
    const value = Number(text)
    if (value > most) {
      this.at = start
      throw this.error(`${what} ${text} is more than ${most}`)
    }
    return value
  }

  get seesDigit(): boolean {
    this.blank()
    const c = this.text.charCodeAt(this.at)
    return c >= 48 && c <= 57
  }

  /** Seconds, as microseconds; undefined if no number is next. */
  seconds(): number | undefined {
    const text = this.match(NUMBER)
    return text === undefined ? undefined : Math.round(Number(text) * 1e6)
  }

  /** What lies between two delimiters, the first of which is next. */
  between(open: string, close: string, what: string): string {
    const opened = this.error(`this ${what} does not end`)
    this.need(open)
    const end = this.text.indexOf(close, this.at)
    if (end < 0) throw opened
    const inside = this.text.slice(this.at, end)
    this.at = end + close.length
    return inside
  }
}
