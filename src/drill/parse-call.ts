import type { Expression, Member } from './expression.js'
import type { Scanner } from './scanner.js'
import type { CallAction } from './script.js'

/** System calls in scripts: `setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0`. */

const STRING = /"(?:[^"\\\n]|\\.)*"/y
const ERRNO = /E[A-Z0-9]+/y
/** `(Operation now in progress)`, `(flags O_RDWR)`: said to the reader. */
const NOTE = /\([^()\n]*\)/y

/** A call whose name is next; `returns` is when it must. */
export function parseCall(s: Scanner, returns: number | undefined): CallAction {
  const name = s.word()
  if (name === undefined) throw s.expected('a packet, a system call, a `command` or %{ code }%')
  s.need('(')
  const args: Expression[] = []
  if (!s.take(')')) {
    do args.push(parseExpression(s))
    while (s.take(','))
    s.need(')')
  }
  s.need('=')
  const result = parseExpression(s)
  const errno = s.pattern(ERRNO)
  s.pattern(NOTE)
  return { kind: 'call', name, args, result, errno, returns }
}

export function parseExpression(s: Scanner): Expression {
  return s.nested(() => {
    let left = parseTerm(s)
    for (let terms = 1; s.take('|'); terms++) {
      if (terms > 64) throw s.error('there are too many terms here')
      left = { kind: 'or', left, right: parseTerm(s) }
    }
    return left
  })
}

function parseTerm(s: Scanner): Expression {
  if (s.take('...')) return { kind: 'any' }
  if (s.take('[')) return { kind: 'list', items: parseItems(s, ']') }
  if (s.take('{')) return { kind: 'struct', members: parseMembers(s) }
  if (s.take('-')) return { kind: 'integer', value: -s.integer('a number') }
  if (s.seesDigit) return { kind: 'integer', value: s.integer('a number') }
  const text = parseStrings(s)
  if (text !== undefined) {
    s.take('...')
    return { kind: 'string', value: text }
  }
  const name = s.word()
  if (name === undefined) throw s.expected('a value')
  return s.take('(') ? { kind: 'call', name, args: parseItems(s, ')') } : { kind: 'word', name }
}

/** Strings that stand side by side are one. */
function parseStrings(s: Scanner): string | undefined {
  let text: string | undefined
  for (;;) {
    const next = s.pattern(STRING)
    if (next === undefined) return text
    text = (text ?? '') + unquote(next.slice(1, -1))
  }
}

const unquote = (text: string): string =>
  text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/g, (_, c: string) => {
    if (c[0] === 'x') return String.fromCharCode(Number.parseInt(c.slice(1), 16))
    if (/^[0-7]/.test(c)) return String.fromCharCode(Number.parseInt(c, 8))
    return { n: '\n', t: '\t', r: '\r', f: '\f' }[c] ?? c
  })

function parseItems(s: Scanner, close: string): Expression[] {
  const items: Expression[] = []
  if (s.take(close)) return items
  do items.push(parseExpression(s))
  while (s.take(','))
  s.need(close)
  return items
}

/** `{fd=3, events=POLLIN}`, `{msg_iov(1)=[{..., 1000}], msg_flags=0}`, `{..., 40}` */
function parseMembers(s: Scanner): Member[] {
  const members: Member[] = []
  if (s.take('}')) return members
  do members.push(parseMember(s))
  while (s.take(','))
  s.need('}')
  return members
}

function parseMember(s: Scanner): Member {
  const { at } = s
  const name = s.word()
  if (name !== undefined) {
    // The length of an array may follow its name; what the array holds says the same.
    if (s.take('(')) parseItems(s, ')')
    if (s.take('=')) return { name, value: parseExpression(s) }
  }
  s.at = at
  return { name: '', value: parseExpression(s) }
}
