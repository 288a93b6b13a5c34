import { get16, get24, get32, set16, set24, set32 } from '../wire/bytes.js'
import {
  FAST_OPEN_MAGIC,
  OPTION_ACCURATE_ECN,
  OPTION_ACCURATE_ECN_REVERSED,
  OPTION_EXPERIMENT,
  OPTION_FAST_OPEN,
} from '../wire/tcp.js'
import type { Scanner } from './scanner.js'
import type { TcpOption } from './script.js'

/** TCP options in scripts: `<mss 1460,nop,wscale 6,sackOK,TS val 100 ecr 0>`, and as octets. */

const ACCURATE_ECN = 'Accurate ECN in the options of its drafts'

/** Options scripts know and estab does not speak. */
const FOREIGN: Readonly<Record<string, string>> = {
  md5: 'TCP MD5 signatures',
  AccECN0: ACCURATE_ECN,
  AccECN1: ACCURATE_ECN,
  'exp-AccECN0': ACCURATE_ECN,
  'exp-AccECN1': ACCURATE_ECN,
  'exp-tarr': 'ACK rate requests',
  mpcapable: 'Multipath TCP',
}

const NAME = /(?:EXP-|exp-)?[A-Za-z_][A-Za-z0-9_]*/y
/** An option by its number, with its data in hexadecimal: `gen-34 0a0b`. */
const GENERIC = /gen-\d+/y
/** Octets in hexadecimal, where an option's name would stand: the whole option area, right or wrong. */
const RAW = /(?:[0-9a-fA-F]{2})+(?=\s*>)/y
const HEX_DATA = /(?:[0-9a-fA-F]{2})+(?![0-9a-zA-Z])/y
/** What follows a foreign option's name, whatever it means. */
const REST = /[^,>]*/y

const U32 = 0xffffffff

/** After `<`: the options up to and with `>`. */
export function parseTcpOptions(s: Scanner): readonly TcpOption[] | 'any' {
  if (s.take('...')) {
    s.need('>')
    return 'any'
  }
  const raw = s.pattern(RAW)
  if (raw !== undefined) {
    s.need('>')
    return [{ kind: 'raw', data: hex(raw) }]
  }
  const options: TcpOption[] = []
  do options.push(parseOption(s))
  while (s.take(','))
  s.need('>')
  const length = optionsLength(options)
  if (length > 40) throw s.error(`these TCP options take ${length} bytes, and 40 is the most there can be`)
  return options
}

function parseOption(s: Scanner): TcpOption {
  const generic = s.pattern(GENERIC)
  if (generic !== undefined) {
    const code = Number(generic.slice(4))
    if (code > 255) throw s.error(`a TCP option's kind is at most 255, not ${code}`)
    return { kind: 'generic', code, data: hex(s.pattern(HEX_DATA) ?? '') }
  }
  const name = s.pattern(NAME)
  switch (name) {
    case 'nop':
    case 'eol':
    case 'sackOK':
      return { kind: name }
    case 'mss':
      return { kind: 'mss', value: s.integer('an MSS', 65535) }
    case 'wscale':
      return { kind: 'wscale', shift: s.integer('a window scale', 255) }
    case 'sack': {
      const blocks: [number, number][] = []
      while (s.seesDigit) {
        const left = s.integer('a SACK edge', U32)
        s.need(':')
        blocks.push([left, s.integer('a SACK edge', U32)])
      }
      return { kind: 'sack', blocks }
    }
    case 'TS': {
      if (!s.takeWord('val')) throw s.expected('"val"')
      const val = s.take('...') ? undefined : s.integer('a timestamp', U32)
      if (!s.takeWord('ecr')) throw s.expected('"ecr"')
      const ecr = s.integer('a timestamp', U32)
      return { kind: 'TS', val, ecr, absoluteEcr: s.take('!') }
    }
    case 'ECN':
      return accurateEcn(s)
    case 'FO':
    case 'FOEXP':
    case 'EXP-FO':
    case 'exp-FO': {
      const named = s.takeWord('TFO_COOKIE') ? 'right' : s.takeWord('TFO_COOKIE_ZERO') ? 'zero' : undefined
      const cookie = named ?? hex(s.pattern(HEX_DATA) ?? '')
      return { kind: 'fastOpen', experimental: name !== 'FO', cookie }
    }
  }
  const feature = name === undefined ? undefined : FOREIGN[name]
  if (name === undefined || feature === undefined) throw s.error(`there is no TCP option ${name ?? 'here'}`)
  s.pattern(REST)
  return { kind: 'foreign', name, feature }
}

const COUNTERS = ['e1b', 'ceb', 'e0b'] as const

/** `ECN e1b 1 ceb 0 e0b 1`, or the other way round; fewer from the end. */
function accurateEcn(s: Scanner): TcpOption {
  const reversed = s.peekWord() !== 'e0b'
  const order = reversed ? COUNTERS : [...COUNTERS].reverse()
  const counters: number[] = []
  for (const name of order) {
    if (!s.takeWord(name)) break
    counters.push(s.integer('a counter', 0xffffff))
  }
  return { kind: 'accurateEcn', reversed, counters }
}

function hex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

const hexText = (data: Uint8Array): string => [...data].map(x => x.toString(16).padStart(2, '0')).join('')

function sizeOf(option: TcpOption): number {
  switch (option.kind) {
    case 'nop':
    case 'eol':
      return 1
    case 'mss':
      return 4
    case 'wscale':
      return 3
    case 'sackOK':
      return 2
    case 'sack':
      return 2 + 8 * option.blocks.length
    case 'TS':
      return 10
    case 'generic':
      return 2 + option.data.length
    case 'raw':
      return option.data.length
    case 'accurateEcn':
      return 2 + 3 * option.counters.length
    case 'fastOpen':
      return (option.experimental ? 4 : 2) + (typeof option.cookie === 'string' ? 8 : option.cookie.length)
    case 'foreign':
      return 0
  }
}

/** Bytes the options take in a header, filled up to whole words. */
export const optionsLength = (options: readonly TcpOption[]): number =>
  (options.reduce((sum, option) => sum + sizeOf(option), 0) + 3) & ~3

/**
 * Writes options at `b[at]`; what is missing to a whole word stays zero. SACK edges have `sackOffset` added, `ecr` is
 * the timestamp to echo in place of the script's.
 */
export function writeOptionBytes(
  b: Uint8Array,
  at: number,
  options: readonly TcpOption[],
  sackOffset: number,
  ecr: number,
): void {
  for (const option of options) {
    switch (option.kind) {
      case 'nop':
        b[at] = 1
        break
      case 'eol':
        b[at] = 0
        break
      case 'mss':
        b[at] = 2
        b[at + 1] = 4
        set16(b, at + 2, option.value)
        break
      case 'wscale':
        b[at] = 3
        b[at + 1] = 3
        b[at + 2] = option.shift
        break
      case 'sackOK':
        b[at] = 4
        b[at + 1] = 2
        break
      case 'sack':
        b[at] = 5
        b[at + 1] = sizeOf(option)
        option.blocks.forEach(([left, right], i) => {
          set32(b, at + 2 + 8 * i, (left + sackOffset) | 0)
          set32(b, at + 6 + 8 * i, (right + sackOffset) | 0)
        })
        break
      case 'TS':
        b[at] = 8
        b[at + 1] = 10
        set32(b, at + 2, (option.val ?? 0) | 0)
        set32(b, at + 6, ecr)
        break
      case 'generic':
        b[at] = option.code
        b[at + 1] = sizeOf(option)
        b.set(option.data, at + 2)
        break
      case 'raw':
        b.set(option.data, at)
        break
      case 'accurateEcn':
        b[at] = option.reversed ? OPTION_ACCURATE_ECN_REVERSED : OPTION_ACCURATE_ECN
        b[at + 1] = sizeOf(option)
        for (const [i, n] of option.counters.entries()) set24(b, at + 2 + 3 * i, n)
        break
      case 'fastOpen':
        b[at] = option.experimental ? OPTION_EXPERIMENT : OPTION_FAST_OPEN
        b[at + 1] = sizeOf(option)
        if (option.experimental) set16(b, at + 2, FAST_OPEN_MAGIC)
        if (typeof option.cookie !== 'string')
          b.set(option.cookie, at + sizeOf(option) - option.cookie.length)
        break
    }
    at += sizeOf(option)
  }
}

/** The options of a real header, every NOP and end-of-list as it stands. */
export function readOptionBytes(b: Uint8Array, at: number, end: number, sackOffset: number): TcpOption[] {
  const options: TcpOption[] = []
  while (at < end) {
    const kind = b[at]!
    if (kind < 2) {
      options.push({ kind: kind === 1 ? 'nop' : 'eol' })
      at++
      continue
    }
    const size = at + 1 < end ? b[at + 1]! : 0
    if (size < 2 || at + size > end) return options
    options.push(readOption(b, at, kind, size, sackOffset))
    at += size
  }
  return options
}

function readOption(b: Uint8Array, at: number, kind: number, size: number, sackOffset: number): TcpOption {
  if (kind === 2 && size === 4) return { kind: 'mss', value: get16(b, at + 2) }
  if (kind === 3 && size === 3) return { kind: 'wscale', shift: b[at + 2]! }
  if (kind === 4 && size === 2) return { kind: 'sackOK' }
  if (kind === 8 && size === 10)
    return { kind: 'TS', val: get32(b, at + 2) >>> 0, ecr: get32(b, at + 6) >>> 0, absoluteEcr: false }
  if (kind === 5 && (size & 7) === 2) {
    const blocks: [number, number][] = []
    for (let i = at + 2; i < at + size; i += 8)
      blocks.push([(get32(b, i) + sackOffset) >>> 0, (get32(b, i + 4) + sackOffset) >>> 0])
    return { kind: 'sack', blocks }
  }
  if ((kind === OPTION_ACCURATE_ECN || kind === OPTION_ACCURATE_ECN_REVERSED) && (size - 2) % 3 === 0) {
    const counters = Array.from({ length: (size - 2) / 3 }, (_, i) => get24(b, at + 2 + 3 * i))
    return { kind: 'accurateEcn', reversed: kind === OPTION_ACCURATE_ECN_REVERSED, counters }
  }
  if (kind === OPTION_FAST_OPEN)
    return { kind: 'fastOpen', experimental: false, cookie: b.slice(at + 2, at + size) }
  if (kind === OPTION_EXPERIMENT && size >= 4 && get16(b, at + 2) === FAST_OPEN_MAGIC)
    return { kind: 'fastOpen', experimental: true, cookie: b.slice(at + 4, at + size) }
  return { kind: 'generic', code: kind, data: b.slice(at + 2, at + size) }
}

/** As it stands in a script. */
export function optionText(option: TcpOption): string {
  switch (option.kind) {
    case 'mss':
      return `mss ${option.value}`
    case 'wscale':
      return `wscale ${option.shift}`
    case 'sack':
      return `sack ${option.blocks.map(([left, right]) => `${left}:${right}`).join(' ')}`
    case 'TS':
      return `TS val ${option.val ?? '...'} ecr ${option.ecr}`
    case 'generic':
      return `gen-${option.code} ${hexText(option.data)}`.trimEnd()
    case 'raw':
      return hexText(option.data)
    case 'accurateEcn': {
      const order = option.reversed ? COUNTERS : [...COUNTERS].reverse()
      return ['ECN', ...option.counters.map((n, i) => `${order[i] ?? 'counter'} ${n}`)].join(' ')
    }
    case 'fastOpen': {
      const names = { right: 'TFO_COOKIE', zero: 'TFO_COOKIE_ZERO' }
      const cookie = typeof option.cookie === 'string' ? names[option.cookie] : hexText(option.cookie)
      return `${option.experimental ? 'FOEXP' : 'FO'} ${cookie}`.trimEnd()
    }
    case 'foreign':
      return option.name
    default:
      return option.kind
  }
}

/** Whether two options say the same; timestamps are compared by their caller. */
export function sameOption(a: TcpOption, b: TcpOption): boolean {
  if (a.kind !== b.kind) return false
  return a.kind === 'TS' || optionText(a) === optionText(b)
}
