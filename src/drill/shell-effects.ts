/** What a command means to a stack in virtual time. */
export type ShellEffect =
  /** The name has dots: net.ipv4.tcp_sack, net.inet.tcp.sack.enable; a module's parameter is module.<module>.<name>. */
  | { readonly kind: 'sysctl'; readonly name: string; readonly value: string }
  | CountEffect
  /** Connections end without a word: in a state, or all, or those of a congestion control or a TCP stack. */
  | {
      readonly kind: 'drop'
      readonly state?: string
      readonly all?: boolean
      readonly congestion?: string
      readonly stack?: string
    }
  | { readonly kind: 'offload'; readonly feature: string; readonly on: boolean }
  /** Metrics of a route: mtu, advmss, initcwnd. */
  | {
      readonly kind: 'route'
      readonly destination: string
      readonly metrics: Readonly<Record<string, string>>
      /** The metrics that are locked. */
      readonly locked: readonly string[]
    }
  | { readonly kind: 'sleep'; readonly seconds: number }
  /** Understood, and without a meaning here. */
  | { readonly kind: 'nothing'; readonly why: string }
  /** `expanded`: its effects are known, and follow. */
  | {
      readonly kind: 'script'
      readonly path: string
      readonly args: readonly string[]
      readonly expanded?: boolean
    }
  | { readonly kind: 'unsupported'; readonly what: string }

/** A check: the number of connections that match must, written in decimal, match `expected`; a failure if not. */
export interface CountEffect {
  readonly kind: 'count'
  /** A pattern for the names of states (`statesNamed`); undefined for any, LISTEN and CLOSED included. */
  readonly states: string | undefined
  /** Of either end. */
  readonly port?: number
  /** As in an address and port that are looked for, as written. */
  readonly address?: string
  readonly family?: 4 | 6
  /** A pattern for the name of the program that has the socket; what only the kernel has is not counted. */
  readonly program?: string
  /** A regular expression, which may match any part. */
  readonly expected: string
  /** The check is that it does not match. */
  readonly invert?: boolean
}

export const nothing = (why: string): ShellEffect => ({ kind: 'nothing', why })
export const unsupported = (what: string): ShellEffect => ({ kind: 'unsupported', what })
