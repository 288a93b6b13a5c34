/** What a connection expects, whether it is open or folded into a record; and packets put in terms of that. */
import type { Flow } from '../../src/stack/flow.js'
import { HalfOpen } from '../../src/stack/half-open.js'
import { Socket } from '../../src/stack/socket.js'
import type { Stack } from '../../src/stack/stack.js'
import type { TimeWait } from '../../src/stack/time-wait.js'
import type { State } from '../../src/tcp/states.js'
import type { Tcb } from '../../src/tcp/tcb.js'
import type { Offsets, Packet } from './actions.js'
import { found, get16, get32, isMended, locate, mend, set32 } from './bytes.js'

export interface Numbers {
  state: State
  irs: number
  rcvNxt: number
  rcvAdv: number
  iss: number
  sndUna: number
  sndNxt: number
  /** SND.UNA less this is the oldest acknowledgment that is looked at. */
  maxSndWnd: number
  timestamps: boolean
  tsRecent: number
  tsOffset: number
}

const TIMESTAMPS = 1 << 9

/** Of one connection at a time: overwritten by the next call. */
const numbers: Numbers = {
  state: 'CLOSED',
  irs: 0,
  rcvNxt: 0,
  rcvAdv: 0,
  iss: 0,
  sndUna: 0,
  sndNxt: 0,
  maxSndWnd: 0,
  timestamps: false,
  tsRecent: 0,
  tsOffset: 0,
}

function ofTcb(tcb: Tcb): Numbers {
  numbers.state = tcb.state
  numbers.irs = tcb.irs
  numbers.rcvNxt = tcb.rcvNxt
  numbers.rcvAdv = tcb.rcvAdv
  numbers.iss = tcb.iss
  numbers.sndUna = tcb.sndUna
  numbers.sndNxt = tcb.sndNxt
  numbers.maxSndWnd = tcb.maxSndWnd
  numbers.timestamps = tcb.timestamps
  numbers.tsRecent = tcb.tsRecent
  numbers.tsOffset = tcb.tsOffset
  return numbers
}

/** The numbers of a connection; they are good until the next call. */
export function numbersOf(flow: Flow): Numbers {
  if (flow instanceof Socket) return ofTcb(flow.tcb)
  if (flow instanceof HalfOpen) {
    if (flow.tcb) return ofTcb(flow.tcb)
    const record = flow.record!
    numbers.state = 'SYN_RECEIVED'
    numbers.irs = record.irs
    numbers.rcvNxt = (record.irs + 1) | 0
    numbers.rcvAdv = record.rcvAdv
    numbers.iss = numbers.sndUna = record.iss
    numbers.sndNxt = (record.iss + 1) | 0
    numbers.maxSndWnd = record.window
    numbers.timestamps = (record.options & TIMESTAMPS) !== 0
    numbers.tsRecent = record.tsRecent
    numbers.tsOffset = record.tsOffset
    return numbers
  }
  const { record } = flow as TimeWait
  numbers.state = 'TIME_WAIT'
  numbers.irs = (record.rcvNxt - 1) | 0
  numbers.rcvNxt = record.rcvNxt
  numbers.rcvAdv = record.rcvAdv
  numbers.iss = (record.sndNxt - 1) | 0
  numbers.sndUna = numbers.sndNxt = record.sndNxt
  numbers.maxSndWnd = record.maxSndWnd
  numbers.timestamps = (record.options & TIMESTAMPS) !== 0
  numbers.tsRecent = record.tsRecent
  numbers.tsOffset = record.tsOffset
  return numbers
}

export const stateOf = (flow: Flow | null): State | 'none' =>
  flow === null
    ? 'none'
    : flow instanceof Socket
      ? flow.tcb.state
      : flow instanceof HalfOpen
        ? 'SYN_RECEIVED'
        : 'TIME_WAIT'

// ---- packets, relative to their connection ----

/** The flow of the TCP header at `at` of the IP header at `ip`; `outward`: we are its source. */
function flowAt(stack: Stack, b: Uint8Array, ip: number, at: number, outward: boolean): Flow | null {
  const four = b[ip]! >>> 4 === 4
  const word = (dst: boolean, i: number): number =>
    four ? [0, 0, 0xffff, get32(b, ip + (dst ? 16 : 12))][i]! : get32(b, ip + (dst ? 24 : 8) + 4 * i)
  const l = !outward
  const [near, far] = outward ? [get16(b, at), get16(b, at + 2)] : [get16(b, at + 2), get16(b, at)]
  return stack['table'].find(
    word(l, 0),
    word(l, 1),
    word(l, 2),
    word(l, 3),
    word(!l, 0),
    word(!l, 1),
    word(!l, 2),
    word(!l, 3),
    near,
    far,
  )
}

/** Where the timestamps option of the TCP header at `at` is, in the places they are usually at; -1 if not. */
function timestampsAt(b: Uint8Array, at: number): number {
  const end = Math.min(b.length, at + (b[at + 12]! >>> 4) * 4)
  for (let i = at + 20; i + 10 <= end; ) {
    const kind = b[i]!
    if (kind === 8 && b[i + 1] === 10) return i
    if (kind === 0) return -1
    const size = kind === 1 ? 1 : b[i + 1]!
    if (size < 1) return -1
    i += size
  }
  return -1
}

/** The last SYN,ACKs that were sent, for handshakes that only a cookie remembers. */
export interface Heard {
  remotePort: number
  localPort: number
  /** What the peer would send next, and acknowledge. */
  seq: number
  ack: number
  ts: number
  echo: number
}

interface Place {
  ip: number
  at: number
  quoted: boolean
}

/** Where in an IP packet there are numbers of a connection. */
function placeOf(b: Uint8Array): Place | undefined {
  if (!locate(b) || !found.whole) return undefined
  const { protocol, at, length } = found
  if (protocol === 6) return length >= 20 ? { ip: 0, at, quoted: false } : undefined
  if (protocol !== 1 && protocol !== 58) return undefined
  const ip = at + 8
  const four = b[ip]! >>> 4 === 4
  const inner = ip + (four ? (b[ip]! & 15) * 4 : 40)
  const is = four ? b[ip + 9] === 6 && b[0]! >>> 4 === 4 : b[ip]! >>> 4 === 6 && b[ip + 6] === 6
  return is && inner + 8 <= b.length ? { ip, at: inner, quoted: true } : undefined
}

/** What the numbers of a packet are relative to; undefined if nobody would know them. */
function base(stack: Stack, heard: readonly Heard[], b: Uint8Array, place: Place, now: number) {
  const { at, quoted } = place
  const flow = flowAt(stack, b, place.ip, at, quoted)
  if (flow) {
    const n = numbersOf(flow)
    const clock = (Math.floor(now) + n.tsOffset) | 0
    return quoted
      ? { seq: n.sndUna, ack: 0, ts: 0, echo: 0 }
      : { seq: n.rcvNxt, ack: n.sndNxt, ts: n.tsRecent, echo: clock }
  }
  if (quoted) return undefined
  return heard.find(h => h.remotePort === get16(b, at) && h.localPort === get16(b, at + 2))
}

/** The packet with its numbers said in terms of its connection as it is now, so that it can be played another time. */
export function annotate(stack: Stack, heard: readonly Heard[], packet: Packet, now: number): Packet {
  const { bytes: b, frame } = packet
  const place = frame ? undefined : placeOf(b)
  const from = place && base(stack, heard, b, place, now)
  if (!place || !from) return { bytes: b.slice(), frame }
  const { at, quoted } = place
  const option = quoted ? -1 : timestampsAt(b, at)
  const offsets: Offsets = {
    seq: (get32(b, at + 4) - from.seq) | 0,
    ack: quoted ? 0 : (get32(b, at + 8) - from.ack) | 0,
    ts: option < 0 ? 0 : (get32(b, option + 2) - from.ts) | 0,
    echo: option < 0 ? 0 : (get32(b, option + 6) - from.echo) | 0,
    quoted,
  }
  return { bytes: b.slice(), frame, offsets }
}

/** The bytes of a packet with the numbers its connection has now, and checksums right if they were. */
export function rebase(stack: Stack, heard: readonly Heard[], packet: Packet, now: number): Uint8Array {
  const { offsets } = packet
  if (!offsets) return packet.bytes
  const b = packet.bytes.slice()
  const place = placeOf(b)
  const from = place && base(stack, heard, b, place, now)
  if (!place || !from) return b
  const right = isMended(b)
  const { at, quoted } = place
  set32(b, at + 4, from.seq + offsets.seq)
  if (!quoted) {
    set32(b, at + 8, from.ack + offsets.ack)
    const option = timestampsAt(b, at)
    if (option >= 0) {
      set32(b, option + 2, from.ts + offsets.ts)
      set32(b, option + 6, from.echo + offsets.echo)
    }
  }
  return right ? mend(b) : b
}
