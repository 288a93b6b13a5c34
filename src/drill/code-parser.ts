import { CodeError } from './code-error.js'
import { ExpressionParser } from './code-expressions.js'
import { tokenize } from './code-lexer.js'
import type { Expression, Statement, Target } from './code-syntax.js'

export interface Program {
  readonly statements: readonly Statement[]
  /** Every name that is read somewhere. */
  readonly reads: ReadonlySet<string>
}

/** Statements in statements. */
const DEEPEST_SUITE = 20

const AUGMENTED = ['+=', '-=', '*=', '/=', '//=', '%=', '**=', '&=', '|=', '^=', '<<=', '>>=']

/** Python that a block could hold, and that this evaluator does not know. */
const UNKNOWN_STATEMENTS = new Set(
  `async await break class continue def del from global import nonlocal raise return try while with yield`.split(
    /\s+/,
  ),
)

/** Throws CodeError 'syntax' or 'unsupported'. */
export function parse(text: string): Program {
  const source = text.replace(/\r\n?/g, '\n').replace(/^[ \t\f]+/, '')
  return new Parser(source, tokenize(source)).program()
}

class Parser extends ExpressionParser {
  private readonly reads = new Set<string>()
  private suites = 0

  program(): Program {
    const statements: Statement[] = []
    while (!this.is('end')) statements.push(...this.statement())
    for (const name of this.names) this.reads.add(name)
    return { statements, reads: this.reads }
  }

  /** One logical line, or a compound statement; several statements where `;` joins them. */
  private statement(): Statement[] {
    if (this.isWord('if')) return [this.conditional()]
    if (this.isWord('for')) return [this.loop()]
    return this.simpleLine()
  }

  private simpleLine(): Statement[] {
    const statements: Statement[] = []
    do {
      if (statements.length > 0 && this.is('newline')) break
      statements.push(this.simple())
    } while (this.takeOperator(';'))
    if (!this.is('newline')) this.unexpected()
    this.at++
    return statements
  }

  private suite(): Statement[] {
    this.expectOperator(':')
    if (++this.suites > DEEPEST_SUITE) this.fail('statements nested too deeply')
    const statements: Statement[] = []
    if (this.is('newline')) {
      this.at++
      if (!this.is('indent')) this.fail('expected an indented block')
      this.at++
      while (!this.is('dedent')) statements.push(...this.statement())
      this.at++
    } else statements.push(...this.simpleLine())
    this.suites--
    return statements
  }

  private conditional(): Statement {
    const { line } = this.token
    this.at++
    const test = this.expression()
    const yes = this.suite()
    let no: Statement[] = []
    if (this.isWord('elif')) {
      if (++this.suites > DEEPEST_SUITE) this.fail('statements nested too deeply')
      no = [this.conditional()]
      this.suites--
    } else if (this.isWord('else')) {
      this.at++
      no = this.suite()
    }
    return { kind: 'if', line, test, yes, no }
  }

  private loop(): Statement {
    const { line } = this.token
    this.at++
    const names: string[] = []
    let tuple = false
    while (this.is('name')) {
      names.push(this.targetName())
      if (!this.takeOperator(',')) break
      tuple = true
      if (this.isWord('in')) break
    }
    if (names.length === 0 || !this.isWord('in')) this.fail("expected 'for <name> in'")
    this.at++
    const over = this.expressionList()
    const body = this.suite()
    if (this.isWord('else')) this.unsupported("'else' of a loop")
    return { kind: 'for', line, target: tuple ? { names } : { name: names[0] }, over, body }
  }

  private targetName(): string {
    const { text } = this.token
    const value = this.tokens[this.at + 1]
    if (['True', 'False', 'None'].includes(text)) this.fail(`cannot assign to ${text}`)
    if (value.text === '.' || value.text === '[') this.unsupported('an assignment to a part of a value')
    this.at++
    return text
  }

  private simple(): Statement {
    const { line, kind, text } = this.token
    if (kind === 'name') {
      if (text === 'assert') return this.assertion()
      if (text === 'pass') {
        this.at++
        return { kind: 'pass', line }
      }
      if (UNKNOWN_STATEMENTS.has(text)) this.unsupported(`'${text}'`)
      if (text === 'if' || text === 'for') this.fail(`'${text}' within a line`)
      if (text === 'print') {
        const print = this.printStatement()
        if (print) return print
      }
    }
    if (kind === 'operator' && text === '@') this.unsupported('a decorator')
    return this.expressionStatement()
  }

  private assertion(): Statement {
    const { line } = this.token
    this.at++
    const from = this.token.from
    for (const name of this.names) this.reads.add(name)
    this.names = []
    const test = this.expression()
    const names = [...new Set(this.names)]
    const source = this.source.slice(from, this.tokens[this.at - 1].to).replace(/\s*\\?\n\s*/g, ' ')
    const message = this.takeOperator(',') ? this.expression() : undefined
    return { kind: 'assert', line, test, source, names, message }
  }

  /** Python 2's `print a, b`; undefined, and the cursor unmoved, if it is a call of print() or another use of the name. */
  private printStatement(): Statement | undefined {
    const { line } = this.token
    const start = this.at
    this.at++
    const next = this.token
    if (next.text === '>>' && next.kind === 'operator') this.unsupported("'print >>'")
    if (this.isOperator('(')) {
      // `print(a)` is a call, whichever Python; `print (a), b` and `print ("%d") % a` are statements.
      this.at = start
      const value = this.expressionList()
      if (value.kind === 'call') {
        this.at = start
        return undefined
      }
      this.at = start + 1
    }
    if (!this.beginsExpression() && !this.is('newline') && !this.isOperator(';')) {
      this.at = start
      return undefined
    }
    const items: Expression[] = []
    while (this.beginsExpression()) {
      items.push(this.expression())
      if (!this.takeOperator(',')) break
    }
    return { kind: 'print', line, items }
  }

  private expressionStatement(): Statement {
    const { line } = this.token
    const targets: Target[] = []
    for (;;) {
      const read = this.names.length
      const token = this.token
      const value = this.expressionList()
      if (this.isOperator(':')) this.unsupported('an annotation')
      if (this.isOperator('=')) {
        targets.push(this.target(value))
        this.names.length = read
        this.at++
        continue
      }
      const operator = AUGMENTED.find(text => this.isOperator(text))
      if (operator === undefined) {
        return targets.length > 0
          ? { kind: 'assign', line, targets, value }
          : { kind: 'expression', line, value }
      }
      if (targets.length > 0) this.unexpected()
      const target = this.target(value)
      if (!('name' in target)) throw new CodeError('syntax', `'${operator}' to a tuple`, token.line)
      this.at++
      return {
        kind: 'augment',
        line,
        name: target.name,
        operator: operator.slice(0, -1),
        value: this.expressionList(),
      }
    }
  }

  private target(value: Expression): Target {
    if (value.kind === 'name') return { name: value.name }
    if (value.kind === 'index') this.unsupported('an assignment to a part of a value')
    if (value.kind === 'sequence') {
      const names = value.items.flatMap(item => (item.kind === 'name' ? [item.name] : []))
      if (names.length < value.items.length) this.unsupported('an assignment to a nested tuple')
      return { names }
    }
    return this.fail('cannot assign to an expression')
  }
}
