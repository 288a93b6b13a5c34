import { BUILTINS, call, elements } from './code-builtins.js'
import { CodeError, Fault } from './code-error.js'
import { formatSpecification, repr, text } from './code-format.js'
import { binary, unary } from './code-operators.js'
import { parse } from './code-parser.js'
import type { Expression, Statement, Target } from './code-syntax.js'
import {
  checkString,
  type Datum,
  equal,
  integer,
  order,
  Sequence,
  truth,
  typeName,
  type Value,
  weight,
} from './code-values.js'

export { TCP_INFO_CONSTANTS, tcpInfoConstants } from './code-constants.js'
export { CodeError, type CodeErrorKind } from './code-error.js'
export type { Value } from './code-values.js'

/** Expressions evaluated, and statements, in one block, the size of large values counted in. */
const MOST_STEPS = 1_000_000
const LONGEST_SHOWN = 200

/** Names that packetdrill itself would have set, had it got them from the kernel. */
const PROVIDED = /^(tcpi_|TCP|SK_MEMINFO_|bbr_|dctcp_|tcpv_|tcp_)/

/**
 * Throws a CodeError 'syntax' or 'unsupported' if the block cannot be understood, whatever its values would be.
 * Returns the names that it reads; those that no block assigns must be fields or constants.
 */
export function checkCode(text: string): { readonly reads: ReadonlySet<string> } {
  const { reads } = parse(text)
  return { reads: new Set([...reads].filter(name => !Object.hasOwn(BUILTINS, name))) }
}

/**
 * Runs code blocks: the part of Python that packetdrill scripts write between %{ and }%, over the fields of
 * TCP_INFO and constants. There is no way out of it: no attributes, no imports, no functions but a few builtins,
 * and only so much work in one block.
 */
export class CodeContext {
  private readonly variables = new Map<string, Datum>()
  private steps = 0
  private printed: string[] = []
  private line = 0

  constructor(constants: ReadonlyMap<string, Value>) {
    for (const [name, value] of constants) this.variables.set(name, inner(value))
  }

  /**
   * Runs one block. The fields become variables, which hold what the last block that had them saw; what a block
   * assigns lives on in the next, as in one Python program. Throws CodeError.
   */
  run(text: string, fields: ReadonlyMap<string, Value>): { printed: string[] } {
    const { statements } = parse(text)
    this.steps = 0
    this.printed = []
    this.line = 0
    try {
      for (const [name, value] of fields) this.variables.set(name, inner(value))
      this.statements(statements)
    } catch (error) {
      const known = error instanceof Fault ? new CodeError(error.kind, error.message, this.line) : error
      if (known instanceof CodeError) known.printed = this.printed
      throw known
    }
    return { printed: this.printed }
  }

  private spend(steps: number): void {
    this.steps += steps
    if (this.steps > MOST_STEPS) throw new Fault(`stopped after ${MOST_STEPS} steps`)
  }

  private statements(statements: readonly Statement[]): void {
    for (const statement of statements) this.statement(statement)
  }

  private statement(statement: Statement): void {
    this.line = statement.line
    this.spend(1)
    switch (statement.kind) {
      case 'assign': {
        const value = this.evaluate(statement.value)
        for (const target of statement.targets) this.assign(target, value)
        return
      }
      case 'augment': {
        const present = this.lookUp(statement.name)
        this.variables.set(
          statement.name,
          this.binary(statement.operator, present, this.evaluate(statement.value)),
        )
        return
      }
      case 'assert':
        if (!truth(this.evaluate(statement.test))) this.refuse(statement)
        return
      case 'print':
        this.print(statement.items)
        return
      case 'expression':
        this.evaluate(statement.value)
        return
      case 'if':
        this.statements(truth(this.evaluate(statement.test)) ? statement.yes : statement.no)
        return
      case 'for':
        for (const item of elements(this.evaluate(statement.over))) {
          this.assign(statement.target, item)
          this.statements(statement.body)
        }
        return
      case 'pass':
        return
    }
  }

  private assign(target: Target, value: Datum): void {
    if ('name' in target) {
      this.variables.set(target.name, value)
      return
    }
    const items = elements(value)
    if (items.length !== target.names.length) {
      throw new Fault(`${items.length} values to unpack, expected ${target.names.length}`)
    }
    target.names.forEach((name, i) => {
      this.variables.set(name, items[i])
    })
  }

  private refuse({ source, names, message }: Statement & { kind: 'assert' }): never {
    let report = `assertion failed: ${source}`
    if (message) report += `: ${shown(text(this.evaluate(message)))}`
    const values = names.flatMap(name => {
      const value = this.variables.get(name)
      return value === undefined ? [] : [`${name} = ${shown(repr(value))}`]
    })
    if (values.length > 0) report += ` (${values.join(', ')})`
    throw new CodeError('assertion', report, this.line)
  }

  private print(items: readonly Expression[]): void {
    const line = items.map(item => text(this.evaluate(item))).join(' ')
    this.spend(1 + (line.length >> 3))
    this.printed.push(line)
  }

  private lookUp(name: string): Datum {
    const value = this.variables.get(name)
    if (value !== undefined) return value
    if (PROVIDED.test(name)) throw new Fault(`${name} is not known here`, 'unsupported')
    if (Object.hasOwn(BUILTINS, name)) {
      throw new Fault(`the function ${name} as a value is not supported`, 'unsupported')
    }
    throw new Fault(`name '${name}' is not defined`)
  }

  private binary(operator: string, a: Datum, b: Datum): Datum {
    this.spend(weight(a) + weight(b))
    const result = binary(operator, a, b)
    this.spend(weight(result))
    return result
  }

  private evaluate(expression: Expression): Datum {
    this.spend(1)
    switch (expression.kind) {
      case 'constant':
        return expression.value
      case 'name':
        return this.lookUp(expression.name)
      case 'unary':
        return unary(expression.operator, this.evaluate(expression.operand))
      case 'binary':
        return this.binary(
          expression.operator,
          this.evaluate(expression.left),
          this.evaluate(expression.right),
        )
      case 'logical': {
        const left = this.evaluate(expression.left)
        return truth(left) === (expression.operator === 'and') ? this.evaluate(expression.right) : left
      }
      case 'not':
        return !truth(this.evaluate(expression.operand))
      case 'compare': {
        let left = this.evaluate(expression.first)
        for (const { operator, operand } of expression.rest) {
          const right = this.evaluate(operand)
          if (!this.holds(operator, left, right)) return false
          left = right
        }
        return true
      }
      case 'choice':
        return this.evaluate(truth(this.evaluate(expression.test)) ? expression.yes : expression.no)
      case 'sequence': {
        const sequence = new Sequence(expression.shape, this.all(expression.items))
        this.spend(weight(sequence))
        return sequence
      }
      case 'index':
        return this.item(this.evaluate(expression.target), this.evaluate(expression.index))
      case 'call':
        return this.call(expression.name, expression.items)
      case 'formatted': {
        let out = ''
        for (const part of expression.parts) {
          if (typeof part === 'string') out += part
          else {
            const value = this.evaluate(part.value)
            this.spend(weight(value))
            out += formatSpecification(part.repr ? repr(value) : value, part.specification)
          }
          checkString(out)
        }
        return out
      }
    }
  }

  private all(expressions: readonly Expression[]): Datum[] {
    return expressions.map(expression => this.evaluate(expression))
  }

  private holds(operator: string, a: Datum, b: Datum): boolean {
    this.spend(weight(a) + weight(b))
    switch (operator) {
      case '==':
        return equal(a, b)
      case '!=':
        return !equal(a, b)
      case '<':
        return order(a, b, '<') < 0
      case '>':
        return order(a, b, '>') > 0
      case '<=':
        return order(a, b, '<=') <= 0
      case '>=':
        return order(a, b, '>=') >= 0
      case 'in':
        return contains(b, a)
      case 'not in':
        return !contains(b, a)
      default: {
        // Small integers and short strings are the same object where they are equal; so are they all here.
        const same = typeName(a) === typeName(b) && equal(a, b)
        return operator === 'is' ? same : !same
      }
    }
  }

  private item(target: Datum, index: Datum): Datum {
    this.spend(weight(target))
    const items = elements(target)
    const at = integer(index)
    if (at === undefined) throw new Fault(`indices must be integers, not '${typeName(index)}'`)
    const position = at < 0n ? at + BigInt(items.length) : at
    if (position < 0n || position >= items.length) throw new Fault(`${typeName(target)} index out of range`)
    return items[Number(position)]
  }

  private call(name: string, items: readonly Expression[]): Datum {
    const shadow = this.variables.get(name)
    if (shadow !== undefined) throw new Fault(`'${typeName(shadow)}' object is not callable`)
    if (name === 'print') {
      this.print(items)
      return null
    }
    const values = this.all(items)
    for (const value of values) this.spend(weight(value))
    const result = call(name, values)
    this.spend(weight(result))
    return result
  }
}

function contains(whole: Datum, part: Datum): boolean {
  if (typeof whole === 'string') {
    if (typeof part !== 'string') throw new Fault(`'in <string>' requires a string, not '${typeName(part)}'`)
    return whole.includes(part)
  }
  return elements(whole).some(item => equal(item, part))
}

function inner(value: Value): Datum {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return new Sequence('tuple', (value as readonly Value[]).map(inner))
  return value as Exclude<Value, number | readonly Value[]>
}

const shown = (line: string) => (line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line)
