/** What stands in a system call's argument list, and after its equals sign. */
export type Expression =
  /** `...` */
  | { readonly kind: 'any' }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'word'; readonly name: string }
  | { readonly kind: 'string'; readonly value: string }
  /** `a | b` */
  | { readonly kind: 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  /** `{name=value, name(n)=value, value, …}`: every structure; unnamed members have the name ''. */
  | { readonly kind: 'struct'; readonly members: readonly Member[] }
  /** `inet_addr("1.2.3.4")`, `htons(80)` */
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }

export interface Member {
  readonly name: string
  readonly value: Expression
}

/** A member of a structure by name. */
export const member = (e: Expression, name: string): Expression | undefined =>
  e.kind === 'struct' ? e.members.find(m => m.name === name)?.value : undefined

/** As it would stand in a script. */
export function expressionText(e: Expression): string {
  switch (e.kind) {
    case 'any':
      return '...'
    case 'integer':
      return String(e.value)
    case 'word':
      return e.name
    case 'string':
      return JSON.stringify(e.value)
    case 'or':
      return `${expressionText(e.left)}|${expressionText(e.right)}`
    case 'list':
      return `[${e.items.map(expressionText).join(', ')}]`
    case 'struct':
      return `{${e.members.map(m => (m.name === '' ? '' : `${m.name}=`) + expressionText(m.value)).join(', ')}}`
    case 'call':
      return `${e.name}(${e.args.map(expressionText).join(', ')})`
  }
}
