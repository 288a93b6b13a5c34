import { BUILTINS } from './code-builtins.js'
import { CodeError } from './code-error.js'
import { type Token, tokenize } from './code-lexer.js'
import type { Comparison, Expression, Replacement } from './code-syntax.js'

/** Levels of an expression. Evaluation and parsing recurse, and the stack is not endless. */
const DEEPEST = 200

/** How tightly binary operators bind. Comparisons form chains; `**` binds to the right. */
const POWER: Record<string, number> = {
  ...{ or: 1, and: 2 },
  ...{ '<': 4, '>': 4, '<=': 4, '>=': 4, '==': 4, '!=': 4, in: 4, 'not in': 4, is: 4, 'is not': 4 },
  ...{ '|': 5, '^': 6, '&': 7, '<<': 8, '>>': 8, '+': 9, '-': 9 },
  ...{ '*': 10, '/': 10, '//': 10, '%': 10, '@': 10, '**': 12 },
}
const NOT = 3
const COMPARISON = 4
const UNARY = 11

/** Words that cannot be names. */
const KEYWORDS = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from
  global if import in is lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
)

/** An expression before its depth is known. */
type Bare = Expression extends infer E ? (E extends Expression ? Omit<E, 'depth' | 'line'> : never) : never

/** Parses expressions; statements are in the class that extends it. */
export class ExpressionParser {
  protected at = 0
  private nested = 0
  /** Names that were read since it was last emptied, in order. */
  protected names: string[] = []

  constructor(
    protected readonly source: string,
    protected readonly tokens: readonly Token[],
  ) {}

  protected get token(): Token {
    return this.tokens[this.at]
  }

  protected fail(message: string, token = this.token): never {
    throw new CodeError('syntax', message, token.line)
  }

  protected unsupported(what: string, token = this.token): never {
    throw new CodeError('unsupported', `${what} is not supported`, token.line)
  }

  protected unexpected(): never {
    const { kind, text } = this.token
    if (kind === 'newline' || kind === 'end') this.fail('the line ends too early')
    if (kind === 'indent') this.fail('unexpected indent')
    if (kind === 'dedent') this.fail('unexpected unindent')
    this.fail(`unexpected ${kind === 'operator' || kind === 'name' ? `'${text}'` : kind}`)
  }

  protected is(kind: Token['kind']): boolean {
    return this.token.kind === kind
  }

  protected isWord(text: string): boolean {
    return this.token.kind === 'name' && this.token.text === text
  }

  protected isOperator(text: string): boolean {
    return this.token.kind === 'operator' && this.token.text === text
  }

  protected takeOperator(text: string): boolean {
    if (!this.isOperator(text)) return false
    this.at++
    return true
  }

  protected expectOperator(text: string): void {
    if (!this.takeOperator(text)) this.fail(`expected '${text}'`)
  }

  /** One or more expressions with commas between: a tuple unless it is one without a comma. */
  protected expressionList(): Expression {
    const { line } = this.token
    const first = this.expression()
    if (!this.isOperator(',')) return first
    const items = [first]
    while (this.takeOperator(',') && this.beginsExpression()) items.push(this.expression())
    return this.make({ kind: 'sequence', shape: 'tuple', items }, line, items)
  }

  protected expression(): Expression {
    if (this.isWord('lambda')) this.unsupported('lambda')
    const { line } = this.token
    const yes = this.operation(1)
    if (this.isOperator(':=')) this.unsupported("assignment within an expression (':=')")
    if (!this.isWord('if')) return yes
    this.at++
    const test = this.operation(1)
    if (!this.isWord('else')) this.fail("expected 'else'")
    this.at++
    const no = this.deeper(() => this.expression())
    return this.make({ kind: 'choice', test, yes, no }, line, [test, yes, no])
  }

  protected beginsExpression(): boolean {
    const { kind, text } = this.token
    if (kind === 'name')
      return !KEYWORDS.has(text) || ['True', 'False', 'None', 'not', 'lambda'].includes(text)
    if (kind === 'operator') return ['(', '[', '{', '-', '+', '~'].includes(text)
    return kind === 'integer' || kind === 'float' || kind === 'string' || kind === 'formatted'
  }

  private make(bare: Bare, line: number, parts: readonly Expression[]): Expression {
    let depth = 1
    for (const part of parts) depth = Math.max(depth, part.depth + 1)
    if (depth > DEEPEST) throw new CodeError('syntax', 'an expression nested too deeply', line)
    return { ...bare, line, depth } as Expression
  }

  private deeper<T>(parse: () => T): T {
    if (++this.nested > DEEPEST) this.fail('an expression nested too deeply')
    const result = parse()
    this.nested--
    return result
  }

  /** The binary operator at the cursor; `not in` and `is not` are two tokens. */
  private binaryOperator(): { operator: string; tokens: number } | undefined {
    const { kind, text } = this.token
    if (kind === 'operator') return text in POWER ? { operator: text, tokens: 1 } : undefined
    if (kind !== 'name') return undefined
    const next = this.tokens[this.at + 1]
    const word = next.kind === 'name' ? next.text : ''
    if (text === 'not' && word === 'in') return { operator: 'not in', tokens: 2 }
    if (text === 'is' && word === 'not') return { operator: 'is not', tokens: 2 }
    return ['or', 'and', 'in', 'is'].includes(text) ? { operator: text, tokens: 1 } : undefined
  }

  /** Operands and the operators between them that bind at least as tightly as `least`. */
  private operation(least: number): Expression {
    const { line } = this.token
    let left = this.deeper(() => this.prefix(least))
    for (;;) {
      const found = this.binaryOperator()
      if (!found || POWER[found.operator] < least) return left
      const { operator, tokens } = found
      const power = POWER[operator]
      if (power === COMPARISON) {
        left = this.comparison(left, line)
        continue
      }
      if (operator === '@') this.unsupported("the operator '@'")
      this.at += tokens
      const right = this.deeper(() => this.operation(operator === '**' ? UNARY : power + 1))
      if (operator === 'and' || operator === 'or') {
        left = this.make({ kind: 'logical', operator, left, right }, line, [left, right])
      } else left = this.make({ kind: 'binary', operator, left, right }, line, [left, right])
    }
  }

  private comparison(first: Expression, line: number): Expression {
    const rest: Comparison[] = []
    for (;;) {
      const found = this.binaryOperator()
      if (!found || POWER[found.operator] !== COMPARISON) break
      this.at += found.tokens
      const operand = this.deeper(() => this.operation(COMPARISON + 1))
      rest.push({ operator: found.operator, operand })
    }
    return this.make({ kind: 'compare', first, rest }, line, [first, ...rest.map(({ operand }) => operand)])
  }

  private prefix(least: number): Expression {
    const { line, kind, text } = this.token
    if (this.isWord('not')) {
      if (least > NOT) this.unexpected()
      this.at++
      const operand = this.operation(NOT)
      return this.make({ kind: 'not', operand }, line, [operand])
    }
    if (kind === 'operator' && (text === '-' || text === '+' || text === '~')) {
      this.at++
      const operand = this.operation(UNARY)
      return this.make({ kind: 'unary', operator: text, operand }, line, [operand])
    }
    return this.trailers(this.atom())
  }

  private trailers(atom: Expression): Expression {
    let result = atom
    for (;;) {
      if (this.isOperator('(')) this.unsupported('a call of something that is not a name')
      if (this.isOperator('.')) this.unsupported(`the attribute '.${this.tokens[this.at + 1].text}'`)
      if (!this.takeOperator('[')) return result
      if (this.isOperator(':')) this.unsupported('a slice')
      const index = this.deeper(() => this.expressionList())
      if (this.isOperator(':')) this.unsupported('a slice')
      this.expectOperator(']')
      result = this.make({ kind: 'index', target: result, index }, atom.line, [result, index])
    }
  }

  private atom(): Expression {
    const { kind, text, line } = this.token
    switch (kind) {
      case 'integer':
        this.at++
        return this.make({ kind: 'constant', value: BigInt(text) }, line, [])
      case 'float':
        this.at++
        return this.make({ kind: 'constant', value: Number(text) }, line, [])
      case 'string':
      case 'formatted':
        return this.strings()
      case 'name':
        return this.name()
      case 'operator':
        if (text === '(' || text === '[') return this.deeper(() => this.enclosed())
        if (text === '{') this.unsupported('a dictionary or set')
        if (text === '*' || text === '**') this.unsupported(`unpacking with '${text}'`)
        if (text === '...') this.unsupported("'...'")
        return this.unexpected()
      default:
        return this.unexpected()
    }
  }

  private name(): Expression {
    const { text, line } = this.token
    const constants: Record<string, boolean | null> = { True: true, False: false, None: null }
    if (Object.hasOwn(constants, text)) {
      this.at++
      return this.make({ kind: 'constant', value: constants[text] }, line, [])
    }
    if (['lambda', 'await', 'yield'].includes(text)) this.unsupported(text)
    if (KEYWORDS.has(text)) this.unexpected()
    this.at++
    if (this.isOperator('(')) return this.call(text, line)
    if (this.isOperator('.')) this.unsupported(`the attribute '${text}.${this.tokens[this.at + 1].text}'`)
    this.names.push(text)
    return this.make({ kind: 'name', name: text }, line, [])
  }

  private call(name: string, line: number): Expression {
    const token = this.tokens[this.at - 1]
    if (!Object.hasOwn(BUILTINS, name)) this.unsupported(`a call of ${name}()`, token)
    this.at++
    const items: Expression[] = []
    while (!this.isOperator(')')) {
      if (this.token.kind === 'name' && this.tokens[this.at + 1].text === '=') {
        this.unsupported(`the argument '${this.token.text}=' of ${name}()`)
      }
      items.push(this.deeper(() => this.expression()))
      if (this.isWord('for')) this.unsupported('a comprehension')
      if (!this.takeOperator(',')) break
    }
    this.expectOperator(')')
    return this.make({ kind: 'call', name, items }, line, items)
  }

  /** In parentheses or brackets. */
  private enclosed(): Expression {
    const { text, line } = this.token
    const shape = text === '(' ? 'tuple' : 'list'
    const close = text === '(' ? ')' : ']'
    this.at++
    const items: Expression[] = []
    let comma = false
    while (!this.isOperator(close)) {
      items.push(this.expression())
      if (this.isWord('for')) this.unsupported('a comprehension')
      comma = this.takeOperator(',')
      if (!comma) break
    }
    if (!this.isOperator(close)) this.unexpected()
    this.at++
    if (shape === 'tuple' && items.length === 1 && !comma) return items[0]
    return this.make({ kind: 'sequence', shape, items }, line, items)
  }

  /** String literals side by side are one string. */
  private strings(): Expression {
    const { line } = this.token
    const parts: (string | Replacement)[] = []
    while (this.token.kind === 'string' || this.token.kind === 'formatted') {
      if (this.token.kind === 'string') parts.push(this.token.text)
      else parts.push(...this.replacements(this.token))
      this.at++
    }
    if (parts.every(part => typeof part === 'string')) {
      return this.make({ kind: 'constant', value: parts.join('') }, line, [])
    }
    const values = parts.flatMap(part => (typeof part === 'string' ? [] : [part.value]))
    return this.make({ kind: 'formatted', parts }, line, values)
  }

  private replacements(token: Token): (string | Replacement)[] {
    const parts: (string | Replacement)[] = []
    const { text } = token
    let literal = ''
    let at = 0
    while (at < text.length) {
      const character = text[at]
      if ((character === '{' || character === '}') && text[at + 1] === character) {
        literal += character
        at += 2
        continue
      }
      if (character === '}') this.fail("f-string: single '}' is not allowed", token)
      if (character !== '{') {
        literal += character
        at++
        continue
      }
      const end = text.indexOf('}', at)
      if (end < 0) this.fail("f-string: expecting '}'", token)
      if (literal !== '') parts.push(literal)
      literal = ''
      parts.push(...this.replacement(text.slice(at + 1, end), token))
      at = end + 1
    }
    if (literal !== '') parts.push(literal)
    return parts
  }

  private replacement(field: string, token: Token): (string | Replacement)[] {
    if (field.includes('{')) this.unsupported('a nested replacement field of an f-string', token)
    // The expression may hold `==`, `!=`, `<=` and `>=`, but no other `=`, `!`, or `:` outside brackets.
    const parts = /^(.+?)(\s*=\s*(?![=]))?(?:!([rsa]))?(?::(.*))?$/s.exec(field)
    if (!parts) this.fail('f-string: empty expression not allowed', token)
    const [, expression, self, conversion, specification = ''] = parts
    const inner = new ExpressionParser(expression, tokenize(expression.trim()))
    inner.nested = this.nested + 1
    if (inner.nested > DEEPEST) this.fail('an expression nested too deeply', token)
    let value: Expression
    try {
      value = inner.expressionList()
      if (inner.token.kind !== 'newline') inner.unexpected()
    } catch (error) {
      if (error instanceof CodeError)
        throw new CodeError(error.kind, `f-string: ${error.message}`, token.line)
      throw error
    }
    this.names.push(...inner.names)
    const repr = conversion === 'r' || conversion === 'a' || (!!self && !conversion && !specification)
    const replacement = { value, repr, specification }
    return self ? [expression + self, replacement] : [replacement]
  }
}
