/**
 * The value of a shell's arithmetic expansion, `$(( … ))`, of constants: 64-bit integers, C's operators, decimal,
 * octal and hexadecimal. Undefined if it has variables, divides by zero, or is not understood.
 */
export function arithmetic(text: string): bigint | undefined {
  const tokens = text.match(/0[xX][0-9a-fA-F]+|\d+|\*\*|<<|>>|[-+*/%&|^~()]|\S/g) ?? []
  let at = 0
  let nested = 0

  const prefix = (): bigint | undefined => {
    const token = tokens[at++]
    if (token === undefined || ++nested > 100) return undefined
    let value: bigint | undefined
    if (token === '(') {
      value = operation(0)
      if (tokens[at++] !== ')') return undefined
    } else if (token === '-' || token === '+' || token === '~') {
      const operand = prefix()
      if (operand !== undefined) value = token === '-' ? -operand : token === '~' ? ~operand : operand
    } else value = constant(token)
    nested--
    return value
  }

  const operation = (least: number): bigint | undefined => {
    let left = prefix()
    while (left !== undefined) {
      const operator = tokens[at]
      const power = POWER[operator]
      if (power === undefined || power < least) break
      at++
      // ** binds to the right, the others to the left.
      const right = operation(operator === '**' ? power : power + 1)
      if (right === undefined) return undefined
      left = apply(operator, left, right)
    }
    return left
  }

  const value = operation(0)
  return at === tokens.length ? value : undefined
}

const POWER: Record<string, number> = {
  ...{ '|': 1, '^': 2, '&': 3, '<<': 4, '>>': 4, '+': 5, '-': 5 },
  ...{ '*': 6, '/': 6, '%': 6, '**': 7 },
}

function constant(token: string): bigint | undefined {
  if (/^0[0-7]+$/.test(token)) return BigInt(`0o${token.slice(1)}`)
  return /^(0[xX][0-9a-fA-F]+|0|[1-9]\d*)$/.test(token) ? BigInt.asIntN(64, BigInt(token)) : undefined
}

function apply(operator: string, a: bigint, b: bigint): bigint | undefined {
  let result: bigint
  switch (operator) {
    case '|':
      return a | b
    case '^':
      return a ^ b
    case '&':
      return a & b
    case '<<':
      result = a << BigInt.asUintN(6, b)
      break
    case '>>':
      return a >> BigInt.asUintN(6, b)
    case '+':
      result = a + b
      break
    case '-':
      result = a - b
      break
    case '*':
      result = a * b
      break
    case '/':
    case '%':
      if (b === 0n) return undefined
      result = operator === '/' ? a / b : a % b
      break
    default:
      if (b < 0n || b > 1000n) return undefined
      result = a ** b
  }
  return BigInt.asIntN(64, result)
}
