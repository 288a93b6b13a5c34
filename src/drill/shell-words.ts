import { arithmetic } from './shell-arithmetic.js'

/** The grammar of a shell's command lines, as far as commands, pipelines and lists go. */

export interface Word {
  /** Without its quotes. An expansion that cannot be known is as it was written. */
  readonly text: string
  /** Such an expansion, if there is one: `$HOME`. */
  readonly unknown: string | undefined
}

export interface Redirection {
  /** `>`, `>>`, `<`, `&>`, `>&`, with the number of the descriptor before it, if there is one. */
  readonly operator: string
  readonly target: Word
}

export interface Command {
  readonly words: readonly Word[]
  readonly redirections: readonly Redirection[]
}

export interface Pipeline {
  /** After `!`. */
  readonly negated: boolean
  readonly commands: readonly Command[]
}

/** Pipelines with && and || between: the first has no operator. */
export type AndOr = readonly { readonly operator: '' | '&&' | '||'; readonly pipeline: Pipeline }[]

export interface Lines {
  readonly lists: readonly AndOr[]
  /** Why what follows the lists could not be read. */
  readonly refused: string | undefined
}

/** Blanks, lines continued by a backslash, and a comment. */
const BLANK = /(?:[ \t]|\\\n)*(?:#[^\n]*)?/y
const OPERATOR = /\d*(?:>>|>&|<&|<<-?|[<>]\(|>\||[<>])|&>>?|&&|\|\||\|&|;;|[|&;()\n]/y
const VARIABLE = /\$(?:\{[^}\n]*\}|[A-Za-z_]\w*|[\d@*#?$!-])/y

class Refusal extends Error {}

interface Token {
  readonly kind: 'word' | 'operator'
  /** Of a word, what was written; of an operator, the operator, `\n` for the end of a line. */
  readonly raw: string
  readonly word: Word
}

const RESERVED = new Set(
  '{ } [[ ( ) if then elif else fi for while until do done case esac function select coproc time'.split(' '),
)

export function parseLines(text: string): Lines {
  const lists: AndOr[] = []
  try {
    // Lists before the place where reading stopped are what the shell would have run first.
    new Parser(text.replace(/\r\n?/g, '\n'), lists).run()
  } catch (error) {
    if (error instanceof Refusal) return { lists, refused: error.message }
    throw error
  }
  return { lists, refused: undefined }
}

class Parser {
  private at = 0
  private ahead: Token | undefined

  constructor(
    private readonly text: string,
    private readonly lists: AndOr[],
  ) {}

  run(): void {
    for (;;) {
      while (this.isOperator('\n', ';')) this.take()
      if (this.peek() === undefined) return
      this.lists.push(this.list())
      const end = this.peek()
      if (end === undefined) return
      if (this.isOperator('&')) throw new Refusal('a command in the background')
      if (!this.isOperator('\n', ';')) throw new Refusal(`unexpected ${end.raw}`)
    }
  }

  private list(): AndOr {
    const list: { operator: '' | '&&' | '||'; pipeline: Pipeline }[] = [
      { operator: '', pipeline: this.pipeline() },
    ]
    while (this.isOperator('&&', '||')) {
      const operator = this.take()?.raw === '&&' ? '&&' : '||'
      while (this.isOperator('\n')) this.take()
      list.push({ operator, pipeline: this.pipeline() })
    }
    return list
  }

  private pipeline(): Pipeline {
    let negated = false
    while (this.peek()?.kind === 'word' && this.peek()?.raw === '!') {
      this.take()
      negated = !negated
    }
    const commands = [this.command()]
    while (this.isOperator('|', '|&')) {
      this.take()
      while (this.isOperator('\n')) this.take()
      commands.push(this.command())
    }
    return { negated, commands }
  }

  private command(): Command {
    const words: Word[] = []
    const redirections: Redirection[] = []
    for (let token = this.peek(); token !== undefined; token = this.peek()) {
      if (token.kind === 'word') {
        if (words.length === 0 && RESERVED.has(token.raw)) throw new Refusal(`the shell's '${token.raw}'`)
        words.push(token.word)
        this.take()
      } else if (/^\d*[<>]|^&>/.test(token.raw)) {
        this.take()
        if (/<<|[<>]\(/.test(token.raw)) throw new Refusal(`the shell's '${token.raw}'`)
        const target = this.take()
        if (target?.kind !== 'word') throw new Refusal(`nothing after ${token.raw}`)
        redirections.push({ operator: token.raw, target: target.word })
      } else if (token.raw === '(' || token.raw === ')') throw new Refusal(`the shell's '${token.raw}'`)
      else break
    }
    if (words.length === 0 && redirections.length === 0) {
      throw new Refusal(`unexpected ${this.peek()?.raw.replace('\n', 'end of line') ?? 'end'}`)
    }
    return { words, redirections }
  }

  private isOperator(...operators: string[]): boolean {
    const token = this.peek()
    return token?.kind === 'operator' && operators.includes(token.raw)
  }

  private peek(): Token | undefined {
    this.ahead ??= this.read()
    return this.ahead
  }

  private take(): Token | undefined {
    const token = this.peek()
    this.ahead = undefined
    return token
  }

  private read(): Token | undefined {
    this.at += this.match(BLANK).length
    if (this.at >= this.text.length) return undefined
    const operator = this.match(OPERATOR)
    if (operator !== '') {
      this.at += operator.length
      if (operator === ';;') throw new Refusal("the shell's ';;'")
      return { kind: 'operator', raw: operator, word: { text: operator, unknown: undefined } }
    }
    return this.word()
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at
    return pattern.exec(this.text)?.[0] ?? ''
  }

  private word(): Token {
    const from = this.at
    let text = ''
    let unknown: string | undefined
    const add = (part: Word) => {
      text += part.text
      unknown ??= part.unknown
    }
    while (this.at < this.text.length) {
      const character = this.text[this.at]
      if (/[ \t\n|&;()<>]/.test(character)) break
      if (character === "'") text += this.until("'")
      else if (character === '"') {
        for (const part of this.doubleQuoted()) add(part)
      } else if (character === '\\') {
        const next = this.text[this.at + 1] ?? ''
        if (next !== '\n') text += next
        this.at += 2
      } else if (character === '$') add(this.expansion())
      else if (character === '`') throw new Refusal('a command substitution')
      else {
        text += character
        this.at++
      }
    }
    this.at = Math.min(this.at, this.text.length)
    return { kind: 'word', raw: this.text.slice(from, this.at), word: { text, unknown } }
  }

  private until(quote: string): string {
    const end = this.text.indexOf(quote, this.at + 1)
    if (end < 0) throw new Refusal(`a quote ${quote} that is not closed`)
    const text = this.text.slice(this.at + 1, end)
    this.at = end + 1
    return text
  }

  private *doubleQuoted(): Generator<Word> {
    this.at++
    for (;;) {
      const character = this.text[this.at]
      if (character === undefined) throw new Refusal('a quote " that is not closed')
      if (character === '"') {
        this.at++
        return
      }
      if (character === '$') yield this.expansion()
      else if (character === '`') throw new Refusal('a command substitution')
      else if (character === '\\') {
        const next = this.text[this.at + 1] ?? ''
        this.at += 2
        if (next !== '\n') yield { text: '$`"\\'.includes(next) ? next : `\\${next}`, unknown: undefined }
      } else {
        this.at++
        yield { text: character, unknown: undefined }
      }
    }
  }

  /** At a `$`: an arithmetic expansion's value, or the name of what cannot be known. */
  private expansion(): Word {
    if (this.text.startsWith('$((', this.at)) {
      const end = this.text.indexOf('))', this.at)
      // Parentheses within: the expansion ends where `))` leaves none open.
      for (let close = end; close >= 0; close = this.text.indexOf('))', close + 1)) {
        const inside = this.text.slice(this.at + 3, close)
        if (inside.split('(').length !== inside.split(')').length) continue
        const written = this.text.slice(this.at, close + 2)
        this.at = close + 2
        const value = arithmetic(inside)
        return value === undefined
          ? { text: written, unknown: written }
          : { text: String(value), unknown: undefined }
      }
      throw new Refusal('a $(( that is not closed')
    }
    if (this.text.startsWith('$(', this.at)) throw new Refusal('a command substitution')
    const variable = this.match(VARIABLE)
    this.at += variable.length || 1
    return variable === '' ? { text: '$', unknown: undefined } : { text: variable, unknown: variable }
  }
}
