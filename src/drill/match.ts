import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../wire/tcp.js'
import type { Conversation } from './conversation.js'
import type { LiveSegment } from './live-packet.js'
import type { IpInfo, TcpOption, TcpSpec } from './script.js'
import { optionText, readOptionBytes, sameOption } from './tcp-options.js'

/** A segment of the stack's beside what the script expects. */

/** A segment in the script's numbers. */
export interface SeenSegment {
  readonly ip: IpInfo
  readonly flags: number
  readonly ae: boolean
  readonly reserved: number
  readonly seq: number
  readonly length: number
  readonly ack: number
  readonly window: number
  readonly urgent: number
  readonly options: readonly TcpOption[]
}

const LETTERS: readonly (readonly [number, string])[] = [
  [SYN, 'S'],
  [FIN, 'F'],
  [PSH, 'P'],
  [RST, 'R'],
  [URG, 'U'],
  [ECE, 'E'],
  [CWR, 'W'],
  [ACK, '.'],
]

export function flagText(flags: number, ae = false): string {
  const text = LETTERS.map(([bit, letter]) => (flags & bit ? letter : '')).join('') + (ae ? 'A' : '')
  return text === '' ? '-' : text
}

const ECN = ['noecn', 'ect1', 'ect0', 'ce'] as const

function ipText({ dscp, ecn, ttl, flowLabel }: IpInfo): string {
  const parts: string[] = []
  if (dscp !== undefined && dscp !== 0) parts.push(`dscp 0x${dscp.toString(16)}`)
  if (ecn === 'ect01') parts.push('ect01')
  else if (ecn !== undefined) parts.push(ECN[ecn]!)
  if (ttl !== undefined) parts.push(`ttl ${ttl}`)
  if (flowLabel !== undefined) parts.push(`flowlabel 0x${flowLabel.toString(16)}`)
  return parts.length > 0 ? `(${parts.join(', ')}) ` : ''
}

/** A segment as it would stand in a script. */
export function segmentText(
  s: Omit<SeenSegment, 'window' | 'options'> & {
    readonly window: number | undefined
    readonly options: readonly TcpOption[] | 'any'
  },
): string {
  let text = `${ipText(s.ip)}${flagText(s.flags, s.ae)} ${s.seq}:${(s.seq + s.length) % 2 ** 32}(${s.length})`
  if (s.flags & ACK) text += ` ack ${s.ack}`
  if (s.window !== undefined) text += ` win ${s.window}`
  if (s.flags & URG) text += ` urg ${s.urgent}`
  if (s.options === 'any') text += ' <...>'
  else if (s.options.length > 0) text += ` <${s.options.map(optionText).join(',')}>`
  return text
}

export const specText = (spec: TcpSpec, ip: IpInfo): string =>
  segmentText({ ...spec, ip, reserved: 0 }) + (spec.sequence === 'absolute' ? ' (absolute)' : '')

/** What the stack sent, as the script counts. Only fields that the script speaks of show in the IP part. */
export function seen(live: LiveSegment, c: Conversation, spec: TcpSpec, ip: IpInfo): SeenSegment {
  const sackOffset = c.scriptSackOffset(live)
  const expectedTs = spec.options === 'any' ? undefined : spec.options.find(o => o.kind === 'TS')
  const options = readOptionBytes(live.bytes, live.optionsAt, live.optionsEnd, sackOffset).map(option =>
    option.kind === 'TS' && expectedTs?.kind === 'TS'
      ? { ...option, val: c.timestamp(expectedTs.val, option.val!) }
      : option,
  )
  return {
    ip: {
      dscp: ip.dscp === undefined ? undefined : live.trafficClass >> 2,
      ecn: ip.ecn === undefined ? undefined : live.trafficClass & 3,
      ttl: ip.ttl === undefined ? undefined : live.hopLimit,
      flowLabel: ip.flowLabel === undefined ? undefined : live.flowLabel,
    },
    flags: live.flags,
    ae: live.ae,
    reserved: live.reserved,
    seq: c.scriptSeq(live, spec.sequence === 'absolute'),
    length: live.length,
    ack: c.scriptAck(live),
    window: live.window,
    urgent: live.urgent,
    options,
  }
}

/** The first difference between what was expected and what was seen; undefined if there is none. */
export function difference(
  spec: TcpSpec,
  ip: IpInfo,
  actual: SeenSegment,
  tsTolerance: number,
): string | undefined {
  const field = (name: string, expected: number | string, was: number | string) =>
    expected === was ? undefined : `${name}: expected ${expected}, actual ${was}`
  // Written as a number it is compared as one.
  const numbered = spec.ace !== undefined
  const flags = numbered ? actual.flags & ~(ECE | CWR) : actual.flags
  const ace = (actual.ae ? 4 : 0) | (actual.flags & CWR ? 2 : 0) | (actual.flags & ECE ? 1 : 0)
  return (
    ipDifference(ip, actual.ip) ??
    // Length first: a segment that is but a part of what was expected differs in all else too.
    field('payload length', spec.length, actual.length) ??
    field('flags', flagText(spec.flags, spec.ae), flagText(flags, !numbered && actual.ae)) ??
    (numbered ? field('ACE', spec.ace!, ace) : undefined) ??
    (spec.sequence === 'any' ? undefined : field('sequence number', spec.seq, actual.seq)) ??
    (spec.flags & ACK ? field('acknowledgment number', spec.ack, actual.ack) : undefined) ??
    (spec.window === undefined ? undefined : field('window', spec.window, actual.window)) ??
    field('urgent pointer', spec.urgent, actual.urgent) ??
    field('reserved bits', 0, actual.reserved) ??
    optionsDifference(spec.options, actual.options, tsTolerance)
  )
}

function ipDifference(expected: IpInfo, actual: IpInfo): string | undefined {
  if (expected.dscp !== undefined && expected.dscp !== actual.dscp)
    return `DSCP: expected ${expected.dscp}, actual ${actual.dscp}`
  if (expected.ecn === 'ect01') {
    if (actual.ecn !== 1 && actual.ecn !== 2)
      return `ECN: expected ect0 or ect1, actual ${ECN[actual.ecn as number]}`
  } else if (expected.ecn !== undefined && expected.ecn !== actual.ecn)
    return `ECN: expected ${ECN[expected.ecn]}, actual ${ECN[actual.ecn as number]}`
  if (expected.ttl !== undefined && expected.ttl !== actual.ttl)
    return `TTL: expected ${expected.ttl}, actual ${actual.ttl}`
  return undefined
}

function optionsDifference(
  expected: readonly TcpOption[] | 'any',
  actual: readonly TcpOption[],
  tsTolerance: number,
): string | undefined {
  if (expected === 'any') return undefined
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const [want, was] = [expected[i], actual[i]]
    if (want && was && sameOption(want, was)) {
      if (want.kind === 'TS' && was.kind === 'TS') {
        const bad = timestampDifference(want, was, tsTolerance)
        if (bad !== undefined) return bad
      }
      continue
    }
    return `TCP options: expected ${listText(expected)}, actual ${listText(actual)}`
  }
  return undefined
}

const listText = (options: readonly TcpOption[]): string => `<${options.map(optionText).join(',')}>`

function timestampDifference(
  want: Extract<TcpOption, { kind: 'TS' }>,
  was: Extract<TcpOption, { kind: 'TS' }>,
  tolerance: number,
): string | undefined {
  if (tolerance === Number.POSITIVE_INFINITY) return undefined
  if (want.ecr !== was.ecr) return `TSecr: expected ${want.ecr}, actual ${was.ecr}`
  const apart = want.val === undefined ? 0 : Math.abs((want.val - was.val!) | 0)
  return apart > tolerance
    ? `TSval: expected ${want.val}, actual ${was.val}, tolerance ${tolerance}`
    : undefined
}

/** Whether two segments of the stack's may be taken for one that the script writes longer. */
export function continues(first: LiveSegment, next: LiveSegment, isLast: boolean): boolean {
  const ignored = FIN | PSH | CWR
  return (
    next.seq === ((first.seq + first.length) | 0) &&
    (next.flags & ~ignored) === (first.flags & ~ignored) &&
    next.ack === first.ack &&
    next.window === first.window &&
    (isLast || next.length === first.length)
  )
}
