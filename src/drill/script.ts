import type { Expression } from './expression.js'

/**
 * A packetdrill script as read: options, and events in order. Times are in microseconds, as packetdrill counts them;
 * lines count from 1.
 */
export interface Script {
  /** What to call it in messages. */
  readonly name: string
  /** `--name=value` lines at the top; the value is '' for a flag. */
  readonly options: readonly ScriptOption[]
  readonly events: readonly ScriptEvent[]
}

export interface ScriptOption {
  readonly line: number
  readonly name: string
  readonly value: string
}

/** When an event is to happen; `end` closes a range, in which an outbound packet may be seen. */
export type EventTime =
  | { readonly kind: 'relative' | 'absolute'; readonly at: number }
  | { readonly kind: 'relative-range' | 'absolute-range'; readonly at: number; readonly end: number }
  | { readonly kind: 'any' }

export interface ScriptEvent {
  readonly line: number
  readonly time: EventTime
  readonly action: Action
}

export type Action = PacketAction | CallAction | CommandAction | CodeAction

export interface CommandAction {
  readonly kind: 'command'
  readonly text: string
}

export interface CodeAction {
  readonly kind: 'code'
  readonly text: string
}

/** A system call and what it is to return. */
export interface CallAction {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expression[]
  readonly result: Expression
  /** The name of errno, with a result of -1. */
  readonly errno: string | undefined
  /** For a call that blocks: when it must return, by the same clock as its start. */
  readonly returns: number | undefined
}

export interface PacketAction {
  readonly kind: 'packet'
  readonly inbound: boolean
  readonly ip: IpInfo
  readonly segment: TcpSpec | IcmpSpec | OtherSpec
}

/** What is said of the IP header, in round or square brackets; undefined is unchecked. */
export interface IpInfo {
  readonly dscp: number | undefined
  /** 0 not ECN-capable, 1 ECT(1), 2 ECT(0), 3 CE; 'ect01' either of the two. */
  readonly ecn: number | 'ect01' | undefined
  readonly ttl: number | undefined
  readonly flowLabel: number | undefined
}

export interface TcpSpec {
  readonly kind: 'tcp'
  readonly ports: { readonly source: number; readonly destination: number } | undefined
  /** Bits as in the header. */
  readonly flags: number
  /** AccECN: the ACE field where it was written as a digit, and the AE flag. */
  readonly ace: number | undefined
  readonly ae: boolean
  /** `absolute`: not relative to an ISN (`0:0(0)!`); `any`: not said (`...(0)`). */
  readonly sequence: 'relative' | 'absolute' | 'any'
  readonly seq: number
  readonly length: number
  readonly ack: number
  readonly window: number | undefined
  readonly urgent: number
  readonly options: readonly TcpOption[] | 'any'
  /** Something around it that is not plain TCP over IP, such as `udp(9811 > 9899)`. */
  readonly wrapped: string | undefined
}

export type TcpOption =
  | { readonly kind: 'mss'; readonly value: number }
  | { readonly kind: 'nop' | 'eol' | 'sackOK' }
  | { readonly kind: 'wscale'; readonly shift: number }
  | { readonly kind: 'sack'; readonly blocks: readonly (readonly [number, number])[] }
  | {
      readonly kind: 'TS'
      /** Undefined: any value will do. */
      readonly val: number | undefined
      readonly ecr: number
      /** The echo is to be sent as written, not mapped to what was really seen. */
      readonly absoluteEcr: boolean
    }
  | {
      readonly kind: 'fastOpen'
      readonly experimental: boolean
      /** Without octets it asks for one; 'right' is what the server would give, 'zero' what it would with a key of zeros. */
      readonly cookie: Uint8Array | 'right' | 'zero'
    }
  | {
      readonly kind: 'accurateEcn'
      /** ECT(1), CE, ECT(0) in place of the other way round. */
      readonly reversed: boolean
      readonly counters: readonly number[]
    }
  /** Options estab does not speak, by the name they have in scripts: md5, AccECN0 … */
  | { readonly kind: 'foreign'; readonly name: string; readonly feature: string }
  | { readonly kind: 'generic'; readonly code: number; readonly data: Uint8Array }
  /** The whole option area, as octets. */
  | { readonly kind: 'raw'; readonly data: Uint8Array }

export interface IcmpSpec {
  readonly kind: 'icmp'
  readonly type: string
  readonly code: string | undefined
  readonly mtu: number | undefined
  readonly id: number
  /** The segment of ours it quotes. */
  readonly quotedSeq: number
  readonly quotedLength: number
  /** A quote of something that is not TCP. */
  readonly wrapped: string | undefined
}

/** A packet of a protocol estab has no script support for. */
export interface OtherSpec {
  readonly kind: 'other'
  readonly feature: string
}
