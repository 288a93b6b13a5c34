import type { Datum } from './code-values.js'

/** A block, parsed. Lines count from 0. */

interface Node {
  readonly line: number
  /** Levels of expressions below, itself included: evaluation is recursive, so it has a largest. */
  readonly depth: number
}

export type Expression = Node &
  (
    | { readonly kind: 'constant'; readonly value: Datum }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
    | {
        readonly kind: 'binary'
        readonly operator: string
        readonly left: Expression
        readonly right: Expression
      }
    | {
        readonly kind: 'logical'
        readonly operator: 'and' | 'or'
        readonly left: Expression
        readonly right: Expression
      }
    | { readonly kind: 'not'; readonly operand: Expression }
    | { readonly kind: 'compare'; readonly first: Expression; readonly rest: readonly Comparison[] }
    | {
        readonly kind: 'choice'
        readonly test: Expression
        readonly yes: Expression
        readonly no: Expression
      }
    | { readonly kind: 'sequence'; readonly shape: 'tuple' | 'list'; readonly items: readonly Expression[] }
    | { readonly kind: 'index'; readonly target: Expression; readonly index: Expression }
    | { readonly kind: 'call'; readonly name: string; readonly items: readonly Expression[] }
    | { readonly kind: 'formatted'; readonly parts: readonly (string | Replacement)[] }
  )

export interface Comparison {
  readonly operator: string
  readonly operand: Expression
}

/** A replacement field of an f-string. */
export interface Replacement {
  readonly value: Expression
  /** Whether it is written as repr, not as str: !r, or = without a specification. */
  readonly repr: boolean
  readonly specification: string
}

export type Target = { readonly name: string } | { readonly names: readonly string[] }

export type Statement = { readonly line: number } & (
  | { readonly kind: 'assign'; readonly targets: readonly Target[]; readonly value: Expression }
  | { readonly kind: 'augment'; readonly name: string; readonly operator: string; readonly value: Expression }
  | {
      readonly kind: 'assert'
      readonly test: Expression
      /** The text of `test`. */
      readonly source: string
      /** The names that it reads, in order. */
      readonly names: readonly string[]
      readonly message: Expression | undefined
    }
  | { readonly kind: 'print'; readonly items: readonly Expression[] }
  | { readonly kind: 'expression'; readonly value: Expression }
  | {
      readonly kind: 'if'
      readonly test: Expression
      readonly yes: readonly Statement[]
      readonly no: readonly Statement[]
    }
  | {
      readonly kind: 'for'
      readonly target: Target
      readonly over: Expression
      readonly body: readonly Statement[]
    }
  | { readonly kind: 'pass' }
)
