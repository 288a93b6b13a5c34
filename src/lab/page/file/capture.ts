import type { State, TransitionId } from '../../../tcp/states.js'
import type { CapturedPacket, CaptureFile } from '../../../trace/capture-file.js'
import { parseCaptured } from '../../../trace/captured-segment.js'
import { type Conversation, type Conversations, conversations } from '../../../trace/conversations.js'
import type { StateEvent, TraceEvent } from '../../../trace/events.js'
import { readCapture } from '../../../trace/read-capture.js'
import { IpView } from '../../../wire/ip.js'
import { SegmentView } from '../../../wire/tcp.js'
import { wireLength } from '../../scene/dissect.js'

/** Packets of a file that are looked at: each takes about a kilobyte while it is. */
export const MOST_PACKETS = 1_000_000
/** Segments of a connection that are on the ladder at a time. */
export const PART = 10_000

/** A connection in the list of a capture. Times in ms. */
export interface Row {
  readonly index: number
  readonly client: string
  readonly server: string
  /** Its SYN was seen. */
  readonly beginning: boolean
  /** Since the first packet of the file. */
  readonly start: number
  readonly duration: number
  readonly segments: number
  /** Octets of data that the segments of the client, and of the server, carried: what went again counts again. */
  readonly bytes: readonly [number, number]
  /** Where client and server are at the end. */
  readonly states: readonly [State, State]
  readonly remarks: number
  readonly duplicates: number
}

/** A capture that was read: what it has, and what was left out. */
export interface Summary {
  readonly format: CaptureFile['format']
  /** When its first packet was captured, ms since 1970. */
  readonly start: number
  /** Packets in the file, of any kind. */
  readonly total: number
  /** IP packets behind the first million, which were not looked at. */
  readonly beyond: number
  /** Packets that are in no connection, by reason; only what there is. */
  readonly skipped: readonly (readonly [string, number])[]
  /** Packets that the file has twice. */
  readonly duplicates: number
  readonly untimed: number
  readonly truncated: boolean
  readonly rows: readonly Row[]
}

/** What a segment of a capture shows, besides its octets. */
export interface Shown {
  /** Numbers as they were on the wire. */
  readonly seq: number
  readonly ack: number
  readonly before: readonly StateEvent[]
  readonly after: readonly StateEvent[]
  readonly remarks: readonly { readonly en: string; readonly zh: string }[]
}

/** A host of a connection before its first segment of a part. */
export interface Walk {
  readonly path: readonly State[]
  readonly taken: readonly TransitionId[]
}

/** A connection, or a part of a long one, for a ladder. Times in ms since the first segment of the connection. */
export interface Part {
  readonly row: Row
  /** The segments it has: numbers `from` up to, not including, `to` of the connection. */
  readonly from: number
  readonly to: number
  readonly events: readonly TraceEvent[]
  readonly segments: readonly Shown[]
  /** How client and server came to the beginning of this part. */
  readonly walks: readonly [Walk, Walk]
}

/** A capture that is open. Throws a CaptureError if it cannot be read. */
export class OpenCapture {
  readonly summary: Summary
  private readonly told: Conversations

  constructor(bytes: Uint8Array, most = MOST_PACKETS) {
    const file = readCapture(bytes)
    const packets = file.packets.length > most ? file.packets.slice(0, most) : file.packets
    this.told = conversations(packets)
    this.summary = summarize(file, packets, this.told)
  }

  /** Segments `from` and behind of a connection, at most `most`. */
  part(index: number, from: number, most = PART): Part {
    const told = this.told.conversations[index]!
    return partOf(this.summary.rows[index]!, told, from, most)
  }

  /** The octets of a segment, as far as they were captured. */
  octets(index: number, segment: number): Uint8Array {
    return this.told.conversations[index]!.segments[segment]!.bytes.slice()
  }
}

function summarize(file: CaptureFile, packets: readonly CapturedPacket[], told: Conversations): Summary {
  const rows = told.conversations.map(rowOf)
  return {
    format: file.format,
    start: file.start,
    total: file.total,
    beyond: file.packets.length - packets.length,
    skipped: reasons(file.skipped, told.skipped),
    duplicates: rows.reduce((n, row) => n + row.duplicates, 0),
    untimed: file.untimed,
    truncated: file.truncated,
    rows,
  }
}

/** Both say `cut-short`: of the packet, and of its headers. To a reader it is one thing. */
function reasons(...counts: readonly Readonly<Record<string, number>>[]): [string, number][] {
  const all = new Map<string, number>()
  for (const count of counts)
    for (const [reason, n] of Object.entries(count)) if (n > 0) all.set(reason, (all.get(reason) ?? 0) + n)
  return [...all]
}

function rowOf(told: Conversation, index: number): Row {
  const { client, server, beginning, segments, events, duplicates, initial } = told
  const bytes: [number, number] = [0, 0]
  for (const { event } of segments) bytes[event.from === client ? 0 : 1] += event.len
  const states: [State, State] = [initial, initial]
  let remarks = 0
  for (const event of events) {
    if (event.kind === 'note') remarks++
    if (event.kind === 'state') states[event.host === client ? 0 : 1] = event.to
  }
  const start = segments[0]!.event.t
  const duration = segments.at(-1)!.event.t - start
  return {
    index,
    client,
    server,
    beginning,
    start,
    duration,
    segments: segments.length,
    bytes,
    states,
    remarks,
    duplicates,
  }
}

function partOf(row: Row, told: Conversation, from: number, most: number): Part {
  const to = Math.min(told.segments.length, from + most)
  const walks = [walk(told), walk(told)] as const
  const events: TraceEvent[] = []
  const remarks: Shown['remarks'][number][][] = Array.from({ length: to - from }, () => [])
  const owners = new Map<TraceEvent, number>()
  told.segments.forEach(({ before, after }, i) => {
    for (const event of before) owners.set(event, i)
    for (const event of after) owners.set(event, i)
  })
  let at = -1
  for (const event of told.events) {
    if (event.kind === 'segment') at++
    // A remark is about the segment before it, or leads to the one behind.
    const late = at < 0 || event.t > told.segments[at]!.event.t
    const owner = owners.get(event) ?? (late ? at + 1 : at)
    if (owner >= from && owner < to) events.push(shifted(event, row.start))
    if (owner < from && event.kind === 'state') step(walks[event.host === told.client ? 0 : 1], event)
    if (event.kind === 'note') remarks[owner - from]?.push(event.text)
  }
  const ip = new IpView()
  const seg = new SegmentView()
  const segments = told.segments.slice(from, to).map(({ bytes, before, after }, i) => {
    parseCaptured(ip, seg, { time: 0, bytes, length: wireLength(bytes), truncated: true, place: 0 })
    return { seq: seg.seq >>> 0, ack: seg.ack >>> 0, before, after, remarks: remarks[i]! }
  })
  return { row, from, to, events, segments, walks }
}

const walk = ({ initial }: Conversation): { path: State[]; taken: TransitionId[] } => ({
  path: [initial],
  taken: [],
})

function step({ path, taken }: { path: State[]; taken: TransitionId[] }, event: StateEvent): void {
  taken.push(event.id)
  if (path.at(-1) !== event.from) path.push(event.from)
  path.push(event.to)
}

function shifted(event: TraceEvent, by: number): TraceEvent {
  const t = event.t - by
  return event.kind === 'segment' && event.arrives !== undefined
    ? { ...event, t, arrives: event.arrives - by }
    : { ...event, t }
}
